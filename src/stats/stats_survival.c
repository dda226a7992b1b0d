/*
 * stats_survival.c
 *	  The survival_curve and log_rank types: durations until an event that some
 *	  rows still wait for, such as open deals.
 *
 * Durations are numbers, in any unit, or intervals, kept in seconds.
 */
#include "stats/stats_result.h"

#include "funcapi.h"
#include "utils/timestamp.h"

#include "core/stats/si_log_rank.h"
#include "core/stats/si_survival.h"
#include "pg/si_aggregate.h"
#include "pg/si_interval.h"
#include "pg/si_pulse.h"
#include "stats/stats_rows.h"

static bool
is_curve(const void *bytes, Size size)
{
	return stats_rows_valid(SI_DURATIONS, bytes, size);
}

static bool
is_log_rank(const void *bytes, Size size)
{
	return stats_rows_valid(SI_LOG_RANK, bytes, size);
}

static const StatsRowsKind curve = {
	{"survival_curve", is_curve}, SI_DURATIONS
};
static const StatsRowsKind log_rank = {
	{"log_rank", is_log_rank}, SI_LOG_RANK
};

/* ----- Durations ----- */

static double
check_duration(double duration)
{
	if (duration < 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("duration is negative"),
				 errdetail("It is %g.", duration),
				 errhint("Measure from the start to the event, or to now for what is still open.")));
	return duration;
}

static double
number_arg(FunctionCallInfo fcinfo, int n)
{
	return check_duration(stats_rows_number(fcinfo, n, "duration"));
}

/* In seconds. */
static double
seconds_arg(FunctionCallInfo fcinfo, int n)
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

static Datum
add_duration(FunctionCallInfo fcinfo, bool seconds)
{
	StatsRows  *rows = NULL;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		duration = seconds ?
			check_duration(seconds_arg(fcinfo, 1)) : number_arg(fcinfo, 1);

		rows = stats_rows_add(fcinfo, duration, NULL, PG_GETARG_BOOL(2));
	}
	return stats_rows_return(fcinfo, rows);
}

static Datum
add_stratum(FunctionCallInfo fcinfo, bool seconds)
{
	StatsRows  *rows = NULL;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
	{
		text	   *stratum = PG_GETARG_TEXT_PP(1);
		SiText		name = {VARDATA_ANY(stratum), VARSIZE_ANY_EXHDR(stratum)};
		double		duration = seconds ?
			check_duration(seconds_arg(fcinfo, 2)) : number_arg(fcinfo, 2);

		rows = stats_rows_add(fcinfo, duration, &name, PG_GETARG_BOOL(3));
	}
	return stats_rows_return(fcinfo, rows);
}

/* ----- survival_curve ----- */

SI_VALUE_FUNCTIONS(stats_survival, &curve.type);

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_trans);
Datum
sales_intel_stats_survival_trans(PG_FUNCTION_ARGS)
{
	return add_duration(fcinfo, false);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_interval_trans);
Datum
sales_intel_stats_survival_interval_trans(PG_FUNCTION_ARGS)
{
	return add_duration(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_rollup_trans);
Datum
sales_intel_stats_survival_rollup_trans(PG_FUNCTION_ARGS)
{
	return stats_rows_rollup(fcinfo, &curve);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_final);
Datum
sales_intel_stats_survival_final(PG_FUNCTION_ARGS)
{
	return stats_rows_final(fcinfo, &curve);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_at);
Datum
sales_intel_stats_survival_at(PG_FUNCTION_ARGS)
{
	SiSample	sample = stats_rows_sample(fcinfo, 0, &curve);

	return stats_number(fcinfo, si_survival_at(&sample, PG_GETARG_FLOAT8(1),
											   si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_at_interval);
Datum
sales_intel_stats_survival_at_interval(PG_FUNCTION_ARGS)
{
	SiSample	sample = stats_rows_sample(fcinfo, 0, &curve);

	return stats_number(fcinfo, si_survival_at(&sample, seconds_arg(fcinfo, 1),
											   si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_median);
Datum
sales_intel_stats_survival_median(PG_FUNCTION_ARGS)
{
	SiSample	sample = stats_rows_sample(fcinfo, 0, &curve);

	return stats_number(fcinfo, si_survival_median(&sample, si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_survival_table);
Datum
sales_intel_stats_survival_table(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiSample	sample = stats_rows_sample(fcinfo, 0, &curve);
	double		level = si_level_argument(fcinfo, 1);
	SiSurvivalCursor cursor = si_survival_cursor(&sample, si_pulse);
	SiSurvivalStep step;

	InitMaterializedSRF(fcinfo, 0);
	while (si_survival_next(&cursor, &step))
	{
		Datum		values[7];
		bool		nulls[7] = {false};
		double		low;
		double		high;

		si_pulse();
		si_survival_interval(&step, level, &low, &high);
		values[0] = Float8GetDatum(step.at);
		values[1] = Int64GetDatum((int64) step.at_risk);
		values[2] = Int64GetDatum((int64) step.events);
		values[3] = Int64GetDatum((int64) step.censored);
		values[4] = Float8GetDatum(step.survival);
		si_value_number(values, nulls, 5, low);
		si_value_number(values, nulls, 6, high);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ----- log_rank ----- */

SI_VALUE_FUNCTIONS(stats_log_rank, &log_rank.type);

PG_FUNCTION_INFO_V1(sales_intel_stats_log_rank_trans);
Datum
sales_intel_stats_log_rank_trans(PG_FUNCTION_ARGS)
{
	return add_stratum(fcinfo, false);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_log_rank_interval_trans);
Datum
sales_intel_stats_log_rank_interval_trans(PG_FUNCTION_ARGS)
{
	return add_stratum(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_log_rank_rollup_trans);
Datum
sales_intel_stats_log_rank_rollup_trans(PG_FUNCTION_ARGS)
{
	return stats_rows_rollup(fcinfo, &log_rank);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_log_rank_final);
Datum
sales_intel_stats_log_rank_final(PG_FUNCTION_ARGS)
{
	return stats_rows_final(fcinfo, &log_rank);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_log_rank_test);
Datum
sales_intel_stats_log_rank_test(PG_FUNCTION_ARGS)
{
	SiSample	sample;
	SiLogRank	is;
	double	   *work;
	Datum		values[3];
	bool		nulls[3];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sample = stats_rows_sample(fcinfo, 0, &log_rank);
	if (sample.names > SI_LOG_RANK_GROUPS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many strata for a log-rank test"),
				 errdetail("There are " INT64_FORMAT ", the limit is %d.",
						   sample.names, SI_LOG_RANK_GROUPS),
				 errhint("Compare fewer groups, each with more rows.")));
	work = palloc(SI_LOG_RANK_WORK(sample.names) * sizeof(double));
	si_log_rank(&sample, work, &is, si_pulse);
	pfree(work);
	si_value_number(values, nulls, 0, is.statistic);
	si_value_number(values, nulls, 1, is.df);
	si_value_number(values, nulls, 2, is.p_value);
	return si_value_row(fcinfo, values, nulls);
}
