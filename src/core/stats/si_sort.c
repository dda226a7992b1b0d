/*
 * si_sort.c
 *	  Stable radix sort of keyed items.
 *
 * Method: least significant digit first.  One pass over the keys counts every
 * digit; a digit that all keys share needs no pass, so that scores from a
 * narrow range or small integers cost only the digits in which they differ.
 * Short inputs, and inputs that are sorted but for a short tail (a window
 * aggregate adds one row at a time), are sorted by insertion.
 *
 * Reference: Knuth, The Art of Computer Programming 3, 2nd ed. (1998), 5.2.5.
 */
#include <string.h>

#include "core/stats/si_sort.h"

#define DIGIT_BITS		8
#define DIGITS			(64 / DIGIT_BITS)
#define BUCKETS			(1 << DIGIT_BITS)
#define BLOCK_ROWS		65536	/* between pulses */
#define SHORT_ROWS		64		/* insertion beats counting below this */
#define SHORT_TAIL		16

static inline unsigned
digit_of(uint64_t key, int digit)
{
	return (unsigned) (key >> (digit * DIGIT_BITS)) & (BUCKETS - 1);
}

static inline int64_t
block_end(int64_t start, int64_t n)
{
	return n - start > BLOCK_ROWS ? start + BLOCK_ROWS : n;
}

/* How many leading items are in order already. */
static int64_t
sorted_prefix(int64_t n, const SiKeyed *items, SiPulse pulse)
{
	int64_t		i;

	for (i = 1; i < n && items[i - 1].key <= items[i].key; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
	}
	return i < n ? i : n;
}

/* Inserts items[sorted] to items[n - 1] into the sorted items before. */
static void
insert_tail(int64_t sorted, int64_t n, SiKeyed *items)
{
	int64_t		i;
	int64_t		j;

	for (i = sorted; i < n; i++)
	{
		SiKeyed		item = items[i];

		for (j = i; j > 0 && items[j - 1].key > item.key; j--)
			items[j] = items[j - 1];
		items[j] = item;
	}
}

static void
count_digits(int64_t n, const SiKeyed *items,
			 int64_t count[DIGITS][BUCKETS], SiPulse pulse)
{
	int64_t		start;
	int64_t		i;
	int			d;

	memset(count, 0, sizeof(int64_t) * DIGITS * BUCKETS);
	for (start = 0; start < n; start += BLOCK_ROWS)
	{
		int64_t		end = block_end(start, n);

		pulse();
		for (i = start; i < end; i++)
			for (d = 0; d < DIGITS; d++)
				count[d][digit_of(items[i].key, d)]++;
	}
}

/* Counts become the place of each bucket's first item. */
static void
counts_to_places(int64_t place[BUCKETS])
{
	int64_t		total = 0;
	int			b;

	for (b = 0; b < BUCKETS; b++)
	{
		int64_t		count = place[b];

		place[b] = total;
		total += count;
	}
}

static void
scatter(int64_t n, const SiKeyed *from, SiKeyed *to, int digit,
		int64_t place[BUCKETS], SiPulse pulse)
{
	int64_t		start;
	int64_t		i;

	for (start = 0; start < n; start += BLOCK_ROWS)
	{
		int64_t		end = block_end(start, n);

		pulse();
		for (i = start; i < end; i++)
			to[place[digit_of(from[i].key, digit)]++] = from[i];
	}
}

void
si_sort_keyed(int64_t n, SiKeyed *items, SiKeyed *scratch, SiPulse pulse)
{
	int64_t		count[DIGITS][BUCKETS];
	SiKeyed    *from = items;
	SiKeyed    *to = scratch;
	int64_t		sorted = sorted_prefix(n, items, pulse);
	int			d;

	if (n <= SHORT_ROWS || (n - sorted <= SHORT_TAIL && n <= BLOCK_ROWS))
	{
		insert_tail(sorted, n, items);
		return;
	}
	if (sorted == n)
		return;

	count_digits(n, items, count, pulse);
	for (d = 0; d < DIGITS; d++)
	{
		SiKeyed    *swap = to;

		if (count[d][digit_of(items[0].key, d)] == n)
			continue;
		counts_to_places(count[d]);
		scatter(n, from, to, d, count[d], pulse);
		to = from;
		from = swap;
	}
	if (from != items)
		memcpy(items, from, sizeof(SiKeyed) * (size_t) n);
}

static void
swap_fields(int64_t n, SiKeyed *items, SiPulse pulse)
{
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		uint64_t	key = items[i].key;

		if (i % BLOCK_ROWS == 0)
			pulse();
		items[i].key = items[i].item;
		items[i].item = key;
	}
}

void
si_sort_pairs(int64_t n, SiKeyed *items, SiKeyed *scratch, SiPulse pulse)
{
	swap_fields(n, items, pulse);
	si_sort_keyed(n, items, scratch, pulse);
	swap_fields(n, items, pulse);
	si_sort_keyed(n, items, scratch, pulse);
}
