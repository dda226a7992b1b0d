/*
 * stats_contingency.c
 *	  The contingency type: a 2x2 table of exposure against outcome, and what
 *	  can be read off it.
 *
 * The state of the aggregates is the table itself, so that order and workers
 * leave no trace.
 */
#include "stats/stats_result.h"

#include "fmgr.h"

#include "core/stats/table/si_wilson.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_contingency.h"

static bool
is_contingency(const void *bytes, Size size)
{
	SiContingency table;

	return si_contingency_decode(bytes, size, &table) == SI_OK;
}

static const SiValueType contingency_type = {"contingency", is_contingency};

static SiContingency
table_arg(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiContingency table;

	if (si_contingency_decode(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							  &table) != SI_OK)
		si_value_damaged(&contingency_type);
	return table;
}

static Datum
pack_table(const SiContingency *table)
{
	struct varlena *value = si_value_create(SI_CONTINGENCY_SIZE,
											&contingency_type);

	si_contingency_encode(table, (uint8 *) VARDATA(value));
	PG_RETURN_POINTER(value);
}

void
stats_refuse_rows(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many rows in a table of counts"),
			 errdetail("The limit is " INT64_FORMAT " rows in all.",
					   (int64) SI_MAX_TABLE_ROWS),
			 errhint("Roll up each part once.")));
}

SI_VALUE_FUNCTIONS(stats_contingency, &contingency_type);

/* ----- From counts ----- */

static int64
cell_arg(FunctionCallInfo fcinfo, int n)
{
	int64		cell = PG_GETARG_INT64(n);

	if (cell < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cell \"%c\" of a table is negative", 'a' + n),
				 errdetail("It is " INT64_FORMAT ".", cell),
				 errhint("Cells are counts of rows: exposed with and without the outcome, then not exposed with and without.")));
	return cell;
}

PG_FUNCTION_INFO_V1(sales_intel_stats_contingency);
Datum
sales_intel_stats_contingency(PG_FUNCTION_ARGS)
{
	SiContingency table;

	table.a = cell_arg(fcinfo, 0);
	table.b = cell_arg(fcinfo, 1);
	table.c = cell_arg(fcinfo, 2);
	table.d = cell_arg(fcinfo, 3);
	if (!si_contingency_valid(&table))
		stats_refuse_rows();
	return pack_table(&table);
}

/* ----- Aggregates ----- */

/* The state in an argument, made if there is none yet. */
static SiContingency *
state_arg(FunctionCallInfo fcinfo, int n)
{
	MemoryContext context = si_aggregate_context(fcinfo);

	if (!PG_ARGISNULL(n))
		return (SiContingency *) PG_GETARG_POINTER(n);
	return MemoryContextAllocZero(context, sizeof(SiContingency));
}

static void
merge_tables(SiContingency *into, const SiContingency *from)
{
	if (!si_contingency_merge(into, from))
		stats_refuse_rows();
}

PG_FUNCTION_INFO_V1(sales_intel_stats_contingency_trans);
Datum
sales_intel_stats_contingency_trans(PG_FUNCTION_ARGS)
{
	SiContingency *state = state_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
		si_contingency_count(state, PG_GETARG_BOOL(1), PG_GETARG_BOOL(2));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_contingency_combine);
Datum
sales_intel_stats_contingency_combine(PG_FUNCTION_ARGS)
{
	SiContingency *state = state_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1))
		merge_tables(state, (SiContingency *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(state);
}

/* Also the final function; NULL if no row counted. */
PG_FUNCTION_INFO_V1(sales_intel_stats_contingency_serial);
Datum
sales_intel_stats_contingency_serial(PG_FUNCTION_ARGS)
{
	SiContingency *state = state_arg(fcinfo, 0);

	if (si_contingency_rows(state) == 0)
		PG_RETURN_NULL();
	return pack_table(state);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_contingency_deserial);
Datum
sales_intel_stats_contingency_deserial(PG_FUNCTION_ARGS)
{
	SiContingency *state = palloc(sizeof(SiContingency));

	(void) si_aggregate_context(fcinfo);
	*state = table_arg(fcinfo, 0);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_contingency_rollup_trans);
Datum
sales_intel_stats_contingency_rollup_trans(PG_FUNCTION_ARGS)
{
	SiContingency *state = state_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiContingency table = table_arg(fcinfo, 1);

		merge_tables(state, &table);
	}
	PG_RETURN_POINTER(state);
}

/* ----- Accessors ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_contingency_cells);
Datum
sales_intel_stats_contingency_cells(PG_FUNCTION_ARGS)
{
	SiContingency table;
	Datum		values[4];
	bool		nulls[4] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	values[0] = Int64GetDatum(table.a);
	values[1] = Int64GetDatum(table.b);
	values[2] = Int64GetDatum(table.c);
	values[3] = Int64GetDatum(table.d);
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_odds_ratio);
Datum
sales_intel_stats_odds_ratio(PG_FUNCTION_ARGS)
{
	SiContingency table = table_arg(fcinfo, 0);

	return stats_number(fcinfo, si_odds_ratio(&table));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_odds_ratio_cmle);
Datum
sales_intel_stats_odds_ratio_cmle(PG_FUNCTION_ARGS)
{
	SiContingency table = table_arg(fcinfo, 0);

	return stats_number(fcinfo, si_odds_ratio_cmle(&table, si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_odds_ratio_interval);
Datum
sales_intel_stats_odds_ratio_interval(PG_FUNCTION_ARGS)
{
	SiContingency table;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	return stats_interval(fcinfo, si_odds_ratio_wald(
		&table, si_level_argument(fcinfo, 1)));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_odds_ratio_exact_interval);
Datum
sales_intel_stats_odds_ratio_exact_interval(PG_FUNCTION_ARGS)
{
	SiContingency table;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	return stats_interval(fcinfo, si_odds_ratio_exact(
		&table, si_level_argument(fcinfo, 1), si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_fisher_p);
Datum
sales_intel_stats_fisher_p(PG_FUNCTION_ARGS)
{
	SiContingency table = table_arg(fcinfo, 0);

	PG_RETURN_FLOAT8(si_fisher_p_value(&table, si_pulse));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_chi_square);
Datum
sales_intel_stats_chi_square(PG_FUNCTION_ARGS)
{
	SiContingency table;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	table = table_arg(fcinfo, 0);
	return stats_test(fcinfo, si_chi_square_test(&table, PG_GETARG_BOOL(1)));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_risk_difference);
Datum
sales_intel_stats_risk_difference(PG_FUNCTION_ARGS)
{
	SiContingency table = table_arg(fcinfo, 0);

	return stats_number(fcinfo, si_risk_difference(&table));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_relative_risk);
Datum
sales_intel_stats_relative_risk(PG_FUNCTION_ARGS)
{
	SiContingency table = table_arg(fcinfo, 0);

	return stats_number(fcinfo, si_relative_risk(&table));
}

/* ----- A share ----- */

/* Of any type: sums of bigint are numeric. */
static double
count_argument(FunctionCallInfo fcinfo, int n)
{
	double		count = PG_GETARG_FLOAT8(n);

	if (!(count >= 0 && count < INFINITY && count == floor(count)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("counts of a rate must be whole numbers, 0 or more"),
				 errdetail("One of them is %.15g.", count),
				 errhint("Give the number that followed first, then that of all occurrences.")));
	return count;
}

PG_FUNCTION_INFO_V1(sales_intel_stats_rate_interval);
Datum
sales_intel_stats_rate_interval(PG_FUNCTION_ARGS)
{
	SiInterval	interval = {NAN, NAN};
	double		level;
	double		followed;
	double		occurrences;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	followed = count_argument(fcinfo, 0);
	occurrences = count_argument(fcinfo, 1);
	level = si_level_argument(fcinfo, 2);
	if (followed > occurrences)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a rate must be from 0 to 1"),
				 errdetail("It is %.15g of %.15g.", followed, occurrences),
				 errhint("Give the number that followed first, then that of all occurrences.")));
	if (occurrences > 0)
		si_wilson_interval(followed / occurrences, occurrences, level,
						   &interval.low, &interval.high);
	return stats_interval(fcinfo, interval);
}
