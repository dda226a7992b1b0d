/*
 * sequence_store.h
 *	  The events of very many entities, as they come: 13 bytes each, or 16.
 *
 * Entities are numbered in order of appearance, their keys kept once.  Looking
 * one up waits for memory, once or, of a text, three times; so events wait a
 * while until a handful can be looked up together, and are part of the store
 * only after sequence_store_settle.  The number of an event's name takes a
 * byte, or four from the first number on that needs more.
 */
#ifndef SEQUENCE_STORE_H
#define SEQUENCE_STORE_H

#include "postgres.h"

#include "sequence/sequence_keys.h"
#include "sequence/sequence_names.h"

#define STORE_WAITING	32
#define STORE_TEXT		40		/* bytes of a key that waits */

typedef struct StoreWait
{
	union
	{
		int64		number;
		char		text[STORE_TEXT];
	}			key;
	int64		time;
	uint32		hash;
	int32		length;			/* of a text */
	uint32		name;
} StoreWait;

typedef struct StoreChunk
{
	struct StoreChunk *next;
	int			count;
	int			capacity;
	int64	   *time;
	uint32	   *entity;
	uint8	   *name;
	uint32	   *wide;			/* instead, where a byte does not do; or NULL */
} StoreChunk;

/* The number of the name of an event. */
static inline uint32
sequence_store_name(const StoreChunk *chunk, int i)
{
	return chunk->wide != NULL ? chunk->wide[i] : chunk->name[i];
}

typedef struct SequenceStore
{
	bool		text_keys;
	SequenceNames texts;		/* one of these two is used */
	SequenceKeys numbers;
	int64		count;			/* events */
	StoreChunk *first;
	StoreChunk *last;
	int			waiting;
	StoreWait	wait[STORE_WAITING];
} SequenceStore;

static inline uint32
sequence_store_entities(const SequenceStore *store)
{
	return store->text_keys ? store->texts.count : store->numbers.count;
}

/* The number of an entity, added if it is new. */
extern uint32 sequence_store_text(SequenceStore *store, SiText key,
								  MemoryContext context);
extern uint32 sequence_store_number(SequenceStore *store, int64 key,
									MemoryContext context);

/* An event of an entity whose number is known. */
extern void sequence_store_append(SequenceStore *store, int64 time,
								  uint32 entity, uint32 name,
								  MemoryContext context);

/* An event more, by the key of its entity. */
extern void sequence_store_add_text(SequenceStore *store, SiText key,
									int64 time, uint32 name,
									MemoryContext context);
extern void sequence_store_add_number(SequenceStore *store, int64 key,
									  int64 time, uint32 name,
									  MemoryContext context);

/* No event waits any more. */
extern void sequence_store_settle(SequenceStore *store,
								  MemoryContext context);

/*
 * The events of another store, which is settled; their names are translated,
 * if there is a translation.
 */
extern void sequence_store_add_store(SequenceStore *store,
									 const SequenceStore *from,
									 const uint32 *translation,
									 MemoryContext context);

#endif							/* SEQUENCE_STORE_H */
