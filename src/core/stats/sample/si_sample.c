/*
 * si_sample.c
 *	  Rows of a number and something beside it, sorted, in bytes.
 *
 * Layout, little-endian:
 *
 *	magic of the kind, version u32, flags u32, names u64, rows u64, runs u64,
 *	names (length u32 and text), runs, hash u64 of all bytes before.
 *
 * A run is the distance of its key from the one before, its item (if the key
 * is the same, its distance from the one before) and its count less one, as
 * varints.
 *
 * Reading accepts only what writing produces, to the byte: equal samples are
 * equal bytes.
 */
#include "core/stats/sample/si_sample.h"

#include <math.h>

#include "core/si_hash.h"

#define HASH_SIZE		sizeof(uint64_t)
#define SECONDS			1		/* a flag */
#define BLOCK_RUNS		65536	/* between pulses */

static const uint32_t magic[] = {
	UINT32_C(0x32534953),		/* "SIS2" */
	UINT32_C(0x52434953),		/* "SICR" */
	UINT32_C(0x55444953),		/* "SIDU" */
	UINT32_C(0x524c4953)		/* "SILR" */
};

static void
beat(int64_t i, SiPulse pulse)
{
	if (i % BLOCK_RUNS == 0)
		pulse();
}

static void
exchange(int64_t n, SiKeyed *items, SiPulse pulse)
{
	for (int64_t i = 0; i < n; i++)
	{
		uint64_t	key = items[i].key;

		beat(i, pulse);
		items[i].key = items[i].item;
		items[i].item = key;
	}
}

/* By the less significant word first: the sort is stable. */
void
si_sample_sort(int64_t n, SiKeyed *items, SiKeyed *scratch, SiPulse pulse)
{
	exchange(n, items, pulse);
	si_sort_keyed(n, items, scratch, pulse);
	exchange(n, items, pulse);
	si_sort_keyed(n, items, scratch, pulse);
}

/* ----- Writing ----- */

static bool
same_row(const SiKeyed *a, const SiKeyed *b)
{
	return a->key == b->key && a->item == b->item;
}

static int64_t
count_runs(const SiSampleRows *rows, SiPulse pulse)
{
	int64_t		runs = 1;

	for (int64_t i = 1; i < rows->count; i++)
	{
		beat(i, pulse);
		runs += !same_row(&rows->items[i - 1], &rows->items[i]);
	}
	return runs;
}

static void
write_runs(SiWriter *out, const SiSampleRows *rows, SiPulse pulse)
{
	SiKeyed		last = {0, 0};
	int64_t		next;

	for (int64_t i = 0; i < rows->count; i = next)
	{
		const SiKeyed *item = &rows->items[i];
		bool		same_key = i > 0 && item->key == last.key;

		for (next = i + 1; next < rows->count; next++)
		{
			beat(next, pulse);
			if (!same_row(item, &rows->items[next]))
				break;
		}
		si_write_varint(out, item->key - last.key);
		si_write_varint(out, same_key ? item->item - last.item : item->item);
		si_write_varint(out, (uint64_t) (next - i - 1));
		last = *item;
	}
}

/* Everything but the hash. */
static void
write_sample(SiWriter *out, const SiSampleRows *rows, SiPulse pulse)
{
	si_write_u32(out, magic[rows->kind]);
	si_write_u32(out, SI_SAMPLE_VERSION);
	si_write_u32(out, rows->seconds ? SECONDS : 0);
	si_write_i64(out, rows->names);
	si_write_i64(out, rows->count);
	si_write_i64(out, count_runs(rows, pulse));
	for (int64_t i = 0; i < rows->names; i++)
	{
		beat(i, pulse);
		si_write_text(out, rows->name[i]);
	}
	write_runs(out, rows, pulse);
}

size_t
si_sample_size(const SiSampleRows *rows, SiPulse pulse)
{
	SiWriter	out = {NULL, 0};

	write_sample(&out, rows, pulse);
	return out.size + HASH_SIZE;
}

void
si_sample_encode(const SiSampleRows *rows, uint8_t *out, SiPulse pulse)
{
	SiWriter	writer = {out, 0};

	write_sample(&writer, rows, pulse);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ----- Reading ----- */

SiSampleCursor
si_sample_cursor(const SiSample *sample, SiPulse pulse)
{
	SiSampleCursor cursor = {sample->body, 0, 0, 0, pulse};

	return cursor;
}

bool
si_sample_next(SiSampleCursor *cursor, SiSampleRun *run)
{
	SiReader   *body = &cursor->body;
	uint64_t	distance;
	uint64_t	count;

	if (body->left == 0)
		return false;
	beat(cursor->runs, cursor->pulse);
	distance = si_read_varint(body);
	if (distance > 0 || cursor->runs == 0)
		cursor->item = 0;
	cursor->key += distance;
	cursor->item += si_read_varint(body);
	count = si_read_varint(body);
	si_read_check(body, count < SI_MAX_SAMPLE_ROWS);
	cursor->runs++;
	run->key = cursor->key;
	run->item = cursor->item;
	run->count = body->bad ? 0 : (int64_t) count + 1;
	return true;
}

/* Whether a word is the key of a number that may be in a sample. */
static bool
is_number(uint64_t key)
{
	double		x = si_sort_value(key);

	return fabs(x) <= SI_SAMPLE_LARGEST && si_sort_key(x) == key;
}

static bool
may_be(const SiSample *sample, const SiSampleRun *run)
{
	uint64_t	groups = sample->names > 0 ? (uint64_t) sample->names : 1;

	if (!is_number(run->key))
		return false;
	if (sample->kind == SI_CORRELATION)
		return is_number(run->item);
	return run->item < 2 * groups &&
		(sample->kind == SI_TWO_SAMPLE || run->key >= si_sort_key(0.0));
}

/* Names are those the kind has, and ascend; leaves the reader behind them. */
static void
check_names(SiReader *in, SiSample *sample, SiPulse pulse)
{
	SiText		last = {NULL, 0};

	si_read_check(in, sample->names >= 0 &&
				  sample->names <= SI_MAX_SAMPLE_NAMES);
	si_read_check(in, sample->kind == SI_TWO_SAMPLE ||
				  (sample->kind == SI_LOG_RANK) == (sample->names > 0));
	sample->name_list = *in;
	for (int64_t i = 0; i < sample->names && !in->bad; i++)
	{
		SiText		name = si_read_text(in);

		beat(i, pulse);
		si_read_check(in, i == 0 || si_text_compare(last, name) < 0);
		last = name;
	}
}

static SiStatus
check_runs(const SiSample *sample, SiPulse pulse)
{
	SiSampleCursor cursor = si_sample_cursor(sample, pulse);
	SiReader   *body = &cursor.body;
	SiSampleRun last = {0, 0, 0};
	int64_t		left = sample->rows;
	SiSampleRun run;

	si_read_check(body, left > 0 && left <= SI_MAX_SAMPLE_ROWS);
	while (si_sample_next(&cursor, &run))
	{
		si_read_check(body, cursor.runs == 1 || run.key > last.key ||
					  (run.key == last.key && run.item > last.item));
		si_read_check(body, may_be(sample, &run) && run.count <= left);
		left -= run.count;
		last = run;
	}
	si_read_check(body, cursor.runs == sample->runs && left == 0);
	return body->bad ? SI_CORRUPT : SI_OK;
}

static bool
has_durations(SiSampleKind kind)
{
	return kind == SI_DURATIONS || kind == SI_LOG_RANK;
}

SiStatus
si_sample_open(SiSampleKind kind, const void *bytes, size_t size,
			   SiSample *sample, SiPulse pulse)
{
	SiReader	in = si_reader_hashed(bytes, size);
	uint32_t	flags;

	si_read_check(&in, si_read_u32(&in) == magic[kind]);
	si_read_check(&in, si_read_u32(&in) == SI_SAMPLE_VERSION);
	flags = si_read_u32(&in);
	si_read_check(&in, flags == 0 || (flags == SECONDS && has_durations(kind)));
	sample->kind = kind;
	sample->seconds = flags == SECONDS;
	sample->names = si_read_i64(&in);
	sample->rows = si_read_i64(&in);
	sample->runs = si_read_i64(&in);
	check_names(&in, sample, pulse);
	sample->body = in;
	return in.bad ? SI_CORRUPT : check_runs(sample, pulse);
}
