/*
 * si_demand.h
 *	  What methods for rare demand share: the series as its demands, and the
 *	  search for two smoothing parameters.
 */
#ifndef SI_DEMAND_H
#define SI_DEMAND_H

#include "core/forecast/si_forecast.h"

#define SI_DEMAND_SMOOTHING	2	/* of sizes; of gaps or the probability */

/* A period has a demand if its value is above zero. */
typedef struct SiDemands
{
	int			count;
	double	   *size;
	double	   *gap;			/* periods since the one before, or the start */
	double		squares;		/* of the sizes, their sum */
	double		rest;			/* periods after the last */
} SiDemands;

/* The sum of squared errors that smoothing leaves after the first demand. */
typedef double (*SiDemandErrors) (const SiDemands *demands,
								  const double *smoothing, void *arg);

typedef struct SiDemandSearch
{
	SiDemandErrors errors;
	void	   *arg;			/* of errors */
	double		least;			/* of both parameters */
	double		most;
	double		first[SI_DEMAND_SMOOTHING];
	double		step[SI_DEMAND_SMOOTHING];
} SiDemandSearch;

/* Room for n values and the search. */
extern size_t si_demand_room(int n);

/* Takes its room from work for good. */
extern SiDemands si_demand_find(const SiSeries *series, SiWork *work);

/*
 * Sets those smoothing parameters that are given; others, NaN there, to what
 * makes the errors least, or to the first where there are no two demands.
 */
extern void si_demand_smoothing(const SiDemands *demands,
								const SiDemandSearch *search,
								const double *given, double *smoothing,
								SiWork *work, SiPulse pulse);

/* All of a model but its numbers and variant. */
extern void si_demand_describe(const SiSeries *series, SiForecastMethod method,
							   int states, SiForecastModel *model);

#endif							/* SI_DEMAND_H */
