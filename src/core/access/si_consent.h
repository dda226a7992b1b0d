/*
 * si_consent.h
 *	  What a subject allows at a time, folded from what happened.
 *
 * Events are of one subject and are added newest first; of each scene the
 * newest decides.  So a fold needs no memory and may stop early.
 */
#ifndef SI_CONSENT_H
#define SI_CONSENT_H

#include "core/si_core.h"

#define SI_CONSENT_BITS		62	/* scenes; the others are for marks */
#define SI_CONSENT_NEVER	INT64_MAX	/* the time that does not come */

typedef enum SiConsentAction
{
	SI_CONSENT_ASK,				/* decides nothing */
	SI_CONSENT_GRANT,
	SI_CONSENT_DENY,			/* refused or withdrawn */
	SI_CONSENT_ERASE			/* nothing before it counts */
} SiConsentAction;

typedef struct SiConsentEvent
{
	SiConsentAction action;
	int			bit;			/* of the scene */
	bool		own;			/* part of what is folded: standing consent, or
								 * that of one session */
	bool		guard;			/* the standing consent that a guardian gives */
	int64_t		from;			/* a grant holds in [from, until) */
	int64_t		until;
} SiConsentEvent;

/* Of the guardian's consent: whether it is given, and until when. */
typedef struct SiConsentGuard
{
	bool		known;
	bool		given;
	int64_t		recheck;
} SiConsentGuard;

typedef struct SiConsent
{
	int64_t		at;
	int64_t		mask;			/* scenes allowed at that time */
	int64_t		decided;		/* scenes with an entry, allowed or not */
	int64_t		recheck;		/* the next time that changes the mask */
	SiConsentGuard guard;
} SiConsent;

extern void si_consent_begin(SiConsent *consent, int64_t at);

/* False: no older event counts. */
extern bool si_consent_add(SiConsent *consent, const SiConsentEvent *event);

/* After the oldest; guarded: without the guardian's consent nothing is. */
extern void si_consent_end(SiConsent *consent, bool guarded);

#endif							/* SI_CONSENT_H */
