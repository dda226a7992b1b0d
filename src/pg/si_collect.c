/*
 * si_collect.c
 *	  Feature rows gathered by an aggregate, for a fit that needs them all.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/memutils.h"

#include "pg/si_collect.h"
#include "pg/si_pulse.h"

#define FIRST_ROWS		32
/* About what a state takes before any row, and per column. */
#define STATE_BYTES		1024
#define COLUMN_BYTES	320

SiCollect *
si_collect_create(MemoryContext context, int heads, Jsonb *options)
{
	SiCollect  *rows = MemoryContextAllocZero(context, sizeof(SiCollect));

	rows->context = context;
	rows->claim = si_claim_open(context);
	if (options != NULL)
	{
		rows->raw_options = MemoryContextAlloc(context, VARSIZE(options));
		memcpy(rows->raw_options, options, VARSIZE(options));
	}
	rows->heads = heads;
	rows->ncolumns = -1;
	return rows;
}

void
si_collect_check_options(const SiCollect *rows, Jsonb *options)
{
	Jsonb	   *first = rows->raw_options;

	if (options == NULL && first == NULL)
		return;
	if (options != NULL && first != NULL &&
		VARSIZE(options) == VARSIZE(first) &&
		memcmp(options, first, VARSIZE(first)) == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("options differ between the rows of one model"),
			 errdetail("Options are read from the first row and must be the same in every row."),
			 errhint("Pass the options as a constant.")));
}

/* ----- The columns, learned from the first row ----- */

static bool
names_contain(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

static void
check_names_exist(List *names, TupleDesc desc)
{
	ListCell   *cell;

	foreach(cell, names)
		if (si_find_column(desc, lfirst(cell)) < 0)
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("options name a column \"%s\" that the feature row does not have", (char *) lfirst(cell)),
					 errdetail("Its columns are: %s.", si_column_names(desc)),
					 errhint("Check the spelling in the options.")));
}

/*
 * ROW(...) calls its columns f1, f2, ...; a model trained on such names would
 * silently mix columns up when their order changes.
 */
static void
check_named(Oid type, TupleDesc desc)
{
	for (int i = 0; i < desc->natts; i++)
	{
		char		name[16];

		snprintf(name, sizeof(name), "f%d", i + 1);
		if (type != RECORDOID ||
			strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) != 0)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_COLUMN_DEFINITION),
			 errmsg("feature row has no column names"),
			 errdetail("Its columns are called f1, f2, and so on, as in ROW(...)."),
			 errhint("Pass a table row, or a subquery row with named columns: FROM leads, LATERAL (SELECT visits, source) AS features.")));
}

static int
compare_columns(const void *a, const void *b)
{
	return strcmp(((const SiColumn *) a)->name, ((const SiColumn *) b)->name);
}

static void
check_unique(const SiColumn *columns, int n)
{
	for (int i = 1; i < n; i++)
		if (strcmp(columns[i - 1].name, columns[i].name) == 0)
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_COLUMN),
					 errmsg("feature row has two columns \"%s\"", columns[i].name),
					 errdetail("Columns are matched by name."),
					 errhint("Rename one of them, as in SELECT a.age, b.age AS partner_age, or select it once.")));
}

/* The wanted columns of a record type; names are not copied. */
static int
wanted_columns(const SiCollect *rows, TupleDesc desc, SiColumn *columns)
{
	int			n = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		char	   *name = NameStr(att->attname);
		SiColumnType type;

		if (att->attisdropped || names_contain(rows->exclude, name) ||
			(rows->include != NIL && !names_contain(rows->include, name)))
			continue;
		if (!si_column_type(att->atttypid, &type))
			si_reject_column(name, att->atttypid);
		memset(&columns[n], 0, sizeof(SiColumn));
		columns[n].name = name;
		columns[n].kind = type.kind;
		columns[n].array = type.array;
		columns[n++].cells = type.array ? 0 : 1;
	}
	qsort(columns, n, sizeof(SiColumn), compare_columns);
	check_unique(columns, n);
	return n;
}

static void
check_feature_count(int64 n)
{
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_COLUMN_DEFINITION),
				 errmsg("feature row has no feature columns"),
				 errdetail("Options \"include\" and \"exclude\" leave nothing to learn from."),
				 errhint("Pass a row with at least one column beside the label.")));
	if (n > SI_MAX_FEATURES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("feature row has too many features"),
				 errdetail("It has " INT64_FORMAT " features, the limit is %d.", n, SI_MAX_FEATURES),
				 errhint("Pick the columns that matter with option \"include\".")));
}

/* Number the cells of a row and size the scratch row. */
static void
lay_out(SiCollect *rows)
{
	int64		cells = 0;

	rows->open_arrays = 0;
	for (int i = 0; i < rows->ncolumns; i++)
	{
		rows->open_arrays += rows->columns[i].cells == 0;
		rows->columns[i].first_cell = cells;
		cells += rows->columns[i].cells;
	}
	check_feature_count(Max(cells, 1));
	rows->stride = rows->heads + cells;
	rows->scratch = MemoryContextAlloc(rows->context,
									   rows->stride * sizeof(double));
}

void
si_collect_prepare(SiCollect *rows)
{
	int			n = rows->ncolumns;

	si_claim_more(rows->claim, STATE_BYTES + (Size) n * COLUMN_BYTES, "A training state");
	rows->dictionaries = MemoryContextAllocZero(rows->context,
												n * sizeof(SiDictionary *));
	for (int i = 0; i < n; i++)
		if (rows->columns[i].kind == SI_FEATURE_CATEGORY)
			rows->dictionaries[i] = si_dictionary_create(rows->context,
														 rows->claim);
	rows->reader = si_row_reader(rows->context, n, rows->columns);
	lay_out(rows);
}

static void
learn_columns(SiCollect *rows, HeapTupleHeader record)
{
	Oid			type = HeapTupleHeaderGetTypeId(record);
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(
		type, HeapTupleHeaderGetTypMod(record));
	MemoryContext old = MemoryContextSwitchTo(rows->context);
	int			n;

	check_named(type, desc);
	check_names_exist(rows->include, desc);
	check_names_exist(rows->exclude, desc);
	rows->columns = palloc0(desc->natts * sizeof(SiColumn) + 1);
	n = wanted_columns(rows, desc, rows->columns);
	check_feature_count(n);
	for (int i = 0; i < n; i++)
		rows->columns[i].name = pstrdup(rows->columns[i].name);
	rows->ncolumns = n;
	si_collect_prepare(rows);
	MemoryContextSwitchTo(old);
	FreeTupleDesc(desc);
}

/* ----- Storage ----- */

/* Room for one more row; both arrays exist while one is copied. */
static void
reserve_row(SiCollect *rows)
{
	Size		width = rows->stride * sizeof(double);
	int64		capacity = rows->capacity + rows->capacity / 2 + FIRST_ROWS;

	if (rows->rows < rows->capacity)
		return;
	si_claim_more(rows->claim, si_size_mul(capacity, width), "A block of training rows");
	rows->row = rows->row == NULL ?
		MemoryContextAllocHuge(rows->context, capacity * width) :
		repalloc_huge(rows->row, capacity * width);
	si_claim_less(rows->claim, rows->capacity * width);
	rows->capacity = capacity;
}

void
si_collect_append(SiCollect *rows, const double *row)
{
	reserve_row(rows);
	memcpy(rows->row + rows->rows * rows->stride, row,
		   rows->stride * sizeof(double));
	rows->rows++;
}

/*
 * The length of an array column becomes known with its first value; rows
 * stored before it get missing cells in that place.
 */
void
si_collect_widen(SiCollect *rows, SiColumn *column, int width)
{
	int			before = rows->heads + column->first_cell;
	int			old_stride = rows->stride;
	double	   *old = rows->row;
	int64		count = rows->rows;
	int64		capacity = rows->capacity;
	double	   *row;

	column->width = column->cells = width;
	lay_out(rows);
	rows->row = NULL;
	rows->rows = rows->capacity = 0;
	row = MemoryContextAlloc(rows->context, rows->stride * sizeof(double));
	for (int64 r = 0; r < count; r++)
	{
		const double *from = old + r * old_stride;

		si_pulse_every(r);
		memcpy(row, from, before * sizeof(double));
		for (int i = 0; i < width; i++)
			row[before + i] = NAN;
		memcpy(row + before + width, from + before,
			   (old_stride - before) * sizeof(double));
		si_collect_append(rows, row);
	}
	pfree(row);
	if (old != NULL)
		pfree(old);
	si_claim_less(rows->claim, capacity * old_stride * sizeof(double));
}

/* ----- Rows ----- */

/* A row of another record type must have exactly the columns learned. */
static void
check_same_columns(const SiCollect *rows)
{
	TupleDesc	desc = rows->reader->desc;
	SiColumn   *columns = palloc(desc->natts * sizeof(SiColumn) + 1);
	int			n = wanted_columns(rows, desc, columns);

	for (int i = 0; i < n; i++)
		if (i >= rows->ncolumns ||
			strcmp(columns[i].name, rows->columns[i].name) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" is not in every feature row", columns[i].name),
					 errdetail("All training rows of one model must have the same columns."),
					 errhint("Select the same columns in every branch, or name it in option \"exclude\".")));
	pfree(columns);
}

static void
learn_widths(SiCollect *rows)
{
	SiRowReader *reader = rows->reader;

	for (int i = 0; i < rows->ncolumns; i++)
	{
		SiColumn   *column = &rows->columns[i];
		int			place = reader->place[i];
		int			width;

		if (!column->array || column->width > 0 || reader->nulls[place])
			continue;
		width = si_array_width(column->name, reader->values[place]);
		check_feature_count((int64) rows->stride - rows->heads + width);
		si_collect_widen(rows, column, width);
	}
}

static void
read_column(SiCollect *rows, int i, double *cells)
{
	SiRowReader *reader = rows->reader;
	const SiColumn *column = &rows->columns[i];
	const SiColumnType *type = &reader->types[i];
	Datum		value = reader->values[reader->place[i]];

	if (reader->nulls[reader->place[i]])
	{
		for (int k = 0; k < column->cells; k++)
			cells[k] = NAN;
	}
	else if (column->array)
		si_read_array(column, type, value, cells);
	else if (column->kind == SI_FEATURE_CATEGORY)
		cells[0] = si_dictionary_code(rows->dictionaries[i],
									  si_read_category(type->read, value,
													   &reader->labels[i],
													   rows->context));
	else
	{
		cells[0] = si_read_number(type->read, value);
		si_check_number(column->name, 0, cells[0]);
	}
}

void
si_collect_add(SiCollect *rows, const double *heads, HeapTupleHeader record)
{
	if (rows->ncolumns < 0)
		learn_columns(rows, record);
	if (si_row_bind(rows->reader, record))
		check_same_columns(rows);
	si_row_deform(rows->reader, record);
	if (rows->open_arrays > 0)
		learn_widths(rows);
	memcpy(rows->scratch, heads, rows->heads * sizeof(double));
	for (int i = 0; i < rows->ncolumns; i++)
		read_column(rows, i, rows->scratch + rows->heads +
					rows->columns[i].first_cell);
	si_collect_append(rows, rows->scratch);
}
