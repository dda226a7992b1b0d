/*
 * sequence_keys.h
 *	  Numbers distinct bigint keys in order of appearance.
 */
#ifndef SEQUENCE_KEYS_H
#define SEQUENCE_KEYS_H

#include "postgres.h"

#include "pg/si_hash_key.h"

typedef struct SequenceKeys
{
	uint64		seed;
	uint32		count;
	uint32		capacity;
	int64	   *key;			/* by code */
	uint32	   *slot;			/* code + 1, 0 when free */
	uint32		slots;			/* a power of two, or 0 */
} SequenceKeys;

static inline uint32
sequence_key_hash(SequenceKeys *keys, int64 key)
{
	if (unlikely(keys->seed == 0))
		keys->seed = si_draw_seed();
	return (uint32) si_hash_mix((uint64) key ^ keys->seed, keys->seed);
}

extern uint32 sequence_keys_add(SequenceKeys *keys, int64 key,
								MemoryContext context, const char *what);

/* Asks the processor for the slot of a key, and then for the key there. */
static inline void
sequence_keys_fetch_slot(const SequenceKeys *keys, uint32 hash)
{
	if (keys->slots > 0)
		__builtin_prefetch(&keys->slot[hash & (keys->slots - 1)]);
}

static inline void
sequence_keys_fetch_key(const SequenceKeys *keys, uint32 hash)
{
	if (keys->slots > 0)
	{
		uint32		slot = keys->slot[hash & (keys->slots - 1)];

		__builtin_prefetch(&keys->key[slot - (slot > 0)]);
	}
}

/* The code of a key with its hash, added if it is new. */
static inline uint32
sequence_keys_code(SequenceKeys *keys, int64 key, uint32 hash,
				   MemoryContext context, const char *what)
{
	uint32		mask = keys->slots - 1;

	if (keys->slots > 0)
	{
		for (uint32 at = hash & mask; keys->slot[at] != 0;
			 at = (at + 1) & mask)
		{
			if (keys->key[keys->slot[at] - 1] == key)
				return keys->slot[at] - 1;
		}
	}
	return sequence_keys_add(keys, key, context, what);
}

#endif							/* SEQUENCE_KEYS_H */
