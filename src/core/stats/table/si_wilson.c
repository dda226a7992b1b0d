/*
 * si_wilson.c
 *	  Interval of a share.
 *
 * Method: the shares that a score test at the level would not reject, without
 * continuity correction.  Unlike the interval of the normal approximation it
 * stays within [0,1] and keeps its level for few cases and rare events.
 *
 * Special cases: a share of 0 has a lower end of exactly 0, a share of 1 an
 * upper end of exactly 1.  The share need not be a whole number over n.
 *
 * Accuracy: a few roundings.
 *
 * Reference: Wilson, "Probable inference, the law of succession, and
 * statistical inference", J. Am. Stat. Assoc. 22 (1927), 209-212.
 */
#include <math.h>

#include "core/stats/distribution/si_normal.h"
#include "core/stats/table/si_wilson.h"

void
si_wilson_interval(double share, double n, double level,
				   double *low, double *high)
{
	double		z = si_normal_quantile(0.5 + 0.5 * level);
	double		squared = z * z / n;
	double		center = (share + 0.5 * squared) / (1.0 + squared);
	double		reach = sqrt((share * (1.0 - share) + 0.25 * squared) *
							 squared) / (1.0 + squared);

	*low = share > 0.0 ? fmax(center - reach, 0.0) : 0.0;
	*high = share < 1.0 ? fmin(center + reach, 1.0) : 1.0;
}
