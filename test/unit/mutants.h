/*
 * mutants.h
 *
 * Damaged and forged encodings from a fixed seed, for the tests of decoders.
 * As they are, the hash at their end refuses them; with the hash repaired, as
 * a forger would, only the decoder's rules stand.
 */
#ifndef MUTANTS_H
#define MUTANTS_H

#include <stdlib.h>

#include "core/si_bytes.h"
#include "core/si_hash.h"

#define MUTANT_SEED		20240607

static uint64_t mutant_state = MUTANT_SEED;

static inline uint64_t
mutant_word(void)
{
	mutant_state++;
	return si_hash_mix(si_hash_mix(MUTANT_SEED, mutant_state), 1);
}

static inline size_t
mutant_below(size_t limit)
{
	return (size_t) (mutant_word() % limit);
}

typedef struct Bytes
{
	uint8_t    *data;
	size_t		size;
} Bytes;

/* ---------- mutations: each works in place on a private copy ---------- */

static inline void
flip_bytes(Bytes *b)
{
	size_t		count = mutant_below(2) == 0 ? 1 : 1 + mutant_below(8);

	while (count-- > 0)
		b->data[mutant_below(b->size)] ^= 1 + mutant_below(255);
}

/* Counts, lengths, codes and indexes: extremes and near misses. */
static inline void
inflate_count(Bytes *b)
{
	static const uint32_t extreme[] = {
		0, 1, 2, 3, 0x7f, 0xff, 999, 1000, 1001, 1023, 1024, 9999, 10001,
		0xffff, 0x10000, 0x7ffffff, 0x10000000, 0x7fffffff, 0x80000000,
		0xfffffff8, 0xfffffffe, 0xffffffff
	};
	size_t		at = mutant_below(b->size - 4);
	size_t		which = mutant_below(sizeof(extreme) / sizeof(extreme[0]) + 2);

	if (which < sizeof(extreme) / sizeof(extreme[0]))
		si_store_u32(b->data + at, extreme[which]);
	else
		si_store_u32(b->data + at, si_load_u32(b->data + at) +
					 (uint32_t) mutant_below(9) - 4);
}

static inline void
plant_double(Bytes *b)
{
	static const double special[] = {
		0, -0.0, 1, -1, 1e-300, 1e300, INFINITY, -INFINITY, NAN, 0.5, -1e-9
	};
	size_t		which = mutant_below(sizeof(special) / sizeof(special[0]) + 1);
	uint64_t	bits = which < sizeof(special) / sizeof(special[0]) ?
		si_double_bits(special[which]) : UINT64_C(0x7ff0000000000001);

	si_store_u64(b->data + mutant_below(b->size - 8), bits);
}

/* Copy a run of bytes over another place. */
static inline void
copy_run(Bytes *b)
{
	size_t		length = 1 + mutant_below(b->size / 2);

	memmove(b->data + mutant_below(b->size - length),
			b->data + mutant_below(b->size - length), length);
}

/* Take a run of bytes out, or put one in that stands elsewhere. */
static inline void
splice(Bytes *b)
{
	size_t		length = 1 + mutant_below(b->size < 128 ? b->size / 2 : 64);
	size_t		at = mutant_below(b->size - length);
	uint8_t    *joined;

	if (mutant_below(2) == 0)
	{
		memmove(b->data + at, b->data + at + length, b->size - at - length);
		b->size -= length;
		b->data = realloc(b->data, b->size);
		return;
	}
	joined = malloc(b->size + length);
	memcpy(joined, b->data, at);
	memcpy(joined + at, b->data + mutant_below(b->size - length), length);
	memcpy(joined + at + length, b->data + at, b->size - at);
	free(b->data);
	b->data = joined;
	b->size += length;
}

static inline void
cut(Bytes *b)
{
	b->size = 8 + mutant_below(b->size - 8);
	b->data = realloc(b->data, b->size);
}

typedef void (*Mutation) (Bytes *);

static const struct
{
	Mutation	apply;
	const char *name;
}			mutations[] =
{
	{flip_bytes, "flipped bytes"},
	{inflate_count, "inflated counts"},
	{plant_double, "planted doubles"},
	{copy_run, "copied runs"},
	{splice, "splices"},
	{cut, "cuts"}
};

#define MUTATIONS	(sizeof(mutations) / sizeof(mutations[0]))

static inline void
repair_hash(Bytes *b)
{
	si_store_u64(b->data + b->size - 8,
				 si_hash_bytes(b->data, b->size - 8, 0));
}

#endif							/* MUTANTS_H */
