/*
 * si_stl.h
 *	  Season, trend and remainder of a series, by local regression.
 */
#ifndef SI_STL_H
#define SI_STL_H

#include "core/forecast/si_forecast.h"

/*
 * Doubles of room for n values.  Negative sizes of windows and the like are
 * the caller's to prevent.
 */
extern size_t si_stl_room(int n, int season);

/*
 * y[t] = seasonal[t] + trend[t] + remainder[t], t < n.  season >= 2, and more
 * than two seasons of values, otherwise SI_EMPTY.
 *
 * s_window: how many values of one phase a seasonal figure rests on, made odd
 * and at least 3; 0 or below: all of them alike, the season is periodic.
 * t_window: values of the trend's window, made odd; 0 or below: what Cleveland
 * et al. recommend for the season and s_window.  robust_iterations: how often
 * outliers are weighed down; 0: never, R takes 15.
 */
extern SiStatus si_stl(int n, const double *y, int season, int s_window,
					   int t_window, int robust_iterations, double *seasonal,
					   double *trend, double *remainder, SiWork *work,
					   SiPulse pulse);

/*
 * Strength of a part of n values, season or trend, in 0..1: the share of the
 * variance of part and remainder together that is not the remainder's.  0 if
 * both are constant.
 */
extern double si_stl_strength(int n, const double *part,
							  const double *remainder);

#endif							/* SI_STL_H */
