/*
 * sequence_names.h
 *	  Numbers distinct texts in order of appearance: event names, entities.
 *
 * Small when there are few, as in a group of a GROUP BY, and fast when there
 * are millions.  The texts are copied; the caller checks memory before adding.
 */
#ifndef SEQUENCE_NAMES_H
#define SEQUENCE_NAMES_H

#include "postgres.h"

#include "core/si_core.h"
#include "pg/si_hash_key.h"

typedef struct SequenceName
{
	uint32		hash;
	int32		length;
	Size		start;			/* in text */
} SequenceName;

typedef struct SequenceNames
{
	SiHashKey	key;
	uint32		count;
	uint32		capacity;
	SequenceName *name;			/* by code */
	char	   *text;
	Size		used;
	Size		room;
	uint32	   *slot;			/* code + 1, 0 when free */
	uint32		slots;			/* a power of two, or 0 */
} SequenceNames;

static inline SiText
sequence_name(const SequenceNames *names, uint32 code)
{
	SiText		text = {names->text + names->name[code].start,
	names->name[code].length};

	return text;
}

static inline uint32
sequence_name_hash(SequenceNames *names, SiText text)
{
	return (uint32) si_hash_keyed(text.data, text.length,
								  si_hash_key(&names->key));
}

/* The code of a text with its hash, added if it is new. */
extern uint32 sequence_names_code(SequenceNames *names, SiText text,
								  uint32 hash, MemoryContext context,
								  const char *what);

static inline uint32
sequence_names_add(SequenceNames *names, SiText text, MemoryContext context,
				   const char *what)
{
	return sequence_names_code(names, text, sequence_name_hash(names, text),
							   context, what);
}

/*
 * Asks the processor for the slot of a text, then for the name that is there,
 * then for its text.
 */
static inline void
sequence_names_fetch_slot(const SequenceNames *names, uint32 hash)
{
	if (names->slots > 0)
		__builtin_prefetch(&names->slot[hash & (names->slots - 1)]);
}

static inline const SequenceName *
sequence_names_guess(const SequenceNames *names, uint32 hash)
{
	uint32		slot = names->slots > 0 ?
		names->slot[hash & (names->slots - 1)] : 0;

	return slot > 0 ? &names->name[slot - 1] : NULL;
}

static inline void
sequence_names_fetch_name(const SequenceNames *names, uint32 hash)
{
	__builtin_prefetch(sequence_names_guess(names, hash));
}

static inline void
sequence_names_fetch_text(const SequenceNames *names, uint32 hash)
{
	const SequenceName *name = sequence_names_guess(names, hash);

	if (name != NULL)
		__builtin_prefetch(names->text + name->start);
}

/* Bytes that the names hold. */
extern Size sequence_names_size(const SequenceNames *names);

/*
 * The texts of some codes in bytewise order, and the place among them of each,
 * both in the current context.
 */
extern SiText *sequence_names_order_some(const SequenceNames *names,
										 uint32 count, const uint32 *code,
										 uint32 **rank);

/* The same for all texts, the places by code. */
extern SiText *sequence_names_order(const SequenceNames *names,
									uint32 **rank);

#endif							/* SEQUENCE_NAMES_H */
