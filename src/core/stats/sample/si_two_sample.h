/*
 * si_two_sample.h
 *	  A number among successes against the same among failures.
 */
#ifndef SI_TWO_SAMPLE_H
#define SI_TWO_SAMPLE_H

#include "core/stats/sample/si_sample.h"
#include "core/stats/si_sum.h"

/* What rows of a cluster add to a difference. */
typedef struct SiClusterSums
{
	SiSum		mean;			/* of means */
	SiSum		rank;			/* of ranks: of the chance to be larger */
	double		rows[2];		/* failures, successes */
} SiClusterSums;

typedef struct SiTwoSample
{
	double		successes;		/* rows */
	double		failures;
	double		mean_success;
	double		mean_failure;
	double		sd_success;
	double		sd_failure;
	double		difference;
	double		low;
	double		high;
	double		t_p;
	double		rank_p;
	double		effect_size;	/* Cohen's d */
	double		larger;			/* chance that a success is, ties half */
} SiTwoSample;

/* At most so many rows of each kind are ranked exactly. */
#define SI_RANK_EXACT		49
#define SI_RANK_WORK		((SI_RANK_EXACT + 1) * \
							 (SI_RANK_EXACT * SI_RANK_EXACT / 2 + 1))

/*
 * clusters has room for each name of the sample, all zero, and work for
 * SI_RANK_WORK numbers.  What is not known is NaN.
 */
extern void si_two_sample(const SiSample *sample, double level,
						  SiClusterSums *clusters, double *work,
						  SiTwoSample *out, SiPulse pulse);

/*
 * Two-sided p-value of m and n ranks without ties, where u pairs are won;
 * m and n are at most SI_RANK_EXACT.
 */
extern double si_rank_sum_exact(int m, int n, int u, double *work);

#endif							/* SI_TWO_SAMPLE_H */
