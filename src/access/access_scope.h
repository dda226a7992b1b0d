/*
 * access_scope.h
 *	  As whom, and under which settings, text about a table is understood.
 */
#ifndef ACCESS_SCOPE_H
#define ACCESS_SCOPE_H

typedef enum AccessReading
{
	ACCESS_GIVEN,				/* by a person, who has settings of his own */
	ACCESS_STORED				/* by us: the same in every session */
} AccessReading;

typedef struct AccessScope
{
	Oid			user;
	int			context;
	int			nest;
} AccessScope;

/*
 * Until access_leave, the table's owner acts, in a security-restricted
 * operation, and names mean what the server and the extension mean by them.
 * An error leaves by itself.
 */
extern void access_enter(AccessScope *scope, Oid owner,
						 AccessReading reading);
extern void access_leave(const AccessScope *scope);

#endif							/* ACCESS_SCOPE_H */
