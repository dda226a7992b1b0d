/*
 * access_trust.h
 *	  Whose code a rule may run.
 */
#ifndef ACCESS_TRUST_H
#define ACCESS_TRUST_H

#include "access/htup.h"

/* Made by initdb, or a superuser's part of an extension. */
extern bool access_is_trusted(Oid class, Oid object, Oid owner);
extern bool access_function_is_trusted(Oid function);

/* Is it a function of the extension that asks who looks? */
extern bool access_is_getter(Oid function);

/* Is it consent_allows(), which asks that, and what the customer allows? */
extern bool access_is_consent(Oid function);

/* Is it what that becomes in a policy, and looks at the identity each time? */
extern bool access_is_watchful(Oid function);

/* Why a rule may not call a function of pg_proc; NULL: it may. */
extern const char *access_function_fault(HeapTuple function);

#endif							/* ACCESS_TRUST_H */
