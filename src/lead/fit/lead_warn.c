/*
 * lead_warn.c
 *	  Warnings: what an analyst should know before trusting a model.
 */
#include "postgres.h"

#include <math.h>
#include <stdarg.h>

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/stats/score/si_auc.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

/*
 * A feature that ranks this well by itself is probably known only after the
 * outcome; one that ranks well, if it also all but decides the outcome of a
 * part of the leads.  A strong honest feature ranks well too, but leaves some
 * chance everywhere.
 */
#define LEAK_AUC		0.95
#define STRONG_AUC		0.80
#define STRONG_AUC_LOW	0.75

/* Such a part: enough expected rows of an outcome, and almost none of them. */
#define PURE_EXPECTED	20
#define PURE_SHARE		0.1
#define TAIL_SHARE		0.1		/* of the rows: a tail of a number */

/* Rows used to judge a single feature, half to learn level rates from. */
#define SINGLE_ROWS		10000

/* A level is warned about when so many rows of the other label should be. */
#define MISSED_ROWS		5

/* Fewer rows of the rarer class than this, all told or per coefficient. */
#define FEW_ROWS		100
#define FEW_PER_COLUMN	10

void
lead_warn(LeadFit *fit, SiWarningCode code, const LeadFeature *feature,
		  const char *format,...)
{
	SiWarning  *warning = palloc0(sizeof(SiWarning));
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(&text, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(&text, needed);
	}
	warning->code = code;
	warning->message.data = text.data;
	warning->message.length = text.len;
	warning->feature.length = -1;
	if (feature != NULL)
	{
		warning->feature.data = lead_feature_name(feature);
		warning->feature.length = strlen(warning->feature.data);
	}
	fit->warnings = lappend(fit->warnings, warning);
}

/* ----- Leaks: one feature alone as a score ----- */

/*
 * Rate of positives by design column (the reference first), learned from the
 * second half of the sample.
 */
static double *
level_rates(const LeadFit *fit, int cell, int64 first, int64 last)
{
	const SiDesign *design = &fit->design;
	double	   *positives = palloc0((design->columns + 1) * sizeof(double));
	double	   *rows = palloc0((design->columns + 1) * sizeof(double));

	for (int64 r = first; r < last; r++)
	{
		int			at = 1 + (int) design->cells[r * design->ncells + cell];

		rows[at]++;
		positives[at] += design->positive[r];
	}
	for (int j = 0; j <= design->columns; j++)
		positives[j] = (positives[j] + 0.5) / (rows[j] + 1);
	pfree(rows);
	return positives;
}

static double
hanley_error(double auc, double won, double lost)
{
	double		q1 = auc / (2 - auc);
	double		q2 = 2 * auc * auc / (1 + auc);

	return sqrt((auc * (1 - auc) + (won - 1) * (q1 - auc * auc) +
				 (lost - 1) * (q2 - auc * auc)) / (won * lost));
}

/* A group of rows with almost no row of one outcome, where many should be. */
static bool
is_decided(double rows, double won, double rate)
{
	double		lost = rows - won;

	return (rows * rate >= PURE_EXPECTED && won <= PURE_SHARE * rows * rate) ||
		(rows * (1 - rate) >= PURE_EXPECTED &&
		 lost <= PURE_SHARE * rows * (1 - rate));
}

/*
 * The rows of the sample that have a value, ascending by that value, or a
 * category by the rate of its level learned from other rows; item is the
 * label.  Returns their number.
 */
static int64
rank_rows(const LeadFit *fit, const LeadFeature *feature, SiKeyed *items)
{
	const SiDesign *design = &fit->design;
	int64		sample = Min(design->rows, SINGLE_ROWS);
	bool		category = feature->kind == SI_FEATURE_CATEGORY;
	int64		last = category ? sample / 2 : sample;
	int			cell = feature->design_cell;
	double	   *rate = category ? level_rates(fit, cell, last, sample) : NULL;
	int64		n = 0;

	for (int64 r = 0; r < last; r++)
	{
		double		value = design->cells[r * design->ncells + cell];

		if (isnan(value))
			continue;
		items[n].key = si_sort_key(category ? rate[1 + (int) value] : value);
		items[n++].item = design->positive[r];
	}
	si_sort_keyed(n, items, items + n, si_pulse);
	return n;
}

/* One tail of the sorted rows, ties included, step 1 from below, -1 above. */
static bool
has_decided_tail(const SiKeyed *items, int64 n, int step, double rate)
{
	int64		first = step > 0 ? 0 : n - 1;
	int64		wanted = (int64) (TAIL_SHARE * n);
	int64		rows = 0;
	double		won = 0;

	while (rows < n && (rows < wanted ||
						items[first + step * rows].key ==
						items[first + step * (rows - 1)].key))
	{
		won += items[first + step * rows].item;
		rows++;
	}
	return wanted > 0 && is_decided(rows, won, rate);
}

/*
 * AUC of ranked rows, its direction ignored, with the standard error of Hanley
 * and McNeil (1982), which needs no second pass; 0.5 when unknown.
 */
static SiAuc
ranked_auc(const SiKeyed *items, int64 n, double *rate)
{
	SiAucTally	tally = {0};
	SiAuc		auc;
	double		won = 0;

	for (int64 i = 0; i < n; i++)
	{
		si_auc_tally(&tally, items[i].key, 1, items[i].item);
		won += items[i].item;
	}
	if (si_auc_tally_finish(&tally, &auc.auc) != SI_OK)
		auc.auc = 0.5;
	auc.auc = Max(auc.auc, 1 - auc.auc);
	auc.std_error = hanley_error(auc.auc, won, n - won);
	*rate = n > 0 ? won / n : 0;
	return auc;
}

/* AUC of "has no value" as a score. */
static double
missing_auc(const LeadFit *fit, const LeadFeature *feature)
{
	const LeadLevel *missing = &feature->missing;
	double		won = (double) missing->positives / fit->positives;
	double		lost = (double) (missing->rows - missing->positives) /
		(fit->rows - fit->positives);

	return 0.5 + fabs(won - lost) / 2;
}

static bool
has_decided_level(const LeadFit *fit, const LeadFeature *feature)
{
	double		rate = (double) fit->positives / fit->rows;

	for (int k = 0; k < feature->nlevels; k++)
		if (is_decided(feature->levels[k].rows, feature->levels[k].positives,
					   rate))
			return true;
	return false;
}

/* Is the feature by itself too good to be known before the outcome? */
static bool
is_leak(const LeadFit *fit, const LeadFeature *feature, double *auc)
{
	SiKeyed    *items = palloc((2 * SINGLE_ROWS + 1) * sizeof(SiKeyed));
	int64		n = rank_rows(fit, feature, items);
	double		rate;
	SiAuc		ranked = ranked_auc(items, n, &rate);
	double		low;
	double		high;
	bool		leak = false;

	si_auc_interval(&ranked, 0.95, &low, &high);
	*auc = ranked.auc;
	if (low >= STRONG_AUC_LOW)
		leak = ranked.auc >= LEAK_AUC ||
			(ranked.auc >= STRONG_AUC &&
			 (feature->kind == SI_FEATURE_CATEGORY ?
			  has_decided_level(fit, feature) :
			  has_decided_tail(items, n, 1, rate) ||
			  has_decided_tail(items, n, -1, rate)));
	pfree(items);
	return leak;
}

static void
warn_leak(LeadFit *fit, const LeadFeature *feature)
{
	double		auc;
	double		missing = missing_auc(fit, feature);

	if (is_leak(fit, feature, &auc))
		lead_warn(fit, SI_WARN_LEAK_SUSPECTED, feature,
				  "alone it ranks won above lost leads with an AUC of %.2f; check that it is known before the outcome, or exclude it",
				  auc);
	else if (missing >= STRONG_AUC)
		lead_warn(fit, SI_WARN_LEAK_SUSPECTED, feature,
				  "whether it is NULL alone ranks won above lost leads with an AUC of %.2f; check that it is not filled in after the outcome, or exclude it",
				  missing);
}

/* ----- Keys, constants, separation ----- */

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	CHECK_FOR_INTERRUPTS();		/* there may be millions of rows */
	return (x > y) - (x < y);
}

/* No value occurs twice in the first `rows` rows. */
static bool
is_unique(LeadFit *fit, const LeadFeature *feature, int64 rows)
{
	double	   *values = lead_alloc(fit, rows, sizeof(double), "Looking for keys");
	bool		unique = true;

	for (int64 r = 0; r < rows; r++)
	{
		si_pulse_every(r);
		values[r] = lead_row_of(&fit->order[r])[feature->intake_cell];
	}
	qsort(values, rows, sizeof(double), compare_doubles);
	for (int64 r = 1; r < rows && unique; r++)
		unique = values[r] != values[r - 1];
	pfree(values);
	si_claim_less(fit->claim, rows * sizeof(double));
	return unique;
}

static void
warn_key(LeadFit *fit, const LeadFeature *feature)
{
	bool		key;

	if (feature->kind == SI_FEATURE_CATEGORY)
		key = feature->dictionary->count == fit->rows;
	else
	{
		const LeadSpread *s = feature->spread;
		double		low = Min(s[0].low, s[1].low);
		double		high = Max(s[0].high, s[1].high);

		key = feature->whole && feature->missing.rows == 0 &&
			high - low + 1 >= fit->rows &&
			is_unique(fit, feature, Min(fit->rows, 1000)) &&
			is_unique(fit, feature, fit->rows);
	}
	if (key)
		lead_warn(fit, SI_WARN_LOOKS_LIKE_KEY, feature,
				  "every row has a different value, as a key has; a key says nothing about the next lead, exclude it");
}

static bool
is_constant(const LeadFit *fit, const LeadFeature *feature)
{
	if (feature->missing.rows > 0 && feature->missing.rows < fit->rows)
		return false;
	if (feature->kind == SI_FEATURE_NUMERIC)
		return feature->constant || (fit->linear && feature->scale == 0);
	return feature->reference->rows == fit->rows;
}

static void
warn_constant(LeadFit *fit, const LeadFeature *feature)
{
	if (feature->missing.rows == fit->rows)
		lead_warn(fit, SI_WARN_CONSTANT_FEATURE, feature, "it is NULL in every row");
	else if (feature->kind == SI_FEATURE_CATEGORY &&
			 feature->reference == &feature->rare)
		lead_warn(fit, SI_WARN_CONSTANT_FEATURE, feature,
				  "no value has enough rows to learn from, all are pooled as (rare)");
	else
		lead_warn(fit, SI_WARN_CONSTANT_FEATURE, feature, "it has the same value in every row");
}

static void
warn_pure_level(LeadFit *fit, const LeadFeature *feature,
				const LeadLevel *level, const char *name, int length)
{
	bool		won = level->positives > 0;
	double		rate = (double) fit->positives / fit->rows;
	double		missed = level->rows * (won ? 1 - rate : rate);

	if (missed < MISSED_ROWS || (won && level->positives != level->rows))
		return;
	lead_warn(fit, SI_WARN_SEPARATION, feature,
			  "all " INT64_FORMAT " rows with %.*s are %s; the coefficient is finite only because of the ridge",
			  level->rows, length, name, won ? "won" : "lost");
}

static void
warn_separation(LeadFit *fit, const LeadFeature *feature)
{
	const LeadSpread *s = feature->spread;

	warn_pure_level(fit, feature, &feature->missing, "(missing)", 9);
	warn_pure_level(fit, feature, &feature->rare, "(rare)", 6);
	for (int i = 0; i < feature->nlevels; i++)
	{
		const LeadLevel *level = &feature->levels[i];

		warn_pure_level(fit, feature, level, level->text.data,
						level->text.length);
	}
	if (s[0].present >= MISSED_ROWS && s[1].present >= MISSED_ROWS &&
		(s[0].high < s[1].low || s[1].high < s[0].low))
		lead_warn(fit, SI_WARN_SEPARATION, feature,
				  "a single threshold tells all won from all lost leads");
}

/* An array column that is NULL in every row has no elements, no feature. */
static void
warn_absent(LeadFit *fit, const SiColumn *column)
{
	LeadFeature feature = {0};

	feature.column = column;
	if (column->cells == 0)
		lead_warn(fit, SI_WARN_CONSTANT_FEATURE, &feature,
				  "it is NULL in every row");
}

void
lead_warn_features(LeadFit *fit)
{
	for (int i = 0; i < fit->intake->ncolumns; i++)
		warn_absent(fit, &fit->intake->columns[i]);
	for (int i = 0; i < fit->nfeatures; i++)
	{
		const LeadFeature *feature = &fit->features[i];

		CHECK_FOR_INTERRUPTS();
		warn_key(fit, feature);
		if (is_constant(fit, feature))
			warn_constant(fit, feature);
		else
			warn_leak(fit, feature);
	}
}

/* ----- The fit as a whole ----- */

static bool
is_marked(const LeadLevel *level, const bool *marked)
{
	return level->column > 0 && marked[level->column];
}

/* What a marked column of a feature says; NULL when it has none. */
static const char *
marked_value(const LeadFeature *feature, const bool *marked)
{
	if (feature->scale > 0 && marked[feature->design_column])
		return "its value";
	if (is_marked(&feature->missing, marked))
		return "whether it is NULL";
	if (is_marked(&feature->rare, marked))
		return "whether its value is a rare one";
	for (int k = 0; k < feature->nlevels; k++)
		if (is_marked(&feature->levels[k], marked))
			return psprintf("whether it is \"%.*s\"",
							feature->levels[k].text.length,
							feature->levels[k].text.data);
	return NULL;
}

static void
warn_collinear(LeadFit *fit)
{
	int			p = fit->design.columns;
	Size		size = (Size) p * p;
	bool	   *marked = palloc0(p * sizeof(bool));
	double	   *work = lead_alloc(fit, size, sizeof(double), "Looking for collinear columns");

	if (fit->logistic.fixed != NULL)
		memcpy(marked, fit->logistic.fixed, p * sizeof(bool));
	else
		si_collinear_columns(p, fit->total.hessian, marked, work, si_pulse);
	for (int i = 0; i < fit->nfeatures; i++)
	{
		const LeadFeature *feature = &fit->features[i];
		const char *value = marked_value(feature, marked);

		if (value == NULL || is_constant(fit, feature))
			continue;
		lead_warn(fit, SI_WARN_COLLINEAR, feature,
				  fit->logistic.fixed != NULL ?
				  "%s follows exactly from other features; the coefficient is held at zero" :
				  "%s follows exactly from other features; they share the effect between them",
				  value);
	}
	pfree(work);
	si_claim_less(fit->claim, size * sizeof(double));
}

static void
warn_unsettled(LeadFit *fit)
{
	double		l2 = fit->logistic.penalty.l2;

	if (fit->unsettled == SI_NO_CONVERGENCE)
		lead_warn(fit, SI_WARN_SEPARATION, NULL,
				  "won and lost leads can be told apart completely by some combination of features, so the likelihood has no maximum; a ridge of %g keeps the coefficients finite",
				  l2);
	else if (fit->unsettled == SI_SINGULAR)
		lead_warn(fit, SI_WARN_COLLINEAR, NULL,
				  "some features all but follow from others; a ridge of %g keeps the coefficients finite",
				  l2);
}

void
lead_warn_fit(LeadFit *fit)
{
	int64		rare = lead_rarer_class(fit);
	int			coefficients = fit->design.columns - 1;
	bool		linear = fit->algorithm == SI_ALGORITHM_LOGISTIC;

	if (linear && (rare < FEW_ROWS ||
				   rare < (int64) FEW_PER_COLUMN * coefficients))
		lead_warn(fit, SI_WARN_FEW_POSITIVES, NULL,
				  INT64_FORMAT " leads of the rarer outcome for %d coefficients; fewer than %d, or than %d per coefficient, make estimates unstable",
				  rare, coefficients, FEW_ROWS, FEW_PER_COLUMN);
	else if (rare < FEW_ROWS)
		lead_warn(fit, SI_WARN_FEW_POSITIVES, NULL,
				  INT64_FORMAT " leads of the rarer outcome; fewer than %d make trees unstable",
				  rare, FEW_ROWS);
	if (fit->folds > 0 && fit->quality.auc_low <= LEAD_USABLE_AUC)
		lead_warn(fit, SI_WARN_NO_SIGNAL, NULL,
				  "out of fold the AUC is %.3f with a lower bound of %.3f: no usable signal, scores stay close to the base rate",
				  fit->quality.roc_auc, fit->quality.auc_low);
	if (!linear)
		return;
	for (int i = 0; i < fit->nfeatures; i++)
		if (!is_constant(fit, &fit->features[i]))
			warn_separation(fit, &fit->features[i]);
	warn_unsettled(fit);
	warn_collinear(fit);
}
