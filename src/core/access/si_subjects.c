/*
 * si_subjects.c
 *	  What very many subjects allow, by the bytes of their keys.
 *
 * Method: open addressing, linear probing (Knuth, The Art of Computer
 * Programming 3, 6.4, algorithm L).  A slot holds the number of a subject and,
 * in the bits that leaves, a part of its hash: others are not looked at.
 */
#include <string.h>

#include "core/access/si_subjects.h"

#define BATCH	64

/* A key that is kept elsewhere. */
typedef struct Outside
{
	const char *bytes;
	size_t		size;
} Outside;

static Outside
outside(const SiSubject *subject)
{
	Outside		key;

	memcpy(&key, subject->key, sizeof(key));
	return key;
}

static inline bool
is_key(const SiSubject *subject, const char *key, size_t size)
{
	Outside		kept;

	if (size <= SI_SUBJECT_INLINE)
		return subject->size == size &&
			memcmp(subject->key, key, size) == 0;
	if (subject->size != SI_SUBJECT_OUTSIDE)
		return false;
	kept = outside(subject);
	return kept.size == size && memcmp(kept.bytes, key, size) == 0;
}

/* The slot where a hash begins to look; slots need be no power of two. */
static inline uint32_t
first_slot(const SiSubjects *subjects, uint64_t hash)
{
	return (uint32_t) ((hash >> 32) * subjects->slots >> 32);
}

static inline uint32_t
next_slot(const SiSubjects *subjects, uint32_t slot)
{
	return slot + 1 == subjects->slots ? 0 : slot + 1;
}

/* Another part of the hash, in the bits above those of a number. */
static inline uint32_t
tag(const SiSubjects *subjects, uint64_t hash)
{
	return (uint32_t) hash << subjects->bits;
}

/* By its hash: how many are before it; their number: it is not there. */
static uint32_t
find(const SiSubjects *subjects, const char *key, size_t size)
{
	uint64_t	hash = si_hash_keyed(key, size, &subjects->hash);
	uint32_t	number = (UINT32_C(1) << subjects->bits) - 1;
	uint32_t	wanted = tag(subjects, hash);
	uint32_t	at = first_slot(subjects, hash);
	uint32_t	slot;

	for (; (slot = subjects->slot[at]) != 0; at = next_slot(subjects, at))
	{
		if ((slot & ~number) == wanted &&
			is_key(&subjects->subject[(slot & number) - 1], key, size))
			return (slot & number) - 1;
	}
	return subjects->count;
}

SiSubject *
si_subjects_find(SiSubjects *subjects, const char *key, size_t size)
{
	uint32_t	found = subjects->next;

	if (found >= subjects->count ||
		!is_key(&subjects->subject[found], key, size))
		found = find(subjects, key, size);
	if (found == subjects->count)
		return NULL;
	subjects->next = found + 1;
	return &subjects->subject[found];
}

static uint64_t
hash_of(const SiSubjects *subjects, uint32_t number)
{
	const SiSubject *subject = &subjects->subject[number];
	Outside		key = {subject->key, subject->size};

	if (subject->size == SI_SUBJECT_OUTSIDE)
		key = outside(subject);
	return si_hash_keyed(key.bytes, key.size, &subjects->hash);
}

static void
put(SiSubjects *subjects, uint32_t number, uint64_t hash)
{
	uint32_t	at = first_slot(subjects, hash);

	while (subjects->slot[at] != 0)
		at = next_slot(subjects, at);
	subjects->slot[at] = tag(subjects, hash) | (number + 1);
}

SiSubject *
si_subjects_add(SiSubjects *subjects, const char *key, size_t size)
{
	SiSubject  *subject = &subjects->subject[subjects->count];
	Outside		kept = {key, size};

	memset(subject, 0, sizeof(*subject));
	subject->size = size <= SI_SUBJECT_INLINE ? size : SI_SUBJECT_OUTSIDE;
	if (size <= SI_SUBJECT_INLINE)
		memcpy(subject->key, key, size);
	else
		memcpy(subject->key, &kept, sizeof(kept));
	if (subjects->slots > 0)
		put(subjects, subjects->count, hash_of(subjects, subjects->count));
	subjects->count++;
	return subject;
}

uint32_t
si_subjects_slots(uint32_t room)
{
	uint64_t	slots = (uint64_t) room + room / 2 + 16;

	return slots > UINT32_C(1) << 31 ? 0 : (uint32_t) slots;
}

/* Slots are fetched some time before they are written: they are anywhere. */
void
si_subjects_index(SiSubjects *subjects, uint32_t *slot, uint32_t slots)
{
	uint64_t	hash[BATCH];

	subjects->slot = slot;
	subjects->slots = slots;
	for (subjects->bits = 1; slots >> subjects->bits > 0;)
		subjects->bits++;
	for (uint32_t start = 0; start < subjects->count; start += BATCH)
	{
		uint32_t	left = subjects->count - start;
		uint32_t	batch = left < BATCH ? left : BATCH;

		for (uint32_t i = 0; i < batch; i++)
		{
			hash[i] = hash_of(subjects, start + i);
			__builtin_prefetch(&slot[first_slot(subjects, hash[i])], 1);
		}
		for (uint32_t i = 0; i < batch; i++)
			put(subjects, start + i, hash[i]);
	}
}
