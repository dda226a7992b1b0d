/*
 * si_calendar.h
 *	  Periods of a calendar, numbered one after another: hours, days, weeks,
 *	  months, quarters, years, or plain positions.
 *
 * Times are local ones, as a clock on the wall shows them, in microseconds
 * from 2000-01-01; positions are any numbers.
 *
 * Within its period a series stands where its own rows stand: on the first
 * day, on the 15th, on the last day of every month.
 */
#ifndef SI_CALENDAR_H
#define SI_CALENDAR_H

#include "core/si_core.h"

#define SI_USECS_PER_HOUR	INT64_C(3600000000)
#define SI_USECS_PER_DAY	(24 * SI_USECS_PER_HOUR)

typedef enum SiUnit
{
	SI_UNIT_NONE,				/* to be inferred */
	SI_UNIT_HOUR,
	SI_UNIT_DAY,
	SI_UNIT_WEEK,
	SI_UNIT_MONTH,
	SI_UNIT_QUARTER,
	SI_UNIT_YEAR,
	SI_UNIT_POSITION
} SiUnit;

typedef struct SiCalendar
{
	SiUnit		unit;
	int64_t		step;			/* of positions, else 1 */
	int64_t		origin;			/* start of the period of number 0 */
	int32_t		month;			/* where rows stand: months of a period gone */
	int32_t		day;			/* day of the month, from 1; 31 is the last */
	int64_t		time;			/* and time gone, of the day or hour */
} SiCalendar;

/* The unit that times, ascending and different from one another, suggest. */
extern SiUnit si_calendar_infer(int64_t n, const int64_t *time);

/*
 * The calendar of a unit for such times.  Weeks begin on the weekday that all
 * times share, else on Monday.  Positions go by their greatest common
 * distance.
 */
extern void si_calendar_make(SiUnit unit, int64_t n, const int64_t *time,
							 SiCalendar *calendar);

/*
 * Can a calendar, whose numbers may come from anywhere, be one that
 * si_calendar_make has made?
 */
extern bool si_calendar_whole(const SiCalendar *calendar);

/* The number of a time's period, and the time at which a period starts. */
extern int64_t si_calendar_number(const SiCalendar *calendar, int64_t time);
extern int64_t si_calendar_start(const SiCalendar *calendar, int64_t number);

/*
 * Where a row of the series stands in a period; the end of int64 for a period
 * beyond its range.
 */
extern int64_t si_calendar_place(const SiCalendar *calendar, int64_t number);

/* Seasons that the unit suggests for n values: their number, at most 2. */
extern int	si_calendar_seasons(SiUnit unit, int64_t n, int season[2]);

#endif							/* SI_CALENDAR_H */
