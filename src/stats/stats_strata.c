/*
 * stats_strata.c
 *	  The stratified_contingency type: 2x2 tables by stratum, such as a segment
 *	  of customers, and whether an effect holds in each of them.
 */
#include "stats/stats_result.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "core/stats/table/si_strata.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_keyed.h"

static bool
is_stratified(const void *bytes, Size size)
{
	return stats_keyed_valid(SI_STRATA, bytes, size);
}

static const StatsKeyedKind strata = {
	{"stratified_contingency", is_stratified}, SI_STRATA
};

SI_VALUE_FUNCTIONS(stats_stratified, &strata.type);

/* ----- Aggregates ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_stratified_trans);
Datum
sales_intel_stats_stratified_trans(PG_FUNCTION_ARGS)
{
	return stats_keyed_trans(fcinfo, 1, 2, 3);
}

/* Also the final function. */
PG_FUNCTION_INFO_V1(sales_intel_stats_stratified_serial);
Datum
sales_intel_stats_stratified_serial(PG_FUNCTION_ARGS)
{
	return stats_keyed_pack(fcinfo, &strata);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_stratified_deserial);
Datum
sales_intel_stats_stratified_deserial(PG_FUNCTION_ARGS)
{
	return stats_keyed_unpack(fcinfo, &strata);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_stratified_rollup_trans);
Datum
sales_intel_stats_stratified_rollup_trans(PG_FUNCTION_ARGS)
{
	return stats_keyed_rollup(fcinfo, &strata);
}

/* ----- Accessors ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_mantel_haenszel);
Datum
sales_intel_stats_mantel_haenszel(PG_FUNCTION_ARGS)
{
	SiTables	tables;
	SiMantelHaenszel common;
	Datum		values[5];
	bool		nulls[5];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	tables = stats_keyed_tables(fcinfo, 0, &strata);
	common = si_mantel_haenszel(&tables, si_level_argument(fcinfo, 1),
								PG_GETARG_BOOL(2), si_pulse);
	si_value_number(values, nulls, 0, common.odds_ratio);
	si_value_number(values, nulls, 1, common.interval.low);
	si_value_number(values, nulls, 2, common.interval.high);
	si_value_number(values, nulls, 3, common.test.statistic);
	si_value_number(values, nulls, 4, common.test.p_value);
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_breslow_day);
Datum
sales_intel_stats_breslow_day(PG_FUNCTION_ARGS)
{
	SiTables	tables;
	SiBreslowDay is;
	Datum		values[5];
	bool		nulls[5];

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	tables = stats_keyed_tables(fcinfo, 0, &strata);
	is = si_breslow_day(&tables, si_pulse);
	si_value_number(values, nulls, 0, is.test.statistic);
	si_value_number(values, nulls, 1, is.df);
	si_value_number(values, nulls, 2, is.test.p_value);
	si_value_number(values, nulls, 3, is.tarone.statistic);
	si_value_number(values, nulls, 4, is.tarone.p_value);
	return si_value_row(fcinfo, values, nulls);
}

static const char *
verdict_name(SiVerdict verdict)
{
	switch (verdict)
	{
		case SI_VERDICT_TOO_FEW:
			return "too few";
		case SI_VERDICT_NO_EVIDENCE:
			return "no evidence";
		case SI_VERDICT_HOLDS:
			return "holds";
		case SI_VERDICT_REVERSED:
			return "reversed";
	}
	return NULL;				/* not reached */
}

static void
put_stratum(ReturnSetInfo *result, const SiKeyedTable *stratum, double level,
			double common)
{
	const SiContingency *t = &stratum->table;
	SiInterval	interval = si_odds_ratio_wald(t, level);
	double		p_value = si_fisher_p_value(t, si_pulse);
	Datum		values[10];
	bool		nulls[10] = {false};

	values[0] = PointerGetDatum(cstring_to_text_with_len(
		stratum->key.data, stratum->key.length));
	values[1] = Int64GetDatum(t->a);
	values[2] = Int64GetDatum(t->b);
	values[3] = Int64GetDatum(t->c);
	values[4] = Int64GetDatum(t->d);
	si_value_number(values, nulls, 5, si_odds_ratio(t));
	si_value_number(values, nulls, 6, interval.low);
	si_value_number(values, nulls, 7, interval.high);
	values[8] = Float8GetDatum(p_value);
	values[9] = CStringGetTextDatum(verdict_name(
		si_stratum_verdict(t, p_value, level, common)));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_strata);
Datum
sales_intel_stats_strata(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiTables	tables = stats_keyed_tables(fcinfo, 0, &strata);
	SiTablesCursor cursor = si_tables_cursor(&tables, si_pulse);
	double		level = si_level_argument(fcinfo, 1);
	double		common = si_strata_odds_ratio(&tables, si_pulse);
	SiKeyedTable stratum;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	while (si_tables_next(&cursor, &stratum))
	{
		si_pulse();
		put_stratum(result, &stratum, level, common);
	}
	return (Datum) 0;
}
