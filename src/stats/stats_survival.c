/*
 * stats_survival.c
 *	  The survival_curve and log_rank types: durations until an event that some
 *	  rows still wait for, such as open deals.
 *
 * Durations are numbers, in any unit, or intervals, kept in seconds.
 */
#include "stats/stats_result.h"

#include "funcapi.h"

#include "core/stats/survival/si_log_rank.h"
#include "core/stats/survival/si_survival.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_duration.h"
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

/* ----- Rows ----- */

static Datum
add_duration(FunctionCallInfo fcinfo, bool seconds)
{
	StatsRows  *rows = NULL;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		duration = stats_duration(fcinfo, 1, seconds);

		rows = stats_rows_add(fcinfo, duration, NULL, PG_GETARG_BOOL(2));
		rows->seconds = seconds;
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
		double		duration = stats_duration(fcinfo, 2, seconds);

		rows = stats_rows_add(fcinfo, duration, &name, PG_GETARG_BOOL(3));
		rows->seconds = seconds;
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

	stats_check_seconds(sample.seconds);
	return stats_number(fcinfo, si_survival_at(
		&sample, stats_seconds(fcinfo, 1), si_pulse));
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

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
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
