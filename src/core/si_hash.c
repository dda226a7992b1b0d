/*
 * si_hash.c
 *	  The hash of a byte string, and bytes that end with theirs.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"

/* Fold all but the last 1 to 16 of more than 16 bytes into the seed. */
static inline uint64_t
hash_body(const uint8_t *p, size_t size, uint64_t seed, const uint64_t *k)
{
	uint64_t	lane1 = seed;
	uint64_t	lane2 = seed;

	for (; size >= 48; size -= 48, p += 48)
	{
		seed = si_hash_fold(si_load_u64(p) ^ k[1],
							si_load_u64(p + 8) ^ seed);
		lane1 = si_hash_fold(si_load_u64(p + 16) ^ k[2],
							 si_load_u64(p + 24) ^ lane1);
		lane2 = si_hash_fold(si_load_u64(p + 32) ^ k[3],
							 si_load_u64(p + 40) ^ lane2);
	}
	seed ^= lane1 ^ lane2;		/* the lanes cancel if there was no round */
	for (; size > 16; size -= 16, p += 16)
		seed = si_hash_fold(si_load_u64(p) ^ k[1],
							si_load_u64(p + 8) ^ seed);
	return seed;
}

/* Two words that together hold every one of up to 16 bytes. */
static void
hash_short(const uint8_t *p, size_t size, uint64_t *a, uint64_t *b)
{
	if (size >= 4)
	{
		size_t		middle = size / 8 * 4;

		*a = (uint64_t) si_load_u32(p) << 32 | si_load_u32(p + middle);
		*b = (uint64_t) si_load_u32(p + size - 4) << 32 |
			si_load_u32(p + size - 4 - middle);
	}
	else
	{
		*a = size == 0 ? 0 : (uint64_t) p[0] << 16 |
			(uint64_t) p[size >> 1] << 8 | p[size - 1];
		*b = 0;
	}
}

static inline uint64_t
hash_all(const uint8_t *p, size_t size, uint64_t seed, const uint64_t *k)
{
	uint64_t	a;
	uint64_t	b;
	uint64_t	high;
	uint64_t	low;

	seed ^= si_hash_fold(seed ^ k[0], k[1]);
	if (size <= 16)
		hash_short(p, size, &a, &b);
	else
	{
		seed = hash_body(p, size, seed, k);
		a = si_load_u64(p + size - 16);
		b = si_load_u64(p + size - 8);
	}
	low = si_hash_multiply(a ^ k[1], b ^ seed, &high);
	return si_hash_fold(low ^ k[0] ^ size, high ^ k[1]);
}

/*
 * The hash of size bytes; bytes may be NULL if there are none.  Exactly
 * wyhash(bytes, size, seed) with the default constants.
 */
uint64_t
si_hash_bytes(const void *bytes, size_t size, uint64_t seed)
{
	static const uint64_t k[4] = {SI_HASH_K0, SI_HASH_K1, SI_HASH_K2,
	SI_HASH_K3};

	return hash_all(bytes, size, seed, k);
}

/* The same with constants of the caller: a factor cannot be made 0. */
uint64_t
si_hash_keyed(const void *bytes, size_t size, const SiHashKey *key)
{
	return hash_all(bytes, size, key->seed, key->k);
}

SiReader
si_reader_hashed(const void *bytes, size_t size)
{
	size_t		body = size < sizeof(uint64_t) ? 0 : size - sizeof(uint64_t);
	SiReader	reader = si_reader(bytes, body);

	si_read_check(&reader, size >= sizeof(uint64_t) &&
				  si_hash_bytes(bytes, body, 0) ==
				  si_load_u64((const uint8_t *) bytes + body));
	return reader;
}
