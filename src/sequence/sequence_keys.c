/*
 * sequence_keys.c
 *	  Numbers distinct bigint keys in order of appearance.
 *
 * Open addressing with linear probing; at most half of the slots are taken.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_keys.h"

#define FIRST_KEYS		8
#define MAX_KEYS		(1 << 30)

static void
take_slot(SequenceKeys *keys, uint32 code)
{
	uint32		mask = keys->slots - 1;
	uint32		at = sequence_key_hash(keys, keys->key[code]) & mask;

	while (keys->slot[at] != 0)
		at = (at + 1) & mask;
	keys->slot[at] = code + 1;
}

static void
grow_keys(SequenceKeys *keys, MemoryContext context, const char *what)
{
	uint32		capacity = keys->capacity > 0 ? 2 * keys->capacity : FIRST_KEYS;

	if (capacity > MAX_KEYS)
		elog(ERROR, "too many distinct keys in %s", what);
	si_check_memory(context, capacity * (sizeof(int64) + 2 * sizeof(uint32)),
					what, false);
	if (keys->key == NULL)
		keys->key = MemoryContextAlloc(context, capacity * sizeof(int64));
	else
	{
		keys->key = repalloc_huge(keys->key, capacity * sizeof(int64));
		pfree(keys->slot);
	}
	keys->capacity = capacity;
	keys->slots = 2 * capacity;
	keys->slot = MemoryContextAllocExtended(context,
											keys->slots * sizeof(uint32),
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 code = 0; code < keys->count; code++)
	{
		si_pulse_every(code);
		take_slot(keys, code);
	}
}

uint32
sequence_keys_add(SequenceKeys *keys, int64 key, MemoryContext context,
				  const char *what)
{
	if (keys->count == keys->capacity)
		grow_keys(keys, context, what);
	keys->key[keys->count] = key;
	take_slot(keys, keys->count);
	return keys->count++;
}
