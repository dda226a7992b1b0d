/*
 * si_ets_start.h
 *	  Where searches for the greatest likelihood start.
 */
#ifndef SI_ETS_START_H
#define SI_ETS_START_H

#include "core/forecast/ets/si_ets_form.h"

/* Sets the point's states to what the first values suggest; n > period. */
extern void si_ets_first_states(const SiEtsForm *form, int n, const double *y,
								SiEtsPoint *point);

/* The same, so that forecasts start and stay above zero if values do. */
extern void si_ets_safe_states(const SiEtsForm *form, int n, const double *y,
							   SiEtsPoint *point);

/* Smoothing parameters to start from; index below si_ets_starts. */
#define SI_ETS_STARTS	5
extern void si_ets_first_parameters(const SiEtsForm *form, int index,
									SiEtsPoint *point);

#endif							/* SI_ETS_START_H */
