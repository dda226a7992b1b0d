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

#include "lead/lead_scorer.h"
#include "pg/si_compat.h"

static double
calibrated(const LeadScorer *scorer, double margin)
{
	return si_calibrate_guided(&scorer->model->calibration, scorer->guide,
							   margin);
}

/*
 * A margin that is not finite: reading the columns one by one names the value
 * at fault; without one, coefficients beyond reason are.
 */
pg_noreturn static void
overflow(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("margin of the lead overflows"),
			 errdetail("The coefficients of the model are too large for the values of the row."),
			 errhint("Train the model again on values of a sensible scale.")));
}

/* ----- Over a record ----- */

static double
record_margin(LeadScorer *scorer, HeapTupleHeader record)
{
	SiRowReader *reader = scorer->reader;
	double		sum[LEAD_SUMS] = {scorer->model->baseline};
	double		margin;

	if (si_row_bind(reader, record))
		lead_scorer_bind(scorer, reader->place);
	si_row_deform(reader, record);
	for (unsigned i = 0; i < (unsigned) scorer->ncolumns; i++)
	{
		int			place = scorer->steps[i].place;

		sum[i % LEAD_SUMS] += lead_step_margin(scorer, i, reader->values[place],
											   reader->nulls[place]);
	}
	margin = lead_sums_total(sum);
	if (!isfinite(margin))
	{
		for (int i = 0; i < scorer->ncolumns; i++)
			lead_column_margin(scorer, i, reader->values[reader->place[i]],
							   reader->nulls[reader->place[i]], NULL);
		overflow();
	}
	return margin;
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
	double		sum[LEAD_SUMS] = {scorer->model->baseline};
	double		margin;

	if (!scorer->bound)
		bind_arguments(fcinfo, scorer);
	for (unsigned i = 0; i < (unsigned) scorer->ncolumns; i++)
	{
		const NullableDatum *arg = &fcinfo->args[scorer->steps[i].place];

		sum[i % LEAD_SUMS] += lead_step_margin(scorer, i, arg->value,
											   arg->isnull);
	}
	margin = lead_sums_total(sum);
	if (!isfinite(margin))
	{
		for (int i = 0; i < scorer->ncolumns; i++)
			lead_column_margin(
				scorer, i, fcinfo->args[scorer->steps[i].place].value,
				fcinfo->args[scorer->steps[i].place].isnull, NULL);
		overflow();
	}
	return margin;
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
