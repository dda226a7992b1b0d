/*
 * si_ar.h
 *	  Autoregression of first differences by Burg's method: a few microseconds
 *	  a series, and nearly as good as a search for a model.
 *
 * The differences of the series, divided by its seasonal factors, follow an
 * autoregression of order 0 to 5, with a mean or without, as AICc chooses.
 *
 * form[]: the order p; the number of seasonal factors kept (0 or the season);
 * is there a drift.
 * parameter[]: ar 1 to p; the drift a step, if there is one.
 * state[]: the last value, divided by its factor; the last p differences less
 * the drift, latest first; the factors, that of the first forecast first.
 * variance is that of values divided by their factors; log_likelihood and aicc
 * are those of the differences, as if their first p were known.
 */
#ifndef SI_AR_H
#define SI_AR_H

#include "core/forecast/si_forecast.h"

#define SI_AR_ORDER		5

extern size_t si_ar_room(int n);
extern int	si_ar_states(int season);
extern size_t si_ar_forecast_room(int horizon);

/* fitted[0] is NaN.  SI_EMPTY for a single value. */
extern SiStatus si_ar_fit(const SiSeries *series, SiForecastModel *model,
						  double *fitted, SiWork *work, SiPulse pulse);

extern void si_ar_forecast(const SiForecastModel *model, int horizon,
						   double *mean, double *variance, SiWork *work,
						   SiPulse pulse);

#endif							/* SI_AR_H */
