/*
 * si_subjects.c
 *	  What very many subjects allow, by the bytes of their keys.
 *
 * Method: open addressing, linear probing (Knuth, The Art of Computer
 * Programming 3, 6.4, algorithm L).  A slot holds the number of a subject and,
 * in the bits that leaves, the top of its hash: others are not looked at.
 */
#include <string.h>

#include "core/access/si_subjects.h"

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

/* Top of the hash, in the bits above those of a number. */
static inline uint32_t
tag(const SiSubjects *subjects, uint64_t hash)
{
	return (uint32_t) (hash >> 32) & ~((UINT32_C(1) << subjects->bits) - 1);
}

SiSubject *
si_subjects_find(const SiSubjects *subjects, const char *key, size_t size)
{
	uint64_t	hash = si_hash_keyed(key, size, &subjects->hash);
	uint32_t	number = (UINT32_C(1) << subjects->bits) - 1;
	uint32_t	wanted = tag(subjects, hash);
	uint32_t	last = subjects->slots - 1;
	uint32_t	at = (uint32_t) hash & last;
	uint32_t	slot;

	for (; (slot = subjects->slot[at]) != 0; at = (at + 1) & last)
	{
		SiSubject  *subject = &subjects->subject[(slot & number) - 1];

		if ((slot & ~number) == wanted && is_key(subject, key, size))
			return subject;
	}
	return NULL;
}

static void
put(SiSubjects *subjects, uint32_t number, const char *key, size_t size)
{
	uint64_t	hash = si_hash_keyed(key, size, &subjects->hash);
	uint32_t	last = subjects->slots - 1;
	uint32_t	at = (uint32_t) hash & last;

	while (subjects->slot[at] != 0)
		at = (at + 1) & last;
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
	put(subjects, subjects->count++, key, size);
	return subject;
}

uint32_t
si_subjects_slots(uint32_t room)
{
	uint64_t	slots = 16;

	while (slots / 4 * 3 < room)
		slots *= 2;
	return slots > UINT32_C(1) << 31 ? 0 : (uint32_t) slots;
}

void
si_subjects_index(SiSubjects *subjects, uint32_t *slot, uint32_t slots)
{
	subjects->slot = slot;
	subjects->slots = slots;
	for (subjects->bits = 0; slots >> subjects->bits > 1;)
		subjects->bits++;
	for (uint32_t i = 0; i < subjects->count; i++)
	{
		SiSubject  *subject = &subjects->subject[i];
		Outside		kept = {subject->key, subject->size};

		if (subject->size == SI_SUBJECT_OUTSIDE)
			kept = outside(subject);
		put(subjects, i, kept.bytes, kept.size);
	}
}
