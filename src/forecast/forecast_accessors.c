/*
 * forecast_accessors.c
 *	  What a forecast_model says of itself: summary, fitted values.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/json.h"
#include "utils/jsonb.h"

#include "core/forecast/ets/si_ets.h"
#include "core/forecast/si_methods.h"
#include "forecast/forecast_model.h"
#include "pg/si_pulse.h"

#define SUMMARY_COLUMNS	11

/* ----- Parameters ----- */

static void
add_form(StringInfo json, const SiForecastModel *model)
{
	char		form[SI_METHOD_TEXT];

	si_method_form(model, form);
	if (form[0] != '\0')
		appendStringInfo(json, ", \"form\": \"%s\"", form);
}

/* {"method": "ets", "form": "AAdM", "alpha": 0.3, ...} */
static void
add_member(StringInfo json, const SiForecastModel *model)
{
	const SiMethod *method = si_method(model->method);

	appendStringInfo(json, "{\"method\": \"%s\"", method->name);
	add_form(json, model);
	for (int i = 0; i < model->parameters; i++)
	{
		char		name[SI_PARAMETER_NAME];

		method->parameter_name(model, i, name);
		appendStringInfo(json, ", \"%s\": %s", name,
						 float8out_internal(model->parameter[i]));
	}
	appendStringInfoChar(json, '}');
}

static Datum
parameters(const SiForecast *forecast)
{
	StringInfoData json;

	initStringInfo(&json);
	if (forecast->members == 1)
		add_member(&json, &forecast->member[0]);
	else
	{
		appendStringInfoString(&json, "{\"members\": [");
		for (int i = 0; i < forecast->members; i++)
		{
			appendStringInfoString(&json, i > 0 ? ", " : "");
			add_member(&json, &forecast->member[i]);
		}
		appendStringInfoString(&json, "]}");
	}
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

/* ----- Summary ----- */

static const char *
method_name(const SiForecast *forecast)
{
	return forecast->members == 1 ?
		si_method(forecast->member[0].method)->name : "median_ensemble";
}

static Datum
seasons_array(const SiForecast *forecast)
{
	Datum		season[2];

	for (int i = 0; i < forecast->seasons; i++)
		season[i] = Int32GetDatum(forecast->season[i]);
	return PointerGetDatum(construct_array(season, forecast->seasons, INT4OID,
										   sizeof(int32), true,
										   TYPALIGN_INT));
}

/*
 * Mean size and root mean square of the residuals; NaN if there are none.
 * Squares are taken of what the members saw, which is within their range.
 */
static void
residual_sizes(const SiForecast *forecast, double *size, double *rms)
{
	double		sizes = 0.0;
	double		squares = 0.0;
	int			n = 0;

	for (int i = 0; i < forecast->n; i++)
	{
		double		residual = forecast->y[i] - forecast->fitted[i];

		si_pulse_every(i);
		if (isnan(residual))
			continue;
		sizes += fabs(residual);
		residual = ldexp(residual, -forecast->exponent);
		squares += residual * residual;
		n++;
	}
	*size = sizes / n;
	*rms = ldexp(sqrt(squares / n), forecast->exponent);
}

/*
 * The deviation of one-step errors; of relative ones, a share.  An ensemble has
 * but the root mean square of its residuals.
 */
static double
error_deviation(const SiForecast *forecast, double rms)
{
	const SiForecastModel *model = &forecast->member[0];
	bool		relative = model->method == SI_FORECAST_ETS &&
		model->form[SI_ETS_ERROR] == SI_ETS_MULTIPLICATIVE;

	if (forecast->members > 1 || isnan(model->variance))
		return rms;
	return ldexp(sqrt(model->variance), relative ? 0 : forecast->exponent);
}

/* A likelihood of other units than those of the series is of no use. */
static void
set_fit(const SiForecast *forecast, Datum *values, bool *nulls)
{
	const SiForecastModel *model = &forecast->member[0];
	bool		likely = forecast->members == 1 && forecast->exponent == 0;
	double		size;
	double		rms;

	residual_sizes(forecast, &size, &rms);
	values[0] = CStringGetTextDatum(method_name(forecast));
	values[5] = parameters(forecast);
	nulls[0] = nulls[5] = false;
	forecast_set_number(values, nulls, 6, likely ? model->log_likelihood : NAN);
	forecast_set_number(values, nulls, 7, likely ? model->aicc : NAN);
	forecast_set_number(values, nulls, 8, error_deviation(forecast, rms));
	forecast_set_number(values, nulls, 9, forecast->scale > 0.0 ?
					size / forecast->scale : NAN);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_summary);
Datum
sales_intel_forecast_summary(PG_FUNCTION_ARGS)
{
	Datum		values[SUMMARY_COLUMNS];
	bool		nulls[SUMMARY_COLUMNS];
	SiForecast *forecast;
	ForecastClock clock;

	memset(nulls, true, sizeof(nulls));
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	forecast = forecast_argument(fcinfo, 0);
	clock = forecast_clock(forecast);
	values[1] = seasons_array(forecast);
	values[2] = Int64GetDatum(forecast->rows);
	values[10] = BoolGetDatum(forecast->fallback);
	nulls[1] = nulls[2] = nulls[10] = false;
	if (forecast->n > 0)
	{
		forecast_clock_at(&clock, 0, values, nulls, 3);
		forecast_clock_at(&clock, forecast->n - 1, values, nulls, 4);
		set_fit(forecast, values, nulls);
	}
	return si_value_row(fcinfo, values, nulls);
}

/* ----- Fitted values ----- */

PG_FUNCTION_INFO_V1(sales_intel_forecast_fitted);
Datum
sales_intel_forecast_fitted(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiForecast *forecast = forecast_argument(fcinfo, 0);
	ForecastClock clock = forecast_clock(forecast);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < forecast->n; i++)
	{
		Datum		values[4];
		bool		nulls[4] = {false};

		si_pulse_every(i);
		forecast_clock_at(&clock, i, values, nulls, 0);
		values[1] = Float8GetDatum(forecast->y[i]);
		forecast_set_number(values, nulls, 2, forecast->fitted[i]);
		forecast_set_number(values, nulls, 3,
							forecast->y[i] - forecast->fitted[i]);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
