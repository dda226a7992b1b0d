/*
 * si_collect_merge.c
 *	  Feature rows of several workers become those of one.
 *
 * Merging is appending, with the category codes of one translated to the
 * other's.  Between processes of one server a state travels as bytes.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "pg/si_collect.h"
#include "pg/si_pulse.h"

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

/* Give both the same row width where one has seen no array yet. */
static void
agree_on_widths(SiCollect *into, SiCollect *from)
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
			si_collect_widen(into, a, b->width);
		if (b->width == 0 && a->width != 0)
			si_collect_widen(from, b, a->width);
	}
}

/* Per column the code in into of each code in from; NULL unless a category. */
static int **
code_maps(SiCollect *into, const SiCollect *from)
{
	int		  **maps = palloc0(into->ncolumns * sizeof(int *));

	for (int i = 0; i < into->ncolumns; i++)
	{
		const SiDictionary *dictionary = from->dictionaries[i];

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
append_translated(SiCollect *into, const SiCollect *from, int **maps)
{
	double	   *row = into->scratch;

	for (int64 r = 0; r < from->rows; r++)
	{
		si_pulse_every(r);
		memcpy(row, from->row + r * from->stride,
			   from->stride * sizeof(double));
		for (int i = 0; i < into->ncolumns; i++)
		{
			double	   *cell = row + into->heads + into->columns[i].first_cell;

			if (maps[i] != NULL && !isnan(*cell))
				*cell = maps[i][(int) *cell];
		}
		si_collect_append(into, row);
	}
}

/* Columns of one state, for another that has seen no row. */
static void
copy_columns(SiCollect *into, const SiCollect *from)
{
	MemoryContext old = MemoryContextSwitchTo(into->context);

	into->columns = palloc0(from->ncolumns * sizeof(SiColumn) + 1);
	for (int i = 0; i < from->ncolumns; i++)
	{
		into->columns[i] = from->columns[i];
		into->columns[i].name = pstrdup(from->columns[i].name);
	}
	into->ncolumns = from->ncolumns;
	si_collect_prepare(into);
	MemoryContextSwitchTo(old);
}

void
si_collect_merge(SiCollect *into, SiCollect *from)
{
	si_collect_check_options(into, from->raw_options);
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

/* ----- Between processes of one server ----- */

static void
write_column(SiWriter *out, const SiColumn *column)
{
	SiText		name = {column->name, strlen(column->name)};

	si_write_text(out, name);
	si_write_u8(out, column->kind);
	si_write_u8(out, column->array);
	si_write_u32(out, column->width);
}

static void
write_dictionary(SiWriter *out, const SiDictionary *dictionary)
{
	si_write_u32(out, dictionary->count);
	for (int code = 0; code < dictionary->count; code++)
	{
		si_pulse_every(code);
		si_write_text(out, dictionary->text[code]);
	}
}

/* The number of columns, plus one; columns; levels; rows. */
void
si_collect_write(SiWriter *out, const SiCollect *rows)
{
	si_write_i64(out, rows->skipped);
	si_write_u32(out, rows->ncolumns + 1);
	for (int i = 0; i < rows->ncolumns; i++)
		write_column(out, &rows->columns[i]);
	for (int i = 0; i < rows->ncolumns; i++)
		if (rows->dictionaries[i] != NULL)
			write_dictionary(out, rows->dictionaries[i]);
	si_write_i64(out, rows->rows);
	si_write_raw(out, rows->row,
				 (Size) rows->rows * rows->stride * sizeof(double));
}

static void
read_columns(SiReader *in, SiCollect *rows, int n)
{
	MemoryContext old = MemoryContextSwitchTo(rows->context);

	rows->columns = palloc0(n * sizeof(SiColumn) + 1);
	for (int i = 0; i < n; i++)
	{
		SiColumn   *column = &rows->columns[i];
		SiText		name = si_read_text(in);

		column->name = pnstrdup(name.data ? name.data : "", name.length);
		column->kind = si_read_u8(in);
		column->array = si_read_u8(in);
		column->width = si_read_u32(in);
		column->cells = column->array ? column->width : 1;
	}
	rows->ncolumns = n;
	si_collect_prepare(rows);
	MemoryContextSwitchTo(old);
}

static void
read_dictionary(SiReader *in, SiDictionary *dictionary)
{
	for (uint32 n = si_read_u32(in); n > 0 && !in->bad; n--)
	{
		si_pulse_every(n);
		(void) si_dictionary_code(dictionary, si_read_text(in));
	}
}

void
si_collect_read(SiReader *in, SiCollect *rows)
{
	int			n;
	int64		count;

	rows->skipped = si_read_i64(in);
	n = (int) si_read_count(in, SI_MAX_FEATURES + 1, 1) - 1;
	if (n >= 0 && !in->bad)
		read_columns(in, rows, n);
	for (int i = 0; i < n && !in->bad; i++)
		if (rows->dictionaries[i] != NULL)
			read_dictionary(in, rows->dictionaries[i]);
	count = si_read_i64(in);
	for (int64 r = 0; r < count && !in->bad; r++)
	{
		const uint8_t *row = si_read_raw(in, rows->stride * sizeof(double));

		si_pulse_every(r);
		if (row == NULL)
			break;
		memcpy(rows->scratch, row, rows->stride * sizeof(double));
		si_collect_append(rows, rows->scratch);
	}
}
