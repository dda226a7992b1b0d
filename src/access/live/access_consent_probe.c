/*
 * access_consent_probe.c
 *	  Does a customer allow a use of the data, now?
 *
 * consent_allows asks who looks; rules and views say consent_live with a ticket
 * for it, which runs in parallel workers, too.  A subject is its key as text.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/consent/access_consent_key.h"
#include "access/consent/access_consent_state.h"
#include "access/identity/access_identity.h"
#include "access/live/access_consent_read.h"
#include "access/live/access_consent_ticket.h"
#include "pg/si_compat.h"

#define SCENE_BYTES		64		/* of those that are remembered */

/* What a call site has found out. */
typedef struct Site
{
	LocalTransactionId transaction; /* in which the ticket was good */
	Oid			role;
	ConsentTicket ticket;
	TimestampTz as_of;			/* for which an explanation asks; 0: now */
	uint64		statement;		/* in which the scene was looked up */
	Size		size;
	char		scene[SCENE_BYTES];
	int64		bit;
} Site;

static Site *
open_site(FunctionCallInfo fcinfo)
{
	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Site));
	return fcinfo->flinfo->fn_extra;
}

/* ----- Who looks ----- */

/* For explanations at another time, and nobody else. */
static TimestampTz
as_of(void)
{
	AccessIdentity identity = access_consent_identity();

	if (strcmp(identity.source, "override") != 0 ||
		identity.principal->at == GetCurrentTransactionStartTimestamp())
		return 0;
	return identity.principal->at;
}

static void
check_identity(Site *site)
{
	if (site->transaction != si_local_transaction() ||
		!access_still_counts(site->ticket.deadline))
	{
		AccessIdentity identity = access_consent_identity();

		site->ticket.deadline = access_deadline(&identity);
		site->as_of = as_of();
		site->transaction = si_local_transaction();
	}
	access_check_deadline(site->ticket.deadline);
}

static inline bool
is_known_ticket(const Site *site, struct varlena *given)
{
	return site->transaction == si_local_transaction() &&
		site->role == GetUserId() &&
		VARSIZE_ANY_EXHDR(given) == sizeof(ConsentTicket) &&
		memcmp(VARDATA_ANY(given), &site->ticket, sizeof(ConsentTicket)) == 0;
}

static void
check_ticket(Site *site, Datum argument)
{
	struct varlena *given = PG_DETOAST_DATUM_PACKED(argument);

	if (!is_known_ticket(site, given))
	{
		site->transaction = InvalidLocalTransactionId;
		site->ticket = access_consent_ticket_read(given);
		access_check_deadline(site->ticket.deadline);
		site->as_of = IsParallelWorker() ? 0 : as_of();
		site->role = GetUserId();
		site->transaction = si_local_transaction();
	}
	access_check_deadline(site->ticket.deadline);
}

/* ----- Which scene ----- */

static int64
bit_of(Site *site, uint64 statement, text *scene)
{
	const char *bytes = VARDATA_ANY(scene);
	Size		size = VARSIZE_ANY_EXHDR(scene);

	if (site->statement == statement && site->size == size &&
		memcmp(site->scene, bytes, size) == 0)
		return site->bit;
	site->bit = INT64CONST(1) << access_scene_bit(text_to_cstring(scene));
	site->statement = size <= SCENE_BYTES ? statement : 0;
	site->size = size;
	memcpy(site->scene, bytes, Min(size, SCENE_BYTES));
	return site->bit;
}

/* ----- The question ----- */

static ConsentKey
key_of_text(Datum argument)
{
	text	   *key = DatumGetTextPP(argument);

	return (ConsentKey) {VARDATA_ANY(key), VARSIZE_ANY_EXHDR(key)};
}

static Datum
ask(FunctionCallInfo fcinfo, Site *site, ConsentKey subject)
{
	uint64		statement = access_consent_statement();
	int64		bit = bit_of(site, statement, PG_GETARG_TEXT_PP(1));
	ConsentKey	session = {NULL, 0};

	if (PG_NARGS() > 2 && !PG_ARGISNULL(2))
		session = key_of_text(PG_GETARG_DATUM(2));
	if (site->as_of != 0)
		PG_RETURN_BOOL(access_consent_mask_at(subject, session,
											  site->as_of) & bit);
	PG_RETURN_BOOL(access_consent_mask(subject, session) & bit);
}

/* Does it have an argument that makes the answer NULL? */
static bool
enter(FunctionCallInfo fcinfo, Site **site)
{
	*site = open_site(fcinfo);
	if (PG_NARGS() < 4)
		check_identity(*site);
	else if (PG_ARGISNULL(3))
		(void) access_consent_ticket_read(NULL);
	else
		check_ticket(*site, PG_GETARG_DATUM(3));
	return !PG_ARGISNULL(0) && !PG_ARGISNULL(1);
}

/*
 * consent_allows(subject, scene [, session]) -> boolean
 * consent_live(subject, scene, session, ticket) -> boolean
 */
PG_FUNCTION_INFO_V1(sales_intel_access_consent_text);
Datum
sales_intel_access_consent_text(PG_FUNCTION_ARGS)
{
	Site	   *site;

	if (!enter(fcinfo, &site))
		PG_RETURN_NULL();
	return ask(fcinfo, site, key_of_text(PG_GETARG_DATUM(0)));
}

PG_FUNCTION_INFO_V1(sales_intel_access_consent_bigint);
Datum
sales_intel_access_consent_bigint(PG_FUNCTION_ARGS)
{
	Site	   *site;
	char		key[MAXINT8LEN + 1];
	int			size;

	if (!enter(fcinfo, &site))
		PG_RETURN_NULL();
	size = pg_lltoa(PG_GETARG_INT64(0), key);
	return ask(fcinfo, site, (ConsentKey) {key, size});
}

PG_FUNCTION_INFO_V1(sales_intel_access_consent_uuid);
Datum
sales_intel_access_consent_uuid(PG_FUNCTION_ARGS)
{
	Site	   *site;
	char		key[ACCESS_UUID_TEXT];

	if (!enter(fcinfo, &site))
		PG_RETURN_NULL();
	access_uuid_text(PG_GETARG_UUID_P(0), key);
	return ask(fcinfo, site, (ConsentKey) {key, sizeof(key)});
}
