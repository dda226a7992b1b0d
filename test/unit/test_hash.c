/*
 * test_hash.c
 *	  Vectors of the reference implementation, spread, absence of collisions.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "tap.h"

#define WORDS		1000000
#define SAMPLES		2000

/*
 * The first seven are those of test_vector.cpp of wyhash (final version 4.3),
 * seeded by their number; the others were computed with its wyhash.h.
 */
static void
test_vectors(void)
{
	static const struct
	{
		const char *text;
		uint64_t	hash;
	}			vector[] = {
		{"", UINT64_C(0x93228a4de0eec5a2)},
		{"a", UINT64_C(0xc5bac3db178713c4)},
		{"abc", UINT64_C(0xa97f2f7b1d9b3314)},
		{"message digest", UINT64_C(0x786d1f1df3801df4)},
		{"abcdefghijklmnopqrstuvwxyz", UINT64_C(0xdca5a8138ad37c87)},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		UINT64_C(0xb9e734f117cfaf70)},
		{"1234567890123456789012345678901234567890"
			"1234567890123456789012345678901234567890",
		UINT64_C(0x6cc5eab49a92d617)}
	};
	size_t		i;

	for (i = 0; i < sizeof(vector) / sizeof(vector[0]); i++)
		ok(si_hash_bytes(vector[i].text, strlen(vector[i].text), i) ==
		   vector[i].hash, "hash of \"%s\"", vector[i].text);
}

/* The bytes of each length are a block of their own: reads stay inside. */
static void
test_every_length(void)
{
	uint64_t	sum = 0;
	size_t		size;

	for (size = 0; size <= 256; size++)
	{
		uint8_t    *bytes = malloc(size);
		size_t		i;

		for (i = 0; i < size; i++)
			bytes[i] = (uint8_t) (i * 7 + 1);
		sum = sum * 31 + si_hash_bytes(bytes, size, size * 1000003);
		free(bytes);
	}
	ok(sum == UINT64_C(0x5a89e01168f4b04e), "all lengths from 0 to 256");
	ok(si_hash_bytes(NULL, 0, 0) == si_hash_bytes("", 0, 0),
	   "no bytes may be a null pointer");
}

/*
 * Texts whose second word cancels the seed that everybody knows: a factor is
 * 0, and what they differ in is lost.
 */
static void
test_key(void)
{
	static const SiHashKey public = {0, {SI_HASH_K0, SI_HASH_K1, SI_HASH_K2,
	SI_HASH_K3}};
	static const SiHashKey key = {UINT64_C(0x3c6ef372fe94f82b), {
	UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1),
	UINT64_C(0x9b05688c2b3e6c1f), UINT64_C(0x1f83d9abfb41bd6b)}};
	uint64_t	first = 0;
	uint32_t	seen[256] = {0};
	int			same = 0;
	int			agree = 0;
	int			most = 0;
	int			i;

	for (i = 0; i < 25600; i++)
	{
		char		text[64];
		size_t		size = sprintf(text, "EDBKlzCVYLpcz1zD%08xY`IBeiN{tailtail", i);
		uint64_t	hash = si_hash_bytes(text, size, 0);
		uint32_t   *bin = &seen[si_hash_keyed(text, size, &key) % 256];

		first = i == 0 ? hash : first;
		same += hash == first;
		agree += hash == si_hash_keyed(text, size, &public);
		most = (int) ++*bin > most ? (int) *bin : most;
	}
	ok(same == 25600, "texts can be made that have one hash");
	ok(agree == 25600, "which is that with the public constants as key");
	ok(most < 150, "with another key they spread: at most %d of 100 a bin",
	   most);
}

static uint64_t
hash_one_word(uint64_t word, uint64_t salt)
{
	uint8_t		bytes[8];

	si_store_u64(bytes, word);
	return si_hash_bytes(bytes, sizeof(bytes), salt);
}

static uint64_t
mix_left(uint64_t word, uint64_t salt)
{
	return si_hash_mix(word, salt);
}

static uint64_t
mix_right(uint64_t word, uint64_t salt)
{
	return si_hash_mix(salt, word);
}

/* as the last word of a sequence, finished with the length */
static uint64_t
mix_last(uint64_t word, uint64_t salt)
{
	return si_hash_mix(si_hash_mix(salt, word), 20);
}

/*
 * Flipping any input bit flips each output bit half of the time.  The words
 * are the bits of doubles, whose variety is all in the upper half.  Of 4096
 * shares of standard error 0.011 the largest deviation is about 4 of these.
 */
static void
test_avalanche(uint64_t (*hash) (uint64_t, uint64_t), double limit,
			   const char *name)
{
	double		worst = 0;
	int			in;
	int			out;

	for (in = 0; in < 64; in++)
	{
		int			flips[64] = {0};
		int			i;

		for (i = 0; i < SAMPLES; i++)
		{
			uint64_t	word = si_double_bits(i + 1);
			uint64_t	salt = si_hash_mix(i, 1);
			uint64_t	changed = hash(word, salt) ^
				hash(word ^ UINT64_C(1) << in, salt);

			for (out = 0; out < 64; out++)
				flips[out] += changed >> out & 1;
		}
		for (out = 0; out < 64; out++)
			worst = fmax(worst, fabs((double) flips[out] / SAMPLES - 0.5));
	}
	ok(worst < limit, "%s: worst share of flipped bits is off by %.3f", name,
	   worst);
}

static int
compare_words(const void *a, const void *b)
{
	uint64_t	x = *(const uint64_t *) a;
	uint64_t	y = *(const uint64_t *) b;

	return (x > y) - (x < y);
}

/* Equal words, and words whose given half is equal, among the sorted. */
static void
test_collisions(uint64_t (*hash) (uint64_t, uint64_t), const char *name)
{
	uint64_t   *words = malloc(WORDS * sizeof(uint64_t));
	int			equal = 0;
	int			equal_high = 0;
	int			i;

	for (i = 0; i < WORDS; i++)
		words[i] = hash(i, 0);
	qsort(words, WORDS, sizeof(uint64_t), compare_words);
	for (i = 1; i < WORDS; i++)
	{
		equal += words[i] == words[i - 1];
		equal_high += words[i] >> 32 == words[i - 1] >> 32;
	}
	ok(equal == 0, "%s: no collision among %d small integers", name, WORDS);
	/* expected 116 */
	ok(equal_high < 180, "%s: %d collisions in the upper 32 bits", name,
	   equal_high);
	free(words);
}

int
main(void)
{
	test_vectors();
	test_every_length();
	test_key();
	test_avalanche(hash_one_word, 0.06, "bytes");
	test_avalanche(mix_last, 0.06, "mix, finished sequence");
	test_avalanche(mix_left, 0.15, "mix, first word");
	test_avalanche(mix_right, 0.15, "mix, second word");
	test_collisions(hash_one_word, "bytes");
	test_collisions(mix_last, "mix, finished sequence");
	test_collisions(mix_left, "mix, first word");
	test_collisions(mix_right, "mix, second word");
	ok(si_hash_mix(1, 2) != si_hash_mix(2, 1), "order matters to mix");
	return done_testing();
}
