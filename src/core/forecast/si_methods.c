/*
 * si_methods.c
 *	  One table of forecasting methods, and how to call any of them.
 */
#include "core/forecast/si_methods.h"

#include <math.h>
#include <string.h>

#include "core/forecast/arima/si_ar.h"
#include "core/forecast/ces/si_ces.h"
#include "core/forecast/decompose/si_mstl_ar.h"
#include "core/forecast/ets/si_ets.h"
#include "core/forecast/intermittent/si_croston.h"
#include "core/forecast/intermittent/si_tsb.h"
#include "core/forecast/si_models.h"
#include "core/forecast/simple/si_simple.h"
#include "core/forecast/theta/si_theta.h"

#define DEFAULT_WINDOW	3

/* ----- What needs nothing more ----- */

static bool
always_valid(int season, const SiMethodOptions *options)
{
	return true;
}

static size_t
no_room(const SiForecastModel *model, int horizon)
{
	return 0;
}

static void
copy_name(const char *from, char name[SI_PARAMETER_NAME])
{
	size_t		length = strlen(from);

	memcpy(name, from, length + 1);
}

/* ----- Benchmarks ----- */

static bool
valid_simple(int season, const SiMethodOptions *options)
{
	return options->window >= 0;
}

static size_t
room_simple(int n, int season, const SiMethodOptions *options)
{
	return si_simple_room(n, season);
}

static int
states_simple(int season, const SiMethodOptions *options)
{
	return si_simple_states(season);
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

static void
name_simple(const SiForecastModel *model, int index,
			char name[SI_PARAMETER_NAME])
{
	copy_name("n", name);
}

/* ----- Theta ----- */

static size_t
room_theta(int n, int season, const SiMethodOptions *options)
{
	return si_theta_room(n, season);
}

static int
states_theta(int season, const SiMethodOptions *options)
{
	return si_theta_states(season);
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

static void
name_theta(const SiForecastModel *model, int index,
		   char name[SI_PARAMETER_NAME])
{
	copy_name(si_theta_parameter_name[index], name);
}

/* ----- Exponential smoothing ----- */

static SiEtsOptions
ets_options(const SiMethodOptions *options, bool *valid)
{
	SiEtsOptions ets = si_ets_automatic;
	SiText		form = {options->form, (int32_t) strlen(options->form)};

	*valid = form.length == 0 || si_ets_options(form, &ets);
	ets.quick = options->quick;
	return ets;
}

static bool
valid_ets(int season, const SiMethodOptions *options)
{
	bool		valid;

	ets_options(options, &valid);
	return valid;
}

static size_t
room_ets(int n, int season, const SiMethodOptions *options)
{
	return si_ets_room(n, season);
}

static int
states_ets(int season, const SiMethodOptions *options)
{
	return si_ets_states(season);
}

static SiStatus
fit_ets(const SiSeries *series, SiForecastMethod method,
		const SiMethodOptions *options, SiForecastModel *model,
		double *fitted, SiWork *work, SiPulse pulse)
{
	bool		valid;
	SiEtsOptions ets = ets_options(options, &valid);

	return si_ets_fit(series, &ets, model, fitted, work, pulse);
}

static size_t
forecast_room_ets(const SiForecastModel *model, int horizon)
{
	return si_ets_forecast_room(model->season, horizon);
}

static void
name_ets(const SiForecastModel *model, int index, char name[SI_PARAMETER_NAME])
{
	copy_name(si_ets_parameter_name[index], name);
}

/* ----- Autoregression ----- */

static size_t
room_ar(int n, int season, const SiMethodOptions *options)
{
	return si_ar_room(n);
}

static int
states_ar(int season, const SiMethodOptions *options)
{
	return si_ar_states(season);
}

static SiStatus
fit_ar(const SiSeries *series, SiForecastMethod method,
	   const SiMethodOptions *options, SiForecastModel *model,
	   double *fitted, SiWork *work, SiPulse pulse)
{
	return si_ar_fit(series, model, fitted, work, pulse);
}

static size_t
forecast_room_ar(const SiForecastModel *model, int horizon)
{
	return si_ar_forecast_room(horizon);
}

static void
name_ar(const SiForecastModel *model, int index, char name[SI_PARAMETER_NAME])
{
	copy_name(index == model->form[0] ? "drift" : "ar0", name);
	if (index < model->form[0])
		name[2] = (char) ('1' + index);
}

/* ----- ARIMA ----- */

static bool
valid_arima(int season, const SiMethodOptions *options)
{
	return si_arima_valid(&options->arima, season);
}

static size_t
room_arima(int n, int season, const SiMethodOptions *options)
{
	return si_arima_room(n, season, &options->arima);
}

static int
states_arima(int season, const SiMethodOptions *options)
{
	return si_arima_states(season, &options->arima);
}

static SiStatus
fit_arima(const SiSeries *series, SiForecastMethod method,
		  const SiMethodOptions *options, SiForecastModel *model,
		  double *fitted, SiWork *work, SiPulse pulse)
{
	return si_arima_fit(series, &options->arima, model, fitted, work, pulse);
}

static void
name_arima(const SiForecastModel *model, int index,
		   char name[SI_PARAMETER_NAME])
{
	si_arima_parameter_name(model, index, name);
}

/* ----- Complex exponential smoothing ----- */

static bool
valid_ces(int season, const SiMethodOptions *options)
{
	int			i;

	for (i = 0; i < SI_CES_FORMS; i++)
	{
		if (strcmp(options->form, si_ces_form_name[i]) == 0)
			return true;
	}
	return options->form[0] == '\0';
}

static size_t
room_ces(int n, int season, const SiMethodOptions *options)
{
	return si_ces_room(n, season);
}

static int
states_ces(int season, const SiMethodOptions *options)
{
	return si_ces_states(season);
}

static SiStatus
fit_ces(const SiSeries *series, SiForecastMethod method,
		const SiMethodOptions *options, SiForecastModel *model,
		double *fitted, SiWork *work, SiPulse pulse)
{
	SiCesOptions ces;
	int			i;

	for (i = 0; i < SI_CES_FORMS; i++)
		ces.form[i] = options->form[0] == '\0' ||
			strcmp(options->form, si_ces_form_name[i]) == 0;
	return si_ces_fit(series, &ces, model, fitted, work, pulse);
}

static size_t
forecast_room_ces(const SiForecastModel *model, int horizon)
{
	return si_ces_forecast_room(model->season);
}

static void
name_ces(const SiForecastModel *model, int index, char name[SI_PARAMETER_NAME])
{
	copy_name(si_ces_parameter_name[index], name);
}

/* ----- Several seasons ----- */

static SiMstlArOptions
mstl_options(const SiMethodOptions *options)
{
	SiMstlArOptions mstl = {options->seasons, options->season,
	options->variants};

	return mstl;
}

static size_t
room_mstl(int n, int season, const SiMethodOptions *options)
{
	SiMstlArOptions mstl = mstl_options(options);

	return si_mstl_ar_room(n, &mstl);
}

static int
states_mstl(int season, const SiMethodOptions *options)
{
	SiMstlArOptions mstl = mstl_options(options);

	return si_mstl_ar_states(&mstl);
}

static SiStatus
fit_mstl(const SiSeries *series, SiForecastMethod method,
		 const SiMethodOptions *options, SiForecastModel *model,
		 double *fitted, SiWork *work, SiPulse pulse)
{
	SiMstlArOptions mstl = mstl_options(options);

	return si_mstl_ar_fit(series, &mstl, model, fitted, work, pulse);
}

static size_t
forecast_room_mstl(const SiForecastModel *model, int horizon)
{
	return si_mstl_ar_forecast_room(horizon);
}

static void
name_none(const SiForecastModel *model, int index,
		  char name[SI_PARAMETER_NAME])
{
	name[0] = '\0';
}

/* ----- Rare demand ----- */

static size_t
room_croston(int n, int season, const SiMethodOptions *options)
{
	return si_croston_room(n);
}

static int
states_croston(int season, const SiMethodOptions *options)
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
name_croston(const SiForecastModel *model, int index,
			 char name[SI_PARAMETER_NAME])
{
	copy_name(si_croston_parameter_name[index], name);
}

static size_t
room_tsb(int n, int season, const SiMethodOptions *options)
{
	return si_tsb_room(n);
}

static int
states_tsb(int season, const SiMethodOptions *options)
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
name_tsb(const SiForecastModel *model, int index, char name[SI_PARAMETER_NAME])
{
	copy_name(si_tsb_parameter_name[index], name);
}

/* ----- The table ----- */

#define SIMPLE(name, adjusts, whole) \
	{name, adjusts, valid_simple, room_simple, states_simple, fit_simple, \
	no_room, forecast_simple, name_simple, whole}
#define THETA(name) \
	{name, true, always_valid, room_theta, states_theta, fit_theta, \
	no_room, forecast_theta, name_theta, si_model_whole_theta}

static const SiMethod methods[SI_FORECAST_METHODS] = {
	[SI_FORECAST_NAIVE] = SIMPLE("naive", true, si_model_whole_level),
	[SI_FORECAST_SEASONAL_NAIVE] = SIMPLE("seasonal_naive", false,
										  si_model_whole_season),
	[SI_FORECAST_MEAN] = SIMPLE("mean", true, si_model_whole_level),
	[SI_FORECAST_MOVING_AVERAGE] = SIMPLE("moving_average", true,
										  si_model_whole_level),
	[SI_FORECAST_THETA] = THETA("theta"),
	[SI_FORECAST_OTM] = THETA("otm"),
	[SI_FORECAST_DOTM] = THETA("dotm"),
	[SI_FORECAST_ETS] = {
		"ets", false, valid_ets, room_ets, states_ets, fit_ets,
		forecast_room_ets, si_ets_forecast, name_ets, si_model_whole_ets
	},
	[SI_FORECAST_AR] = {
		"ar", true, always_valid, room_ar, states_ar, fit_ar,
		forecast_room_ar, si_ar_forecast, name_ar, si_model_whole_ar
	},
	[SI_FORECAST_ARIMA] = {
		"arima", false, valid_arima, room_arima, states_arima, fit_arima,
		si_arima_forecast_room, si_arima_forecast, name_arima,
		si_model_whole_arima
	},
	[SI_FORECAST_CES] = {
		"ces", false, valid_ces, room_ces, states_ces, fit_ces,
		forecast_room_ces, si_ces_forecast, name_ces, si_model_whole_ces
	},
	[SI_FORECAST_CROSTON] = {
		"croston", false, always_valid, room_croston, states_croston,
		fit_croston, no_room, si_croston_forecast, name_croston,
		si_model_whole_croston
	},
	[SI_FORECAST_TSB] = {
		"tsb", false, always_valid, room_tsb, states_tsb, fit_tsb, no_room,
		si_tsb_forecast, name_tsb, si_model_whole_tsb
	},
	[SI_FORECAST_MSTL] = {
		"mstl", false, always_valid, room_mstl, states_mstl, fit_mstl,
		forecast_room_mstl, si_mstl_ar_forecast, name_none, si_mstl_ar_whole
	}
};

const SiMethod *
si_method(SiForecastMethod method)
{
	return methods[method].name != NULL ? &methods[method] : NULL;
}
