/*
 * lead_registry.h
 *	  The table of named models, model_version.
 */
#ifndef LEAD_REGISTRY_H
#define LEAD_REGISTRY_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/acl.h"
#include "utils/rel.h"

/*
 * The table in the schema of the function that is called, locked for reading
 * until the end of the transaction.
 */
extern Relation lead_registry_open(FunctionCallInfo fcinfo);

/*
 * An error unless the user has a right on the whole table or on each of some
 * columns.
 */
extern void lead_registry_check(Relation table, AclMode right, int count,
								const char *const *columns);

#endif							/* LEAD_REGISTRY_H */
