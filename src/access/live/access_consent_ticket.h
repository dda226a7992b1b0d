/*
 * access_consent_ticket.h
 *	  Proof, for workers, that their leader knows who looks.
 */
#ifndef ACCESS_CONSENT_TICKET_H
#define ACCESS_CONSENT_TICKET_H

#include "common/sha2.h"
#include "datatype/timestamp.h"

#include "access/identity/access_identity.h"

/* A deadline, and the digest of it and of what it is good for. */
typedef struct ConsentTicket
{
	TimestampTz deadline;
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
} ConsentTicket;

/* Who looks; that nobody does is an error. */
extern AccessIdentity access_consent_identity(void);

/*
 * The ticket that was given, which may be NULL; an error unless it is one of
 * this transaction and role, in the leader or in a worker.
 */
extern ConsentTicket access_consent_ticket_read(const struct varlena *given);

#endif							/* ACCESS_CONSENT_TICKET_H */
