/*
 * si_drift_codec.c
 *	  Drift to bytes and back.
 *
 * Layout, little-endian:
 *
 *	magic, version u32, flags u32, model u64, rows u64, parts, hash u64 of all
 *	bytes before.
 *
 * Parts follow their number, u32; each is column as text, element u32, cells
 * u32, the rows then of each cell and the rows now, as varints.
 *
 * Reading is one walk, run once without an arena to validate and measure, and
 * once to build.  It accepts only what writing can produce, to the byte.
 */
#include "core/lead/si_drift.h"
#include "core/lead/si_model_codec.h"
#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x52444953)	/* "SIDR" */
#define HASH_SIZE		sizeof(uint64_t)
#define PART_SIZE		(3 * 4 + 2 * 2)	/* the fewest bytes */

/* ---------- writing ---------- */

static void
write_cells(SiWriter *out, int count, const int64_t *rows)
{
	for (int i = 0; i < count; i++)
		si_write_varint(out, (uint64_t) rows[i]);
}

static void
write_part(SiWriter *out, const SiDriftPart *part)
{
	si_write_text(out, part->column);
	si_write_u32(out, (uint32_t) part->element);
	si_write_u32(out, (uint32_t) part->ncells);
	write_cells(out, part->ncells, part->then);
	write_cells(out, part->ncells, part->now);
}

/* Everything but the hash. */
static void
write_drift(SiWriter *out, const SiDrift *drift)
{
	si_write_u32(out, MAGIC);
	si_write_u32(out, SI_DRIFT_VERSION);
	si_write_u32(out, 0);
	si_write_u64(out, drift->model);
	si_write_i64(out, drift->rows);
	si_write_u32(out, (uint32_t) drift->nparts);
	for (int i = 0; i < drift->nparts; i++)
		write_part(out, &drift->parts[i]);
}

size_t
si_drift_encoded_size(const SiDrift *drift)
{
	SiWriter	out = {NULL, 0};

	write_drift(&out, drift);
	return out.size + HASH_SIZE;
}

void
si_drift_encode(const SiDrift *drift, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	write_drift(&writer, drift);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ---------- reading ---------- */

/* left is what the cells may add up to; it goes down by what they do. */
static int64_t *
read_cells(SiWalk *walk, int count, int64_t *left)
{
	int64_t    *cells = si_walk_take(walk, count, sizeof(int64_t));

	for (int i = 0; i < count; i++)
	{
		int64_t		rows = si_read_rows(&walk->in, left);

		if (cells != NULL)
			cells[i] = rows;
	}
	return cells;
}

/* A feature counts every row, the score those that it was taken of. */
static void
read_part(SiWalk *walk, int64_t rows, SiDriftPart *part, bool score)
{
	SiReader   *in = &walk->in;
	int64_t		then_left = INT64_MAX;
	int64_t		now_left = rows;

	part->column = si_read_clean_text(in);
	part->element = si_read_between(in, 0, SI_MAX_FEATURES);
	part->ncells = si_read_between(in, 2, SI_MAX_LEVELS + 2);
	part->then = read_cells(walk, part->ncells, &then_left);
	part->now = read_cells(walk, part->ncells, &now_left);
	if (score)
		si_read_check(in, part->column.length == 0 && part->element == 0);
	else
		si_read_check(in, part->column.length > 0 && now_left == 0);
}

static void
read_parts(SiWalk *walk, SiDrift *drift)
{
	SiReader   *in = &walk->in;

	drift->nparts = si_read_count(in, 1 + SI_MAX_FEATURES, PART_SIZE);
	drift->parts = si_walk_take(walk, drift->nparts, sizeof(SiDriftPart));
	for (int i = 0; i < drift->nparts && !in->bad; i++)
	{
		SiDriftPart part;

		read_part(walk, drift->rows, &part, i == 0);
		if (drift->parts != NULL)
			drift->parts[i] = part;
	}
}

static SiStatus
read_drift(SiWalk *walk, SiDrift *drift)
{
	SiReader   *in = &walk->in;

	si_read_check(in, si_read_u32(in) == MAGIC);
	si_read_check(in, si_read_u32(in) == SI_DRIFT_VERSION);
	si_read_check(in, si_read_u32(in) == 0);
	drift->model = si_read_u64(in);
	drift->rows = si_read_i64(in);
	si_read_check(in, drift->rows >= 0 && drift->rows <= SI_MAX_DRIFT_ROWS);
	read_parts(walk, drift);
	return in->bad || in->left > 0 ? SI_CORRUPT : SI_OK;
}

SiStatus
si_drift_measure(const uint8_t *bytes, size_t size, size_t *arena_size)
{
	size_t		body = size - HASH_SIZE;
	SiWalk		walk = {.in = {bytes, body, false}};
	SiDrift		drift;

	*arena_size = 0;
	if (size < HASH_SIZE ||
		si_hash_bytes(bytes, body, 0) != si_load_u64(bytes + body) ||
		read_drift(&walk, &drift) != SI_OK)
		return SI_CORRUPT;
	*arena_size = walk.used;
	return SI_OK;
}

SiStatus
si_drift_decode(const uint8_t *bytes, size_t size, void *arena,
				SiDrift *drift)
{
	SiWalk		walk = {.in = {bytes, size - HASH_SIZE, false},
	.arena = arena};

	return size < HASH_SIZE ? SI_CORRUPT : read_drift(&walk, drift);
}
