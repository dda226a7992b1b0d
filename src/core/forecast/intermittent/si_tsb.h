/*
 * si_tsb.h
 *	  Intermittent demand that may die out: the size of a demand and its
 *	  probability, each smoothed, one times the other.
 *
 * Unlike the gap of si_croston.h, the probability also moves while there is
 * no demand.  Values up to zero are no demand; the forecast is the same for
 * all steps, never negative.
 *
 * The model:
 *	parameter[]		SI_TSB_..., below
 *	state[0]		smoothed size, 0 before the first demand
 *	state[1]		smoothed probability
 *
 * There is no likelihood and no formula for the variance of forecasts.
 */
#ifndef SI_TSB_H
#define SI_TSB_H

#include "core/forecast/si_forecast.h"

enum
{
	SI_TSB_SIZE,				/* smoothing of the sizes */
	SI_TSB_PROBABILITY,			/* smoothing of the probability */
	SI_TSB_PARAMETERS
};

extern const char *const si_tsb_parameter_name[SI_TSB_PARAMETERS];

typedef struct SiTsbOptions
{
	double		smoothing[SI_TSB_PARAMETERS];	/* NaN: find the best */
	double		probability;	/* before the series; NaN: the share of
								 * periods that have a demand */
} SiTsbOptions;

#define SI_TSB_STATES 2

extern size_t si_tsb_room(int n);

/* fitted[0] is NaN: nothing precedes.  Never fails for n >= 1. */
extern SiStatus si_tsb_fit(const SiSeries *series, const SiTsbOptions *options,
						   SiForecastModel *model, double *fitted,
						   SiWork *work, SiPulse pulse);

/* variance: all NaN.  Takes no room. */
extern void si_tsb_forecast(const SiForecastModel *model, int horizon,
							double *mean, double *variance, SiWork *work,
							SiPulse pulse);

#endif							/* SI_TSB_H */
