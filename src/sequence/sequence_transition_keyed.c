/*
 * sequence_transition_keyed.c
 *	  transition_summary_agg: the transitions of all entities in one state.
 *
 * A GROUP BY over very many entities spends most of its time in the group
 * table.  Here events are appended to chunks: time, number of the entity,
 * number of the name.  The end brings the events of each entity together, by
 * counting, a part of the entities at a time so that the copy stays small,
 * puts them in order and counts its transitions.
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
#include "sequence/sequence_keys.h"
#include "sequence/sequence_names.h"

#define FIRST_CHUNK		64
#define LAST_CHUNK		65536	/* events; chunks double up to this */
#define EVENT_SIZE		(sizeof(int64) + 2 * sizeof(uint32))
#define PART_EVENTS		1000000 /* sorted at a time, or a quarter of all */
#define SHORT_ENTITY	64		/* insertion beats a radix sort below this */
#define STATE_VERSION	1
#define WHAT			SEQUENCE_CELLS_WHAT

typedef struct KeyedChunk
{
	struct KeyedChunk *next;
	int			count;
	int			capacity;
	int64	   *time;
	uint32	   *entity;
	uint32	   *name;
} KeyedChunk;

typedef struct KeyedState
{
	bool		text_keys;
	SequenceNames texts;		/* of entities */
	SequenceKeys keys;
	SequenceNames names;		/* of events */
	int64		count;
	KeyedChunk *first;
	KeyedChunk *last;
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

	state->text_keys = text_keys;
	return state;
}

static inline uint32
entity_count(const KeyedState *state)
{
	return state->text_keys ? state->texts.count : state->keys.count;
}

/* ----- Collecting ----- */

static void
add_chunk(KeyedState *state, MemoryContext context)
{
	int			capacity = state->last == NULL ? FIRST_CHUNK :
		Min(2 * state->last->capacity, LAST_CHUNK);
	Size		size = sizeof(KeyedChunk) + capacity * EVENT_SIZE;
	KeyedChunk *chunk;

	si_check_memory(context, size, WHAT, false);
	chunk = MemoryContextAlloc(context, size);
	chunk->next = NULL;
	chunk->count = 0;
	chunk->capacity = capacity;
	chunk->time = (int64 *) (chunk + 1);
	chunk->entity = (uint32 *) (chunk->time + capacity);
	chunk->name = chunk->entity + capacity;
	if (state->last == NULL)
		state->first = chunk;
	else
		state->last->next = chunk;
	state->last = chunk;
}

static inline void
append_event(KeyedState *state, int64 time, uint32 entity, uint32 name,
			 MemoryContext context)
{
	KeyedChunk *chunk = state->last;

	if (unlikely(chunk == NULL || chunk->count == chunk->capacity))
	{
		add_chunk(state, context);
		chunk = state->last;
	}
	chunk->time[chunk->count] = time;
	chunk->entity[chunk->count] = entity;
	chunk->name[chunk->count++] = name;
	state->count++;
}

static inline uint32
text_entity(KeyedState *state, SiText key, MemoryContext context)
{
	return sequence_names_code(&state->texts, key, context, WHAT);
}

static inline uint32
bigint_entity(KeyedState *state, int64 key, MemoryContext context)
{
	return sequence_keys_code(&state->keys, key, context, WHAT);
}

/* One row: entity, at, event. */
static inline Datum
add_row(FunctionCallInfo fcinfo, bool text_keys)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	KeyedState *state = state_argument(fcinfo, 0);
	uint32		entity;
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
	name = sequence_names_code(&state->names, sequence_text(fcinfo, 3),
							   context, WHAT);
	entity = text_keys ?
		text_entity(state, sequence_text(fcinfo, 1), context) :
		bigint_entity(state, PG_GETARG_INT64(1), context);
	append_event(state, time, entity, name, context);
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

/* The codes of a worker's entities, or of its names, here. */
static uint32 *
translate_entities(KeyedState *state, const KeyedState *from,
				   MemoryContext context)
{
	uint32		count = entity_count(from);
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  (count + 1) * sizeof(uint32));

	for (uint32 i = 0; i < count; i++)
	{
		si_pulse_every(i);
		code[i] = from->text_keys ?
			text_entity(state, sequence_name(&from->texts, i), context) :
			bigint_entity(state, from->keys.key[i], context);
	}
	return code;
}

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
		code[i] = sequence_names_code(&state->names,
									  sequence_name(&from->names, i), context,
									  WHAT);
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
	uint32	   *entity;
	uint32	   *name;

	if (from == NULL && state == NULL)
		PG_RETURN_NULL();
	if (from == NULL)
		PG_RETURN_POINTER(state);
	if (state == NULL)
		state = create_state(from->text_keys, context);
	entity = translate_entities(state, from, context);
	name = translate_names(state, from, context);
	for (const KeyedChunk *chunk = from->first; chunk; chunk = chunk->next)
	{
		si_pulse();
		for (int i = 0; i < chunk->count; i++)
			append_event(state, chunk->time[i], entity[chunk->entity[i]],
						 name[chunk->name[i]], context);
	}
	pfree(entity);
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
	uint32		entities = entity_count(part->state);
	uint32		most = 0;

	part->count = MemoryContextAllocExtended(CurrentMemoryContext,
											 (entities + 1) * sizeof(uint32),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (const KeyedChunk *chunk = part->state->first; chunk;
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
	uint32		entities = entity_count(part->state);
	int64		limit = Max(PART_EVENTS, part->state->count / 4);
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
		part->room = Max(events, Min(limit, part->state->count));
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
	for (const KeyedChunk *chunk = part->state->first; chunk;
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
			event->item = part->rank[chunk->name[i]];
		}
	}
}

static inline bool
comes_after(const SiKeyed *a, const SiKeyed *b)
{
	return a->key > b->key || (a->key == b->key && a->item > b->item);
}

static void
swap_fields(int64 n, SiKeyed *events)
{
	for (int64 i = 0; i < n; i++)
	{
		uint64		key = events[i].key;

		si_pulse_every(i);
		events[i].key = events[i].item;
		events[i].item = key;
	}
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
		swap_fields(n, events);
		si_sort_keyed(n, events, scratch, si_pulse);
		swap_fields(n, events);
		si_sort_keyed(n, events, scratch, si_pulse);
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

	(void) si_aggregate_context(fcinfo);
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
} KeyedOutput;

static void
reserve_output(KeyedOutput *output, Size more)
{
	Size		room = output->room;

	if (output->writer.size + more <= room)
		return;
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

	if (state->text_keys)
		text = sequence_name(&state->texts, entity);
	reserve_output(output, 20 + text.length + n * 20);
	if (state->text_keys)
		si_write_text(&output->writer, text);
	else
		si_write_i64(&output->writer, state->keys.key[entity]);
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
	KeyedOutput output = {{NULL, VARHDRSZ}, 0};
	SiText	   *name;
	uint32	   *rank;

	(void) si_aggregate_context(fcinfo);
	name = sequence_names_order(&state->names, &rank);
	output.room = VARHDRSZ + 64 + state->names.used +
		state->names.count * sizeof(uint32) + state->count * 8;
	output.writer.out = MemoryContextAllocHuge(CurrentMemoryContext,
											   output.room);
	si_write_u8(&output.writer, STATE_VERSION);
	si_write_u8(&output.writer, state->text_keys);
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
	uint32		entity = state->text_keys ?
		text_entity(state, si_read_text(in), context) :
		bigint_entity(state, si_read_i64(in), context);
	uint64		n = si_read_varint(in);
	uint64		key = 0;

	for (uint64 i = 0; i < n && !in->bad; i++)
	{
		uint64		name;

		si_pulse_every(i + 1);
		key += si_read_varint(in);
		name = si_read_varint(in);
		si_read_check(in, name < state->names.count);
		append_event(state, (int64) (key ^ TIME_SIGN), entity, (uint32) name,
					 context);
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
		(void) sequence_names_code(&state->names, si_read_text(&in), context,
								   WHAT);
	while (in.left > 0)
		read_entity(state, &in, context);
	if (in.bad)
		elog(ERROR, "damaged state of transition_summary_agg");
	PG_RETURN_POINTER(state);
}
