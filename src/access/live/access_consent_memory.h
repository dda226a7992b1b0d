/*
 * access_consent_memory.h
 *	  What very many subjects allow, in a session's memory, up to a limit.
 *
 * The limit is sales_intel.consent_cache.
 */
#ifndef ACCESS_CONSENT_MEMORY_H
#define ACCESS_CONSENT_MEMORY_H

#include "core/access/si_subjects.h"

typedef struct ConsentMemory
{
	MemoryContext context;
	Size		outside;		/* bytes of long keys */
	bool		full;			/* what was last asked for would be too much */
	SiSubjects	subjects;
} ConsentMemory;

/*
 * Of nobody, in a new context within the current one, for as many subjects as
 * are expected, unless it is full at once.
 */
extern void access_memory_begin(ConsentMemory *in, uint32 room);

/* NULL: it is full.  Before there is an index, none is found. */
extern SiSubject *access_memory_add(ConsentMemory *in, const char *key,
									Size size);
extern void access_memory_index(ConsentMemory *in);

/* Has the limit become lower since? */
extern bool access_memory_is_too_much(const ConsentMemory *in);

#endif							/* ACCESS_CONSENT_MEMORY_H */
