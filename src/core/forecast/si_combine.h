/*
 * si_combine.h
 *	  The forecast of a model: the median of its members, and how far off it
 *	  may be.
 */
#ifndef SI_COMBINE_H
#define SI_COMBINE_H

#include "core/forecast/si_forecast_codec.h"

/* The median of n > 0 numbers, which are put in another order. */
extern double si_combine_median(int n, double *number);

/* Doubles of room that a forecast needs. */
extern size_t si_combine_room(const SiForecast *forecast, int horizon);

/*
 * Mean and standard deviation of the error of each step, as the members expect
 * it, before widening.  There is at least one member.
 */
extern void si_combine_forecast(const SiForecast *forecast, int horizon,
								double *mean, double *deviation, SiWork *work,
								SiPulse pulse);

/* How many deviations of a step an interval of a level reaches to each side. */
extern double si_combine_reach(const SiForecast *forecast, double level);

#endif							/* SI_COMBINE_H */
