/*
 * forecast_series.h
 *	  The series that gathered rows make, and its calendar.
 */
#ifndef FORECAST_SERIES_H
#define FORECAST_SERIES_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "pgtime.h"

#include "forecast/forecast_intake.h"
#include "forecast/forecast_options.h"

typedef struct ForecastSeries
{
	ForecastKind kind;
	SiCalendar	calendar;
	const char *zone;			/* name of the time zone, or "" */
	int64		first;			/* number of the first period */
	int			n;				/* periods; 0: there is no series */
	double	   *y;
	int			seasons;
	int			season[2];
	int64		rows;			/* that are in it */
	int64		outside;		/* before "from", or from "until" on */
	int64		too_early;		/* periods left out, for the series is long */
	bool		unfinished;		/* a last period was left out */
	SiGridCount grid;
} ForecastSeries;

/* The series of the rows, which are sorted in place. */
extern void forecast_series_make(ForecastIntake *intake,
								 const ForecastOptions *options,
								 ForecastSeries *series);

/* The zone of a name; NULL, or an error, if there is none such. */
extern pg_tz *forecast_known_zone(const char *name);
extern pg_tz *forecast_zone(const char *name);

/* When a wall clock in the zone shows a time. */
extern TimestampTz forecast_instant(pg_tz *zone, Timestamp clock);

#endif							/* FORECAST_SERIES_H */
