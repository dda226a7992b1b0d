/*
 * stats_duration.c
 *	  Durations in arguments: numbers of any unit, or intervals, in seconds.
 */
#include "postgres.h"

#include "utils/float.h"
#include "utils/timestamp.h"

#include "pg/si_compat.h"
#include "pg/si_interval.h"
#include "stats/stats_duration.h"
#include "stats/stats_rows.h"

static double
check_duration(double duration)
{
	if (duration < 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration is negative"),
				 errdetail("It is %s.", float8out_internal(duration)),
				 errhint("Measure from the start to the event, or to now for what is still open.")));
	return duration;
}

double
stats_seconds(FunctionCallInfo fcinfo, int n)
{
	const Interval *interval = PG_GETARG_INTERVAL_P(n);

	if (INTERVAL_NOT_FINITE(interval))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("duration is an infinite interval"),
				 errdetail("Only a finite time can be compared."),
				 errhint("For what is still open give the time until now, and event = false.")));
	return si_interval_usecs(interval) / USECS_PER_SEC;
}

void
stats_check_seconds(bool seconds)
{
	if (!seconds)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("time is an interval, but durations were numbers"),
				 errdetail("Intervals are kept in seconds; numbers may be of any unit."),
				 errhint("Give the time as a number, in the unit of the durations.")));
}

double
stats_duration(FunctionCallInfo fcinfo, int n, bool seconds)
{
	return check_duration(seconds ? stats_seconds(fcinfo, n) :
						  stats_rows_number(fcinfo, n, "duration"));
}
