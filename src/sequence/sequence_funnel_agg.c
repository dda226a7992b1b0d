/*
 * sequence_funnel_agg.c
 *	  The aggregates that make a funnel of one entity's rows: funnel_agg,
 *	  funnel_mask_agg.
 *
 * The state keeps the rows that are steps (under strict_order all), in any
 * order.  A row is packed into eight bytes: its time, and a mark of seven bits
 * that says which steps it satisfies: the number of its name, or the set
 * itself if there are up to seven steps.  Where that does not do (the year is
 * 4300, say), the rows of a state become wide ones.
 *
 * In a group table of many entities what counts is how much memory a row
 * touches.  So the latest rows stand beside the head of the state, and only
 * every fourth one goes to the array, with those before.
 *
 * Rows of one time happen together: nothing depends on the order in which they
 * came.  Between processes the state travels as version, plan, and the rows in
 * order, as distances of time and sets of steps.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"
#include "sequence/sequence_funnel.h"
#include "sequence/sequence_plan.h"

#define RECENT_ROWS		4		/* a power of two */
#define FIRST_ROWS		4
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */
#define STATE_VERSION	1
#define STACK_ROWS		64		/* unpacked without allocating */
#define WHAT			"funnels"

#define MARK_BITS		7
#define MARK_MASK		((1 << MARK_BITS) - 1)

typedef struct FunnelState
{
	SequencePlan *plan;
	union
	{
		int64	   *packed;
		SiFunnelRow *wide;
	}			rows;			/* but for the recent ones */
	uint64		is_wide : 1;
	uint64		count : 63;
	int64		capacity;
	int64		recent[RECENT_ROWS];	/* packed */
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
	state->is_wide = !plan->funnel.named &&
		plan->funnel.rule.steps > MARK_BITS;
	return state;
}

/* ----- Rows ----- */

/* The mark of a set of steps, as rows of this plan have them. */
static int64
mark_of_steps(const SequencePlan *plan, uint64 steps)
{
	if (!plan->funnel.named)
		return (int64) (steps & MARK_MASK);
	for (int i = 0; i < plan->names; i++)
	{
		if (plan->name[i].steps == steps)
			return i + 1;
	}
	return 0;
}

static inline uint64
steps_of_mark(const SequencePlan *plan, int64 mark)
{
	if (!plan->funnel.named)
		return (uint64) mark;
	return mark > 0 ? plan->name[mark - 1].steps : 0;
}

/* How many rows of a packed state are in the array. */
static inline int64
stored_rows(const FunnelState *state)
{
	return state->count / RECENT_ROWS * RECENT_ROWS;
}

static inline int64
packed_row(const FunnelState *state, int64 i)
{
	return i < stored_rows(state) ? state->rows.packed[i] :
		state->recent[i % RECENT_ROWS];
}

/* Copies the state's rows to an array that has room for them. */
static void
unpack_rows(const FunnelState *state, SiFunnelRow *rows)
{
	if (state->is_wide)
	{
		if (state->count > 0)
			memcpy(rows, state->rows.wide, state->count * sizeof(SiFunnelRow));
		return;
	}
	for (int64 i = 0; i < (int64) state->count; i++)
	{
		int64		packed = packed_row(state, i);

		si_pulse_every(i);
		rows[i].time = packed >> MARK_BITS;
		rows[i].steps = steps_of_mark(state->plan, packed & MARK_MASK);
	}
}

/*
 * The rows in order of time: in the caller's array if they fit, else in one
 * that must be freed.
 */
static SiFunnelRow *
ordered_rows(const FunnelState *state, SiFunnelRow *room)
{
	SiFunnelRow *rows = room;

	if (state->count > STACK_ROWS)
		rows = MemoryContextAllocHuge(CurrentMemoryContext,
									  state->count * sizeof(SiFunnelRow));
	unpack_rows(state, rows);
	sequence_sort_rows(state->count, rows);
	return rows;
}

/* Room for all rows that there are now. */
static void
reserve_rows(FunnelState *state, MemoryContext context)
{
	int64		capacity = Max(state->capacity, FIRST_ROWS);
	Size		bytes;

	while (capacity < (int64) state->count)
		capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	bytes = capacity *
		(state->is_wide ? sizeof(SiFunnelRow) : sizeof(int64));
	si_check_memory(context, bytes, WHAT, false);
	if (state->rows.packed == NULL)
		state->rows.packed = MemoryContextAllocHuge(context, bytes);
	else
		state->rows.packed = repalloc_huge(state->rows.packed, bytes);
	state->capacity = capacity;
}

/* From now on rows are wide. */
static void
widen_rows(FunnelState *state, MemoryContext context)
{
	int64		capacity = Max(state->capacity, 2 * RECENT_ROWS) + RECENT_ROWS;
	SiFunnelRow *wide;

	si_check_memory(context, capacity * sizeof(SiFunnelRow), WHAT, false);
	wide = MemoryContextAllocHuge(context, capacity * sizeof(SiFunnelRow));
	unpack_rows(state, wide);
	if (state->rows.packed != NULL)
		pfree(state->rows.packed);
	state->rows.wide = wide;
	state->capacity = capacity;
	state->is_wide = true;
}

/* The recent rows are as many as there may be. */
static void
store_recent(FunnelState *state, MemoryContext context)
{
	int64		stored = state->count - RECENT_ROWS;

	if (state->count > state->capacity)
		reserve_rows(state, context);
	memcpy(state->rows.packed + stored, state->recent, sizeof(state->recent));
}

static inline void
append_packed(FunnelState *state, int64 packed, MemoryContext context)
{
	state->recent[state->count++ % RECENT_ROWS] = packed;
	if (state->count % RECENT_ROWS == 0)
		store_recent(state, context);
}

static void
append_wide(FunnelState *state, int64 time, uint64 steps,
			MemoryContext context)
{
	SiFunnelRow *row;

	state->count++;
	if (state->count > state->capacity)
		reserve_rows(state, context);
	row = &state->rows.wide[state->count - 1];
	row->time = time;
	row->steps = steps;
}

static inline void
append_row(FunnelState *state, int64 time, int64 mark, uint64 steps,
		   MemoryContext context)
{
	int64		shifted = (int64) ((uint64) time << MARK_BITS);

	if (unlikely(!state->is_wide && shifted >> MARK_BITS != time))
		widen_rows(state, context);
	if (likely(!state->is_wide))
		append_packed(state, shifted | mark, context);
	else
		append_wide(state, time, steps, context);
}

/* Packed rows go to a packed state as they are. */
static void
append_rows(FunnelState *state, const FunnelState *from,
			MemoryContext context)
{
	SiFunnelRow *rows;
	int64		n = from->count;

	if (!state->is_wide && !from->is_wide)
	{
		for (int64 i = 0; i < n; i++)
		{
			si_pulse_every(i);
			append_packed(state, packed_row(from, i), context);
		}
		return;
	}
	rows = MemoryContextAllocHuge(CurrentMemoryContext,
								  (n + 1) * sizeof(SiFunnelRow));
	unpack_rows(from, rows);
	for (int64 i = 0; i < n; i++)
	{
		si_pulse_every(i);
		append_row(state, rows[i].time,
				   mark_of_steps(state->plan, rows[i].steps), rows[i].steps,
				   context);
	}
	pfree(rows);
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
	SiText		event;
	int64		time;
	int			name;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(sequence_plan_share(fcinfo, 3, true, context),
							 context);
	else
		sequence_plan_check(state->plan, fcinfo, 3, true);
	time = sequence_time(fcinfo, 1);
	event = sequence_text(fcinfo, 2);
	name = sequence_plan_name(state->plan, event.data, event.length);
	if (name >= 0)
		append_row(state, time, name + 1, state->plan->name[name].steps,
				   context);
	else if (si_funnel_needs_all(&state->plan->funnel.rule))
		append_row(state, time, 0, 0, context);
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
		append_row(state, time, steps & MARK_MASK, steps, context);
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
	append_rows(state, from, context);
	PG_RETURN_POINTER(state);
}

/* ----- Between processes ----- */

static void
write_state(SiWriter *out, const FunnelState *state, const SiFunnelRow *rows)
{
	uint64		last = 0;

	si_write_u8(out, STATE_VERSION);
	si_write_raw(out, state->plan->funnel.bytes, state->plan->funnel.size);
	for (int64 i = 0; i < (int64) state->count; i++)
	{
		si_pulse_every(i);
		si_write_varint(out, (uint64) rows[i].time - last);
		si_write_varint(out, rows[i].steps);
		last = (uint64) rows[i].time;
	}
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_serial);
Datum
sales_intel_sequence_funnel_serial(PG_FUNCTION_ARGS)
{
	FunnelState *state = state_argument(fcinfo, 0);
	SiFunnelRow room[STACK_ROWS];
	SiFunnelRow *rows = ordered_rows(state, room);
	SiWriter	writer = {NULL, 0};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	write_state(&writer, state, rows);
	si_check_serial(writer.size, WHAT);
	bytes = palloc(VARHDRSZ + writer.size);
	SET_VARSIZE(bytes, VARHDRSZ + writer.size);
	writer.out = (uint8_t *) VARDATA(bytes);
	writer.size = 0;
	write_state(&writer, state, rows);
	if (rows != room)
		pfree(rows);
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
		uint64		steps = si_read_varint(&in);

		append_row(state, (int64) time, mark_of_steps(state->plan, steps),
				   steps, context);
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
	SiFunnelRow room[STACK_ROWS];
	SiFunnelRow *rows = ordered_rows(state, room);
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	value = sequence_pack_funnel(&state->plan->funnel, state->count, rows,
								 NULL);
	if (rows != room)
		pfree(rows);
	PG_RETURN_POINTER(value);
}
