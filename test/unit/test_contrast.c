/*
 * test_contrast.c
 *
 * Counts of patterns against trying every one in every sequence, through the
 * words that sequences are reduced to; bitmaps; expressions.
 */
#include "tap.h"

#include "contrasts.h"
#include "core/sequence/contrast/si_contrast_found.h"

/* Whether events have the names in this order, tried from the first on. */
static bool
has_pattern(const SiContrastRows *rows, int64_t row, int length,
			const uint32_t *name)
{
	int			found = 0;

	for (int64_t i = rows->start[row]; i < rows->start[row + 1]; i++)
	{
		if (found < length && rows->code[i] == name[found])
			found++;
	}
	return found == length;
}

/* Whether they have all of them, as often as the pattern has, in any order. */
static bool
has_events(const SiContrastRows *rows, int64_t row, int length,
		   const uint32_t *name)
{
	for (int k = 0; k < length; k++)
	{
		int			wanted = 0;

		for (int j = 0; j < length; j++)
			wanted += name[j] == name[k];
		for (int64_t i = rows->start[row]; i < rows->start[row + 1]; i++)
			wanted -= rows->code[i] == name[k];
		if (wanted > 0)
			return false;
	}
	return true;
}

/* The cells of a pattern in all events; without clusters in one cell. */
static void
brute_cells(const Contrasted *c, int length, const uint32_t *name,
			SiClusterCells *cells)
{
	const SiContrastRows *rows = &c->all;

	memset(cells, 0, c->clusters * sizeof(SiClusterCells));
	for (int64_t row = 0; row < rows->n; row++)
	{
		SiClusterCells *cell = cells;
		bool		with = has_pattern(rows, row, length, name);
		bool		there = has_events(rows, row, length, name);

		if (rows->cluster != NULL)
			cell += rows->cluster[row];
		cell->rows += there;
		cell->success += there && rows->success[row];
		cell->with += with;
		cell->with_success += with && rows->success[row];
	}
}

static bool
all_same(int length, const uint32_t *name)
{
	return length == 1 || (name[0] == name[1] &&
						   (length == 2 || name[1] == name[2]));
}

/* The order does not matter where all events are the same: not compared. */
static bool
same_cells(const Contrasted *c, int length, const uint32_t *name,
		   const SiClusterCells *got)
{
	SiClusterCells want[64];

	brute_cells(c, length, name, want);
	for (uint32_t g = 0; g < c->clusters; g++)
	{
		if (got[g].with != want[g].with ||
			got[g].with_success != want[g].with_success)
			return false;
		if (!all_same(length, name) && (got[g].rows != want[g].rows ||
										got[g].success != want[g].success))
			return false;
	}
	return true;
}

/* Bits of one name are the rows that have the pattern. */
static bool
same_bits(const Contrasted *c, int length, const uint32_t *name)
{
	int32_t		slot[64];
	uint64_t	bits[2 * 8] = {0};
	int64_t		words = (c->rows.n + 63) / 64;

	for (uint32_t k = 0; k < c->names; k++)
		slot[k] = k == name[length - 1] ? 1 : -1;
	si_contrast_bits(&c->walk, slot, words, bits);
	for (int64_t row = 0; row < c->rows.n; row++)
	{
		if ((bits[words + row / 64] >> row % 64 & 1) !=
			has_pattern(&c->all, row, length, name))
			return false;
	}
	return bits[0] == 0;
}

typedef struct Tried
{
	long		patterns;
	long		different;
	long		missed;
} Tried;

/* Every pattern of the walk; and how many of enough support there are. */
static Tried
try_walk(Contrasted *c, int64_t support, bool triples)
{
	Tried		tried = {0, 0, 0};
	uint32_t	most = triples ? 3 : 2;

	while (si_contrast_next(&c->walk))
	{
		for (uint32_t last = 0; last < c->names; last++)
		{
			uint32_t	name[3] = {c->walk.prefix[0], c->walk.prefix[1], 0};
			int			length = c->walk.depth + 1;

			name[length - 1] = last;
			if (si_contrast_support(&c->walk, last) < support)
				continue;
			tried.patterns++;
			tried.different +=
				!same_cells(c, length, name,
							c->walk.cells + last * c->clusters) ||
				!same_bits(c, length, name);
		}
	}
	for (uint32_t length = 1; length <= most; length++)
	{
		for (uint32_t k = 0; k < c->names * c->names * c->names; k++)
		{
			uint32_t	name[3] = {k % c->names, k / c->names % c->names,
			k / c->names / c->names};
			int64_t		rows = 0;

			if ((length < 3 && name[2] > 0) || (length < 2 && name[1] > 0))
				continue;
			for (int64_t row = 0; row < c->all.n; row++)
				rows += has_pattern(&c->all, row, (int) length, name);
			tried.missed += rows >= support;
		}
	}
	tried.missed -= tried.patterns;
	return tried;
}

static void
test_walks(void)
{
	Tried		all = {0, 0, 0};
	long		shorter = 0;

	for (int i = 0; i < 300; i++)
	{
		bool		triples = i % 2 == 1;
		int64_t		support = 1 + (int64_t) contrast_below(4);
		uint32_t	names = 1 + (uint32_t) contrast_below(6);
		int64_t		rows = 1 + (int64_t) contrast_below(100);
		uint32_t	clusters = i % 3 == 0 && rows >= 7 ? 7 : 1;
		Contrasted	c = random_contrast(rows, names, 12, clusters);
		Tried		tried;

		make_words(&c, triples);
		shorter += c.rows.start[rows] < c.all.start[rows];
		start_walk(&c, triples, support);
		tried = try_walk(&c, support, triples);
		all.patterns += tried.patterns;
		all.different += tried.different;
		all.missed += labs(tried.missed);
		free_contrast(&c);
	}
	ok(all.different == 0 && all.patterns > 10000,
	   "%ld patterns counted, %ld differently", all.patterns, all.different);
	ok(all.missed == 0, "none missed, none too many");
	ok(shorter > 100, "words are shorter");
}

static int	pulses;

static void
count_pulse(void)
{
	pulses++;
}

/* One row of many events is as much work as many rows. */
static void
test_pulse(void)
{
	enum
	{
		LONG = 1000000
	};
	uint32_t   *code = calloc(LONG, sizeof(uint32_t));
	int64_t		start[2] = {0, LONG};
	int64_t		list_start[2];
	int64_t		last_start[2];
	uint8_t		success = 1;
	uint32_t	stamp = 0;
	SiContrastItem item;
	SiContrastLast last;
	SiContrastSeen seen = {0, 0};
	SiContrastRows rows = {1, start, code, NULL, &success};
	SiContrastTable table = {.rows = &rows, .names = 1, .clusters = 1};

	table.mark = calloc(LONG, 1);
	table.list_start = list_start;
	table.list = &item;
	table.last_start = last_start;
	table.last = &last;
	pulses = 0;
	si_contrast_mark(&table, &stamp, count_pulse);
	ok(table.pairs == 1 && pulses >= 3 * (LONG / 65536),
	   "%d pulses while one long row is marked", pulses);
	pulses = 0;
	si_contrast_index(&table, count_pulse);
	ok(pulses >= 3 * (LONG / 65536), "%d while it is listed", pulses);
	pulses = 0;
	ok(si_contrast_word(true, LONG, code, &seen, count_pulse) == 3 &&
	   pulses >= 2 * (LONG / 65536), "%d while its word is made", pulses);
	free(code);
	free(table.mark);
}

static void
test_words(void)
{
	SiContrastSeen seen[4];
	uint32_t	runs[] = {1, 1, 1, 1, 2, 1, 1, 1, 2, 1};
	uint32_t	pair[] = {0, 1, 0, 1, 2, 0, 1};
	uint32_t	triple[] = {0, 1, 0, 0, 1, 2, 0, 0, 1};

	memset(seen, 0, sizeof(seen));
	ok(si_contrast_word(false, 10, runs, seen, pulse) == 4 && runs[0] == 1 &&
	   runs[1] == 2 && runs[2] == 2 && runs[3] == 1, "first and last stay");
	ok(si_contrast_word(false, 7, pair, seen, pulse) == 5 && pair[0] == 0 &&
	   pair[1] == 1 && pair[2] == 2 && pair[3] == 0 && pair[4] == 1,
	   "in their order");
	ok(si_contrast_word(true, 9, triple, seen, pulse) == 8 && triple[2] == 0 &&
	   triple[3] == 1 && triple[4] == 2, "for triples one between marks");
	ok(seen[0].last == 0 && seen[1].kept == 0, "seen is as it was");
}

static void
is_expression(int length, const char *a, const char *b, const char *want)
{
	char		text[64] = "";
	SiText		event[2] = {{a, (int32_t) strlen(a)}, {b, (int32_t) strlen(b)}};
	SiWriter	out = {(uint8_t *) text, 0};

	si_contrast_expression(&out, length, event);
	ok(out.size == strlen(want) && strcmp(text, want) == 0, "%s", want);
}

static void
test_expressions(void)
{
	is_expression(1, "demo_2", "", "demo_2");
	is_expression(2, "Call", "\303\244rger", "Call ... \303\244rger");
	is_expression(2, "call back", "2nd", "\"call back\" ... \"2nd\"");
	is_expression(2, "say \"no\"", "", "\"say \"\"no\"\"\" ... \"\"");
}

int
main(void)
{
	test_words();
	test_pulse();
	test_walks();
	test_expressions();
	return done_testing();
}
