/*
 * sequence_transition_keyed.c
 *	  transition_summary_agg: the transitions of all entities in one state.
 *
 * A GROUP BY over very many entities spends most of its time in the group
 * table.  Here events go to a store.  The end brings those of each entity
 * together, by counting, a part of the entities at a time so that the copy
 * stays small, puts them in order and counts the transitions.
 *
 * Between processes the state travels as version, names, and for each entity
 * its key and its events in order.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"
#include "sequence/sequence_cells.h"
#include "sequence/sequence_store.h"

#define PART_EVENTS		1000000 /* sorted at a time, or an eighth of all */
#define SHORT_ENTITY	64		/* insertion beats a radix sort below this */
#define STATE_VERSION	1
#define WHAT			SEQUENCE_CELLS_WHAT

typedef struct KeyedState
{
	SequenceNames names;		/* of events */
	SequenceRecent recent;		/* among them */
	SequenceStore store;
} KeyedState;

static KeyedState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (KeyedState *) PG_GETARG_POINTER(n);
}

static KeyedState *
create_state(bool text_keys, MemoryContext context)
{
	KeyedState *state = MemoryContextAllocZero(context, sizeof(KeyedState));

	state->store.text_keys = text_keys;
	return state;
}

/* ----- Collecting ----- */

static inline uint32
name_code(KeyedState *state, SiText name, MemoryContext context)
{
	return sequence_names_recent(&state->names, &state->recent, name, context,
								 WHAT);
}

/* One row: entity, at, event. */
static inline Datum
add_row(FunctionCallInfo fcinfo, bool text_keys)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	KeyedState *state = state_argument(fcinfo, 0);
	uint32		name;
	int64		time;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
	{
		if (state == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(state);
	}
	if (unlikely(state == NULL))
		state = create_state(text_keys, context);
	time = sequence_time(fcinfo, 2);
	name = name_code(state, sequence_text(fcinfo, 3), context);
	if (text_keys)
		sequence_store_add_text(&state->store, sequence_text(fcinfo, 1), time,
								name, context);
	else
		sequence_store_add_number(&state->store, PG_GETARG_INT64(1), time,
								  name, context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_text_trans);
Datum
sales_intel_sequence_transition_text_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_bigint_trans);
Datum
sales_intel_sequence_transition_bigint_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, false);
}

/* The codes here of a worker's names. */
static uint32 *
translate_names(KeyedState *state, const KeyedState *from,
				MemoryContext context)
{
	uint32		count = from->names.count;
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  (count + 1) * sizeof(uint32));

	for (uint32 i = 0; i < count; i++)
	{
		si_pulse_every(i);
		code[i] = name_code(state, sequence_name(&from->names, i), context);
	}
	return code;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_keyed_combine);
Datum
sales_intel_sequence_transition_keyed_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	KeyedState *state = state_argument(fcinfo, 0);
	KeyedState *from = state_argument(fcinfo, 1);
	uint32	   *name;

	if (from == NULL && state == NULL)
		PG_RETURN_NULL();
	if (from == NULL)
		PG_RETURN_POINTER(state);
	if (state == NULL)
		state = create_state(from->store.text_keys, context);
	name = translate_names(state, from, context);
	sequence_store_settle(&from->store, context);
	sequence_store_add_store(&state->store, &from->store, name, context);
	pfree(name);
	PG_RETURN_POINTER(state);
}

/* ----- Bringing entities together ----- */

/*
 * A part of the entities, low to high - 1.  An event is its time, in the order
 * of unsigned numbers, and the place of its name.
 */
typedef struct KeyedPart
{
	const KeyedState *state;
	const uint32 *rank;			/* by code of a name */
	uint32	   *count;			/* events of each entity */
	uint32		low;
	uint32		high;
	int64		room;
	int64	   *end;			/* behind the last event, by entity - low */
	SiKeyed    *events;
	SiKeyed    *scratch;		/* for the longest entity */
} KeyedPart;

#define TIME_SIGN	(UINT64_C(1) << 63)

static void
start_parts(KeyedPart *part)
{
	uint32		entities = sequence_store_entities(&part->state->store);
	uint32		most = 0;

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
	for (uint32 i = 0; i < entities; i++)
		most = Max(most, part->count[i]);
	part->scratch = MemoryContextAllocHuge(CurrentMemoryContext,
										   (most + 1) * sizeof(SiKeyed));
	part->end = MemoryContextAllocHuge(CurrentMemoryContext,
									   (entities + 1) * sizeof(int64));
}

/* The next entities whose events fit, at least one; false after the last. */
static bool
next_part(KeyedPart *part)
{
	uint32		entities = sequence_store_entities(&part->state->store);
	int64		limit = Max(PART_EVENTS, part->state->store.count / 8);
	int64		events = 0;

	part->low = part->high;
	while (part->high < entities && (part->high == part->low ||
									 events + part->count[part->high] <= limit))
		events += part->count[part->high++];
	if (part->low == part->high)
		return false;
	if (events > part->room)
	{
		if (part->events != NULL)
			pfree(part->events);
		part->room = Max(events, Min(limit, part->state->store.count));
		part->events = MemoryContextAllocHuge(CurrentMemoryContext,
											  part->room * sizeof(SiKeyed));
	}
	return true;
}

static void
gather_events(KeyedPart *part)
{
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
			SiKeyed    *event;

			if (entity >= entities)
				continue;
			event = &part->events[part->end[entity]++];
			event->key = (uint64) chunk->time[i] ^ TIME_SIGN;
			event->item = part->rank[sequence_store_name(chunk, i)];
		}
	}
}

static inline bool
comes_after(const SiKeyed *a, const SiKeyed *b)
{
	return a->key > b->key || (a->key == b->key && a->item > b->item);
}

/* By time, and names of one time bytewise. */
static void
sort_events(int64 n, SiKeyed *events, SiKeyed *scratch)
{
	int64		sorted = 1;

	while (sorted < n && !comes_after(&events[sorted - 1], &events[sorted]))
		sorted++;
	if (sorted < n && n > SHORT_ENTITY)
	{
		si_sort_pairs(n, events, scratch, si_pulse);
		return;
	}
	for (int64 i = sorted; i < n; i++)
	{
		SiKeyed		event = events[i];
		int64		k;

		for (k = i; k > 0 && comes_after(&events[k - 1], &event); k--)
			events[k] = events[k - 1];
		events[k] = event;
	}
}

/* What to do with the events of one entity, in order. */
typedef void (*KeyedVisit) (const KeyedState *state, uint32 entity, int64 n,
							const SiKeyed *events, void *arg);

static void
visit_entities(const KeyedState *state, const uint32 *rank, KeyedVisit visit,
			   void *arg)
{
	KeyedPart	part = {.state = state, .rank = rank};

	start_parts(&part);
	while (next_part(&part))
	{
		gather_events(&part);
		for (uint32 i = part.low; i < part.high; i++)
		{
			SiKeyed    *events = part.events + part.end[i - part.low] -
				part.count[i];

			si_pulse_every(i);
			sort_events(part.count[i], events, part.scratch);
			visit(state, i, part.count[i], events, arg);
		}
	}
	pfree(part.count);
	pfree(part.end);
	pfree(part.scratch);
	if (part.events != NULL)
		pfree(part.events);
}

/* ----- The end ----- */

static void
count_entity(const KeyedState *state, uint32 entity, int64 n,
			 const SiKeyed *events, void *arg)
{
	SequenceCells *cells = arg;
	uint32		from = 0;

	for (int64 i = 0; i < n; i++)
	{
		uint32		to = (uint32) events[i].item + 1;
		SequenceCell *cell = sequence_cell(cells, from, to);

		si_pulse_every(i + 1);
		sequence_cell_count(cell, 1);
		if (from > 0)
			sequence_cell_wait(cells, cell, events[i].key - events[i - 1].key);
		from = to;
	}
	sequence_cell_count(sequence_cell(cells, from, 0), 1);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_keyed_final);
Datum
sales_intel_sequence_transition_keyed_final(PG_FUNCTION_ARGS)
{
	KeyedState *state = state_argument(fcinfo, 0);
	SequenceCells cells = {0};
	struct varlena *value;
	SiText	   *name;
	uint32	   *rank;

	sequence_store_settle(&state->store, si_aggregate_context(fcinfo));
	name = sequence_names_order(&state->names, &rank);
	cells.context = AllocSetContextCreate(CurrentMemoryContext, "transitions",
										  ALLOCSET_DEFAULT_SIZES);
	visit_entities(state, rank, count_entity, &cells);
	value = sequence_cells_pack(&cells, state->names.count, name, NULL);
	MemoryContextDelete(cells.context);
	PG_RETURN_POINTER(value);
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
			 const SiKeyed *events, void *arg)
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
		si_pulse_every(i + 1);
		si_write_varint(&output->writer, events[i].key - last);
		si_write_varint(&output->writer, events[i].item);
		last = events[i].key;
	}
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_keyed_serial);
Datum
sales_intel_sequence_transition_keyed_serial(PG_FUNCTION_ARGS)
{
	KeyedState *state = state_argument(fcinfo, 0);
	KeyedOutput output = {{NULL, VARHDRSZ}, 0, NULL};
	SiText	   *name;
	uint32	   *rank;

	sequence_store_settle(&state->store, si_aggregate_context(fcinfo));
	name = sequence_names_order(&state->names, &rank);
	output.number = sequence_keys_list(&state->store.numbers);
	output.room = VARHDRSZ + 64 + state->names.used +
		state->names.count * sizeof(uint32) + state->store.count * 8;
	output.writer.out = MemoryContextAllocHuge(CurrentMemoryContext,
											   output.room);
	si_write_u8(&output.writer, STATE_VERSION);
	si_write_u8(&output.writer, state->store.text_keys);
	si_write_u32(&output.writer, state->names.count);
	for (uint32 i = 0; i < state->names.count; i++)
		si_write_text(&output.writer, name[i]);
	visit_entities(state, rank, write_entity, &output);
	si_check_serial(output.writer.size, WHAT);
	SET_VARSIZE(output.writer.out, output.writer.size);
	PG_RETURN_BYTEA_P(output.writer.out);
}

static void
read_entity(KeyedState *state, SiReader *in, MemoryContext context)
{
	SequenceStore *store = &state->store;
	uint32		entity = store->text_keys ?
		sequence_store_text(store, si_read_text(in), context) :
		sequence_store_number(store, si_read_i64(in), context);
	uint64		n = si_read_varint(in);
	uint64		key = 0;

	for (uint64 i = 0; i < n && !in->bad; i++)
	{
		uint64		name;

		si_pulse_every(i + 1);
		key += si_read_varint(in);
		name = si_read_varint(in);
		si_read_check(in, name < state->names.count);
		sequence_store_append(store, (int64) (key ^ TIME_SIGN), entity,
							  (uint32) name, context);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_keyed_deserial);
Datum
sales_intel_sequence_transition_keyed_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	in = si_reader(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	MemoryContext context = CurrentMemoryContext;
	KeyedState *state;
	uint32		names;

	(void) si_aggregate_context(fcinfo);
	si_read_check(&in, si_read_u8(&in) == STATE_VERSION);
	state = create_state(si_read_u8(&in) != 0, context);
	names = si_read_count(&in, PG_INT32_MAX, sizeof(uint32));
	for (uint32 i = 0; i < names && !in.bad; i++)
		(void) name_code(state, si_read_text(&in), context);
	while (in.left > 0)
		read_entity(state, &in, context);
	if (in.bad)
		elog(ERROR, "damaged state of transition_summary_agg");
	PG_RETURN_POINTER(state);
}
