/*
 * stats_cox_risk.c
 *	  What a model of proportional hazards says about a row: its risk against
 *	  the average training row, its chance to last.
 */
#include "stats/cox/stats_cox.h"

#include <math.h>

#include "access/detoast.h"
#include "utils/memutils.h"

#include "core/si_bytes.h"
#include "stats/stats_duration.h"
#include "stats/stats_result.h"

/* A model ready for rows; one for each call site. */
typedef struct CoxScorer
{
	MemoryContext context;
	struct varlena *given;		/* as given: a toast pointer, or the bytes */
	Size		size;			/* of given */
	SiCoxModel *model;
	SiColumn   *columns;		/* one per feature */
	SiRowReader *reader;
	double	   *cells;			/* of the widest array */
} CoxScorer;

/* ----- The model ----- */

static void
list_columns(CoxScorer *scorer)
{
	const SiCoxModel *model = scorer->model;
	int			widest = 1;

	scorer->columns = palloc0(model->nfeatures * sizeof(SiColumn) + 1);
	for (int i = 0; i < model->nfeatures; i++)
	{
		const SiCoxFeature *feature = &model->features[i];
		SiColumn   *column = &scorer->columns[i];

		column->name = pnstrdup(feature->name.data, feature->name.length);
		column->kind = feature->kind;
		column->array = feature->width > 0;
		column->width = feature->width;
		column->cells = Max(feature->width, 1);
		widest = Max(widest, column->cells);
	}
	scorer->cells = palloc(widest * sizeof(double));
	scorer->reader = si_row_reader(CurrentMemoryContext, model->nfeatures,
								   scorer->columns);
}

static CoxScorer *
build_scorer(MemoryContext parent, struct varlena *given)
{
	MemoryContext context = AllocSetContextCreate(parent, "cox_model",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	CoxScorer  *scorer = palloc0(sizeof(CoxScorer));

	scorer->context = context;
	scorer->size = VARSIZE_ANY(given);
	scorer->given = palloc(scorer->size);
	memcpy(scorer->given, given, scorer->size);
	scorer->model = cox_decode(
		PG_DETOAST_DATUM_PACKED(PointerGetDatum(scorer->given)));
	list_columns(scorer);
	MemoryContextSwitchTo(old);
	return scorer;
}

/* A stored model is known by its toast pointer, without being read. */
static CoxScorer *
scorer_arg(FunctionCallInfo fcinfo, int n)
{
	struct varlena *given = (struct varlena *) PG_GETARG_POINTER(n);
	CoxScorer  *scorer = fcinfo->flinfo->fn_extra;

	if (VARATT_IS_EXTERNAL(given) && !VARATT_IS_EXTERNAL_ONDISK(given))
		given = detoast_attr(given);
	if (scorer != NULL && scorer->size == VARSIZE_ANY(given) &&
		memcmp(scorer->given, given, scorer->size) == 0)
		return scorer;
	fcinfo->flinfo->fn_extra = NULL;	/* building may fail */
	if (scorer != NULL)
		MemoryContextDelete(scorer->context);
	scorer = build_scorer(fcinfo->flinfo->fn_mcxt, given);
	fcinfo->flinfo->fn_extra = scorer;
	return scorer;
}

/* ----- The margin of a row ----- */

/* So large that only its sign still counts; sums of thousands are finite. */
#define LARGEST_EFFECT	1e300

static double
effect(const SiCoxTerm *term, double x)
{
	double		product = term->coefficient * x;

	return fmax(-LARGEST_EFFECT, fmin(LARGEST_EFFECT, product));
}

/* Place of a level among the terms, -1 for one never seen. */
static int
find_level(const SiCoxFeature *feature, SiText text)
{
	int			low = 0;
	int			high = feature->nterms;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;
		const SiCoxTerm *term = &feature->terms[middle];
		int			order = term->kind == SI_COX_MISSING ? 1 :
			si_text_compare(term->level, text);

		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

/*
 * A level never seen, or a gap where training had none, counts as the average
 * row.
 */
static double
category_margin(const SiCoxFeature *feature, const SiText *text)
{
	double		sum = 0;
	int			at = feature->nterms - 1;

	if (text != NULL)
		at = find_level(feature, *text);
	else if (at >= 0 && feature->terms[at].kind != SI_COX_MISSING)
		at = -1;
	if (at < 0)
		return 0;
	for (int k = 0; k < feature->nterms; k++)
		sum -= effect(&feature->terms[k], feature->terms[k].mean);
	return sum + effect(&feature->terms[at], 1);
}

/* A gap leaves the number at its mean. */
static double
number_margin(const SiCoxFeature *feature, const double *cells)
{
	double		sum = 0;

	for (int k = 0; k < feature->nterms; k++)
	{
		const SiCoxTerm *term = &feature->terms[k];
		double		x = cells[Max(term->element - 1, 0)];

		if (term->kind == SI_COX_MISSING)
			sum += effect(term, isnan(x) - term->mean);
		else if (!isnan(x))
			sum += effect(term, x - term->mean);
	}
	return sum;
}

static void
read_cells(CoxScorer *scorer, int i, Datum value, bool isnull)
{
	const SiColumn *column = &scorer->columns[i];
	const SiColumnType *type = &scorer->reader->types[i];

	if (isnull)
	{
		for (int k = 0; k < column->cells; k++)
			scorer->cells[k] = NAN;
	}
	else if (column->array)
		si_read_array(column, type, value, scorer->cells);
	else
	{
		scorer->cells[0] = si_read_number(type->read, value);
		si_check_number(column->name, 0, scorer->cells[0]);
	}
}

static double
column_margin(CoxScorer *scorer, int i)
{
	SiRowReader *reader = scorer->reader;
	const SiCoxFeature *feature = &scorer->model->features[i];
	Datum		value = reader->values[reader->place[i]];
	bool		isnull = reader->nulls[reader->place[i]];
	SiText		text;

	if (feature->kind == SI_FEATURE_NUMERIC)
	{
		read_cells(scorer, i, value, isnull);
		return number_margin(feature, scorer->cells);
	}
	if (isnull)
		return category_margin(feature, NULL);
	text = si_read_category(reader->types[i].read, value, &reader->labels[i],
							scorer->context);
	return category_margin(feature, &text);
}

/* Against the average training row; NaN if the model has no risks. */
static double
row_margin(CoxScorer *scorer, HeapTupleHeader record)
{
	double		sum = 0;

	(void) si_row_bind(scorer->reader, record);
	if (!scorer->model->fitted)
		return NAN;
	si_row_deform(scorer->reader, record);
	for (int i = 0; i < scorer->model->nfeatures; i++)
		sum += column_margin(scorer, i);
	return sum;
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_risk);
Datum
sales_intel_stats_cox_risk(PG_FUNCTION_ARGS)
{
	CoxScorer  *scorer = scorer_arg(fcinfo, 0);

	return stats_number(fcinfo, exp(row_margin(
		scorer, PG_GETARG_HEAPTUPLEHEADER(1))));
}

/* exp(-hazard * risk), which is 1 before the first event for any risk. */
static Datum
survival_of(FunctionCallInfo fcinfo, double t, bool interval)
{
	CoxScorer  *scorer = scorer_arg(fcinfo, 0);
	double		margin = row_margin(scorer, PG_GETARG_HEAPTUPLEHEADER(1));
	double		hazard = isnan(margin) ? NAN :
		si_cox_model_hazard(scorer->model, t);

	if (interval)
		stats_check_seconds(scorer->model->seconds);
	if (hazard == 0)
		PG_RETURN_FLOAT8(1);
	return stats_number(fcinfo, exp(-exp(log(hazard) + margin)));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_survival);
Datum
sales_intel_stats_cox_survival(PG_FUNCTION_ARGS)
{
	return survival_of(fcinfo, PG_GETARG_FLOAT8(2), false);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_survival_interval);
Datum
sales_intel_stats_cox_survival_interval(PG_FUNCTION_ARGS)
{
	return survival_of(fcinfo, stats_seconds(fcinfo, 2), true);
}
