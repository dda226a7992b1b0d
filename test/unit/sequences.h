/*
 * sequences.h
 *
 * Random events for the tests of sequences, and their bytes.
 */
#ifndef SEQUENCES_H
#define SEQUENCES_H

#include <stdlib.h>
#include <string.h>

#include "core/sequence/si_sequence.h"
#include "core/si_hash.h"

#define MAX_EVENTS	64

static inline void
pulse(void)
{
}

static uint64_t event_state = 1;

static inline uint64_t
event_word(void)
{
	return si_hash_mix(UINT64_C(20240901), event_state++);
}

static inline int64_t
event_below(int64_t limit)
{
	return (int64_t) (event_word() % (uint64_t) limit);
}

/* Ascending, as ranks are. */
static const char *const event_name[] = {
	"", "A", "AB", "B", "call", "call back", "demo", "won"
};

#define EVENT_NAMES	8

typedef struct Encoded
{
	uint8_t    *bytes;
	size_t		size;
	SiSequence	sequence;
} Encoded;

typedef struct Sample
{
	SiEvents	events;
	int64_t		time[MAX_EVENTS];
	int64_t		tiebreak[MAX_EVENTS];
	uint32_t	code[MAX_EVENTS];
	uint32_t	rank[EVENT_NAMES];
	uint32_t	names;
	SiText		name[EVENT_NAMES];	/* by rank */
} Sample;

/* Only names that an event has get a rank. */
static inline void
rank_names(Sample *s)
{
	bool		used[EVENT_NAMES] = {false};

	for (int64_t i = 0; i < s->events.n; i++)
		used[s->code[i]] = true;
	s->names = 0;
	for (int k = 0; k < EVENT_NAMES; k++)
	{
		s->rank[k] = s->names;
		if (!used[k])
			continue;
		s->name[s->names].data = event_name[k];
		s->name[s->names++].length = (int32_t) strlen(event_name[k]);
	}
}

/* Times below `times` and tie-breaks below `ties` (none if it is 0). */
static inline void
random_events(Sample *s, int64_t n, int64_t times, int64_t ties)
{
	s->events.n = n;
	s->events.time = s->time;
	s->events.tiebreak = ties > 0 ? s->tiebreak : NULL;
	s->events.code = s->code;
	s->events.rank = s->rank;
	for (int64_t i = 0; i < n; i++)
	{
		s->time[i] = event_below(times) - times / 2;
		s->tiebreak[i] = ties > 0 && event_below(4) > 0 ?
			event_below(ties) - ties / 2 : SI_NO_TIEBREAK;
		s->code[i] = (uint32_t) event_below(EVENT_NAMES);
	}
	rank_names(s);
}

static inline void
order_events(Sample *s)
{
	SiKeyed		items[MAX_EVENTS];
	SiKeyed		scratch[MAX_EVENTS];
	Sample		from = *s;

	si_events_order(&s->events, items, scratch, pulse);
	for (int64_t i = 0; i < s->events.n; i++)
	{
		s->time[i] = from.time[items[i].item];
		s->tiebreak[i] = from.tiebreak[items[i].item];
		s->code[i] = from.code[items[i].item];
	}
}

static inline Encoded
encode_events(const Sample *s)
{
	Encoded		e;

	e.size = si_sequence_size(&s->events, s->names, s->name, pulse);
	e.bytes = malloc(e.size);
	si_sequence_encode(&s->events, s->names, s->name, e.bytes, pulse);
	return e;
}

#endif							/* SEQUENCES_H */
