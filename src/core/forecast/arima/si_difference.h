/*
 * si_difference.h
 *	  How often a series is to be differenced, and its differences.
 */
#ifndef SI_DIFFERENCE_H
#define SI_DIFFERENCE_H

#include "core/si_core.h"

/* x[t] - x[t - lag] in place, n - lag of them at the front; returns n - lag. */
extern int	si_difference(int n, double *x, int lag);

/* Are all values alike, but for rounding of values up to size? */
extern bool si_difference_constant(int n, const double *x, double size);

/*
 * KPSS statistic for a constant level; lags of autocovariances are weighted
 * as Bartlett does.  0 for a constant series.
 */
extern double si_difference_kpss(int n, const double *x, int lags,
								 SiPulse pulse);

/*
 * Plain differences, at most 2, until the KPSS test at 5 % finds a level.
 * Leaves x differenced; size is that of the values behind it.
 */
extern int	si_difference_order(int *n, double *x, double size, SiPulse pulse);

/*
 * Share of the variance around the trend that is seasonal, from 0 to 1, by
 * STL with seasonal span 11; 0 for a constant series, and up to two seasons.
 */
extern double si_difference_strength(int n, const double *y, int season,
									 double *room, SiPulse pulse);
extern size_t si_difference_strength_room(int n, int season);

#endif							/* SI_DIFFERENCE_H */
