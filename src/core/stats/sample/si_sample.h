/*
 * si_sample.h
 *	  Rows of a number and something beside it, sorted, in bytes: what tests of
 *	  ranks and of durations need, and no more.
 *
 * A row is a number, as its sort key, and an item.  By kind the item is
 *
 *	two samples		2 * cluster + (1 for a success)
 *	correlation		the sort key of the other number
 *	durations		1 if the event was seen, 0 if it was still to come
 *	log-rank		2 * group + (1 if the event was seen)
 *
 * with clusters and groups numbered by their names in bytewise order.  Equal
 * rows are one run with a count.  It depends on the rows only, not on their
 * order, and is read where it lies.
 */
#ifndef SI_SAMPLE_H
#define SI_SAMPLE_H

#include "core/si_bytes.h"
#include "core/stats/si_sort.h"

#define SI_SAMPLE_VERSION	1
#define SI_MAX_SAMPLE_ROWS	(INT64_C(1) << 52)	/* exact as doubles */
#define SI_MAX_SAMPLE_NAMES (1 << 28)
#define SI_SAMPLE_LARGEST	1e140	/* its square is finite */

typedef enum SiSampleKind
{
	SI_TWO_SAMPLE,
	SI_CORRELATION,
	SI_DURATIONS,
	SI_LOG_RANK
} SiSampleKind;

typedef struct SiSampleRun
{
	uint64_t	key;
	uint64_t	item;
	int64_t		count;
} SiSampleRun;

typedef struct SiSample
{
	SiSampleKind kind;
	bool		seconds;		/* durations are; else in a unit of their own */
	int64_t		names;			/* 0: rows have none */
	int64_t		rows;
	int64_t		runs;
	SiReader	name_list;		/* each as si_read_text takes it */
	SiReader	body;
} SiSample;

typedef struct SiSampleCursor
{
	SiReader	body;
	uint64_t	key;
	uint64_t	item;
	int64_t		runs;			/* read so far */
	SiPulse		pulse;
} SiSampleCursor;

/* What goes into the bytes: names ascend, items by key and then by item. */
typedef struct SiSampleRows
{
	SiSampleKind kind;
	int64_t		names;
	const SiText *name;
	int64_t		count;			/* above 0 */
	const SiKeyed *items;
	bool		seconds;		/* of durations only */
} SiSampleRows;

/* Sorts items by key and then by item. */
extern void si_sample_sort(int64_t n, SiKeyed *items, SiKeyed *scratch,
						   SiPulse pulse);

extern size_t si_sample_size(const SiSampleRows *rows, SiPulse pulse);
extern void si_sample_encode(const SiSampleRows *rows, uint8_t *out,
							 SiPulse pulse);

/*
 * Checks the bytes to the last one: SI_CORRUPT unless encode makes them of
 * what they say.  The bytes must outlive the sample.
 */
extern SiStatus si_sample_open(SiSampleKind kind, const void *bytes,
							   size_t size, SiSample *sample, SiPulse pulse);

extern SiSampleCursor si_sample_cursor(const SiSample *sample, SiPulse pulse);

/* The next run upwards; false after the last one. */
extern bool si_sample_next(SiSampleCursor *cursor, SiSampleRun *run);

#endif							/* SI_SAMPLE_H */
