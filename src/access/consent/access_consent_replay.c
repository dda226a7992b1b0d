/*
 * access_consent_replay.c
 *	  What a subject allows, from the events alone.
 *
 * Reads a subject's events newest first, through the index, and folds them in
 * core/access/si_consent.c.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/consent/access_consent_replay.h"
#include "core/access/si_consent.h"
#include "pg/si_value.h"

/* Columns of consent_event, as far as they matter. */
enum
{
	EVENT_ID,
	EVENT_SUBJECT,
	EVENT_SCENE,
	EVENT_SESSION,
	EVENT_ACTION,
	EVENT_AT,
	EVENT_FROM,
	EVENT_UNTIL,
	EVENT_COLUMNS
};

typedef struct Replay
{
	const char *session;		/* NULL: the standing consent */
	bool		guarded;		/* a minor, whose guardian must consent */
	const char *guardian;		/* the scene of that consent */
	int			scenes;
	char	   *scene[SI_CONSENT_BITS];
	int			bit[SI_CONSENT_BITS];
} Replay;

static void
read_scenes(Replay *replay)
{
	AccessScan	scan = access_scan_all("consent_scene");
	Datum		values[2];
	bool		nulls[2];

	while (replay->scenes < SI_CONSENT_BITS &&
		   access_next(&scan, values, nulls))
	{
		replay->scene[replay->scenes] = TextDatumGetCString(values[0]);
		replay->bit[replay->scenes++] = DatumGetInt16(values[1]);
	}
	access_end(&scan);
}

/* The regime of a minor; NULL: it is none. */
static const char *
regime_of_minor(const char *subject)
{
	AccessScan	scan = access_scan_text("consent_subject", 1, &subject);
	Datum		values[3];
	bool		nulls[3];
	const char *regime = NULL;

	if (access_next(&scan, values, nulls) && DatumGetBool(values[2]))
		regime = TextDatumGetCString(values[1]);
	access_end(&scan);
	return regime;
}

static void
read_guardian(Replay *replay, const char *subject)
{
	const char *key[2] = {regime_of_minor(subject), "minor"};
	AccessScan	scan;
	Datum		values[3];
	bool		nulls[3];

	if (key[0] == NULL)
		return;
	scan = access_scan_text("consent_regime", 2, key);
	if (access_next(&scan, values, nulls))
	{
		replay->guarded = true;
		replay->guardian = TextDatumGetCString(values[2]);
	}
	access_end(&scan);
}

static SiConsentAction
action_of(Datum value)
{
	const char *action = TextDatumGetCString(value);

	if (strcmp(action, "ask") == 0 || strcmp(action, "subject") == 0)
		return SI_CONSENT_ASK;
	if (strcmp(action, "grant") == 0)
		return SI_CONSENT_GRANT;
	if (strcmp(action, "erase") == 0)
		return SI_CONSENT_ERASE;
	return SI_CONSENT_DENY;
}

/* Scenes that are no more have no bit: nothing asks for them. */
static int
bit_of(const Replay *replay, const char *scene)
{
	for (int i = 0; i < replay->scenes; i++)
		if (strcmp(replay->scene[i], scene) == 0)
			return replay->bit[i];
	return -1;
}

static bool
same_session(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* False: no older event counts. */
static bool
add_event(const Replay *replay, SiConsent *consent, Datum *values,
		  bool *nulls)
{
	const char *scene = TextDatumGetCString(values[EVENT_SCENE]);
	const char *session = nulls[EVENT_SESSION] ? NULL :
		TextDatumGetCString(values[EVENT_SESSION]);
	SiConsentEvent event = {.action = action_of(values[EVENT_ACTION]),
		.bit = bit_of(replay, scene),
		.guard = session == NULL && replay->guarded &&
		strcmp(scene, replay->guardian) == 0,
		.from = DatumGetTimestampTz(values[EVENT_FROM]),
	.until = DatumGetTimestampTz(values[EVENT_UNTIL])};

	event.own = event.bit >= 0 && same_session(session, replay->session);
	return si_consent_add(consent, &event);
}

void
access_consent_replay(const char *subject, const char *session,
					  TimestampTz at, AccessConsent *consent)
{
	Replay		replay = {.session = session};
	SiConsent	fold;
	AccessScan	scan;
	Datum		values[EVENT_COLUMNS];
	bool		nulls[EVENT_COLUMNS];

	read_scenes(&replay);
	read_guardian(&replay, subject);
	si_consent_begin(&fold, at);
	scan = access_scan_back("consent_event", "consent_event_subject", 2,
							subject);
	while (access_next(&scan, values, nulls))
		if (!add_event(&replay, &fold, values, nulls))
			break;
	access_end(&scan);
	si_consent_end(&fold, replay.guarded);
	consent->mask = fold.mask;
	consent->overrides = session == NULL ? 0 : fold.decided;
	consent->recheck_at = fold.recheck;
}

/* consent_replay(subject, session, at) -> (mask, overrides, recheck_at) */
PG_FUNCTION_INFO_V1(sales_intel_access_consent_replay);
Datum
sales_intel_access_consent_replay(PG_FUNCTION_ARGS)
{
	AccessConsent consent;
	Datum		values[3];
	bool		nulls[3] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(2))
		PG_RETURN_NULL();
	access_consent_replay(text_to_cstring(PG_GETARG_TEXT_PP(0)),
						  PG_ARGISNULL(1) ? NULL :
						  text_to_cstring(PG_GETARG_TEXT_PP(1)),
						  PG_GETARG_TIMESTAMPTZ(2), &consent);
	values[0] = Int64GetDatum(consent.mask);
	values[1] = Int64GetDatum(consent.overrides);
	values[2] = TimestampTzGetDatum(consent.recheck_at);
	return si_value_row(fcinfo, values, nulls);
}
