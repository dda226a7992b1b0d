/*
 * sequence_summary.c
 *	  The type funnel_summary: how far many entities got; rolled up from
 *	  funnels and from summaries, and its report.
 */
#include "postgres.h"

#include "datatype/timestamp.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "core/stats/table/si_wilson.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/funnel/sequence_funnel.h"
#include "sequence/funnel/sequence_plan.h"
#include "sequence/funnel/sequence_totals.h"
#include "sequence/sequence.h"

#define REPORT_LEVEL	0.95

static bool
is_summary(const void *bytes, Size size)
{
	SiFunnelSummary summary;

	return si_funnel_summary_open(bytes, size, &summary, si_pulse) == SI_OK &&
		sequence_plan_valid(&summary.plan);
}

const SiValueType summary_type = {"funnel_summary", is_summary};

static void
open_summary(Datum datum, SiFunnelSummary *summary)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(datum);

	if (si_funnel_summary_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							   summary, si_pulse) != SI_OK)
		si_value_damaged(&summary_type);
}

/* ----- Input and output ----- */

SI_VALUE_FUNCTIONS(sequence_summary, &summary_type);

/* ----- Rolling up ----- */

static SequenceTotals *
totals_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (SequenceTotals *) PG_GETARG_POINTER(n);
}

static Datum
return_totals(FunctionCallInfo fcinfo, SequenceTotals *totals)
{
	if (totals == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(totals);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_rollup_funnel_trans);
Datum
sales_intel_sequence_rollup_funnel_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceTotals *totals = totals_argument(fcinfo, 0);
	struct varlena *value;
	SiFunnel	funnel;

	if (PG_ARGISNULL(1))
		return return_totals(fcinfo, totals);
	value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1));
	if (si_funnel_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
					   &funnel) != SI_OK)
		si_value_damaged(&funnel_type);
	if (totals == NULL)
		totals = sequence_totals_create(&funnel.plan, context);
	else
		sequence_plan_check_same(&totals->plan, &funnel.plan);
	sequence_totals_add(totals, funnel.level, funnel.times, context);
	PG_RETURN_POINTER(totals);
}

static SequenceTotals *
add_summary(SequenceTotals *totals, Datum value, MemoryContext context)
{
	SiFunnelSummary summary;

	open_summary(value, &summary);
	if (totals == NULL)
		totals = sequence_totals_create(&summary.plan, context);
	sequence_totals_add_summary(totals, &summary, context);
	return totals;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_rollup_summary_trans);
Datum
sales_intel_sequence_rollup_summary_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceTotals *totals = totals_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
		totals = add_summary(totals, PG_GETARG_DATUM(1), context);
	return return_totals(fcinfo, totals);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_summary_combine);
Datum
sales_intel_sequence_summary_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceTotals *totals = totals_argument(fcinfo, 0);
	SequenceTotals *from = totals_argument(fcinfo, 1);

	if (from == NULL)
		return return_totals(fcinfo, totals);
	if (totals == NULL)
		totals = sequence_totals_create(&from->plan, context);
	sequence_totals_add_totals(totals, from, context);
	PG_RETURN_POINTER(totals);
}

/* Also the final function. */
PG_FUNCTION_INFO_V1(sales_intel_sequence_summary_serial);
Datum
sales_intel_sequence_summary_serial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(sequence_totals_pack(totals_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_summary_deserial);
Datum
sales_intel_sequence_summary_deserial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(add_summary(NULL, PG_GETARG_DATUM(0),
								  CurrentMemoryContext));
}

/* ----- The report ----- */

static void
report_waits(const SiFunnelSummary *summary, int step, Datum *values,
			 bool *nulls)
{
	const SiStepWaits *is = &summary->step[step];
	uint64		total = summary->reached[step];
	SiKeyed    *waits;

	nulls[0] = nulls[1] = step == 0 || total == 0;
	if (nulls[0])
		return;
	waits = palloc(is->n * sizeof(SiKeyed));
	si_funnel_summary_waits(summary, step, waits, si_pulse);
	values[0] = sequence_wait(si_waits_quantile(is->n, waits, total,
												is->digits, 0.5));
	values[1] = sequence_wait(si_waits_quantile(is->n, waits, total,
												is->digits, 0.9));
	pfree(waits);
}

/* Of all who entered, and of those who reached the step before. */
static void
report_rates(const SiFunnelSummary *summary, int step, Datum *values,
			 bool *nulls)
{
	double		entered = (double) summary->reached[0];
	double		reached = (double) summary->reached[step];
	double		low;
	double		high;

	nulls[0] = nulls[1] = nulls[2] = entered == 0.0;
	nulls[3] = step == 0 || summary->reached[step - 1] == 0;
	if (!nulls[3])
		values[3] = Float8GetDatum(reached /
								   (double) summary->reached[step - 1]);
	if (nulls[0])
		return;
	si_wilson_interval(reached / entered, entered, REPORT_LEVEL, &low, &high);
	values[0] = Float8GetDatum(reached / entered);
	values[1] = Float8GetDatum(low);
	values[2] = Float8GetDatum(high);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_summary_report);
Datum
sales_intel_sequence_summary_report(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiFunnelSummary summary;
	SiText		names[SI_FUNNEL_STEPS];

	open_summary(PG_GETARG_DATUM(0), &summary);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (summary.plan.named)
		si_funnel_plan_names(&summary.plan, names);
	for (int i = 0; i < summary.plan.rule.steps; i++)
	{
		Datum		values[9];
		bool		nulls[9] = {false};

		si_pulse();
		values[0] = Int32GetDatum(i + 1);
		nulls[1] = !summary.plan.named;
		if (summary.plan.named)
			values[1] = sequence_text_datum(names[i]);
		values[2] = Int64GetDatum(summary.reached[i]);
		report_rates(&summary, i, values + 3, nulls + 3);
		report_waits(&summary, i, values + 7, nulls + 7);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
