/*
 * forecast_predict.h
 *	  Forecasts of a model.
 */
#ifndef FORECAST_PREDICT_H
#define FORECAST_PREDICT_H

#include "core/forecast/si_forecast_codec.h"

#define FORECAST_MAX_HORIZON	100000

/* Mean and expected deviation of each step; there is at least one member. */
extern void forecast_continue(const SiForecast *forecast, int horizon,
							  double *mean, double *deviation);

/* The lower bound of an interval that reaches half its width to each side. */
extern double forecast_lower(const SiForecast *forecast, double mean,
							 double half);

#endif							/* FORECAST_PREDICT_H */
