/*
 * si_sequence.h
 *	  The events of one entity in order, in bytes: names, times, tie-breaks.
 *
 * Events are ordered by (time, tie-break, name), names bytewise.  Those that
 * agree in time and tie-break happen *together*: nothing says which came
 * first, and whoever reads a sequence must not pretend to know.  An event
 * without a tie-break comes after those of its time that have one, as NULLs
 * do.
 *
 * A sequence is read where it lies.  Codes are one, two or four bytes each and
 * can be read in any order, times and tie-breaks one after another with a
 * cursor.
 */
#ifndef SI_SEQUENCE_H
#define SI_SEQUENCE_H

#include "core/si_bytes.h"
#include "core/stats/si_sort.h"

#define SI_SEQUENCE_VERSION		1

/* Microseconds from 2000-01-01 UTC: the finite timestamps of PostgreSQL. */
#define SI_TIME_FIRST			INT64_C(-211813488000000000)
#define SI_TIME_END				INT64_C(9223371331200000000)

#define SI_NO_TIEBREAK			INT64_MAX
#define SI_MAX_SEQUENCE_EVENTS	INT32_MAX

/* Events before they are a sequence, in any order. */
typedef struct SiEvents
{
	int64_t		n;
	int64_t    *time;
	int64_t    *tiebreak;		/* NULL: no event has one */
	uint32_t   *code;			/* of its name */
	const uint32_t *rank;		/* by code: bytewise place of the name */
} SiEvents;

typedef struct SiSequence
{
	int64_t		length;			/* events, at least 1 */
	uint32_t	names;			/* distinct names, each used */
	int			width;			/* bytes of a code */
	const uint8_t *codes;
	SiReader	name_text;		/* the names, ascending */
	SiReader	times;
	SiReader	tiebreaks;		/* empty: no event has one */
} SiSequence;

typedef struct SiSequenceEvent
{
	int64_t		time;
	int64_t		tiebreak;
	uint32_t	code;			/* place of its name among the names */
	bool		together;		/* with the event before */
} SiSequenceEvent;

typedef struct SiSequenceCursor
{
	const SiSequence *sequence;
	int64_t		position;		/* of the next event, from 0 */
	SiReader	times;
	SiReader	tiebreaks;
	SiSequenceEvent last;
	SiPulse		pulse;
} SiSequenceCursor;

/* The name's place in the dictionary, of the event at a position from 0. */
static inline uint32_t
si_sequence_code(const SiSequence *sequence, int64_t position)
{
	const uint8_t *at = sequence->codes + position * sequence->width;

	switch (sequence->width)
	{
		case 1:
			return at[0];
		case 2:
			return (uint32_t) at[0] | (uint32_t) at[1] << 8;
		default:
			return si_load_u32(at);
	}
}

/* Whether events i and i + 1 are in order; equal ones are. */
static inline bool
si_events_ordered(const SiEvents *events, int64_t i)
{
	if (events->time[i] != events->time[i + 1])
		return events->time[i] < events->time[i + 1];
	if (events->tiebreak != NULL &&
		events->tiebreak[i] != events->tiebreak[i + 1])
		return events->tiebreak[i] < events->tiebreak[i + 1];
	return events->rank[events->code[i]] <= events->rank[events->code[i + 1]];
}

/*
 * The order of n events: items[i].item becomes the index of the one at place
 * i.  The caller owns both arrays of n.
 */
extern void si_events_order(const SiEvents *events, SiKeyed *items,
							SiKeyed *scratch, SiPulse pulse);

/*
 * The sequence of n > 0 events in order, at most SI_MAX_SEQUENCE_EVENTS, whose
 * names are given ascending by rank, each used: its size, and the bytes.
 */
extern size_t si_sequence_size(const SiEvents *events, uint32_t names,
							   const SiText *name, SiPulse pulse);
extern void si_sequence_encode(const SiEvents *events, uint32_t names,
							   const SiText *name, uint8_t *out,
							   SiPulse pulse);

/*
 * Checks the bytes to the last one: SI_CORRUPT for all that encode cannot have
 * made.  The bytes must outlive the sequence.
 */
extern SiStatus si_sequence_open(const void *bytes, size_t size,
								 SiSequence *sequence, SiPulse pulse);

/* The names, ascending; the texts point into the sequence's bytes. */
extern void si_sequence_names(const SiSequence *sequence, SiText *name);

/* The place of a name, or -1: no event has it. */
extern int64_t si_sequence_find(const SiSequence *sequence, SiText wanted);

extern SiSequenceCursor si_sequence_cursor(const SiSequence *sequence,
										   SiPulse pulse);

/* The next event; false after the last one. */
extern bool si_sequence_next(SiSequenceCursor *cursor, SiSequenceEvent *event);

#endif							/* SI_SEQUENCE_H */
