/*
 * forecast_fit.h
 *	  From gathered rows to a forecast_model.
 */
#ifndef FORECAST_FIT_H
#define FORECAST_FIT_H

#include "core/forecast/si_fit.h"
#include "forecast/forecast_series.h"

/* What the options ask of a series. */
extern SiFitRequest forecast_request(const ForecastOptions *options,
									 const ForecastSeries *series);

/* A model of the series, as yet without a fit. */
extern void forecast_describe(const ForecastSeries *series,
							  SiForecast *forecast);

/* Fits a described series of at least one value; bits as of si_fit. */
extern void forecast_fit(const SiFitRequest *request, SiForecast *forecast,
						 int *bits);

#endif							/* FORECAST_FIT_H */
