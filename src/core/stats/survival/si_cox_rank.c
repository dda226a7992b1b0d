/*
 * si_cox_rank.c
 *	  What follows from a fit of proportional hazards: how well it ranks rows,
 *	  and the hazard of the average row.
 *
 * Method of the concordance: rows enter a Fenwick tree of the ranks of their
 * margins, backwards in time, and each event is compared with those inside:
 * O(n log n).
 */
#include <float.h>
#include <math.h>

#include "core/stats/survival/si_cox.h"

#define PULSE_ROWS	4096

/*
 * Margins by plain sums, the same for the same row wherever it stands; the
 * library's may differ in the last bit, and equal margins count.
 */
static void
plain_margins(const SiCox *fit, const double *beta)
{
	const SiDesign *design = fit->design;
	int			p = design->columns;

	for (int64_t first = 0; first < design->rows; first += SI_BLOCK_ROWS)
	{
		int			n = (int) (design->rows - first < SI_BLOCK_ROWS ?
							   design->rows - first : SI_BLOCK_ROWS);

		fit->pulse();
		si_design_expand(design, first, n, fit->work);
		for (int i = 0; i < n; i++)
		{
			double		sum = 0;

			for (int j = 1; j < p; j++)
				sum += beta[j] * fit->work[(size_t) i * p + j];
			fit->margin[first + i] = sum;
		}
	}
}

/* Ranks from 1, equal margins equal, in the place of the margins. */
static void
rank_margins(const SiCox *fit, SiKeyed *items, SiKeyed *scratch)
{
	int64_t		n = fit->design->rows;
	double		rank = 0;

	for (int64_t row = 0; row < n; row++)
	{
		items[row].key = si_sort_key(fit->margin[row]);
		items[row].item = (uint64_t) row;
	}
	si_sort_keyed(n, items, scratch, fit->pulse);
	for (int64_t i = 0; i < n; i++)
	{
		rank += i == 0 || items[i].key != items[i - 1].key;
		fit->margin[items[i].item] = rank;
	}
}

/* The tree counts in the keys of an array, from 1. */
static void
tree_add(SiKeyed *tree, int64_t n, int64_t at)
{
	for (; at <= n; at += at & -at)
		tree[at - 1].key++;
}

static double
tree_below(const SiKeyed *tree, int64_t at)
{
	double		sum = 0;

	for (at--; at > 0; at -= at & -at)
		sum += (double) tree[at - 1].key;
	return sum;
}

static void
enter_rows(const SiCox *fit, int64_t first, int64_t last, bool events,
		   SiKeyed *tree)
{
	for (int64_t row = first; row < last; row++)
	{
		if (row % PULSE_ROWS == 0)
			fit->pulse();
		if ((fit->design->positive[row] != 0) == events)
			tree_add(tree, fit->design->rows, (int64_t) fit->margin[row]);
	}
}

double
si_cox_concordance(const SiCox *fit, const double *beta, SiKeyed *items,
				   SiKeyed *scratch)
{
	const SiDesign *design = fit->design;
	int64_t		first = design->rows;
	double		inside = 0;
	double		pairs = 0;
	double		good = 0;

	plain_margins(fit, beta);
	rank_margins(fit, items, scratch);
	for (int64_t row = 0; row < design->rows; row++)
		scratch[row].key = 0;
	for (int64_t last = design->rows; last > 0; last = first)
	{
		double		censored = 0;

		while (first > 0 && fit->time[first - 1] == fit->time[last - 1])
			censored += !design->positive[--first];
		enter_rows(fit, first, last, false, scratch);
		inside += censored;
		for (int64_t row = first; row < last; row++)
		{
			int64_t		rank = (int64_t) fit->margin[row];
			double		below;

			if (row % PULSE_ROWS == 0)
				fit->pulse();
			if (!design->positive[row])
				continue;
			below = tree_below(scratch, rank);
			pairs += inside;
			good += (below + tree_below(scratch, rank + 1)) / 2;
		}
		enter_rows(fit, first, last, true, scratch);
		inside += (double) (last - first) - censored;
	}
	return pairs > 0 ? good / pairs : NAN;
}

/* ----- The average row's hazard ----- */

static double
jump_at(const SiCox *fit, int64_t row, double average)
{
	const SiCoxStep *step = &fit->step[row];

	if ((row > 0 && fit->time[row - 1] == fit->time[row]) ||
		step->breslow == 0)
		return 0;
	return step->breslow * exp(average - step->shift);
}

static double
total_hazard(const SiCox *fit, double average, int64_t *steps)
{
	double		total = 0;

	*steps = 0;
	for (int64_t row = 0; row < fit->design->rows; row++)
	{
		double		jump = jump_at(fit, row, average);

		if (row % PULSE_ROWS == 0)
			fit->pulse();
		*steps += jump > 0;
		total += jump;
	}
	return fmin(total, DBL_MAX);
}

int
si_cox_baseline(const SiCox *fit, double average, int limit, double *at,
				double *hazard)
{
	int64_t		steps;
	double		total = total_hazard(fit, average, &steps);
	double		share = -expm1(-total) / (limit - 1);
	bool		thinned = steps > limit;
	double		next = 0;
	double		sum = 0;
	int			n = 0;

	for (int64_t row = 0; row < fit->design->rows; row++)
	{
		double		jump = jump_at(fit, row, average);

		if (row % PULSE_ROWS == 0)
			fit->pulse();
		if (jump == 0)
			continue;
		sum = fmin(sum + jump, DBL_MAX);
		steps--;
		if (thinned && steps > 0 && (-expm1(-sum) < next || n == limit - 1))
			continue;
		while (next <= -expm1(-sum) && share > 0)
			next += share;
		at[n] = fit->time[row];
		hazard[n++] = sum;
	}
	return n;
}
