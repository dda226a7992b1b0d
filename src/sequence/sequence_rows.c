/*
 * sequence_rows.c
 *	  The rows of one group, eight bytes each: a time and an item.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_rows.h"

#define FIRST_ROWS		4
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */

/* Room for more rows. */
static void
reserve_rows(SequenceRows *rows, int64 more, MemoryContext context,
			 const char *what)
{
	int64		capacity = Max(rows->capacity, FIRST_ROWS);
	int64		count = (int64) rows->count + more;
	Size		bytes;

	if (count <= rows->capacity)
		return;
	while (capacity < count)
		capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	bytes = capacity * (rows->is_wide ? sizeof(SequenceRow) : sizeof(int64));
	si_check_memory(context, bytes, what, false);
	if (rows->array.packed == NULL)
		rows->array.packed = MemoryContextAllocHuge(context, bytes);
	else
		rows->array.packed = repalloc_huge(rows->array.packed, bytes);
	rows->capacity = capacity;
}

/* From now on rows are wide. */
static void
widen_rows(SequenceRows *rows, MemoryContext context, const char *what)
{
	SequenceRows packed = *rows;

	memset(rows, 0, sizeof(*rows));
	rows->is_wide = true;
	reserve_rows(rows, packed.count, context, what);
	for (int64 i = 0; i < (int64) packed.count; i++)
	{
		si_pulse_every(i);
		rows->array.wide[i] = sequence_row(&packed, i);
	}
	rows->count = packed.count;
	if (packed.array.packed != NULL)
		pfree(packed.array.packed);
}

void
sequence_rows_append(SequenceRows *rows, int64 n, const SiKeyed *packed,
					 MemoryContext context, const char *what)
{
	reserve_rows(rows, n, context, what);
	for (int64 i = 0; i < n; i++)
	{
		int64		row = (int64) packed[i].item;

		if (rows->is_wide)
			rows->array.wide[rows->count++] = sequence_row_unpack(row);
		else
			rows->array.packed[rows->count++] = row;
	}
}

void
sequence_rows_append_words(SequenceRows *rows, int64 n, const uint8_t *words,
						   MemoryContext context, const char *what)
{
	reserve_rows(rows, n, context, what);
	for (int64 i = 0; i < n; i++)
	{
		int64		row = (int64) si_load_u64(words + i * sizeof(int64));

		si_pulse_every(i);
		if (rows->is_wide)
			rows->array.wide[rows->count++] = sequence_row_unpack(row);
		else
			rows->array.packed[rows->count++] = row;
	}
}

void
sequence_rows_append_wide(SequenceRows *rows, SequenceRow row,
						  MemoryContext context, const char *what)
{
	if (!rows->is_wide)
		widen_rows(rows, context, what);
	reserve_rows(rows, 1, context, what);
	rows->array.wide[rows->count++] = row;
}
