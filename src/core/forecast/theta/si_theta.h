/*
 * si_theta.h
 *	  The theta methods: Theta, OTM, DOTM.
 *
 * A series, divided by its seasonal factors if it has any, is taken to be
 * simple exponential smoothing beside a share of a straight line
 * (si_theta_pass.h).
 *
 *	  Theta	line by least squares through all values, share 1/2 (theta = 2),
 *			smoothing fitted without it: Assimakopoulos, Nikolopoulos 2000, as
 *			the thetaf of R's package forecast.  alpha in [.0001, .9999].
 *	  OTM	the same line, alpha in [.1, .99], share in [0, 1] and the first
 *			level by least squares of one-step errors (theta = 1 / (1 -
 *			share) from 1 on).
 *	  DOTM	the line is that through the values so far, updated with each one;
 *			alpha in [.05, .99], share in [0, 1.2].
 *
 * DOTM departs from Fiorucci et al. (2016) in what made forecasts better on the
 * M1 competition: a share a little beyond 1 lets a series accelerate, which a
 * line through its whole past does not; small alpha are allowed; and the error
 * after t values has the variance v(t) = 1 + (4 t + 2) / (t (t - 1)), relative
 * to a known line, as the error of a line through t values has, so that errors
 * are weighed by 1 / v(t), and those of the first two values not at all.
 *
 * Series of fewer than six values have share 1/2.
 *
 * form[]: form[0] is n.
 * parameter[]: alpha, share, the first level (the forecast of y[0] without the
 * line's part), the standard error of share as if it had no bounds (0 where it
 * is given).
 * state[]: Theta, OTM: the next forecast, what each further step adds, the
 * slope of the line; then factors.  DOTM: the level, the mean of all values and
 * the slope of the line, the first two relative to state[3], the first value;
 * then factors.
 *
 * The likelihood is that of independent normal errors, of the values before
 * division by the factors; estimated counts alpha, the first level, the
 * variance, for OTM and DOTM the share, and season - 1 factors.  Of DOTM it is
 * that of the values from the third on: compare it among DOTM only.  NaN where
 * errors are all zero, aicc also where there are too few of them.  variance is
 * the mean square error over errors less estimated numbers of the mean, or
 * over at least one.
 *
 * Variance of step h: smoothing with drift has variance (1 + (h - 1) alpha^2);
 * DOTM's recursion is linear in its errors, so that their covariance is carried
 * along with it exactly, given alpha and share; errors have v(t) of the step.
 * To both comes what the error of share does to the forecast, to first order.
 *
 * Special cases: SI_EMPTY with fewer than 3 values (DOTM: 4).  A constant
 * series is forecast by its constant with variance 0.
 * Accuracy: the global minimum up to the grid of si_theta_search; alpha to
 * SI_THETA_ALPHA.  The series is taken relative to its first value, in units of
 * its largest distance from it, so that units and origin do not matter.
 *
 * References: V. Assimakopoulos, K. Nikolopoulos, "The theta model", Int. J.
 * Forecasting 16 (2000) 521-530; R. J. Hyndman, B. Billah, "Unmasking the Theta
 * method", Int. J. Forecasting 19 (2003) 287-290; Fiorucci et al. 2016, see
 * si_theta_pass.h.
 */
#ifndef SI_THETA_H
#define SI_THETA_H

#include "core/forecast/si_forecast.h"

#define SI_THETA_PARAMETERS	4
#define SI_OTM_STATES		3		/* of Theta too; without factors */
#define SI_DOTM_STATES		4

extern const char *const si_theta_parameter_name[SI_THETA_PARAMETERS];

typedef struct SiThetaOptions
{
	SiForecastMethod method;	/* one of the three */
} SiThetaOptions;

extern size_t si_theta_room(int n, int season);
extern int	si_theta_states(int season);

/* fitted: DOTM has none of y[0]. */
extern SiStatus si_theta_fit(const SiSeries *series,
							 const SiThetaOptions *options,
							 SiForecastModel *model, double *fitted,
							 SiWork *work, SiPulse pulse);

extern void si_theta_forecast(const SiForecastModel *model, int horizon,
							  double *mean, double *variance);

#endif							/* SI_THETA_H */
