/*
 * test_subjects.c
 *	  Keys of every length are found again, and no others, however the table
 *	  grows, fills and collides.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access/si_subjects.h"
#include "tap.h"

#define SUBJECTS	20000
#define MOST_KEY	64

static char keys[SUBJECTS][MOST_KEY];
static size_t sizes[SUBJECTS];

#define UUID_TEXT	36
#define UUID_BYTES	16

/* A uuid of a number, as text and as bytes. */
static void
make_uuid(uint32_t number, char *text, char *bytes)
{
	for (int i = 0; i < UUID_BYTES; i++)
		bytes[i] = (char) (i < 4 ? number >> (24 - 8 * i) : 0xa0U + i);
	snprintf(text, UUID_TEXT + 1, "%08x-a4a5-a6a7-a8a9-aaabacadaeaf", number);
}

/* The uuid's text, its bytes, or a text that is nearly one. */
static size_t
make_like_uuid(uint32_t number, uint32_t variant, char *key)
{
	static const struct
	{
		int			at;
		char		c;
	}			wrong[] = {{24, 'A'}, {35, 'g'}, {0, '/'}, {9, ':'}, {19, '`'},
	{23, '_'}, {8, '0'}};
	char		text[MOST_KEY];
	char		bytes[UUID_BYTES];

	make_uuid(number, text, bytes);
	if (variant == 1)
	{
		memcpy(key, bytes, UUID_BYTES);
		return UUID_BYTES;
	}
	if (variant > 1)
		text[wrong[variant - 2].at] = wrong[variant - 2].c;
	memcpy(key, text, UUID_TEXT);
	return UUID_TEXT;
}

/*
 * Of 0 to 63 bytes, zero bytes among them; the first four tell them apart.  A
 * seventh is uuids and what is like them.
 */
static void
make_keys(void)
{
	for (uint32_t i = 0; i < SUBJECTS; i++)
	{
		sizes[i] = i < 4 ? i : 4 + i % (MOST_KEY - 4);
		for (size_t j = 0; j < sizes[i]; j++)
			keys[i][j] = (char) (j < 4 ? i >> (8 * j) : 0);
		if (i % 4 == 2 && i / 4 % 16 < 9)
			sizes[i] = make_like_uuid(i / 64, i / 4 % 16, keys[i]);
	}
}

static void
give_slots(SiSubjects *subjects, uint32_t slots)
{
	uint32_t   *old = subjects->slot;

	si_subjects_index(subjects, calloc(slots, sizeof(uint32_t)), slots);
	free(old);
}

/* A new one in a table that grows as it must; its mask is its number. */
static void
add(SiSubjects *subjects, uint32_t i)
{
	if (subjects->count == subjects->room)
	{
		subjects->room = subjects->room * 3 / 2 + 1;
		subjects->subject = realloc(subjects->subject,
									subjects->room * sizeof(SiSubject));
		if (si_subjects_slots(subjects->room) > subjects->slots)
			give_slots(subjects, si_subjects_slots(subjects->room));
	}
	si_subjects_add(subjects, keys[i], sizes[i])->mask = i;
}

/* How many of the keys before a number are found, with what they were given. */
static uint32_t
found(SiSubjects *subjects, uint32_t end, uint32_t step)
{
	uint32_t	count = 0;

	for (uint32_t i = 0; i < end; i += step)
	{
		SiSubject  *subject = si_subjects_find(subjects, keys[i], sizes[i]);

		count += subject != NULL && subject->mask == i;
	}
	return count;
}

static void
test_growth(void)
{
	SiSubjects	subjects = {.hash = {1, {SI_HASH_K0, SI_HASH_K1, SI_HASH_K2,
	SI_HASH_K3}}};
	bool		all = true;
	uint32_t	strange = 0;

	give_slots(&subjects, si_subjects_slots(1));
	ok(si_subjects_find(&subjects, "", 0) == NULL, "nothing in an empty table");
	for (uint32_t i = 0; i < SUBJECTS; i += 2)
	{
		add(&subjects, i);
		if (i % 1000 == 0)
			all &= found(&subjects, i + 1, 2) == i / 2 + 1;
	}
	ok(all, "all are found while it grows");
	ok(found(&subjects, SUBJECTS, 2) == SUBJECTS / 2, "all in the end");
	for (uint32_t i = 1; i < SUBJECTS; i += 2)
		strange += si_subjects_find(&subjects, keys[i], sizes[i]) != NULL;
	ok(strange == 0, "and no others");
	ok(si_subjects_find(&subjects, keys[5002], sizes[5002] - 1) == NULL,
	   "a key is all of its bytes");
	give_slots(&subjects, 1000003);
	ok(found(&subjects, SUBJECTS, 2) == SUBJECTS / 2, "in a wide table");
	free(subjects.subject);
	free(subjects.slot);
}

/* Those that came before there were slots. */
static void
test_late_slots(void)
{
	SiSubjects	subjects = {.room = SUBJECTS,
	.subject = malloc(SUBJECTS * sizeof(SiSubject))};

	for (uint32_t i = 0; i < SUBJECTS; i++)
		si_subjects_add(&subjects, keys[i], sizes[i])->mask = i;
	give_slots(&subjects, si_subjects_slots(SUBJECTS));
	ok(found(&subjects, SUBJECTS, 1) == SUBJECTS, "all of those before");
	ok(found(&subjects, SUBJECTS, 3) == (SUBJECTS + 2) / 3,
	   "in another order");
	free(subjects.subject);
	free(subjects.slot);
}

/* Full tables of 16 slots: runs of them, around the end, too. */
static void
test_full_tables(void)
{
	bool		all = true;
	uint32_t	strange = 0;

	for (uint32_t seed = 0; seed < 500; seed++)
	{
		SiSubjects	subjects = {.hash = {seed, {SI_HASH_K0, SI_HASH_K1,
		SI_HASH_K2, SI_HASH_K3}}};

		give_slots(&subjects, 16);
		while (subjects.count < 12)
			add(&subjects, subjects.count);
		all &= found(&subjects, 12, 1) == 12;
		for (uint32_t i = 12; i < 100; i++)
			strange += si_subjects_find(&subjects, keys[i], sizes[i]) != NULL;
		free(subjects.subject);
		free(subjects.slot);
	}
	ok(all, "all are found in full tables");
	ok(strange == 0, "and no others");
}

/* Only a uuid's usual text is kept as its bytes, and only it is that uuid. */
static void
test_uuids(void)
{
	char		key[MOST_KEY];
	int			within = 0;

	for (uint32_t variant = 0; variant < 9; variant++)
	{
		size_t		size = make_like_uuid(7, variant, key);

		within += si_subject_is_inline(key, size) << variant;
	}
	ok(within == 3, "a uuid is within, its like outside");
}

int
main(void)
{
	make_keys();
	test_uuids();
	ok(sizeof(SiSubject) == 32, "a subject is 32 bytes");
	ok(si_subjects_slots(UINT32_MAX) == 0, "too many are too many");
	test_growth();
	test_late_slots();
	test_full_tables();
	return done_testing();
}
