/*
 * stats_rows.c
 *	  Rows of a number and something beside it, gathered by an aggregate: the
 *	  state behind two_sample, correlation, survival_curve and log_rank.
 *
 * The state collects rows in any order, 16 bytes each, and numbers names as
 * they come; between processes it travels so.  As a value it is the bytes of
 * core/stats/si_sample.h: rows are copied, names renumbered in bytewise order,
 * and the copy is sorted, so that a running window works, and order and
 * workers leave no trace.
 */
#include "stats/stats_rows.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define FIRST_ROWS		8
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */
#define NAME_SIZE		(2 * SI_DICTIONARY_ENTRY)
#define SERIAL_VERSION	1
#define WHAT			"rows to be sorted"

/* Flags of a state between processes. */
enum
{
	NAMED = 1,
	SECONDS = 2
};

/* ----- The state ----- */

static StatsRows *
create_state(MemoryContext context, bool named)
{
	StatsRows  *rows = MemoryContextAllocZero(context, sizeof(StatsRows));

	rows->context = context;
	rows->names = named ? si_dictionary_create(context, NULL) : NULL;
	rows->capacity = FIRST_ROWS;
	rows->item = MemoryContextAlloc(context, FIRST_ROWS * sizeof(SiKeyed));
	return rows;
}

static StatsRows *
state_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (StatsRows *) PG_GETARG_POINTER(n);
}

/*
 * Room for more rows.  The limit applies to all groups that the context holds,
 * and counts the sorted copy of this one and the room to sort it in, so that
 * what was collected can be finished.
 */
static void
reserve_rows(StatsRows *rows, int64 more)
{
	int64		capacity = rows->capacity;
	int64		need = rows->count + more;

	if (need <= capacity)
		return;
	capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	capacity = Max(capacity, need);
	(void) si_check_memory(rows->context, (3 * capacity - rows->capacity) *
						   sizeof(SiKeyed), WHAT, false);
	rows->item = repalloc_huge(rows->item, capacity * sizeof(SiKeyed));
	rows->capacity = capacity;
}

/* The number of a name. */
static uint64
code_of(StatsRows *rows, SiText name)
{
	int			known = rows->names->count;
	int			code;

	if (known == rows->names->capacity)
		(void) si_check_memory(rows->context, known * NAME_SIZE, WHAT, false);
	code = si_dictionary_code(rows->names, name);
	if (code == known)
		(void) si_check_memory(rows->context, 0, WHAT, false);
	return (uint64) code;
}

static void
append_row(StatsRows *rows, uint64 key, uint64 item)
{
	rows->item[rows->count].key = key;
	rows->item[rows->count++].item = item;
}

/* An error unless both have names or neither has. */
static void
check_names(const StatsRows *rows, bool named)
{
	if ((rows->names != NULL) != named)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("values with and without clusters cannot be rolled up together"),
				 errdetail("A row without a cluster would count as independent of all others."),
				 errhint("Give a cluster to every two_sample_agg, or to none.")));
}

static void
check_units(const StatsRows *rows, bool seconds)
{
	if (rows->seconds != seconds)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("durations that were intervals and such that were numbers cannot be rolled up together"),
				 errdetail("Intervals are kept in seconds; numbers may be of any unit."),
				 errhint("Give intervals to every aggregate, or numbers of one unit.")));
}

/* ----- Bytes ----- */

typedef struct NameCode
{
	SiText		text;
	int			code;
} NameCode;

static int
compare_names(const void *a, const void *b)
{
	si_pulse();
	return si_text_compare(((const NameCode *) a)->text,
						   ((const NameCode *) b)->text);
}

/* Names in order; place, by code, becomes where each is. */
static SiText *
sort_names(const SiDictionary *names, uint64 *place)
{
	int			count = names->count;
	NameCode   *list = stats_rows_room(count, sizeof(NameCode));
	SiText	   *sorted = stats_rows_room(count, sizeof(SiText));

	for (int code = 0; code < count; code++)
	{
		si_pulse_every(code);
		list[code].text = names->text[code];
		list[code].code = code;
	}
	qsort(list, count, sizeof(NameCode), compare_names);
	for (int i = 0; i < count; i++)
	{
		si_pulse_every(i);
		sorted[i] = list[i].text;
		place[list[i].code] = i;
	}
	pfree(list);
	return sorted;
}

/* A sorted copy with names in order. */
static void
settle_rows(const StatsRows *rows, SiSampleRows *out)
{
	uint64	   *place = NULL;
	SiKeyed    *items = MemoryContextAllocHuge(
		CurrentMemoryContext, rows->count * sizeof(SiKeyed));
	SiKeyed    *scratch;

	out->names = rows->names != NULL ? rows->names->count : 0;
	out->name = NULL;
	if (rows->names != NULL)
	{
		place = stats_rows_room(out->names, sizeof(uint64));
		out->name = sort_names(rows->names, place);
	}
	for (int64 i = 0; i < rows->count; i++)
	{
		si_pulse_every(i);
		items[i] = rows->item[i];
		if (place != NULL)
			items[i].item = 2 * place[items[i].item >> 1] + (items[i].item & 1);
	}
	scratch = MemoryContextAllocHuge(CurrentMemoryContext,
									 rows->count * sizeof(SiKeyed));
	si_sample_sort(rows->count, items, scratch, si_pulse);
	pfree(scratch);
	out->count = rows->count;
	out->items = items;
	out->seconds = rows->seconds;
}

/* Bytes may come from a client: names must be text of this database. */
bool
stats_rows_valid(SiSampleKind kind, const void *bytes, Size size)
{
	SiSample	sample;

	if (si_sample_open(kind, bytes, size, &sample, si_pulse) != SI_OK)
		return false;
	for (int64 i = 0; i < sample.names; i++)
	{
		SiText		name = si_read_text(&sample.name_list);

		si_pulse_every(i);
		if (!pg_verify_mbstr(GetDatabaseEncoding(), name.data, name.length,
							 true))
			return false;
	}
	return true;
}

SiSample
stats_rows_sample(FunctionCallInfo fcinfo, int n, const StatsRowsKind *kind)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiSample	sample;

	if (si_sample_open(kind->kind, VARDATA_ANY(value),
					   VARSIZE_ANY_EXHDR(value), &sample, si_pulse) != SI_OK)
		si_value_damaged(&kind->type);
	return sample;
}

/* ----- Arguments ----- */

double
stats_rows_number(FunctionCallInfo fcinfo, int n, const char *name)
{
	return si_number_argument(fcinfo, n, name, "the row is skipped");
}

void *
stats_rows_room(int64 count, Size size)
{
	(void) si_check_memory(CurrentMemoryContext, count * size, WHAT, false);
	return MemoryContextAllocHuge(CurrentMemoryContext, (count + 1) * size);
}

/* ----- Support functions ----- */

StatsRows *
stats_rows_add(FunctionCallInfo fcinfo, double number, const SiText *name,
			   uint64 flag)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	StatsRows  *rows = state_arg(fcinfo, 0);

	if (rows == NULL)
		rows = create_state(context, name != NULL);
	reserve_rows(rows, 1);
	append_row(rows, si_sort_key(number),
			   name != NULL ? 2 * code_of(rows, *name) + flag : flag);
	return rows;
}

Datum
stats_rows_return(FunctionCallInfo fcinfo, StatsRows *rows)
{
	if (rows == NULL)
		rows = state_arg(fcinfo, 0);
	if (rows == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(rows);
}

static void
append_state(StatsRows *into, const StatsRows *from)
{
	uint64	   *code = NULL;

	if (from->names != NULL)
	{
		code = stats_rows_room(from->names->count, sizeof(uint64));
		for (int i = 0; i < from->names->count; i++)
		{
			si_pulse_every(i);
			code[i] = code_of(into, from->names->text[i]);
		}
	}
	for (int64 i = 0; i < from->count; i++)
	{
		uint64		item = from->item[i].item;

		si_pulse_every(i);
		if (code != NULL)
			item = 2 * code[item >> 1] + (item & 1);
		append_row(into, from->item[i].key, item);
	}
	if (code != NULL)
		pfree(code);
}

/* The right-hand state may be gone after this call: it is always copied. */
PG_FUNCTION_INFO_V1(sales_intel_stats_rows_combine);
Datum
sales_intel_stats_rows_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	StatsRows  *into = state_arg(fcinfo, 0);
	StatsRows  *from = state_arg(fcinfo, 1);

	if (from == NULL)
		return stats_rows_return(fcinfo, into);
	if (into == NULL)
	{
		into = create_state(context, from->names != NULL);
		into->seconds = from->seconds;
	}
	check_names(into, from->names != NULL);
	check_units(into, from->seconds);
	reserve_rows(into, from->count);
	append_state(into, from);
	PG_RETURN_POINTER(into);
}

/*
 * Version, flags, the numbers of names and of rows, the names, then key and
 * item of each row, as they came: the leader sorts once.
 */
static void
write_state(SiWriter *out, const StatsRows *rows)
{
	int			names = rows->names != NULL ? rows->names->count : 0;

	si_write_u8(out, SERIAL_VERSION);
	si_write_u8(out, (rows->names != NULL ? NAMED : 0) |
				(rows->seconds ? SECONDS : 0));
	si_write_u32(out, (uint32) names);
	si_write_i64(out, rows->count);
	for (int i = 0; i < names; i++)
		si_write_text(out, rows->names->text[i]);
	for (int64 i = 0; i < rows->count; i++)
	{
		si_pulse_every(i);
		si_write_u64(out, rows->item[i].key);
		si_write_u64(out, rows->item[i].item);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_stats_rows_serial);
Datum
sales_intel_stats_rows_serial(PG_FUNCTION_ARGS)
{
	StatsRows  *rows = (StatsRows *) PG_GETARG_POINTER(0);
	SiWriter	writer = {NULL, 0};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	write_state(&writer, rows);
	si_check_serial(writer.size, WHAT);
	bytes = palloc(VARHDRSZ + writer.size);
	SET_VARSIZE(bytes, VARHDRSZ + writer.size);
	writer.out = (uint8 *) VARDATA(bytes);
	writer.size = 0;
	write_state(&writer, rows);
	PG_RETURN_BYTEA_P(bytes);
}

static void
read_state(SiReader *in, StatsRows *rows, uint32 names, int64 count)
{
	for (uint32 i = 0; i < names && !in->bad; i++)
	{
		si_pulse_every(i);
		si_read_check(in, code_of(rows, si_read_text(in)) == i);
	}
	si_read_check(in, in->left % sizeof(SiKeyed) == 0 &&
				  count == (int64) (in->left / sizeof(SiKeyed)));
	if (in->bad)
		return;
	reserve_rows(rows, count);
	for (int64 i = 0; i < count; i++)
	{
		uint64		key = si_read_u64(in);
		uint64		item = si_read_u64(in);

		si_pulse_every(i);
		si_read_check(in, rows->names == NULL || item < 2 * (uint64) names);
		append_row(rows, key, item);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_stats_rows_deserial);
Datum
sales_intel_stats_rows_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	in = si_reader(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	uint8		version = si_read_u8(&in);
	uint8		flags = si_read_u8(&in);
	uint32		names = si_read_count(&in, SI_MAX_SAMPLE_NAMES, 1);
	int64		count = si_read_i64(&in);
	StatsRows  *rows = create_state(CurrentMemoryContext, flags & NAMED);

	(void) si_aggregate_context(fcinfo);
	si_read_check(&in, version == SERIAL_VERSION &&
				  flags <= (NAMED | SECONDS) &&
				  ((flags & NAMED) != 0 || names == 0));
	rows->seconds = flags & SECONDS;
	read_state(&in, rows, in.bad ? 0 : names, count);
	if (in.bad)
		elog(ERROR, "damaged state of rows to be sorted");
	PG_RETURN_POINTER(rows);
}

Datum
stats_rows_final(FunctionCallInfo fcinfo, const StatsRowsKind *kind)
{
	StatsRows  *rows = (StatsRows *) PG_GETARG_POINTER(0);
	SiSampleRows sorted = {kind->kind, 0, NULL, 0, NULL, false};
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	settle_rows(rows, &sorted);
	value = si_value_create(si_sample_size(&sorted, si_pulse), &kind->type);
	si_sample_encode(&sorted, (uint8 *) VARDATA(value), si_pulse);
	pfree((void *) sorted.items);
	PG_RETURN_POINTER(value);
}

/* Adds all rows of a sample. */
static void
add_sample(StatsRows *rows, const SiSample *sample)
{
	SiSampleCursor cursor = si_sample_cursor(sample, si_pulse);
	SiReader	list = sample->name_list;
	uint64	   *code = stats_rows_room(sample->names, sizeof(uint64));
	SiSampleRun run;

	check_names(rows, sample->names > 0);
	check_units(rows, sample->seconds);
	reserve_rows(rows, sample->rows);
	for (int64 i = 0; i < sample->names; i++)
	{
		si_pulse_every(i);
		code[i] = code_of(rows, si_read_text(&list));
	}
	while (si_sample_next(&cursor, &run))
	{
		if (sample->names > 0)
			run.item = 2 * code[run.item >> 1] + (run.item & 1);
		for (int64 i = 0; i < run.count; i++)
		{
			si_pulse_every(i);
			append_row(rows, run.key, run.item);
		}
	}
	pfree(code);
}

Datum
stats_rows_rollup(FunctionCallInfo fcinfo, const StatsRowsKind *kind)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	StatsRows  *rows = state_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiSample	sample = stats_rows_sample(fcinfo, 1, kind);

		if (rows == NULL)
		{
			rows = create_state(context, sample.names > 0);
			rows->seconds = sample.seconds;
		}
		add_sample(rows, &sample);
	}
	return stats_rows_return(fcinfo, rows);
}
