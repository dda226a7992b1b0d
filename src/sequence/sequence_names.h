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

#include "core/si_bytes.h"
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

#define SEQUENCE_SLOTS	128

/*
 * The first eight bytes of a text, or all of a shorter one in an order that
 * tells texts of one length apart.
 */
static inline uint64
sequence_head(const char *data, int32 length)
{
	const uint8_t *p = (const uint8_t *) data;

	if (length >= 8)
		return si_load_u64(p);
	if (length >= 4)
		return (uint64) si_load_u32(p) |
			(uint64) si_load_u32(p + length - 4) << 32;
	if (length == 0)
		return 0;
	return (uint64) p[0] | (uint64) p[length >> 1] << 8 |
		(uint64) p[length - 1] << 16;
}

/* Of SEQUENCE_SLOTS, which are twice as many as names of steps. */
static inline uint32
sequence_slot(uint64 head, int32 length)
{
	return (uint32) ((head ^ (uint64) length << 56) *
					 UINT64CONST(0x9E3779B97F4A7C15) >> 57);
}

/*
 * The names that came last, where there are few: found without a hash of all
 * bytes, and within the processor's cache.
 */
typedef struct SequenceRecent
{
	struct
	{
		uint64		head;
		int32		length;
		uint32		code;		/* plus 1, 0 when free */
	}			slot[SEQUENCE_SLOTS];
} SequenceRecent;

/* The code of a text, added if it is new. */
static inline uint32
sequence_names_recent(SequenceNames *names, SequenceRecent *recent,
					  SiText text, MemoryContext context, const char *what)
{
	uint64		head = sequence_head(text.data, text.length);
	uint32		at = sequence_slot(head, text.length);
	uint32		code = recent->slot[at].code;

	if (likely(code > 0 && recent->slot[at].head == head &&
			   recent->slot[at].length == text.length &&
			   (text.length <= 8 ||
				memcmp(sequence_name(names, code - 1).data + 8, text.data + 8,
					   text.length - 8) == 0)))
		return code - 1;
	code = sequence_names_add(names, text, context, what);
	recent->slot[at].head = head;
	recent->slot[at].length = text.length;
	recent->slot[at].code = code + 1;
	return code;
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
