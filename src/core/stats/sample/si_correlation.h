/*
 * si_correlation.h
 *	  How two numbers of the same rows go together.
 */
#ifndef SI_CORRELATION_H
#define SI_CORRELATION_H

#include "core/stats/sample/si_sample.h"

typedef struct SiCorrelation
{
	double		r;
	double		low;
	double		high;
	double		p_value;
} SiCorrelation;

/* Room for each run of the sample. */
typedef struct SiRankWork
{
	double	   *x;				/* ranks */
	double	   *y;
	double	   *count;
	SiKeyed    *items;
	SiKeyed    *scratch;
} SiRankWork;

/* What is not known is NaN. */
extern void si_pearson(const SiSample *sample, double level,
					   SiCorrelation *out, SiPulse pulse);
extern void si_spearman(const SiSample *sample, double level,
						const SiRankWork *work, SiCorrelation *out,
						SiPulse pulse);

#endif							/* SI_CORRELATION_H */
