/*
 * test_sequence_fuzz.c
 *
 * Damaged and forged sequences: refused, or sequences that are safe to read
 * and encode to the very bytes they came from.  In memory of exactly their
 * size, under sanitizers.
 */
#include "tap.h"

#include "mutants.h"
#include "sequences.h"

#define ROUNDS	20000

/* The sequence again from what it says; false if its bytes are others. */
static bool
encodes_the_same(const SiSequence *q, const Bytes *bytes)
{
	SiSequenceCursor cursor = si_sequence_cursor(q, pulse);
	int64_t	   *time = malloc(q->length * sizeof(int64_t));
	int64_t    *tiebreak = malloc(q->length * sizeof(int64_t));
	uint32_t   *code = malloc(q->length * sizeof(uint32_t));
	uint32_t   *rank = malloc(q->names * sizeof(uint32_t));
	SiText	   *name = malloc(q->names * sizeof(SiText));
	SiEvents	events = {q->length, time, tiebreak, code, rank};
	SiSequenceEvent event;
	uint8_t    *again = malloc(bytes->size);
	bool		same;

	for (int64_t i = 0; si_sequence_next(&cursor, &event); i++)
	{
		time[i] = event.time;
		tiebreak[i] = event.tiebreak;
		code[i] = event.code;
	}
	for (uint32_t i = 0; i < q->names; i++)
		rank[i] = i;
	si_sequence_names(q, name);
	same = si_sequence_size(&events, q->names, name, pulse) == bytes->size;
	if (same)
	{
		si_sequence_encode(&events, q->names, name, again, pulse);
		same = memcmp(again, bytes->data, bytes->size) == 0;
	}
	free(time);
	free(tiebreak);
	free(code);
	free(rank);
	free(name);
	free(again);
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
		SiSequence	sequence;

		memcpy(mutant.data, original->bytes, mutant.size);
		mutations[kind].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if (mutant.size != original->size ||
			memcmp(mutant.data, original->bytes, mutant.size) != 0)
		{
			bool		opens = si_sequence_open(mutant.data, mutant.size,
												 &sequence, pulse) == SI_OK;

			decoded += opens;
			unequal += opens && !encodes_the_same(&sequence, &mutant);
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
	Sample		s;
	Encoded		encoded;
	int			opened = 0;

	random_events(&s, 40, 3000, 9);
	order_events(&s);
	encoded = encode_events(&s);
	for (size_t kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(&encoded, kind, false);
		fuzz(&encoded, kind, true);
	}
	for (size_t size = 0; size < encoded.size; size++)
	{
		uint8_t    *exact = malloc(size + (size == 0));
		SiSequence	sequence;

		memcpy(exact, encoded.bytes, size);
		opened += si_sequence_open(exact, size, &sequence, pulse) == SI_OK;
		free(exact);
	}
	ok(opened == 0, "no beginning of it opens");
	free(encoded.bytes);
	return done_testing();
}
