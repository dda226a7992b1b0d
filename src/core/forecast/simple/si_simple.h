/*
 * si_simple.h
 *	  Benchmarks: last value, last season, mean, moving average.
 *
 * With e_t the one-step errors, s2 the mean of their squares (for the mean,
 * the sum over n - 1), and independent errors of equal variance:
 *
 *	  method			forecast of step h		variance of its error
 *	  naive				y_n						s2 h
 *	  seasonal naive	that a season before	s2 (1 + (h - 1) div season)
 *	  mean				mean of all				s2 (1 + 1/n)
 *	  moving average	mean of the last k		s2
 *
 * The moving average's s2 is of e_t = y_t - mean of the k before, and so has
 * the error of the mean in it, like the variance for the mean; it is taken not
 * to grow, which is right for a constant level.
 *
 * All but the seasonal naive method divide by the factors of the series, if it
 * has any, and keep them (si_seasonal.h); variances are then those of the
 * adjusted series, times the factor squared.  The seasonal naive method ignores
 * factors.
 *
 * form[]: nothing; the moving average: form[0] is k.
 * parameter[]: the mean: parameter[0] is n; others none.
 * state[]: the naive method, the mean, the moving average: state[0] is the
 * forecast, state[1..season] factors; the seasonal naive: state[0..season - 1]
 * the last season, oldest first.
 *
 * No likelihood.  Variance is NaN when there is no error to see: n = 1, n =
 * season, n = k.  SI_EMPTY: fewer values than season, or than k.
 *
 * Reference: R. J. Hyndman, G. Athanasopoulos, "Forecasting: Principles and
 * Practice", 3rd ed. (2021), 5.2 and 5.5.
 */
#ifndef SI_SIMPLE_H
#define SI_SIMPLE_H

#include "core/forecast/si_forecast.h"

typedef struct SiSimpleOptions
{
	SiForecastMethod method;	/* one of the four */
	int			window;			/* k, at least 1, of the moving average */
} SiSimpleOptions;

extern size_t si_simple_room(int n, int season);
extern int	si_simple_states(int season);

/* fitted: NaN where no forecast was possible; the mean's is that of all. */
extern SiStatus si_simple_fit(const SiSeries *series,
							  const SiSimpleOptions *options,
							  SiForecastModel *model, double *fitted,
							  SiWork *work, SiPulse pulse);

extern void si_simple_forecast(const SiForecastModel *model, int horizon,
							   double *mean, double *variance);

#endif							/* SI_SIMPLE_H */
