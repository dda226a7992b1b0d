/*
 * access_project.h
 *	  Projects: members and accounts.
 */
#ifndef ACCESS_PROJECT_H
#define ACCESS_PROJECT_H

#include "access/identity/access_principal.h"

/* Is it a member of the project, and the project open, at its time? */
extern bool access_is_member(const AccessPrincipal *principal,
							 const char *project);

#endif							/* ACCESS_PROJECT_H */
