/*
 * si_methods.c
 *	  One table of forecasting methods, and how to call any of them.
 */
#include "core/forecast/si_methods.h"

#include <string.h>

#include "core/forecast/simple/si_simple.h"
#include "core/forecast/theta/si_theta.h"

#define DEFAULT_WINDOW	3

static size_t
no_room(int season, int horizon)
{
	return 0;
}

static SiStatus
fit_simple(const SiSeries *series, SiForecastMethod method,
		   const SiMethodOptions *options, SiForecastModel *model,
		   double *fitted, SiWork *work, SiPulse pulse)
{
	SiSimpleOptions simple = {method, options->window};

	if (simple.window == 0)
		simple.window = series->season > 1 ? series->season : DEFAULT_WINDOW;
	return si_simple_fit(series, &simple, model, fitted, work, pulse);
}

static void
forecast_simple(const SiForecastModel *model, int horizon, double *mean,
				double *variance, SiWork *work, SiPulse pulse)
{
	si_simple_forecast(model, horizon, mean, variance);
}

static SiStatus
fit_theta(const SiSeries *series, SiForecastMethod method,
		  const SiMethodOptions *options, SiForecastModel *model,
		  double *fitted, SiWork *work, SiPulse pulse)
{
	SiThetaOptions theta = {method};

	return si_theta_fit(series, &theta, model, fitted, work, pulse);
}

static void
forecast_theta(const SiForecastModel *model, int horizon, double *mean,
			   double *variance, SiWork *work, SiPulse pulse)
{
	si_theta_forecast(model, horizon, mean, variance);
}

#define SIMPLE(name, adjusts) \
	{name, adjusts, si_simple_room, si_simple_states, fit_simple, no_room, \
	forecast_simple, NULL}
#define THETA(name) \
	{name, true, si_theta_room, si_theta_states, fit_theta, no_room, \
	forecast_theta, si_theta_parameter_name}

static const SiMethod methods[SI_FORECAST_METHODS] = {
	[SI_FORECAST_NAIVE] = SIMPLE("naive", true),
	[SI_FORECAST_SEASONAL_NAIVE] = SIMPLE("seasonal_naive", false),
	[SI_FORECAST_MEAN] = SIMPLE("mean", true),
	[SI_FORECAST_MOVING_AVERAGE] = SIMPLE("moving_average", true),
	[SI_FORECAST_THETA] = THETA("theta"),
	[SI_FORECAST_OTM] = THETA("otm"),
	[SI_FORECAST_DOTM] = THETA("dotm")
};

const SiMethod *
si_method(SiForecastMethod method)
{
	return methods[method].name != NULL ? &methods[method] : NULL;
}

SiForecastMethod
si_method_named(SiText name)
{
	int			i;

	for (i = 0; i < SI_FORECAST_METHODS; i++)
	{
		if (methods[i].name != NULL &&
			strlen(methods[i].name) == (size_t) name.length &&
			memcmp(methods[i].name, name.data, name.length) == 0)
			break;
	}
	return (SiForecastMethod) i;
}
