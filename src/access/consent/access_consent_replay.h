/*
 * access_consent_replay.h
 *	  What a subject allows, from the events alone.
 */
#ifndef ACCESS_CONSENT_REPLAY_H
#define ACCESS_CONSENT_REPLAY_H

#include "datatype/timestamp.h"

typedef struct AccessConsent
{
	int64		mask;			/* scenes allowed */
	int64		overrides;		/* of a session: scenes with its own entry */
	TimestampTz recheck_at;		/* infinity: stays until something happens */
} AccessConsent;

/*
 * By the events that the active snapshot sees; session NULL: the standing
 * consent.  In a session is allowed, by masks of both,
 * (standing & ~overrides) | (session & overrides).
 */
extern void access_consent_replay(const char *subject, const char *session,
								  TimestampTz at, AccessConsent *consent);

#endif							/* ACCESS_CONSENT_REPLAY_H */
