/*
 * si_interval.h
 *	  The length of an interval as a number.
 */
#ifndef SI_INTERVAL_H
#define SI_INTERVAL_H

#include "datatype/timestamp.h"

/* Microseconds of a finite interval, its months as extract(epoch) has them. */
static inline double
si_interval_usecs(const Interval *interval)
{
	int			years = interval->month / MONTHS_PER_YEAR;
	int			months = interval->month % MONTHS_PER_YEAR;

	return (years * DAYS_PER_YEAR + (double) months * DAYS_PER_MONTH +
			interval->day) * USECS_PER_DAY + interval->time;
}

#endif							/* SI_INTERVAL_H */
