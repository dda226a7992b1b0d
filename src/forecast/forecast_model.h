/*
 * forecast_model.h
 *	  The type forecast_model, and what is said about a series.
 */
#ifndef FORECAST_MODEL_H
#define FORECAST_MODEL_H

#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "pgtime.h"

#include "core/forecast/si_forecast_codec.h"
#include "forecast/forecast_intake.h"
#include "pg/si_value.h"

extern const SiValueType forecast_model_type;

/* The model in an argument, in the current context. */
extern SiForecast *forecast_argument(FunctionCallInfo fcinfo, int n);

/* The value of a model. */
extern struct varlena *forecast_pack(const SiForecast *forecast);

/*
 * The times of a model's periods: of number i from the first one on, or behind
 * the last.  NULL for positions.
 */
typedef struct ForecastClock
{
	const SiForecast *forecast;
	pg_tz	   *zone;			/* NULL: positions */
} ForecastClock;

extern ForecastClock forecast_clock(const SiForecast *forecast);

extern void forecast_clock_at(const ForecastClock *clock, int64 period,
							  Datum *values, bool *nulls, int column);

/* Sets a column of float8; what is beyond all numbers is not known: NULL. */
static inline void
forecast_set_number(Datum *values, bool *nulls, int column, double number)
{
	si_value_number(values, nulls, column, isfinite(number) ? number : NAN);
}

/* ----- Notes ----- */

typedef enum ForecastNote
{
	FORECAST_NOTE_EMPTY,
	FORECAST_NOTE_TOO_SHORT,
	FORECAST_NOTE_SEASON_TOO_LONG,
	FORECAST_NOTE_CONSTANT,
	FORECAST_NOTE_NOT_FINITE,
	FORECAST_NOTE_MISSING,
	FORECAST_NOTE_DUPLICATES,
	FORECAST_NOTE_UNFINISHED,
	FORECAST_NOTE_OUTSIDE,
	FORECAST_NOTE_TOO_LONG,
	FORECAST_NOTE_INTERMITTENT,
	FORECAST_NOTES
} ForecastNote;

/* Adds a note, if there is room. */
extern void forecast_note(SiForecast *forecast, ForecastNote code,
						  int64 number);

#endif							/* FORECAST_MODEL_H */
