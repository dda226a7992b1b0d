/*
 * lead_prepare.c
 *	  Features, levels and what they show about the label, in one scan.
 *
 * Everything gathered here is a count, a minimum or a maximum, so that it does
 * not depend on the order of the rows; sums come after canonical ordering.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "core/si_bytes.h"
#include "core/si_tolerance.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_options.h"
#include "pg/si_pulse.h"

/*
 * Levels of fewer rows are pooled: their effect cannot be told from noise, and
 * a level that one person has would keep that person in the model.
 */
#define MIN_LEVEL_ROWS	10

/* More distinct numbers than this in a text column are no categories. */
#define MAX_TEXT_NUMBERS	20

void *
lead_alloc_raw(LeadFit *fit, Size count, Size size, const char *purpose)
{
	Size		bytes = si_size_mul(count, size);

	si_claim_more(fit->claim, bytes, purpose);
	return palloc_extended(bytes + 1, MCXT_ALLOC_HUGE);
}

void *
lead_alloc(LeadFit *fit, Size count, Size size, const char *purpose)
{
	void	   *memory = lead_alloc_raw(fit, count, size, purpose);

	return memset(memory, 0, count * size);
}

const char *
lead_feature_name(const LeadFeature *feature)
{
	if (feature->element == 0)
		return feature->column->name;
	return psprintf("%s[%d]", feature->column->name, feature->element);
}

int64
lead_rarer_class(const LeadFit *fit)
{
	return Min(fit->positives, fit->rows - fit->positives);
}

/* ----- Features ----- */

static int8
monotone_sign(const LeadFit *fit, const LeadFeature *feature)
{
	ListCell   *cell;

	foreach(cell, fit->options->monotone)
	{
		const SiSign *sign = lfirst(cell);

		if (strcmp(sign->name, feature->column->name) != 0)
			continue;
		if (feature->kind == SI_FEATURE_CATEGORY && sign->sign != 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" has no direction", sign->name),
					 errdetail("It is a category, whose levels have no order."),
					 errhint("Use a number for option \"monotone\".")));
		return sign->sign;
	}
	return 0;
}

static void
list_features(LeadFit *fit)
{
	const LeadIntake *intake = fit->intake;
	LeadFeature *feature;

	fit->features = palloc0((intake->ncells + 1) * sizeof(LeadFeature));
	fit->nfeatures = intake->ncells;
	for (int i = 0; i < intake->ncolumns; i++)
		for (int k = 0; k < intake->columns[i].cells; k++)
		{
			const SiColumn *column = &intake->columns[i];

			feature = &fit->features[column->first_cell + k];
			feature->column = column;
			feature->element = column->array ? k + 1 : 0;
			feature->kind = column->kind;
			feature->intake_cell = LEAD_ROW_CELLS + column->first_cell + k;
			feature->whole = true;
			feature->monotone = monotone_sign(fit, feature);
			feature->dictionary = intake->dictionaries[i];
			for (int y = 0; y < 2; y++)
			{
				feature->spread[y].low = INFINITY;
				feature->spread[y].high = -INFINITY;
			}
			if (feature->dictionary != NULL)
				feature->levels = lead_alloc(fit, feature->dictionary->count,
											 sizeof(LeadLevel), "A table of category levels");
		}
}

/* ----- The scan; until pooling, a level is in the place of its code ----- */

static void
note_value(LeadFeature *feature, double value, int label)
{
	LeadSpread *spread = &feature->spread[label];
	LeadLevel  *level;

	if (isnan(value))
		level = &feature->missing;
	else if (feature->kind == SI_FEATURE_CATEGORY)
		level = &feature->levels[(int) value];
	else
	{
		spread->present++;
		spread->low = Min(spread->low, value);
		spread->high = Max(spread->high, value);
		if (feature->whole)
			feature->whole = value == rint(value);
		return;
	}
	level->rows++;
	level->positives += label;
}

static void
scan_rows(LeadFit *fit)
{
	const LeadIntake *intake = fit->intake;

	for (int c = 0; c < intake->nchunks; c++)
	{
		const double *row = intake->chunks[c].cells;

		CHECK_FOR_INTERRUPTS();
		for (int r = 0; r < intake->chunks[c].rows; r++, row += intake->stride)
			for (int i = 0; i < fit->nfeatures; i++)
				note_value(&fit->features[i], row[fit->features[i].intake_cell],
						   row[LEAD_ROW_LABEL] > 0);
	}
}

/* ----- Levels ----- */

static int
compare_text(const void *a, const void *b)
{
	return si_text_compare(((const LeadLevel *) a)->text,
						   ((const LeadLevel *) b)->text);
}

/* Most rows first, then bytewise. */
static int
compare_rows(const void *a, const void *b)
{
	const LeadLevel *x = a;
	const LeadLevel *y = b;

	CHECK_FOR_INTERRUPTS();		/* there may be millions of levels */
	if (x->rows != y->rows)
		return x->rows > y->rows ? -1 : 1;
	return compare_text(a, b);
}

/* True for what a person would call a number: optional sign, digits, a dot. */
static bool
reads_as_number(SiText text)
{
	bool		digits = false;
	int			from = 0;
	int			to = text.length;

	while (from < to && text.data[from] == ' ')
		from++;
	while (to > from && text.data[to - 1] == ' ')
		to--;
	if (from < to && (text.data[from] == '-' || text.data[from] == '+'))
		from++;
	for (; from < to; from++)
	{
		if (text.data[from] >= '0' && text.data[from] <= '9')
			digits = true;
		else if (text.data[from] != '.' && text.data[from] != ',')
			return false;
	}
	return digits;
}

static void
check_not_numbers(LeadFit *fit, const LeadFeature *feature)
{
	const SiDictionary *dictionary = feature->dictionary;
	const char *name = feature->column->name;
	ListCell   *cell;

	if (dictionary->count <= MAX_TEXT_NUMBERS)
		return;
	foreach(cell, fit->options->categorical)
		if (strcmp(lfirst(cell), name) == 0)
			return;
	for (int code = 0; code < dictionary->count; code++)
	{
		si_pulse_every(code);
		if (!reads_as_number(dictionary->text[code]))
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("text column \"%s\" holds numbers", name),
			 errdetail("All of its %d different values read as numbers; as categories they would lose their order.", dictionary->count),
			 errhint("Cast it to double precision, or name it in option \"categorical\" if the numbers are codes.")));
}

/*
 * Sort the levels, pool the rare ones, and map codes to places.  The text of a
 * level is set here; pooled levels are forgotten.
 */
static void
pool_levels(LeadFit *fit, LeadFeature *feature)
{
	const SiDictionary *dictionary = feature->dictionary;
	int			n = dictionary->count;
	int			kept = 0;
	LeadLevel  *levels = feature->levels;

	for (int code = 0; code < n; code++)
	{
		si_pulse_every(code);
		levels[code].text = dictionary->text[code];
		levels[code].column = code; /* for a moment */
	}
	qsort(levels, n, sizeof(LeadLevel), compare_rows);
	while (kept < n && kept < fit->options->max_levels &&
		   levels[kept].rows >= MIN_LEVEL_ROWS)
		kept++;
	feature->level_of_code = lead_alloc(fit, n, sizeof(int), "A table of category levels");
	for (int i = kept; i < n; i++)
	{
		si_pulse_every(i);
		feature->rare.rows += levels[i].rows;
		feature->rare.positives += levels[i].positives;
		feature->level_of_code[levels[i].column] = -1;
	}
	for (int i = 0; i < Min(kept, SI_MAX_BIN_LEVELS); i++)
		levels[i].bin = 1;		/* has one; its number follows */
	qsort(levels, kept, sizeof(LeadLevel), compare_text);
	for (int i = 0; i < kept; i++)
	{
		feature->level_of_code[levels[i].column] = i;
		if (levels[i].bin > 0)
			levels[i].bin = ++feature->bin_levels;
	}
	feature->nlevels = kept;
	if (n > fit->options->max_levels)
		lead_warn(fit, SI_WARN_TOO_MANY_LEVELS, feature,
				  "%d different values; the %d with most rows are kept, the rest are pooled as (rare)",
				  n, kept);
}

static void
choose_reference(LeadFeature *feature)
{
	LeadLevel  *most = &feature->rare;

	for (int i = 0; i < feature->nlevels; i++)
		if (feature->levels[i].rows > most->rows)
			most = &feature->levels[i];
	if (feature->missing.rows > most->rows)
		most = &feature->missing;
	feature->reference = most;
}

/* ----- The label among the features ----- */

/* All rows of a level have one label. */
static bool
is_pure(const LeadLevel *level)
{
	return level->positives == 0 || level->positives == level->rows;
}

static bool
equals_label(const LeadFeature *feature)
{
	const LeadSpread *s = feature->spread;
	int			values = feature->missing.rows > 0;

	if (feature->kind == SI_FEATURE_NUMERIC)
		return feature->missing.rows == 0 && s[0].low == s[0].high &&
			s[1].low == s[1].high && s[0].low != s[1].low;
	for (int i = 0; i < feature->dictionary->count; i++)
		if (feature->levels[i].rows > 0)
		{
			values++;
			if (!is_pure(&feature->levels[i]))
				return false;
		}
	return values == 2 && is_pure(&feature->missing);
}

static void
check_label(const LeadFeature *feature)
{
	if (equals_label(feature))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_COLUMN_DEFINITION),
				 errmsg("feature \"%s\" equals the label", lead_feature_name(feature)),
				 errdetail("Its two values tell won from lost leads in every row."),
				 errhint("Leave it out: '{\"exclude\": [\"%s\"]}'.", feature->column->name)));
}

/* ----- Design columns ----- */

static int
place_indicator(LeadFeature *feature, LeadLevel *level, int next)
{
	level->column = -1;
	if (level->rows == 0 || level == feature->reference)
		return next;
	level->column = next;
	return next + 1;
}

/* Numeric features that are never missing come first: a dense run. */
static void
place_features(LeadFit *fit)
{
	int			cells = 0;
	int			next = 1;

	for (int pass = 0; pass < 3; pass++)
		for (int i = 0; i < fit->nfeatures; i++)
		{
			LeadFeature *feature = &fit->features[i];
			int			when = feature->kind == SI_FEATURE_CATEGORY ? 2 :
				feature->missing.rows > 0 ? 1 : 0;

			if (when != pass)
				continue;
			feature->design_cell = cells++;
			if (pass < 2)
				feature->design_column = next++;
			for (int k = 0; k < feature->nlevels; k++)
				next = place_indicator(feature, &feature->levels[k], next);
			next = place_indicator(feature, &feature->rare, next);
			next = place_indicator(feature, &feature->missing, next);
			if (pass == 0)
				fit->design.dense = cells;
		}
	fit->design.ncells = cells;
	fit->design.columns = next;
}

/* ----- Constants ----- */

/* True when the values of a number do not vary. */
static bool
is_constant(const LeadFeature *feature)
{
	double		low = Min(feature->spread[0].low, feature->spread[1].low);
	double		high = Max(feature->spread[0].high, feature->spread[1].high);

	return !(high - low > SI_CONSTANT_SPREAD * Max(fabs(low), fabs(high)));
}

void
lead_prepare(LeadFit *fit)
{
	list_features(fit);
	scan_rows(fit);
	for (int i = 0; i < fit->nfeatures; i++)
	{
		LeadFeature *feature = &fit->features[i];

		check_label(feature);
		if (feature->kind != SI_FEATURE_CATEGORY)
		{
			feature->constant = is_constant(feature);
			continue;
		}
		check_not_numbers(fit, feature);
		pool_levels(fit, feature);
		choose_reference(feature);
	}
	place_features(fit);
}
