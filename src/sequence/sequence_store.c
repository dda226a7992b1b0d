/*
 * sequence_store.c
 *	  The events of very many entities, as they come: 13 bytes each, or 16.
 *
 * Chunks instead of one growing array: nothing is copied, and no more than a
 * chunk is kept in vain.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_store.h"

#define FIRST_CHUNK		64
#define LAST_CHUNK		65536	/* events; chunks double up to this */
#define EVENT_SIZE		(sizeof(int64) + sizeof(uint32))	/* and its name */
#define WHAT			"events by entity"

static void
add_chunk(SequenceStore *store, bool wide, MemoryContext context)
{
	int			capacity = store->last == NULL ? FIRST_CHUNK :
		Min(2 * store->last->capacity, LAST_CHUNK);
	Size		name = wide ? sizeof(uint32) : sizeof(uint8);
	Size		size = sizeof(StoreChunk) + capacity * (EVENT_SIZE + name);
	StoreChunk *chunk;

	si_check_memory(context, size, WHAT, false);
	chunk = MemoryContextAlloc(context, size);
	chunk->next = NULL;
	chunk->count = 0;
	chunk->capacity = capacity;
	chunk->time = (int64 *) (chunk + 1);
	chunk->entity = (uint32 *) (chunk->time + capacity);
	chunk->wide = wide ? chunk->entity + capacity : NULL;
	chunk->name = (uint8 *) (chunk->entity + capacity);
	if (store->last == NULL)
		store->first = chunk;
	else
		store->last->next = chunk;
	store->last = chunk;
}

static inline void
append(SequenceStore *store, int64 time, uint32 entity, uint32 name,
	   MemoryContext context)
{
	StoreChunk *chunk = store->last;

	if (unlikely(chunk == NULL || chunk->count == chunk->capacity ||
				 (name > UINT8_MAX && chunk->wide == NULL)))
	{
		add_chunk(store, name > UINT8_MAX ||
				  (chunk != NULL && chunk->wide != NULL), context);
		chunk = store->last;
	}
	chunk->time[chunk->count] = time;
	chunk->entity[chunk->count] = entity;
	if (chunk->wide != NULL)
		chunk->wide[chunk->count++] = name;
	else
		chunk->name[chunk->count++] = (uint8) name;
	store->count++;
}

void
sequence_store_append(SequenceStore *store, int64 time, uint32 entity,
					  uint32 name, MemoryContext context)
{
	append(store, time, entity, name, context);
}

uint32
sequence_store_text(SequenceStore *store, SiText key, MemoryContext context)
{
	return sequence_names_add(&store->texts, key, context, WHAT);
}

uint32
sequence_store_number(SequenceStore *store, int64 key, MemoryContext context)
{
	return sequence_keys_code(&store->numbers, key,
							  sequence_key_hash(&store->numbers, key),
							  context, WHAT);
}

/* ----- Waiting ----- */

static void
settle_numbers(SequenceStore *store, int waiting, MemoryContext context)
{
	for (int i = 0; i < waiting; i++)
	{
		StoreWait  *wait = &store->wait[i];
		uint32		entity = sequence_keys_code(&store->numbers,
												wait->key.number, wait->hash,
												context, WHAT);

		append(store, wait->time, entity, wait->name, context);
	}
}

static void
settle_texts(SequenceStore *store, int waiting, MemoryContext context)
{
	for (int i = 0; i < waiting; i++)
		sequence_names_fetch_name(&store->texts, store->wait[i].hash);
	for (int i = 0; i < waiting; i++)
		sequence_names_fetch_text(&store->texts, store->wait[i].hash);
	for (int i = 0; i < waiting; i++)
	{
		StoreWait  *wait = &store->wait[i];
		SiText		key = {wait->key.text, wait->length};
		uint32		entity = sequence_names_code(&store->texts, key,
												 wait->hash, context, WHAT);

		append(store, wait->time, entity, wait->name, context);
	}
}

void
sequence_store_settle(SequenceStore *store, MemoryContext context)
{
	int			waiting = store->waiting;

	store->waiting = 0;
	if (store->text_keys)
		settle_texts(store, waiting, context);
	else
		settle_numbers(store, waiting, context);
}

static inline StoreWait *
next_wait(SequenceStore *store, int64 time, uint32 name,
		  MemoryContext context)
{
	StoreWait  *wait;

	if (store->waiting == STORE_WAITING)
		sequence_store_settle(store, context);
	wait = &store->wait[store->waiting++];
	wait->time = time;
	wait->name = name;
	return wait;
}

/* A long key does not wait; the order of events does not matter. */
void
sequence_store_add_text(SequenceStore *store, SiText key, int64 time,
						uint32 name, MemoryContext context)
{
	StoreWait  *wait;

	if (key.length > STORE_TEXT)
	{
		append(store, time, sequence_store_text(store, key, context), name,
			   context);
		return;
	}
	wait = next_wait(store, time, name, context);
	memcpy(wait->key.text, key.data, key.length);
	wait->length = key.length;
	wait->hash = sequence_name_hash(&store->texts, key);
	sequence_names_fetch_slot(&store->texts, wait->hash);
}

void
sequence_store_add_number(SequenceStore *store, int64 key, int64 time,
						  uint32 name, MemoryContext context)
{
	StoreWait  *wait = next_wait(store, time, name, context);

	wait->key.number = key;
	wait->hash = sequence_key_hash(&store->numbers, key);
	sequence_keys_fetch(&store->numbers, wait->hash);
}

/* ----- Adding stores ----- */

/* The numbers here of another store's entities. */
static uint32 *
translate_entities(SequenceStore *store, const SequenceStore *from,
				   MemoryContext context)
{
	Size		count = sequence_store_entities(from);
	uint32	   *entity = MemoryContextAllocHuge(CurrentMemoryContext,
												(count + 1) * sizeof(uint32));
	int64	   *number = sequence_keys_list(&from->numbers);

	for (uint32 i = 0; i < count; i++)
	{
		si_pulse_every(i);
		entity[i] = from->text_keys ?
			sequence_store_text(store, sequence_name(&from->texts, i),
								context) :
			sequence_store_number(store, number[i], context);
	}
	pfree(number);
	return entity;
}

void
sequence_store_add_store(SequenceStore *store, const SequenceStore *from,
						 const uint32 *translation, MemoryContext context)
{
	uint32	   *entity = translate_entities(store, from, context);

	for (const StoreChunk *chunk = from->first; chunk; chunk = chunk->next)
	{
		si_pulse();
		for (int i = 0; i < chunk->count; i++)
		{
			uint32		name = sequence_store_name(chunk, i);

			append(store, chunk->time[i], entity[chunk->entity[i]],
				   translation != NULL ? translation[name] : name, context);
		}
	}
	pfree(entity);
}
