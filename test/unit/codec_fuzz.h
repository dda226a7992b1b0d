/*
 * codec_fuzz.h
 *
 * The test of a decoder, whatever it decodes: damage is refused, beginnings
 * too, and a forgery that decodes encodes to the very bytes it came from.  In
 * memory of exactly their size, under sanitizers.
 */
#ifndef CODEC_FUZZ_H
#define CODEC_FUZZ_H

#include "mutants.h"

#define FUZZ_ROUNDS		20000

/*
 * Decode the bytes; false if they are refused.  Otherwise *same tells whether
 * what they say encodes to them again.
 */
typedef bool (*Recode) (const uint8_t *bytes, size_t size, bool *same);

static inline bool
recode_exact(Recode recode, const uint8_t *bytes, size_t size, bool *same)
{
	uint8_t    *exact = malloc(size + (size == 0));
	bool		opens;

	memcpy(exact, bytes, size);
	opens = recode(exact, size, same);
	free(exact);
	return opens;
}

static inline void
fuzz_mutants(const char *what, const uint8_t *bytes, size_t size,
			 Recode recode, bool repair)
{
	int			decoded = 0;
	int			unequal = 0;

	for (int i = 0; i < FUZZ_ROUNDS; i++)
	{
		Bytes		mutant = {malloc(size), size};
		bool		same = true;

		memcpy(mutant.data, bytes, size);
		mutations[i % MUTATIONS].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if ((mutant.size != size || memcmp(mutant.data, bytes, size) != 0) &&
			recode_exact(recode, mutant.data, mutant.size, &same))
			decoded++;
		unequal += !same;
		free(mutant.data);
	}
	ok(repair ? decoded < FUZZ_ROUNDS : decoded == 0, "%s%s: %d decode",
	   what, repair ? " forged" : " damaged", decoded);
	ok(unequal == 0, "those encode to the same bytes again");
}

static inline void
fuzz_codec(const char *what, const uint8_t *bytes, size_t size, Recode recode)
{
	bool		same = false;
	int			opened = 0;

	ok(recode_exact(recode, bytes, size, &same) && same, "%s: there and back",
	   what);
	for (size_t part = 0; part < size; part++)
		opened += recode_exact(recode, bytes, part, &same);
	ok(opened == 0, "no beginning of it decodes");
	fuzz_mutants(what, bytes, size, recode, false);
	fuzz_mutants(what, bytes, size, recode, true);
}

#endif							/* CODEC_FUZZ_H */
