/*
 * si_models.c
 *	  Models of each method as numbers from anywhere.
 *
 * A model is whole if it has as many parameters and states as its method and
 * variant read; their values may be any finite ones.
 */
#include <stdio.h>
#include <string.h>

#include "core/forecast/arima/si_ar.h"
#include "core/forecast/arima/si_arima.h"
#include "core/forecast/ces/si_ces.h"
#include "core/forecast/ets/si_ets.h"
#include "core/forecast/intermittent/si_croston.h"
#include "core/forecast/intermittent/si_tsb.h"
#include "core/forecast/si_models.h"
#include "core/forecast/theta/si_theta.h"


/* Own states, and seasonal factors behind them or none. */
static bool
has_states(const SiForecastModel *model, int own)
{
	return model->states == own || model->states == own + model->season;
}

static bool
in_range(int x, int low, int high)
{
	return x >= low && x <= high;
}

/* ---------- wholeness ---------- */

bool
si_model_whole_level(const SiForecastModel *model)
{
	return has_states(model, 1) && model->parameters ==
		(model->method == SI_FORECAST_MEAN) &&
		(model->method != SI_FORECAST_MEAN || model->parameter[0] >= 1.0) &&
		model->form[0] >= 0;
}

bool
si_model_whole_season(const SiForecastModel *model)
{
	return model->states == model->season && model->parameters == 0;
}

bool
si_model_whole_theta(const SiForecastModel *model)
{
	return model->parameters == SI_THETA_PARAMETERS && model->form[0] >= 1 &&
		has_states(model, model->method == SI_FORECAST_DOTM ? SI_DOTM_STATES :
				   SI_OTM_STATES);
}

bool
si_model_whole_ets(const SiForecastModel *model)
{
	const int  *form = model->form;
	bool		cycles = form[SI_ETS_SEASON] != SI_ETS_NONE ||
		form[SI_ETS_FACTORED] == 1;

	return in_range(form[SI_ETS_ERROR], SI_ETS_ADDITIVE,
					SI_ETS_MULTIPLICATIVE) &&
		in_range(form[SI_ETS_TREND], SI_ETS_NONE, SI_ETS_MULTIPLICATIVE) &&
		in_range(form[SI_ETS_SEASON], SI_ETS_NONE, SI_ETS_MULTIPLICATIVE) &&
		in_range(form[SI_ETS_DAMPED], 0, 1) &&
		in_range(form[SI_ETS_FACTORED], 0, 1) &&
		model->parameters == SI_ETS_PARAMETERS &&
		model->states == SI_ETS_SEASONS + (cycles ? model->season : 0);
}

bool
si_model_whole_ces(const SiForecastModel *model)
{
	static const int parameters[SI_CES_FORMS] = {2, 2, 3, 4};
	int			states[SI_CES_FORMS];
	int			form = model->form[0];

	states[SI_CES_NONE] = 2;
	states[SI_CES_SIMPLE] = 2 * model->season;
	states[SI_CES_PARTIAL] = 2 + model->season;
	states[SI_CES_FULL] = 2 + 2 * model->season;
	return in_range(form, 0, SI_CES_FORMS - 1) &&
		model->parameters == parameters[form] &&
		model->states == states[form];
}

bool
si_model_whole_ar(const SiForecastModel *model)
{
	return in_range(model->form[0], 0, SI_AR_ORDER) &&
		in_range(model->form[2], 0, 1) &&
		model->parameters == model->form[0] + model->form[2] &&
		(model->form[1] == 0 || model->form[1] == model->season) &&
		model->states == 1 + model->form[0] + model->form[1];
}

static SiArimaOptions
arima_options(const SiForecastModel *model)
{
	const int  *form = model->form;
	SiArimaOptions options = {true, {form[0], form[1], form[2], form[3],
		form[4], form[5], form[6] != 0
	}};

	return options;
}

bool
si_model_whole_arima(const SiForecastModel *model)
{
	SiArimaOptions options = arima_options(model);
	const SiArimaOrder *order = &options.order;

	return si_arima_valid(&options, model->season) &&
		in_range(model->form[6], 0, 1) && in_range(model->form[7], 0, 1) &&
		model->parameters == order->p + order->q + order->P + order->Q +
		order->constant &&
		model->states == si_arima_states(model->season, &options);
}

bool
si_model_whole_croston(const SiForecastModel *model)
{
	return model->parameters == SI_CROSTON_PARAMETERS &&
		model->states == SI_CROSTON_STATES && model->state[1] > 0.0;
}

bool
si_model_whole_tsb(const SiForecastModel *model)
{
	return model->parameters == SI_TSB_PARAMETERS &&
		model->states == SI_TSB_STATES;
}

/* ---------- variants ---------- */

static void
arima_form(const SiForecastModel *model, char *text)
{
	const int  *form = model->form;

	if (model->season > 1)
		snprintf(text, SI_METHOD_TEXT, "(%d,%d,%d)(%d,%d,%d)%d", form[0],
				 form[1], form[2], form[3], form[4], form[5], model->season);
	else
		snprintf(text, SI_METHOD_TEXT, "(%d,%d,%d)", form[0], form[1],
				 form[2]);
}

void
si_method_form(const SiForecastModel *model, char text[SI_METHOD_TEXT])
{
	text[0] = '\0';
	if (model->method == SI_FORECAST_ETS)
		si_ets_name(model, text);
	else if (model->method == SI_FORECAST_CES)
		snprintf(text, SI_METHOD_TEXT, "%s", si_ces_form_name[model->form[0]]);
	else if (model->method == SI_FORECAST_ARIMA)
		arima_form(model, text);
}

SiMethodOptions
si_method_like(const SiForecastModel *model)
{
	SiMethodOptions options;
	char		text[SI_METHOD_TEXT];

	memset(&options, 0, sizeof(options));
	if (model->method == SI_FORECAST_MOVING_AVERAGE)
		options.window = model->form[0];
	else if (model->method == SI_FORECAST_ARIMA)
		options.arima = arima_options(model);
	else if (model->method == SI_FORECAST_MSTL)
	{
		options.variants = model->form[0];
		options.seasons = model->form[1] < 2 ? model->form[1] : 2;
		memcpy(options.season, model->form + 2, sizeof(options.season));
	}
	else
	{
		si_method_form(model, text);
		snprintf(options.form, sizeof(options.form), "%.7s", text);
		options.quick = true;
	}
	return options;
}
