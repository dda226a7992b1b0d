/*
 * si_matcher.h
 *	  Finds the matches of a pattern, one after another.
 *
 * Which ones: the match that ends first; of several that end there, the one
 * whose events come first, compared one by one from its first event on.  The
 * next match is sought among the events behind it.  No other choice of matches,
 * each behind the one before, has more of them: whatever the k-th match of
 * another choice is, the k-th found here ends no later.
 *
 * Time is O(events x edges of the pattern), mostly bits of a word at a time;
 * see si_matcher.c.
 */
#ifndef SI_MATCHER_H
#define SI_MATCHER_H

#include "core/sequence/pattern/si_pattern.h"

/* What a gated edge remembers when it has both bounds. */
typedef struct SiEdgeMemory
{
	int64_t		next;			/* the next event to look at */
	int64_t		seen;			/* the last one it found, or -1 */
} SiEdgeMemory;

typedef struct SiMatcher
{
	/* set by the caller */
	const SiPattern *pattern;
	int64_t		n;
	const uint16_t *symbol;		/* by event */
	const int64_t *time;		/* by event, ascending; needed with gates */
	bool		keep;			/* si_matcher_positions will be called */
	uint64_t   *row;			/* si_matcher_rows() x words */
	SiPulse		pulse;
	/* the matcher's own; start with zeroes */
	int64_t		begin;			/* of the events not used up */
	int64_t		start;			/* where the last search began */
	int64_t		end;			/* the last event of the match */
	int64_t		looks;			/* of edges back and ahead, all searches */
	uint64_t	later[SI_PATTERN_WORDS];
	uint64_t	seen[SI_PATTERN_WORDS];
	int64_t		first_time[SI_PATTERN_STEPS];
	int64_t		last_time[SI_PATTERN_STEPS];
	SiEdgeMemory memory[SI_PATTERN_GATED];
} SiMatcher;

/* How many rows of words the matcher needs. */
extern int64_t si_matcher_rows(const SiMatcher *matcher);

/* The next match: matcher->end is its last event.  False: no more. */
extern bool si_matcher_next(SiMatcher *matcher);

/*
 * The events of the match found last, ascending, from 0; returns their number.
 * Once for each match; the array has room for matcher->n.
 */
extern int64_t si_matcher_positions(SiMatcher *matcher, int64_t *position);

#endif							/* SI_MATCHER_H */
