/*
 * sequence_cells.h
 *	  Transitions counted one by one, on their way into a transition_matrix.
 *
 * Places are those of core/sequence/si_transition.h: 0 for start and end, and
 * the number of a name plus 1.
 */
#ifndef SEQUENCE_CELLS_H
#define SEQUENCE_CELLS_H

#include "postgres.h"

#include "core/sequence/si_transition.h"
#include "pg/si_value.h"

typedef struct SequenceCell
{
	uint32		from;
	uint32		to;
	int64		count;
	int64		last;			/* the sequence that was valued last */
	int64		valued;
	SiSum		values;
	SiKeyed    *waits;			/* in any order from settled on */
	int32		waiting;
	int32		capacity;
	int			digits;
} SequenceCell;

typedef struct SequenceCells
{
	MemoryContext context;
	uint32		count;
	uint32		capacity;
	SequenceCell *cell;
	uint64		seed;			/* of the hash */
	uint32	   *slot;			/* number + 1, 0 when free */
	uint32		slots;			/* a power of two, or 0 */
} SequenceCells;

extern const SiValueType transition_type;

#define SEQUENCE_CELLS_WHAT	"transitions"

/* The cell of a transition, added if it is new. */
extern SequenceCell *sequence_cell(SequenceCells *cells, uint32 from,
								   uint32 to);

/* Counts a transition, between events with its wait. */
extern void sequence_cell_count(SequenceCell *cell, int64 count);
extern void sequence_cell_wait(SequenceCells *cells, SequenceCell *cell,
							   uint64 wait);

/* Adds what another cell, or one of a value, has gathered. */
extern void sequence_cell_merge(SequenceCells *cells, SequenceCell *cell,
								const SiTransition *from);

/*
 * The value: names ascending, and the place of each code among them (NULL:
 * codes are places).
 */
extern struct varlena *sequence_cells_pack(SequenceCells *cells, uint32 names,
										   const SiText *name,
										   const uint32 *rank);

#endif							/* SEQUENCE_CELLS_H */
