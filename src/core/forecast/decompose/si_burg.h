/*
 * si_burg.h
 *	  Autoregression of any order by Burg's method.
 */
#ifndef SI_BURG_H
#define SI_BURG_H

#include "core/forecast/si_forecast.h"

extern size_t si_burg_room(int n, int most);

/*
 * The coefficients of n values without their mean, latest lag first, and their
 * number, of 0 to most, by AICc.  The process is stationary.
 */
extern int	si_burg(int n, const double *x, int most, double *ar, SiWork *work,
					SiPulse pulse);

/* The forecast from lags, as many as there are coefficients, latest first. */
static inline double
si_burg_next(int p, const double *ar, const double *lag)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < p; i++)
		sum += ar[i] * lag[i];
	return sum;
}

#endif							/* SI_BURG_H */
