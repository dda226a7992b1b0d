/*
 * si_fit.h
 *	  A forecast model of a series: members, what stands in for them, and how
 *	  far off they were where they could not see.
 */
#ifndef SI_FIT_H
#define SI_FIT_H

#include "core/forecast/si_forecast_codec.h"
#include "core/forecast/si_methods.h"

typedef struct SiFitRequest
{
	int			methods;		/* wanted; 0: the choice is free */
	SiForecastMethod method[SI_FORECAST_MEMBERS];
	SiMethodOptions options;
	bool		ensemble;		/* the choice is a profile's, whatever y is */
	bool		fast;			/* a free choice is one of cheap methods */
	int			horizon;		/* steps of the errors to hold back; 0: none */
} SiFitRequest;

/* What happened, as bits. */
enum
{
	SI_FIT_CONSTANT = 1,
	SI_FIT_INTERMITTENT = 2,	/* a free choice met mostly zeros */
	SI_FIT_LONG_SEASON = 4,		/* a season is not seen twice */
	SI_FIT_SHORT = 8			/* too few values for a free choice */
};

/* Doubles of room, the states of the members among them. */
extern size_t si_fit_room(const SiFitRequest *request, int n, int seasons,
						  const int *season);

/*
 * Fits the series of the forecast (n >= 1 finite values), and sets all that
 * comes after it but the notes.  fitted has n doubles; states and errors stay
 * in the room.  Returns bits.
 */
extern int	si_fit(const SiFitRequest *request, SiForecast *forecast,
				   SiWork *work, SiPulse pulse);

/*
 * The deviation expected of a forecast's error at a step, from 0, whose
 * variance is given or NaN: where there is no formula, errors add up as in a
 * random walk, but for rare demand, whose forecasts are means.
 */
extern double si_fit_deviation(const SiForecastModel *model, double variance,
							   int step);

/* How many deviations an interval of a level reaches to each side. */
extern double si_fit_reach(const SiForecast *forecast, double level);

#endif							/* SI_FIT_H */
