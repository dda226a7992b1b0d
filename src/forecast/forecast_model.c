/*
 * forecast_model.c
 *	  The type forecast_model: input and output, times, and what can be read off
 *	  a model but its forecasts.
 */
#include "postgres.h"

#include <math.h>

#include "datatype/timestamp.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "core/forecast/si_methods.h"
#include "forecast/forecast_model.h"
#include "forecast/forecast_series.h"
#include "pg/si_pulse.h"

static bool
are_notes(const SiForecast *forecast)
{
	for (int i = 0; i < forecast->notes; i++)
	{
		if (forecast->note[i].code >= FORECAST_NOTES)
			return false;
	}
	return true;
}

static SiForecast *
decode(const void *bytes, Size size)
{
	SiForecast *forecast = palloc(sizeof(SiForecast));
	double	   *room = MemoryContextAllocHuge(CurrentMemoryContext,
											  size + sizeof(double));

	return si_forecast_decode(bytes, size, forecast, room) == SI_OK &&
		are_notes(forecast) ? forecast : NULL;
}

/* Bytes from elsewhere may name a time zone that this server does not have. */
static bool
is_model(const void *bytes, Size size)
{
	SiForecast *forecast = decode(bytes, size);

	if (forecast == NULL)
		return false;
	if (forecast->kind == FORECAST_POSITIONS)
		return forecast->zone.length == 0 &&
			forecast->calendar.unit == SI_UNIT_POSITION;
	return forecast->calendar.unit != SI_UNIT_POSITION &&
		(forecast->kind != FORECAST_DATES ||
		 forecast->calendar.unit != SI_UNIT_HOUR) &&
		forecast_known_zone(pnstrdup(forecast->zone.data,
									 forecast->zone.length)) != NULL;
}

const SiValueType forecast_model_type = {"forecast_model", is_model};

SI_VALUE_FUNCTIONS(forecast_model, &forecast_model_type);

SiForecast *
forecast_argument(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiForecast *forecast = decode(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));

	if (forecast == NULL)
		si_value_damaged(&forecast_model_type);
	return forecast;
}

struct varlena *
forecast_pack(const SiForecast *forecast)
{
	struct varlena *value = si_value_create(si_forecast_size(forecast),
											&forecast_model_type);

	si_forecast_encode(forecast, (uint8_t *) VARDATA(value));
	return value;
}

/* ----- Times ----- */

ForecastClock
forecast_clock(const SiForecast *forecast)
{
	ForecastClock clock = {forecast, NULL};

	if (forecast->kind != FORECAST_POSITIONS)
		clock.zone = forecast_zone(pnstrdup(forecast->zone.data,
											forecast->zone.length));
	return clock;
}

/* The zone is the model's, whatever the session's. */
void
forecast_clock_at(const ForecastClock *clock, int64 period, Datum *values,
				  bool *nulls, int column)
{
	const SiForecast *forecast = clock->forecast;
	int64		number = forecast->first + period;
	int64		time;

	nulls[column] = clock->zone == NULL;
	if (clock->zone == NULL)
		return;
	time = si_calendar_place(&forecast->calendar, number);
	if (!IS_VALID_TIMESTAMP(time))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("forecast goes past the end of time"),
				 errdetail("Timestamps end in the year 294276."),
				 errhint("Ask for a shorter horizon.")));
	if (forecast->calendar.unit != SI_UNIT_HOUR)
		time = forecast_instant(clock->zone, time);
	values[column] = TimestampTzGetDatum(time);
}

/* ----- Notes ----- */

static const struct
{
	const char *code;
	const char *message;		/* %lld is the number */
}			words[FORECAST_NOTES] = {
	[FORECAST_NOTE_EMPTY] = {
		"empty", "No row has a value: there is nothing to forecast."
	},
	[FORECAST_NOTE_TOO_SHORT] = {
		"too_short", "What was asked for cannot be fitted to these %lld values; a simpler method stands in for it."
	},
	[FORECAST_NOTE_SEASON_TOO_LONG] = {
		"season_too_long", "The season of %lld periods is not seen twice, and is left out."
	},
	[FORECAST_NOTE_CONSTANT] = {
		"constant", "All values are the same."
	},
	[FORECAST_NOTE_NOT_FINITE] = {
		"not_finite", "%lld rows have an infinite time, or a value that is no number or beyond 1e300, and are left out."
	},
	[FORECAST_NOTE_MISSING] = {
		"missing", "%lld periods have no row and were filled in."
	},
	[FORECAST_NOTE_DUPLICATES] = {
		"duplicates", "%lld rows share a period with another one and were joined to it."
	},
	[FORECAST_NOTE_UNFINISHED] = {
		"unfinished", "The last period was not over and is left out; set \"until\" to keep it."
	},
	[FORECAST_NOTE_OUTSIDE] = {
		"outside", "%lld rows are before \"from\", from \"until\" on, or in an unfinished period."
	},
	[FORECAST_NOTE_TOO_LONG] = {
		"too_long", "The first %lld periods are left out: a series has 1,048,576 at most."
	},
	[FORECAST_NOTE_INTERMITTENT] = {
		"intermittent", "Half of the values or more are zero: methods for rare demand are used."
	}
};

void
forecast_note(SiForecast *forecast, ForecastNote code, int64 number)
{
	if (forecast->notes == SI_FORECAST_NOTES)
		return;
	forecast->note[forecast->notes].code = (uint8_t) code;
	forecast->note[forecast->notes].number = number;
	forecast->notes++;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_warnings);
Datum
sales_intel_forecast_warnings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiForecast *forecast = forecast_argument(fcinfo, 0);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < forecast->notes; i++)
	{
		const SiForecastNote *note = &forecast->note[i];
		Datum		values[2];
		bool		nulls[2] = {false};

		values[0] = CStringGetTextDatum(words[note->code].code);
		values[1] = CStringGetTextDatum(psprintf(words[note->code].message,
												 (long long) note->number));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
