/*
 * si_forecast.h
 *	  What every forecasting method shares: the series, the fitted model, room
 *	  for work.
 *
 * A method is two kernels: si_<method>_fit, which makes a model and the
 * one-step forecasts of the past, and si_<method>_forecast, which continues
 * the model.  Both take their room from a SiWork, whose size
 * si_<method>_room tells; what they took is free again when they return.
 *
 * All methods keep what they found in one structure of numbers, so that a
 * model of any of them can be stored, shown and continued alike.
 */
#ifndef SI_FORECAST_H
#define SI_FORECAST_H

#include "core/si_core.h"

#define SI_FORECAST_FORMS		8	/* integers that say which variant */
#define SI_FORECAST_PARAMETERS	24	/* estimated numbers with a name */

typedef enum SiForecastMethod
{
	SI_FORECAST_NAIVE,
	SI_FORECAST_SEASONAL_NAIVE,
	SI_FORECAST_MEAN,
	SI_FORECAST_MOVING_AVERAGE,
	SI_FORECAST_THETA,			/* Assimakopoulos, Nikolopoulos 2000 */
	SI_FORECAST_OTM,			/* optimised theta, Fiorucci et al. 2016 */
	SI_FORECAST_DOTM,			/* dynamic optimised theta, the same */
	SI_FORECAST_ETS,
	SI_FORECAST_CES,
	SI_FORECAST_AR,				/* on first differences, by Burg */
	SI_FORECAST_ARIMA,
	SI_FORECAST_CROSTON,
	SI_FORECAST_TSB,
	SI_FORECAST_MSTL,			/* several seasons, autoregressions */
	SI_FORECAST_METHODS
} SiForecastMethod;

/* Equally spaced values, all finite. */
typedef struct SiSeries
{
	int			n;				/* at least 1 */
	const double *y;
	int			season;			/* 1: none */

	/*
	 * Multiplicative seasonal factors, season of them, that of y[0] first;
	 * NULL: the series has no season by test, or the method has its own.
	 */
	const double *factor;
} SiSeries;

typedef struct SiForecastModel
{
	SiForecastMethod method;
	int			form[SI_FORECAST_FORMS];
	int			season;
	int			parameters;		/* in use, see the method's header */
	double		parameter[SI_FORECAST_PARAMETERS];
	int			states;			/* in use, at most what _states says */
	double	   *state;			/* where forecasts start; the caller's array */
	int			estimated;		/* numbers estimated, the variance too */
	double		log_likelihood; /* NaN: the method has none */
	double		aicc;			/* NaN: none, or too few values */
	double		variance;		/* of one-step errors */
} SiForecastModel;

/* Room for doubles, taken from the front. */
typedef struct SiWork
{
	double	   *next;
	size_t		left;
} SiWork;

/* n doubles; the caller has made enough room (asserted in tests). */
static inline double *
si_work_take(SiWork *work, size_t n)
{
	double	   *taken = work->next;

	work->next += n;
	work->left -= n;
	return taken;
}

#endif							/* SI_FORECAST_H */
