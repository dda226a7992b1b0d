/*
 * sequence_rows.h
 *	  The rows of one group, eight bytes each: a time and an item.
 *
 * A row is packed into one word, the item in its lowest seven bits.  Where that
 * does not do (the year is 4300, or there are more items), the rows of the
 * group become wide ones.
 *
 * In a group table of many entities what counts is how much memory a row
 * touches.  So the latest rows stand in the head, and only every fourth row
 * goes to the array, with those before.
 */
#ifndef SEQUENCE_ROWS_H
#define SEQUENCE_ROWS_H

#include "postgres.h"

#define ROWS_RECENT		4		/* a power of two */
#define ROWS_ITEM_BITS	7
#define ROWS_ITEM_MASK	((1 << ROWS_ITEM_BITS) - 1)

typedef struct SequenceRow
{
	int64		time;
	uint64		item;
} SequenceRow;

typedef struct SequenceRows
{
	union
	{
		int64	   *packed;
		SequenceRow *wide;
	}			array;			/* but for the recent ones, when packed */
	uint64		is_wide : 1;
	uint64		count : 63;
	int64		capacity;
	int64		recent[ROWS_RECENT];
} SequenceRows;

/* The row at place i, in the order in which they came. */
static inline SequenceRow
sequence_row(const SequenceRows *rows, int64 i)
{
	SequenceRow row;
	int64		packed;

	if (rows->is_wide)
		return rows->array.wide[i];
	packed = i < (int64) (rows->count / ROWS_RECENT * ROWS_RECENT) ?
		rows->array.packed[i] : rows->recent[i % ROWS_RECENT];
	row.time = packed >> ROWS_ITEM_BITS;
	row.item = packed & ROWS_ITEM_MASK;
	return row;
}

/* The recent rows are as many as there may be: to the array with them. */
extern void sequence_rows_store(SequenceRows *rows, MemoryContext context,
								const char *what);

extern void sequence_rows_append_wide(SequenceRows *rows, int64 time,
									  uint64 item, MemoryContext context,
									  const char *what);

static inline void
sequence_rows_append(SequenceRows *rows, int64 time, uint64 item,
					 MemoryContext context, const char *what)
{
	int64		shifted = (int64) ((uint64) time << ROWS_ITEM_BITS);

	if (unlikely(rows->is_wide || item > ROWS_ITEM_MASK ||
				 shifted >> ROWS_ITEM_BITS != time))
	{
		sequence_rows_append_wide(rows, time, item, context, what);
		return;
	}
	rows->recent[rows->count++ % ROWS_RECENT] = shifted | (int64) item;
	if (rows->count % ROWS_RECENT == 0)
		sequence_rows_store(rows, context, what);
}

#endif							/* SEQUENCE_ROWS_H */
