/*
 * lead_explain.c
 *	  Why a lead has its score: one contribution per feature.
 *
 * Method: in a logistic model the contribution of a feature is its coefficient
 * times its distance from the average training row, on the log-odds scale, the
 * exact Shapley value for independent features.  Baseline and contributions
 * are the very terms that make up the margin, so they add up to it.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "lead/lead_scorer.h"

typedef struct Reason
{
	char	   *feature;
	char	   *value;			/* NULL when missing */
	double		contribution;
} Reason;

/* Largest first, then by name. */
static int
compare_reasons(const void *a, const void *b)
{
	const Reason *x = a;
	const Reason *y = b;

	if (fabs(x->contribution) != fabs(y->contribution))
		return fabs(x->contribution) > fabs(y->contribution) ? -1 : 1;
	return strcmp(x->feature, y->feature);
}

/* The value of a column as its type prints it. */
static char *
print_value(TupleDesc desc, int place, Datum value)
{
	Oid			type = TupleDescAttr(desc, place)->atttypid;
	Oid			output;
	bool		varlena;

	if (getBaseType(type) == BOOLOID)
		return DatumGetBool(value) ? "true" : "false";
	getTypeOutputInfo(type, &output, &varlena);
	return OidOutputFunctionCall(output, value);
}

static char *
print_element(Datum array, int k)
{
	ArrayType  *items = DatumGetArrayTypeP(array);
	Oid			type = ARR_ELEMTYPE(items);
	int16		length;
	bool		byval;
	char		align;
	Oid			output;
	bool		varlena;
	bool		isnull;
	int			subscript = ARR_LBOUND(items)[0] + k;
	Datum		value;

	get_typlenbyvalalign(type, &length, &byval, &align);
	value = array_get_element(PointerGetDatum(items), 1, &subscript, -1,
							  length, byval, align, &isnull);
	if (isnull)
		return NULL;
	getTypeOutputInfo(type, &output, &varlena);
	return OidOutputFunctionCall(output, value);
}

static void
explain_column(LeadScorer *scorer, int i, Reason *reasons)
{
	SiRowReader *reader = scorer->reader;
	const SiColumn *column = &scorer->columns[i];
	int			place = reader->place[i];
	bool		isnull = reader->nulls[place];
	Datum		value = reader->values[place];
	double	   *contributions = palloc(column->cells * sizeof(double));

	lead_column_margin(scorer, i, value, isnull, contributions);
	for (int k = 0; k < column->cells; k++)
	{
		Reason	   *reason = &reasons[column->first_cell + k];

		reason->feature = lead_model_feature_name(
			scorer->terms[column->first_cell + k].feature);
		reason->contribution = contributions[k];
		if (!isnull)
			reason->value = column->array ? print_element(value, k) :
				print_value(reader->desc, place, value);
	}
	pfree(contributions);
}

/* All reasons for a record, largest first. */
static Reason *
explain_record(LeadScorer *scorer, HeapTupleHeader record)
{
	Reason	   *reasons = palloc0(scorer->nterms * sizeof(Reason) + 1);

	si_row_bind(scorer->reader, record);
	si_row_deform(scorer->reader, record);
	for (int i = 0; i < scorer->ncolumns; i++)
		explain_column(scorer, i, reasons);
	qsort(reasons, scorer->nterms, sizeof(Reason), compare_reasons);
	return reasons;
}

static int
top_arg(FunctionCallInfo fcinfo, int n, int all)
{
	int			top = PG_ARGISNULL(n) ? all : PG_GETARG_INT32(n);

	if (top < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of reasons must not be negative"),
				 errdetail("It is %d.", top),
				 errhint("Pass NULL for all features.")));
	return Min(top, all);
}

static void
put_reason(ReturnSetInfo *result, const char *feature, const char *value,
		   double contribution)
{
	Datum		values[3];
	bool		nulls[3] = {false};

	values[0] = CStringGetTextDatum(feature);
	nulls[1] = value == NULL;
	if (value != NULL)
		values[1] = CStringGetTextDatum(value);
	values[2] = Float8GetDatum(contribution);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_explain);
Datum
sales_intel_lead_explain(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	LeadScorer *scorer;
	Reason	   *reasons;
	double		other = 0;
	int			top;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	scorer = lead_scorer(fcinfo, 0);
	top = top_arg(fcinfo, 2, scorer->nterms);
	if (!scorer->model->fitted)
		return (Datum) 0;
	reasons = explain_record(scorer, PG_GETARG_HEAPTUPLEHEADER(1));
	put_reason(result, "(baseline)", NULL, scorer->model->baseline);
	for (int i = 0; i < top; i++)
		put_reason(result, reasons[i].feature, reasons[i].value,
				   reasons[i].contribution);
	for (int i = top; i < scorer->nterms; i++)
		other += reasons[i].contribution;
	if (top < scorer->nterms)
		put_reason(result, "(other)", NULL, other);
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_reasons);
Datum
sales_intel_lead_reasons(PG_FUNCTION_ARGS)
{
	LeadScorer *scorer;
	Reason	   *reasons;
	StringInfoData text;
	int			top;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	scorer = lead_scorer(fcinfo, 0);
	top = top_arg(fcinfo, 2, scorer->nterms);
	if (!scorer->model->fitted)
		PG_RETURN_NULL();
	reasons = explain_record(scorer, PG_GETARG_HEAPTUPLEHEADER(1));
	initStringInfo(&text);
	for (int i = 0; i < top; i++)
	{
		appendStringInfo(&text, "%s%s", i ? ", " : "", reasons[i].feature);
		if (reasons[i].value != NULL)
			appendStringInfo(&text, " = %s", reasons[i].value);
		else
			appendStringInfoString(&text, " missing");
		appendStringInfo(&text, " (%+.2f)", reasons[i].contribution);
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}
