/*
 * si_seasonal.h
 *	  Is there a season, and by which factors?  Classical decomposition.
 *
 * Methods without a season of their own forecast the series divided by its
 * factors, SiSeries.factor, and multiply forecasts by them again.  Such a
 * method keeps the factors at the end of its state, from that of the first
 * step to come on; so the naive forecast of a series with factors is the Naive2
 * of the Makridakis competitions.
 */
#ifndef SI_SEASONAL_H
#define SI_SEASONAL_H

#include "core/forecast/si_forecast.h"

/*
 * Does the autocorrelation r at lag season pass
 *
 *	  |r_season| > 1.645 sqrt((1 + 2 sum of r_k^2, k < season) / n) ?
 *
 * Bartlett's test at 10% (two-sided), as in the M4 competition.  No with fewer
 * than three seasons, with a season of 1, and for constant values.  Takes
 * O(n season).
 */
extern bool si_seasonal_test(int n, const double *y, int season,
							 SiPulse pulse);

/*
 * Multiplicative factors, season of them, that of y[0] first, of mean 1: the
 * mean ratio to the centred moving average, over the steps where that is not
 * zero.  Zeros among the values are fine.  False, and factor is undefined: a
 * value is negative, a phase of the season has no ratio, or a factor is below
 * SI_LEAST_FACTOR, by which dividing would make noise.
 *
 * shrink: factors are drawn towards 1, by the share of their spread that the
 * spread of ratios within phases explains, as James and Stein do; noisy factors
 * forecast better so.  Without, they are those of the M4 competition.
 *
 * room: 2 season doubles.
 */
extern bool si_seasonal_factors(int n, const double *y, int season,
								bool shrink, double *factor, double *room,
								SiPulse pulse);

/* adjusted = y / factor, or y; both of series->n, not the same array. */
extern void si_seasonal_adjust(const SiSeries *series, double *adjusted);

/* fitted, of n steps from the first, times the factors, if there are any. */
extern void si_seasonal_restore(const SiSeries *series, double *fitted);

/* Sum of the logarithms of the factor of each value; 0 without factors. */
extern double si_seasonal_log_jacobian(const SiSeries *series);

/*
 * Put the factors, if there are any, into state[states] on, that of the first
 * step after the series first.
 */
extern void si_seasonal_keep(const SiSeries *series, SiForecastModel *model);

/*
 * Multiply forecasts, and their variances, by the factors kept, of which there
 * are as many as the model has states beyond own.
 */
extern void si_seasonal_apply(const SiForecastModel *model, int own,
							  int horizon, double *mean, double *variance);

#endif							/* SI_SEASONAL_H */
