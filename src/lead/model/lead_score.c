/*
 * lead_score.c
 *	  Scores: the calibrated probability and the margin behind it.
 *
 * Each comes in two forms with the same arithmetic: over a record, and over
 * the columns of a row spelled out, which the planner puts in its place where
 * it can (see lead_support.c).
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "lead/model/lead_scorer.h"
#include "pg/si_compat.h"

static double
calibrated(const LeadScorer *scorer, double margin)
{
	return si_calibrate_guided(&scorer->model->calibration, scorer->guide,
							   margin);
}

/* ----- The margin of a row ----- */

/* Where the values of a row are: in a record, or arguments of a call. */
typedef struct LeadRow
{
	const Datum *values;
	const bool *nulls;
	const NullableDatum *args;	/* NULL: values and nulls */
} LeadRow;

static pg_attribute_always_inline NullableDatum
value_at(LeadRow row, int place)
{
	if (row.args != NULL)
		return row.args[place];
	return (NullableDatum) {row.values[place], row.nulls[place]};
}

/*
 * Read every column, which names the value at fault; without one, coefficients
 * beyond reason are.
 */
pg_noreturn static void
overflow(LeadScorer *scorer, LeadRow row)
{
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		NullableDatum value = value_at(row, scorer->steps[i].place);

		lead_read_column(scorer, i, value.value, value.isnull);
	}
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("margin of the lead overflows"),
			 errdetail("The coefficients of the model are too large for the values of the row."),
			 errhint("Train the model again on values of a sensible scale.")));
}

/* What numbers add that cannot be read quickly. */
static double
slow_effect(LeadScorer *scorer, int i, NullableDatum value)
{
	const LeadTerm *term = &scorer->terms[scorer->steps[i].cell];
	const double *cells = lead_read_column(scorer, i, value.value,
										   value.isnull);
	double		sum = 0;

	for (int k = 0; k < scorer->columns[i].cells; k++)
		sum += lead_effect(&term[k], cells[k]);
	return sum;
}

/*
 * Added up in four interleaved sums, because one sum would wait for each
 * addition.  A value that is not finite makes the margin not finite, which the
 * caller notices once per row.
 */
#define SUMS	4u

static pg_attribute_always_inline double
logistic_margin(LeadScorer *scorer, LeadRow row)
{
	double		sum[SUMS] = {scorer->baseline};

	for (unsigned i = 0; i < (unsigned) scorer->ncolumns; i++)
	{
		const LeadStep *step = &scorer->steps[i];
		const LeadTerm *term = &scorer->terms[step->cell];
		NullableDatum value = value_at(row, step->place);
		double		number;

		if (lead_read_fast(step, value, &number))
			sum[i % SUMS] += lead_line(term, number);
		else if (term->effect != NULL)
			sum[i % SUMS] += term->effect[lead_read_bin(
				scorer, i, value.value, value.isnull)];
		else
			sum[i % SUMS] += slow_effect(scorer, i, value);
	}
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/* Trees take NaN for missing, so every number is checked. */
static pg_attribute_always_inline double
forest_margin(LeadScorer *scorer, LeadRow row)
{
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		const LeadStep *step = &scorer->steps[i];
		NullableDatum value = value_at(row, step->place);
		double		number;

		if (lead_read_fast(step, value, &number))
		{
			si_check_number(scorer->columns[i].name, 0, number);
			scorer->cells[step->cell] = number;
		}
		else
			lead_read_column(scorer, i, value.value, value.isnull);
	}
	return si_forest_margin(scorer->model->forest, scorer->cells);
}

static pg_attribute_always_inline double
margin_of(LeadScorer *scorer, LeadRow row)
{
	double		margin = scorer->terms == NULL ? forest_margin(scorer, row) :
		logistic_margin(scorer, row);

	if (!isfinite(margin))
		overflow(scorer, row);
	return margin;
}

/* ----- Over a record ----- */

static double
record_margin(LeadScorer *scorer, HeapTupleHeader record)
{
	SiRowReader *reader = scorer->reader;

	if (si_row_bind(reader, record))
		lead_scorer_bind(scorer, reader->place);
	si_row_deform(reader, record);
	return margin_of(scorer, (LeadRow) {reader->values, reader->nulls, NULL});
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score);
Datum
sales_intel_lead_score(PG_FUNCTION_ARGS)
{
	LeadScorer *scorer = lead_scorer(fcinfo, 0);

	if (!scorer->model->fitted)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(calibrated(
		scorer, record_margin(scorer, PG_GETARG_HEAPTUPLEHEADER(1))));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_margin);
Datum
sales_intel_lead_margin(PG_FUNCTION_ARGS)
{
	LeadScorer *scorer = lead_scorer(fcinfo, 0);

	if (!scorer->model->fitted)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(record_margin(scorer, PG_GETARG_HEAPTUPLEHEADER(1)));
}

/* ----- Over columns: (model, names text[], VARIADIC values "any") ----- */

#define FIRST_VALUE	2

static char *
joined_names(Datum *names, int count)
{
	StringInfoData joined;

	initStringInfo(&joined);
	for (int k = 0; k < count && joined.len < 1000; k++)
		appendStringInfo(&joined, "%s%s", k ? ", " : "", TextDatumGetCString(names[k]));
	return joined.data;
}

static int
find_name(Datum *names, int count, const char *name)
{
	for (int k = 0; k < count; k++)
		if (strcmp(TextDatumGetCString(names[k]), name) == 0)
			return k;
	return -1;
}

/* Match the model's columns with the arguments, once per model. */
static void
bind_arguments(FunctionCallInfo fcinfo, LeadScorer *scorer)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int		   *places = palloc(scorer->ncolumns * sizeof(int) + 1);

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, &nulls, &count);
	if (get_fn_expr_variadic(fcinfo->flinfo) ||
		!get_fn_expr_arg_stable(fcinfo->flinfo, 1) ||
		count != PG_NARGS() - FIRST_VALUE ||
		array_contains_nulls(PG_GETARG_ARRAYTYPE_P(1)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column names do not match the column values"),
				 errdetail("There must be one constant name, not NULL, for each value."),
				 errhint("Call lead_score(model, row); the planner uses this form by itself.")));
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		const SiColumn *column = &scorer->columns[i];
		int			k = find_name(names, count, column->name);
		Oid			type;

		if (k < 0)
			si_reject_missing(column->name, joined_names(names, count));
		type = get_fn_expr_argtype(fcinfo->flinfo, FIRST_VALUE + k);
		if (!si_column_type(type, &scorer->reader->types[i]))
			si_reject_column(column->name, type);
		si_check_kind(column, &scorer->reader->types[i]);
		places[i] = FIRST_VALUE + k;
	}
	lead_scorer_bind(scorer, places);
	scorer->bound = true;
}

static double
columns_margin(FunctionCallInfo fcinfo, LeadScorer *scorer)
{
	if (!scorer->bound)
		bind_arguments(fcinfo, scorer);
	return margin_of(scorer, (LeadRow) {NULL, NULL, fcinfo->args});
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_columns);
Datum
sales_intel_lead_score_columns(PG_FUNCTION_ARGS)
{
	LeadScorer *scorer;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	scorer = lead_scorer(fcinfo, 0);
	if (!scorer->model->fitted)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(calibrated(scorer, columns_margin(fcinfo, scorer)));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_margin_columns);
Datum
sales_intel_lead_margin_columns(PG_FUNCTION_ARGS)
{
	LeadScorer *scorer;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	scorer = lead_scorer(fcinfo, 0);
	if (!scorer->model->fitted)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(columns_margin(fcinfo, scorer));
}

/* ----- Grades ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_grade);
Datum
sales_intel_lead_grade(PG_FUNCTION_ARGS)
{
	const SiLeadModel *model = lead_scorer(fcinfo, 0)->model;
	double		score = PG_GETARG_FLOAT8(1);
	int			grade = 0;

	if (!(score >= 0 && score <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("score %.15g is not a probability", score),
				 errdetail("A grade is given to a score from 0 to 1."),
				 errhint("Pass the result of lead_score, not of lead_margin.")));
	if (!model->fitted || isnan(model->band[0]))
		PG_RETURN_NULL();
	while (grade < SI_BANDS && score < model->band[grade])
		grade++;
	PG_RETURN_TEXT_P(cstring_to_text_with_len(&"ABCD"[grade], 1));
}
