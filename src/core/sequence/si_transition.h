/*
 * si_transition.h
 *	  Transitions between events, counted over many sequences, in bytes.
 *
 * A transition leads from an event to the one directly after it; one more
 * leads from the start of each sequence to its first event, and one from its
 * last event to the end.  Place 0 is the start where a transition begins and
 * the end where it leads; name i, counted from 0, has place i + 1.
 *
 * Waits, from one event to the next, are kept as in si_waits.h, of no more than
 * SI_TRANSITION_WAITS different values for each transition: beyond, they are
 * right to one part in 64 at least, and usually in several hundreds.
 */
#ifndef SI_TRANSITION_H
#define SI_TRANSITION_H

#include "core/sequence/si_waits.h"
#include "core/si_bytes.h"
#include "core/stats/si_sum.h"

#define SI_TRANSITION_VERSION	1
#define SI_TRANSITION_WAITS		4096
#define SI_TRANSITION_LEAST		7	/* digits that are always left */
#define SI_MAX_TRANSITIONS		(INT64_C(1) << 52)
#define SI_LARGEST_VALUE		1e140
#define SI_LARGEST_VALUES		1e300	/* their sum */

/* All sequences' transitions from one place to another. */
typedef struct SiTransition
{
	uint32_t	from;
	uint32_t	to;
	int64_t		count;
	int64_t		valued;			/* sequences with it that have a value */
	SiSum		values;			/* their sum */
	int			digits;			/* of the waits */
	int64_t		n;				/* pairs of waits; none at start and end */
	const SiKeyed *waits;		/* for encoding */
	SiReader	body;			/* of what was opened */
} SiTransition;

typedef struct SiTransitions
{
	uint32_t	names;
	int64_t		cells;
	SiReader	name_text;
	SiReader	cell_body;
} SiTransitions;

/*
 * Writes the head, then each transition, ascending by (from, to): with a
 * writer that only counts, and again with room for the size that
 * si_transitions_finish gave.  Names are ascending.
 */
extern void si_transitions_start(SiWriter *out, uint32_t names,
								 const SiText *name, int64_t cells,
								 SiPulse pulse);
extern void si_transitions_write(SiWriter *out, const SiTransition *cell,
								 SiPulse pulse);
extern size_t si_transitions_finish(SiWriter *out);

/* Checks the bytes to the last one; they must outlive what is opened. */
extern SiStatus si_transitions_open(const void *bytes, size_t size,
									SiTransitions *transitions,
									SiPulse pulse);

/*
 * The next transition of a body, which starts as a copy of cell_body; false
 * after the last one.
 */
extern bool si_transitions_next(SiReader *body, SiTransition *cell,
								SiPulse pulse);

/* The pairs of a transition that was read: room for cell->n. */
extern void si_transition_waits(const SiTransition *cell, SiKeyed *waits,
								SiPulse pulse);

#endif							/* SI_TRANSITION_H */
