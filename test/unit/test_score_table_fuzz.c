/*
 * test_score_table_fuzz.c
 *
 * Damaged and forged score tables: refused, or tables that are safe to read
 * and encode to the very bytes they came from.  In memory of exactly their
 * size, under sanitizers.
 */
#include "tap.h"

#include "mutants.h"
#include "tables.h"

#define ROUNDS	20000

/* The table again from what it says; false if its bytes are others. */
static bool
encodes_the_same(const SiScoreTable *table, const Bytes *bytes)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	SiKeyed    *items = malloc(table->runs * sizeof(SiKeyed));
	int64_t		n = 0;
	bool		fits = true;
	SiScoreRun	run;
	Encoded		again;
	bool		same;

	while (si_score_next(&cursor, &run))
	{
		fits = fits && run.positives < UINT32_MAX && run.negatives < UINT32_MAX;
		items[n].key = si_sort_key(run.score);
		items[n++].item = si_score_counts(run.positives, run.negatives);
	}
	if (!fits || n != table->runs)
	{
		free(items);
		return n == table->runs;
	}
	again = encode_items(n, items);
	same = again.size == bytes->size &&
		memcmp(again.bytes, bytes->data, again.size) == 0;
	free(again.bytes);
	free(items);
	return same;
}

static void
fuzz(const Encoded *original, size_t kind, bool repair)
{
	int			decoded = 0;
	int			unequal = 0;

	for (int i = 0; i < ROUNDS; i++)
	{
		Bytes		mutant = {malloc(original->size), original->size};
		SiScoreTable table;

		memcpy(mutant.data, original->bytes, mutant.size);
		mutations[kind].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if (mutant.size != original->size ||
			memcmp(mutant.data, original->bytes, mutant.size) != 0)
		{
			bool		opens = si_score_table_open(mutant.data, mutant.size,
													&table, pulse) == SI_OK;

			decoded += opens;
			unequal += opens && !encodes_the_same(&table, &mutant);
		}
		free(mutant.data);
	}
	ok(repair ? decoded < ROUNDS : decoded == 0, "%s%s: %d decode",
	   mutations[kind].name, repair ? ", hash repaired" : "", decoded);
	ok(unequal == 0, "those encode to the same bytes again");
}

int
main(void)
{
	SiScored	rows[30];
	Encoded		encoded;
	int			opened = 0;

	random_rows(30, 12, 1, rows);
	encoded = encode_rows(30, rows);
	for (size_t kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(&encoded, kind, false);
		fuzz(&encoded, kind, true);
	}
	for (size_t size = 0; size < encoded.size; size++)
	{
		uint8_t    *exact = malloc(size + (size == 0));
		SiScoreTable table;

		memcpy(exact, encoded.bytes, size);
		opened += si_score_table_open(exact, size, &table, pulse) == SI_OK;
		free(exact);
	}
	ok(opened == 0, "no beginning of it opens");
	free(encoded.bytes);
	return done_testing();
}
