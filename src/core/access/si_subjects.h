/*
 * si_subjects.h
 *	  What very many subjects allow, by the bytes of their keys.
 *
 * Subjects stand in the order in which they were added, 32 bytes each; a table
 * of numbers with parts of hashes finds them.  Rows of a table of customers
 * often come in that order, too: the subject after the last one found is tried
 * first, and memory is walked through.  A uuid, in its usual text, is kept as
 * 16 bytes.
 */
#ifndef SI_SUBJECTS_H
#define SI_SUBJECTS_H

#include <stdbool.h>

#include "core/si_hash.h"

#define SI_SUBJECT_INLINE	19	/* bytes of a key that are kept within */

typedef struct SiSubject
{
	uint64_t	mask;			/* the caller's, as the next one */
	uint32_t	recheck;
	uint8_t		size;			/* of the key, if it is kept as it is */
	char		key[SI_SUBJECT_INLINE];
} SiSubject;

/* All memory is the caller's; a slot of 0 is empty. */
typedef struct SiSubjects
{
	SiHashKey	hash;
	SiSubject  *subject;
	uint32_t	count;
	uint32_t	room;			/* for that many subjects */
	uint32_t   *slot;
	uint32_t	slots;
	int			bits;			/* of a slot for the number, below its hash */
	uint32_t	next;			/* where the next one asked for may be */
} SiSubjects;

/* How many slots as many subjects need; 0: there are too many. */
extern uint32_t si_subjects_slots(uint32_t room);

/* Is a key kept within?  Of another one the bytes stay where they are. */
extern bool si_subject_is_inline(const char *key, size_t size);

/*
 * Adds a subject that is not there, for which there is room, without mask.  It
 * is found once the table has slots for it.
 */
extern SiSubject *si_subjects_add(SiSubjects *subjects, const char *key,
								  size_t size);

/* Takes a table of empty slots in use, for all that have been added. */
extern void si_subjects_index(SiSubjects *subjects, uint32_t *slot,
							  uint32_t slots);

/* NULL: it is not there. */
extern SiSubject *si_subjects_find(SiSubjects *subjects, const char *key,
								   size_t size);

#endif							/* SI_SUBJECTS_H */
