/*
 * funnel_brute.h
 *
 * Funnels by the letter of their definition: every chain is tried.
 *
 * Written from the definitions in si_funnel.h, without a look at the method:
 * no latest starts, no greedy steps.  "What has been visited" is a limit (a
 * moment, and the steps of it); whether a step is reached is asked anew at
 * every limit by searching all chains below it.
 */
#ifndef FUNNEL_BRUTE_H
#define FUNNEL_BRUTE_H

#include <string.h>

#include "core/sequence/funnel/si_funnel.h"
#include "core/si_hash.h"

#define BRUTE_ROWS	12
#define BRUTE_STEPS	6

typedef struct Case
{
	SiFunnelRule rule;
	int64_t		n;
	SiFunnelRow rows[BRUTE_ROWS];
	uint8_t		apart[BRUTE_ROWS];
	int			moment[BRUTE_ROWS];
} Case;

/* Matches of moments before `moment`, and of its steps up to `step`. */
typedef struct Limit
{
	int			moment;
	int			step;
} Limit;

typedef struct Search
{
	const Case *c;
	Limit		limit;
	int			wanted;			/* steps */
	int			row[BRUTE_STEPS];
	bool		found;
	bool		all;			/* do not stop at the first */
	int64_t		best[BRUTE_STEPS];
} Search;

static inline bool
brute_has(const Case *c, int64_t row, int step)
{
	return (c->rows[row].steps >> (step - 1) & 1) != 0;
}

/* May this row be step `done + 1` of the chain so far? */
static inline bool
brute_fits(const Search *s, int done, int64_t row)
{
	const Case *c = s->c;
	const SiFunnelRow *rows = c->rows;

	if (!brute_has(c, row, done + 1) || c->moment[row] > s->limit.moment ||
		(c->moment[row] == s->limit.moment && done + 1 > s->limit.step))
		return false;
	if (done == 0)
		return true;
	if (c->moment[row] < c->moment[s->row[done - 1]])
		return false;
	if ((uint64_t) (rows[row].time - rows[s->row[0]].time) > c->rule.within)
		return false;
	if ((c->rule.modes & SI_STRICT_INCREASE) &&
		rows[row].time == rows[s->row[done - 1]].time)
		return false;
	for (int i = 0; (c->rule.modes & SI_STRICT_ONCE) && i < done; i++)
	{
		if (s->row[i] == row)
			return false;
	}
	return true;
}

static inline void
brute_keep(Search *s)
{
	bool		better = !s->found;

	for (int i = 0; s->found && i < s->wanted; i++)
	{
		int64_t		time = s->c->rows[s->row[i]].time;

		if (time != s->best[i])
		{
			better = time < s->best[i];
			break;
		}
	}
	for (int i = 0; better && i < s->wanted; i++)
		s->best[i] = s->c->rows[s->row[i]].time;
	s->found = true;
}

static inline void
brute_search(Search *s, int done)
{
	if (done == s->wanted)
	{
		brute_keep(s);
		return;
	}
	for (int row = 0; row < s->c->n && (s->all || !s->found); row++)
	{
		if (brute_fits(s, done, row))
		{
			s->row[done] = row;
			brute_search(s, done + 1);
		}
	}
}

static inline bool
brute_reached(const Case *c, int step, Limit limit)
{
	Search		s = {.c = c, .limit = limit, .wanted = step};

	brute_search(&s, 0);
	return s.found;
}

static inline int
brute_count(const Case *c, int moment, int step)
{
	int			count = 0;

	for (int64_t i = 0; i < c->n; i++)
		count += c->moment[i] == moment &&
			(step == 0 ? c->rows[i].steps == 0 : brute_has(c, i, step));
	return count;
}

/* Where the scan ends. */
static inline Limit
brute_end(const Case *c)
{
	uint32_t	modes = c->rule.modes;
	Limit		at = {0, 0};

	for (at.moment = 0; at.moment <= c->moment[c->n - 1]; at.moment++)
	{
		at.step = 0;
		if ((modes & SI_STRICT_ORDER) && brute_count(c, at.moment, 0) > 0 &&
			brute_reached(c, 1, at))
			return at;
		for (int k = 1; k <= c->rule.steps; k++)
		{
			Limit		after = {at.moment, k};
			int			count = brute_count(c, at.moment, k);

			at.step = k - 1;
			if (count == 0 || k == 1)
				continue;
			if ((modes & SI_STRICT_DEDUPLICATION) && brute_reached(c, k, at))
				return at;
			if ((modes & SI_STRICT_ORDER) && !(modes & SI_ALLOW_REENTRY) &&
				brute_reached(c, 1, at) && !brute_reached(c, k - 1, at))
				return at;
			if ((modes & SI_STRICT_DEDUPLICATION) && count > 1 &&
				brute_reached(c, k, after))
				return after;
		}
	}
	return at;
}

static inline int
brute_level(const Case *c, int64_t *times)
{
	Limit		end = {-1, 0};
	int			level = 0;
	Search		s;

	if (c->n > 0)
		end = brute_end(c);
	while (level < c->rule.steps && brute_reached(c, level + 1, end))
		level++;
	memset(&s, 0, sizeof(s));
	s.c = c;
	s.limit = end;
	s.wanted = level;
	s.all = true;
	if (level > 0)
		brute_search(&s, 0);
	memcpy(times, s.best, sizeof(int64_t) * (size_t) level);
	return level;
}

/* ---------- random cases ---------- */

static uint64_t case_state = 1;

static inline int64_t
case_below(int64_t limit)
{
	return (int64_t) (si_hash_mix(UINT64_C(20240902), case_state++) %
					  (uint64_t) limit);
}

/* One step mostly, sometimes several, sometimes none. */
static inline uint64_t
case_steps(int steps, int64_t several, int64_t none)
{
	uint64_t	set = UINT64_C(1) << case_below(steps);

	if (case_below(100) < none)
		return 0;
	while (case_below(100) < several)
		set |= UINT64_C(1) << case_below(steps);
	return set;
}

/*
 * Up to 12 rows, ordered by time, with few times and so many ties in most
 * cases; some of those are broken.
 */
static inline void
random_case(Case *c, uint32_t modes)
{
	int64_t		times = 1 + case_below(20);
	int64_t		several = case_below(3) * 25;
	int64_t		none = case_below(2) * 12;
	bool		broken = case_below(3) == 0;

	c->n = case_below(BRUTE_ROWS + 1);
	c->rule.steps = 1 + (int) case_below(5);
	c->rule.modes = modes;
	c->rule.within = (uint64_t) case_below(times + 1) + (case_below(4) == 0);
	for (int64_t i = 0; i < c->n; i++)
	{
		int64_t		k;
		SiFunnelRow row = {case_below(times), 0};

		row.steps = case_steps(c->rule.steps, several, none);
		for (k = i; k > 0 && c->rows[k - 1].time > row.time; k--)
			c->rows[k] = c->rows[k - 1];
		c->rows[k] = row;
	}
	for (int64_t i = 0; i < c->n; i++)
	{
		c->apart[i] = broken && case_below(2) == 0;
		c->moment[i] = i == 0 ? 0 : c->moment[i - 1] +
			(c->rows[i].time != c->rows[i - 1].time || c->apart[i]);
	}
}

/* Whether two rows of the case happen together. */
static inline bool
case_tied(const Case *c)
{
	return c->n > 1 && c->moment[c->n - 1] < c->n - 1;
}

#endif							/* FUNNEL_BRUTE_H */
