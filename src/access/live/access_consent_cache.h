/*
 * access_consent_cache.h
 *	  What subjects allow, kept by the session, exact for a snapshot.
 */
#ifndef ACCESS_CONSENT_CACHE_H
#define ACCESS_CONSENT_CACHE_H

#include "datatype/timestamp.h"
#include "utils/snapshot.h"

#include "core/access/si_subjects.h"

/*
 * Brings the cache to the active snapshot, or makes it: empty, or whole if that
 * is worth it for a statement at that time that has asked for so many subjects
 * already.  False: it cannot be; ask again when it has asked for twice as many.
 */
extern bool access_consent_cache_reach(int64 asked, TimestampTz at);

/*
 * Only where and while the cache is at the active snapshot.  NULL: the subject
 * is not there; in a whole cache, it allows nothing.  From its second of
 * recheck on, its row decides.  What its row says, or a mask that is found
 * then, may be put there, unless it is of the session's own transaction.
 */
extern bool access_consent_cache_is_whole(void);
extern const SiSubject *access_consent_cache_find(const char *key, Size size);
extern void access_consent_cache_put(const char *key, Size size, int64 mask,
									 TimestampTz recheck, TimestampTz at);

/* Seconds, down; the last one is of what never comes. */
extern uint32 access_consent_second(TimestampTz time);

#endif							/* ACCESS_CONSENT_CACHE_H */
