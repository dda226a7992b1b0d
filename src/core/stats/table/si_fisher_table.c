/*
 * si_fisher_table.c
 *	  Fisher's two-sided p-values of all 2x2 tables with the same margins.
 *
 * For permutation tests, which ask for the p-values of one pair of margins
 * thousands of times.  The p-value of a table is the chance of those that are
 * at most as likely as it.
 *
 * Method: the weights relative to the largest, by recurrence to both sides;
 * they fall on both, so that the tables at most as likely as one of the left
 * side are all to its left, and those from some place on at the right end.
 * That place moves inward as the table does: one walk from both ends gives all
 * p-values.
 *
 * Special cases: weights within 1e-7 of one another count as equal, as in R's
 * fisher.test and si_hypergeometric.c.  A weight below 1e-300 of the largest
 * may be 0.
 *
 * Accuracy: as many roundings as there are tables; about 1e-13 for thousands.
 */
#include "core/stats/table/si_fisher_table.h"

#include "core/si_tolerance.h"

static int64_t
least(int64_t row, int64_t column, int64_t total)
{
	return row + column > total ? row + column - total : 0;
}

static int64_t
most(int64_t row, int64_t column)
{
	return row < column ? row : column;
}

int64_t
si_fisher_table_size(int64_t row, int64_t column, int64_t total)
{
	return most(row, column) - least(row, column, total) + 1;
}

/* Weights relative to that at the mode; returns the mode's place. */
static int64_t
fill_weights(int64_t row, int64_t column, int64_t total, int64_t low,
			 int64_t count, double *weight)
{
	double		r = (double) row;
	double		s = (double) column;
	double		rest = (double) total - r - s;
	int64_t		mode = (int64_t) ((r + 1) * (s + 1) / ((double) total + 2)) -
		low;

	mode = mode < 0 ? 0 : mode >= count ? count - 1 : mode;
	weight[mode] = 1;
	for (int64_t i = mode; i + 1 < count; i++)
	{
		double		k = (double) (low + i);

		weight[i + 1] = weight[i] * ((r - k) / (k + 1)) *
			((s - k) / (rest + k + 1));
	}
	for (int64_t i = mode; i > 0; i--)
	{
		double		k = (double) (low + i);

		weight[i - 1] = weight[i] * (k / (r - k + 1)) *
			((rest + k) / (s - k + 1));
	}
	return mode;
}

/* P-values from one end to the mode; step is the way inward. */
static void
fill_side(int64_t count, int64_t mode, int64_t step, const double *weight,
		  double total, double *value)
{
	int64_t		near = step > 0 ? 0 : count - 1;
	int64_t		far = step > 0 ? count - 1 : 0;
	double		sum = 0;

	for (; near != mode; near += step)
	{
		double		limit = weight[near] * (1 + SI_EQUAL_CHANCE);

		for (; far != mode && weight[far] <= limit; far -= step)
			sum += weight[far];
		sum += weight[near];
		value[near] = limit >= 1 || sum > total ? 1 : sum / total;
	}
}

SiFisherTable
si_fisher_table(int64_t row, int64_t column, int64_t total, double *value,
				double *scratch)
{
	SiFisherTable table = {least(row, column, total), most(row, column),
	value};
	int64_t		count = table.high - table.low + 1;
	int64_t		mode = fill_weights(row, column, total, table.low, count,
									scratch);
	double		sum = 0;

	for (int64_t i = 0; i < count; i++)
		sum += scratch[i];
	fill_side(count, mode, 1, scratch, sum, value);
	fill_side(count, mode, -1, scratch, sum, value);
	value[mode] = 1;
	return table;
}
