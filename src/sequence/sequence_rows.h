/*
 * sequence_rows.h
 *	  The rows of one group, eight bytes each: a time and an item.
 *
 * A row is packed into one word, the item in its lowest ten bits.  Where that
 * does not do (the year is 2290, there are more items, or there are
 * tie-breaks), the rows of the group become wide ones.
 */
#ifndef SEQUENCE_ROWS_H
#define SEQUENCE_ROWS_H

#include "postgres.h"

#include "core/sequence/si_sequence.h"

#define ROWS_ITEM_BITS	10
#define ROWS_ITEM_MASK	((1 << ROWS_ITEM_BITS) - 1)

typedef struct SequenceRow
{
	int64		time;
	int64		tiebreak;		/* SI_NO_TIEBREAK: none */
	uint64		item;
} SequenceRow;

typedef struct SequenceRows
{
	union
	{
		int64	   *packed;
		SequenceRow *wide;
	}			array;
	uint64		is_wide : 1;
	uint64		count : 63;
	int64		capacity;
} SequenceRows;

static inline int64
sequence_row_pack(int64 time, uint64 item)
{
	return (int64) ((uint64) time << ROWS_ITEM_BITS) | (int64) item;
}

static inline bool
sequence_row_packs(int64 time, uint64 item)
{
	return item <= ROWS_ITEM_MASK &&
		sequence_row_pack(time, item) >> ROWS_ITEM_BITS == time;
}

static inline SequenceRow
sequence_row_unpack(int64 packed)
{
	SequenceRow row = {packed >> ROWS_ITEM_BITS, SI_NO_TIEBREAK,
	packed & ROWS_ITEM_MASK};

	return row;
}

/* The row at place i, in any order. */
static inline SequenceRow
sequence_row(const SequenceRows *rows, int64 i)
{
	return rows->is_wide ? rows->array.wide[i] :
		sequence_row_unpack(rows->array.packed[i]);
}

/* Rows more, packed as the items of an array. */
extern void sequence_rows_append(SequenceRows *rows, int64 n,
								 const SiKeyed *packed, MemoryContext context,
								 const char *what);

/* The same, as bytes of words. */
extern void sequence_rows_append_words(SequenceRows *rows, int64 n,
									   const uint8_t *words,
									   MemoryContext context,
									   const char *what);

extern void sequence_rows_append_wide(SequenceRows *rows, SequenceRow row,
									  MemoryContext context,
									  const char *what);

#endif							/* SEQUENCE_ROWS_H */
