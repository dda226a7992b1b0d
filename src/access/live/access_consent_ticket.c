/*
 * access_consent_ticket.c
 *	  Proof, for workers, that their leader knows who looks.
 *
 * A parallel worker does not know the identity.  The leader asks for a ticket
 * once in each query, and its workers check it: it is the digest, with a key
 * that nobody reads, of the leader's process, its transaction, the role and the
 * identity's deadline.  In the leader itself, the identity with that deadline
 * must count besides.
 */
#include "postgres.h"

#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "storage/proc.h"

#include "access/access_digest.h"
#include "access/access_store.h"
#include "access/live/access_consent_age.h"
#include "access/live/access_consent_read.h"
#include "access/live/access_consent_ticket.h"
#include "pg/si_compat.h"

AccessIdentity
access_consent_identity(void)
{
	AccessIdentity identity;

	if (!access_identity(&identity))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("nobody may ask what customers allow without an identity"),
				 errdetail("No principal looks, here and now."),
				 errhint("SELECT * FROM sales_intel.whoami() says why.")));
	return identity;
}

static bytea *
ticket_key(void)
{
	AccessScan	scan = access_scan_all("consent_ticket_key");
	Datum		values[2];
	bool		nulls[2];
	bytea	   *key;

	if (!access_next(&scan, values, nulls))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the table \"consent_ticket_key\" is empty"),
				 errdetail("Its row came with the extension."),
				 errhint("INSERT INTO sales_intel.consent_ticket_key DEFAULT VALUES; as the extension's owner.")));
	key = DatumGetByteaPCopy(values[1]);
	access_end(&scan);
	return key;
}

static void
digest(TimestampTz deadline, uint8 *digest)
{
	PGPROC	   *leader = MyProc->lockGroupLeader;
	StringInfoData message;

	if (leader == NULL)
		leader = MyProc;
	initStringInfo(&message);
	appendStringInfoString(&message, "sales_intel/ticket/1");
	pq_sendint32(&message, leader->pid);
	pq_sendint32(&message, si_local_transaction_of(leader));
	pq_sendint32(&message, GetUserId());
	pq_sendint64(&message, deadline);
	access_hmac(ticket_key(), message.data, message.len, digest);
}

static bool
is_good(const ConsentTicket *ticket)
{
	uint8		wanted[PG_SHA256_DIGEST_LENGTH];

	digest(ticket->deadline, wanted);
	return timingsafe_bcmp(wanted, ticket->digest, sizeof(wanted)) == 0;
}

ConsentTicket
access_consent_ticket_read(const struct varlena *given)
{
	ConsentTicket ticket;
	bool		good = given != NULL &&
		VARSIZE_ANY_EXHDR(given) == sizeof(ticket);

	if (good)
		memcpy(&ticket, VARDATA_ANY(given), sizeof(ticket));
	if (!good || !is_good(&ticket))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the ticket is not good here"),
				 errdetail("It is for the role and the transaction that it was given to."),
				 errhint("Pass (SELECT sales_intel.consent_ticket()), or call consent_allows().")));
	return ticket;
}

/* consent_ticket() -> bytea */
PG_FUNCTION_INFO_V1(sales_intel_access_consent_ticket);
Datum
sales_intel_access_consent_ticket(PG_FUNCTION_ARGS)
{
	AccessIdentity identity = access_consent_identity();
	bytea	   *result = palloc(VARHDRSZ + sizeof(ConsentTicket));
	ConsentTicket ticket = {.deadline = access_deadline(&identity)};

	access_consent_check_age();
	digest(ticket.deadline, ticket.digest);
	SET_VARSIZE(result, VARHDRSZ + sizeof(ticket));
	memcpy(VARDATA(result), &ticket, sizeof(ticket));
	PG_RETURN_BYTEA_P(result);
}
