/*
 * si_contrast_found.c
 *	  What one pattern says: its counts, tests, and expression.
 *
 * Rows that are independent: Fisher's exact p-value, whatever the counts, and
 * Wald's interval (si_contingency.c).  Clusters: the score test and interval
 * of si_cluster_score.c.
 *
 * Order: among the rows that have all events of the pattern, an event that the
 * pattern has twice being there twice, those in this order are compared with
 * the others by the same test.  It is left out where all events are the same.
 *
 * An event that all successes of at least OUTCOME_ROWS have, and none of at
 * least as many failures, or the reverse, is no behaviour but the outcome.
 */
#include "core/sequence/contrast/si_contrast_found.h"

#include <math.h>

#include "core/sequence/pattern/si_pattern.h"
#include "core/stats/distribution/si_normal.h"

#define OUTCOME_ROWS	40

SiContingency
si_contrast_cells(const SiContrastWhole *whole, uint32_t with,
				  uint32_t with_success)
{
	int64_t		failures = whole->rows - whole->successes;
	SiContingency t;

	t.a = with_success;
	t.b = (int64_t) with - with_success;
	t.c = whole->successes - t.a;
	t.d = failures - t.b;
	return t;
}

bool
si_contrast_is_outcome(const SiContrastWhole *whole, uint32_t with,
					   uint32_t with_success)
{
	SiContingency t = si_contrast_cells(whole, with, with_success);

	if (whole->successes < OUTCOME_ROWS ||
		whole->rows - whole->successes < OUTCOME_ROWS)
		return false;
	return (t.b == 0 && t.c == 0) || (t.a == 0 && t.d == 0);
}

/* ----- Tests ----- */

static bool
all_same(const SiContrastFound *found)
{
	for (int i = 1; i < found->length; i++)
	{
		if (found->name[i] != found->name[0])
			return false;
	}
	return true;
}

void
si_contrast_cluster_cells(const SiContrastWalk *walk,
						  const SiContrastWhole *whole, uint32_t name,
						  SiClusterCells *cells)
{
	const SiClusterCells *of = walk->cells + name * whole->clusters;

	for (int64_t g = 0; g < whole->clusters; g++)
	{
		cells[g] = whole->cluster[g];
		cells[g].with = of[g].with;
		cells[g].with_success = of[g].with_success;
	}
}

static void
judge_clusters(const SiContrastWalk *walk, const SiContrastWhole *whole,
			   uint32_t name, SiClusterCells *scratch, SiContrastFound *found)
{
	SiClusterScore score;
	SiInterval	interval;

	si_contrast_cluster_cells(walk, whole, name, scratch);
	score = si_cluster_score(whole->clusters, scratch, walk->pulse);
	interval = si_cluster_score_interval(&score, whole->level);
	found->with = (uint32_t) (score.total.a + score.total.b);
	found->with_success = (uint32_t) score.total.a;
	found->low = interval.low;
	found->high = interval.high;
	found->p_value = si_cluster_score_p_value(&score, walk->pulse);
	found->statistic = -si_normal_quantile(found->p_value / 2);
	if (all_same(found))
		return;
	score = si_cluster_score(whole->clusters, walk->cells +
							 name * whole->clusters, walk->pulse);
	found->order_p_value = si_cluster_score_p_value(&score, walk->pulse);
}

static void
judge_rows(const SiContrastWalk *walk, const SiContrastWhole *whole,
		   uint32_t name, SiContrastFound *found)
{
	const SiClusterCells *cell = &walk->cells[name];
	SiContingency t = si_contrast_cells(whole, cell->with,
										cell->with_success);
	SiInterval	interval = si_odds_ratio_wald(&t, whole->level);
	SiContrastWhole both = {cell->rows, cell->success, NULL, 0, 0};

	found->with = cell->with;
	found->with_success = cell->with_success;
	found->low = interval.low;
	found->high = interval.high;
	found->p_value = si_fisher_p_value(&t, walk->pulse);
	if (all_same(found))
		return;
	t = si_contrast_cells(&both, cell->with, cell->with_success);
	found->order_p_value = si_fisher_p_value(&t, walk->pulse);
}

SiContrastFound
si_contrast_judge(const SiContrastWalk *walk, const SiContrastWhole *whole,
				  uint32_t name, SiClusterCells *scratch)
{
	SiContrastFound found = {{0}, 0, false, 0, 0, NAN, NAN, 1, NAN, 0, NAN,
	NAN};

	for (int i = 0; i < walk->depth; i++)
		found.name[found.length++] = walk->prefix[i];
	found.name[found.length++] = name;
	if (whole->cluster != NULL)
		judge_clusters(walk, whole, name, scratch, &found);
	else
		judge_rows(walk, whole, name, &found);
	return found;
}

/* ----- Expression ----- */

static bool
is_identifier(SiText text)
{
	bool		holds = text.length > 0 && si_is_letter(text.data[0]);

	for (int32_t i = 1; holds && i < text.length; i++)
		holds = si_is_letter(text.data[i]) || si_is_digit(text.data[i]);
	return holds;
}

static void
write_event(SiWriter *out, SiText event)
{
	if (is_identifier(event))
	{
		si_write_raw(out, event.data, (size_t) event.length);
		return;
	}
	si_write_u8(out, '"');
	for (int32_t i = 0; i < event.length; i++)
	{
		if (event.data[i] == '"')
			si_write_u8(out, '"');
		si_write_u8(out, (uint8_t) event.data[i]);
	}
	si_write_u8(out, '"');
}

void
si_contrast_expression(SiWriter *out, int length, const SiText *event)
{
	for (int i = 0; i < length; i++)
	{
		if (i > 0)
			si_write_raw(out, " ... ", 5);
		write_event(out, event[i]);
	}
}
