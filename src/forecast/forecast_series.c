/*
 * forecast_series.c
 *	  The series that gathered rows make, and its calendar.
 *
 * Times become those of a wall clock in the series' time zone, so that a month
 * is the month of whoever sells there and a day has 23, 24 or 25 hours.  Hours
 * are counted without regard to clocks.
 */
#include "postgres.h"

#include <ctype.h>

#include "datatype/timestamp.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "forecast/forecast_series.h"
#include "pg/si_compat.h"
#include "pg/si_pulse.h"

#define MAX_PERIODS		(1 << 20)
#define LATE_FACTOR		2		/* see is_unfinished */

/* ----- Time zones ----- */

pg_tz *
forecast_known_zone(const char *name)
{
	pg_tz	   *zone = pg_tzset(name);

	return zone != NULL && pg_tz_acceptable(zone) ? zone : NULL;
}

pg_tz *
forecast_zone(const char *name)
{
	pg_tz	   *zone = forecast_known_zone(name);

	if (zone == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time zone \"%s\" is not known", name),
				 errdetail("The names are those of pg_timezone_names."),
				 errhint("Write {\"time_zone\": \"Europe/Berlin\"}, for example.")));
	return zone;
}

static int64
local_time(TimestampTz time, pg_tz *zone)
{
	struct pg_tm tm;
	fsec_t		fraction;
	int			seconds_west;

	if (timestamp2tm(time, &seconds_west, &tm, &fraction, NULL, zone) != 0)
		return time;
	return time - seconds_west * USECS_PER_SEC;
}

TimestampTz
forecast_instant(pg_tz *zone, Timestamp clock)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (timestamp2tm(clock, NULL, &tm, &fraction, NULL, NULL) != 0)
		return clock;
	return clock + DetermineTimeZoneOffset(&tm, zone) * USECS_PER_SEC;
}

/* ----- Rows ----- */

static inline int64
row_time(const SiKeyed *row)
{
	return (int64) (row->key ^ FORECAST_TIME_SIGN);
}

/* The time that decides to which period a row belongs. */
static inline int64
row_clock(const SiKeyed *row, const SiCalendar *calendar, pg_tz *zone)
{
	bool		by_clock = zone != NULL && calendar->unit != SI_UNIT_HOUR;

	return by_clock ? local_time(row_time(row), zone) : row_time(row);
}

/* By value, too, so that sums do not depend on how rows came. */
static void
sort_rows(ForecastIntake *intake)
{
	SiKeyed    *scratch = MemoryContextAllocHuge(CurrentMemoryContext,
												 intake->count *
												 sizeof(SiKeyed));

	si_sort_pairs(intake->count, intake->row, scratch, si_pulse);
	pfree(scratch);
}

/* The times of the rows by the series' clock, ascending, each once. */
static int64
different_times(const ForecastIntake *intake, pg_tz *zone, int64 *time)
{
	int64		n = 0;

	for (int64 i = 0; i < intake->count; i++)
	{
		int64		t = row_time(&intake->row[i]);

		si_pulse_every(i);
		if (zone != NULL)
			t = local_time(t, zone);
		if (n == 0 || t > time[n - 1])
			time[n++] = t;
	}
	return n;
}

/* ----- The calendar ----- */

static void
find_calendar(const ForecastIntake *intake, const ForecastOptions *options,
			  pg_tz *zone, SiCalendar *calendar)
{
	int64	   *time = MemoryContextAllocHuge(CurrentMemoryContext,
											  intake->count * sizeof(int64));
	int64		n = different_times(intake, zone, time);
	SiUnit		unit = options->every;

	if (intake->kind == FORECAST_POSITIONS)
		unit = SI_UNIT_POSITION;
	else if (unit == SI_UNIT_NONE)
		unit = si_calendar_infer(n, time);
	if (unit == SI_UNIT_HOUR && zone != NULL)
		n = different_times(intake, NULL, time);
	si_calendar_make(unit, n, time, calendar);
	pfree(time);
}

/* ----- Bounds ----- */

static int64
position_bound(const char *name, const char *text)
{
	char	   *end;
	int64		position;

	errno = 0;
	position = strtoi64(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' ||
		!forecast_is_position(position))
		forecast_reject_option(name, psprintf("\"%s\" is no position.", text),
							   "Write a whole number, such as 61.");
	return position;
}

/*
 * Servers before 16 raise an error of their own for a zone that they do not
 * know.  A word behind a date can but be a zone.
 */
static bool
names_no_zone(int fields, char **field, const int *type)
{
	bool		dated = false;

	for (int i = 0; i < fields; i++)
	{
		if (type[i] != DTK_DATE)
			continue;
		if (dated && isalpha((unsigned char) field[i][0]) &&
			forecast_known_zone(field[i]) == NULL)
			return true;
		dated = true;
	}
	return false;
}

/*
 * A date or time as timestamp and timestamptz read it.  The server's parser is
 * asked first for one without a time zone, which it then refuses, so that
 * *zoned is known; it writes into its fields.
 */
static bool
parse_time(const char *text, Timestamp *time, bool *zoned)
{
	for (int attempt = 0; attempt < 2; attempt++)
	{
		char		work[MAXDATELEN + MAXDATEFIELDS];
		char	   *field[MAXDATEFIELDS];
		int			type[MAXDATEFIELDS];
		struct pg_tm tm;
		fsec_t		fraction;
		int			fields;
		int			kind;
		int			west;

		*zoned = attempt > 0;
		if (ParseDateTime(text, work, sizeof(work), field, type,
						  MAXDATEFIELDS, &fields) == 0 &&
			!names_no_zone(fields, field, type) &&
			si_decode_datetime(field, type, fields, &kind, &tm, &fraction,
							   *zoned ? &west : NULL) == 0)
			return kind == DTK_DATE &&
				tm2timestamp(&tm, fraction, *zoned ? &west : NULL, time) == 0;
	}
	return false;
}

/*
 * "from" or "until" in the time that periods are numbered by.  A text that
 * names no zone is what the series' own clock shows, whatever the session's.
 */
static int64
bound_time(const char *name, const char *text, const ForecastSeries *series)
{
	bool		by_clock = series->calendar.unit != SI_UNIT_HOUR;
	Timestamp	time;
	bool		zoned;

	if (series->kind == FORECAST_POSITIONS)
		return position_bound(name, text);
	if (!parse_time(text, &time, &zoned))
		forecast_reject_option(name, psprintf("\"%s\" is no finite date or time.", text),
							   "Write \"2025-01-01\", for example.");
	if (zoned && by_clock)
		return local_time(time, forecast_zone(series->zone));
	if (!zoned && !by_clock)
		return forecast_instant(forecast_zone(series->zone), time);
	return time;
}

/* ----- Periods ----- */

/* Rows with the number of their period. */
typedef struct Numbered
{
	SiGridRow  *row;
	int64		rows;
	int64		first;
	int64		last;
} Numbered;

/* A clock put back over midnight takes no row back to the day before. */
static void
number_rows(const ForecastIntake *intake, const SiCalendar *calendar,
			pg_tz *zone, Numbered *numbered)
{
	int64		last = PG_INT64_MIN;

	numbered->rows = intake->count;
	numbered->row = MemoryContextAllocHuge(CurrentMemoryContext,
										   intake->count * sizeof(SiGridRow));
	for (int64 i = 0; i < intake->count; i++)
	{
		const SiKeyed *row = &intake->row[i];
		int64		time = row_clock(row, calendar, zone);

		si_pulse_every(i);
		last = Max(last, si_calendar_number(calendar, time));
		numbered->row[i].period = last;
		memcpy(&numbered->row[i].value, &row->item, sizeof(double));
	}
	numbered->first = numbered->row[0].period;
	numbered->last = last;
}

/* Keeps the rows of periods first to last. */
static void
keep_periods(Numbered *numbered, int64 first, int64 last)
{
	int64		low = 0;
	int64		high = numbered->rows;

	while (low < high && numbered->row[low].period < first)
		low++;
	while (high > low && numbered->row[high - 1].period > last)
		high--;
	numbered->row += low;
	numbered->rows = high - low;
	numbered->first = first;
	numbered->last = last;
}

/*
 * Whether the last period still goes on.  Where periods have several times,
 * what is left of one after its last row is short; if more than twice as much
 * is left of the last period as of any before, its rows have not all come yet.
 */
static bool
is_unfinished(const ForecastIntake *intake, const SiCalendar *calendar,
			  pg_tz *zone, const Numbered *numbered)
{
	int64		most_left = 0;
	int64		times = 0;
	int64		periods = 0;
	int64		last_time = 0;
	int64		left = 0;

	for (int64 i = 0; i < intake->count; i++)
	{
		int64		time = row_clock(&intake->row[i], calendar, zone);

		si_pulse_every(i);
		if (i > 0 && numbered->row[i].period != numbered->row[i - 1].period)
		{
			most_left = Max(most_left, left);
			periods++;
		}
		if (numbered->row[i].period != numbered->last)
			times += i == 0 || time != last_time;
		last_time = time;
		left = si_calendar_start(calendar, numbered->row[i].period + 1) - time;
	}
	return periods > 0 && times >= 2 * periods &&
		left > LATE_FACTOR * most_left;
}

/* ----- The series ----- */

/* Seasons ascend, each once; 1 is none. */
static void
add_season(ForecastSeries *series, int season)
{
	int			last = series->season[0];

	if (season == 1 || (series->seasons == 1 && season == last))
		return;
	series->season[series->seasons++] = season;
	if (series->seasons == 2 && season < last)
	{
		series->season[0] = season;
		series->season[1] = last;
	}
}

static void
find_seasons(const ForecastOptions *options, ForecastSeries *series)
{
	ListCell   *cell;

	if (options->season == NIL)
	{
		series->seasons = si_calendar_seasons(series->calendar.unit, series->n,
											  series->season);
		return;
	}
	foreach(cell, options->season)
		add_season(series, lfirst_int(cell));
}

static void
reject_rows(const ForecastSeries *series, const ForecastOptions *options)
{
	if (options->duplicates == SI_DUPLICATES_ERROR && series->grid.doubles > 0)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("several rows in one period"),
				 errdetail("Period %lld of the series has more than one row.",
						   (long long) series->grid.first_double + 1),
				 errhint("Write {\"duplicates\": \"sum\"} or \"mean\" to join them.")));
	if (options->missing == SI_MISSING_ERROR && series->grid.missing > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("a period without a row"),
				 errdetail("Period %lld of the series has none.",
						   (long long) series->grid.first_missing + 1),
				 errhint("Write {\"missing\": \"zero\"} or \"interpolate\" to fill it.")));
}

static void
fill_series(Numbered *numbered, const ForecastOptions *options,
			ForecastSeries *series)
{
	int64		periods = numbered->last - numbered->first + 1;

	if (periods > MAX_PERIODS)
	{
		series->too_early = periods - MAX_PERIODS;
		keep_periods(numbered, numbered->first + series->too_early,
					 numbered->last);
		periods = MAX_PERIODS;
	}
	series->first = numbered->first;
	series->rows = numbered->rows;
	if (numbered->rows == 0 || periods < 1)
		return;
	series->n = (int) periods;
	series->y = palloc(series->n * sizeof(double));
	for (int64 i = 0; i < numbered->rows; i++)
		numbered->row[i].period -= numbered->first;
	si_grid_fill(numbered->rows, numbered->row, options->duplicates,
				 options->missing, periods, series->y, &series->grid,
				 si_pulse);
	reject_rows(series, options);
}

/* Sets the first and the last period to those that options ask for. */
static void
find_bounds(const ForecastOptions *options, const ForecastSeries *series,
			int64 *first, int64 *last)
{
	const SiCalendar *calendar = &series->calendar;
	int64		from = PG_INT64_MIN;
	int64		until = PG_INT64_MAX;

	if (options->from != NULL)
	{
		from = bound_time("from", options->from, series);
		*first = si_calendar_number(calendar, from);
	}
	if (options->until != NULL)
	{
		until = bound_time("until", options->until, series);
		*last = si_calendar_number(calendar, until - 1);
	}
	if (from >= until)
		forecast_reject_option("until", "It is not after \"from\".",
							   "A series goes from the one to just before the other.");
}

/* The periods from "from" to "until", or of the rows. */
static void
bound_series(const ForecastIntake *intake, const ForecastOptions *options,
			 pg_tz *zone, Numbered *numbered, ForecastSeries *series)
{
	int64		first = numbered->first;
	int64		last = numbered->last;
	int64		rows = numbered->rows;

	find_bounds(options, series, &first, &last);
	if (options->until == NULL && intake->kind != FORECAST_POSITIONS &&
		is_unfinished(intake, &series->calendar, zone, numbered))
	{
		series->unfinished = true;
		last--;
	}
	if (first == numbered->first && last == numbered->last)
		return;
	keep_periods(numbered, first, last);
	series->outside = rows - numbered->rows;
}

void
forecast_series_make(ForecastIntake *intake, const ForecastOptions *options,
					 ForecastSeries *series)
{
	Numbered	numbered;
	pg_tz	   *zone = NULL;

	memset(series, 0, sizeof(*series));
	series->kind = intake->kind;
	series->zone = "";
	if (intake->kind != FORECAST_POSITIONS)
		series->zone = options->time_zone != NULL ? options->time_zone :
			pg_get_timezone_name(session_timezone);
	if (intake->kind != FORECAST_POSITIONS && options->time_zone != NULL)
		(void) forecast_zone(options->time_zone);
	if (intake->kind == FORECAST_TIMES)
		zone = forecast_zone(series->zone);
	if (intake->count == 0)
		return;
	sort_rows(intake);
	find_calendar(intake, options, zone, &series->calendar);
	number_rows(intake, &series->calendar, zone, &numbered);
	bound_series(intake, options, zone, &numbered, series);
	fill_series(&numbered, options, series);
	find_seasons(options, series);
}
