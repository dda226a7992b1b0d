/*
 * si_sequence.c
 *	  The events of one entity in order, in bytes: names, times, tie-breaks.
 *
 * Layout, little-endian:
 *
 *	magic u32, version u16, flags u16 (1: there are tie-breaks), names u32,
 *	events u32, names (texts), codes, times, tie-breaks, hash u64 of all bytes
 *	before.
 *
 * A code takes one byte for up to 256 names, two for up to 65,536, else four.
 * The first time takes eight bytes, each later one is its distance from the
 * one before, as a varint: seconds to hours apart three to five bytes each.
 * Tie-breaks, if any event has one, are differences too, which may be
 * negative: their sign goes to the lowest bit.
 *
 * Reading accepts only what writing can produce, to the byte (but for unused
 * names among thousands): equal sequences are equal bytes.
 */
#include "core/sequence/si_sequence.h"
#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x45534953)	/* "SISE" */
#define HASH_SIZE		sizeof(uint64_t)
#define HAS_TIEBREAKS	1
#define BLOCK_EVENTS	65536	/* between pulses */
#define TEXT_SIZE		4		/* a name takes at least its length */
#define CHECKED_NAMES	4096

/* ---------- ordering ---------- */

/* Sorts the items, which hold indexes, by the key of what they point to. */
static void
sort_by(const SiEvents *events, uint64_t (*key) (const SiEvents *, uint64_t),
		SiKeyed *items, SiKeyed *scratch, SiPulse pulse)
{
	int64_t		i;

	for (i = 0; i < events->n; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		items[i].key = key(events, items[i].item);
	}
	si_sort_keyed(events->n, items, scratch, pulse);
}

static uint64_t
name_key(const SiEvents *events, uint64_t i)
{
	return events->rank[events->code[i]];
}

/* Signed order becomes unsigned order. */
static uint64_t
tiebreak_key(const SiEvents *events, uint64_t i)
{
	return (uint64_t) events->tiebreak[i] ^ UINT64_C(1) << 63;
}

static uint64_t
time_key(const SiEvents *events, uint64_t i)
{
	return (uint64_t) events->time[i] ^ UINT64_C(1) << 63;
}

/* A stable sort by each key, the last one first. */
void
si_events_order(const SiEvents *events, SiKeyed *items, SiKeyed *scratch,
				SiPulse pulse)
{
	int64_t		i;

	for (i = 0; i < events->n; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		items[i].item = (uint64_t) i;
	}
	sort_by(events, name_key, items, scratch, pulse);
	if (events->tiebreak != NULL)
		sort_by(events, tiebreak_key, items, scratch, pulse);
	sort_by(events, time_key, items, scratch, pulse);
}

/* ---------- writing ---------- */

static int
code_width(uint32_t names)
{
	return names <= 256 ? 1 : names <= 65536 ? 2 : 4;
}

static bool
any_tiebreak(const SiEvents *events)
{
	int64_t		i;

	for (i = 0; events->tiebreak != NULL && i < events->n; i++)
	{
		if (events->tiebreak[i] != SI_NO_TIEBREAK)
			return true;
	}
	return false;
}

static void
write_codes(SiWriter *out, const SiEvents *events, int width, SiPulse pulse)
{
	int64_t		i;

	for (i = 0; i < events->n; i++)
	{
		uint32_t	code = events->rank[events->code[i]];

		if (i % BLOCK_EVENTS == 0)
			pulse();
		if (width == 1)
			si_write_u8(out, (uint8_t) code);
		else if (width == 2)
			si_write_u16(out, (uint16_t) code);
		else
			si_write_u32(out, code);
	}
}

static void
write_times(SiWriter *out, const SiEvents *events, SiPulse pulse)
{
	int64_t		i;

	si_write_i64(out, events->time[0]);
	for (i = 1; i < events->n; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		si_write_varint(out, (uint64_t) events->time[i] -
						(uint64_t) events->time[i - 1]);
	}
}

/* Differences wrap around; small ones of either sign become small. */
static void
write_tiebreaks(SiWriter *out, const SiEvents *events, SiPulse pulse)
{
	uint64_t	last = 0;
	int64_t		i;

	for (i = 0; i < events->n; i++)
	{
		uint64_t	step = (uint64_t) events->tiebreak[i] - last;

		if (i % BLOCK_EVENTS == 0)
			pulse();
		si_write_varint(out, step << 1 ^ (step >> 63 ? UINT64_MAX : 0));
		last = (uint64_t) events->tiebreak[i];
	}
}

/* Everything but the hash. */
static void
write_sequence(SiWriter *out, const SiEvents *events, uint32_t names,
			   const SiText *name, SiPulse pulse)
{
	bool		tiebreaks = any_tiebreak(events);
	uint32_t	i;

	si_write_u32(out, MAGIC);
	si_write_u16(out, SI_SEQUENCE_VERSION);
	si_write_u16(out, tiebreaks ? HAS_TIEBREAKS : 0);
	si_write_u32(out, names);
	si_write_u32(out, (uint32_t) events->n);
	for (i = 0; i < names; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		si_write_text(out, name[i]);
	}
	write_codes(out, events, code_width(names), pulse);
	write_times(out, events, pulse);
	if (tiebreaks)
		write_tiebreaks(out, events, pulse);
}

size_t
si_sequence_size(const SiEvents *events, uint32_t names, const SiText *name,
				 SiPulse pulse)
{
	SiWriter	out = {NULL, 0};

	write_sequence(&out, events, names, name, pulse);
	return out.size + HASH_SIZE;
}

void
si_sequence_encode(const SiEvents *events, uint32_t names, const SiText *name,
				   uint8_t *out, SiPulse pulse)
{
	SiWriter	writer = {out, 0};

	write_sequence(&writer, events, names, name, pulse);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ---------- reading ---------- */

SiSequenceCursor
si_sequence_cursor(const SiSequence *sequence, SiPulse pulse)
{
	SiSequenceCursor cursor;

	memset(&cursor, 0, sizeof(cursor));
	cursor.sequence = sequence;
	cursor.times = sequence->times;
	cursor.tiebreaks = sequence->tiebreaks;
	cursor.last.tiebreak = SI_NO_TIEBREAK;
	cursor.pulse = pulse;
	if (cursor.tiebreaks.left > 0)
		cursor.last.tiebreak = 0;
	return cursor;
}

/*
 * Deltas wrap around in unsigned arithmetic: whoever opens a sequence checks
 * that times ascend and stay in range, so that they never do here.
 */
bool
si_sequence_next(SiSequenceCursor *cursor, SiSequenceEvent *event)
{
	const SiSequence *sequence = cursor->sequence;
	SiSequenceEvent *last = &cursor->last;
	uint64_t	step;
	uint64_t	move = 0;

	if (cursor->position >= sequence->length)
		return false;
	if (cursor->position % BLOCK_EVENTS == 0)
		cursor->pulse();
	if (cursor->position == 0)
		step = si_read_u64(&cursor->times);
	else
		step = si_read_varint(&cursor->times);
	if (sequence->tiebreaks.left > 0)
		move = si_read_varint(&cursor->tiebreaks);
	move = move >> 1 ^ (move & 1 ? UINT64_MAX : 0);
	event->together = cursor->position > 0 && step == 0 && move == 0;
	event->time = (int64_t) ((uint64_t) last->time + step);
	event->tiebreak = (int64_t) ((uint64_t) last->tiebreak + move);
	event->code = si_sequence_code(sequence, cursor->position);
	*last = *event;
	cursor->position++;
	return true;
}

void
si_sequence_names(const SiSequence *sequence, SiText *name)
{
	SiReader	text = sequence->name_text;
	uint32_t	i;

	for (i = 0; i < sequence->names; i++)
		name[i] = si_read_text(&text);
}

int64_t
si_sequence_find(const SiSequence *sequence, SiText wanted)
{
	SiReader	text = sequence->name_text;
	uint32_t	i;

	for (i = 0; i < sequence->names; i++)
	{
		SiText		name = si_read_text(&text);

		if (name.length == wanted.length && si_text_compare(name, wanted) == 0)
			return i;
	}
	return -1;
}

/* Names must ascend; the reader goes past them. */
static void
check_names(SiReader *in, uint32_t names, SiPulse pulse)
{
	SiText		last = {NULL, 0};
	uint32_t	i;

	for (i = 0; i < names; i++)
	{
		SiText		name = si_read_text(in);

		if (i % BLOCK_EVENTS == 0)
			pulse();
		si_read_check(in, i == 0 || si_text_compare(last, name) < 0);
		if (in->bad)
			return;
		last = name;
	}
}

/* Skips the varints of one column; a fault if one is malformed. */
static void
skip_column(SiReader *in, int64_t count, SiPulse pulse)
{
	int64_t		i;

	for (i = 0; i < count && !in->bad; i++)
	{
		if (i % BLOCK_EVENTS == 0)
			pulse();
		(void) si_read_varint(in);
	}
}

/* Whether a may stand before b; they are in the order of their names too. */
static bool
in_order(const SiSequenceEvent *a, const SiSequenceEvent *b)
{
	if (a->time != b->time)
		return a->time < b->time;
	if (a->tiebreak != b->tiebreak)
		return a->tiebreak < b->tiebreak;
	return a->code <= b->code;
}

/* Times are in range and ascend, every code has a name. */
static bool
check_events(const SiSequence *sequence, SiPulse pulse)
{
	SiSequenceCursor cursor = si_sequence_cursor(sequence, pulse);
	SiSequenceEvent last = cursor.last;
	SiSequenceEvent event;
	bool		tied = sequence->tiebreaks.left == 0;
	bool		holds = true;

	while (holds && si_sequence_next(&cursor, &event))
	{
		holds = event.time >= SI_TIME_FIRST && event.time < SI_TIME_END &&
			event.code < sequence->names &&
			(cursor.position == 1 || in_order(&last, &event));
		tied = tied || event.tiebreak != SI_NO_TIEBREAK;
		last = event;
	}
	return holds && tied && !cursor.times.bad && !cursor.tiebreaks.bad;
}

/*
 * Whether every name is the name of an event.  Checked for as many names as a
 * set on the stack holds; a forger may leave one of more names unused, which
 * harms nobody.
 */
static bool
names_used(const SiSequence *sequence, SiPulse pulse)
{
	uint64_t	seen[CHECKED_NAMES / 64] = {0};
	uint32_t	found = 0;
	int64_t		i;

	if (sequence->names > CHECKED_NAMES)
		return sequence->names <= sequence->length;
	for (i = 0; i < sequence->length && found < sequence->names; i++)
	{
		uint32_t	code = si_sequence_code(sequence, i);
		uint64_t	bit = UINT64_C(1) << code % 64;

		if (i % BLOCK_EVENTS == 0)
			pulse();
		found += (seen[code / 64] & bit) == 0;
		seen[code / 64] |= bit;
	}
	return found == sequence->names;
}

/* What stands between the head and the hash. */
static SiStatus
open_body(SiReader *in, SiSequence *sequence, bool tiebreaks, SiPulse pulse)
{
	sequence->name_text = *in;
	check_names(in, sequence->names, pulse);
	sequence->name_text.left -= in->bad ? 0 : in->left;
	sequence->width = code_width(sequence->names);
	sequence->codes = si_read_raw(in, (size_t) sequence->length *
								  sequence->width);
	sequence->times = *in;
	(void) si_read_u64(in);
	skip_column(in, sequence->length - 1, pulse);
	sequence->times.left -= in->bad ? 0 : in->left;
	sequence->tiebreaks = *in;
	if (tiebreaks)
		skip_column(in, sequence->length, pulse);
	si_read_check(in, in->left == 0);
	if (in->bad || !check_events(sequence, pulse) ||
		!names_used(sequence, pulse))
		return SI_CORRUPT;
	return SI_OK;
}

SiStatus
si_sequence_open(const void *bytes, size_t size, SiSequence *sequence,
				 SiPulse pulse)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);
	uint16_t	flags;

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u16(&in) == SI_SEQUENCE_VERSION);
	flags = si_read_u16(&in);
	sequence->names = si_read_count(&in, SI_MAX_SEQUENCE_EVENTS, TEXT_SIZE);
	sequence->length = si_read_count(&in, SI_MAX_SEQUENCE_EVENTS, 1);
	si_read_check(&in, (flags & ~HAS_TIEBREAKS) == 0 && sequence->names > 0 &&
				  sequence->length > 0);
	if (in.bad)
		return SI_CORRUPT;
	return open_body(&in, sequence, (flags & HAS_TIEBREAKS) != 0, pulse);
}
