/*
 * si_funnel.h
 *	  How deep the rows of one entity go into a funnel, exactly.
 *
 * Definitions.  A row has a time and a set of steps that it satisfies, maybe
 * none.  Rows that happen *together*, in one *moment*, have no order among
 * themselves; without tie-breaks these are the rows of one time.  A *match* is
 * a row with one of its steps.
 *
 * A *chain* of k steps is a match of step 1, one of step 2, and so on to step
 * k, each in the same moment as the one before or in a later one, the time of
 * each at most `within` after the time of the first.  One row may serve for
 * several steps that it satisfies.  The *level* is the length of the longest
 * chain.
 *
 * The modes narrow this down, alone or combined:
 *
 * strict_increase: the times of a chain grow strictly.
 * strict_once: the rows of a chain are different rows.
 *
 * The other modes end the scan early: matches are visited moment by moment,
 * within a moment first the rows without any step, then step by step upwards,
 * all rows of a step at once.  Step k is *reached* as soon as the matches
 * visited so far hold a chain of k steps.  What ends the scan is not visited
 * itself, and nothing after it counts:
 *
 * strict_deduplication: a match of step k > 1 when step k has been reached
 *	  ends the scan.  If several rows of a moment satisfy step k, any of them
 *	  may serve; the scan ends after them if step k is then reached.
 * strict_order: once step 1 has been reached, a row without any step ends the
 *	  scan, and so does a match of step k > 1 while step k - 1 has not been
 *	  reached.
 * allow_reentry, only with strict_order: the latter match is skipped instead.
 *
 * These are ClickHouse's documented modes of windowFunnel, taken for all
 * chains: its single scan keeps one chain per step and so misses some under
 * strict_increase, and it visits rows of one time in the order of arrival.
 *
 * The times reported are those of a chain of the level's length that is the
 * first in lexicographic order: the earliest start, then the earliest second
 * step, and so on.
 */
#ifndef SI_FUNNEL_H
#define SI_FUNNEL_H

#include "core/si_core.h"

#define SI_FUNNEL_STEPS		64

/* Modes, to be combined. */
#define SI_STRICT_ORDER			1
#define SI_STRICT_DEDUPLICATION	2
#define SI_STRICT_INCREASE		4
#define SI_STRICT_ONCE			8
#define SI_ALLOW_REENTRY		16
#define SI_FUNNEL_MODES			31

typedef struct SiFunnelRule
{
	int			steps;			/* 1 to SI_FUNNEL_STEPS */
	uint32_t	modes;
	uint64_t	within;			/* microseconds */
} SiFunnelRule;

typedef struct SiFunnelRow
{
	int64_t		time;
	uint64_t	steps;			/* bit k - 1: satisfies step k */
} SiFunnelRow;

/*
 * The level of n rows in order of time, and in times[0] to times[level - 1]
 * those of the chain; there is room for all steps.  `apart` is NULL, or says
 * of each row whether it is not together with the row before, although they
 * have the same time.
 *
 * Cost: a pass over the rows and one over those of a window, each of a few
 * operations per match; under strict_once, moments of several rows that
 * satisfy several steps cost a matching of rows with steps.
 */
extern int	si_funnel_scan(const SiFunnelRule *rule, int64_t n,
						   const SiFunnelRow *rows, const uint8_t *apart,
						   int64_t *times, SiPulse pulse);

/* Whether rows without any step matter, so that they must be kept. */
static inline bool
si_funnel_needs_all(const SiFunnelRule *rule)
{
	return (rule->modes & SI_STRICT_ORDER) != 0;
}

#endif							/* SI_FUNNEL_H */
