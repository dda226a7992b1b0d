/*
 * test_score_table.c
 *
 * A table of scores comes back from its bytes, equal rows give equal bytes,
 * and what no rows could have made is refused.
 */
#include "tap.h"

#include <float.h>

#include "core/si_hash.h"
#include "tables.h"

#define ROWS	300

static SiKeyed
item_of(double score, uint32_t positives, uint32_t negatives)
{
	SiKeyed		item;

	item.key = si_sort_key(score);
	item.item = si_score_counts(positives, negatives);
	return item;
}

static void
test_round_trip(void)
{
	const double score[] = {
		-INFINITY, -DBL_MAX, -1.0, -DBL_MIN, -0x1p-1074, 0.0, 0x1p-1074, 0.1,
		nextafter(0.1, 1.0), 1.0, DBL_MAX, INFINITY
	};
	const int	n = sizeof(score) / sizeof(score[0]);
	SiKeyed		items[sizeof(score) / sizeof(score[0])];
	SiScoreCursor cursor;
	SiScoreRun	run;
	Encoded		encoded;
	int			same = 0;

	for (int i = 0; i < n; i++)
		items[i] = item_of(score[i], i % 3, i % 3 == 0 ? i + 1 : i);
	encoded = encode_items(n, items);
	cursor = si_score_cursor(&encoded.table, pulse);
	for (int i = 0; si_score_next(&cursor, &run); i++)
		same += run.score == score[i] && run.positives == i % 3 &&
			run.negatives == (i % 3 == 0 ? i + 1 : i);
	ok(same == n, "scores of every kind come back with their counts (%d)", same);
	ok(encoded.table.runs == n && encoded.table.lowest == -INFINITY &&
	   encoded.table.highest == INFINITY, "lowest and highest are known");
	free(encoded.bytes);
	ok(si_sort_key(-0.0) == si_sort_key(0.0), "negative zero is zero");
}

static void
test_same_bytes(void)
{
	SiScored	rows[ROWS];
	Encoded		first;
	int			same = 0;

	random_rows(ROWS, 40, 1, rows);
	first = encode_rows(ROWS, rows);
	for (int round = 0; round < 20; round++)
	{
		Encoded		again;

		shuffle_rows(ROWS, rows);
		again = encode_rows(ROWS, rows);
		same += again.size == first.size &&
			memcmp(again.bytes, first.bytes, first.size) == 0;
		free(again.bytes);
	}
	ok(same == 20, "the order of the rows leaves no trace (%d)", same);
	ok(first.size < 36 + 8 + 40 * 10, "ties share a run (%zu bytes)", first.size);
	free(first.bytes);
}

static void
test_large_counts(void)
{
	SiKeyed		items[5];
	SiScoreCursor cursor;
	SiScoreRun	run;
	Encoded		encoded;
	int64_t		n;

	items[0] = item_of(0.5, 3, 0);
	items[1] = item_of(0.5, UINT32_MAX - 4, 7);
	items[2] = item_of(0.5, 0, UINT32_MAX - 7);
	items[3] = item_of(0.5, 2, 9);
	items[4] = item_of(0.75, 1, 0);
	n = si_score_items_merge(5, items, pulse);
	ok(n == 3, "neighbours merge as far as their counts fit (%d)", (int) n);
	ok(items[0].item == si_score_counts(UINT32_MAX - 1, UINT32_MAX) &&
	   items[1].item == si_score_counts(2, 9) &&
	   items[2].item == si_score_counts(1, 0), "no row is lost");
	encoded = encode_items(n, items);
	cursor = si_score_cursor(&encoded.table, pulse);
	ok(si_score_next(&cursor, &run) &&
	   run.positives == (int64_t) UINT32_MAX + 1 &&
	   run.negatives == (int64_t) UINT32_MAX + 9,
	   "a run holds more than an item can");
	ok(encoded.table.runs == 2 && encoded.table.positives == run.positives + 1,
	   "and totals add up");
	free(encoded.bytes);
}

/* ---------- forgeries ---------- */

typedef struct Forgery
{
	SiWriter	out;
	uint8_t		bytes[200];
} Forgery;

/* A head for runs to follow. */
static void
forge_head(Forgery *f, uint64_t positives, uint64_t negatives, uint64_t runs)
{
	f->out.out = f->bytes;
	f->out.size = 0;
	si_write_u32(&f->out, UINT32_C(0x51534953));
	si_write_u32(&f->out, 1);
	si_write_u32(&f->out, 0);
	si_write_u64(&f->out, positives);
	si_write_u64(&f->out, negatives);
	si_write_u64(&f->out, runs);
}

static void
forge_run(Forgery *f, uint64_t distance, uint64_t positives,
		  uint64_t negatives)
{
	si_write_varint(&f->out, distance);
	si_write_varint(&f->out, negatives << 1 | (positives > 0));
	if (positives > 0)
		si_write_varint(&f->out, positives - 1);
}

static bool
forgery_opens(Forgery *f)
{
	SiScoreTable table;
	uint8_t    *exact;
	bool		opens;

	si_write_u64(&f->out, si_hash_bytes(f->bytes, f->out.size, 0));
	exact = malloc(f->out.size);
	memcpy(exact, f->bytes, f->out.size);
	opens = si_score_table_open(exact, f->out.size, &table, pulse) == SI_OK;
	free(exact);
	return opens;
}

/* One run at score key after another of key 1.0, both with one of each. */
static bool
distance_opens(uint64_t first, uint64_t distance)
{
	Forgery		f;

	forge_head(&f, 2, 2, 2);
	forge_run(&f, first, 1, 1);
	forge_run(&f, distance, 1, 1);
	return forgery_opens(&f);
}

static bool
counts_open(uint64_t positives, uint64_t negatives, uint64_t runs,
			uint64_t run_positives, uint64_t run_negatives)
{
	Forgery		f;

	forge_head(&f, positives, negatives, runs);
	forge_run(&f, si_sort_key(0.5), run_positives, run_negatives);
	return forgery_opens(&f);
}

static void
test_forged_scores(void)
{
	const uint64_t one = si_sort_key(1.0);

	ok(distance_opens(one, 1), "a forgery that is no forgery opens");
	ok(!distance_opens(one, 0), "scores must differ");
	ok(!distance_opens(one, UINT64_MAX), "and ascend");
	ok(!distance_opens(one, si_sort_key(INFINITY) + 1 - one), "a NaN");
	ok(!distance_opens(one, UINT64_MAX - one), "the NaN of sorting");
	ok(!distance_opens(si_sort_key(0.0) - 1, 2), "negative zero");
	ok(!distance_opens(1, one), "a negative NaN");
}

static void
test_forged_counts(void)
{
	const uint64_t most = SI_MAX_SCORE_ROWS;
	Forgery		f;

	ok(counts_open(1, 2, 1, 1, 2), "counts that agree");
	ok(counts_open(0, 1, 1, 0, 1), "a class may be missing");
	ok(!counts_open(2, 2, 1, 1, 2), "too few positives");
	ok(!counts_open(1, 1, 1, 1, 2), "too many negatives");
	ok(!counts_open(1, 2, 2, 1, 2), "fewer runs than said");
	ok(!counts_open(1, 2, 0, 1, 2), "more runs than said");
	ok(!counts_open(0, 0, 1, 0, 0), "a run without rows");
	ok(counts_open(most, 0, 1, most, 0), "as many rows as there may be");
	ok(!counts_open(most + 1, 0, 1, most + 1, 0), "more");
	ok(!counts_open(most, 1, 1, most, 1), "more, of both classes");
	ok(!counts_open(0, most + 1, 1, 0, most + 1), "more negatives");
	ok(!counts_open(UINT64_MAX, UINT64_MAX, 1, 1, 1), "negative totals");
	forge_head(&f, 0, 0, 0);
	ok(!forgery_opens(&f), "no rows at all");

	forge_head(&f, 0, 1, 1);
	si_write_varint(&f.out, si_sort_key(0.5));
	si_write_u8(&f.out, 0x82);
	si_write_u8(&f.out, 0);
	ok(!forgery_opens(&f), "a padded count");
	forge_head(&f, 1, 0, 1);
	si_write_varint(&f.out, si_sort_key(0.5));
	si_write_varint(&f.out, 1);
	si_write_varint(&f.out, UINT64_MAX);
	ok(!forgery_opens(&f), "a count that wraps around");
	forge_head(&f, 1, 0, 1);
	si_write_varint(&f.out, si_sort_key(0.5));
	si_write_varint(&f.out, 1);
	ok(!forgery_opens(&f), "a run cut short");
}

int
main(void)
{
	test_round_trip();
	test_same_bytes();
	test_large_counts();
	test_forged_scores();
	test_forged_counts();
	return done_testing();
}
