/*
 * si_hash_key.h
 *	  Keys of hash tables, drawn at random when a table is first used.
 *
 * Texts and numbers that a table sees are chosen by others, and what the hash
 * would be must not be known to them.  Nothing else depends on it: tables give
 * codes in order of appearance.
 */
#ifndef SI_HASH_KEY_H
#define SI_HASH_KEY_H

#include "common/pg_prng.h"

#include "core/si_hash.h"

/* A word that is not 0, which stands for none. */
static inline uint64
si_draw_seed(void)
{
	return pg_prng_uint64(&pg_global_prng_state) | 1;
}

static inline const SiHashKey *
si_hash_key(SiHashKey *key)
{
	if (unlikely(key->seed == 0))
	{
		key->seed = si_draw_seed();
		for (int i = 0; i < 4; i++)
			key->k[i] = si_draw_seed();
	}
	return key;
}

#endif							/* SI_HASH_KEY_H */
