/*
 * si_theta_pass.h
 *	  The errors of simple exponential smoothing beside a straight line.
 *
 * All theta methods forecast one step by
 *
 *	  mu[t] = level[t] + share (keep[t] base[t] + reach[t] slope[t])
 *	  level[t + 1] = level[t] + alpha (y[t] - level[t])
 *	  keep[t] = (1 - alpha)^t, reach[t] = (1 - (1 - alpha)^(t + 1)) / alpha
 *
 * where base and slope, the line that the past up to t suggests, are known
 * before.  For a given alpha, mu is linear in the first level and in share:
 * both come from weighted least squares with two unknowns, share within bounds,
 * so that only alpha is left to search.  The sum of squares is convex in share,
 * so that beyond a bound the best is on the bound.
 *
 * Reference: J. A. Fiorucci, T. R. Pellegrini, F. Louzada, F. Petropoulos,
 * A. B. Koehler, "Models for optimising the theta method and their relationship
 * to state space models", Int. J. Forecasting 32 (2016) 1151-1161.
 */
#ifndef SI_THETA_PASS_H
#define SI_THETA_PASS_H

#include "core/forecast/si_forecast.h"

typedef struct SiThetaPass
{
	int			n;
	const double *y;
	const double *base;			/* of the line, n */
	const double *slope;		/* of the line, n */
	const double *weight;		/* of squared errors, n, not all 0 */
	double		least;			/* bounds of share; alike: it is given */
	double		most;
	SiPulse		pulse;

	/* What the last call found. */
	double		level;			/* the first */
	double		share;
	double		doubt;			/* of share: its variance, if errors have 1 */
	double		squares;		/* weighted sum, as the normal equations tell */
} SiThetaPass;

/* Find level, share and squares for one alpha in (0, 1]; returns squares. */
extern double si_theta_solve(SiThetaPass *pass, double alpha);

/*
 * The alpha within bounds of the least squares, by golden section about the
 * best of a grid; level, share, squares are those there.
 */
extern double si_theta_search(SiThetaPass *pass, double low, double high);

/* mu, n of them, and the level after the last value. */
extern double si_theta_fitted(const SiThetaPass *pass, double alpha,
							  double *fitted);

#endif							/* SI_THETA_PASS_H */
