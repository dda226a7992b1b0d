/*
 * test_drift_fuzz.c
 *
 * Damaged and forged drifts: refused, or drifts that are safe to read and
 * encode to the very bytes they came from.  In memory of exactly their size,
 * under sanitizers.
 */
#include "tap.h"

#include "drifts.h"
#include "mutants.h"

#define ROUNDS	20000

/* Reads all of it; false if it encodes to other bytes. */
static bool
encodes_the_same(const SiDrift *drift, const Bytes *bytes)
{
	EncodedDrift again = encode_drift(drift);
	bool		same = again.size == bytes->size &&
		memcmp(again.bytes, bytes->data, again.size) == 0;

	for (int i = 0; i < drift->nparts; i++)
	{
		SiStability s = si_drift_stability(&drift->parts[i], 0.95);

		same = same && !(s.psi < 0) && !(s.critical < 0);
	}
	free(again.bytes);
	return same;
}

static void
fuzz(const EncodedDrift *original, size_t kind, bool repair)
{
	int			decoded = 0;
	int			unequal = 0;

	for (int i = 0; i < ROUNDS; i++)
	{
		Bytes		mutant = {malloc(original->size), original->size};
		SiDrift		drift;

		memcpy(mutant.data, original->bytes, mutant.size);
		mutations[kind].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if ((mutant.size != original->size ||
			 memcmp(mutant.data, original->bytes, mutant.size) != 0) &&
			decode_drift(mutant.data, mutant.size, &drift))
		{
			decoded++;
			unequal += !encodes_the_same(&drift, &mutant);
			free(drift.parts);
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
	SiDrift		drift = open_drift(&drift_model);
	EncodedDrift encoded;
	int			opened = 0;

	count_rows(&drift, 300);
	encoded = encode_drift(&drift);
	for (size_t kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(&encoded, kind, false);
		fuzz(&encoded, kind, true);
	}
	for (size_t size = 0; size < encoded.size; size++)
	{
		uint8_t    *exact = malloc(size + (size == 0));
		SiDrift		none;

		memcpy(exact, encoded.bytes, size);
		opened += decode_drift(exact, size, &none);
		free(exact);
	}
	ok(opened == 0, "no beginning of it opens");
	free(encoded.bytes);
	free(drift.parts);
	return done_testing();
}
