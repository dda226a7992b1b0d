/*
 * si_calendar.c
 *	  Periods of a calendar, numbered one after another.
 *
 * The proleptic Gregorian calendar; days and dates are converted as in H.
 * Hinnant, "chrono-compatible low-level date algorithms" (2013): years begin in
 * March, so that the leap day comes last.
 */
#include "core/forecast/series/si_calendar.h"

#define DAYS_PER_ERA		146097	/* 400 years */
#define EPOCH_FROM_MARCH_0	730425	/* days from 0000-03-01 to 2000-01-01 */
#define LAST_MONTH			(12 * 294276 + 11)	/* within 64 bits */
#define LARGEST_STEP		(INT64_MAX >> 12)
#define LARGEST_ORIGIN		(INT64_MAX >> 2)
#define MONDAY				5		/* days from a Monday to 2000-01-01 */

typedef struct Date
{
	int64_t		month;			/* months from January of the year 0 */
	int32_t		day;			/* from 1 */
} Date;

static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b != 0 && (a % b < 0) != (b < 0));
}

static Date
date_of_day(int64_t day)
{
	int64_t		z = day + EPOCH_FROM_MARCH_0;
	int64_t		era = floor_divide(z, DAYS_PER_ERA);
	int64_t		of_era = z - era * DAYS_PER_ERA;
	int64_t		year = (of_era - of_era / 1460 + of_era / 36524 -
						of_era / 146096) / 365;
	int64_t		of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t		march_month = (5 * of_year + 2) / 153;
	Date		date;

	date.day = (int32_t) (of_year - (153 * march_month + 2) / 5 + 1);
	date.month = 12 * (year + 400 * era) + march_month + 2;
	return date;
}

/* The first day of a month. */
static int64_t
day_of_month(int64_t month)
{
	int64_t		from_march = month - 2;
	int64_t		year = floor_divide(from_march, 12);
	int64_t		era = floor_divide(year, 400);
	int64_t		of_era = year - 400 * era;
	int64_t		march_month = from_march - 12 * year;
	int64_t		of_year = (153 * march_month + 2) / 5;

	return era * DAYS_PER_ERA + 365 * of_era + of_era / 4 - of_era / 100 +
		of_year - EPOCH_FROM_MARCH_0;
}

static int64_t
day_of_time(int64_t time)
{
	return floor_divide(time, SI_USECS_PER_DAY);
}

static int
months_of(SiUnit unit)
{
	return unit == SI_UNIT_MONTH ? 1 : unit == SI_UNIT_QUARTER ? 3 :
		unit == SI_UNIT_YEAR ? 12 : 0;
}

/* Of units of one length. */
static int64_t
length_of(const SiCalendar *calendar)
{
	switch (calendar->unit)
	{
		case SI_UNIT_HOUR:
			return SI_USECS_PER_HOUR;
		case SI_UNIT_DAY:
			return SI_USECS_PER_DAY;
		case SI_UNIT_WEEK:
			return 7 * SI_USECS_PER_DAY;
		default:
			return calendar->step;
	}
}

int64_t
si_calendar_number(const SiCalendar *calendar, int64_t time)
{
	int			months = months_of(calendar->unit);

	if (months > 0)
		return floor_divide(date_of_day(day_of_time(time)).month, months);
	return floor_divide(time - calendar->origin, length_of(calendar));
}

int64_t
si_calendar_start(const SiCalendar *calendar, int64_t number)
{
	int			months = months_of(calendar->unit);

	if (months > 0)
		return day_of_month(number * months) * SI_USECS_PER_DAY;
	return calendar->origin + number * length_of(calendar);
}

/* Whether the times of a period fit into 64 bits. */
static bool
is_in_range(const SiCalendar *calendar, int64_t number)
{
	int			months = months_of(calendar->unit);
	int64_t		most = months > 0 ? LAST_MONTH / months :
		INT64_MAX / length_of(calendar) - 2;

	return number >= -most && number <= most;
}

int64_t
si_calendar_place(const SiCalendar *calendar, int64_t number)
{
	int64_t		month;
	int64_t		first;
	int64_t		last;

	if (!is_in_range(calendar, number))
		return number < 0 ? INT64_MIN : INT64_MAX;
	month = number * months_of(calendar->unit) + calendar->month;
	if (months_of(calendar->unit) == 0)
		return si_calendar_start(calendar, number) + calendar->time;
	first = day_of_month(month);
	last = day_of_month(month + 1) - 1;
	first += calendar->day - 1;
	return (first < last ? first : last) * SI_USECS_PER_DAY + calendar->time;
}

bool
si_calendar_whole(const SiCalendar *calendar)
{
	int			months = months_of(calendar->unit);
	int64_t		length = months > 0 ? SI_USECS_PER_DAY : length_of(calendar);
	int64_t		week = calendar->unit == SI_UNIT_WEEK ? 7 : 0;

	if (calendar->unit == SI_UNIT_NONE || calendar->unit > SI_UNIT_POSITION ||
		calendar->step < 1 || calendar->step > LARGEST_STEP ||
		calendar->month < 0 || calendar->month >= (months > 0 ? months : 1) ||
		calendar->day < 1 || calendar->day > 31 ||
		calendar->time < 0 || calendar->time >= length)
		return false;
	if (calendar->unit == SI_UNIT_POSITION)
		return calendar->origin >= -LARGEST_ORIGIN &&
			calendar->origin <= LARGEST_ORIGIN;
	return calendar->step == 1 &&
		calendar->origin >= -week * SI_USECS_PER_DAY &&
		calendar->origin <= week * SI_USECS_PER_DAY;
}

/* ----- Inference ----- */

/* The k-th smallest of the n - 1 gaps would need sorting; counting does. */
static int64_t
gaps_below(int64_t n, const int64_t *time, int64_t length)
{
	int64_t		count = 0;
	int64_t		i;

	for (i = 1; i < n; i++)
		count += time[i] - time[i - 1] < length;
	return count;
}

static bool
most_on_the_hour(int64_t n, const int64_t *time)
{
	int64_t		aligned = 0;
	int64_t		i;

	for (i = 0; i < n; i++)
		aligned += (time[i] - time[0]) % SI_USECS_PER_HOUR == 0;
	return aligned >= n - n / 10;
}

/*
 * The coarsest unit that most gaps are not shorter than.  Times that follow
 * one another within a day without keeping to full hours are those of single
 * events, whose natural period is the day.
 */
SiUnit
si_calendar_infer(int64_t n, const int64_t *time)
{
	static const struct
	{
		SiUnit		unit;
		int			days;
	}			shortest[] = {
		{SI_UNIT_YEAR, 360}, {SI_UNIT_QUARTER, 88}, {SI_UNIT_MONTH, 27},
		{SI_UNIT_WEEK, 6}
	};
	int			i;

	for (i = 0; i < 4; i++)
	{
		if (n > 1 && 2 * gaps_below(n, time, shortest[i].days *
									SI_USECS_PER_DAY) < n - 1)
			return shortest[i].unit;
	}
	if (n > 1 && 2 * gaps_below(n, time, 20 * SI_USECS_PER_HOUR) >= n - 1 &&
		most_on_the_hour(n, time))
		return SI_UNIT_HOUR;
	return SI_UNIT_DAY;
}

static int64_t
common_distance(int64_t n, const int64_t *time)
{
	uint64_t	common = 0;
	int64_t		i;

	for (i = 1; i < n; i++)
	{
		uint64_t	a = (uint64_t) time[i] - (uint64_t) time[i - 1];

		while (a != 0)
		{
			uint64_t	rest = common % a;

			common = a;
			a = rest;
		}
	}
	return common > 0 && common <= INT64_MAX ? (int64_t) common : 1;
}

/* Weekdays are numbers of days from the one on which 2000-01-01 fell. */
static int64_t
week_origin(int64_t n, const int64_t *time)
{
	int64_t		weekday = day_of_time(time[0]) - 7 *
		floor_divide(day_of_time(time[0]), 7);
	int64_t		i;

	for (i = 1; i < n; i++)
	{
		if ((day_of_time(time[i]) - weekday) % 7 != 0)
			return -MONDAY * SI_USECS_PER_DAY;
	}
	return weekday * SI_USECS_PER_DAY;
}

/* Where the first rows stand, and whether all stand there. */
static bool
find_place(SiCalendar *calendar, int64_t n, const int64_t *time)
{
	int			months = months_of(calendar->unit);
	int64_t		number = si_calendar_number(calendar, time[0]);
	int64_t		i;

	if (months == 0)
		calendar->time = time[0] - si_calendar_start(calendar, number);
	else
	{
		calendar->time = time[0] - day_of_time(time[0]) * SI_USECS_PER_DAY;
		calendar->month = (int32_t) (date_of_day(day_of_time(time[0])).month -
									 number * months);
		for (i = 0; i < n; i++)
		{
			Date		date = date_of_day(day_of_time(time[i]));

			if (date.day > calendar->day)
				calendar->day = date.day;
		}
	}
	for (i = 0; i < n; i++)
	{
		if (si_calendar_place(calendar, si_calendar_number(calendar, time[i]))
			!= time[i])
			return false;
	}
	return true;
}

void
si_calendar_make(SiUnit unit, int64_t n, const int64_t *time,
				 SiCalendar *calendar)
{
	SiCalendar	fresh = {unit, 1, 0, 0, 1, 0};

	if (unit == SI_UNIT_POSITION)
	{
		fresh.step = common_distance(n, time);
		fresh.origin = time[0];
	}
	else if (unit == SI_UNIT_WEEK)
		fresh.origin = week_origin(n, time);
	*calendar = fresh;
	if (!find_place(calendar, n, time))
	{
		calendar->month = 0;
		calendar->day = 1;
		calendar->time = 0;
	}
}

int
si_calendar_seasons(SiUnit unit, int64_t n, int season[2])
{
	static const int of_unit[][2] = {
		[SI_UNIT_HOUR] = {24, 168}, [SI_UNIT_DAY] = {7, 0},
		[SI_UNIT_WEEK] = {52, 0}, [SI_UNIT_MONTH] = {12, 0},
		[SI_UNIT_QUARTER] = {4, 0}, [SI_UNIT_POSITION] = {0, 0}
	};
	int			seasons = 0;
	int			i;

	for (i = 0; i < 2; i++)
	{
		int			length = of_unit[unit][i];

		if (length > 0 && n >= (length > 24 ? 3 : 2) * (int64_t) length)
			season[seasons++] = length;
	}
	return seasons;
}
