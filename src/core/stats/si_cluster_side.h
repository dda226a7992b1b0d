/*
 * si_cluster_side.h
 *	  How many clusters a comparison of two sides rests on.
 *
 * A robust variance adds, for each cluster, the square of what its rows add to
 * an estimate.  The mean of a side is fitted to the clusters that have rows of
 * it: all rows of a side in one cluster seem not to vary at all, and the
 * squares of few are as uncertain as their number is small.  What counts is
 * hence the side with the fewest clusters, not their number in all.  And of k
 * clusters of which one has nearly all rows of a side the others are hardly
 * there: with w_g the share of cluster g, they are worth
 *
 *	e = 1 / sum w_g^2
 *
 * clusters of one size.
 *
 * Method: Student's distribution with m - 1 degrees of freedom, where
 * m = min(k, ceil(2 e - 1)), the smaller of both sides.  Where every cluster
 * is on both sides, and none too large (e > k/2), m is the number G of
 * clusters, as in Stata and statsmodels; the more uneven they are, the nearer
 * is m to e.  The factor G/(G - 1) of the variance is theirs always.  Tried on
 * sets without an effect: the table in doc/statistics.md, test_clustered.c.
 *
 * Special cases: m < 2, a side within one cluster, leaves the variance unknown;
 * so does one that only shows rounding (SI_ALIKE_CLUSTERS).
 *
 * Reference: Carter, Schnepel and Steigerwald, Rev. Econ. Stat. 99 (2017),
 * 698-709, for effective clusters; Bell and McCaffrey, Survey Methodology 28
 * (2002), 169-181, for degrees of freedom.
 */
#ifndef SI_CLUSTER_SIDE_H
#define SI_CLUSTER_SIDE_H

#include "core/si_tolerance.h"
#include "core/stats/si_sum.h"

/* The clusters that have rows of a side. */
typedef struct SiClusterSide
{
	double		count;
	SiSum		rows;
	SiSum		squares;		/* of rows by cluster */
} SiClusterSide;

#define SI_NO_CLUSTERS	{0, {0, 0}, {0, 0}}

static inline void
si_cluster_side_add(SiClusterSide *side, double rows)
{
	side->count += rows > 0;
	si_sum_add(&side->rows, rows);
	si_sum_add_product(&side->squares, rows, rows);
}

/* m of one side; NaN without rows */
static inline double
si_cluster_side_count(const SiClusterSide *side)
{
	double		n = si_sum_value(&side->rows);
	double		e = n * n / si_sum_value(&side->squares);

	return fmin(side->count, ceil(2 * e - 1));
}

/* m - 1 of two sides; NaN if it is not above 0 */
static inline double
si_cluster_degrees(const SiClusterSide side[2])
{
	double		m = fmin(si_cluster_side_count(&side[0]),
						 si_cluster_side_count(&side[1]));

	return m >= 2 ? m - 1 : NAN;
}

/*
 * The variance from a sum of squares over g clusters; NaN if that shows
 * rounding only.  independent is the variance if rows were.
 */
static inline double
si_cluster_variance(double squares, double g, double independent)
{
	if (!(squares > SI_ALIKE_CLUSTERS * independent))
		return NAN;
	return squares * (g / (g - 1));
}

#endif							/* SI_CLUSTER_SIDE_H */
