/*
 * si_clustered.h
 *	  The odds ratio of rows that come in clusters.
 */
#ifndef SI_CLUSTERED_H
#define SI_CLUSTERED_H

#include "core/stats/table/si_tables.h"

typedef struct SiClustered
{
	SiContingency total;
	int64_t		clusters;
	double		df;				/* degrees of freedom; NaN if unknown */
	double		variance;		/* of the log odds ratio; NaN if unknown */
	double		design_effect;	/* over that of independent rows */
} SiClustered;

/* What a cluster, of all rows in total, adds to the log odds ratio: its u. */
extern double si_cluster_influence(const SiContingency *cluster,
								   const SiContingency *total);

/* The sandwich variance from the sum of their squares over g clusters. */
extern double si_cluster_sandwich(const SiContingency *total, double g,
								  double squares);

extern SiClustered si_clustered(const SiTables *tables, SiPulse pulse);

/* Both ends, and the p-value, are NaN where the variance is not known. */
extern SiInterval si_clustered_interval(const SiClustered *clustered,
										double level);
extern double si_clustered_p_value(const SiClustered *clustered);

/* The counts that independent rows would need to say as much; rounded. */
extern SiContingency si_clustered_effective(const SiClustered *clustered);

#endif							/* SI_CLUSTERED_H */
