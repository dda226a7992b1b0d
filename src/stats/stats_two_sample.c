/*
 * stats_two_sample.c
 *	  The two_sample type: a number among successes and among failures.
 */
#include "stats/stats_result.h"

#include "core/stats/sample/si_two_sample.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_rows.h"

#define TABLE_LEVEL		0.95

static bool
is_two_sample(const void *bytes, Size size)
{
	return stats_rows_valid(SI_TWO_SAMPLE, bytes, size);
}

static const StatsRowsKind two_sample = {
	{"two_sample", is_two_sample}, SI_TWO_SAMPLE
};

SI_VALUE_FUNCTIONS(stats_two_sample, &two_sample.type);

/* ----- Aggregates ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_two_sample_trans);
Datum
sales_intel_stats_two_sample_trans(PG_FUNCTION_ARGS)
{
	StatsRows  *rows = NULL;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		rows = stats_rows_add(fcinfo, stats_rows_number(fcinfo, 1, "value"),
							  NULL, PG_GETARG_BOOL(2));
	return stats_rows_return(fcinfo, rows);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_two_sample_cluster_trans);
Datum
sales_intel_stats_two_sample_cluster_trans(PG_FUNCTION_ARGS)
{
	StatsRows  *rows = NULL;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
	{
		text	   *cluster = PG_GETARG_TEXT_PP(3);
		SiText		name = {VARDATA_ANY(cluster), VARSIZE_ANY_EXHDR(cluster)};

		rows = stats_rows_add(fcinfo, stats_rows_number(fcinfo, 1, "value"),
							  &name, PG_GETARG_BOOL(2));
	}
	return stats_rows_return(fcinfo, rows);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_two_sample_rollup_trans);
Datum
sales_intel_stats_two_sample_rollup_trans(PG_FUNCTION_ARGS)
{
	return stats_rows_rollup(fcinfo, &two_sample);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_two_sample_final);
Datum
sales_intel_stats_two_sample_final(PG_FUNCTION_ARGS)
{
	return stats_rows_final(fcinfo, &two_sample);
}

/* ----- Accessors ----- */

static SiTwoSample
test_sample(const SiSample *sample, double level)
{
	Size		clusters_size = (sample->names + 1) * sizeof(SiClusterSums);
	SiClusterSums *clusters = stats_rows_room(sample->names + 1,
											  sizeof(SiClusterSums));
	double	   *work = palloc(SI_RANK_WORK * sizeof(double));
	SiTwoSample out;

	memset(clusters, 0, clusters_size);
	si_two_sample(sample, level, clusters, work, &out, si_pulse);
	pfree(clusters);
	pfree(work);
	return out;
}

PG_FUNCTION_INFO_V1(sales_intel_stats_two_sample_test);
Datum
sales_intel_stats_two_sample_test(PG_FUNCTION_ARGS)
{
	SiSample	sample;
	SiTwoSample is;
	Datum		values[8];
	bool		nulls[8];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	sample = stats_rows_sample(fcinfo, 0, &two_sample);
	is = test_sample(&sample, si_level_argument(fcinfo, 1));
	si_value_number(values, nulls, 0, is.mean_success);
	si_value_number(values, nulls, 1, is.mean_failure);
	si_value_number(values, nulls, 2, is.difference);
	si_value_number(values, nulls, 3, is.low);
	si_value_number(values, nulls, 4, is.high);
	si_value_number(values, nulls, 5, is.t_p);
	si_value_number(values, nulls, 6, is.rank_p);
	si_value_number(values, nulls, 7, is.effect_size);
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_two_sample_summary);
Datum
sales_intel_stats_two_sample_summary(PG_FUNCTION_ARGS)
{
	SiSample	sample;
	SiTwoSample is;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	sample = stats_rows_sample(fcinfo, 0, &two_sample);
	is = test_sample(&sample, TABLE_LEVEL);
	values[0] = Int64GetDatum((int64) is.successes);
	values[1] = Int64GetDatum((int64) is.failures);
	values[2] = Int64GetDatum(sample.names);
	nulls[2] = sample.names == 0;
	si_value_number(values, nulls, 3, is.sd_success);
	si_value_number(values, nulls, 4, is.sd_failure);
	si_value_number(values, nulls, 5, is.larger);
	return si_value_row(fcinfo, values, nulls);
}
