/*
 * sequence_agg.c
 *	  The aggregates that make an event_sequence: sequence_agg, rollup.
 *
 * In a GROUP BY over very many entities what counts is how much memory a row
 * touches.  So the latest events of a state stand beside its head as they came,
 * names spelled out, and go to the others a handful at a time; and these are
 * kept like that as long as they are few.  A state that outgrows it collects
 * times, tie-breaks and codes of names, in any order.  Final functions sort
 * these in place, which changes nothing that a later row could see (a running
 * window).  Between processes the state travels as the sequence that it makes.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"
#include "sequence/sequence_names.h"

#define FIRST_EVENTS	8
#define DOUBLING_EVENTS	65536	/* larger arrays grow by half */
#define RECENT_BYTES	104		/* of the latest events */
#define FIRST_BUFFER	256		/* bytes of a buffer; doubled up to the last */
#define LAST_BUFFER		8192
#define HAS_TIEBREAK	1
#define WHAT			"event sequences"

typedef struct SequenceState
{
	int64		count;
	int64		capacity;
	int64	   *time;
	int64	   *tiebreak;		/* NULL: none so far */
	uint32	   *code;
	SequenceNames names;
} SequenceState;

/* The state of the aggregate. */
typedef struct SequenceIntake
{
	union
	{
		char	   *bytes;		/* NULL: none */
		SequenceState *coded;
	}			rest;			/* the events but for the recent ones */
	uint32		rest_used;		/* bytes */
	uint32		rest_room;
	uint32		used;			/* of recent */
	bool		is_coded;
	char		recent[RECENT_BYTES];
} SequenceIntake;

/*
 * An event in a buffer: its time; the length of its name, doubled, and
 * HAS_TIEBREAK, in four bytes; the tie-break, if there is one; the name.
 */
#define ROW_SIZE	(sizeof(int64) + sizeof(uint32))

/* ----- Events with codes ----- */

static void *
enlarge(void *array, Size size, MemoryContext context)
{
	return array == NULL ? MemoryContextAllocHuge(context, size) :
		repalloc_huge(array, size);
}

/* Room for more events. */
static void
reserve_events(SequenceState *state, int64 more, MemoryContext context)
{
	int64		capacity = Max(state->capacity, FIRST_EVENTS);

	if (state->count + more <= state->capacity)
		return;
	if (state->count + more > SI_MAX_SEQUENCE_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events for one sequence"),
				 errdetail("The limit is %d.", SI_MAX_SEQUENCE_EVENTS),
				 errhint("Aggregate the events in groups, one for each entity.")));
	while (capacity < state->count + more)
		capacity += capacity < DOUBLING_EVENTS ? capacity : capacity / 2;
	si_check_memory(context, capacity * (2 * sizeof(int64) + sizeof(uint32)),
					WHAT, false);
	state->time = enlarge(state->time, capacity * sizeof(int64), context);
	state->code = enlarge(state->code, capacity * sizeof(uint32), context);
	if (state->tiebreak != NULL)
		state->tiebreak = enlarge(state->tiebreak, capacity * sizeof(int64),
								  context);
	state->capacity = capacity;
}

/* From the first tie-break on, there is one for each event. */
static void
need_tiebreaks(SequenceState *state, MemoryContext context)
{
	si_check_memory(context, state->capacity * sizeof(int64), WHAT, false);
	state->tiebreak = enlarge(NULL, state->capacity * sizeof(int64), context);
	for (int64 i = 0; i < state->count; i++)
		state->tiebreak[i] = SI_NO_TIEBREAK;
}

/* The caller has made room. */
static inline void
append_event(SequenceState *state, int64 time, int64 tiebreak, uint32 code,
			 MemoryContext context)
{
	if (tiebreak != SI_NO_TIEBREAK && state->tiebreak == NULL)
		need_tiebreaks(state, context);
	state->time[state->count] = time;
	state->code[state->count] = code;
	if (state->tiebreak != NULL)
		state->tiebreak[state->count] = tiebreak;
	state->count++;
}

static inline uint32
name_code(SequenceState *state, SiText name, MemoryContext context)
{
	return sequence_names_code(&state->names, name, sequence_name_hash(name),
							   context, WHAT);
}

/* The state with an event more; made if there is none yet. */
static SequenceState *
add_event(SequenceState *state, int64 time, int64 tiebreak, SiText name,
		  MemoryContext context)
{
	uint32		code;

	if (state == NULL)
		state = MemoryContextAllocZero(context, sizeof(SequenceState));
	reserve_events(state, 1, context);
	code = name_code(state, name, context);
	append_event(state, time, tiebreak, code, context);
	return state;
}

static SequenceState *
add_sequence(SequenceState *state, const SiSequence *sequence,
			 MemoryContext context)
{
	SiSequenceCursor cursor = si_sequence_cursor(sequence, si_pulse);
	SiText	   *name = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence->names * sizeof(SiText));
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence->names * sizeof(uint32));
	SiSequenceEvent event;

	if (state == NULL)
		state = MemoryContextAllocZero(context, sizeof(SequenceState));
	reserve_events(state, sequence->length, context);
	si_sequence_names(sequence, name);
	for (uint32 i = 0; i < sequence->names; i++)
		code[i] = name_code(state, name[i], context);
	while (si_sequence_next(&cursor, &event))
		append_event(state, event.time, event.tiebreak, code[event.code],
					 context);
	pfree(name);
	pfree(code);
	return state;
}

/* The right-hand state is copied; its names get codes of the left one. */
static SequenceState *
add_state(SequenceState *state, const SequenceState *from,
		  MemoryContext context)
{
	Size		names = from->names.count;
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  names * sizeof(uint32));

	if (state == NULL)
		state = MemoryContextAllocZero(context, sizeof(SequenceState));
	reserve_events(state, from->count, context);
	for (uint32 i = 0; i < names; i++)
		code[i] = name_code(state, sequence_name(&from->names, i), context);
	for (int64 i = 0; i < from->count; i++)
	{
		si_pulse_every(i);
		append_event(state, from->time[i], from->tiebreak != NULL ?
					 from->tiebreak[i] : SI_NO_TIEBREAK, code[from->code[i]],
					 context);
	}
	pfree(code);
	return state;
}

/* ----- Order ----- */

static bool
is_ordered(const SiEvents *events)
{
	for (int64 i = 0; i + 1 < events->n; i++)
	{
		si_pulse_every(i);
		if (!si_events_ordered(events, i))
			return false;
	}
	return true;
}

static void
permute_times(int64 *time, const SiKeyed *items, int64 n, int64 *scratch)
{
	memcpy(scratch, time, n * sizeof(int64));
	for (int64 i = 0; i < n; i++)
	{
		si_pulse_every(i);
		time[i] = scratch[items[i].item];
	}
}

/* Sorts the state in place. */
static void
sort_events(SiEvents *events)
{
	Size		bytes = events->n * sizeof(SiKeyed);
	SiKeyed    *items = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	SiKeyed    *scratch = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	uint32	   *code = (uint32 *) scratch;

	si_events_order(events, items, scratch, si_pulse);
	permute_times(events->time, items, events->n, (int64 *) scratch);
	if (events->tiebreak != NULL)
		permute_times(events->tiebreak, items, events->n, (int64 *) scratch);
	memcpy(code, events->code, events->n * sizeof(uint32));
	for (int64 i = 0; i < events->n; i++)
	{
		si_pulse_every(i);
		events->code[i] = code[items[i].item];
	}
	pfree(items);
	pfree(scratch);
}

static struct varlena *
pack_sequence(SequenceState *state, bool pass_on)
{
	uint32	   *rank;
	SiText	   *name = sequence_names_order(&state->names, &rank);
	SiEvents	events = {state->count, state->time, state->tiebreak,
	state->code, rank};
	struct varlena *value;
	Size		size;

	if (!is_ordered(&events))
		sort_events(&events);
	size = si_sequence_size(&events, state->names.count, name, si_pulse);
	if (pass_on)
		si_check_serial(size, WHAT);
	value = si_value_create(size, &sequence_type);
	si_sequence_encode(&events, state->names.count, name,
					   (uint8 *) VARDATA(value), si_pulse);
	pfree(rank);
	pfree(name);
	return value;
}

/* ----- Buffers ----- */

static inline char *
put(char *at, const void *bytes, Size size)
{
	memcpy(at, bytes, size);
	return at + size;
}

static inline const char *
get(const char *at, void *bytes, Size size)
{
	memcpy(bytes, at, size);
	return at + size;
}

/* Adds the events of a buffer to a state; made if there is none yet. */
static SequenceState *
add_buffer(SequenceState *state, const char *at, Size size,
		   MemoryContext context)
{
	const char *end = at + size;

	while (at < end)
	{
		int64		tiebreak = SI_NO_TIEBREAK;
		int64		time;
		uint32		length;
		SiText		name;

		at = get(at, &time, sizeof(time));
		at = get(at, &length, sizeof(length));
		if (length & HAS_TIEBREAK)
			at = get(at, &tiebreak, sizeof(tiebreak));
		name.data = at;
		name.length = length >> 1;
		state = add_event(state, time, tiebreak, name, context);
		at += name.length;
	}
	return state;
}

static SequenceIntake *
create_intake(MemoryContext context)
{
	SequenceIntake *intake;

	si_check_memory(context, sizeof(SequenceIntake), WHAT, false);
	intake = MemoryContextAlloc(context, sizeof(SequenceIntake));
	memset(intake, 0, offsetof(SequenceIntake, recent));
	return intake;
}

/* From now on the events have codes, those up to now as well. */
static void
give_codes(SequenceIntake *intake, MemoryContext context)
{
	SequenceState *state = intake->rest.coded;

	if (!intake->is_coded)
	{
		char	   *bytes = intake->rest.bytes;

		state = MemoryContextAllocZero(context, sizeof(SequenceState));
		(void) add_buffer(state, bytes, intake->rest_used, context);
		if (bytes != NULL)
			pfree(bytes);
		intake->rest.coded = state;
		intake->is_coded = true;
	}
	(void) add_buffer(state, intake->recent, intake->used, context);
	intake->used = 0;
}

/* Whether the buffer of the rest has room, or gets it, for so many bytes. */
static bool
reserve_rest(SequenceIntake *intake, Size more, MemoryContext context)
{
	Size		room = Max(intake->rest_room, FIRST_BUFFER);

	while (room < intake->rest_used + more)
		room *= 2;
	if (room > LAST_BUFFER)
		return false;
	if (room == intake->rest_room)
		return true;
	si_check_memory(context, room, WHAT, false);
	intake->rest.bytes = intake->rest.bytes == NULL ?
		MemoryContextAlloc(context, room) :
		repalloc(intake->rest.bytes, room);
	intake->rest_room = room;
	return true;
}

/* The recent events join the rest. */
static void
flush_recent(SequenceIntake *intake, MemoryContext context)
{
	if (intake->is_coded || !reserve_rest(intake, intake->used, context))
	{
		give_codes(intake, context);
		return;
	}
	put(intake->rest.bytes + intake->rest_used, intake->recent, intake->used);
	intake->rest_used += intake->used;
	intake->used = 0;
}

/* The intake with an event more; made if there is none yet. */
static inline SequenceIntake *
take_event(SequenceIntake *intake, int64 time, int64 tiebreak, SiText name,
		   MemoryContext context)
{
	bool		tied = tiebreak != SI_NO_TIEBREAK;
	Size		size = ROW_SIZE + (tied ? sizeof(int64) : 0) + name.length;
	uint32		length = (uint32) name.length << 1 | (tied ? HAS_TIEBREAK : 0);
	char	   *at;

	if (unlikely(intake == NULL))
		intake = create_intake(context);
	if (size > RECENT_BYTES - intake->used)
		flush_recent(intake, context);
	if (size > RECENT_BYTES)
	{
		give_codes(intake, context);
		(void) add_event(intake->rest.coded, time, tiebreak, name, context);
		return intake;
	}
	at = put(intake->recent + intake->used, &time, sizeof(time));
	at = put(at, &length, sizeof(length));
	if (tied)
		at = put(at, &tiebreak, sizeof(tiebreak));
	put(at, name.data, name.length);
	intake->used += size;
	return intake;
}

/*
 * All events with codes: in the state if they have some, else in the current
 * context.
 */
static SequenceState *
coded_events(SequenceIntake *intake, MemoryContext context)
{
	SequenceState *state;

	if (intake->is_coded)
	{
		give_codes(intake, context);
		return intake->rest.coded;
	}
	state = add_buffer(NULL, intake->rest.bytes, intake->rest_used,
					   CurrentMemoryContext);
	return add_buffer(state, intake->recent, intake->used,
					  CurrentMemoryContext);
}

/* ----- Support functions ----- */

static SequenceIntake *
intake_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (SequenceIntake *) PG_GETARG_POINTER(n);
}

static Datum
return_intake(FunctionCallInfo fcinfo, SequenceIntake *intake)
{
	if (intake == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(intake);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_trans);
Datum
sales_intel_sequence_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceIntake *intake = intake_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		intake = take_event(intake, sequence_time(fcinfo, 1), SI_NO_TIEBREAK,
							sequence_text(fcinfo, 2), context);
	return return_intake(fcinfo, intake);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_tiebreak_trans);
Datum
sales_intel_sequence_tiebreak_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceIntake *intake = intake_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		intake = take_event(intake, sequence_time(fcinfo, 1), PG_ARGISNULL(3) ?
							SI_NO_TIEBREAK : PG_GETARG_INT64(3),
							sequence_text(fcinfo, 2), context);
	return return_intake(fcinfo, intake);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_rollup_trans);
Datum
sales_intel_sequence_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceIntake *intake = intake_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiSequence	sequence = sequence_argument(fcinfo, 1);

		if (intake == NULL)
			intake = create_intake(context);
		give_codes(intake, context);
		(void) add_sequence(intake->rest.coded, &sequence, context);
	}
	return return_intake(fcinfo, intake);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_combine);
Datum
sales_intel_sequence_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceIntake *intake = intake_argument(fcinfo, 0);
	SequenceIntake *from = intake_argument(fcinfo, 1);

	if (from == NULL)
		return return_intake(fcinfo, intake);
	if (intake == NULL)
		intake = create_intake(context);
	give_codes(intake, context);
	if (from->is_coded)
		(void) add_state(intake->rest.coded, from->rest.coded, context);
	else
		(void) add_buffer(intake->rest.coded, from->rest.bytes,
						  from->rest_used, context);
	(void) add_buffer(intake->rest.coded, from->recent, from->used, context);
	PG_RETURN_POINTER(intake);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_serial);
Datum
sales_intel_sequence_serial(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceIntake *intake = intake_argument(fcinfo, 0);

	PG_RETURN_POINTER(pack_sequence(coded_events(intake, context), true));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_deserial);
Datum
sales_intel_sequence_deserial(PG_FUNCTION_ARGS)
{
	SequenceIntake *intake;
	SiSequence	sequence;

	(void) si_aggregate_context(fcinfo);
	sequence = sequence_argument(fcinfo, 0);
	intake = create_intake(CurrentMemoryContext);
	give_codes(intake, CurrentMemoryContext);
	(void) add_sequence(intake->rest.coded, &sequence, CurrentMemoryContext);
	PG_RETURN_POINTER(intake);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_final);
Datum
sales_intel_sequence_final(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	SequenceIntake *intake = intake_argument(fcinfo, 0);

	PG_RETURN_POINTER(pack_sequence(coded_events(intake, context), false));
}
