/*
 * access_consent_read.c
 *	  What one subject allows, as the statement sees it.
 *
 * The first subjects of a statement are looked up by index; one that goes on
 * asking is given the cache, and what is not there is looked up for it.  The
 * last subject is remembered, since a row asks for several scenes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_moment.h"
#include "access/access_store.h"
#include "access/consent/access_consent_replay.h"
#include "access/live/access_consent_age.h"
#include "access/live/access_consent_cache.h"
#include "access/live/access_consent_read.h"

#define FEW_SUBJECTS	8		/* are looked up by index in any case */
#define MEMO_BYTES		128

/* Columns of consent_state and consent_session. */
#define STATE_MASK			1
#define STATE_RECHECK		3
#define SESSION_MASK		2
#define SESSION_OVERRIDES	3
#define SESSION_RECHECK		4
#define COLUMNS				5

/* What was last asked. */
typedef struct Memo
{
	bool		known;
	Size		subject;		/* bytes of each, one after the other */
	Size		session;
	char		bytes[MEMO_BYTES];
	int64		mask;
} Memo;

/* What the statement that runs has asked so far. */
typedef struct Statement
{
	AccessMoment moment;
	uint64		number;
	TimestampTz at;
	uint32		second;
	bool		cached;			/* the cache is at its snapshot */
	AccessTable state;			/* consent_state, if it is open */
	int64		asked;			/* subjects by index */
	int64		next;			/* from which on the cache may be worth it */
	Memo		memo[2];		/* standing, of a session */
} Statement;

static Statement statement;

uint64
access_consent_statement(void)
{
	TimestampTz at = GetCurrentStatementStartTimestamp();
	Snapshot	snapshot = GetActiveSnapshot();

	if (statement.at == at && access_moment_is(&statement.moment, snapshot))
		return statement.number;
	access_consent_check_age();
	statement = (Statement)
	{
		.moment = access_moment(snapshot),
		.number = statement.number + 1,
		.at = at,
		.second = access_consent_second(at),
		.next = FEW_SUBJECTS
	};
	return statement.number;
}

/* ----- By index ----- */

ConsentKey
access_consent_key_of(const char *string)
{
	return (ConsentKey) {string, string == NULL ? 0 : strlen(string)};
}

static char *
string_of(ConsentKey key)
{
	return pnstrdup(key.bytes, key.size);
}

/* True: the session's transaction wrote it. */
static bool
read_standing(const char *subject, TimestampTz at, AccessConsent *consent)
{
	AccessScan	scan;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	bool		own = false;

	if (!OidIsValid(statement.state.table))
		statement.state = access_open("consent_state");
	scan = access_scan_open(statement.state, subject);
	*consent = (AccessConsent) {.recheck_at = DT_NOEND};
	if (access_next(&scan, values, nulls))
	{
		consent->mask = DatumGetInt64(values[STATE_MASK]);
		consent->recheck_at = DatumGetTimestampTz(values[STATE_RECHECK]);
		own = access_is_own(&scan);
	}
	access_end(&scan);
	if (consent->recheck_at <= at)
		access_consent_replay(subject, NULL, at, consent);
	return own;
}

static void
read_session(const char *subject, const char *session, TimestampTz at,
			 AccessConsent *consent)
{
	const char *key[2] = {subject, session};
	AccessScan	scan = access_scan_text("consent_session", 2, key);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	*consent = (AccessConsent) {.recheck_at = DT_NOEND};
	if (access_next(&scan, values, nulls))
	{
		consent->mask = DatumGetInt64(values[SESSION_MASK]);
		consent->overrides = DatumGetInt64(values[SESSION_OVERRIDES]);
		consent->recheck_at = DatumGetTimestampTz(values[SESSION_RECHECK]);
	}
	access_end(&scan);
	if (consent->recheck_at <= at)
		access_consent_replay(subject, session, at, consent);
}

/* ----- By the cache ----- */

/* True: there is one now, or it is whole now; false: nothing is new. */
static bool
reach_cache(void)
{
	if (statement.asked < statement.next ||
		(statement.cached && access_consent_cache_is_whole()))
		return false;
	statement.next *= 2;
	statement.cached = access_consent_cache_reach(statement.asked,
												  statement.at);
	return statement.cached;
}

static bool
find_standing(ConsentKey key, int64 *mask)
{
	const SiSubject *subject;

	if (!statement.cached)
		return false;
	subject = access_consent_cache_find(key.bytes, key.size);
	*mask = subject == NULL ? 0 : subject->mask;
	return subject == NULL ? access_consent_cache_is_whole() :
		subject->recheck > statement.second;
}

static int64
standing(ConsentKey key)
{
	AccessConsent consent;
	int64		mask;

	if (find_standing(key, &mask) ||
		(reach_cache() && find_standing(key, &mask)))
		return mask;
	statement.asked++;
	if (!read_standing(string_of(key), statement.at, &consent) &&
		statement.cached)
		access_consent_cache_put(key.bytes, key.size, consent.mask,
								 consent.recheck_at, statement.at);
	return consent.mask;
}

/* ----- The last one ----- */

static inline bool
is_last(const Memo *memo, ConsentKey subject, ConsentKey session)
{
	return memo->known && memo->subject == subject.size &&
		memo->session == session.size &&
		memcmp(memo->bytes, subject.bytes, subject.size) == 0 &&
		(session.size == 0 ||
		 memcmp(memo->bytes + subject.size, session.bytes,
				session.size) == 0);
}

static void
remember(Memo *memo, ConsentKey subject, ConsentKey session, int64 mask)
{
	memo->known = subject.size + session.size <= MEMO_BYTES;
	if (!memo->known)
		return;
	memo->subject = subject.size;
	memo->session = session.size;
	memo->mask = mask;
	memcpy(memo->bytes, subject.bytes, subject.size);
	if (session.size > 0)
		memcpy(memo->bytes + subject.size, session.bytes, session.size);
}

static int64
both(int64 standing, const AccessConsent *session)
{
	return (standing & ~session->overrides) |
		(session->mask & session->overrides);
}

int64
access_consent_mask(ConsentKey subject, ConsentKey session)
{
	Memo	   *memo = &statement.memo[session.bytes != NULL];
	AccessConsent consent;
	int64		mask;

	if (is_last(memo, subject, session))
		return memo->mask;
	if (session.bytes == NULL)
		mask = standing(subject);
	else
	{
		mask = access_consent_mask(subject, (ConsentKey) {NULL, 0});
		read_session(string_of(subject), string_of(session), statement.at,
					 &consent);
		mask = both(mask, &consent);
	}
	remember(memo, subject, session, mask);
	return mask;
}

int64
access_consent_mask_at(ConsentKey subject, ConsentKey session, TimestampTz at)
{
	AccessConsent consent;
	int64		mask;

	access_consent_replay(string_of(subject), NULL, at, &consent);
	mask = consent.mask;
	if (session.bytes == NULL)
		return mask;
	access_consent_replay(string_of(subject), string_of(session), at,
						  &consent);
	return both(mask, &consent);
}
