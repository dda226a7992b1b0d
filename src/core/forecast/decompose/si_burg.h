/*
 * si_burg.h
 *	  Autoregression of any order by Burg's method.
 */
#ifndef SI_BURG_H
#define SI_BURG_H

#include "core/forecast/si_forecast.h"

/* Autoregressions of n values without their mean, order by order. */
typedef struct SiBurg
{
	int			n;
	int			order;			/* so far */
	double	   *forward;		/* errors of prediction, n; earlier and later */
	double	   *backward;		/* values from the others */
	double	   *ar;				/* coefficients, latest lag first */
	double	   *old;			/* the same of one order less */
	double		variance;		/* of the errors */
	double		first;			/* that of the values */
} SiBurg;

/* Room for n values and orders up to most. */
extern size_t si_burg_room(int n, int most);
extern void si_burg_open(SiBurg *burg, int n, int most, SiWork *work);

/* Order 0 of x less mean. */
extern void si_burg_start(SiBurg *burg, const double *x, double mean);

/*
 * The next order, below n.  False: to SI_CONSTANT_SPREAD, nothing is left to
 * predict, or was before.
 */
extern bool si_burg_raise(SiBurg *burg);

/*
 * AICc but for a constant, with so many numbers estimated besides the
 * coefficients; infinite for too few values.
 */
extern double si_burg_aicc(const SiBurg *burg, int others);

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
