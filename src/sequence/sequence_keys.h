/*
 * sequence_keys.h
 *	  Numbers distinct bigint keys in order of appearance.
 *
 * A key lies in its slot, so that looking one up waits for memory once; the
 * slots are all that there is.
 */
#ifndef SEQUENCE_KEYS_H
#define SEQUENCE_KEYS_H

#include "postgres.h"

#include "pg/si_hash_key.h"

/* Twelve bytes: an int64 would be aligned. */
typedef struct SequenceKeySlot
{
	uint32		code;			/* plus 1, 0 when free */
	uint32		key[2];
} SequenceKeySlot;

typedef struct SequenceKeys
{
	uint64		seed;
	uint32		count;
	uint32		slots;			/* a power of two, or 0 */
	SequenceKeySlot *slot;
} SequenceKeys;

static inline uint32
sequence_key_hash(SequenceKeys *keys, int64 key)
{
	if (unlikely(keys->seed == 0))
		keys->seed = si_draw_seed();
	return (uint32) si_hash_mix((uint64) key ^ keys->seed, keys->seed);
}

static inline int64
sequence_slot_key(const SequenceKeySlot *slot)
{
	int64		key;

	memcpy(&key, slot->key, sizeof(key));
	return key;
}

extern uint32 sequence_keys_add(SequenceKeys *keys, int64 key,
								MemoryContext context, const char *what);

/* The keys by code, in the current context. */
extern int64 *sequence_keys_list(const SequenceKeys *keys);

/* Asks the processor for the slot of a key. */
static inline void
sequence_keys_fetch(const SequenceKeys *keys, uint32 hash)
{
	if (keys->slots > 0)
		__builtin_prefetch(&keys->slot[hash & (keys->slots - 1)]);
}

/* The code of a key with its hash, added if it is new. */
static inline uint32
sequence_keys_code(SequenceKeys *keys, int64 key, uint32 hash,
				   MemoryContext context, const char *what)
{
	uint32		mask = keys->slots - 1;

	if (keys->slots > 0)
	{
		for (uint32 at = hash & mask; keys->slot[at].code != 0;
			 at = (at + 1) & mask)
		{
			if (sequence_slot_key(&keys->slot[at]) == key)
				return keys->slot[at].code - 1;
		}
	}
	return sequence_keys_add(keys, key, context, what);
}

#endif							/* SEQUENCE_KEYS_H */
