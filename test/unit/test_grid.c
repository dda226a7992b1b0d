/*
 * Series from rows with gaps and doubles, by hand.
 */
#include <math.h>

#include "core/forecast/series/si_grid.h"
#include "tap.h"

static void
pulse(void)
{
}

static bool
equal(int n, const double *a, const double *b)
{
	int			i;

	for (i = 0; i < n; i++)
	{
		if (!(fabs(a[i] - b[i]) <= 1e-15 * fabs(b[i])))
			return false;
	}
	return true;
}

int
main(void)
{
	const SiGridRow row[] = {
		{1, 10.0}, {2, 1.0}, {2, 2.0}, {2, 6.0}, {5, 12.0}
	};
	const SiGridRow tiny[] = {{0, 1e16}, {0, 1.0}, {0, -1e16}};
	const double zeros[] = {0, 10, 9, 0, 0, 12, 0};
	const double lines[] = {10, 10, 9, 10, 11, 12, 12};
	const double means[] = {10, 10, 3, 6, 9, 12, 12};
	SiGridCount count;
	double		y[7];

	si_grid_fill(5, row, SI_DUPLICATES_SUM, SI_MISSING_ZERO, 7, y, &count,
				 pulse);
	ok(equal(7, y, zeros), "zeros where nothing is, sums where much is");
	ok(count.missing == 4 && count.first_missing == 0, "four are missing");
	ok(count.doubles == 2 && count.first_double == 2, "two are double");
	si_grid_fill(5, row, SI_DUPLICATES_SUM, SI_MISSING_INTERPOLATE, 7, y,
				 &count, pulse);
	ok(equal(7, y, lines), "a line between neighbours, a constant at the ends");
	si_grid_fill(5, row, SI_DUPLICATES_MEAN, SI_MISSING_INTERPOLATE, 7, y,
				 &count, pulse);
	ok(equal(7, y, means), "means");
	si_grid_fill(3, tiny, SI_DUPLICATES_SUM, SI_MISSING_ERROR, 1, y, &count,
				 pulse);
	ok(y[0] == 1.0 && count.missing == 0, "small ones beside large ones");
	return done_testing();
}
