/*
 * si_log_rank.h
 *	  Whether durations until an event differ between groups.
 */
#ifndef SI_LOG_RANK_H
#define SI_LOG_RANK_H

#include "core/stats/sample/si_sample.h"

/* The work grows with the square of the number of groups. */
#define SI_LOG_RANK_GROUPS	500
#define SI_LOG_RANK_WORK(k) ((size_t) (k) * ((k) + 6))

typedef struct SiLogRank
{
	double		statistic;
	double		df;
	double		p_value;
} SiLogRank;

/* work has room for SI_LOG_RANK_WORK(names) numbers; unknown is NaN. */
extern void si_log_rank(const SiSample *sample, double *work, SiLogRank *out,
						SiPulse pulse);

#endif							/* SI_LOG_RANK_H */
