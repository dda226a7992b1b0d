/*
 * lead_merge.c
 *	  Training rows of several workers become those of one.
 *
 * Merging two states is appending, with the category codes of one translated
 * to the other's.  Between processes of one server a state travels as bytes.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/si_bytes.h"
#include "lead/intake/lead_intake.h"
#include "pg/si_pulse.h"

#define SERIAL_VERSION	1

/* ----- Merging ----- */

pg_noreturn static void
reject_other_columns(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("feature rows differ in their columns"),
			 errdetail("All training rows of one model must have the same columns."),
			 errhint("Select the same columns in every branch.")));
}

/* Give both states the same row width where one has seen no array yet. */
static void
agree_on_widths(LeadIntake *into, LeadIntake *from)
{
	for (int i = 0; i < into->ncolumns; i++)
	{
		SiColumn   *a = &into->columns[i];
		SiColumn   *b = &from->columns[i];

		if (strcmp(a->name, b->name) != 0)
			reject_other_columns();
		if (a->kind != b->kind || a->array != b->array)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column \"%s\" is not of the same type in every row", a->name),
					 errdetail("All training rows of one model must have the same columns."),
					 errhint("Cast the column to one type.")));
		if (a->width != b->width && a->width != 0 && b->width != 0)
			si_reject_width(a, b->width);
		if (a->width == 0 && b->width != 0)
			lead_intake_widen(into, a, b->width);
		if (b->width == 0 && a->width != 0)
			lead_intake_widen(from, b, a->width);
	}
}

static int **
code_maps(LeadIntake *into, LeadIntake *from)
{
	int		  **maps = palloc0(into->ncolumns * sizeof(int *));

	for (int i = 0; i < into->ncolumns; i++)
	{
		SiDictionary *dictionary = from->dictionaries[i];

		if (dictionary == NULL)
			continue;
		maps[i] = palloc_extended(((Size) dictionary->count + 1) * sizeof(int),
								  MCXT_ALLOC_HUGE);
		for (int code = 0; code < dictionary->count; code++)
		{
			si_pulse_every(code);
			maps[i][code] = si_dictionary_code(into->dictionaries[i],
											   dictionary->text[code]);
		}
	}
	return maps;
}

static void
append_translated(LeadIntake *into, const LeadIntake *from, int **maps)
{
	for (int c = 0; c < from->nchunks; c++)
		for (int r = 0; r < from->chunks[c].rows; r++)
		{
			double	   *row = into->scratch;

			memcpy(row, from->chunks[c].cells + (Size) r * from->stride,
				   from->stride * sizeof(double));
			for (int i = 0; i < into->ncolumns; i++)
			{
				double	   *cell = row + LEAD_ROW_CELLS +
							   into->columns[i].first_cell;

				if (maps[i] != NULL && !isnan(*cell))
					*cell = maps[i][(int) *cell];
			}
			lead_intake_append(into, row);
			if (r % 1024 == 0)
				CHECK_FOR_INTERRUPTS();
		}
}

/* Columns and group of one state, for another that has seen no row. */
static void
copy_columns(LeadIntake *into, const LeadIntake *from)
{
	MemoryContext old = MemoryContextSwitchTo(into->context);

	into->columns = palloc0((from->ncolumns + 1) * sizeof(SiColumn));
	for (int i = 0; i < from->ncolumns + lead_intake_grouped(from); i++)
	{
		into->columns[i] = from->columns[i];
		into->columns[i].name = pstrdup(from->columns[i].name);
	}
	into->ncolumns = from->ncolumns;
	lead_intake_prepare(into);
	MemoryContextSwitchTo(old);
}

void
lead_intake_merge(LeadIntake *into, LeadIntake *from)
{
	lead_intake_check_options(into, from->raw_options);
	into->skipped += from->skipped;
	if (from->ncolumns < 0)
		return;
	if (into->ncolumns < 0)
		copy_columns(into, from);
	if (into->ncolumns != from->ncolumns)
		reject_other_columns();
	agree_on_widths(into, from);
	append_translated(into, from, code_maps(into, from));
}

/* ----- Serialisation, between processes of one server ----- */

static void
write_column(SiWriter *writer, const SiColumn *column)
{
	SiText		name = {column->name, strlen(column->name)};

	si_write_text(writer, name);
	si_write_u8(writer, column->kind);
	si_write_u8(writer, column->array);
	si_write_u32(writer, column->width);
	si_write_u32(writer, column->cells);
}

static void
write_dictionary(SiWriter *writer, const SiDictionary *dictionary)
{
	si_write_u32(writer, dictionary->count);
	for (int code = 0; code < dictionary->count; code++)
	{
		si_pulse_every(code);
		si_write_text(writer, dictionary->text[code]);
	}
}

static void
write_intake(SiWriter *writer, const LeadIntake *intake)
{
	SiText		options = {(const char *) intake->raw_options,
	intake->raw_options ? VARSIZE(intake->raw_options) : 0};

	si_write_u32(writer, SERIAL_VERSION);
	si_write_text(writer, options);
	si_write_i64(writer, intake->skipped);
	si_write_i64(writer, intake->ncolumns);
	if (intake->ncolumns < 0)
		return;
	for (int i = 0; i < intake->ncolumns + lead_intake_grouped(intake); i++)
		write_column(writer, &intake->columns[i]);
	for (int i = 0; i < intake->ncolumns; i++)
		if (intake->dictionaries[i] != NULL)
			write_dictionary(writer, intake->dictionaries[i]);
	si_write_i64(writer, intake->rows);
	for (int c = 0; c < intake->nchunks; c++)
	{
		si_pulse();
		si_write_raw(writer, intake->chunks[c].cells,
					 (Size) intake->chunks[c].rows * intake->stride *
						 sizeof(double));
	}
}

bytea *
lead_intake_serialize(LeadIntake *intake)
{
	SiWriter	writer = {NULL, 0};
	bytea	   *bytes;

	write_intake(&writer, intake);
	if (writer.size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("training rows of one worker are too large to pass on"),
				 errdetail("They take %zu kB, the limit is 1 GB.", writer.size / 1024),
				 errhint("Train without workers: SET max_parallel_workers_per_gather = 0.")));
	bytes = palloc(VARHDRSZ + writer.size);
	SET_VARSIZE(bytes, VARHDRSZ + writer.size);
	writer.out = (uint8_t *) VARDATA(bytes);
	writer.size = 0;
	write_intake(&writer, intake);
	return bytes;
}

static void
read_columns(SiReader *reader, LeadIntake *intake, int64 ncolumns)
{
	int			n = ncolumns + lead_intake_grouped(intake);

	intake->columns = palloc0((n + 1) * sizeof(SiColumn));
	for (int i = 0; i < n; i++)
	{
		SiColumn   *column = &intake->columns[i];
		SiText		name = si_read_text(reader);

		column->name = pnstrdup(name.data ? name.data : "", name.length);
		column->kind = si_read_u8(reader);
		column->array = si_read_u8(reader);
		column->width = si_read_u32(reader);
		column->cells = si_read_u32(reader);
	}
	intake->ncolumns = ncolumns;
	lead_intake_prepare(intake);
}

static void
read_rows(SiReader *reader, LeadIntake *intake)
{
	int64		rows = si_read_i64(reader);

	for (int64 r = 0; r < rows && !reader->bad; r++)
	{
		const uint8_t *row = si_read_raw(reader,
										 intake->stride * sizeof(double));

		if (row == NULL)
			break;
		memcpy(intake->scratch, row, intake->stride * sizeof(double));
		lead_intake_append(intake, intake->scratch);
		if (r % 1024 == 0)
			CHECK_FOR_INTERRUPTS();
	}
}

LeadIntake *
lead_intake_deserialize(MemoryContext context, bytea *bytes)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	SiReader	reader = si_reader(VARDATA_ANY(bytes),
								   VARSIZE_ANY_EXHDR(bytes));
	uint32		version = si_read_u32(&reader);
	SiText		options = si_read_text(&reader);
	Jsonb	   *aligned = NULL;
	LeadIntake *intake;
	int64		ncolumns;

	if (options.length > 0)
	{
		aligned = palloc(options.length);
		memcpy(aligned, options.data, options.length);
	}
	intake = lead_intake_create(context, aligned);
	intake->skipped = si_read_i64(&reader);
	ncolumns = si_read_i64(&reader);
	if (ncolumns >= 0)
	{
		read_columns(&reader, intake, ncolumns);
		for (int i = 0; i < intake->ncolumns; i++)
			if (intake->dictionaries[i] != NULL)
				for (uint32 n = si_read_u32(&reader); n > 0 && !reader.bad; n--)
				{
					si_pulse_every(n);
					(void) si_dictionary_code(intake->dictionaries[i],
											  si_read_text(&reader));
				}
		read_rows(&reader, intake);
	}
	if (reader.bad || reader.left != 0 || version != SERIAL_VERSION)
		elog(ERROR, "damaged training state");
	MemoryContextSwitchTo(old);
	return intake;
}
