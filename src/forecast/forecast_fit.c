/*
 * forecast_fit.c
 *	  From gathered rows to a forecast_model.
 */
#include "postgres.h"

#include <math.h>

#include "core/forecast/si_fit.h"
#include "forecast/forecast_fit.h"
#include "forecast/forecast_model.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

/*
 * Steps of the errors held back: the horizons of the Makridakis competitions,
 * at which people plan.
 */
static int
usual_horizon(SiUnit unit, int season)
{
	switch (unit)
	{
		case SI_UNIT_HOUR:
			return 48;
		case SI_UNIT_DAY:
			return 14;
		case SI_UNIT_WEEK:
			return 13;
		case SI_UNIT_MONTH:
			return 18;
		case SI_UNIT_QUARTER:
			return 8;
		case SI_UNIT_YEAR:
			return 6;
		default:
			return season == 1 ? 6 : season < 8 ? 8 : 18;
	}
}

/* [p, d, q, P, D, Q]; the last three may be missing. */
static SiArimaOptions
arima_order(const List *order)
{
	SiArimaOptions arima = {true, {0}};

	arima.order.p = list_nth_int(order, 0);
	arima.order.d = list_nth_int(order, 1);
	arima.order.q = list_nth_int(order, 2);
	if (list_length(order) > 3)
	{
		arima.order.P = list_nth_int(order, 3);
		arima.order.D = list_nth_int(order, 4);
		arima.order.Q = list_nth_int(order, 5);
	}
	arima.order.constant = arima.order.d + arima.order.D == 0;
	return arima;
}

SiFitRequest
forecast_request(const ForecastOptions *options, const ForecastSeries *series)
{
	SiFitRequest request;

	memset(&request, 0, sizeof(request));
	request.ensemble = options->method == FORECAST_ENSEMBLE;
	request.fast = options->profile == FORECAST_FAST;
	request.horizon = usual_horizon(series->calendar.unit, series->seasons > 0 ?
									series->season[0] : 1);
	if (options->method >= FORECAST_FIRST_METHOD)
	{
		request.methods = 1;
		request.method[0] = (SiForecastMethod) (options->method -
												FORECAST_FIRST_METHOD);
	}
	request.options.window = options->window;
	request.options.seasons = series->seasons;
	memcpy(request.options.season, series->season, sizeof(series->season));
	if (options->ets != NULL)
		strlcpy(request.options.form, options->ets,
				sizeof(request.options.form));
	if (options->order != NIL)
		request.options.arima = arima_order(options->order);
	return request;
}

void
forecast_describe(const ForecastSeries *series, SiForecast *forecast)
{
	const SiCalendar empty = {
		series->kind == FORECAST_POSITIONS ? SI_UNIT_POSITION : SI_UNIT_DAY,
		1, 0, 0, 1, 0
	};

	memset(forecast, 0, sizeof(*forecast));
	forecast->kind = (uint8_t) series->kind;
	forecast->calendar = series->calendar;
	forecast->zone.data = series->zone;
	forecast->zone.length = (int32_t) strlen(series->zone);
	forecast->first = series->first;
	forecast->rows = series->rows;
	forecast->n = series->n;
	forecast->y = series->y;
	forecast->seasons = series->seasons;
	memcpy(forecast->season, series->season, sizeof(series->season));
	forecast->widening = forecast->freedom = 1.0;
	if (series->n == 0)
		forecast->calendar = empty;
}

void
forecast_fit(const SiFitRequest *request, SiForecast *forecast, int *bits)
{
	SiWork		work;

	work.left = si_fit_room(request, forecast->n, forecast->seasons,
							forecast->season);
	si_check_memory(CurrentMemoryContext, work.left * sizeof(double),
					"forecasts", false);
	work.next = MemoryContextAllocHuge(CurrentMemoryContext,
									   work.left * sizeof(double));
	forecast->fitted = palloc(forecast->n * sizeof(double));
	*bits = si_fit(request, forecast, &work, si_pulse);
}

/* ----- Notes ----- */

static void
note_some(SiForecast *forecast, ForecastNote code, int64 number)
{
	if (number > 0)
		forecast_note(forecast, code, number);
}

static void
note_series(SiForecast *forecast, const ForecastIntake *intake,
			const ForecastSeries *series)
{
	note_some(forecast, FORECAST_NOTE_NOT_FINITE, intake->skipped);
	note_some(forecast, FORECAST_NOTE_TOO_LONG, series->too_early);
	note_some(forecast, FORECAST_NOTE_UNFINISHED, series->unfinished);
	note_some(forecast, FORECAST_NOTE_OUTSIDE, series->outside);
	note_some(forecast, FORECAST_NOTE_DUPLICATES, series->grid.doubles);
	note_some(forecast, FORECAST_NOTE_MISSING, series->grid.missing);
	note_some(forecast, FORECAST_NOTE_EMPTY, series->n == 0);
}

static void
note_fit(SiForecast *forecast, int bits)
{
	if (forecast->fallback)
		forecast_note(forecast, FORECAST_NOTE_TOO_SHORT, forecast->n);
	for (int i = 0; i < forecast->seasons && bits & SI_FIT_LONG_SEASON; i++)
	{
		if (2 * forecast->season[i] > forecast->n)
			forecast_note(forecast, FORECAST_NOTE_SEASON_TOO_LONG,
						  forecast->season[i]);
	}
	note_some(forecast, FORECAST_NOTE_CONSTANT, bits & SI_FIT_CONSTANT);
	note_some(forecast, FORECAST_NOTE_INTERMITTENT,
			  bits & SI_FIT_INTERMITTENT);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_final);
Datum
sales_intel_forecast_final(PG_FUNCTION_ARGS)
{
	ForecastIntake *intake = forecast_intake_argument(fcinfo, 0);
	ForecastOptions *options = forecast_options(intake->options,
												intake->kind);
	ForecastSeries series;
	SiFitRequest request;
	SiForecast	forecast;
	int			bits;

	(void) si_aggregate_context(fcinfo);
	forecast_series_make(intake, options, &series);
	forecast_describe(&series, &forecast);
	forecast.nonnegative = options->nonnegative;
	note_series(&forecast, intake, &series);
	if (series.n > 0)
	{
		request = forecast_request(options, &series);
		forecast_fit(&request, &forecast, &bits);
		note_fit(&forecast, bits);
	}
	PG_RETURN_POINTER(forecast_pack(&forecast));
}
