/*
 * test_sequence.c
 *
 * A sequence comes back from its bytes, the order of its events leaves no
 * trace, and what no events could have made is refused.
 */
#include "tap.h"

#include "sequences.h"

/* Whether the sequence says what the ordered events say. */
static bool
same_events(const Sample *s, const SiSequence *q)
{
	SiSequenceCursor cursor = si_sequence_cursor(q, pulse);
	SiText		name[EVENT_NAMES];
	SiSequenceEvent event;
	bool		same = q->length == s->events.n && q->names == s->names;

	if (!same)
		return false;
	si_sequence_names(q, name);
	for (int64_t i = 0; si_sequence_next(&cursor, &event); i++)
	{
		const SiText *text = &name[event.code];
		bool		together = i > 0 && s->time[i] == s->time[i - 1] &&
			s->tiebreak[i] == s->tiebreak[i - 1];

		same = same && event.time == s->time[i] &&
			event.tiebreak == s->tiebreak[i] && event.together == together &&
			event.code == si_sequence_code(q, i) &&
			si_text_compare(*text, s->name[s->rank[s->code[i]]]) == 0;
	}
	return same && cursor.position == q->length;
}

static bool
round_trip(Sample *s)
{
	Encoded		e;
	bool		same;

	order_events(s);
	e = encode_events(s);
	same = si_sequence_open(e.bytes, e.size, &e.sequence, pulse) == SI_OK &&
		same_events(s, &e.sequence);
	free(e.bytes);
	return same;
}

static void
test_round_trip(void)
{
	int			same = 0;

	for (int i = 0; i < 3000; i++)
	{
		Sample		s;
		const int64_t times[] = {1, 5, 1000, INT64_C(1000000000000)};

		random_events(&s, 1 + event_below(MAX_EVENTS), times[i % 4],
					  i % 3 * (1 + event_below(6)));
		same += round_trip(&s);
	}
	ok(same == 3000, "random events come back (%d of 3000)", same);
}

static void
test_extremes(void)
{
	Sample		s;

	random_events(&s, 4, 10, 10);
	s.time[0] = SI_TIME_FIRST;
	s.time[1] = SI_TIME_END - 1;
	s.tiebreak[2] = INT64_MIN;
	s.tiebreak[3] = INT64_MAX - 1;
	s.time[2] = s.time[3] = 0;
	ok(round_trip(&s), "the first and the last time, the first and last tie-break");
	random_events(&s, 1, 10, 0);
	ok(round_trip(&s), "one event");
}

static int
compare_events(const Sample *s, int64_t i, int64_t k)
{
	if (s->time[i] != s->time[k])
		return s->time[i] < s->time[k] ? -1 : 1;
	if (s->tiebreak[i] != s->tiebreak[k])
		return s->tiebreak[i] < s->tiebreak[k] ? -1 : 1;
	return (int) s->code[i] - (int) s->code[k];
}

static void
test_order(void)
{
	int			ordered = 0;
	int			same = 0;

	for (int round = 0; round < 500; round++)
	{
		Sample		s;
		Encoded		first;
		Encoded		again;
		int64_t		wrong = 0;

		random_events(&s, MAX_EVENTS, 6, 4);
		order_events(&s);
		for (int64_t i = 1; i < s.events.n; i++)
			wrong += compare_events(&s, i - 1, i) > 0 ||
				!si_events_ordered(&s.events, i - 1);
		ordered += wrong == 0;
		first = encode_events(&s);
		for (int64_t i = s.events.n - 1; i > 0; i--)
		{
			int64_t		k = event_below(i + 1);
			Sample		t = s;

			s.time[i] = t.time[k], s.time[k] = t.time[i];
			s.tiebreak[i] = t.tiebreak[k], s.tiebreak[k] = t.tiebreak[i];
			s.code[i] = t.code[k], s.code[k] = t.code[i];
		}
		order_events(&s);
		again = encode_events(&s);
		same += first.size == again.size &&
			memcmp(first.bytes, again.bytes, first.size) == 0;
		free(first.bytes);
		free(again.bytes);
	}
	ok(ordered == 500, "events are ordered by time, tie-break, name (%d)", ordered);
	ok(same == 500, "the order of the rows leaves no trace (%d)", same);
}

static void
test_find(void)
{
	Sample		s;
	Encoded		e;
	SiText		wanted = {"call", 4};
	SiText		absent = {"cal", 3};
	SiText		empty = {"", 0};

	random_events(&s, 8, 100, 0);
	for (int i = 0; i < 8; i++)
		s.code[i] = (uint32_t) i;
	rank_names(&s);
	order_events(&s);
	e = encode_events(&s);
	ok(si_sequence_open(e.bytes, e.size, &e.sequence, pulse) == SI_OK &&
	   si_sequence_find(&e.sequence, wanted) == 4 &&
	   si_sequence_find(&e.sequence, empty) == 0, "a name is found");
	ok(si_sequence_find(&e.sequence, absent) == -1, "another is not");
	free(e.bytes);
}

/* ---------- wide dictionaries ---------- */

static void
test_wide(uint32_t names)
{
	SiEvents	events = {names, NULL, NULL, NULL, NULL};
	SiText	   *name = calloc(names, sizeof(SiText));
	char		(*text)[8] = malloc(names * 8);
	uint32_t   *code = malloc(names * sizeof(uint32_t));
	Encoded		e;
	int64_t		same = 0;

	events.time = calloc(names, sizeof(int64_t));
	for (uint32_t i = 0; i < names; i++)
	{
		name[i].length = snprintf(text[i], 8, "%07u", i);
		name[i].data = text[i];
		code[i] = i;
	}
	events.code = code;
	events.rank = code;
	e.size = si_sequence_size(&events, names, name, pulse);
	e.bytes = malloc(e.size);
	si_sequence_encode(&events, names, name, e.bytes, pulse);
	ok(si_sequence_open(e.bytes, e.size, &e.sequence, pulse) == SI_OK,
	   "%u names open", names);
	for (uint32_t i = 0; i < names; i++)
		same += si_sequence_code(&e.sequence, i) == i;
	ok(same == names, "each event has its own");
	free(events.time);
	free(name);
	free(text);
	free(code);
	free(e.bytes);
}

/* ---------- forgeries ---------- */

typedef struct Forgery
{
	SiWriter	out;
	uint8_t		bytes[300];
} Forgery;

static void
forge_head(Forgery *f, uint32_t version, uint32_t flags, uint32_t names,
		   uint32_t events)
{
	f->out.out = f->bytes;
	f->out.size = 0;
	si_write_u32(&f->out, UINT32_C(0x45534953));
	si_write_u16(&f->out, (uint16_t) version);
	si_write_u16(&f->out, (uint16_t) flags);
	si_write_u32(&f->out, names);
	si_write_u32(&f->out, events);
}

static bool
forgery_opens(Forgery *f)
{
	SiSequence	sequence;
	uint8_t    *exact;
	bool		opens;

	si_write_u64(&f->out, si_hash_bytes(f->bytes, f->out.size, 0));
	exact = malloc(f->out.size);
	memcpy(exact, f->bytes, f->out.size);
	opens = si_sequence_open(exact, f->out.size, &sequence, pulse) == SI_OK;
	free(exact);
	return opens;
}

static void
forge_name(Forgery *f, const char *name)
{
	SiText		text = {name, (int32_t) strlen(name)};

	si_write_text(&f->out, text);
}

/* Two events with the given names, codes, and time between. */
static bool
pair_opens(const char *a, const char *b, uint8_t first, uint8_t second,
		   int64_t start, uint64_t step)
{
	Forgery		f;

	forge_head(&f, 1, 0, 2, 2);
	forge_name(&f, a);
	forge_name(&f, b);
	si_write_u8(&f.out, first);
	si_write_u8(&f.out, second);
	si_write_i64(&f.out, start);
	si_write_varint(&f.out, step);
	return forgery_opens(&f);
}

/* One event, with flags and, if they say so, a tie-break. */
static bool
single_opens(uint32_t version, uint32_t flags, uint32_t names,
			 uint32_t events, int64_t tiebreak, int trailing)
{
	Forgery		f;

	forge_head(&f, version, flags, names, events);
	forge_name(&f, "A");
	si_write_u8(&f.out, 0);
	si_write_i64(&f.out, 7);
	if (flags & 1)
		si_write_varint(&f.out, (uint64_t) tiebreak << 1 ^
						(tiebreak < 0 ? UINT64_MAX : 0));
	while (trailing-- > 0)
		si_write_u8(&f.out, 0);
	return forgery_opens(&f);
}

static void
test_forgeries(void)
{
	ok(pair_opens("A", "B", 0, 1, 5, 3), "a forgery that is no forgery opens");
	ok(pair_opens("A", "B", 0, 1, 5, 0), "two at once, in order");
	ok(pair_opens("A", "B", 1, 0, 5, 3), "the later name may come first");
	ok(!pair_opens("A", "B", 1, 0, 5, 0), "but not at the same time");
	ok(!pair_opens("B", "A", 0, 1, 5, 3), "names must ascend");
	ok(!pair_opens("A", "A", 0, 1, 5, 3), "and differ");
	ok(!pair_opens("A", "B", 0, 0, 5, 3), "a name that no event has");
	ok(!pair_opens("A", "B", 0, 2, 5, 3), "an event that no name has");
	ok(!pair_opens("A", "B", 0, 1, SI_TIME_FIRST - 1, 3), "a time before the first");
	ok(!pair_opens("A", "B", 0, 1, SI_TIME_END - 1, 1), "a time past the last");
	ok(!pair_opens("A", "B", 0, 1, 5, UINT64_MAX), "time going back");
	ok(single_opens(1, 0, 1, 1, 0, 0), "one event");
	ok(single_opens(1, 1, 1, 1, -9, 0), "one with a tie-break");
	ok(!single_opens(1, 1, 1, 1, SI_NO_TIEBREAK, 0), "tie-breaks that say nothing");
	ok(!single_opens(2, 0, 1, 1, 0, 0), "another version");
	ok(!single_opens(1, 2, 1, 1, 0, 0), "an unknown flag");
	ok(!single_opens(1, 0, 1, 1, 0, 1), "trailing bytes");
	ok(!single_opens(1, 0, 0, 1, 0, 0), "no names");
	ok(!single_opens(1, 0, 1, 0, 0, 0), "no events");
	ok(!single_opens(1, 0, 1, UINT32_MAX, 0, 0), "events that cannot be there");
	ok(!single_opens(1, 0, UINT32_MAX, 1, 0, 0), "names that cannot be there");
}

int
main(void)
{
	test_round_trip();
	test_extremes();
	test_order();
	test_find();
	test_wide(256);
	test_wide(257);
	test_wide(65537);
	test_forgeries();
	return done_testing();
}
