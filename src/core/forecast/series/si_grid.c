/*
 * si_grid.c
 *	  A series of equally spaced values from rows that have gaps and doubles.
 *
 * Several rows of a period are added, or averaged, with compensation.  A gap
 * gets zeros, or the straight line between its neighbours; before the first
 * row and after the last one there is only one neighbour, whose value stays.
 */
#include <math.h>

#include "core/forecast/series/si_grid.h"
#include "core/stats/si_sum.h"

#define BLOCK_ROWS	65536		/* between pulses */

/* The value of the rows from i on that share a period; how many they are. */
static int64_t
period_value(int64_t rows, const SiGridRow *row, int64_t i,
			 SiDuplicates duplicates, double *value)
{
	SiSum		sum = {0.0, 0.0};
	int64_t		k;

	for (k = i; k < rows && row[k].period == row[i].period; k++)
		si_sum_add(&sum, row[k].value);
	*value = duplicates == SI_DUPLICATES_MEAN ? sum.high / (double) (k - i) :
		sum.high;
	return k - i;
}

/* Periods low + 1 to high - 1; low is -1 or high n where there is no row. */
static void
fill_gap(int64_t low, int64_t high, int64_t n, SiMissing missing, double *y,
		 SiGridCount *count)
{
	int64_t		i;

	if (high - low > 1 && count->first_missing < 0)
		count->first_missing = low + 1;
	count->missing += high - low - 1;
	for (i = low + 1; i < high; i++)
	{
		double		share = (double) (i - low) / (double) (high - low);

		if (missing == SI_MISSING_ZERO)
			y[i] = 0.0;
		else if (low < 0)
			y[i] = y[high];
		else if (high >= n)
			y[i] = y[low];
		else
			y[i] = y[low] * (1.0 - share) + y[high] * share;
	}
}

void
si_grid_fill(int64_t rows, const SiGridRow *row, SiDuplicates duplicates,
			 SiMissing missing, int64_t n, double *y, SiGridCount *count,
			 SiPulse pulse)
{
	int64_t		last = -1;
	int64_t		i = 0;

	count->missing = count->doubles = 0;
	count->first_missing = count->first_double = -1;
	while (i < rows)
	{
		int64_t		period = row[i].period;
		int64_t		same = period_value(rows, row, i, duplicates, &y[period]);

		if (period / BLOCK_ROWS != last / BLOCK_ROWS)
			pulse();
		if (same > 1 && count->first_double < 0)
			count->first_double = period;
		count->doubles += same - 1;
		fill_gap(last, period, n, missing, y, count);
		last = period;
		i += same;
	}
	fill_gap(last, n, n, missing, y, count);
}
