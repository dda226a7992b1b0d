/*
 * stats_keyed.c
 *	  2x2 tables by cluster or stratum, gathered by an aggregate.
 *
 * The state is a dictionary of keys and a table of counts for each.  Between
 * processes, and as a value, it is the bytes of core/stats/si_tables.h, in
 * bytewise order of the keys: order of rows and workers leave no trace.
 * Nothing is sorted in place, so that a running window works.
 */
#include "stats/stats_keyed.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "stats/stats_contingency.h"

#define FIRST_TABLES	16		/* as many as the dictionary starts with */
#define WHAT			"clusters or strata"

/* ----- The state ----- */

static StatsKeyed *
create_state(MemoryContext context)
{
	StatsKeyed *state = MemoryContextAllocZero(context, sizeof(StatsKeyed));

	state->context = context;
	state->keys = si_dictionary_create(context, NULL);
	state->capacity = FIRST_TABLES;
	state->table = MemoryContextAlloc(context,
									  FIRST_TABLES * sizeof(SiContingency));
	return state;
}

static StatsKeyed *
state_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (StatsKeyed *) PG_GETARG_POINTER(n);
}

/* Room for one key more, in the dictionary too, which doubles like this. */
static void
reserve_table(StatsKeyed *state, int length)
{
	Size		capacity = state->capacity;

	if (state->keys->count < state->capacity)
		return;
	(void) si_check_memory(state->context, length + 2 * capacity *
						   (SI_DICTIONARY_ENTRY + sizeof(SiContingency)),
						   WHAT, false);
	state->table = repalloc_huge(state->table,
								 2 * capacity * sizeof(SiContingency));
	state->capacity *= 2;
}

/* The table of a key, made when the key is new. */
static SiContingency *
table_of(StatsKeyed *state, SiText key)
{
	const SiContingency none = {0, 0, 0, 0};
	int			known = state->keys->count;
	int			code;

	reserve_table(state, key.length);
	code = si_dictionary_code(state->keys, key);
	if (code == known)
	{
		state->table[code] = none;
		(void) si_check_memory(state->context, 0, WHAT, false);
	}
	return &state->table[code];
}

static void
add_table(StatsKeyed *state, SiText key, const SiContingency *table)
{
	if (!si_contingency_merge(&state->total, table))
		stats_refuse_rows();
	(void) si_contingency_merge(table_of(state, key), table);
}

static void
add_tables(StatsKeyed *state, const SiTables *tables)
{
	SiTablesCursor cursor = si_tables_cursor(tables, si_pulse);
	SiKeyedTable table;

	while (si_tables_next(&cursor, &table))
		add_table(state, table.key, &table.table);
}

/* ----- Bytes ----- */

static int
compare_keys(const void *a, const void *b)
{
	si_pulse();
	return si_text_compare(((const SiKeyedTable *) a)->key,
						   ((const SiKeyedTable *) b)->key);
}

static SiKeyedTable *
sorted_tables(const StatsKeyed *state)
{
	int			count = state->keys->count;
	SiKeyedTable *tables = MemoryContextAllocHuge(
		CurrentMemoryContext, count * sizeof(SiKeyedTable));

	for (int i = 0; i < count; i++)
	{
		si_pulse_every(i);
		tables[i].key = state->keys->text[i];
		tables[i].table = state->table[i];
	}
	qsort(tables, count, sizeof(SiKeyedTable), compare_keys);
	return tables;
}

/* Bytes may come from a client: keys must be text of this database. */
bool
stats_keyed_valid(SiTablesKind kind, const void *bytes, Size size)
{
	SiTables	tables;
	SiTablesCursor cursor;
	SiKeyedTable table;

	if (si_tables_open(kind, bytes, size, &tables, si_pulse) != SI_OK)
		return false;
	cursor = si_tables_cursor(&tables, si_pulse);
	while (si_tables_next(&cursor, &table))
	{
		if (!pg_verify_mbstr(GetDatabaseEncoding(), table.key.data,
							 table.key.length, true))
			return false;
	}
	return true;
}

SiTables
stats_keyed_tables(FunctionCallInfo fcinfo, int n, const StatsKeyedKind *kind)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiTables	tables;

	if (si_tables_open(kind->kind, VARDATA_ANY(value),
					   VARSIZE_ANY_EXHDR(value), &tables, si_pulse) != SI_OK)
		si_value_damaged(&kind->type);
	return tables;
}

/* ----- Support functions ----- */

Datum
stats_keyed_trans(FunctionCallInfo fcinfo, int key, int exposed, int outcome)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	StatsKeyed *state = state_arg(fcinfo, 0);

	if (!PG_ARGISNULL(key) && !PG_ARGISNULL(exposed) && !PG_ARGISNULL(outcome))
	{
		text	   *name = PG_GETARG_TEXT_PP(key);
		SiText		text = {VARDATA_ANY(name), VARSIZE_ANY_EXHDR(name)};
		SiContingency row = {0, 0, 0, 0};

		if (state == NULL)
			state = create_state(context);
		si_contingency_count(&row, PG_GETARG_BOOL(exposed),
							 PG_GETARG_BOOL(outcome));
		add_table(state, text, &row);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* The right-hand state may be gone after this call: it is always copied. */
PG_FUNCTION_INFO_V1(sales_intel_stats_keyed_combine);
Datum
sales_intel_stats_keyed_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	StatsKeyed *into = state_arg(fcinfo, 0);
	StatsKeyed *from = state_arg(fcinfo, 1);

	if (from != NULL && into == NULL)
		into = create_state(context);
	for (int i = 0; from != NULL && i < from->keys->count; i++)
	{
		si_pulse_every(i);
		add_table(into, from->keys->text[i], &from->table[i]);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/* Serves as serial and as final function. */
Datum
stats_keyed_pack(FunctionCallInfo fcinfo, const StatsKeyedKind *kind)
{
	StatsKeyed *state = (StatsKeyed *) PG_GETARG_POINTER(0);
	SiKeyedTable *tables = sorted_tables(state);
	int			count = state->keys->count;
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	value = si_value_create(si_tables_size(count, tables, si_pulse),
							&kind->type);
	si_tables_encode(kind->kind, count, tables, (uint8 *) VARDATA(value),
					 si_pulse);
	pfree(tables);
	PG_RETURN_POINTER(value);
}

Datum
stats_keyed_unpack(FunctionCallInfo fcinfo, const StatsKeyedKind *kind)
{
	SiTables	tables = stats_keyed_tables(fcinfo, 0, kind);
	StatsKeyed *state = create_state(CurrentMemoryContext);

	(void) si_aggregate_context(fcinfo);
	add_tables(state, &tables);
	PG_RETURN_POINTER(state);
}

Datum
stats_keyed_rollup(FunctionCallInfo fcinfo, const StatsKeyedKind *kind)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	StatsKeyed *state = state_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiTables	tables = stats_keyed_tables(fcinfo, 1, kind);

		if (state == NULL)
			state = create_state(context);
		add_tables(state, &tables);
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}
