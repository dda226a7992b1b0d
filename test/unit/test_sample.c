/*
 * test_sample.c
 *
 * Sorted rows come back from their bytes, equal rows give equal bytes, and
 * what no rows could have made is refused.
 */
#include "tap.h"

#include "codec_fuzz.h"
#include "samples.h"

#define ROWS	200

/* The rows again from what the bytes say. */
static bool
recode_as(SiSampleKind kind, const uint8_t *bytes, size_t size, bool *same)
{
	SiSample	sample;
	SiSampleCursor cursor;
	SiSampleRun run;
	SiText		name[16];
	SiKeyed    *items;
	int64_t		n = 0;

	if (si_sample_open(kind, bytes, size, &sample, pulse) != SI_OK)
		return false;
	if (sample.rows > 100000 || sample.names > 16)
		return true;
	for (int64_t i = 0; i < sample.names; i++)
		name[i] = si_read_text(&sample.name_list);
	items = malloc((size_t) sample.rows * sizeof(SiKeyed));
	cursor = si_sample_cursor(&sample, pulse);
	while (si_sample_next(&cursor, &run))
	{
		for (int64_t k = 0; k < run.count; k++)
		{
			items[n].key = run.key;
			items[n++].item = run.item;
		}
	}
	{
		SiSampleRows rows = {kind, sample.names, name, n, items,
		sample.seconds};
		size_t		again_size = si_sample_size(&rows, pulse);
		uint8_t    *again = malloc(again_size);

		si_sample_encode(&rows, again, pulse);
		*same = n == sample.rows && again_size == size &&
			memcmp(again, bytes, size) == 0;
		free(again);
	}
	free(items);
	return true;
}

static bool
recode_two(const uint8_t *bytes, size_t size, bool *same)
{
	return recode_as(SI_TWO_SAMPLE, bytes, size, same);
}

static bool
recode_pairs(const uint8_t *bytes, size_t size, bool *same)
{
	return recode_as(SI_CORRELATION, bytes, size, same);
}

static bool
recode_durations(const uint8_t *bytes, size_t size, bool *same)
{
	return recode_as(SI_DURATIONS, bytes, size, same);
}

static bool
recode_groups(const uint8_t *bytes, size_t size, bool *same)
{
	return recode_as(SI_LOG_RANK, bytes, size, same);
}

static void
test_order(void)
{
	SiKeyed		items[ROWS];
	Sampled		first;
	int			same = 0;

	for (int i = 0; i < ROWS; i++)
		items[i] = sample_row(random_below(20) - 10,
							  (uint64_t) random_below(6));
	first = sample_of(SI_TWO_SAMPLE, 3, ROWS, items);
	for (int round = 0; round < 20; round++)
	{
		Sampled		again;

		for (int i = ROWS - 1; i > 0; i--)
		{
			int			j = random_below(i + 1);
			SiKeyed		row = items[i];

			items[i] = items[j];
			items[j] = row;
		}
		again = sample_of(SI_TWO_SAMPLE, 3, ROWS, items);
		same += again.size == first.size &&
			memcmp(again.bytes, first.bytes, first.size) == 0;
		free(again.bytes);
	}
	ok(same == 20, "the order of the rows leaves no trace (%d)", same);
	ok(first.sample.rows == ROWS && first.sample.runs <= 120 &&
	   first.sample.names == 3, "equal rows share a run");
	free(first.bytes);
}

static void
fuzz_kind(const char *what, SiSampleKind kind, int names, int n,
		  const SiKeyed *items, Recode recode)
{
	SiKeyed		copy[ROWS];
	Sampled		sampled;

	memcpy(copy, items, (size_t) n * sizeof(SiKeyed));
	sampled = sample_of(kind, names, n, copy);
	fuzz_codec(what, sampled.bytes, sampled.size, recode);
	free(sampled.bytes);
}

static bool
opens(SiSampleKind kind, int names, int n, const SiKeyed *items)
{
	SiSampleRows rows = {kind, names, sample_names, n, items,
	kind == SI_DURATIONS};
	size_t		size = si_sample_size(&rows, pulse);
	uint8_t    *bytes = malloc(size);
	SiSample	sample;
	bool		open;

	si_sample_encode(&rows, bytes, pulse);
	open = si_sample_open(kind, bytes, size, &sample, pulse) == SI_OK;
	free(bytes);
	return open;
}

static bool
row_opens(SiSampleKind kind, int names, double key, uint64_t item)
{
	SiKeyed		row = sample_row(key, item);

	return opens(kind, names, 1, &row);
}

static void
test_rules(void)
{
	SiKeyed		two[2] = {sample_row(1, 1), sample_row(1, 0)};
	SiKeyed		zero = {si_sort_key(0.0) - 1, 1};

	ok(row_opens(SI_TWO_SAMPLE, 0, -5, 1) &&
	   row_opens(SI_TWO_SAMPLE, 2, 5, 3) &&
	   row_opens(SI_CORRELATION, 0, 1, si_sort_key(-2)) &&
	   row_opens(SI_DURATIONS, 0, 0, 1) && row_opens(SI_LOG_RANK, 2, 1, 3),
	   "rows that may be");
	ok(!row_opens(SI_TWO_SAMPLE, 0, 1, 2) &&
	   !row_opens(SI_TWO_SAMPLE, 2, 1, 4) &&
	   !row_opens(SI_DURATIONS, 0, 1, 2) && !row_opens(SI_LOG_RANK, 2, 1, 4),
	   "groups there are not");
	ok(!row_opens(SI_DURATIONS, 0, -1, 1) && !row_opens(SI_LOG_RANK, 1, -1, 1),
	   "negative durations");
	ok(!row_opens(SI_TWO_SAMPLE, 0, INFINITY, 1) &&
	   !row_opens(SI_TWO_SAMPLE, 0, NAN, 1) &&
	   !row_opens(SI_TWO_SAMPLE, 0, -1e141, 1) &&
	   !row_opens(SI_CORRELATION, 0, 1, si_sort_key(INFINITY)) &&
	   !row_opens(SI_CORRELATION, 0, 1, 1), "numbers that are none");
	ok(!opens(SI_TWO_SAMPLE, 0, 1, &zero), "negative zero");
	ok(!row_opens(SI_CORRELATION, 1, 1, si_sort_key(1)) &&
	   !row_opens(SI_DURATIONS, 1, 1, 1) && !row_opens(SI_LOG_RANK, 0, 1, 1),
	   "names where there are none, and none where there are");
	ok(!opens(SI_TWO_SAMPLE, 0, 2, two), "rows out of order");
	ok(!opens(SI_TWO_SAMPLE, 0, 0, two), "no rows");
}

int
main(void)
{
	SiKeyed		items[60];

	test_order();
	test_rules();
	for (int i = 0; i < 60; i++)
		items[i] = sample_row(random_below(12), (uint64_t) random_below(6));
	fuzz_kind("two samples", SI_TWO_SAMPLE, 3, 60, items, recode_two);
	fuzz_kind("groups", SI_LOG_RANK, 3, 60, items, recode_groups);
	for (int i = 0; i < 60; i++)
		items[i].item %= 2;
	fuzz_kind("durations", SI_DURATIONS, 0, 60, items, recode_durations);
	for (int i = 0; i < 60; i++)
		items[i].item = si_sort_key(random_unit());
	fuzz_kind("pairs", SI_CORRELATION, 0, 60, items, recode_pairs);
	return done_testing();
}
