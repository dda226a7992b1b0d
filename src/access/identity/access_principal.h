/*
 * access_principal.h
 *	  Principals and their attributes, each read once per transaction.
 */
#ifndef ACCESS_PRINCIPAL_H
#define ACCESS_PRINCIPAL_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"

typedef struct AccessAttribute
{
	char	   *name;
	char	   *value;
} AccessAttribute;

typedef struct AccessPrincipal
{
	char	   *name;			/* NULL: no such principal */
	Oid			login;
	bool		impersonator;
	bool		active;
	bool		token_only;
	bool		valid;			/* at the time asked about */
	TimestampTz at;
	int			attributes;		/* -1: not read yet */
	AccessAttribute *attribute;
} AccessPrincipal;

/*
 * Never NULL; lives until the transaction ends.  at: when attributes must hold.
 */
extern AccessPrincipal *access_principal_named(const char *name,
											   TimestampTz at);
extern AccessPrincipal *access_principal_of_login(Oid role);

/* All that are active and valid at the time; they are not kept. */
extern List *access_principals(TimestampTz at);

/* Reads the attributes, by name and value, if they are not yet. */
extern void access_principal_attributes(AccessPrincipal *principal);

#endif							/* ACCESS_PRINCIPAL_H */
