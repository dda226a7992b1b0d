/*
 * sequence_agg.c
 *	  The aggregates that make an event_sequence: sequence_agg, rollup.
 *
 * The state is the rows of a group in any order: times, tie-breaks, and codes
 * of names, which all states of a context share.  Final functions leave it as
 * it is.  Between processes a state travels as the sequence that it makes, and
 * is unpacked where it is combined.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"
#include "sequence/sequence_shelf.h"

#define SHORT_SEQUENCE	64		/* sorted by insertion */
#define WHAT			"event sequences"

typedef struct SequenceState
{
	SequenceRows rows;
	SequenceShelf *shelf;		/* NULL: of a worker, no rows but a sequence */
	SiSequence	sequence;
} SequenceState;

/* ----- Collecting ----- */

/* A state for rows takes no more memory than they need. */
static SequenceState *
create_state(SequenceShelf *shelf)
{
	SequenceState *state = sequence_shelf_state(shelf, offsetof(SequenceState,
																sequence));

	state->shelf = shelf;
	return state;
}

static inline uint32
name_code(SequenceShelf *shelf, SiText name)
{
	return sequence_names_add(&shelf->names, name, shelf->context, WHAT);
}

static void
add_sequence(SequenceState *state, const SiSequence *sequence)
{
	SequenceShelf *shelf = state->shelf;
	SiSequenceCursor cursor = si_sequence_cursor(sequence, si_pulse);
	SiText	   *name = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence->names * sizeof(SiText));
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence->names * sizeof(uint32));
	SiSequenceEvent event;

	si_sequence_names(sequence, name);
	for (uint32 i = 0; i < sequence->names; i++)
		code[i] = name_code(shelf, name[i]);
	while (si_sequence_next(&cursor, &event))
		sequence_shelf_append(shelf, &state->rows, event.time, event.tiebreak,
							  code[event.code]);
	pfree(name);
	pfree(code);
}

/* The right-hand state is copied; its names get codes of the left one. */
static void
add_state(SequenceState *state, const SequenceState *from)
{
	SequenceShelf *shelf = state->shelf;

	if (from->shelf == NULL)
	{
		add_sequence(state, &from->sequence);
		return;
	}
	sequence_shelf_settle(from->shelf);
	for (int64 i = 0; i < (int64) from->rows.count; i++)
	{
		SequenceRow row = sequence_row(&from->rows, i);
		SiText		name = sequence_name(&from->shelf->names,
											row.item);

		si_pulse_every(i);
		sequence_shelf_append(shelf, &state->rows, row.time, row.tiebreak,
							  name_code(shelf, name));
	}
}

/* ----- Order ----- */

/* How many events from the first one on are in order. */
static int64
ordered_events(const SiEvents *events)
{
	for (int64 i = 0; i + 1 < events->n; i++)
	{
		si_pulse_every(i);
		if (!si_events_ordered(events, i))
			return i + 1;
	}
	return events->n;
}

static void
swap_events(SiEvents *events, int64 i, int64 k)
{
	int64		time = events->time[i];
	uint32		code = events->code[i];

	events->time[i] = events->time[k];
	events->time[k] = time;
	events->code[i] = events->code[k];
	events->code[k] = code;
	if (events->tiebreak != NULL)
	{
		int64		tiebreak = events->tiebreak[i];

		events->tiebreak[i] = events->tiebreak[k];
		events->tiebreak[k] = tiebreak;
	}
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

static void
sort_many_events(SiEvents *events)
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

static void
sort_events(SiEvents *events)
{
	int64		sorted = ordered_events(events);

	if (sorted < events->n && events->n > SHORT_SEQUENCE)
	{
		sort_many_events(events);
		return;
	}
	for (; sorted < events->n; sorted++)
	{
		for (int64 i = sorted; i > 0 && !si_events_ordered(events, i - 1); i--)
			swap_events(events, i - 1, i);
	}
}

/* ----- The end ----- */

/* The events of a group; codes are of all names as yet. */
static SiEvents
unpack_rows(const SequenceRows *rows)
{
	SiEvents	events = {.n = rows->count};

	if (events.n > SI_MAX_SEQUENCE_EVENTS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many events for one sequence"),
				 errdetail("The limit is %d.", SI_MAX_SEQUENCE_EVENTS),
				 errhint("Aggregate the events in groups, one for each entity.")));
	events.time = MemoryContextAllocHuge(CurrentMemoryContext,
										 events.n * sizeof(int64));
	events.code = MemoryContextAllocHuge(CurrentMemoryContext,
										 events.n * sizeof(uint32));
	if (rows->is_wide)
		events.tiebreak = MemoryContextAllocHuge(CurrentMemoryContext,
												 events.n * sizeof(int64));
	for (int64 i = 0; i < events.n; i++)
	{
		SequenceRow row = sequence_row(rows, i);

		si_pulse_every(i);
		events.time[i] = row.time;
		events.code[i] = (uint32) row.item;
		if (events.tiebreak != NULL)
			events.tiebreak[i] = row.tiebreak;
	}
	return events;
}

/*
 * Numbers the names of a group in order of appearance.  The codes become these
 * numbers; returned are the codes that they were, and how many.
 */
static uint32 *
number_names(SiEvents *events, SequenceShelf *shelf, uint32 *names)
{
	uint32	   *place = sequence_shelf_places(shelf);
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  Min(shelf->names.count,
												  events->n) * sizeof(uint32));
	uint32		found = 0;

	for (int64 i = 0; i < events->n; i++)
	{
		uint32	   *here = &place[events->code[i]];

		si_pulse_every(i);
		if (*here == 0)
		{
			code[found] = events->code[i];
			*here = ++found;
		}
		events->code[i] = *here - 1;
	}
	for (uint32 i = 0; i < found; i++)
	{
		si_pulse_every(i);
		place[code[i]] = 0;
	}
	*names = found;
	return code;
}

static struct varlena *
pack_sequence(const SequenceState *state, bool pass_on)
{
	SequenceShelf *shelf = state->shelf;
	SiEvents	events;
	uint32		names;
	uint32	   *code;
	uint32	   *rank;
	SiText	   *name;
	struct varlena *value;
	Size		size;

	sequence_shelf_settle(shelf);
	events = unpack_rows(&state->rows);
	code = number_names(&events, shelf, &names);
	name = sequence_names_order_some(&shelf->names, names, code, &rank);
	events.rank = rank;
	sort_events(&events);
	size = si_sequence_size(&events, names, name, si_pulse);
	if (pass_on)
		si_check_serial(size, WHAT);
	value = si_value_create(size, &sequence_type);
	si_sequence_encode(&events, names, name, (uint8 *) VARDATA(value),
					   si_pulse);
	return value;
}

/* ----- Support functions ----- */

static SequenceState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (SequenceState *) PG_GETARG_POINTER(n);
}

static Datum
return_state(FunctionCallInfo fcinfo, SequenceState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* One row: at, event and, if there is one, tie-break. */
static inline Datum
add_row(FunctionCallInfo fcinfo, bool tied)
{
	SequenceShelf *shelf = sequence_shelf(si_aggregate_context(fcinfo));
	SequenceState *state = state_argument(fcinfo, 0);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return return_state(fcinfo, state);
	if (unlikely(state == NULL))
		state = create_state(shelf);
	sequence_shelf_append(shelf, &state->rows, sequence_time(fcinfo, 1),
						  !tied || PG_ARGISNULL(3) ? SI_NO_TIEBREAK :
						  PG_GETARG_INT64(3),
						  name_code(shelf, sequence_text(fcinfo, 2)));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_trans);
Datum
sales_intel_sequence_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, false);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_tiebreak_trans);
Datum
sales_intel_sequence_tiebreak_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_rollup_trans);
Datum
sales_intel_sequence_rollup_trans(PG_FUNCTION_ARGS)
{
	SequenceShelf *shelf = sequence_shelf(si_aggregate_context(fcinfo));
	SequenceState *state = state_argument(fcinfo, 0);
	SiSequence	sequence;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(shelf);
	sequence = sequence_argument(fcinfo, 1);
	add_sequence(state, &sequence);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_combine);
Datum
sales_intel_sequence_combine(PG_FUNCTION_ARGS)
{
	SequenceShelf *shelf = sequence_shelf(si_aggregate_context(fcinfo));
	SequenceState *state = state_argument(fcinfo, 0);
	SequenceState *from = state_argument(fcinfo, 1);

	if (from == NULL)
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(shelf);
	add_state(state, from);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_serial);
Datum
sales_intel_sequence_serial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(pack_sequence(state_argument(fcinfo, 0), true));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_deserial);
Datum
sales_intel_sequence_deserial(PG_FUNCTION_ARGS)
{
	SequenceState *state = palloc0(sizeof(SequenceState));

	(void) si_aggregate_context(fcinfo);
	state->sequence = sequence_argument(fcinfo, 0);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_final);
Datum
sales_intel_sequence_final(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(pack_sequence(state_argument(fcinfo, 0), false));
}
