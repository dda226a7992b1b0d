/*
 * lead_intake.c
 *	  Training rows on their way from the table to the fit.
 *
 * Rows are packed into chunks as they come; nothing depends on their order,
 * because the fit puts them into canonical order first.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "lead/intake/lead_intake.h"
#include "pg/si_compat.h"
#include "pg/si_options.h"

#define FIRST_CHUNK_ROWS	32
#define MAX_CHUNK_BYTES		(1024 * 1024)
/* Weights of which sums and products keep far from the ends of a double. */
#define SMALLEST_WEIGHT		1e-30
#define LARGEST_WEIGHT		1e30
/* About what a state takes before any row, and per column. */
#define STATE_BYTES			2048
#define COLUMN_BYTES		320

LeadIntake *
lead_intake_create(MemoryContext context, Jsonb *options)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	LeadIntake *intake = palloc0(sizeof(LeadIntake));

	intake->context = context;
	intake->claim = si_claim_open(context);
	intake->options = lead_options(options);
	if (options != NULL)
	{
		intake->raw_options = palloc(VARSIZE(options));
		memcpy(intake->raw_options, options, VARSIZE(options));
	}
	intake->ncolumns = -1;
	MemoryContextSwitchTo(old);
	return intake;
}

void
lead_intake_check_options(LeadIntake *intake, Jsonb *options)
{
	Jsonb	   *first = intake->raw_options;

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

/* A group column follows the feature columns, for the row reader only. */
int
lead_intake_grouped(const LeadIntake *intake)
{
	return intake->options->group != NULL;
}

static bool
names_contain(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
		if (strcmp(lfirst(cell), name) == 0)
			return true;
	return false;
}

pg_noreturn static void
reject_option(const char *name, TupleDesc desc)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("options name a column \"%s\" that the feature row does not have", name),
			 errdetail("Its columns are: %s.", si_column_names(desc)),
			 errhint("Check the spelling in the options.")));
}

static void
check_name_exists(const char *name, TupleDesc desc)
{
	if (si_find_column(desc, name) < 0)
		reject_option(name, desc);
}

static void
check_option_names(const LeadOptions *options, TupleDesc desc)
{
	ListCell   *cell;

	foreach(cell, options->include)
		check_name_exists(lfirst(cell), desc);
	foreach(cell, options->exclude)
		check_name_exists(lfirst(cell), desc);
	foreach(cell, options->categorical)
		check_name_exists(lfirst(cell), desc);
	foreach(cell, options->monotone)
		check_name_exists(((SiSign *) lfirst(cell))->name, desc);
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

static bool
is_wanted(const LeadOptions *options, const char *name)
{
	if (options->group != NULL && strcmp(options->group, name) == 0)
		return false;
	if (options->include != NIL && !names_contain(options->include, name))
		return false;
	return !names_contain(options->exclude, name);
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

/* Collect the wanted columns of a record type; names are not copied. */
static int
wanted_columns(const LeadOptions *options, TupleDesc desc, SiColumn *columns)
{
	int			n = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		SiColumnType type;
		SiColumn   *column = &columns[n];

		if (att->attisdropped || !is_wanted(options, NameStr(att->attname)))
			continue;
		if (!si_column_type(att->atttypid, &type))
			si_reject_column(NameStr(att->attname), att->atttypid);
		memset(column, 0, sizeof(SiColumn));
		column->name = NameStr(att->attname);
		column->kind = type.kind;
		column->array = type.array;
		column->cells = type.array ? 0 : 1;
		n++;
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
lay_out(LeadIntake *intake)
{
	int64		cells = 0;

	intake->open_arrays = 0;
	for (int i = 0; i < intake->ncolumns; i++)
	{
		intake->open_arrays += intake->columns[i].cells == 0;
		intake->columns[i].first_cell = cells;
		cells += intake->columns[i].cells;
	}
	check_feature_count(Max(cells, 1));
	intake->ncells = cells;
	intake->stride = LEAD_ROW_CELLS + cells;
	intake->scratch = MemoryContextAlloc(intake->context,
										 intake->stride * sizeof(double));
}

/* Set up readers and dictionaries for columns that are known. */
void
lead_intake_prepare(LeadIntake *intake)
{
	int			n = intake->ncolumns;

	si_claim_more(intake->claim, STATE_BYTES + (Size) n * COLUMN_BYTES, "A training state");
	intake->dictionaries = MemoryContextAllocZero(intake->context,
												  n * sizeof(SiDictionary *));
	for (int i = 0; i < n; i++)
		if (intake->columns[i].kind == SI_FEATURE_CATEGORY)
			intake->dictionaries[i] = si_dictionary_create(intake->context,
														   intake->claim);
	intake->reader = si_row_reader(
		intake->context, n + lead_intake_grouped(intake), intake->columns);
	lay_out(intake);
}

static void
learn_group(char *name, TupleDesc desc, SiColumn *column)
{
	int			place = si_find_column(desc, name);
	SiColumnType type;

	if (place < 0)
		reject_option(name, desc);
	if (!si_column_type(TupleDescAttr(desc, place)->atttypid, &type) ||
		type.array)
		si_reject_column(name, TupleDescAttr(desc, place)->atttypid);
	column->name = name;
	column->kind = type.kind;
}

static void
learn_columns(LeadIntake *intake, HeapTupleHeader record)
{
	Oid			type = HeapTupleHeaderGetTypeId(record);
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(
		type, HeapTupleHeaderGetTypMod(record));
	MemoryContext old = MemoryContextSwitchTo(intake->context);
	LeadOptions *options = intake->options;
	int			n;

	check_named(type, desc);
	check_option_names(options, desc);
	intake->columns = palloc0((desc->natts + 1) * sizeof(SiColumn));
	n = wanted_columns(options, desc, intake->columns);
	check_feature_count(n);
	for (int i = 0; i < n; i++)
		intake->columns[i].name = pstrdup(intake->columns[i].name);
	if (options->group != NULL)
		learn_group(options->group, desc, &intake->columns[n]);
	intake->ncolumns = n;
	lead_intake_prepare(intake);
	MemoryContextSwitchTo(old);
	FreeTupleDesc(desc);
}

/* ----- Storage ----- */

static void
add_chunk(LeadIntake *intake)
{
	int			n = intake->nchunks;
	int			last = n > 0 ? intake->chunks[n - 1].capacity : 0;
	Size		row_bytes = intake->stride * sizeof(double);
	int			limit = Max(MAX_CHUNK_BYTES / row_bytes, FIRST_CHUNK_ROWS);
	LeadChunk  *chunk;

	if (intake->nchunks == intake->max_chunks)
	{
		intake->max_chunks = Max(8, 2 * intake->max_chunks);
		intake->chunks = intake->chunks ?
			repalloc_huge(intake->chunks,
						  intake->max_chunks * sizeof(LeadChunk)) :
			MemoryContextAlloc(intake->context,
							   intake->max_chunks * sizeof(LeadChunk));
	}
	chunk = &intake->chunks[intake->nchunks];
	chunk->rows = 0;
	chunk->capacity = Min(limit, Max(FIRST_CHUNK_ROWS, 2 * last));
	si_claim_more(intake->claim, chunk->capacity * row_bytes, "A block of training rows");
	chunk->cells = MemoryContextAllocHuge(intake->context,
										  chunk->capacity * row_bytes);
	intake->nchunks++;
}

/* Where the next row goes; it counts once it is kept. */
static double *
next_row(LeadIntake *intake)
{
	LeadChunk  *chunk = intake->chunks + intake->nchunks;

	if (intake->nchunks == 0 || chunk[-1].rows == chunk[-1].capacity)
		add_chunk(intake);
	chunk = &intake->chunks[intake->nchunks - 1];
	return chunk->cells + (Size) chunk->rows * intake->stride;
}

static void
keep_row(LeadIntake *intake, const double *row)
{
	intake->chunks[intake->nchunks - 1].rows++;
	intake->rows++;
	intake->positives += row[LEAD_ROW_LABEL] > 0;
	intake->weighted |= row[LEAD_ROW_WEIGHT] != 1;
}

void
lead_intake_append(LeadIntake *intake, const double *row)
{
	double	   *to = next_row(intake);

	memcpy(to, row, intake->stride * sizeof(double));
	keep_row(intake, to);
}

void
lead_intake_drop_rows(LeadIntake *intake)
{
	for (int c = 0; c < intake->nchunks; c++)
	{
		si_claim_less(intake->claim, (Size) intake->chunks[c].capacity *
					  intake->stride * sizeof(double));
		pfree(intake->chunks[c].cells);
	}
	intake->nchunks = 0;
}

/*
 * The length of an array column becomes known with its first value; rows
 * stored before it get missing cells in that place.
 */
void
lead_intake_widen(LeadIntake *intake, SiColumn *column, int width)
{
	int			before = LEAD_ROW_CELLS + column->first_cell;
	int			old_stride = intake->stride;
	LeadChunk  *chunks = intake->chunks;
	int			nchunks = intake->nchunks;
	double	   *row;

	column->width = column->cells = width;
	lay_out(intake);
	intake->chunks = NULL;
	intake->nchunks = intake->max_chunks = 0;
	intake->rows = intake->positives = 0;
	row = MemoryContextAlloc(intake->context, intake->stride * sizeof(double));
	for (int c = 0; c < nchunks; c++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int r = 0; r < chunks[c].rows; r++)
		{
			const double *old = chunks[c].cells + (Size) r * old_stride;

			memcpy(row, old, before * sizeof(double));
			for (int i = 0; i < width; i++)
				row[before + i] = NAN;
			memcpy(row + before + width, old + before,
				   (old_stride - before) * sizeof(double));
			lead_intake_append(intake, row);
		}
		si_claim_less(intake->claim,
					  (Size) chunks[c].capacity * old_stride * sizeof(double));
		pfree(chunks[c].cells);
	}
	if (chunks != NULL)
		pfree(chunks);
	pfree(row);
}

/* ----- Rows ----- */

/* A row of another record type must have exactly the columns learned. */
static void
check_same_columns(LeadIntake *intake)
{
	TupleDesc	desc = intake->reader->desc;
	SiColumn   *columns = palloc((desc->natts + 1) * sizeof(SiColumn));
	int			n = wanted_columns(intake->options, desc, columns);

	for (int i = 0; i < n; i++)
		if (i >= intake->ncolumns ||
			strcmp(columns[i].name, intake->columns[i].name) != 0)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" is not in every feature row", columns[i].name),
					 errdetail("All training rows of one model must have the same columns."),
					 errhint("Select the same columns in every branch, or name it in option \"exclude\".")));
	pfree(columns);
}

static double
group_bits(LeadIntake *intake)
{
	SiRowReader *reader = intake->reader;
	int			last = intake->ncolumns;
	Datum		value = reader->values[reader->place[last]];
	SiColumnType *type = &reader->types[last];
	uint64		hash = 0;

	if (reader->nulls[reader->place[last]])
		return si_bits_double(0);
	if (type->kind == SI_FEATURE_CATEGORY)
	{
		SiText		text = si_read_category(type->read, value,
											&reader->labels[last],
											intake->context);

		hash = si_hash_bytes(text.data, text.length, 1);
	}
	else
		hash = si_hash_mix(si_double_bits(si_read_number(type->read, value)),
						   1);
	return si_bits_double(hash | 1);
}

static void
read_column(LeadIntake *intake, int i, double *cells)
{
	SiRowReader *reader = intake->reader;
	SiColumn   *column = &intake->columns[i];
	SiColumnType *type = &reader->types[i];
	Datum		value = reader->values[reader->place[i]];

	if (reader->nulls[reader->place[i]])
	{
		for (int k = 0; k < column->cells; k++)
			cells[k] = NAN;
	}
	else if (column->array)
		si_read_array(column, type, value, cells);
	else if (column->kind == SI_FEATURE_CATEGORY)
		cells[0] = si_dictionary_code(intake->dictionaries[i],
									  si_read_category(type->read, value,
													   &reader->labels[i],
													   intake->context));
	else
	{
		cells[0] = si_read_number(type->read, value);
		si_check_number(column->name, 0, cells[0]);
	}
}

/* Read all columns; the commonest type does not need a call. */
static void
read_columns(LeadIntake *intake, double *cells)
{
	const SiRowReader *reader = intake->reader;

	for (int i = 0; i < intake->ncolumns; i++)
	{
		const SiColumn *column = &intake->columns[i];
		const SiColumnType *type = &reader->types[i];
		int			place = reader->place[i];
		double	   *cell = cells + column->first_cell;

		if (type->read == SI_READ_FLOAT8 && !type->array &&
			!reader->nulls[place])
		{
			*cell = DatumGetFloat8(reader->values[place]);
			si_check_number(column->name, 0, *cell);
		}
		else
			read_column(intake, i, cell);
	}
}

static void
learn_widths(LeadIntake *intake)
{
	SiRowReader *reader = intake->reader;

	for (int i = 0; i < intake->ncolumns; i++)
	{
		SiColumn   *column = &intake->columns[i];

		if (column->array && column->width == 0 &&
			!reader->nulls[reader->place[i]])
		{
			int			width = si_array_width(column->name,
									   reader->values[reader->place[i]]);

			check_feature_count((int64) intake->ncells + width);
			lead_intake_widen(intake, column, width);
		}
	}
}

void
lead_intake_add(LeadIntake *intake, HeapTupleHeader record, bool label,
				double weight)
{
	double	   *row;

	if (!(weight >= SMALLEST_WEIGHT && weight <= LARGEST_WEIGHT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("row weight %g is out of range", weight),
				 errdetail("A weight is 0 or a number from %g to %g.", SMALLEST_WEIGHT, LARGEST_WEIGHT),
				 errhint("Leave a row out with FILTER (WHERE ...), or give it weight 0.")));
	if (intake->ncolumns < 0)
		learn_columns(intake, record);
	if (si_row_bind(intake->reader, record))
		check_same_columns(intake);
	si_row_deform(intake->reader, record);
	if (intake->open_arrays > 0)
		learn_widths(intake);
	row = next_row(intake);
	row[LEAD_ROW_LABEL] = label;
	row[LEAD_ROW_WEIGHT] = weight;
	row[LEAD_ROW_GROUP] = lead_intake_grouped(intake) ? group_bits(intake) : 0;
	read_columns(intake, row + LEAD_ROW_CELLS);
	keep_row(intake, row);
}
