/*
 * si_contrast.c
 *	  Sequences with their outcome, reduced to what contrasts need, in bytes.
 *
 * Layout, little-endian:
 *
 *	magic u32, version u16, flags u16 (1: words for triples, 2: clusters),
 *	support f64, names u32, clusters u32, rows u32, codes u64, names (texts),
 *	clusters (texts), rows, hash u64 of all bytes before.
 *
 * A row is varints: twice the length of its word, plus 1 for a success; with
 * clusters the distance from the cluster of the row before; the codes.  Rows
 * ascend by cluster, outcome, length, codes: equal contrasts are equal bytes.
 *
 * Reading accepts only what writing can produce, but for unused names among
 * thousands and for events in words that make no difference: whoever forges
 * such bytes gets the contrast that they describe.
 */
#include "core/sequence/contrast/si_contrast.h"

#include <math.h>

#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x43534953)	/* "SISC" */
#define HASH_SIZE		sizeof(uint64_t)
#define TRIPLES			1
#define CLUSTERED		2
#define BLOCK_ROWS		1024	/* between pulses */
#define BLOCK_CODES		65536	/* the same of cheap steps */
#define TEXT_SIZE		4		/* a text takes at least its length */
#define ROW_SIZE		2
#define CHECKED_NAMES	4096

/* ---------- words ---------- */

/*
 * marks counts the places so far that are first or last of their name.  A
 * middle event is kept if there was one since the last event of its name that
 * was kept; the first of the name itself counts.
 */
int64_t
si_contrast_word(bool triples, int64_t n, uint32_t *code,
				 SiContrastSeen *seen, SiPulse pulse)
{
	int64_t		length = 0;
	int64_t		marks = 1;

	for (int64_t i = 0; i < n; i++)
	{
		if (i % BLOCK_CODES == 0)
			pulse();
		seen[code[i]].last = i + 1;
	}
	for (int64_t i = 0; i < n; i++)
	{
		SiContrastSeen *s = &seen[code[i]];
		bool		mark = s->kept == 0 || s->last == i + 1;
		bool		middle = triples && s->kept < marks;

		if (i % BLOCK_CODES == 0)
			pulse();
		if (!mark && !middle)
			continue;
		s->kept = marks;
		marks += mark;
		code[length++] = code[i];
	}
	for (int64_t i = 0; i < length; i++)
	{
		if (i % BLOCK_CODES == 0)
			pulse();
		seen[code[i]].last = 0;
		seen[code[i]].kept = 0;
	}
	return length;
}

/* ---------- order ---------- */

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

int
si_contrast_compare(const SiContrastRows *rows, int64_t a, int64_t b)
{
	int64_t		length = rows->start[a + 1] - rows->start[a];
	const uint32_t *x = rows->code + rows->start[a];
	const uint32_t *y = rows->code + rows->start[b];
	int			order = 0;

	if (rows->cluster != NULL)
		order = compare(rows->cluster[a], rows->cluster[b]);
	if (order == 0)
		order = compare(rows->success[a], rows->success[b]);
	if (order == 0)
		order = compare(length, rows->start[b + 1] - rows->start[b]);
	for (int64_t i = 0; order == 0 && i < length; i++)
		order = compare(x[i], y[i]);
	return order;
}

/* ---------- writing ---------- */

static void
write_texts(SiWriter *out, uint32_t count, const SiText *text, SiPulse pulse)
{
	for (uint32_t i = 0; i < count; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		si_write_text(out, text[i]);
	}
}

static void
write_rows(SiWriter *out, const SiContrastRows *rows, SiPulse pulse)
{
	uint32_t	cluster = 0;

	for (int64_t i = 0; i < rows->n; i++)
	{
		int64_t		length = rows->start[i + 1] - rows->start[i];

		if (i % BLOCK_ROWS == 0)
			pulse();
		si_write_varint(out, (uint64_t) length << 1 | rows->success[i]);
		if (rows->cluster != NULL)
		{
			si_write_varint(out, rows->cluster[i] - cluster);
			cluster = rows->cluster[i];
		}
		for (int64_t k = rows->start[i]; k < rows->start[i + 1]; k++)
			si_write_varint(out, rows->code[k]);
	}
}

/* Everything but the hash. */
static void
write_contrast(SiWriter *out, const SiContrastPlan *plan,
			   const SiContrastRows *rows, uint32_t names,
			   const SiText *name, uint32_t clusters, const SiText *cluster,
			   SiPulse pulse)
{
	si_write_u32(out, MAGIC);
	si_write_u16(out, SI_CONTRAST_VERSION);
	si_write_u16(out, (plan->triples ? TRIPLES : 0) |
				 (plan->clustered ? CLUSTERED : 0));
	si_write_f64(out, plan->support);
	si_write_u32(out, names);
	si_write_u32(out, clusters);
	si_write_u32(out, (uint32_t) rows->n);
	si_write_u64(out, (uint64_t) rows->start[rows->n]);
	write_texts(out, names, name, pulse);
	write_texts(out, clusters, cluster, pulse);
	write_rows(out, rows, pulse);
}

size_t
si_contrast_size(const SiContrastPlan *plan, const SiContrastRows *rows,
				 uint32_t names, const SiText *name, uint32_t clusters,
				 const SiText *cluster, SiPulse pulse)
{
	SiWriter	out = {NULL, 0};

	write_contrast(&out, plan, rows, names, name, clusters, cluster, pulse);
	return out.size + HASH_SIZE;
}

void
si_contrast_encode(const SiContrastPlan *plan, const SiContrastRows *rows,
				   uint32_t names, const SiText *name, uint32_t clusters,
				   const SiText *cluster, uint8_t *out, SiPulse pulse)
{
	SiWriter	writer = {out, 0};

	write_contrast(&writer, plan, rows, names, name, clusters, cluster,
				   pulse);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ---------- reading ---------- */

typedef struct Row
{
	uint64_t	length;
	uint64_t	cluster_step;
	uint8_t		success;
	SiReader	codes;
} Row;

/* The head of a row; its codes are where the reader stands then. */
static Row
read_head(SiReader *in, bool clustered)
{
	uint64_t	head = si_read_varint(in);
	Row			row;

	row.length = head >> 1;
	row.success = head & 1;
	row.cluster_step = clustered ? si_read_varint(in) : 0;
	row.codes = *in;
	return row;
}

void
si_contrast_texts(SiReader from, uint32_t count, SiText *text)
{
	for (uint32_t i = 0; i < count; i++)
		text[i] = si_read_text(&from);
}

void
si_contrast_read(const SiContrast *contrast, SiContrastRows *rows,
				 SiPulse pulse)
{
	SiReader	in = contrast->words;
	uint32_t	cluster = 0;
	int64_t		at = 0;

	rows->n = contrast->rows;
	for (int64_t i = 0; i < rows->n; i++)
	{
		Row			row = read_head(&in, contrast->plan.clustered);

		if (i % BLOCK_ROWS == 0)
			pulse();
		rows->start[i] = at;
		rows->success[i] = row.success;
		cluster += (uint32_t) row.cluster_step;
		if (contrast->plan.clustered)
			rows->cluster[i] = cluster;
		for (uint64_t k = 0; k < row.length; k++)
			rows->code[at++] = (uint32_t) si_read_varint(&in);
	}
	rows->start[rows->n] = at;
}

/* Texts must ascend; the reader goes past them, and they are returned. */
static SiReader
check_texts(SiReader *in, uint32_t count, SiPulse pulse)
{
	SiReader	texts = *in;
	SiText		last = {NULL, 0};

	for (uint32_t i = 0; i < count && !in->bad; i++)
	{
		SiText		text = si_read_text(in);

		if (i % BLOCK_ROWS == 0)
			pulse();
		si_read_check(in, i == 0 || si_text_compare(last, text) < 0);
		last = text;
	}
	texts.left -= in->bad ? 0 : in->left;
	return texts;
}

/* Which names were seen, as far as a set on the stack goes. */
typedef struct Names
{
	uint64_t	seen[CHECKED_NAMES / 64];
	uint32_t	found;
} Names;

/* The codes of a row; the reader goes past them. */
static void
check_codes(SiReader *in, const Row *row, uint32_t names, Names *used)
{
	for (uint64_t k = 0; k < row->length && !in->bad; k++)
	{
		uint64_t	code = si_read_varint(in);

		si_read_check(in, code < names);
		if (!in->bad && names <= CHECKED_NAMES)
		{
			uint64_t	bit = UINT64_C(1) << code % 64;

			used->found += (used->seen[code / 64] & bit) == 0;
			used->seen[code / 64] |= bit;
		}
	}
}

/* Whether a row may come after another one of its cluster. */
static bool
in_order(Row before, Row row)
{
	if (before.success != row.success)
		return before.success < row.success;
	if (before.length != row.length)
		return before.length < row.length;
	for (uint64_t k = 0; k < row.length; k++)
	{
		uint64_t	x = si_read_varint(&before.codes);
		uint64_t	y = si_read_varint(&row.codes);

		if (x != y)
			return x < y;
	}
	return true;
}

/* The rows: counts agree, order holds, every name and cluster is used. */
static void
check_rows(SiReader *in, const SiContrast *c, SiPulse pulse)
{
	Names		used = {{0}, 0};
	Row			before = {0, 0, 0, *in};
	uint64_t	clusters = 1;
	uint64_t	left = (uint64_t) c->codes;

	for (int64_t i = 0; i < c->rows && !in->bad; i++)
	{
		Row			row = read_head(in, c->plan.clustered);

		if (i % BLOCK_ROWS == 0)
			pulse();
		si_read_check(in, row.length > 0 && row.length <= left &&
					  row.cluster_step <= (i > 0));
		if (in->bad)
			return;
		left -= row.length;
		clusters += row.cluster_step;
		check_codes(in, &row, c->names, &used);
		si_read_check(in, i == 0 || row.cluster_step > 0 ||
					  in_order(before, row));
		before = row;
	}
	si_read_check(in, left == 0 && in->left == 0);
	si_read_check(in, !c->plan.clustered || clusters == c->clusters);
	si_read_check(in, c->names > CHECKED_NAMES || used.found == c->names);
}

SiStatus
si_contrast_open(const void *bytes, size_t size, SiContrast *c, SiPulse pulse)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);
	uint16_t	flags;

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u16(&in) == SI_CONTRAST_VERSION);
	flags = si_read_u16(&in);
	c->plan.triples = (flags & TRIPLES) != 0;
	c->plan.clustered = (flags & CLUSTERED) != 0;
	c->plan.support = si_read_f64(&in);
	c->names = si_read_count(&in, INT32_MAX, TEXT_SIZE);
	c->clusters = si_read_count(&in, INT32_MAX, TEXT_SIZE);
	c->rows = si_read_count(&in, SI_MAX_CONTRAST_ROWS, ROW_SIZE);
	c->codes = si_read_i64(&in);
	si_read_check(&in, (flags & ~(TRIPLES | CLUSTERED)) == 0 &&
				  c->names > 0 && c->rows > 0 && c->codes > 0 &&
				  (uint64_t) c->codes <= in.left &&
				  (c->clusters > 0) == c->plan.clustered &&
				  c->plan.support > 0 && isfinite(c->plan.support));
	c->name_text = check_texts(&in, c->names, pulse);
	c->cluster_text = check_texts(&in, c->clusters, pulse);
	c->words = in;
	check_rows(&in, c, pulse);
	return in.bad ? SI_CORRUPT : SI_OK;
}
