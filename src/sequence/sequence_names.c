/*
 * sequence_names.c
 *	  Numbers distinct texts in order of appearance: event names, entities.
 *
 * Open addressing with linear probing over 32-bit hashes; the texts lie one
 * after another in one growing buffer.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "core/si_bytes.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence_names.h"

#define FIRST_NAMES		8
#define FIRST_ROOM		64
#define MAX_NAMES		(1 << 30)

static void
fill_slots(SequenceNames *names)
{
	uint32		mask = names->slots - 1;

	for (uint32 code = 0; code < names->count; code++)
	{
		uint32		at = names->name[code].hash & mask;

		si_pulse_every(code);
		while (names->slot[at] != 0)
			at = (at + 1) & mask;
		names->slot[at] = code + 1;
	}
}

/* Twice the names, and twice as many slots as names. */
static void
grow_names(SequenceNames *names, MemoryContext context, const char *what)
{
	uint32		capacity = names->capacity > 0 ? 2 * names->capacity :
		FIRST_NAMES;
	Size		bytes = capacity * (sizeof(SequenceName) + 2 * sizeof(uint32));

	if (capacity > MAX_NAMES)
		elog(ERROR, "too many distinct keys in %s", what);
	si_check_memory(context, bytes, what, false);
	if (names->name == NULL)
		names->name = MemoryContextAlloc(context, capacity *
										 sizeof(SequenceName));
	else
	{
		names->name = repalloc_huge(names->name, capacity *
									sizeof(SequenceName));
		pfree(names->slot);
	}
	names->capacity = capacity;
	names->slots = 2 * capacity;
	names->slot = MemoryContextAllocExtended(context,
											 names->slots * sizeof(uint32),
											 MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	fill_slots(names);
}

static void
reserve_text(SequenceNames *names, Size more, MemoryContext context,
			 const char *what)
{
	Size		room = Max(names->room, FIRST_ROOM);

	if (names->used + more <= names->room)
		return;
	while (room < names->used + more)
		room *= 2;
	si_check_memory(context, room, what, false);
	if (names->text == NULL)
		names->text = MemoryContextAllocHuge(context, room);
	else
		names->text = repalloc_huge(names->text, room);
	names->room = room;
}

static uint32
add_name(SequenceNames *names, SiText text, uint32 hash,
		 MemoryContext context, const char *what)
{
	uint32		code = names->count;
	uint32		at;

	if (code == names->capacity)
		grow_names(names, context, what);
	reserve_text(names, text.length, context, what);
	at = hash & (names->slots - 1);
	while (names->slot[at] != 0)
		at = (at + 1) & (names->slots - 1);
	names->slot[at] = code + 1;
	names->name[code].hash = hash;
	names->name[code].length = text.length;
	names->name[code].start = names->used;
	if (text.length > 0)
		memcpy(names->text + names->used, text.data, text.length);
	names->used += text.length;
	names->count++;
	return code;
}

uint32
sequence_names_code(SequenceNames *names, SiText text, uint32 hash,
					MemoryContext context, const char *what)
{
	uint32		mask = names->slots - 1;

	if (names->slots > 0)
	{
		for (uint32 at = hash & mask; names->slot[at] != 0;
			 at = (at + 1) & mask)
		{
			const SequenceName *name = &names->name[names->slot[at] - 1];

			if (name->hash == hash && name->length == text.length &&
				memcmp(names->text + name->start, text.data, text.length) == 0)
				return names->slot[at] - 1;
		}
	}
	return add_name(names, text, hash, context, what);
}

Size
sequence_names_size(const SequenceNames *names)
{
	return names->capacity * sizeof(SequenceName) +
		names->slots * sizeof(uint32) + names->room;
}

typedef struct NamedPlace
{
	SiText		text;
	uint32		place;			/* before sorting */
} NamedPlace;

static int
compare_texts(const void *a, const void *b)
{
	CHECK_FOR_INTERRUPTS();
	return si_text_compare(((const NamedPlace *) a)->text,
						   ((const NamedPlace *) b)->text);
}

SiText *
sequence_names_order_some(const SequenceNames *names, uint32 count,
						  const uint32 *code, uint32 **rank)
{
	Size		room = (Size) count + 1;
	NamedPlace *named = MemoryContextAllocHuge(CurrentMemoryContext,
											   room * sizeof(NamedPlace));
	SiText	   *text = MemoryContextAllocHuge(CurrentMemoryContext,
											  room * sizeof(SiText));

	*rank = MemoryContextAllocHuge(CurrentMemoryContext, room * sizeof(uint32));
	for (uint32 i = 0; i < count; i++)
	{
		named[i].text = sequence_name(names, code != NULL ? code[i] : i);
		named[i].place = i;
	}
	qsort(named, count, sizeof(NamedPlace), compare_texts);
	for (uint32 i = 0; i < count; i++)
	{
		text[i] = named[i].text;
		(*rank)[named[i].place] = i;
	}
	pfree(named);
	return text;
}

SiText *
sequence_names_order(const SequenceNames *names, uint32 **rank)
{
	return sequence_names_order_some(names, names->count, NULL, rank);
}
