/*
 * sequence_keyed.c
 *	  funnel_summary_agg: the funnels of all entities in one state.
 *
 * A GROUP BY over very many entities spends most of its time in the group
 * table.  Here events that are steps go to a store.  The end sorts them by
 * entity, by counting, a part of the entities at a time so that the sorted copy
 * stays small, and follows each entity through the steps.
 *
 * Between processes the state travels as version, plan, and for each entity
 * its key and its events in order.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/funnel/sequence_funnel.h"
#include "sequence/funnel/sequence_plan.h"
#include "sequence/funnel/sequence_totals.h"
#include "sequence/sequence.h"
#include "sequence/sequence_store.h"

#define PART_EVENTS		1000000 /* sorted at a time, or a quarter of all */
#define NO_NAME			UINT8_MAX	/* an event that is no step */
#define STATE_VERSION	1
#define WHAT			"funnel summaries"

typedef struct KeyedState
{
	SequencePlan *plan;
	bool		needs_all;
	SiReader	packed;			/* of a worker's state: entities to come */
	SequenceStore store;
} KeyedState;

static KeyedState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (KeyedState *) PG_GETARG_POINTER(n);
}

static KeyedState *
create_state(SequencePlan *plan, bool text_keys, MemoryContext context)
{
	KeyedState *state = MemoryContextAllocZero(context, sizeof(KeyedState));

	state->plan = plan;
	state->needs_all = si_funnel_needs_all(&plan->funnel.rule);
	state->store.text_keys = text_keys;
	return state;
}

/* ----- Collecting ----- */

/* One row: entity, at, event, steps, within and, if there is one, mode. */
static inline Datum
add_row(FunctionCallInfo fcinfo, bool text_keys)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	KeyedState *state = state_argument(fcinfo, 0);
	SiText		event;
	int64		time;
	int			name;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (unlikely(state == NULL))
		state = create_state(sequence_plan_create(fcinfo, 4, true, context),
							 text_keys, context);
	else
		sequence_plan_check(state->plan, fcinfo, 4, true);
	time = sequence_time(fcinfo, 2);
	event = sequence_text(fcinfo, 3);
	name = sequence_plan_name(state->plan, event.data, event.length);
	if (name < 0 && !state->needs_all)
		PG_RETURN_POINTER(state);
	if (name < 0)
		name = NO_NAME;
	if (text_keys)
		sequence_store_add_text(&state->store, sequence_text(fcinfo, 1), time,
								name, context);
	else
		sequence_store_add_number(&state->store, PG_GETARG_INT64(1), time,
								  name, context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_keyed_text_trans);
Datum
sales_intel_sequence_keyed_text_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_keyed_bigint_trans);
Datum
sales_intel_sequence_keyed_bigint_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, false);
}

/* ----- Sorting by entity ----- */

/* A part of the entities, low to high - 1, with their rows together. */
typedef struct KeyedPart
{
	const KeyedState *state;
	uint32	   *count;			/* rows of each entity */
	uint32		low;
	uint32		high;
	int64		room;
	int64	   *end;			/* behind the last row, by entity - low */
	SiFunnelRow *rows;
} KeyedPart;

static void
count_rows(KeyedPart *part)
{
	uint32		entities = sequence_store_entities(&part->state->store);

	part->count = MemoryContextAllocExtended(CurrentMemoryContext,
											 (entities + 1) * sizeof(uint32),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (const StoreChunk *chunk = part->state->store.first; chunk;
		 chunk = chunk->next)
	{
		si_pulse();
		for (int i = 0; i < chunk->count; i++)
			part->count[chunk->entity[i]]++;
	}
}

/* The next entities whose rows fit, at least one; false after the last. */
static bool
next_entities(KeyedPart *part)
{
	uint32		entities = sequence_store_entities(&part->state->store);
	int64		limit = Max(PART_EVENTS, part->state->store.count / 4);
	int64		rows = 0;

	part->low = part->high;
	while (part->high < entities && (part->high == part->low ||
									 rows + part->count[part->high] <= limit))
		rows += part->count[part->high++];
	if (part->low == part->high)
		return false;
	if (rows > part->room)
	{
		if (part->rows != NULL)
			pfree(part->rows);
		part->room = Max(rows, Min(limit, part->state->store.count));
		part->rows = MemoryContextAllocHuge(CurrentMemoryContext, part->room *
											sizeof(SiFunnelRow));
	}
	return true;
}

/* Brings the rows of the part's entities together. */
static void
gather_rows(KeyedPart *part)
{
	const SequenceStep *name = part->state->plan->name;
	uint32		entities = part->high - part->low;
	int64		place = 0;

	for (uint32 i = 0; i < entities; i++)
	{
		part->end[i] = place;
		place += part->count[part->low + i];
	}
	for (const StoreChunk *chunk = part->state->store.first; chunk;
		 chunk = chunk->next)
	{
		si_pulse();
		for (int i = 0; i < chunk->count; i++)
		{
			uint32		entity = chunk->entity[i] - part->low;
			SiFunnelRow *row;

			if (entity >= entities)
				continue;
			row = &part->rows[part->end[entity]++];
			row->time = chunk->time[i];
			row->steps = chunk->name[i] == NO_NAME ? 0 :
				name[chunk->name[i]].steps;
		}
	}
}

/* What to do with the rows of one entity, in order of time. */
typedef void (*KeyedVisit) (const KeyedState *state, uint32 entity, int64 n,
							const SiFunnelRow *rows, void *arg);

static void
visit_entities(const KeyedState *state, KeyedVisit visit, void *arg)
{
	KeyedPart	part = {.state = state};
	Size		entities = sequence_store_entities(&state->store);

	count_rows(&part);
	part.end = MemoryContextAllocHuge(CurrentMemoryContext,
									  (entities + 1) * sizeof(int64));
	while (next_entities(&part))
	{
		gather_rows(&part);
		for (uint32 i = part.low; i < part.high; i++)
		{
			SiFunnelRow *rows = part.rows + part.end[i - part.low] -
				part.count[i];

			si_pulse_every(i);
			sequence_sort_rows(part.count[i], rows);
			visit(state, i, part.count[i], rows, arg);
		}
	}
	pfree(part.count);
	pfree(part.end);
	if (part.rows != NULL)
		pfree(part.rows);
}

/* ----- The end ----- */

static void
total_entity(const KeyedState *state, uint32 entity, int64 n,
			 const SiFunnelRow *rows, void *arg)
{
	int64		times[SI_FUNNEL_STEPS];
	int			level = si_funnel_scan(&state->plan->funnel.rule, n, rows, NULL,
									   times, si_pulse);

	sequence_totals_add(arg, level, times, CurrentMemoryContext);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_keyed_final);
Datum
sales_intel_sequence_keyed_final(PG_FUNCTION_ARGS)
{
	KeyedState *state = state_argument(fcinfo, 0);
	SequenceTotals *totals;

	sequence_store_settle(&state->store, si_aggregate_context(fcinfo));
	totals = sequence_totals_create(&state->plan->funnel,
									CurrentMemoryContext);
	visit_entities(state, total_entity, totals);
	PG_RETURN_POINTER(sequence_totals_pack(totals));
}

/* ----- Between processes ----- */

/* A buffer that grows; the reader of a worker's state is the leader. */
typedef struct KeyedOutput
{
	SiWriter	writer;
	Size		room;
	int64	   *number;			/* of entities by bigint */
} KeyedOutput;

static void
reserve_output(KeyedOutput *output, Size more)
{
	Size		room = output->room;

	if (output->writer.size + more <= room)
		return;
	si_check_serial(output->writer.size + more, WHAT);
	while (room < output->writer.size + more)
		room *= 2;
	output->writer.out = repalloc_huge(output->writer.out, room);
	output->room = room;
}

/* Key, number of events, and each one's distance in time and name. */
static void
write_entity(const KeyedState *state, uint32 entity, int64 n,
			 const SiFunnelRow *rows, void *arg)
{
	KeyedOutput *output = arg;
	SiText		text = {NULL, 0};
	uint64		last = 0;

	if (state->store.text_keys)
		text = sequence_name(&state->store.texts, entity);
	reserve_output(output, 20 + text.length + n * 20);
	if (state->store.text_keys)
		si_write_text(&output->writer, text);
	else
		si_write_i64(&output->writer, output->number[entity]);
	si_write_varint(&output->writer, n);
	for (int64 i = 0; i < n; i++)
	{
		si_pulse_every(i);
		si_write_varint(&output->writer, (uint64) rows[i].time - last);
		si_write_varint(&output->writer, rows[i].steps);
		last = (uint64) rows[i].time;
	}
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_keyed_serial);
Datum
sales_intel_sequence_keyed_serial(PG_FUNCTION_ARGS)
{
	KeyedState *state = state_argument(fcinfo, 0);
	const SiFunnelPlan *plan = &state->plan->funnel;
	KeyedOutput output = {{NULL, VARHDRSZ}, 0, NULL};

	sequence_store_settle(&state->store, si_aggregate_context(fcinfo));
	output.number = sequence_keys_list(&state->store.numbers);
	output.room = VARHDRSZ + plan->size + 16 + state->store.count * 8;
	output.writer.out = MemoryContextAllocHuge(CurrentMemoryContext,
											   output.room);
	si_write_u8(&output.writer, STATE_VERSION);
	si_write_u8(&output.writer, state->store.text_keys);
	si_write_raw(&output.writer, plan->bytes, plan->size);
	visit_entities(state, write_entity, &output);
	si_check_serial(output.writer.size, WHAT);
	SET_VARSIZE(output.writer.out, output.writer.size);
	PG_RETURN_BYTEA_P(output.writer.out);
}

/* The name of a set of steps: each step has one name. */
static uint8
name_of_steps(const SequencePlan *plan, uint64 steps)
{
	for (int i = 0; i < plan->names; i++)
	{
		if (plan->name[i].steps == steps)
			return i;
	}
	return NO_NAME;
}

static void
read_entity(KeyedState *state, SiReader *in, MemoryContext context)
{
	SequenceStore *store = &state->store;
	uint32		entity = store->text_keys ?
		sequence_store_text(store, si_read_text(in), context) :
		sequence_store_number(store, si_read_i64(in), context);
	uint64		n = si_read_varint(in);
	uint64		time = 0;

	for (uint64 i = 0; i < n && !in->bad; i++)
	{
		si_pulse_every(i);
		time += si_read_varint(in);
		sequence_store_append(store, (int64) time, entity,
							  name_of_steps(state->plan, si_read_varint(in)),
							  context);
	}
}

/*
 * The state of a worker is unpacked only when it is added to another one:
 * twice over all events would make workers not worth their while.
 */
PG_FUNCTION_INFO_V1(sales_intel_sequence_keyed_deserial);
Datum
sales_intel_sequence_keyed_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_P_COPY(0);
	SiReader	in = si_reader(VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ);
	SiFunnelPlan plan;
	KeyedState *state;
	bool		text_keys;

	(void) si_aggregate_context(fcinfo);
	si_read_check(&in, si_read_u8(&in) == STATE_VERSION);
	text_keys = si_read_u8(&in) != 0;
	si_funnel_plan_read(&in, &plan);
	if (in.bad)
		elog(ERROR, "damaged state of funnel_summary_agg");
	state = create_state(sequence_plan_copy(&plan, CurrentMemoryContext),
						 text_keys, CurrentMemoryContext);
	state->packed = in;
	PG_RETURN_POINTER(state);
}

/* ----- Adding states ----- */

static void
add_packed(KeyedState *state, SiReader in, MemoryContext context)
{
	while (in.left > 0)
		read_entity(state, &in, context);
	if (in.bad)
		elog(ERROR, "damaged state of funnel_summary_agg");
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_keyed_combine);
Datum
sales_intel_sequence_keyed_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	KeyedState *state = state_argument(fcinfo, 0);
	KeyedState *from = state_argument(fcinfo, 1);

	if (from == NULL && state == NULL)
		PG_RETURN_NULL();
	if (from == NULL)
		PG_RETURN_POINTER(state);
	if (state == NULL)
		state = create_state(sequence_plan_copy(&from->plan->funnel, context),
							 from->store.text_keys, context);
	sequence_plan_check_same(&state->plan->funnel, &from->plan->funnel);
	add_packed(state, from->packed, context);
	sequence_store_settle(&from->store, context);
	sequence_store_add_store(&state->store, &from->store, NULL, context);
	PG_RETURN_POINTER(state);
}
