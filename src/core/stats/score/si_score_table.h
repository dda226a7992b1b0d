/*
 * si_score_table.h
 *	  Every distinct score with its positive and negative rows, in bytes.
 *
 * What any measure of scores against outcomes needs, and no more: the table
 * depends on the rows only, not on their order.  It is read where it lies, in
 * one pass upwards, without being unpacked.
 */
#ifndef SI_SCORE_TABLE_H
#define SI_SCORE_TABLE_H

#include "core/si_bytes.h"
#include "core/stats/si_sort.h"

#define SI_SCORE_TABLE_VERSION	1
#define SI_MAX_SCORE_ROWS		(INT64_C(1) << 52)	/* exact as doubles */
#define SI_MAX_ITEM_COUNT		UINT32_MAX

/* One distinct score. */
typedef struct SiScoreRun
{
	double		score;
	int64_t		positives;
	int64_t		negatives;
} SiScoreRun;

typedef struct SiScoreTable
{
	int64_t		positives;
	int64_t		negatives;
	int64_t		runs;
	double		lowest;
	double		highest;
	SiReader	body;			/* the runs, ascending by score */
} SiScoreTable;

typedef struct SiScoreCursor
{
	SiReader	body;
	uint64_t	key;			/* of the last score */
	int64_t		runs;			/* read so far */
	SiPulse		pulse;
} SiScoreCursor;

/*
 * Before it is a table: items whose key is that of the score (si_sort_key) and
 * whose counts are packed into one word.
 */
static inline uint64_t
si_score_counts(uint32_t positives, uint32_t negatives)
{
	return (uint64_t) positives << 32 | negatives;
}

static inline uint32_t
si_score_positives(uint64_t counts)
{
	return (uint32_t) (counts >> 32);
}

static inline uint32_t
si_score_negatives(uint64_t counts)
{
	return (uint32_t) counts;
}

/*
 * Merges neighbours with the same key, as far as their counts fit into one
 * item; returns how many are left.
 */
extern int64_t si_score_items_merge(int64_t n, SiKeyed *items, SiPulse pulse);

/*
 * The table of n > 0 items in ascending order, which may repeat keys and hold
 * SI_MAX_SCORE_ROWS rows at most: its size, and the bytes.
 */
extern size_t si_score_table_size(int64_t n, const SiKeyed *items,
								  SiPulse pulse);
extern void si_score_table_encode(int64_t n, const SiKeyed *items,
								  uint8_t *out, SiPulse pulse);

/*
 * Checks the bytes to the last one: SI_CORRUPT for all that encode cannot have
 * made.  The bytes must outlive the table.
 */
extern SiStatus si_score_table_open(const void *bytes, size_t size,
									SiScoreTable *table, SiPulse pulse);

extern SiScoreCursor si_score_cursor(const SiScoreTable *table, SiPulse pulse);

/* The next run upwards; false after the last one. */
extern bool si_score_next(SiScoreCursor *cursor, SiScoreRun *run);

static inline int64_t
si_score_table_rows(const SiScoreTable *table)
{
	return table->positives + table->negatives;
}

/* Whether every score is a probability, from 0 to 1. */
static inline bool
si_score_table_probabilities(const SiScoreTable *table)
{
	return table->lowest >= 0.0 && table->highest <= 1.0;
}

#endif							/* SI_SCORE_TABLE_H */
