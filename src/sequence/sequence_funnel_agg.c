/*
 * sequence_funnel_agg.c
 *	  The aggregates that make a funnel of one entity's rows: funnel_agg,
 *	  funnel_mask_agg.
 *
 * The state keeps the rows that are steps (under strict_order all), sixteen
 * bytes each, in any order; final functions sort in place, which changes
 * nothing that a later row could see (a running window).  Rows of one time
 * happen together: nothing depends on the order in which they came.
 *
 * Between processes the state travels as version, plan, and the rows in order,
 * as distances of time and sets of steps.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"
#include "sequence/sequence_funnel.h"
#include "sequence/sequence_plan.h"

#define FIRST_ROWS		8
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */
#define STATE_VERSION	1
#define WHAT			"funnels"

typedef struct FunnelState
{
	SequencePlan *plan;
	int64		count;
	int64		capacity;
	SiFunnelRow *rows;
} FunnelState;

static FunnelState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (FunnelState *) PG_GETARG_POINTER(n);
}

static FunnelState *
create_state(SequencePlan *plan, MemoryContext context)
{
	FunnelState *state = MemoryContextAllocZero(context, sizeof(FunnelState));

	state->plan = plan;
	return state;
}

static void
reserve_rows(FunnelState *state, int64 more, MemoryContext context)
{
	int64		capacity = Max(state->capacity, FIRST_ROWS);
	Size		bytes;

	while (capacity < state->count + more)
		capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	bytes = capacity * sizeof(SiFunnelRow);
	si_check_memory(context, bytes, WHAT, false);
	state->rows = state->rows == NULL ?
		MemoryContextAllocHuge(context, bytes) :
		repalloc_huge(state->rows, bytes);
	state->capacity = capacity;
}

static inline void
append_row(FunnelState *state, int64 time, uint64 steps,
		   MemoryContext context)
{
	SiFunnelRow *row;

	if (state->count == state->capacity)
		reserve_rows(state, 1, context);
	row = &state->rows[state->count++];
	row->time = time;
	row->steps = steps;
}

/* ----- Collecting ----- */

static Datum
return_state(FunctionCallInfo fcinfo, FunnelState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_trans);
Datum
sales_intel_sequence_funnel_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	FunnelState *state = state_argument(fcinfo, 0);
	uint64		steps;
	int64		time;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(sequence_plan_share(fcinfo, 3, true, context),
							 context);
	else
		sequence_plan_check(state->plan, fcinfo, 3, true);
	time = sequence_time(fcinfo, 1);
	steps = sequence_plan_steps(state->plan, sequence_text(fcinfo, 2));
	if (steps != 0 || si_funnel_needs_all(&state->plan->funnel.rule))
		append_row(state, time, steps, context);
	PG_RETURN_POINTER(state);
}

static uint64
mask_argument(FunctionCallInfo fcinfo, int n, int steps)
{
	uint64		mask = (uint64) PG_GETARG_INT64(n);

	if (steps < SI_FUNNEL_STEPS && mask >> steps != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("step mask has bits beyond the last step"),
				 errdetail("The mask is " INT64_FORMAT ", and there are %d steps.", (int64) mask, steps),
				 errhint("Bit 0 stands for step 1, bit %d for step %d.", steps - 1, steps)));
	return mask;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_mask_trans);
Datum
sales_intel_sequence_funnel_mask_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	FunnelState *state = state_argument(fcinfo, 0);
	uint64		steps;
	int64		time;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(sequence_plan_share(fcinfo, 3, false, context),
							 context);
	else
		sequence_plan_check(state->plan, fcinfo, 3, false);
	time = sequence_time(fcinfo, 1);
	steps = mask_argument(fcinfo, 2, state->plan->funnel.rule.steps);
	if (steps != 0 || si_funnel_needs_all(&state->plan->funnel.rule))
		append_row(state, time, steps, context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_combine);
Datum
sales_intel_sequence_funnel_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	FunnelState *state = state_argument(fcinfo, 0);
	FunnelState *from = state_argument(fcinfo, 1);

	if (from == NULL)
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(sequence_plan_share_copy(&from->plan->funnel,
													  context), context);
	else
		sequence_plan_check_same(&state->plan->funnel, &from->plan->funnel);
	if (from->count > 0)
	{
		if (state->count + from->count > state->capacity)
			reserve_rows(state, from->count, context);
		memcpy(state->rows + state->count, from->rows,
			   from->count * sizeof(SiFunnelRow));
		state->count += from->count;
	}
	PG_RETURN_POINTER(state);
}

/* ----- Between processes ----- */

static void
write_state(SiWriter *out, const FunnelState *state)
{
	uint64		last = 0;

	si_write_u8(out, STATE_VERSION);
	si_write_raw(out, state->plan->funnel.bytes, state->plan->funnel.size);
	for (int64 i = 0; i < state->count; i++)
	{
		si_pulse_every(i);
		si_write_varint(out, (uint64) state->rows[i].time - last);
		si_write_varint(out, state->rows[i].steps);
		last = (uint64) state->rows[i].time;
	}
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_serial);
Datum
sales_intel_sequence_funnel_serial(PG_FUNCTION_ARGS)
{
	FunnelState *state = state_argument(fcinfo, 0);
	SiWriter	writer = {NULL, 0};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	sequence_sort_rows(state->count, state->rows);
	write_state(&writer, state);
	si_check_serial(writer.size, WHAT);
	bytes = palloc(VARHDRSZ + writer.size);
	SET_VARSIZE(bytes, VARHDRSZ + writer.size);
	writer.out = (uint8_t *) VARDATA(bytes);
	writer.size = 0;
	write_state(&writer, state);
	PG_RETURN_BYTEA_P(bytes);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_deserial);
Datum
sales_intel_sequence_funnel_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	in = si_reader(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	MemoryContext context = CurrentMemoryContext;
	SiFunnelPlan plan;
	FunnelState *state;
	uint64		last = 0;

	(void) si_aggregate_context(fcinfo);
	si_read_check(&in, si_read_u8(&in) == STATE_VERSION);
	si_funnel_plan_read(&in, &plan);
	if (in.bad)
		elog(ERROR, "damaged state of funnel_agg");
	state = create_state(sequence_plan_copy(&plan, context), context);
	while (in.left > 0)
	{
		uint64		time = last + si_read_varint(&in);

		append_row(state, (int64) time, si_read_varint(&in), context);
		si_pulse_every(state->count);
		last = time;
	}
	if (in.bad)
		elog(ERROR, "damaged state of funnel_agg");
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_final);
Datum
sales_intel_sequence_funnel_final(PG_FUNCTION_ARGS)
{
	FunnelState *state = state_argument(fcinfo, 0);

	(void) si_aggregate_context(fcinfo);
	sequence_sort_rows(state->count, state->rows);
	PG_RETURN_POINTER(sequence_pack_funnel(&state->plan->funnel, state->count,
										   state->rows, NULL));
}
