/*
 * si_consent.c
 *	  What a subject allows at a time, folded from what happened.
 *
 * Method: of each scene the newest grant or denial is its entry.  A scene is
 * allowed if its entry is a grant that holds at the time.  The mask stays as it
 * is until the first time after that at which an entry begins or ends to hold;
 * what has no entry is not allowed, for ever.
 *
 * Special cases: a grant whose end is not after its beginning never holds.
 * Where a guardian must consent and has not, nothing else is allowed, and only
 * the guardian's entry can change that by itself.
 */
#include "core/access/si_consent.h"

void
si_consent_begin(SiConsent *consent, int64_t at)
{
	SiConsent	empty = {.at = at, .recheck = SI_CONSENT_NEVER,
	.guard.recheck = SI_CONSENT_NEVER};

	*consent = empty;
}

/* Does the entry hold, and when does that change? */
static bool
holds(const SiConsentEvent *event, int64_t at, int64_t *change)
{
	bool		can = event->action == SI_CONSENT_GRANT &&
		event->from < event->until && at < event->until;

	*change = !can ? SI_CONSENT_NEVER :
		at < event->from ? event->from : event->until;
	return can && at >= event->from;
}

static void
decide(SiConsent *consent, const SiConsentEvent *event)
{
	int64_t		bit = (int64_t) 1 << event->bit;
	int64_t		change;

	if (consent->decided & bit)
		return;
	consent->decided |= bit;
	if (holds(event, consent->at, &change))
		consent->mask |= bit;
	if (change < consent->recheck)
		consent->recheck = change;
}

static void
decide_guard(SiConsentGuard *guard, const SiConsentEvent *event, int64_t at)
{
	if (guard->known)
		return;
	guard->known = true;
	guard->given = holds(event, at, &guard->recheck);
}

bool
si_consent_add(SiConsent *consent, const SiConsentEvent *event)
{
	if (event->action == SI_CONSENT_ERASE)
		return false;
	if (event->action == SI_CONSENT_ASK)
		return true;
	if (event->guard)
		decide_guard(&consent->guard, event, consent->at);
	if (event->own)
		decide(consent, event);
	return true;
}

void
si_consent_end(SiConsent *consent, bool guarded)
{
	const SiConsentGuard *guard = &consent->guard;

	if (!guarded)
		return;
	if (!guard->given)
	{
		consent->mask = 0;
		consent->recheck = guard->recheck;
	}
	else if (guard->recheck < consent->recheck)
		consent->recheck = guard->recheck;
}
