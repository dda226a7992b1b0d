/*
 * stats_result.h
 *	  What accessors of general statistics return: NULL where a number is not
 *	  known, intervals and tests as rows.
 */
#ifndef STATS_RESULT_H
#define STATS_RESULT_H

#include "postgres.h"

#include <math.h>

#include "core/stats/table/si_contingency.h"
#include "pg/si_value.h"

/* A float8; NaN, which stands for "unknown", becomes NULL. */
static inline Datum
stats_number(FunctionCallInfo fcinfo, double number)
{
	if (isnan(number))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(number);
}

/* (low, high) */
static inline Datum
stats_interval(FunctionCallInfo fcinfo, SiInterval interval)
{
	Datum		values[2];
	bool		nulls[2];

	si_value_number(values, nulls, 0, interval.low);
	si_value_number(values, nulls, 1, interval.high);
	return si_value_row(fcinfo, values, nulls);
}

/* (statistic, p_value) */
static inline Datum
stats_test(FunctionCallInfo fcinfo, SiTest test)
{
	Datum		values[2];
	bool		nulls[2];

	si_value_number(values, nulls, 0, test.statistic);
	si_value_number(values, nulls, 1, test.p_value);
	return si_value_row(fcinfo, values, nulls);
}

#endif							/* STATS_RESULT_H */
