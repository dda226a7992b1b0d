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

#include "core/stats/si_auc.h"
#include "lead/lead_fit.h"
#include "pg/si_pulse.h"

/* A single feature that ranks this well is probably known after the outcome. */
#define LEAK_AUC		0.80
#define LEAK_AUC_LOW	0.75

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

/*
 * AUC of one feature by itself, its direction ignored, with the standard error
 * of Hanley and McNeil (1982), which needs no second pass; 0.5 when unknown.
 */
static SiAuc
single_auc(const LeadFit *fit, const LeadFeature *feature)
{
	const SiDesign *design = &fit->design;
	int64		sample = Min(fit->rows, SINGLE_ROWS);
	bool		category = feature->kind == SI_FEATURE_CATEGORY;
	int64		last = category ? sample / 2 : sample;
	int			cell = feature->design_cell;
	double	   *rate = category ? level_rates(fit, cell, last, sample) : NULL;
	SiKeyed    *items = palloc(2 * (last + 1) * sizeof(SiKeyed));
	SiAucTally	tally = {0};
	SiAuc		auc;
	int64		n = 0;
	int64		won = 0;

	for (int64 r = 0; r < last; r++)
	{
		double		value = design->cells[r * design->ncells + cell];

		if (isnan(value))
			continue;
		items[n].key = si_sort_key(category ? rate[1 + (int) value] : value);
		items[n++].item = design->positive[r];
		won += design->positive[r];
	}
	si_sort_keyed(n, items, items + n, si_pulse);
	for (int64 i = 0; i < n; i++)
		si_auc_tally(&tally, items[i].key, 1, items[i].item);
	pfree(items);
	if (si_auc_tally_finish(&tally, &auc.auc) != SI_OK)
		auc.auc = 0.5;
	auc.auc = Max(auc.auc, 1 - auc.auc);
	auc.std_error = hanley_error(auc.auc, won, n - won);
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

static void
warn_leak(LeadFit *fit, const LeadFeature *feature)
{
	SiAuc		auc = single_auc(fit, feature);
	double		missing = missing_auc(fit, feature);
	double		low;
	double		high;

	si_auc_interval(&auc, 0.95, &low, &high);
	if (auc.auc >= LEAK_AUC && low >= LEAK_AUC_LOW)
		lead_warn(fit, SI_WARN_LEAK_SUSPECTED, feature,
				  "alone it ranks won above lost leads with an AUC of %.2f; check that it is known before the outcome, or exclude it",
				  auc.auc);
	else if (missing >= LEAK_AUC)
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
	const SiDesign *design = &fit->design;
	double	   *values = lead_alloc(fit, rows, sizeof(double), "Looking for keys");
	bool		unique = true;

	for (int64 r = 0; r < rows; r++)
		values[r] = design->cells[r * design->ncells + feature->design_cell];
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
		return feature->scale == 0;
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

void
lead_warn_features(LeadFit *fit)
{
	for (int i = 0; i < fit->nfeatures; i++)
	{
		const LeadFeature *feature = &fit->features[i];

		CHECK_FOR_INTERRUPTS();
		warn_key(fit, feature);
		if (is_constant(fit, feature))
			warn_constant(fit, feature);
		else
		{
			warn_leak(fit, feature);
			warn_separation(fit, feature);
		}
	}
}

/* ----- The fit as a whole ----- */

static bool
is_marked(const LeadLevel *level, const bool *marked)
{
	return level->column > 0 && marked[level->column];
}

static bool
has_marked_level(const LeadFeature *feature, const bool *marked)
{
	bool		found = is_marked(&feature->missing, marked) ||
		is_marked(&feature->rare, marked);

	for (int k = 0; k < feature->nlevels && !found; k++)
		found = is_marked(&feature->levels[k], marked);
	return found;
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
		bool		numeric = feature->scale > 0 &&
			marked[feature->design_column];

		if (is_constant(fit, feature) ||
			!(numeric || has_marked_level(feature, marked)))
			continue;
		lead_warn(fit, SI_WARN_COLLINEAR, feature,
				  fit->logistic.fixed != NULL ?
				  "%s follows exactly from other features; its coefficient is held at zero" :
				  "%s follows exactly from other features; they share the effect between them",
				  numeric ? "its value" : "whether it has one of its values");
	}
	pfree(work);
	si_claim_less(fit->claim, size * sizeof(double));
}

void
lead_warn_fit(LeadFit *fit)
{
	int64		rare = lead_rarer_class(fit);
	int			coefficients = fit->design.columns - 1;

	if (rare < FEW_ROWS || rare < (int64) FEW_PER_COLUMN * coefficients)
		lead_warn(fit, SI_WARN_FEW_POSITIVES, NULL,
				  INT64_FORMAT " leads of the rarer outcome for %d coefficients; fewer than %d, or than %d per coefficient, make estimates unstable",
				  rare, coefficients, FEW_ROWS, FEW_PER_COLUMN);
	if (fit->folds > 0 && fit->quality.auc_low <= LEAD_USABLE_AUC)
		lead_warn(fit, SI_WARN_NO_SIGNAL, NULL,
				  "out of fold the AUC is %.3f with a lower bound of %.3f: no usable signal, scores stay close to the base rate",
				  fit->quality.roc_auc, fit->quality.auc_low);
	warn_collinear(fit);
}
