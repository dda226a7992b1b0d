/*
 * test_consent.c
 *	  What is allowed, from what happened: cases by hand, and random histories
 *	  against a twin that reads them oldest first and tries every time.
 *	  CONSENT_CASES says how many.
 */
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "core/access/si_consent.h"
#include "scored.h"

#define MOST_EVENTS	12
#define SCENES		4
#define GUARDIAN	3			/* its scene */
#define TIMES		10

/* A history, oldest first. */
typedef struct History
{
	int			n;
	SiConsentEvent event[MOST_EVENTS];
} History;

static SiConsent
fold(const History *history, int64_t at, bool guarded)
{
	SiConsent	consent;

	si_consent_begin(&consent, at);
	for (int i = history->n - 1; i >= 0; i--)
		if (!si_consent_add(&consent, &history->event[i]))
			break;
	si_consent_end(&consent, guarded);
	return consent;
}

/* ----- By hand ----- */

static SiConsentEvent
entry(SiConsentAction action, int bit, int64_t from, int64_t until)
{
	SiConsentEvent event = {action, bit, true, false, from, until};

	return event;
}

static SiConsentEvent
grant(int bit)
{
	return entry(SI_CONSENT_GRANT, bit, INT64_MIN, SI_CONSENT_NEVER);
}

static void
expect(SiConsent got, int64_t mask, int64_t decided, int64_t recheck,
	   const char *name)
{
	ok(got.mask == mask && got.decided == decided && got.recheck == recheck,
	   "%s", name);
}

static void
test_entries(void)
{
	History		none = {0};
	History		last = {3, {grant(0), entry(SI_CONSENT_DENY, 0, 0, 0),
	grant(61)}};
	History		again = {2, {entry(SI_CONSENT_DENY, 0, 0, 0), grant(0)}};
	History		asked = {2, {grant(1), entry(SI_CONSENT_ASK, 1, 0, 0)}};
	History		erased = {3, {grant(0), entry(SI_CONSENT_ERASE, 1, 0, 0),
	grant(2)}};

	expect(fold(&none, 5, false), 0, 0, SI_CONSENT_NEVER,
		   "nothing happened: nothing is allowed");
	expect(fold(&last, 5, false), (int64_t) 1 << 61,
		   (int64_t) 1 << 61 | 1, SI_CONSENT_NEVER, "a withdrawal is an entry");
	expect(fold(&again, 5, false), 1, 1, SI_CONSENT_NEVER,
		   "what was denied can be granted");
	expect(fold(&asked, 5, false), 2, 2, SI_CONSENT_NEVER,
		   "a question changes nothing");
	expect(fold(&erased, 5, false), 4, 4, SI_CONSENT_NEVER,
		   "nothing before an erasure counts");
}

static void
test_times(void)
{
	History		bounded = {1, {entry(SI_CONSENT_GRANT, 0, 3, 7)}};
	History		empty = {1, {entry(SI_CONSENT_GRANT, 0, 7, 7)}};

	expect(fold(&bounded, 2, false), 0, 1, 3, "before it begins");
	expect(fold(&bounded, 3, false), 1, 1, 7, "when it begins");
	expect(fold(&bounded, 6, false), 1, 1, 7, "just before its end");
	expect(fold(&bounded, 7, false), 0, 1, SI_CONSENT_NEVER, "at its end");
	expect(fold(&empty, 6, false), 0, 1, SI_CONSENT_NEVER,
		   "a grant that ends when it begins never holds");
}

static void
test_guardian(void)
{
	History		history = {2, {grant(0),
	entry(SI_CONSENT_GRANT, GUARDIAN, 3, 7)}};
	History		session = history;

	history.event[1].guard = true;
	session.event[1].guard = true;
	session.event[1].own = false;
	expect(fold(&history, 2, true), 0, 9, 3,
		   "without the guardian's consent nothing is allowed");
	expect(fold(&history, 3, true), 9, 9, 7, "with it the rest is");
	expect(fold(&history, 7, true), 0, 9, SI_CONSENT_NEVER, "until it ends");
	expect(fold(&history, 2, false), 1, 9, 3, "who needs no guardian");
	expect(fold(&session, 3, true), 1, 1, 7,
		   "a session's consent ends with the guardian's");
	expect(fold(&session, 7, true), 0, 1, SI_CONSENT_NEVER,
		   "and is none without");
}

/* ----- By chance ----- */

static void
random_history(History *history, bool standing)
{
	history->n = random_below(MOST_EVENTS + 1);
	for (int i = 0; i < history->n; i++)
	{
		SiConsentEvent *event = &history->event[i];
		int			kind = random_below(16);

		event->action = kind == 0 ? SI_CONSENT_ERASE : kind < 3 ?
			SI_CONSENT_ASK : kind < 8 ? SI_CONSENT_DENY : SI_CONSENT_GRANT;
		event->bit = random_below(SCENES);
		event->guard = event->bit == GUARDIAN;
		event->own = standing || !event->guard;
		event->from = random_below(3) > 0 ? INT64_MIN : random_below(TIMES);
		event->until = random_below(2) ? SI_CONSENT_NEVER :
			random_below(TIMES);
	}
}

/* The scenes' entries at the end of a history; NULL: none. */
static void
find_entries(const History *history, const SiConsentEvent *entries[SCENES])
{
	memset(entries, 0, SCENES * sizeof(entries[0]));
	for (int i = 0; i < history->n; i++)
	{
		const SiConsentEvent *event = &history->event[i];

		if (event->action == SI_CONSENT_ERASE)
			memset(entries, 0, SCENES * sizeof(entries[0]));
		else if (event->action != SI_CONSENT_ASK)
			entries[event->bit] = event;
	}
}

static bool
twin_holds(const SiConsentEvent *event, int64_t at)
{
	return event != NULL && event->action == SI_CONSENT_GRANT &&
		event->from <= at && at < event->until;
}

static int64_t
twin_mask(const History *history, int64_t at, bool guarded)
{
	const SiConsentEvent *entries[SCENES];
	int64_t		mask = 0;

	find_entries(history, entries);
	if (guarded && !twin_holds(entries[GUARDIAN], at))
		return 0;
	for (int i = 0; i < SCENES; i++)
		if (twin_holds(entries[i], at) && entries[i]->own)
			mask |= (int64_t) 1 << i;
	return mask;
}

/* The first time after `at` with another mask. */
static int64_t
twin_change(const History *history, int64_t at, bool guarded)
{
	int64_t		mask = twin_mask(history, at, guarded);

	for (int64_t t = at + 1; t <= TIMES; t++)
		if (twin_mask(history, t, guarded) != mask)
			return t;
	return SI_CONSENT_NEVER;
}

/*
 * The time is the twin's; but where a guardian's consent begins or ends while
 * nothing else is allowed in a session, asking again then changes nothing.
 */
static bool
agrees(const History *history, int64_t at, bool guarded, bool standing)
{
	SiConsent	got = fold(history, at, guarded);
	int64_t		change = twin_change(history, at, guarded);

	return got.mask == twin_mask(history, at, guarded) &&
		(got.recheck == change ||
		 (guarded && !standing && got.recheck < change && got.recheck > at));
}

static void
test_twin(bool guarded, bool standing, long cases)
{
	long		different = 0;
	long		allowed = 0;
	long		changing = 0;

	for (long i = 0; i < cases; i++)
	{
		History		history;
		int64_t		at = random_below(TIMES);

		random_history(&history, standing);
		different += !agrees(&history, at, guarded, standing);
		allowed += twin_mask(&history, at, guarded) != 0;
		changing += twin_change(&history, at, guarded) != SI_CONSENT_NEVER;
	}
	ok(different == 0, "%ld %s histories%s as the twin has them", cases,
	   standing ? "standing" : "session's", guarded ? " of minors" : "");
	ok(allowed > cases / 16 && changing > cases / 16,
	   "%ld allow something, %ld change by themselves", allowed, changing);
}

int
main(void)
{
	const char *setting = getenv("CONSENT_CASES");
	long		cases = setting != NULL ? atol(setting) : 100000;

	test_entries();
	test_times();
	test_guardian();
	for (int i = 0; i < 4; i++)
		test_twin(i & 1, i & 2, cases);
	return done_testing();
}
