/*
 * Periods of a calendar: against a walk through eight hundred years, day by
 * day, and by hand.
 */
#include "core/forecast/series/si_calendar.h"
#include "tap.h"

#define DAY		SI_USECS_PER_DAY
#define HOUR	SI_USECS_PER_HOUR

static int
month_length(int year, int month)
{
	static const int length[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
	};
	bool		leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return length[month] + (month == 1 && leap);
}

/* From 1600 to 2400; 1600-01-01 is 146,097 days before 2000-01-01. */
static void
test_walk(void)
{
	SiCalendar	month = {SI_UNIT_MONTH, 1, 0, 0, 31, 0};
	SiCalendar	quarter = {SI_UNIT_QUARTER, 1, 0, 0, 1, 0};
	SiCalendar	year = {SI_UNIT_YEAR, 1, 0, 0, 1, 0};
	int64_t		day = -146097;
	bool		numbers = true;
	bool		starts = true;
	bool		ends = true;
	int			y;
	int			m;

	for (y = 1600; y < 2400; y++)
	{
		for (m = 0; m < 12; m++)
		{
			int			length = month_length(y, m);
			int			d;

			starts = starts && si_calendar_start(&month, 12 * y + m) ==
				day * DAY && si_calendar_start(&year, y) <= day * DAY;
			ends = ends && si_calendar_place(&month, 12 * y + m) ==
				(day + length - 1) * DAY;
			for (d = 0; d < length; d++, day++)
			{
				int64_t		noon = day * DAY + 12 * HOUR;

				numbers = numbers &&
					si_calendar_number(&month, noon) == 12 * y + m &&
					si_calendar_number(&quarter, noon) == 4 * y + m / 3 &&
					si_calendar_number(&year, noon) == y;
			}
		}
	}
	ok(day == 146097, "eight hundred years have that many days");
	ok(numbers, "every day has its month, quarter and year");
	ok(starts, "periods start on their first days");
	ok(ends, "rows of the last day of a month stay there");
}

static void
test_weeks(void)
{
	/* Sundays: 2000-01-02 and so on; then a Tuesday between them */
	int64_t		sundays[] = {1 * DAY, 8 * DAY, 22 * DAY, 29 * DAY};
	int64_t		mixed[] = {1 * DAY, 8 * DAY, 17 * DAY};
	SiCalendar	calendar;

	si_calendar_make(SI_UNIT_WEEK, 4, sundays, &calendar);
	ok(si_calendar_place(&calendar, si_calendar_number(&calendar, 22 * DAY)) ==
	   22 * DAY, "weeks begin on the day that all rows share");
	ok(si_calendar_number(&calendar, 22 * DAY) -
	   si_calendar_number(&calendar, 8 * DAY) == 2, "a week is missing");
	si_calendar_make(SI_UNIT_WEEK, 3, mixed, &calendar);
	ok(si_calendar_start(&calendar, si_calendar_number(&calendar, 8 * DAY)) ==
	   2 * DAY, "else on Monday: 2000-01-09 is in the week of the 3rd");
	ok(si_calendar_number(&calendar, 1 * DAY) + 1 ==
	   si_calendar_number(&calendar, 8 * DAY), "before 2000-01-03, too");
}

static int64_t
next_place(const SiCalendar *calendar, int64_t time)
{
	return si_calendar_place(calendar, si_calendar_number(calendar, time) + 1);
}

static void
test_places(void)
{
	/* month ends from January to April 2001; the 15ths; mid-quarter */
	int64_t		ends[] = {396 * DAY, 424 * DAY, 455 * DAY, 485 * DAY};
	int64_t		middle[] = {380 * DAY + HOUR, 411 * DAY + HOUR,
	439 * DAY + HOUR};
	int64_t		ragged[] = {380 * DAY, 412 * DAY, 439 * DAY};
	int64_t		quarters[] = {397 * DAY, 486 * DAY, 578 * DAY};
	SiCalendar	calendar;

	si_calendar_make(SI_UNIT_MONTH, 4, ends, &calendar);
	ok(next_place(&calendar, ends[3]) == 516 * DAY, "after April 30 comes May 31");
	si_calendar_make(SI_UNIT_MONTH, 3, middle, &calendar);
	ok(next_place(&calendar, middle[2]) == 470 * DAY + HOUR, "after March 15 at one o'clock comes April 15");
	si_calendar_make(SI_UNIT_MONTH, 3, ragged, &calendar);
	ok(si_calendar_place(&calendar, si_calendar_number(&calendar, 439 * DAY)) ==
	   425 * DAY, "rows of unlike days stand for their months");
	si_calendar_make(SI_UNIT_QUARTER, 3, quarters, &calendar);
	ok(next_place(&calendar, quarters[2]) == 670 * DAY, "the second month of a quarter: after August 1 comes November 1");
}

static void
test_inference(void)
{
	int64_t		time[500];
	SiCalendar	calendar;
	int			season[2];
	int			i;

	for (i = 0; i < 500; i++)
		time[i] = i * HOUR + 30 * INT64_C(60000000);
	ok(si_calendar_infer(500, time) == SI_UNIT_HOUR, "hours on the half hour");
	si_calendar_make(SI_UNIT_HOUR, 500, time, &calendar);
	ok(si_calendar_place(&calendar, 7) == time[7], "stay on the half hour");
	for (i = 0; i < 500; i++)
		time[i] = i * HOUR + (i * 7919 % 3600) * INT64_C(1000000);
	ok(si_calendar_infer(500, time) == SI_UNIT_DAY, "single events go by day");
	for (i = 0; i < 500; i++)
		time[i] = (i + 2 * (i / 5)) * DAY;
	ok(si_calendar_infer(500, time) == SI_UNIT_DAY, "working days are days");
	for (i = 0; i < 500; i++)
		time[i] = 7 * i * DAY;
	ok(si_calendar_infer(500, time) == SI_UNIT_WEEK, "weeks");
	for (i = 0; i < 500; i++)
		time[i] = (i * INT64_C(3652425) / 120000) * DAY;
	ok(si_calendar_infer(500, time) == SI_UNIT_MONTH, "months");
	for (i = 0; i < 500; i++)
		time[i] = (i * INT64_C(3652425) / 40000) * DAY;
	ok(si_calendar_infer(500, time) == SI_UNIT_QUARTER, "quarters");
	for (i = 0; i < 500; i++)
		time[i] = 365 * i * DAY;
	ok(si_calendar_infer(500, time) == SI_UNIT_YEAR, "years");
	ok(si_calendar_infer(1, time) == SI_UNIT_DAY, "one row alone: a day");

	for (i = 0; i < 5; i++)
		time[i] = INT64_MIN + 12 * i + 24 * (i > 3);
	si_calendar_make(SI_UNIT_POSITION, 5, time, &calendar);
	ok(calendar.step == 12 && si_calendar_number(&calendar, time[4]) == 6,
	   "positions go by their common distance");
	si_calendar_make(SI_UNIT_POSITION, 1, time, &calendar);
	ok(calendar.step == 1, "one position alone, too");

	ok(si_calendar_seasons(SI_UNIT_MONTH, 23, season) == 0 &&
	   si_calendar_seasons(SI_UNIT_MONTH, 24, season) == 1 && season[0] == 12,
	   "a season takes two of its kind");
	ok(si_calendar_seasons(SI_UNIT_HOUR, 504, season) == 2 &&
	   season[0] == 24 && season[1] == 168, "hours have two");
	ok(si_calendar_seasons(SI_UNIT_YEAR, 500, season) == 0, "years have none");
}

/* What si_calendar_make does not make, and periods beyond 64 bits. */
static void
test_forged(void)
{
	SiCalendar	month = {SI_UNIT_MONTH, 1, 0, 0, 31, HOUR};
	SiCalendar	week = {SI_UNIT_WEEK, 1, -5 * DAY, 0, 1, 0};
	SiCalendar	hour = {SI_UNIT_HOUR, 1, 0, 0, 1, HOUR - 1};
	SiCalendar	no_unit = {SI_UNIT_NONE, 1, 0, 0, 1, 0};
	SiCalendar	far = {SI_UNIT_HOUR, 1, DAY, 0, 1, 0};
	SiCalendar	late = {SI_UNIT_HOUR, 1, 0, 0, 1, HOUR};
	SiCalendar	thirteenth = {SI_UNIT_QUARTER, 1, 0, 3, 1, 0};

	ok(si_calendar_whole(&month) && si_calendar_whole(&week) &&
	   si_calendar_whole(&hour), "calendars that can be");
	ok(!si_calendar_whole(&no_unit) && !si_calendar_whole(&far) &&
	   !si_calendar_whole(&late) && !si_calendar_whole(&thirteenth),
	   "calendars that cannot");
	ok(si_calendar_place(&month, INT64_MAX / 4) == INT64_MAX &&
	   si_calendar_place(&week, INT64_MIN / 4) == INT64_MIN &&
	   si_calendar_place(&hour, INT64_MAX / HOUR) == INT64_MAX,
	   "periods past the end of time");
	ok(si_calendar_place(&month, 12 * 294276 + 11) > INT64_MAX - 30 * DAY,
	   "the last month that a timestamp knows");
}

int
main(void)
{
	test_walk();
	test_weeks();
	test_places();
	test_inference();
	test_forged();
	return done_testing();
}
