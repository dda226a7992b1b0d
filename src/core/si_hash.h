/*
 * si_hash.h
 *	  64-bit hashes, the same on every machine: byte strings, pairs of words.
 *
 * For order, folds, and damage detection.  Its constants are public: anyone can
 * write inputs that all have one hash.  A table of texts that others choose
 * uses si_hash_keyed, with a key drawn at random for the table.
 *
 * Method: wyhash, final version 4 (Wang Yi, public domain), with its default
 * constants.  Its one step multiplies two words to 128 bits and folds the
 * halves, which carries every input bit to both ends of the result.
 */
#ifndef SI_HASH_H
#define SI_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SI_HASH_K0		UINT64_C(0x2d358dccaa6c78a5)
#define SI_HASH_K1		UINT64_C(0x8bb84b93962eacc9)
#define SI_HASH_K2		UINT64_C(0x4b33a62ed433d4a3)
#define SI_HASH_K3		UINT64_C(0x4d5a2da51de1aa47)

/* The 128-bit product of two words: its low half returned, its high stored. */
static inline uint64_t
si_hash_multiply(uint64_t a, uint64_t b, uint64_t *high)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 product = a;

	product *= b;
	*high = (uint64_t) (product >> 64);
	return (uint64_t) product;
#else
	uint64_t	low = (a & UINT32_MAX) * (b & UINT32_MAX);
	uint64_t	cross1 = (a >> 32) * (b & UINT32_MAX);
	uint64_t	cross2 = (a & UINT32_MAX) * (b >> 32);
	uint64_t	middle = (low >> 32) + (cross1 & UINT32_MAX) +
		(cross2 & UINT32_MAX);

	*high = (a >> 32) * (b >> 32) + (cross1 >> 32) + (cross2 >> 32) +
		(middle >> 32);
	return middle << 32 | (low & UINT32_MAX);
#endif
}

static inline uint64_t
si_hash_fold(uint64_t a, uint64_t b)
{
	uint64_t	high;
	uint64_t	low = si_hash_multiply(a, b, &high);

	return low ^ high;
}

/*
 * Combine two words, order mattering.  For a sequence of words chain it,
 * hash = si_hash_mix(hash, word), and mix in their number last: the last word
 * then reaches every bit evenly too (after one step a bit follows another in
 * up to 63 % of cases, after two in 50 %).
 */
static inline uint64_t
si_hash_mix(uint64_t a, uint64_t b)
{
	return si_hash_fold(a ^ SI_HASH_K0, b ^ SI_HASH_K1);
}

extern uint64_t si_hash_bytes(const void *bytes, size_t size, uint64_t seed);

/* In place of the constants and the seed; the first word is not 0. */
typedef struct SiHashKey
{
	uint64_t	seed;
	uint64_t	k[4];
} SiHashKey;

extern uint64_t si_hash_keyed(const void *bytes, size_t size,
							  const SiHashKey *key);

#endif							/* SI_HASH_H */
