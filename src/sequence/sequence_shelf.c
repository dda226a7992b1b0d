/*
 * sequence_shelf.c
 *	  What all states of an aggregate in one memory context share.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_shelf.h"

#define ROWS_PER_STATE	8		/* that wait, on average */
#define MOST_WAITING	(1 << 20)
#define WHAT			"events by group"

/* The context frees the shelf. */
void
sequence_shelf_leave(void *shelf)
{
}

static SequenceShelf *
create_shelf(MemoryContext context)
{
	SequenceShelf *shelf = MemoryContextAlloc(context, sizeof(SequenceShelf));

	memset(shelf, 0, offsetof(SequenceShelf, first_wait));
	shelf->context = AllocSetContextCreate(context, "events by group",
										   ALLOCSET_DEFAULT_SIZES);
	shelf->room = SHELF_WAITING;
	shelf->wait = shelf->first_wait;
	shelf->scratch = shelf->first_scratch;
	shelf->callback.func = sequence_shelf_leave;
	shelf->callback.arg = shelf;
	MemoryContextRegisterResetCallback(context, &shelf->callback);
	return shelf;
}

/*
 * Other aggregates of the context put a callback before the shelf's with each
 * group: without moving it, every row would walk past all of them.
 */
SequenceShelf *
sequence_shelf_find(MemoryContext context)
{
	MemoryContextCallback **link = &context->reset_cbs;

	for (; *link != NULL; link = &(*link)->next)
	{
		MemoryContextCallback *callback = *link;

		if (callback->func != sequence_shelf_leave)
			continue;
		*link = callback->next;
		callback->next = context->reset_cbs;
		context->reset_cbs = callback;
		return callback->arg;
	}
	return create_shelf(context);
}

void *
sequence_shelf_state(SequenceShelf *shelf, Size size)
{
	si_check_memory(shelf->context, size, WHAT, false);
	shelf->states++;
	return MemoryContextAllocZero(shelf->context, size);
}

/* Sorted by address, hence also in the order of memory. */
void
sequence_shelf_settle(SequenceShelf *shelf)
{
	SiKeyed    *wait = shelf->wait;
	int			waiting = shelf->waiting;
	int			end;

	si_sort_keyed(waiting, wait, shelf->scratch, si_pulse);
	shelf->waiting = 0;
	for (int start = 0; start < waiting; start = end)
	{
		for (end = start + 1; end < waiting &&
			 wait[end].key == wait[start].key; end++)
			;
		sequence_rows_append((SequenceRows *) (uintptr_t) wait[start].key,
							 end - start, wait + start, shelf->context, WHAT);
	}
}

static void
double_room(SequenceShelf *shelf)
{
	Size		size = shelf->room * sizeof(SiKeyed);
	SiKeyed    *wait = MemoryContextAlloc(shelf->context, 2 * size);

	memcpy(wait, shelf->wait, size);
	if (shelf->wait != shelf->first_wait)
	{
		pfree(shelf->wait);
		pfree(shelf->scratch);
	}
	shelf->wait = wait;
	shelf->scratch = MemoryContextAlloc(shelf->context, 2 * size);
	shelf->room *= 2;
}

void
sequence_shelf_make_room(SequenceShelf *shelf)
{
	if (shelf->room < MOST_WAITING &&
		shelf->room < shelf->states * ROWS_PER_STATE &&
		si_check_memory(shelf->context, 4 * shelf->room * sizeof(SiKeyed),
						WHAT, true))
		double_room(shelf);
	else
		sequence_shelf_settle(shelf);
}

void
sequence_shelf_append_wide(SequenceShelf *shelf, SequenceRows *rows,
						   SequenceRow row)
{
	sequence_shelf_settle(shelf);
	sequence_rows_append_wide(rows, row, shelf->context, WHAT);
}

uint32 *
sequence_shelf_places(SequenceShelf *shelf)
{
	uint32		places = shelf->names.capacity;

	if (places > shelf->places)
	{
		si_check_memory(shelf->context, places * sizeof(uint32), WHAT, false);
		if (shelf->place != NULL)
			pfree(shelf->place);
		shelf->place = MemoryContextAllocExtended(shelf->context,
												  places * sizeof(uint32),
												  MCXT_ALLOC_HUGE |
												  MCXT_ALLOC_ZERO);
		shelf->places = places;
	}
	return shelf->place;
}
