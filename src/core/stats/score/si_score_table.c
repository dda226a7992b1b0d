/*
 * si_score_table.c
 *	  Every distinct score with its positive and negative rows, in bytes.
 *
 * Layout, little-endian:
 *
 *	magic, version u32, flags u32, positives u64, negatives u64, runs u64,
 *	runs, hash u64 of all bytes before.
 *
 * A run is the distance of its score's sort key from the one before, and its
 * counts, as varints: 2 * negatives, plus 1 and followed by positives - 1 if
 * there are positives.  Scores that differ only in few leading digits, and
 * scores that lie close, take fewer bytes than the eight of a double: a
 * million distinct ones about seven each.
 *
 * Reading accepts only what writing can produce, to the byte: equal tables are
 * equal bytes.
 */
#include "core/si_hash.h"
#include "core/stats/score/si_score_table.h"

#define MAGIC			UINT32_C(0x51534953)	/* "SISQ" */
#define HASH_SIZE		sizeof(uint64_t)
#define BLOCK_RUNS		65536	/* between pulses */

/* A run while it is gathered from items of one key. */
typedef struct OpenRun
{
	uint64_t	key;
	uint64_t	positives;
	uint64_t	negatives;
} OpenRun;

typedef struct Totals
{
	uint64_t	positives;
	uint64_t	negatives;
	uint64_t	runs;
} Totals;

int64_t
si_score_items_merge(int64_t n, SiKeyed *items, SiPulse pulse)
{
	int64_t		kept = 0;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		SiKeyed    *last = &items[kept - (kept > 0)];
		uint64_t	positives = (uint64_t) si_score_positives(items[i].item) +
			si_score_positives(last->item);
		uint64_t	negatives = (uint64_t) si_score_negatives(items[i].item) +
			si_score_negatives(last->item);

		if (i % BLOCK_RUNS == 0)
			pulse();
		if (kept > 0 && last->key == items[i].key &&
			positives <= SI_MAX_ITEM_COUNT && negatives <= SI_MAX_ITEM_COUNT)
			last->item = si_score_counts((uint32_t) positives,
										 (uint32_t) negatives);
		else
			items[kept++] = items[i];
	}
	return kept;
}

/* ---------- writing ---------- */

/* Gathers the run that starts at item i; returns the item after it. */
static int64_t
gather_run(int64_t i, int64_t n, const SiKeyed *items, OpenRun *run,
		   SiPulse pulse)
{
	run->key = items[i].key;
	run->positives = 0;
	run->negatives = 0;
	for (; i < n && items[i].key == run->key; i++)
	{
		if (i % BLOCK_RUNS == 0)
			pulse();
		run->positives += si_score_positives(items[i].item);
		run->negatives += si_score_negatives(items[i].item);
	}
	return i;
}

static Totals
total_items(int64_t n, const SiKeyed *items, SiPulse pulse)
{
	Totals		totals = {0, 0, 0};
	int64_t		i = 0;

	while (i < n)
	{
		OpenRun		run;

		i = gather_run(i, n, items, &run, pulse);
		totals.positives += run.positives;
		totals.negatives += run.negatives;
		totals.runs++;
	}
	return totals;
}

/* Everything but the hash. */
static void
write_table(SiWriter *out, int64_t n, const SiKeyed *items, SiPulse pulse)
{
	Totals		totals = total_items(n, items, pulse);
	uint64_t	key = 0;
	int64_t		i = 0;

	si_write_u32(out, MAGIC);
	si_write_u32(out, SI_SCORE_TABLE_VERSION);
	si_write_u32(out, 0);
	si_write_u64(out, totals.positives);
	si_write_u64(out, totals.negatives);
	si_write_u64(out, totals.runs);
	while (i < n)
	{
		OpenRun		run;

		i = gather_run(i, n, items, &run, pulse);
		si_write_varint(out, run.key - key);
		si_write_varint(out, run.negatives << 1 | (run.positives > 0));
		if (run.positives > 0)
			si_write_varint(out, run.positives - 1);
		key = run.key;
	}
}

size_t
si_score_table_size(int64_t n, const SiKeyed *items, SiPulse pulse)
{
	SiWriter	out = {NULL, 0};

	write_table(&out, n, items, pulse);
	return out.size + HASH_SIZE;
}

void
si_score_table_encode(int64_t n, const SiKeyed *items, uint8_t *out,
					  SiPulse pulse)
{
	SiWriter	writer = {out, 0};

	write_table(&writer, n, items, pulse);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ---------- reading ---------- */

SiScoreCursor
si_score_cursor(const SiScoreTable *table, SiPulse pulse)
{
	SiScoreCursor cursor = {table->body, 0, 0, pulse};

	return cursor;
}

bool
si_score_next(SiScoreCursor *cursor, SiScoreRun *run)
{
	SiReader   *body = &cursor->body;
	uint64_t	counts;
	uint64_t	positives = 0;

	if (body->left == 0)
		return false;
	if (cursor->runs++ % BLOCK_RUNS == 0)
		cursor->pulse();
	cursor->key += si_read_varint(body);
	counts = si_read_varint(body);
	if (counts & 1)
		positives = 1 + si_read_varint(body);
	si_read_check(body, counts >> 1 <= SI_MAX_SCORE_ROWS &&
				  positives <= SI_MAX_SCORE_ROWS &&
				  (positives > 0 || (counts & 1) == 0));
	run->score = si_sort_value(cursor->key);
	run->positives = body->bad ? 0 : (int64_t) positives;
	run->negatives = body->bad ? 0 : (int64_t) (counts >> 1);
	return true;
}

/* A count that leaves no more to come than the header promised. */
static void
check_count(SiReader *body, int64_t count, int64_t *left)
{
	si_read_check(body, count <= *left);
	*left -= count;
}

/*
 * One walk over the runs, which must be in order, have scores, and add up to
 * what the header says.
 */
static SiStatus
check_runs(SiScoreTable *table, SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	SiReader   *body = &cursor.body;
	int64_t		positives = table->positives;
	int64_t		negatives = table->negatives;
	uint64_t	last = 0;
	SiScoreRun	run;

	while (si_score_next(&cursor, &run))
	{
		si_read_check(body, cursor.key > last &&
					  si_sort_key(run.score) == cursor.key &&
					  cursor.key != UINT64_MAX &&
					  run.positives + run.negatives > 0);
		check_count(body, run.positives, &positives);
		check_count(body, run.negatives, &negatives);
		if (cursor.runs == 1)
			table->lowest = run.score;
		table->highest = run.score;
		last = cursor.key;
	}
	si_read_check(body, cursor.runs == table->runs && table->runs > 0 &&
				  positives == 0 && negatives == 0);
	return body->bad ? SI_CORRUPT : SI_OK;
}

SiStatus
si_score_table_open(const void *bytes, size_t size, SiScoreTable *table,
					SiPulse pulse)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u32(&in) == SI_SCORE_TABLE_VERSION);
	si_read_check(&in, si_read_u32(&in) == 0);
	table->positives = si_read_i64(&in);
	table->negatives = si_read_i64(&in);
	table->runs = si_read_i64(&in);
	table->body = in;
	si_read_check(&in, table->positives >= 0 && table->negatives >= 0 &&
				  table->positives <= SI_MAX_SCORE_ROWS &&
				  table->negatives <= SI_MAX_SCORE_ROWS - table->positives);
	return in.bad ? SI_CORRUPT : check_runs(table, pulse);
}
