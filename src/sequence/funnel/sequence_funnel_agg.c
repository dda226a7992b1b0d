/*
 * sequence_funnel_agg.c
 *	  The aggregates that make a funnel of one entity's rows: funnel_agg,
 *	  funnel_mask_agg.
 *
 * The state keeps the rows that are steps (under strict_order all), in any
 * order, as items: the number of the step's name and one, or the mask.  Rows of
 * one time happen together: nothing depends on the order in which they came.
 * Between processes the state travels as version, plan, and the rows as they
 * are, and is unpacked where it is combined.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/funnel/sequence_funnel.h"
#include "sequence/funnel/sequence_plan.h"
#include "sequence/sequence.h"
#include "sequence/sequence_shelf.h"

#define STATE_VERSION	1
#define STACK_ROWS		64		/* unpacked without allocating */
#define NO_STEP			0
#define WHAT			"funnels"

typedef struct FunnelState
{
	SequenceRows rows;
	SequencePlan *plan;
	SequenceShelf *shelf;		/* NULL: of a worker, still packed */
	SiReader	packed;
} FunnelState;

static FunnelState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (FunnelState *) PG_GETARG_POINTER(n);
}

static FunnelState *
create_state(SequencePlan *plan, SequenceShelf *shelf)
{
	FunnelState *state = sequence_shelf_state(shelf,
											  offsetof(FunnelState, packed));

	state->plan = plan;
	state->shelf = shelf;
	return state;
}

static inline uint64
steps_of_item(const SequencePlan *plan, uint64 item)
{
	if (!plan->funnel.named)
		return item;
	return item == NO_STEP || item > (uint64) plan->names ? 0 :
		plan->name[item - 1].steps;
}

/*
 * The rows in order of time, steps not yet looked up: in the caller's array if
 * they fit, else in one that must be freed.
 */
static SiFunnelRow *
ordered_rows(const FunnelState *state, SiFunnelRow *room)
{
	SiFunnelRow *rows = room;
	int64		n;

	sequence_shelf_settle(state->shelf);
	n = state->rows.count;

	if (n > STACK_ROWS)
		rows = MemoryContextAllocHuge(CurrentMemoryContext,
									  n * sizeof(SiFunnelRow));
	for (int64 i = 0; i < n; i++)
	{
		SequenceRow row = sequence_row(&state->rows, i);

		si_pulse_every(i);
		rows[i].time = row.time;
		rows[i].steps = row.item;
	}
	sequence_sort_rows(n, rows);
	return rows;
}

/* ----- Collecting ----- */

static Datum
return_state(FunctionCallInfo fcinfo, FunnelState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

static inline void
append_row(SequenceShelf *shelf, FunnelState *state, int64 time, uint64 item)
{
	sequence_shelf_append(shelf, &state->rows, time, SI_NO_TIEBREAK, item);
}

/*
 * The plan that a row's arguments describe, which is that of the state; a new
 * state for the first row.  Where all states have one plan, as is the rule, no
 * state is looked at.
 */
static inline const SequencePlan *
plan_of_row(FunctionCallInfo fcinfo, SequenceShelf *shelf,
			FunnelState **state, bool named)
{
	SequencePlan *plan = shelf->plans;

	if (unlikely(*state == NULL))
	{
		plan = sequence_plan_share(fcinfo, 3, named, shelf);
		*state = create_state(plan, shelf);
		return plan;
	}
	if (unlikely(plan->next != NULL))
		plan = (*state)->plan;
	sequence_plan_check(plan, fcinfo, 3, named);
	return plan;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_trans);
Datum
sales_intel_sequence_funnel_trans(PG_FUNCTION_ARGS)
{
	SequenceShelf *shelf = sequence_shelf(si_aggregate_context(fcinfo));
	FunnelState *state = state_argument(fcinfo, 0);
	const SequencePlan *plan;
	SiText		event;
	int64		time;
	int			name;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	plan = plan_of_row(fcinfo, shelf, &state, true);
	time = sequence_time(fcinfo, 1);
	event = sequence_text(fcinfo, 2);
	name = sequence_plan_name(plan, event.data, event.length);
	if (name >= 0)
		append_row(shelf, state, time, name + 1);
	else if (si_funnel_needs_all(&plan->funnel.rule))
		append_row(shelf, state, time, NO_STEP);
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
	SequenceShelf *shelf = sequence_shelf(si_aggregate_context(fcinfo));
	FunnelState *state = state_argument(fcinfo, 0);
	const SequencePlan *plan;
	uint64		steps;
	int64		time;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	plan = plan_of_row(fcinfo, shelf, &state, false);
	time = sequence_time(fcinfo, 1);
	steps = mask_argument(fcinfo, 2, plan->funnel.rule.steps);
	if (steps != 0 || si_funnel_needs_all(&plan->funnel.rule))
		append_row(shelf, state, time, steps);
	PG_RETURN_POINTER(state);
}

/* ----- Between processes ----- */

static void
write_state(SiWriter *out, const FunnelState *state)
{
	const SequenceRows *rows = &state->rows;

	si_write_u8(out, STATE_VERSION);
	si_write_u8(out, rows->is_wide);
	si_write_raw(out, state->plan->funnel.bytes, state->plan->funnel.size);
	for (int64 i = 0; i < (int64) rows->count; i++)
	{
		si_pulse_every(i);
		if (!rows->is_wide)
		{
			si_write_i64(out, rows->array.packed[i]);
			continue;
		}
		si_write_i64(out, rows->array.wide[i].time);
		si_write_u64(out, rows->array.wide[i].item);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_serial);
Datum
sales_intel_sequence_funnel_serial(PG_FUNCTION_ARGS)
{
	FunnelState *state = state_argument(fcinfo, 0);
	SiWriter	writer = {NULL, VARHDRSZ};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	sequence_shelf_settle(state->shelf);
	write_state(&writer, state);
	si_check_serial(writer.size, WHAT);
	bytes = palloc(writer.size);
	SET_VARSIZE(bytes, writer.size);
	writer.out = (uint8_t *) bytes;
	writer.size = VARHDRSZ;
	write_state(&writer, state);
	PG_RETURN_BYTEA_P(bytes);
}

/* The bytes live as long as what they are combined with needs them. */
PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_deserial);
Datum
sales_intel_sequence_funnel_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	FunnelState *state = palloc0(sizeof(FunnelState));

	(void) si_aggregate_context(fcinfo);
	state->packed = si_reader(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	PG_RETURN_POINTER(state);
}

static void
add_words(FunnelState *state, SiReader *in)
{
	si_read_check(in, in->left % sizeof(int64) == 0);
	if (!in->bad)
		sequence_rows_append_words(&state->rows, in->left / sizeof(int64),
								   in->at, state->shelf->context, WHAT);
}

static void
add_wide(FunnelState *state, SiReader *in)
{
	for (int64 i = 0; in->left > 0; i++)
	{
		int64		time = si_read_i64(in);
		uint64		item = si_read_u64(in);

		si_pulse_every(i);
		append_row(state->shelf, state, time, item);
	}
}

/* The state with the rows of a worker; made if there is none yet. */
static FunnelState *
add_packed(FunnelState *state, SiReader in, SequenceShelf *shelf)
{
	SiFunnelPlan plan;
	bool		wide;

	si_read_check(&in, si_read_u8(&in) == STATE_VERSION);
	wide = si_read_u8(&in) != 0;
	si_funnel_plan_read(&in, &plan);
	if (in.bad)
		elog(ERROR, "damaged state of funnel_agg");
	if (state == NULL)
		state = create_state(sequence_plan_share_copy(&plan, shelf), shelf);
	else
		sequence_plan_check_same(&state->plan->funnel, &plan);
	if (wide)
		add_wide(state, &in);
	else
		add_words(state, &in);
	if (in.bad)
		elog(ERROR, "damaged state of funnel_agg");
	return state;
}

static FunnelState *
add_state(FunnelState *state, FunnelState *from, SequenceShelf *shelf)
{
	if (state == NULL)
		state = create_state(sequence_plan_share_copy(&from->plan->funnel,
													  shelf), shelf);
	else
		sequence_plan_check_same(&state->plan->funnel, &from->plan->funnel);
	sequence_shelf_settle(from->shelf);
	for (int64 i = 0; i < (int64) from->rows.count; i++)
	{
		SequenceRow row = sequence_row(&from->rows, i);

		si_pulse_every(i);
		append_row(shelf, state, row.time, row.item);
	}
	return state;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_combine);
Datum
sales_intel_sequence_funnel_combine(PG_FUNCTION_ARGS)
{
	SequenceShelf *shelf = sequence_shelf(si_aggregate_context(fcinfo));
	FunnelState *state = state_argument(fcinfo, 0);
	FunnelState *from = state_argument(fcinfo, 1);

	if (from == NULL)
		return return_state(fcinfo, state);
	if (from->shelf == NULL)
		PG_RETURN_POINTER(add_packed(state, from->packed, shelf));
	PG_RETURN_POINTER(add_state(state, from, shelf));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_final);
Datum
sales_intel_sequence_funnel_final(PG_FUNCTION_ARGS)
{
	FunnelState *state = state_argument(fcinfo, 0);
	SiFunnelRow room[STACK_ROWS];
	SiFunnelRow *rows = ordered_rows(state, room);
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	for (int64 i = 0; i < (int64) state->rows.count; i++)
	{
		si_pulse_every(i);
		rows[i].steps = steps_of_item(state->plan, rows[i].steps);
	}
	value = sequence_pack_funnel(&state->plan->funnel, state->rows.count,
								 rows, NULL);
	if (rows != room)
		pfree(rows);
	PG_RETURN_POINTER(value);
}
