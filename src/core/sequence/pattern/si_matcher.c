/*
 * si_matcher.c
 *	  Finds the matches of a pattern, one after another.
 *
 * A run of the automaton is a chain of pairs (step, event): this step matched
 * this event.  A pair can be reached when its event fits the step and the step
 * is a first one, or an edge leads there from a pair that can be reached.  An
 * edge is direct, from the event before, or crosses a gap, from any event
 * before; a gate asks that the time between the two lies in [low, high].  All
 * of that depends on the two pairs only, so that a row of bits, the steps that
 * can be reached at an event, says everything about the past.
 *
 * Edges without a gate are sets of bits.  With a gate, over a gap:
 *
 *	- low only: the earliest event of the step is the best;
 *	- high only: the latest one is;
 *	- both: the latest of those at least low ago is.  It only moves forward, as
 *	  time does: each edge walks over the rows once.
 *
 * Rows are kept for that walk, and to find a match's events: from its end
 * backward, the pairs that lead there by the same rules reversed; then from
 * the left always the next event that has one, with all steps that can be had
 * there.  Searches for different matches read different events: all together
 * stay linear.
 */
#include "core/sequence/pattern/si_matcher.h"

#include "core/si_bytes.h"

#define BLOCK_EVENTS	2048	/* between pulses */
#define BLOCK_LOOKS		65536	/* the same of edges that catch up */

/* ---------- bits ---------- */

static inline bool
has_bit(const uint64_t *words, int bit)
{
	return (words[bit / 64] >> bit % 64 & 1) != 0;
}

static inline void
set_bit(uint64_t *words, int bit)
{
	words[bit / 64] |= UINT64_C(1) << bit % 64;
}

static inline void
add_bits(uint64_t *to, const uint64_t *from, int words)
{
	int			w;

	for (w = 0; w < words; w++)
		to[w] |= from[w];
}

static inline bool
share_bits(const uint64_t *a, const uint64_t *b, int words)
{
	uint64_t	both = 0;
	int			w;

	for (w = 0; w < words; w++)
		both |= a[w] & b[w];
	return both != 0;
}

/* For each step in a set; the body must not change the set. */
#define FOR_STEPS(step, set, words) \
	for (int w_ = 0; w_ < (words); w_++) \
		for (uint64_t left_ = (set)[w_]; left_ != 0 && \
			 ((step) = w_ * 64 + __builtin_ctzll(left_), true); \
			 left_ &= left_ - 1)

/* ---------- forward ---------- */

static bool
keeps_rows(const SiMatcher *matcher)
{
	return matcher->keep || matcher->pattern->looks_back;
}

int64_t
si_matcher_rows(const SiMatcher *matcher)
{
	return keeps_rows(matcher) ? matcher->n : 2;
}

/* The row of an event at or after the start of the search. */
static inline uint64_t *
row_at(const SiMatcher *matcher, int64_t event)
{
	int64_t		place = event - matcher->start;

	return matcher->row + (keeps_rows(matcher) ? place : place & 1) *
		matcher->pattern->words;
}

static inline uint64_t
apart(const SiMatcher *matcher, int64_t from, int64_t to)
{
	return (uint64_t) matcher->time[to] - (uint64_t) matcher->time[from];
}

/*
 * An edge that was not asked for long catches up over all events at once, and
 * all edges may do so at one event.
 */
static inline void
count_look(SiMatcher *matcher)
{
	if (++matcher->looks % BLOCK_LOOKS == 0)
		matcher->pulse();
}

/* Both bounds: whether a pair low to high ago has the edge's step. */
static bool
look_back(SiMatcher *matcher, int e, int64_t event)
{
	const SiGatedEdge *edge = &matcher->pattern->edge[e];
	SiEdgeMemory *memory = &matcher->memory[e];

	for (; memory->next < event &&
		 apart(matcher, memory->next, event) >= edge->low; memory->next++)
	{
		count_look(matcher);
		if (has_bit(row_at(matcher, memory->next), edge->from))
			memory->seen = memory->next;
	}
	return memory->seen >= 0 &&
		apart(matcher, memory->seen, event) <= edge->high;
}

/* Whether an edge leads from some pair to this event. */
static bool
edge_holds(SiMatcher *matcher, int e, int64_t event)
{
	const SiGatedEdge *edge = &matcher->pattern->edge[e];
	uint64_t	now = (uint64_t) matcher->time[event];

	if (!has_bit(matcher->seen, edge->from))
		return false;
	if (!edge->gap)
		return has_bit(row_at(matcher, event - 1), edge->from) &&
			apart(matcher, event - 1, event) >= edge->low &&
			apart(matcher, event - 1, event) <= edge->high;
	if (edge->high == SI_PATTERN_FOREVER)
		return now - (uint64_t) matcher->first_time[edge->from] >= edge->low;
	if (edge->low == 0)
		return now - (uint64_t) matcher->last_time[edge->from] <= edge->high;
	return look_back(matcher, e, event);
}

/* Adds the steps that gated edges reach at an event that fits them. */
static void
add_gated(SiMatcher *matcher, const uint64_t *fits, int64_t event,
		  uint64_t *row)
{
	const SiPattern *pattern = matcher->pattern;
	int			w;

	for (w = 0; w < pattern->words; w++)
	{
		uint64_t	left = pattern->gate_before[w] & fits[w] & ~row[w];

		for (; left != 0; left &= left - 1)
		{
			int			to = w * 64 + __builtin_ctzll(left);
			int			e = pattern->edges_to[to];

			while (e < pattern->edges_to[to + 1] &&
				   !edge_holds(matcher, e, event))
				e++;
			if (e < pattern->edges_to[to + 1])
				set_bit(row, to);
		}
	}
}

/* Remembers when steps were reached. */
static void
note_times(SiMatcher *matcher, const uint64_t *row, int64_t event)
{
	int			step;

	FOR_STEPS(step, row, matcher->pattern->words)
	{
		if (!has_bit(matcher->seen, step))
			matcher->first_time[step] = matcher->time[event];
		matcher->last_time[step] = matcher->time[event];
	}
	add_bits(matcher->seen, row, matcher->pattern->words);
}

/* Fills in the row of an event; next holds what may follow directly. */
static void
step_forward(SiMatcher *matcher, int64_t event, uint64_t *next)
{
	const SiPattern *pattern = matcher->pattern;
	const uint64_t *fits = pattern->matches[matcher->symbol[event]];
	uint64_t   *row = row_at(matcher, event);
	int			words = pattern->words;
	int			step;
	int			w;

	for (w = 0; w < words; w++)
	{
		row[w] = fits[w] & (pattern->first[w] | matcher->later[w] | next[w]);
		next[w] = 0;
	}
	if (pattern->gated > 0)
	{
		add_gated(matcher, fits, event, row);
		note_times(matcher, row, event);
	}
	FOR_STEPS(step, row, words)
	{
		add_bits(next, pattern->follow[step], words);
		add_bits(matcher->later, pattern->later[step], words);
	}
}

static void
begin_search(SiMatcher *matcher)
{
	int			e;

	matcher->start = matcher->begin;
	memset(matcher->later, 0, sizeof(matcher->later));
	memset(matcher->seen, 0, sizeof(matcher->seen));
	if (!matcher->pattern->looks_back)
		return;
	for (e = 0; e < matcher->pattern->gated; e++)
	{
		matcher->memory[e].next = matcher->start;
		matcher->memory[e].seen = -1;
	}
}

bool
si_matcher_next(SiMatcher *matcher)
{
	const SiPattern *pattern = matcher->pattern;
	uint64_t	next[SI_PATTERN_WORDS] = {0};
	int64_t		event;

	begin_search(matcher);
	for (event = matcher->start; event < matcher->n; event++)
	{
		if (event % BLOCK_EVENTS == 0)
			matcher->pulse();
		step_forward(matcher, event, next);
		if (share_bits(row_at(matcher, event), pattern->last, pattern->words))
		{
			matcher->end = event;
			matcher->begin = event + 1;
			return true;
		}
	}
	matcher->begin = matcher->n;
	return false;
}

/* ---------- backward ---------- */

/* Both bounds: whether a pair low to high ahead has the edge's end. */
static bool
look_ahead(SiMatcher *matcher, int e, int64_t event)
{
	const SiGatedEdge *edge = &matcher->pattern->edge[e];
	SiEdgeMemory *memory = &matcher->memory[e];

	for (; memory->next > event &&
		 apart(matcher, event, memory->next) >= edge->low; memory->next--)
	{
		count_look(matcher);
		if (has_bit(row_at(matcher, memory->next), edge->to))
			memory->seen = memory->next;
	}
	return memory->seen >= 0 &&
		apart(matcher, event, memory->seen) <= edge->high;
}

/*
 * Whether an edge leads from this event on to the end.  Going backward, what
 * was seen first has the latest time.
 */
static bool
edge_leads(SiMatcher *matcher, int e, int64_t event)
{
	const SiGatedEdge *edge = &matcher->pattern->edge[e];
	uint64_t	now = (uint64_t) matcher->time[event];

	if (!has_bit(matcher->seen, edge->to))
		return false;
	if (!edge->gap)
		return has_bit(row_at(matcher, event + 1), edge->to) &&
			apart(matcher, event, event + 1) >= edge->low &&
			apart(matcher, event, event + 1) <= edge->high;
	if (edge->high == SI_PATTERN_FOREVER)
		return (uint64_t) matcher->first_time[edge->to] - now >= edge->low;
	if (edge->low == 0)
		return (uint64_t) matcher->last_time[edge->to] - now <= edge->high;
	return look_ahead(matcher, e, event);
}

/* Leaves in the row of an event the steps that lead to the end. */
static void
step_backward(SiMatcher *matcher, int64_t event, const uint64_t *after)
{
	const SiPattern *pattern = matcher->pattern;
	uint64_t	reached[SI_PATTERN_WORDS];
	uint64_t   *row = row_at(matcher, event);
	int			words = pattern->words;
	int			step;
	int			e;

	memcpy(reached, row, words * sizeof(uint64_t));
	memset(row, 0, words * sizeof(uint64_t));
	FOR_STEPS(step, reached, words)
	{
		if (share_bits(pattern->follow[step], after, words) ||
			share_bits(pattern->later[step], matcher->later, words))
			set_bit(row, step);
	}
	for (e = 0; e < pattern->gated; e++)
	{
		int			from = pattern->edge[e].from;

		if (has_bit(reached, from) && !has_bit(row, from) &&
			edge_leads(matcher, e, event))
			set_bit(row, from);
	}
	add_bits(matcher->later, row, words);
	if (pattern->gated > 0)
		note_times(matcher, row, event);
}

/* Leaves in all rows of the match the pairs that lead to its end. */
static void
trace_back(SiMatcher *matcher)
{
	const SiPattern *pattern = matcher->pattern;
	uint64_t   *row = row_at(matcher, matcher->end);
	int64_t		event;
	int			w;

	for (w = 0; w < pattern->words; w++)
		row[w] &= pattern->last[w];
	memcpy(matcher->later, row, pattern->words * sizeof(uint64_t));
	memset(matcher->seen, 0, sizeof(matcher->seen));
	if (pattern->gated > 0)
		note_times(matcher, row, matcher->end);
	for (w = 0; pattern->looks_back && w < pattern->gated; w++)
	{
		matcher->memory[w].next = matcher->end;
		matcher->memory[w].seen = -1;
	}
	for (event = matcher->end - 1; event >= matcher->start; event--)
	{
		if (event % BLOCK_EVENTS == 0)
			matcher->pulse();
		step_backward(matcher, event, row_at(matcher, event + 1));
	}
}

/* ---------- the events of a match ---------- */

/* The steps at an event that follow those of another; false: none. */
static bool
step_along(const SiMatcher *matcher, int64_t from, const uint64_t *steps,
		   int64_t event, uint64_t *to)
{
	const SiPattern *pattern = matcher->pattern;
	const uint64_t *row = row_at(matcher, event);
	int			words = pattern->words;
	int			step;
	int			e;
	int			w;

	memset(to, 0, words * sizeof(uint64_t));
	FOR_STEPS(step, steps, words)
	{
		add_bits(to, pattern->later[step], words);
		if (event == from + 1)
			add_bits(to, pattern->follow[step], words);
	}
	for (w = 0; w < words; w++)
		to[w] &= row[w];
	for (e = 0; e < pattern->gated; e++)
	{
		const SiGatedEdge *edge = &pattern->edge[e];

		if (has_bit(steps, edge->from) && has_bit(row, edge->to) &&
			(edge->gap || event == from + 1) &&
			apart(matcher, from, event) >= edge->low &&
			apart(matcher, from, event) <= edge->high)
			set_bit(to, edge->to);
	}
	return share_bits(to, row, words);
}

int64_t
si_matcher_positions(SiMatcher *matcher, int64_t *position)
{
	const SiPattern *pattern = matcher->pattern;
	uint64_t	steps[SI_PATTERN_WORDS];
	uint64_t	to[SI_PATTERN_WORDS];
	int64_t		count = 0;
	int64_t		event;
	int			w;

	trace_back(matcher);
	for (event = matcher->start; event <= matcher->end; event++)
	{
		const uint64_t *row = row_at(matcher, event);

		if (event % BLOCK_EVENTS == 0)
			matcher->pulse();
		for (w = 0; count == 0 && w < pattern->words; w++)
			to[w] = row[w] & pattern->first[w];
		if (count == 0 ? !share_bits(to, row, pattern->words) :
			!step_along(matcher, position[count - 1], steps, event, to))
			continue;
		memcpy(steps, to, pattern->words * sizeof(uint64_t));
		position[count++] = event;
	}
	return count;
}
