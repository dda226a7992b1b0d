/*
 * si_methods.c
 *	  One table of forecasting methods, and how to call any of them.
 */
#include "core/forecast/si_methods.h"

#include <math.h>
#include <string.h>

#include "core/forecast/arima/si_ar.h"
#include "core/forecast/arima/si_arima.h"
#include "core/forecast/ces/si_ces.h"
#include "core/forecast/ets/si_ets.h"
#include "core/forecast/intermittent/si_croston.h"
#include "core/forecast/intermittent/si_tsb.h"
#include "core/forecast/si_models.h"
#include "core/forecast/simple/si_simple.h"
#include "core/forecast/theta/si_theta.h"

#define DEFAULT_WINDOW	3
#define MAX_ORDER		8
#define MAX_SEASONAL	3
#define MAX_DIFFERENCES	2

static size_t
no_room(int season, int horizon)
{
	return 0;
}

/* ---------- simple ---------- */

static SiStatus
fit_simple(const SiSeries *series, SiForecastMethod method,
		   const SiMethodOptions *options, SiForecastModel *model,
		   double *fitted, SiWork *work, SiPulse pulse)
{
	SiSimpleOptions simple = {method, options->window};

	if (options->like != NULL && method == SI_FORECAST_MOVING_AVERAGE)
		simple.window = options->like->form[0];
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

/* ---------- theta ---------- */

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

/* ---------- exponential smoothing ---------- */

static SiStatus
fit_ets(const SiSeries *series, SiForecastMethod method,
		const SiMethodOptions *options, SiForecastModel *model,
		double *fitted, SiWork *work, SiPulse pulse)
{
	SiEtsOptions ets = si_ets_automatic;
	SiSeries	own = *series;
	SiText		form = {options->ets, (int32_t) strlen(options->ets)};

	own.factor = NULL;
	if (options->like != NULL)
	{
		ets.error = options->like->form[SI_ETS_ERROR];
		ets.trend = options->like->form[SI_ETS_TREND];
		ets.damped = options->like->form[SI_ETS_DAMPED];
		ets.season = options->like->form[SI_ETS_SEASON];
	}
	else if (form.length > 0 && !si_ets_options(form, &ets))
		return SI_EMPTY;
	return si_ets_fit(&own, &ets, model, fitted, work, pulse);
}

/* ---------- complex exponential smoothing ---------- */

static SiStatus
fit_ces(const SiSeries *series, SiForecastMethod method,
		const SiMethodOptions *options, SiForecastModel *model,
		double *fitted, SiWork *work, SiPulse pulse)
{
	SiCesOptions ces = {{true, true, true, true}};
	int			i;

	for (i = 0; options->like != NULL && i < SI_CES_FORMS; i++)
		ces.form[i] = i == options->like->form[0];
	return si_ces_fit(series, &ces, model, fitted, work, pulse);
}

static size_t
forecast_room_ces(int season, int horizon)
{
	return si_ces_forecast_room(season);
}

/* ---------- autoregression ---------- */

static size_t
room_ar(int n, int season)
{
	return si_ar_room(n);
}

static SiStatus
fit_ar(const SiSeries *series, SiForecastMethod method,
	   const SiMethodOptions *options, SiForecastModel *model,
	   double *fitted, SiWork *work, SiPulse pulse)
{
	return si_ar_fit(series, model, fitted, work, pulse);
}

static size_t
forecast_room_ar(int season, int horizon)
{
	return si_ar_forecast_room(horizon);
}

/* ---------- ARIMA ---------- */

static SiArimaOptions
largest_arima(int season)
{
	SiArimaOptions options = {true, {MAX_ORDER, MAX_DIFFERENCES, MAX_ORDER,
		0, 0, 0, true
	}};

	if (season > 1)
	{
		options.order.P = options.order.Q = MAX_SEASONAL;
		options.order.D = MAX_DIFFERENCES;
	}
	return options;
}

static size_t
room_arima(int n, int season)
{
	SiArimaOptions search = {false, {0}};
	SiArimaOptions given = largest_arima(season);
	size_t		room = si_arima_room(n, season, &search);
	size_t		other = si_arima_room(n, season, &given);

	return room > other ? room : other;
}

static int
states_arima(int season)
{
	SiArimaOptions search = {false, {0}};
	SiArimaOptions given = largest_arima(season);
	int			states = si_arima_states(season, &search);
	int			other = si_arima_states(season, &given);

	return states > other ? states : other;
}

static void
give_order(SiArimaOptions *arima, const int *order, int orders)
{
	arima->given = true;
	arima->order.p = order[0];
	arima->order.d = order[1];
	arima->order.q = order[2];
	if (orders > 3)
	{
		arima->order.P = order[3];
		arima->order.D = order[4];
		arima->order.Q = order[5];
	}
	arima->order.constant = arima->order.d + arima->order.D == 0;
}

static SiStatus
fit_arima(const SiSeries *series, SiForecastMethod method,
		  const SiMethodOptions *options, SiForecastModel *model,
		  double *fitted, SiWork *work, SiPulse pulse)
{
	SiArimaOptions arima = {false, {0}};
	SiSeries	own = *series;

	own.factor = NULL;
	if (options->like != NULL)
	{
		give_order(&arima, options->like->form, 6);
		arima.order.constant = options->like->form[6];
	}
	else if (options->orders > 0)
		give_order(&arima, options->order, options->orders);
	if (!si_arima_valid(&arima, own.season))
		return SI_EMPTY;
	return si_arima_fit(&own, &arima, model, fitted, work, pulse);
}

static size_t
forecast_room_arima(int season, int horizon)
{
	return si_arima_forecast_room(NULL, horizon);
}

/* ---------- rare demand ---------- */

static size_t
room_croston(int n, int season)
{
	return si_croston_room(n);
}

static int
states_croston(int season)
{
	return SI_CROSTON_STATES;
}

static SiStatus
fit_croston(const SiSeries *series, SiForecastMethod method,
			const SiMethodOptions *options, SiForecastModel *model,
			double *fitted, SiWork *work, SiPulse pulse)
{
	SiCrostonOptions croston = {true, {NAN, NAN}};

	return si_croston_fit(series, &croston, model, fitted, work, pulse);
}

static void
forecast_croston(const SiForecastModel *model, int horizon, double *mean,
				 double *variance, SiWork *work, SiPulse pulse)
{
	si_croston_forecast(model, horizon, mean, variance);
}

static size_t
room_tsb(int n, int season)
{
	return si_tsb_room(n);
}

static int
states_tsb(int season)
{
	return SI_TSB_STATES;
}

static SiStatus
fit_tsb(const SiSeries *series, SiForecastMethod method,
		const SiMethodOptions *options, SiForecastModel *model,
		double *fitted, SiWork *work, SiPulse pulse)
{
	SiTsbOptions tsb = {{NAN, NAN}, NAN};

	return si_tsb_fit(series, &tsb, model, fitted, work, pulse);
}

static void
forecast_tsb(const SiForecastModel *model, int horizon, double *mean,
			 double *variance, SiWork *work, SiPulse pulse)
{
	si_tsb_forecast(model, horizon, mean, variance);
}

/* ---------- the table ---------- */

#define SIMPLE(name, adjusts, valid) \
	{name, adjusts, si_simple_room, si_simple_states, fit_simple, no_room, \
	forecast_simple, valid, si_model_no_text, si_model_no_name}
#define THETA(name) \
	{name, true, si_theta_room, si_theta_states, fit_theta, no_room, \
	forecast_theta, si_model_valid_theta, si_model_no_text, \
	si_model_theta_name}

static const SiMethod methods[SI_FORECAST_METHODS] = {
	[SI_FORECAST_NAIVE] = SIMPLE("naive", true, si_model_valid_level),
	[SI_FORECAST_SEASONAL_NAIVE] = SIMPLE("seasonal_naive", false,
										  si_model_valid_season),
	[SI_FORECAST_MEAN] = SIMPLE("mean", true, si_model_valid_level),
	[SI_FORECAST_MOVING_AVERAGE] = SIMPLE("moving_average", true,
										  si_model_valid_level),
	[SI_FORECAST_THETA] = THETA("theta"),
	[SI_FORECAST_OTM] = THETA("otm"),
	[SI_FORECAST_DOTM] = THETA("dotm"),
	[SI_FORECAST_ETS] = {"ets", false, si_ets_room, si_ets_states, fit_ets,
		si_ets_forecast_room, si_ets_forecast, si_model_valid_ets,
		si_model_ets_form, si_model_ets_name},
	[SI_FORECAST_CES] = {"ces", false, si_ces_room, si_ces_states, fit_ces,
		forecast_room_ces, si_ces_forecast, si_model_valid_ces,
		si_model_ces_form, si_model_ces_name},
	[SI_FORECAST_AR] = {"ar", true, room_ar, si_ar_states, fit_ar,
		forecast_room_ar, si_ar_forecast, si_model_valid_ar,
		si_model_no_text, si_model_ar_name},
	[SI_FORECAST_ARIMA] = {"arima", false, room_arima, states_arima,
		fit_arima, forecast_room_arima, si_arima_forecast,
		si_model_valid_arima, si_model_arima_form, si_model_arima_name},
	[SI_FORECAST_CROSTON] = {"croston", false, room_croston, states_croston,
		fit_croston, no_room, forecast_croston, si_model_valid_croston,
		si_model_no_text, si_model_croston_name},
	[SI_FORECAST_TSB] = {"tsb", false, room_tsb, states_tsb, fit_tsb, no_room,
		forecast_tsb, si_model_valid_tsb, si_model_no_text,
		si_model_tsb_name}
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
