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

#define OTM_STATES	2
#define DOTM_STATES	4

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
si_model_valid_level(const SiForecastModel *model)
{
	return has_states(model, 1) && model->parameters ==
		(model->method == SI_FORECAST_MEAN) &&
		(model->method != SI_FORECAST_MEAN || model->parameter[0] >= 1.0) &&
		model->form[0] >= 0;
}

bool
si_model_valid_season(const SiForecastModel *model)
{
	return model->states == model->season && model->parameters == 0;
}

bool
si_model_valid_theta(const SiForecastModel *model)
{
	return model->parameters == SI_THETA_PARAMETERS && model->form[0] >= 1 &&
		has_states(model, model->method == SI_FORECAST_DOTM ? DOTM_STATES :
				   OTM_STATES);
}

bool
si_model_valid_ets(const SiForecastModel *model)
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
si_model_valid_ces(const SiForecastModel *model)
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
si_model_valid_ar(const SiForecastModel *model)
{
	return in_range(model->form[0], 0, SI_AR_ORDER) &&
		model->parameters == model->form[0] &&
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
si_model_valid_arima(const SiForecastModel *model)
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
si_model_valid_croston(const SiForecastModel *model)
{
	return model->parameters == SI_CROSTON_PARAMETERS &&
		model->states == SI_CROSTON_STATES && model->state[1] > 0.0;
}

bool
si_model_valid_tsb(const SiForecastModel *model)
{
	return model->parameters == SI_TSB_PARAMETERS &&
		model->states == SI_TSB_STATES;
}

/* ---------- words ---------- */

void
si_model_no_text(const SiForecastModel *model, char *text)
{
	text[0] = '\0';
}

void
si_model_ets_form(const SiForecastModel *model, char *text)
{
	char		name[SI_ETS_NAME];

	si_ets_name(model, name);
	snprintf(text, SI_METHOD_TEXT, "%s", name);
}

void
si_model_ces_form(const SiForecastModel *model, char *text)
{
	snprintf(text, SI_METHOD_TEXT, "%s", si_ces_form_name[model->form[0]]);
}

void
si_model_arima_form(const SiForecastModel *model, char *text)
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
si_model_no_name(const SiForecastModel *model, int i, char *name)
{
	name[0] = '\0';
}

void
si_model_theta_name(const SiForecastModel *model, int i, char *name)
{
	snprintf(name, SI_METHOD_TEXT, "%s", si_theta_parameter_name[i]);
}

/* Of those that the form has. */
void
si_model_ets_name(const SiForecastModel *model, int i, char *name)
{
	const int  *form = model->form;
	bool		shown = i == SI_ETS_ALPHA || i == SI_ETS_FIRST_LEVEL ||
		((i == SI_ETS_BETA || i == SI_ETS_FIRST_GROWTH) &&
		 form[SI_ETS_TREND] != SI_ETS_NONE) ||
		(i == SI_ETS_GAMMA && form[SI_ETS_SEASON] != SI_ETS_NONE) ||
		(i == SI_ETS_PHI && form[SI_ETS_DAMPED] == 1);

	snprintf(name, SI_METHOD_TEXT, "%s",
			 shown ? si_ets_parameter_name[i] : "");
}

void
si_model_ces_name(const SiForecastModel *model, int i, char *name)
{
	snprintf(name, SI_METHOD_TEXT, "%s", si_ces_parameter_name[i]);
}

void
si_model_ar_name(const SiForecastModel *model, int i, char *name)
{
	snprintf(name, SI_METHOD_TEXT, "ar%d", i + 1);
}

void
si_model_arima_name(const SiForecastModel *model, int i, char *name)
{
	char		text[8];

	si_arima_parameter_name(model, i, text);
	snprintf(name, SI_METHOD_TEXT, "%s", text);
}

void
si_model_croston_name(const SiForecastModel *model, int i, char *name)
{
	snprintf(name, SI_METHOD_TEXT, "%s", si_croston_parameter_name[i]);
}

void
si_model_tsb_name(const SiForecastModel *model, int i, char *name)
{
	snprintf(name, SI_METHOD_TEXT, "%s", si_tsb_parameter_name[i]);
}
