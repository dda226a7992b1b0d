/*
 * si_funnel_pairing.c
 *	  Different rows for consecutive steps within one moment.
 *
 * Method: a bipartite matching of steps with rows, grown by augmenting paths.
 * Steps are added at the upper end; where one finds no row, steps are dropped
 * at the lower end until it does.  Every interval of steps below one that can
 * be paired can be paired too, so what remains is the longest interval that
 * ends with the added step.
 *
 * Of the rows that satisfy a step 64 are enough: at most 63 of them can be
 * taken by other steps.
 *
 * Reference: Kuhn, "The Hungarian method for the assignment problem", Naval
 * Research Logistics Quarterly 2 (1955), 83-97.
 */
#include <string.h>

#include "core/sequence/funnel/si_funnel_pairing.h"

void
si_pairing_start(SiPairing *pairing, int64_t n, const SiFunnelRow *rows)
{
	int			kept[SI_FUNNEL_STEPS] = {0};
	uint64_t	full = 0;		/* steps with enough rows */
	int64_t		i;

	pairing->rows = 0;
	pairing->low = 1;
	pairing->high = 0;
	for (i = 0; i < n; i++)
	{
		uint64_t	left = rows[i].steps;

		if ((left & ~full) == 0)
			continue;
		pairing->step_of[pairing->rows] = 0;
		pairing->steps[pairing->rows++] = left;
		for (; left != 0; left &= left - 1)
		{
			int			bit = __builtin_ctzll(left);

			if (++kept[bit] >= SI_FUNNEL_STEPS)
				full |= UINT64_C(1) << bit;
		}
	}
}

/* Finds a row for the step, moving other steps to other rows if need be. */
static bool
find_row(SiPairing *pairing, int step)
{
	uint64_t	bit = UINT64_C(1) << (step - 1);
	int			row;

	for (row = 0; row < pairing->rows; row++)
	{
		uint64_t	mark = UINT64_C(1) << row % 64;

		if ((pairing->steps[row] & bit) == 0 ||
			(pairing->visited[row / 64] & mark) != 0)
			continue;
		pairing->visited[row / 64] |= mark;
		if (pairing->step_of[row] != 0 &&
			!find_row(pairing, pairing->step_of[row]))
			continue;
		pairing->step_of[row] = (uint8_t) step;
		pairing->row_of[step] = (uint16_t) row;
		return true;
	}
	return false;
}

static void
drop_lowest(SiPairing *pairing)
{
	pairing->step_of[pairing->row_of[pairing->low]] = 0;
	pairing->low++;
}

void
si_pairing_raise(SiPairing *pairing, int step)
{
	bool		found = false;

	while (pairing->low <= pairing->high && pairing->high < step - 1)
		drop_lowest(pairing);
	if (pairing->low > pairing->high)
		pairing->low = step;
	while (!found)
	{
		memset(pairing->visited, 0, sizeof(pairing->visited));
		found = find_row(pairing, step);
		if (!found)
			drop_lowest(pairing);
	}
	pairing->high = step;
}
