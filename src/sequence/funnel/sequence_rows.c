/*
 * sequence_rows.c
 *	  The rows of one group, eight bytes each: a time and an item.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/funnel/sequence_rows.h"

#define FIRST_ROWS		4
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */

/* Room for all rows that there are now. */
static void
reserve_rows(SequenceRows *rows, MemoryContext context, const char *what)
{
	int64		capacity = Max(rows->capacity, FIRST_ROWS);
	Size		bytes;

	while (capacity < (int64) rows->count)
		capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	bytes = capacity * (rows->is_wide ? sizeof(SequenceRow) : sizeof(int64));
	si_check_memory(context, bytes, what, false);
	if (rows->array.packed == NULL)
		rows->array.packed = MemoryContextAllocHuge(context, bytes);
	else
		rows->array.packed = repalloc_huge(rows->array.packed, bytes);
	rows->capacity = capacity;
}

void
sequence_rows_store(SequenceRows *rows, MemoryContext context,
					const char *what)
{
	int64		stored = rows->count - ROWS_RECENT;

	if ((int64) rows->count > rows->capacity)
		reserve_rows(rows, context, what);
	memcpy(rows->array.packed + stored, rows->recent, sizeof(rows->recent));
}

/* From now on rows are wide. */
static void
widen_rows(SequenceRows *rows, MemoryContext context, const char *what)
{
	int64		capacity = rows->count + FIRST_ROWS;
	SequenceRow *wide;

	si_check_memory(context, capacity * sizeof(SequenceRow), what, false);
	wide = MemoryContextAllocHuge(context, capacity * sizeof(SequenceRow));
	for (int64 i = 0; i < (int64) rows->count; i++)
	{
		si_pulse_every(i);
		wide[i] = sequence_row(rows, i);
	}
	if (rows->array.packed != NULL)
		pfree(rows->array.packed);
	rows->array.wide = wide;
	rows->capacity = capacity;
	rows->is_wide = true;
}

void
sequence_rows_append_wide(SequenceRows *rows, int64 time, uint64 item,
						  MemoryContext context, const char *what)
{
	SequenceRow *row;

	if (!rows->is_wide)
		widen_rows(rows, context, what);
	rows->count++;
	if ((int64) rows->count > rows->capacity)
		reserve_rows(rows, context, what);
	row = &rows->array.wide[rows->count - 1];
	row->time = time;
	row->item = item;
}
