/*
 * si_cluster_score.h
 *	  Whether exposure and outcome go together in rows that come in clusters,
 *	  also where few clusters have the exposure.
 */
#ifndef SI_CLUSTER_SCORE_H
#define SI_CLUSTER_SCORE_H

#include "core/stats/table/si_contingency.h"

/* Counts of one cluster. */
typedef struct SiClusterCells
{
	uint32_t	rows;
	uint32_t	success;
	uint32_t	with;			/* exposed */
	uint32_t	with_success;
} SiClusterCells;

typedef struct SiClusterScore
{
	SiContingency total;
	int64_t		clusters;		/* that have rows */
	double		norm;			/* standard deviation of the sum of scores */
	double		statistic;		/* the sum over norm; 0 if norm is */
	double		effective;		/* clusters that share the sum of squares */
	double		variance;		/* of the log odds ratio; NaN if unknown */
} SiClusterScore;

extern SiClusterScore si_cluster_score(int64_t n, const SiClusterCells *cells,
									   SiPulse pulse);

/* Two-sided; 1 where a margin is empty. */
extern double si_cluster_score_p_value(const SiClusterScore *score,
									   SiPulse pulse);

/* Of the odds ratio; both ends NaN where the variance is not known. */
extern SiInterval si_cluster_score_interval(const SiClusterScore *score,
											double level);

/* The scores divided by norm, which is above 0. */
extern void si_cluster_score_parts(const SiClusterScore *score, int64_t n,
								   const SiClusterCells *cells, double *part);

#endif							/* SI_CLUSTER_SCORE_H */
