/*
 * si_transition.c
 *	  Transitions between events, counted over many sequences, in bytes.
 *
 * Layout, little-endian:
 *
 *	magic u32, version u16, flags u16 (none yet), names u32, transitions u32,
 *	names (texts), transitions, hash u64 of all bytes before.
 *
 * A transition: from, to and count as varints, valued as a varint, and if it is
 * not 0 the sum of the values as two doubles; between two events digits u8,
 * the number of pairs and each pair's distance from the value before and its
 * count less one, as varints.
 */
#include "core/sequence/si_transition.h"

#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x4d544953)	/* "SITM" */
#define HASH_SIZE		sizeof(uint64_t)
#define TEXT_SIZE		4		/* a name takes at least its length */
#define CELL_SIZE		4		/* a transition takes at least */
#define BLOCK_ITEMS		16384	/* between pulses */

/* ---------- writing ---------- */

void
si_transitions_start(SiWriter *out, uint32_t names, const SiText *name,
					 int64_t cells, SiPulse pulse)
{
	uint32_t	i;

	si_write_u32(out, MAGIC);
	si_write_u16(out, SI_TRANSITION_VERSION);
	si_write_u16(out, 0);
	si_write_u32(out, names);
	si_write_u32(out, (uint32_t) cells);
	for (i = 0; i < names; i++)
	{
		if (i % BLOCK_ITEMS == 0)
			pulse();
		si_write_text(out, name[i]);
	}
}

static bool
between_events(const SiTransition *cell)
{
	return cell->from > 0 && cell->to > 0;
}

void
si_transitions_write(SiWriter *out, const SiTransition *cell, SiPulse pulse)
{
	si_write_varint(out, cell->from);
	si_write_varint(out, cell->to);
	si_write_varint(out, (uint64_t) cell->count);
	si_write_varint(out, (uint64_t) cell->valued);
	if (cell->valued > 0)
	{
		si_write_f64(out, cell->values.high);
		si_write_f64(out, cell->values.low);
	}
	if (!between_events(cell))
		return;
	si_write_u8(out, (uint8_t) cell->digits);
	si_waits_write(out, cell->n, cell->waits, pulse);
}

size_t
si_transitions_finish(SiWriter *out)
{
	if (out->out == NULL)
		return out->size + HASH_SIZE;
	si_write_u64(out, si_hash_bytes(out->out, out->size, 0));
	return out->size;
}

/* ---------- reading ---------- */

/* The waits are as many as the transitions. */
static void
read_waits(SiReader *in, SiTransition *cell, SiPulse pulse)
{
	SiWaitsRule rule = {SI_TRANSITION_LEAST, SI_TRANSITION_WAITS, UINT64_MAX,
	(uint64_t) cell->count};

	pulse();
	cell->n = si_waits_check(in, &rule, &cell->digits, &cell->body, pulse);
}

/* The sum of values is a number and in its shortest form. */
static void
read_values(SiReader *in, SiTransition *cell)
{
	uint64_t	valued = si_read_varint(in);

	si_read_check(in, valued <= (uint64_t) cell->count);
	cell->valued = in->bad ? 0 : (int64_t) valued;
	if (cell->valued == 0)
		return;
	cell->values.high = si_read_f64(in);
	cell->values.low = si_read_f64(in);
	si_read_check(in, fabs(cell->values.high) <= SI_LARGEST_VALUES &&
				  cell->values.high + cell->values.low == cell->values.high);
}

bool
si_transitions_next(SiReader *in, SiTransition *cell, SiPulse pulse)
{
	uint64_t	from;
	uint64_t	to;
	uint64_t	count;

	memset(cell, 0, sizeof(*cell));
	if (in->bad || in->left == 0)
		return false;
	from = si_read_varint(in);
	to = si_read_varint(in);
	count = si_read_varint(in);
	si_read_check(in, from <= UINT32_MAX && to <= UINT32_MAX &&
				  from + to > 0 && count > 0 &&
				  count <= (uint64_t) SI_MAX_TRANSITIONS);
	if (in->bad)
		return false;
	cell->from = (uint32_t) from;
	cell->to = (uint32_t) to;
	cell->count = (int64_t) count;
	cell->digits = SI_WAIT_DIGITS;
	read_values(in, cell);
	if (between_events(cell))
		read_waits(in, cell, pulse);
	return !in->bad;
}

void
si_transition_waits(const SiTransition *cell, SiKeyed *waits, SiPulse pulse)
{
	pulse();
	si_waits_read(cell->body, cell->n, waits, pulse);
}

/* Goes past the names, which ascend. */
static void
check_names(SiReader *in, uint32_t names, SiPulse pulse)
{
	SiText		last = {NULL, 0};
	uint32_t	i;

	for (i = 0; i < names && !in->bad; i++)
	{
		SiText		name = si_read_text(in);

		if (i % BLOCK_ITEMS == 0)
			pulse();
		si_read_check(in, i == 0 || si_text_compare(last, name) < 0);
		last = name;
	}
}

/*
 * The transitions ascend, lead from and to what there is, and end as often as
 * they start.
 */
static bool
check_cells(const SiTransitions *transitions, SiPulse pulse)
{
	SiReader	in = transitions->cell_body;
	SiTransition last = {0, 0, 0, 0, {0, 0}, 0, 0, NULL, {NULL, 0, false}};
	SiTransition cell;
	uint64_t	starts = 0;
	uint64_t	ends = 0;
	int64_t		cells = 0;

	while (si_transitions_next(&in, &cell, pulse))
	{
		if (cell.from > transitions->names || cell.to > transitions->names ||
			(cells > 0 && (last.from > cell.from ||
						   (last.from == cell.from && last.to >= cell.to))))
			return false;
		if (cells % BLOCK_ITEMS == 0)
			pulse();
		starts += cell.from == 0 ? (uint64_t) cell.count : 0;
		ends += cell.to == 0 ? (uint64_t) cell.count : 0;
		last = cell;
		cells++;
	}
	return !in.bad && cells == transitions->cells && starts == ends &&
		starts > 0;
}

SiStatus
si_transitions_open(const void *bytes, size_t size,
					SiTransitions *transitions, SiPulse pulse)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u16(&in) == SI_TRANSITION_VERSION);
	si_read_check(&in, si_read_u16(&in) == 0);
	transitions->names = si_read_count(&in, INT32_MAX, TEXT_SIZE);
	transitions->cells = si_read_count(&in, INT32_MAX, CELL_SIZE);
	transitions->name_text = in;
	check_names(&in, transitions->names, pulse);
	transitions->cell_body = in;
	if (in.bad || !check_cells(transitions, pulse))
		return SI_CORRUPT;
	return SI_OK;
}
