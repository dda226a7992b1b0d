/*
 * stats_correlation.c
 *	  The correlation type: pairs of numbers, and how they go together.
 */
#include "stats/stats_result.h"

#include "utils/builtins.h"

#include "core/stats/sample/si_correlation.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_rows.h"

static bool
is_correlation(const void *bytes, Size size)
{
	return stats_rows_valid(SI_CORRELATION, bytes, size);
}

static const StatsRowsKind correlation = {
	{"correlation", is_correlation}, SI_CORRELATION
};

SI_VALUE_FUNCTIONS(stats_correlation, &correlation.type);

/* ----- Aggregates ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_correlation_trans);
Datum
sales_intel_stats_correlation_trans(PG_FUNCTION_ARGS)
{
	StatsRows  *rows = NULL;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		double		x = stats_rows_number(fcinfo, 1, "x");
		double		y = stats_rows_number(fcinfo, 2, "y");

		rows = stats_rows_add(fcinfo, x, NULL, si_sort_key(y));
	}
	return stats_rows_return(fcinfo, rows);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_correlation_rollup_trans);
Datum
sales_intel_stats_correlation_rollup_trans(PG_FUNCTION_ARGS)
{
	return stats_rows_rollup(fcinfo, &correlation);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_correlation_final);
Datum
sales_intel_stats_correlation_final(PG_FUNCTION_ARGS)
{
	return stats_rows_final(fcinfo, &correlation);
}

/* ----- Accessor ----- */

/* Whether the argument asks for ranks. */
static bool
ranks_arg(FunctionCallInfo fcinfo, int n)
{
	char	   *method = text_to_cstring(PG_GETARG_TEXT_PP(n));
	bool		ranks = strcmp(method, "spearman") == 0;

	if (!ranks && strcmp(method, "pearson") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown method \"%s\" of correlation", method),
				 errdetail("Known methods are pearson and spearman."),
				 errhint("Use 'spearman' for numbers that rise together, on whatever curve.")));
	return ranks;
}

static SiCorrelation
spearman(const SiSample *sample, double level)
{
	SiRankWork	work;
	SiCorrelation out;

	work.x = stats_rows_room(sample->runs, sizeof(double));
	work.y = stats_rows_room(sample->runs, sizeof(double));
	work.count = stats_rows_room(sample->runs, sizeof(double));
	work.items = stats_rows_room(sample->runs, sizeof(SiKeyed));
	work.scratch = stats_rows_room(sample->runs, sizeof(SiKeyed));
	si_spearman(sample, level, &work, &out, si_pulse);
	pfree(work.x);
	pfree(work.y);
	pfree(work.count);
	pfree(work.items);
	pfree(work.scratch);
	return out;
}

PG_FUNCTION_INFO_V1(sales_intel_stats_correlation_test);
Datum
sales_intel_stats_correlation_test(PG_FUNCTION_ARGS)
{
	SiSample	sample;
	SiCorrelation is;
	double		level;
	Datum		values[5];
	bool		nulls[5] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	sample = stats_rows_sample(fcinfo, 0, &correlation);
	level = si_level_argument(fcinfo, 2);
	if (ranks_arg(fcinfo, 1))
		is = spearman(&sample, level);
	else
		si_pearson(&sample, level, &is, si_pulse);
	si_value_number(values, nulls, 0, is.r);
	si_value_number(values, nulls, 1, is.low);
	si_value_number(values, nulls, 2, is.high);
	si_value_number(values, nulls, 3, is.p_value);
	values[4] = Int64GetDatum(sample.rows);
	return si_value_row(fcinfo, values, nulls);
}
