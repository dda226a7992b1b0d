/*
 * si_croston.h
 *	  Intermittent demand: the size of a demand and the gap between two, each
 *	  smoothed, one divided by the other.
 *
 * A period has a demand if its value is above zero; anything else, returns
 * too, counts as none.  The forecast is the same for all steps, never
 * negative.
 *
 * The model:
 *	form[0]			1 for Syntetos and Boylan's approximation (SBA), which
 *					takes off half the gap's smoothing parameter
 *	parameter[]		SI_CROSTON_..., below
 *	state[0]		smoothed size, 0 before the first demand
 *	state[1]		smoothed gap, at least 1
 *	state[2]		periods since the last demand; since the start before
 *
 * There is no likelihood and no formula for the variance of forecasts.
 */
#ifndef SI_CROSTON_H
#define SI_CROSTON_H

#include "core/forecast/si_forecast.h"

enum
{
	SI_CROSTON_SIZE,			/* smoothing of the sizes */
	SI_CROSTON_GAP,				/* smoothing of the gaps */
	SI_CROSTON_PARAMETERS
};

extern const char *const si_croston_parameter_name[SI_CROSTON_PARAMETERS];

typedef struct SiCrostonOptions
{
	bool		sba;
	double		smoothing[SI_CROSTON_PARAMETERS];	/* NaN: find the best */
} SiCrostonOptions;

#define SI_CROSTON_STATES 3

extern size_t si_croston_room(int n);

/* fitted[0] is NaN: nothing precedes.  Never fails for n >= 1. */
extern SiStatus si_croston_fit(const SiSeries *series,
							   const SiCrostonOptions *options,
							   SiForecastModel *model, double *fitted,
							   SiWork *work, SiPulse pulse);

/* variance: all NaN.  Takes no room. */
extern void si_croston_forecast(const SiForecastModel *model, int horizon,
								double *mean, double *variance,
								SiWork *work, SiPulse pulse);

#endif							/* SI_CROSTON_H */
