/*
 * Tests si_transition.c: to bytes and back, what is refused, damaged and forged
 * bytes in memory of exactly their size.
 */
#include "tap.h"

#include "core/sequence/si_transition.h"
#include "mutants.h"

#define ROUNDS		20000
#define MAX_CELLS	65536

static void
pulse(void)
{
}

static Bytes
encode(uint32_t names, const SiText *name, int64_t cells,
	   const SiTransition *cell)
{
	SiWriter	out = {NULL, 0};
	Bytes		bytes;

	for (int again = 0; again < 2; again++)
	{
		si_transitions_start(&out, names, name, cells, pulse);
		for (int64_t i = 0; i < cells; i++)
			si_transitions_write(&out, &cell[i], pulse);
		bytes.size = si_transitions_finish(&out);
		if (again == 0)
		{
			out.out = bytes.data = malloc(bytes.size);
			out.size = 0;
		}
	}
	return bytes;
}

static const SiText name[] = {{"", 0}, {"call", 4}, {"offer", 5}};
static const SiKeyed waits[] = {{0, 2}, {60000000, 1}, {3600000000, 7}};

static Bytes
sample(int64_t change, int64_t by)
{
	SiTransition cell[5] = {
		{0, 2, 12, 5, {2.5, 1e-17}, 64, 0, NULL, {NULL, 0, false}},
		{2, 0, 10, 0, {0, 0}, 64, 0, NULL, {NULL, 0, false}},
		{2, 2, 10, 10, {-7e99, 0}, 64, 3, waits, {NULL, 0, false}},
		{2, 3, 2, 1, {1, 0}, 9, 1, waits, {NULL, 0, false}},
		{3, 0, 2, 0, {0, 0}, 64, 0, NULL, {NULL, 0, false}}
	};

	switch (change)
	{
		case 1:
			cell[0].from = 1, cell[0].to = 0, cell[0].count += by;
			break;
		case 2:
			cell[2].to = 4;
			break;
		case 3:
			cell[2].count += by;
			break;
		case 4:
			cell[3].digits = (int) by;
			break;
		case 5:
			cell[0].values.high = by > 0 ? INFINITY : NAN;
			break;
		case 6:
			cell[0].values.low = 1;
			break;
		case 7:
			cell[0].valued = by;
			break;
		case 8:
			cell[1].to = 3;
			break;
		case 9:
			cell[0].count += by;
			break;
		default:
			break;
	}
	return encode(3, name, 5, cell);
}

static SiStatus
open_bytes(const Bytes *bytes)
{
	SiTransitions matrix;

	return si_transitions_open(bytes->data, bytes->size, &matrix, pulse);
}

/* Reads everything and writes it again; false if the bytes differ. */
static bool
encodes_the_same(const Bytes *bytes)
{
	static SiTransition cell[MAX_CELLS];
	SiTransitions matrix;
	SiText	   *text;
	SiReader	in;
	Bytes		again;
	int64_t		n = 0;
	bool		same;

	if (si_transitions_open(bytes->data, bytes->size, &matrix, pulse) != SI_OK)
		return false;
	in = matrix.name_text;
	text = malloc((matrix.names + 1) * sizeof(SiText));
	for (uint32_t i = 0; i < matrix.names; i++)
		text[i] = si_read_text(&in);
	in = matrix.cell_body;
	for (; n < MAX_CELLS && si_transitions_next(&in, &cell[n], pulse); n++)
	{
		SiKeyed    *pairs = malloc((cell[n].n + 1) * sizeof(SiKeyed));

		si_transition_waits(&cell[n], pairs, pulse);
		cell[n].waits = pairs;
	}
	again = encode(matrix.names, text, n, cell);
	same = again.size == bytes->size &&
		memcmp(again.data, bytes->data, again.size) == 0;
	while (n-- > 0)
		free((void *) cell[n].waits);
	free(text);
	free(again.data);
	return same;
}

static void
refuses(int64_t change, int64_t by, const char *what)
{
	Bytes		bytes = sample(change, by);

	ok(open_bytes(&bytes) == SI_CORRUPT, "refused: %s", what);
	free(bytes.data);
}

static void
fuzz(const Bytes *original, size_t kind, bool repair)
{
	int			decoded = 0;
	int			unequal = 0;

	for (int i = 0; i < ROUNDS; i++)
	{
		Bytes		b = {malloc(original->size), original->size};

		memcpy(b.data, original->data, b.size);
		mutations[kind].apply(&b);
		if (repair)
			repair_hash(&b);
		if ((b.size != original->size ||
			 memcmp(b.data, original->data, b.size) != 0) &&
			open_bytes(&b) == SI_OK)
		{
			decoded++;
			unequal += !encodes_the_same(&b);
		}
		free(b.data);
	}
	ok(unequal == 0 && (repair || decoded == 0),
	   "%s%s: %d of %d are accepted, and encode to themselves",
	   mutations[kind].name, repair ? ", hash repaired" : "", decoded, ROUNDS);
}

int
main(void)
{
	Bytes		bytes = sample(0, 0);

	ok(open_bytes(&bytes) == SI_OK && encodes_the_same(&bytes),
	   "transitions survive their bytes");
	refuses(1, 0, "transitions that do not ascend");
	refuses(2, 0, "a transition to no name");
	refuses(3, 1, "fewer waits than transitions");
	refuses(3, -1, "more waits than transitions");
	refuses(4, 6, "waits cut too short");
	refuses(4, 65, "waits of more digits than there are");
	refuses(5, 1, "an infinite sum");
	refuses(5, 0, "a sum that is no number");
	refuses(6, 0, "a sum in two parts that overlap");
	refuses(7, 13, "more values than transitions");
	refuses(8, 0, "transitions twice");
	refuses(9, 1, "more starts than ends");
	refuses(9, -12, "a transition that never happened");
	for (size_t kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(&bytes, kind, false);
		fuzz(&bytes, kind, true);
	}
	free(bytes.data);
	return done_testing();
}
