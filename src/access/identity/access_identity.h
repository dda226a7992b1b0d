/*
 * access_identity.h
 *	  Who looks, in this transaction.
 */
#ifndef ACCESS_IDENTITY_H
#define ACCESS_IDENTITY_H

#include "fmgr.h"

#include "access/identity/access_principal.h"

typedef struct AccessIdentity
{
	AccessPrincipal *principal; /* NULL: nobody */
	const char *source;			/* token, login, impersonator, override */
	const char *project;		/* NULL: none */
	const char *purpose;
	TimestampTz expires;		/* infinity: with the session */
} AccessIdentity;

/* Who counts here and now; false: nobody.  One past his time is an error. */
extern bool access_identity(AccessIdentity *identity);

/* An error if the identity of a deadline is past, or does not count here. */
extern Datum sales_intel_access_identity_lives(PG_FUNCTION_ARGS);

/*
 * Until when the identity that counts does, and which one that is.  Does that
 * of a deadline count here and now?  One that does not, or is past its time,
 * is an error; a parallel worker knows the time only.
 */
extern TimestampTz access_deadline(const AccessIdentity *identity);
extern bool access_still_counts(TimestampTz deadline);
extern void access_check_deadline(TimestampTz deadline);

/*
 * Whose transaction it is, whatever role acts in it now: for records, not for
 * decisions.
 */
extern bool access_find_author(AccessIdentity *identity);

/* The same in a word: the principal, or the login's role. */
extern const char *access_author_name(void);

/* May the role's code act for whoever calls it? */
extern bool access_is_trusted_definer(Oid role);

/*
 * For the rest of an operation of the extension's own, somebody else looks;
 * NULL ends it.  The end of a (sub)transaction that fails ends it, too.
 */
extern void access_override(const AccessIdentity *identity);

#endif							/* ACCESS_IDENTITY_H */
