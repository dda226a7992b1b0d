/*
 * lead_explain.c
 *	  Why a lead has its score: one contribution per feature.
 *
 * Method: in a logistic model the contribution of a feature is its coefficient
 * times its distance from the average training row, on the log-odds scale, the
 * exact Shapley value for independent features.  Baseline and contributions
 * are the very terms that make up the margin, so they add up to it.
 *
 * In a model of boosted trees it is the exact path-dependent Shapley value of
 * the margin (TreeSHAP, see si_treeshap.h), where the shares of training rows
 * on either side of a split stand in for a feature that is not known yet.  The
 * baseline is the expected margin by the same shares, so that baseline and
 * contributions add up to the margin within rounding.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "core/trees/si_treeshap.h"
#include "lead/model/lead_scorer.h"
#include "pg/si_pulse.h"

typedef struct Reason
{
	const char *feature;
	int			column;			/* of the model */
	int			element;		/* place in an array, from zero */
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

/* The value behind a reason; NULL when missing. */
static char *
reason_value(const LeadScorer *scorer, const Reason *reason)
{
	const SiRowReader *reader = scorer->reader;
	int			place = reader->place[reason->column];

	if (reader->nulls[place])
		return NULL;
	if (scorer->columns[reason->column].array)
		return print_element(reader->values[place], reason->element);
	return print_value(reader->desc, place, reader->values[place]);
}

/* Fill scorer->contributions from the cells. */
static void
explain_cells(LeadScorer *scorer)
{
	const SiLeadModel *model = scorer->model;

	if (model->forest != NULL)
		si_treeshap(model->forest, scorer->cells, scorer->contributions,
					scorer->work, si_pulse);
	else
		for (int k = 0; k < model->nfeatures; k++)
			scorer->contributions[k] = lead_effect(&scorer->terms[k],
												   scorer->cells[k]);
}

static void
list_reasons(const LeadScorer *scorer, Reason *reasons)
{
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		const SiColumn *column = &scorer->columns[i];

		for (int k = 0; k < column->cells; k++)
		{
			int			cell = column->first_cell + k;

			reasons[cell].feature = scorer->names[cell];
			reasons[cell].column = i;
			reasons[cell].element = k;
			reasons[cell].contribution = scorer->contributions[cell];
		}
	}
}

/* All reasons for a record, largest first. */
static Reason *
explain_record(LeadScorer *scorer, HeapTupleHeader record)
{
	SiRowReader *reader = scorer->reader;
	int			count = scorer->model->nfeatures;
	Reason	   *reasons = palloc(count * sizeof(Reason) + 1);

	si_row_bind(reader, record);
	si_row_deform(reader, record);
	for (int i = 0; i < scorer->ncolumns; i++)
		lead_read_column(scorer, i, reader->values[reader->place[i]],
						 reader->nulls[reader->place[i]]);
	explain_cells(scorer);
	list_reasons(scorer, reasons);
	qsort(reasons, count, sizeof(Reason), compare_reasons);
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
	int			count;
	int			top;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	scorer = lead_scorer(fcinfo, 0);
	count = scorer->model->nfeatures;
	top = top_arg(fcinfo, 2, count);
	if (!scorer->model->fitted)
		return (Datum) 0;
	reasons = explain_record(scorer, PG_GETARG_HEAPTUPLEHEADER(1));
	put_reason(result, "(baseline)", NULL, scorer->baseline);
	for (int i = 0; i < top; i++)
		put_reason(result, reasons[i].feature,
				   reason_value(scorer, &reasons[i]), reasons[i].contribution);
	for (int i = top; i < count; i++)
		other += reasons[i].contribution;
	if (top < count)
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
	top = top_arg(fcinfo, 2, scorer->model->nfeatures);
	if (!scorer->model->fitted)
		PG_RETURN_NULL();
	reasons = explain_record(scorer, PG_GETARG_HEAPTUPLEHEADER(1));
	initStringInfo(&text);
	for (int i = 0; i < top; i++)
	{
		const char *value = reason_value(scorer, &reasons[i]);

		appendStringInfo(&text, "%s%s", i ? ", " : "", reasons[i].feature);
		if (value != NULL)
			appendStringInfo(&text, " = %s", value);
		else
			appendStringInfoString(&text, " missing");
		appendStringInfo(&text, " (%+.2f)", reasons[i].contribution);
	}
	PG_RETURN_TEXT_P(cstring_to_text_with_len(text.data, text.len));
}
