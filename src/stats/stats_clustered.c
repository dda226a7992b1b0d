/*
 * stats_clustered.c
 *	  The clustered_contingency type: 2x2 tables by cluster, for rows that are
 *	  not independent, such as the calls of one representative.
 */
#include "stats/stats_result.h"

#include "core/stats/table/si_clustered.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_keyed.h"

static bool
is_clustered(const void *bytes, Size size)
{
	return stats_keyed_valid(SI_CLUSTERS, bytes, size);
}

static const StatsKeyedKind clusters = {
	{"clustered_contingency", is_clustered}, SI_CLUSTERS
};

static SiClustered
clustered_arg(FunctionCallInfo fcinfo, int n)
{
	SiTables	tables = stats_keyed_tables(fcinfo, n, &clusters);

	return si_clustered(&tables, si_pulse);
}

SI_VALUE_FUNCTIONS(stats_clustered, &clusters.type);

/* ----- Aggregates ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_trans);
Datum
sales_intel_stats_clustered_trans(PG_FUNCTION_ARGS)
{
	return stats_keyed_trans(fcinfo, 3, 1, 2);
}

/* Also the final function. */
PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_serial);
Datum
sales_intel_stats_clustered_serial(PG_FUNCTION_ARGS)
{
	return stats_keyed_pack(fcinfo, &clusters);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_deserial);
Datum
sales_intel_stats_clustered_deserial(PG_FUNCTION_ARGS)
{
	return stats_keyed_unpack(fcinfo, &clusters);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_rollup_trans);
Datum
sales_intel_stats_clustered_rollup_trans(PG_FUNCTION_ARGS)
{
	return stats_keyed_rollup(fcinfo, &clusters);
}

/* ----- Accessors ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_cells);
Datum
sales_intel_stats_clustered_cells(PG_FUNCTION_ARGS)
{
	SiClustered all;
	SiContingency effective;
	Datum		values[10];
	bool		nulls[10] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	all = clustered_arg(fcinfo, 0);
	effective = si_clustered_effective(&all);
	values[0] = Int64GetDatum(all.total.a);
	values[1] = Int64GetDatum(all.total.b);
	values[2] = Int64GetDatum(all.total.c);
	values[3] = Int64GetDatum(all.total.d);
	values[4] = Int64GetDatum(all.clusters);
	si_value_number(values, nulls, 5, all.design_effect);
	values[6] = Int64GetDatum(effective.a);
	values[7] = Int64GetDatum(effective.b);
	values[8] = Int64GetDatum(effective.c);
	values[9] = Int64GetDatum(effective.d);
	for (int i = 6; i < 10; i++)
		nulls[i] = nulls[5];
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_odds_ratio);
Datum
sales_intel_stats_clustered_odds_ratio(PG_FUNCTION_ARGS)
{
	SiTables	tables = stats_keyed_tables(fcinfo, 0, &clusters);

	return stats_number(fcinfo, si_odds_ratio(&tables.total));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_odds_ratio_cmle);
Datum
sales_intel_stats_clustered_odds_ratio_cmle(PG_FUNCTION_ARGS)
{
	SiTables	tables = stats_keyed_tables(fcinfo, 0, &clusters);

	return stats_number(fcinfo, si_odds_ratio_cmle(&tables.total, si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_odds_ratio_interval);
Datum
sales_intel_stats_clustered_odds_ratio_interval(PG_FUNCTION_ARGS)
{
	SiClustered all;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	all = clustered_arg(fcinfo, 0);
	return stats_interval(fcinfo, si_clustered_interval(
		&all, si_level_argument(fcinfo, 1)));
}

/* Of the effective counts; unknown with them. */
PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_odds_ratio_exact_interval);
Datum
sales_intel_stats_clustered_odds_ratio_exact_interval(PG_FUNCTION_ARGS)
{
	SiClustered all;
	SiContingency effective;
	SiInterval	interval = {NAN, NAN};
	double		level;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	all = clustered_arg(fcinfo, 0);
	level = si_level_argument(fcinfo, 1);
	effective = si_clustered_effective(&all);
	if (!isnan(all.design_effect))
		interval = si_odds_ratio_exact(&effective, level, si_pulse);
	return stats_interval(fcinfo, interval);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_clustered_odds_ratio_p);
Datum
sales_intel_stats_clustered_odds_ratio_p(PG_FUNCTION_ARGS)
{
	SiClustered all = clustered_arg(fcinfo, 0);

	return stats_number(fcinfo, si_clustered_p_value(&all));
}
