/*
 * sequence_keys.c
 *	  Numbers distinct bigint keys in order of appearance.
 *
 * Open addressing with linear probing; at most three of four slots are taken.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_keys.h"

#define FIRST_SLOTS		16
#define MAX_SLOTS		(UINT32_C(1) << 31)

static void
take_slot(SequenceKeys *keys, int64 key, uint32 code)
{
	uint32		mask = keys->slots - 1;
	uint32		at = sequence_key_hash(keys, key) & mask;

	while (keys->slot[at].code != 0)
		at = (at + 1) & mask;
	memcpy(keys->slot[at].key, &key, sizeof(key));
	keys->slot[at].code = code + 1;
}

static void
grow_keys(SequenceKeys *keys, MemoryContext context, const char *what)
{
	SequenceKeySlot *slot = keys->slot;
	uint32		slots = keys->slots;
	Size		size = Max(2 * (Size) slots, FIRST_SLOTS);

	if (size > MAX_SLOTS)
		elog(ERROR, "too many distinct keys in %s", what);
	si_check_memory(context, size * sizeof(SequenceKeySlot), what, false);
	keys->slots = size;
	keys->slot = MemoryContextAllocExtended(context, size *
											sizeof(SequenceKeySlot),
											MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (uint32 i = 0; i < slots; i++)
	{
		si_pulse_every(i);
		if (slot[i].code != 0)
			take_slot(keys, sequence_slot_key(&slot[i]), slot[i].code - 1);
	}
	if (slot != NULL)
		pfree(slot);
}

uint32
sequence_keys_add(SequenceKeys *keys, int64 key, MemoryContext context,
				  const char *what)
{
	if (keys->count >= keys->slots / 4 * 3)
		grow_keys(keys, context, what);
	take_slot(keys, key, keys->count);
	return keys->count++;
}

int64 *
sequence_keys_list(const SequenceKeys *keys)
{
	int64	   *list = MemoryContextAllocHuge(CurrentMemoryContext,
											  ((Size) keys->count + 1) *
											  sizeof(int64));

	for (uint32 i = 0; i < keys->slots; i++)
	{
		si_pulse_every(i);
		if (keys->slot[i].code != 0)
			list[keys->slot[i].code - 1] = sequence_slot_key(&keys->slot[i]);
	}
	return list;
}
