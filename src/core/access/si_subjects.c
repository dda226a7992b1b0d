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

#define BATCH		64
#define UUID_TEXT	36
#define UUID_BYTES	16

/* In place of a size. */
#define UUID		(UINT8_MAX - 1)
#define OUTSIDE		UINT8_MAX

/* ----- Keys ----- */

/* The bytes that a key is kept as; how says the code of a subject's size. */
typedef struct Key
{
	const char *bytes;
	size_t		size;
	uint8_t		code;
} Key;

/* A key that is kept elsewhere. */
typedef struct Outside
{
	const char *bytes;
	size_t		size;
} Outside;

/* The value of a digit, lower case; of anything else a negative one. */
static inline int
digit(char c)
{
	static const int8_t value[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
		-1, 10, 11, 12, 13, 14, 15
	};

	return c >= '0' && c <= 'f' ? value[c - '0'] : -1;
}

/* False: it is not the text of a uuid, in lower case and with hyphens. */
static bool
read_uuid(const char *text, size_t size, char *bytes)
{
	static const uint8_t at[UUID_BYTES] = {
		0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34
	};
	int			all = 0;

	if (size != UUID_TEXT || text[8] != '-' || text[13] != '-' ||
		text[18] != '-' || text[23] != '-')
		return false;
	for (int i = 0; i < UUID_BYTES; i++)
	{
		int			byte = digit(text[at[i]]) * 16 | digit(text[at[i] + 1]);

		bytes[i] = (char) byte;
		all |= byte;
	}
	return all >= 0;
}

/* The buffer has room for a uuid. */
static inline Key
key_of(const char *bytes, size_t size, char *buffer)
{
	if (size <= SI_SUBJECT_INLINE)
		return (Key) {bytes, size, (uint8_t) size};
	if (read_uuid(bytes, size, buffer))
		return (Key) {buffer, UUID_BYTES, UUID};
	return (Key) {bytes, size, OUTSIDE};
}

static inline Key
key_of_subject(const SiSubject *subject)
{
	Outside		kept;

	if (subject->size == UUID)
		return (Key) {subject->key, UUID_BYTES, UUID};
	if (subject->size != OUTSIDE)
		return (Key) {subject->key, subject->size, subject->size};
	memcpy(&kept, subject->key, sizeof(kept));
	return (Key) {kept.bytes, kept.size, OUTSIDE};
}

static inline bool
is_key(const SiSubject *subject, Key key)
{
	Key			kept;

	if (subject->size != key.code)
		return false;
	kept = key_of_subject(subject);
	return kept.size == key.size &&
		memcmp(kept.bytes, key.bytes, key.size) == 0;
}

bool
si_subject_is_inline(const char *key, size_t size)
{
	char		buffer[UUID_BYTES];

	return key_of(key, size, buffer).code != OUTSIDE;
}

/* ----- The table ----- */

static inline uint64_t
hash_of(const SiSubjects *subjects, Key key)
{
	return si_hash_keyed(key.bytes, key.size, &subjects->hash);
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
find(const SiSubjects *subjects, Key key)
{
	uint64_t	hash = hash_of(subjects, key);
	uint32_t	number = (UINT32_C(1) << subjects->bits) - 1;
	uint32_t	wanted = tag(subjects, hash);
	uint32_t	at = first_slot(subjects, hash);
	uint32_t	slot;

	for (; (slot = subjects->slot[at]) != 0; at = next_slot(subjects, at))
	{
		if ((slot & ~number) == wanted &&
			is_key(&subjects->subject[(slot & number) - 1], key))
			return (slot & number) - 1;
	}
	return subjects->count;
}

SiSubject *
si_subjects_find(SiSubjects *subjects, const char *bytes, size_t size)
{
	char		buffer[UUID_BYTES];
	Key			key = key_of(bytes, size, buffer);
	uint32_t	found = subjects->next;

	if (found >= subjects->count ||
		!is_key(&subjects->subject[found], key))
		found = find(subjects, key);
	if (found == subjects->count)
		return NULL;
	subjects->next = found + 1;
	return &subjects->subject[found];
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
si_subjects_add(SiSubjects *subjects, const char *bytes, size_t size)
{
	SiSubject  *subject = &subjects->subject[subjects->count];
	char		buffer[UUID_BYTES];
	Key			key = key_of(bytes, size, buffer);
	Outside		kept = {bytes, size};

	memset(subject, 0, sizeof(*subject));
	subject->size = key.code;
	if (key.code == OUTSIDE)
		memcpy(subject->key, &kept, sizeof(kept));
	else
		memcpy(subject->key, key.bytes, key.size);
	if (subjects->slots > 0)
		put(subjects, subjects->count, hash_of(subjects, key));
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
			hash[i] = hash_of(subjects,
							  key_of_subject(&subjects->subject[start + i]));
			__builtin_prefetch(&slot[first_slot(subjects, hash[i])], 1);
		}
		for (uint32_t i = 0; i < batch; i++)
			put(subjects, start + i, hash[i]);
	}
}
