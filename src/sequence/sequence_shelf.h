/*
 * sequence_shelf.h
 *	  What all states of an aggregate in one memory context share.
 *
 * In a group table of many entities every row waits for memory: for its group,
 * then for what its state points to, and whatever is touched pushes the group
 * table out of the processor's cache.  So what can be shared stands here, and
 * rows wait here, one after another, until there are many for each group; then
 * they are sorted by group, and every group is touched once.  A transition
 * function touches no state but a new one.
 */
#ifndef SEQUENCE_SHELF_H
#define SEQUENCE_SHELF_H

#include "postgres.h"

#include "sequence/sequence_names.h"
#include "sequence/sequence_rows.h"

#define SHELF_WAITING	64		/* the first room */

struct SequencePlan;

typedef struct SequenceShelf
{
	MemoryContextCallback callback;
	MemoryContext context;		/* of states, apart from the group table */
	struct SequencePlan *plans; /* of funnels, the latest first */
	SequenceNames names;		/* of events in sequences */
	uint32	   *place;			/* by code of a name; 0 between uses */
	uint32		places;
	int64		states;
	int			waiting;
	int			room;
	SiKeyed    *wait;			/* key: address of the rows; item: packed */
	SiKeyed    *scratch;
	SiKeyed		first_wait[SHELF_WAITING];
	SiKeyed		first_scratch[SHELF_WAITING];
} SequenceShelf;

/* Marks the shelf among a context's callbacks. */
extern void sequence_shelf_leave(void *shelf);

/* The shelf of a context, from now on its first callback. */
extern SequenceShelf *sequence_shelf_find(MemoryContext context);

/*
 * The shelf of a context, which goes with it.  A callback of the context is
 * where it is found again: fn_extra would be no place, since an aggregate's
 * functions may be called without a lasting call site, and the context may be
 * reset while the call site stays.
 */
static inline SequenceShelf *
sequence_shelf(MemoryContext context)
{
	const MemoryContextCallback *first = context->reset_cbs;

	if (likely(first != NULL && first->func == sequence_shelf_leave))
		return first->arg;
	return sequence_shelf_find(context);
}

/* A state of zeros. */
extern void *sequence_shelf_state(SequenceShelf *shelf, Size size);

/* No row waits any more: to be called before rows are read. */
extern void sequence_shelf_settle(SequenceShelf *shelf);

/* There is room for another row to wait. */
extern void sequence_shelf_make_room(SequenceShelf *shelf);

extern void sequence_shelf_append_wide(SequenceShelf *shelf,
									   SequenceRows *rows, SequenceRow row);

/* A row more, now or later. */
static inline void
sequence_shelf_append(SequenceShelf *shelf, SequenceRows *rows, int64 time,
					  int64 tiebreak, uint64 item)
{
	SiKeyed    *wait;

	if (unlikely(tiebreak != SI_NO_TIEBREAK ||
				 !sequence_row_packs(time, item)))
	{
		SequenceRow row = {time, tiebreak, item};

		sequence_shelf_append_wide(shelf, rows, row);
		return;
	}
	if (unlikely(shelf->waiting == shelf->room))
		sequence_shelf_make_room(shelf);
	wait = &shelf->wait[shelf->waiting++];
	wait->key = (uintptr_t) rows;
	wait->item = (uint64) sequence_row_pack(time, item);
}

/*
 * Places for the names, by code, all 0; whoever uses some sets them to 0
 * again.
 */
extern uint32 *sequence_shelf_places(SequenceShelf *shelf);

#endif							/* SEQUENCE_SHELF_H */
