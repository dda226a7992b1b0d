/*
 * si_ets_simulate.h
 *	  Variance of forecasts by simulation, where no formula is known.
 */
#ifndef SI_ETS_SIMULATE_H
#define SI_ETS_SIMULATE_H

#include "core/forecast/si_forecast.h"

/* sums: room for 2 horizon + season doubles. */
extern void si_ets_simulate(const SiForecastModel *model, int horizon,
							double *variance, double *sums, SiPulse pulse);

#endif							/* SI_ETS_SIMULATE_H */
