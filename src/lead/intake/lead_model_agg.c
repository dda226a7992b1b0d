/*
 * lead_model_agg.c
 *	  The training aggregate: rows in, a lead_model out.
 *
 * No transition function keeps anything in fn_extra: a distributed engine
 * calls them without a call site.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "lead/fit/lead_fit.h"

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "lead_model_agg support function called outside an aggregate");
	return context;
}

static LeadIntake *
intake_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (LeadIntake *) PG_GETARG_POINTER(n);
}

/*
 * One row.  Rows without label, features or weight are counted as skipped, and
 * so are rows of weight zero.  weight_arg and options_arg are argument numbers,
 * or 0 where the form of the call has none.
 */
static Datum
add_row(FunctionCallInfo fcinfo, int weight_arg, int options_arg)
{
	MemoryContext context = aggregate_context(fcinfo);
	LeadIntake *intake = intake_arg(fcinfo, 0);
	Jsonb	   *options = options_arg && !PG_ARGISNULL(options_arg) ?
		PG_GETARG_JSONB_P(options_arg) : NULL;
	double		weight = 1;

	if (intake == NULL)
		intake = lead_intake_create(context, options);
	else
		lead_intake_check_options(intake, options);
	if (intake->model != NULL)
		elog(ERROR, "row added to lead_model_agg after its final function");
	if (weight_arg && !PG_ARGISNULL(weight_arg))
		weight = PG_GETARG_FLOAT8(weight_arg);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || weight == 0 ||
		(weight_arg && PG_ARGISNULL(weight_arg)))
		intake->skipped++;
	else
		lead_intake_add(intake, PG_GETARG_HEAPTUPLEHEADER(2), PG_GETARG_BOOL(1),
						weight);
	PG_RETURN_POINTER(intake);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_trans);
Datum
sales_intel_lead_model_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, 0, 0);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_trans_options);
Datum
sales_intel_lead_model_trans_options(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, 0, 3);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_trans_weight);
Datum
sales_intel_lead_model_trans_weight(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, 3, 4);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_combine);
Datum
sales_intel_lead_model_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	LeadIntake *into = intake_arg(fcinfo, 0);
	LeadIntake *from = intake_arg(fcinfo, 1);

	if (from == NULL)
	{
		if (into == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(into);
	}
	if (into == NULL)
		into = lead_intake_create(context, from->raw_options);
	lead_intake_merge(into, from);
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_serial);
Datum
sales_intel_lead_model_serial(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(lead_intake_serialize(intake_arg(fcinfo, 0)));
}

/*
 * The state lives in the current context, which the executor keeps until the
 * state has been combined.
 */
PG_FUNCTION_INFO_V1(sales_intel_lead_model_deserial);
Datum
sales_intel_lead_model_deserial(PG_FUNCTION_ARGS)
{
	(void) aggregate_context(fcinfo);
	PG_RETURN_POINTER(
		lead_intake_deserialize(CurrentMemoryContext, PG_GETARG_BYTEA_PP(0)));
}

/* Rows that take less are kept, so that a model need not be. */
#define DROP_BYTES	(16 * 1024 * 1024)

/*
 * Many rows are dropped on the way, where the state is this aggregate's own,
 * so that training takes little more memory than they did.  The model then
 * stays in their place: a rescan may ask for it again.
 */
static struct varlena *
final_model(FunctionCallInfo fcinfo, LeadIntake *intake)
{
	MemoryContext context;
	bool		drop = AggCheckCallContext(fcinfo, &context) ==
		AGG_CONTEXT_AGGREGATE && !AggStateIsShared(fcinfo) &&
		intake->rows * intake->stride * sizeof(double) > DROP_BYTES;
	struct varlena *model = lead_fit_model(intake, !drop);

	if (drop)
	{
		intake->model = MemoryContextAlloc(intake->context, VARSIZE(model));
		memcpy(intake->model, model, VARSIZE(model));
	}
	return model;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_final);
Datum
sales_intel_lead_model_final(PG_FUNCTION_ARGS)
{
	LeadIntake *intake;

	(void) aggregate_context(fcinfo);
	intake = intake_arg(fcinfo, 0);
	if (intake == NULL || intake->rows == 0)
		PG_RETURN_NULL();
	if (intake->model != NULL)
		PG_RETURN_POINTER(intake->model);
	PG_RETURN_POINTER(final_model(fcinfo, intake));
}
