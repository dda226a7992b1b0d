/*
 * si_funnel.c
 *	  How deep the rows of one entity go into a funnel, exactly.
 *
 * Method.  A chain of k steps with a later start can be gone on with whenever
 * one with an earlier start can, so per k the latest start of all chains is
 * all that a scan needs.  These starts never increase with k, since a chain of
 * k steps holds one of k - 1.  Under strict_increase a chain may be gone on
 * with only at a later time, under strict_once, by the same row, only in a
 * later moment: the start as it was before the present time or moment is kept
 * beside the new one.
 *
 * Under strict_once a chain may take several steps in one moment if different
 * rows serve for them: the longest run of steps down from k that can be paired
 * with rows says after which step the chain came in.
 *
 * The scan also finds the first time at which the final level is completed.
 * A chain that started earlier and is still within the window then is never
 * behind one that started later, so the earliest start is the first match of
 * step 1 not more than the window before that time, and taking each further
 * step as early as possible from there completes the level.
 *
 * Accuracy: exact; differences of times are taken unsigned and cannot
 * overflow.
 *
 * Reference for the meaning of the modes: the manual of ClickHouse on
 * windowFunnel; for what a single chain per step misses, its issue 52844.
 */
#include <string.h>

#include "core/sequence/funnel/si_funnel.h"
#include "core/sequence/funnel/si_funnel_pairing.h"

#define BLOCK_ROWS	65536		/* between pulses */

/* The rows of one moment, seen as a whole. */
typedef struct Moment
{
	int64_t		time;
	uint64_t	steps;			/* of any row */
	uint64_t	twice;			/* of several rows */
	bool		none;			/* a row has no step */
	bool		alone;			/* no row has several steps */
	int64_t		n;
	const SiFunnelRow *rows;
} Moment;

typedef struct Scan
{
	const SiFunnelRule *rule;
	bool		ended;
	int			reached;		/* chains of 1..reached steps are there */
	int64_t		reached_at;		/* when the last of them came */
	int64_t		start[SI_FUNNEL_STEPS + 1]; /* latest, by chain length */

	/* as it was before the present moment, or time under strict_increase */
	int			old_reached;
	int64_t		old_time;
	uint64_t	changed;		/* bit k - 1: start[k] is new, old[k] holds */
	int64_t		old[SI_FUNNEL_STEPS + 1];
} Scan;

static inline bool
within_window(const SiFunnelRule *rule, int64_t start, int64_t time)
{
	return (uint64_t) time - (uint64_t) start <= rule->within;
}

/* The moment that starts at row i; returns the row after it. */
static int64_t
gather_moment(int64_t i, int64_t n, const SiFunnelRow *rows,
			  const uint8_t *apart, Moment *moment)
{
	moment->time = rows[i].time;
	moment->rows = rows + i;
	moment->steps = rows[i].steps;
	moment->twice = 0;
	moment->none = rows[i].steps == 0;
	moment->alone = (rows[i].steps & (rows[i].steps - 1)) == 0;
	for (i++; i < n && rows[i].time == moment->time &&
		 (apart == NULL || apart[i] == 0); i++)
	{
		uint64_t	steps = rows[i].steps;

		moment->none |= steps == 0;
		moment->alone &= (steps & (steps - 1)) == 0;
		moment->twice |= moment->steps & steps;
		moment->steps |= steps;
	}
	moment->n = rows + i - moment->rows;
	return i;
}

/* ---------- the level ---------- */

/* There is a chain of k steps with this start. */
static inline void
extend_chain(Scan *scan, int k, int64_t start, int64_t time)
{
	uint64_t	bit = UINT64_C(1) << (k - 1);

	if ((scan->changed & bit) == 0)
	{
		scan->old[k] = scan->start[k];
		scan->changed |= bit;
	}
	scan->start[k] = start;
	if (scan->reached < k)
	{
		scan->reached = k;
		scan->reached_at = time;
	}
}

/* The start of a chain of k steps as of before the moment, if there is one. */
static inline bool
old_start(const Scan *scan, int k, int64_t *start)
{
	if (k > scan->old_reached)
		return false;
	*start = (scan->changed >> (k - 1) & 1) ? scan->old[k] : scan->start[k];
	return true;
}

/*
 * The start of the chain that a match of step k > 1 goes on with, if there is
 * one.  `low` is the lowest step that it may have taken in this moment.
 */
static inline bool
chain_before(const Scan *scan, int k, int low, int64_t time, int64_t *start)
{
	if (scan->rule->modes & SI_STRICT_INCREASE)
		return old_start(scan, k - 1, start);
	if ((scan->rule->modes & SI_STRICT_ONCE) == 0)
	{
		*start = scan->start[k - 1];
		return scan->reached >= k - 1;
	}
	*start = time;
	return low == 1 || old_start(scan, low - 1, start);
}

/* Whether a match of step k may be used; if not, the scan may have ended. */
static inline bool
admit_step(Scan *scan, int k)
{
	uint32_t	modes = scan->rule->modes;

	if ((modes & SI_STRICT_DEDUPLICATION) && scan->reached >= k)
	{
		scan->ended = true;
		return false;
	}
	if ((modes & SI_STRICT_ORDER) && scan->reached >= 1 &&
		scan->reached < k - 1)
	{
		scan->ended = (modes & SI_ALLOW_REENTRY) == 0;
		return false;
	}
	return true;
}

/* What step k of the moment brings. */
static inline void
visit_step(Scan *scan, const Moment *moment, int k, int low)
{
	int64_t		start;

	if (k == 1)
	{
		extend_chain(scan, 1, moment->time, moment->time);
		return;
	}
	if (!admit_step(scan, k))
		return;
	if (chain_before(scan, k, low, moment->time, &start) &&
		within_window(scan->rule, start, moment->time))
		extend_chain(scan, k, start, moment->time);
	if ((scan->rule->modes & SI_STRICT_DEDUPLICATION) &&
		(moment->twice >> (k - 1) & 1) && scan->reached >= k)
		scan->ended = true;
}

/* The lowest step that a chain may take, before k, in a simple moment. */
static int
lowest_of_run(const Moment *moment, int k)
{
	if (moment->n == 1)
		return k;
	while (k > 1 && (moment->steps >> (k - 2) & 1))
		k--;
	return k;
}

/* Rows that satisfy several steps, each of which may serve only once. */
static void
visit_paired(Scan *scan, const Moment *moment)
{
	SiPairing	pairing;
	uint64_t	left;

	si_pairing_start(&pairing, moment->n, moment->rows);
	for (left = moment->steps; left != 0 && !scan->ended; left &= left - 1)
	{
		int			k = __builtin_ctzll(left) + 1;

		si_pairing_raise(&pairing, k);
		visit_step(scan, moment, k, pairing.low);
	}
}

static void
visit_moment(Scan *scan, const Moment *moment)
{
	uint32_t	modes = scan->rule->modes;
	bool		once = (modes & SI_STRICT_ONCE) != 0;
	uint64_t	left;

	if ((modes & SI_STRICT_ORDER) && moment->none && scan->reached >= 1)
	{
		scan->ended = true;
		return;
	}
	if ((modes & SI_STRICT_INCREASE) == 0 || moment->time != scan->old_time)
	{
		scan->changed = 0;
		scan->old_reached = scan->reached;
		scan->old_time = moment->time;
	}
	if (once && moment->n > 1 && !moment->alone)
	{
		visit_paired(scan, moment);
		return;
	}
	for (left = moment->steps; left != 0 && !scan->ended; left &= left - 1)
	{
		int			k = __builtin_ctzll(left) + 1;

		visit_step(scan, moment, k, once ? lowest_of_run(moment, k) : k);
	}
}

/* ---------- the times ---------- */

/* How far a chain of `level` steps gets in this moment. */
static int
raise_level(const SiFunnelRule *rule, const Moment *moment, int level,
			int wanted, int64_t last)
{
	SiPairing	pairing;
	int			low = level + 1;

	if (level >= wanted || (moment->steps >> level & 1) == 0)
		return level;
	if (rule->modes & SI_STRICT_INCREASE)
		return level > 0 && moment->time == last ? level : level + 1;
	if ((rule->modes & SI_STRICT_ONCE) && moment->n == 1)
		return level + 1;
	if ((rule->modes & SI_STRICT_ONCE) == 0 || moment->alone)
	{
		while (level < wanted && (moment->steps >> level & 1))
			level++;
		return level;
	}
	si_pairing_start(&pairing, moment->n, moment->rows);
	while (level < wanted && (moment->steps >> level & 1))
	{
		si_pairing_raise(&pairing, level + 1);
		if (pairing.low > low)
			break;
		level++;
	}
	return level;
}

/*
 * The times of the first chain of `wanted` steps, which is completed at the
 * given time.
 */
static void
trace_chain(const SiFunnelRule *rule, int64_t n, const SiFunnelRow *rows,
			const uint8_t *apart, int wanted, int64_t completed,
			int64_t *times, SiPulse pulse)
{
	int			level = 0;
	int64_t		i = 0;
	int64_t		next_pulse = 0;
	Moment		moment;

	while (i < n && !within_window(rule, rows[i].time, completed))
		i++;
	while (i < n && level < wanted)
	{
		int			before = level;

		if (i >= next_pulse)
		{
			pulse();
			next_pulse = i + BLOCK_ROWS;
		}
		i = gather_moment(i, n, rows, apart, &moment);
		level = raise_level(rule, &moment, level, wanted,
							level > 0 ? times[level - 1] : 0);
		while (before < level)
			times[before++] = moment.time;
	}
}

int
si_funnel_scan(const SiFunnelRule *rule, int64_t n, const SiFunnelRow *rows,
			   const uint8_t *apart, int64_t *times, SiPulse pulse)
{
	Scan		scan;
	int64_t		next_pulse = 0;
	int64_t		i = 0;

	scan.rule = rule;
	scan.ended = false;
	scan.reached = 0;
	scan.old_reached = 0;
	scan.changed = 0;
	scan.old_time = INT64_MIN;
	while (i < n && !scan.ended && scan.reached < rule->steps)
	{
		Moment		moment;

		if (i >= next_pulse)
		{
			pulse();
			next_pulse = i + BLOCK_ROWS;
		}
		i = gather_moment(i, n, rows, apart, &moment);
		visit_moment(&scan, &moment);
	}
	if (scan.reached > 0)
		trace_chain(rule, n, rows, apart, scan.reached, scan.reached_at,
					times, pulse);
	return scan.reached;
}
