/*
 * access_policy.h
 *	  The policies that enforce the rules of a table.
 */
#ifndef ACCESS_POLICY_H
#define ACCESS_POLICY_H

#include "utils/relcache.h"

#include "access/rule/access_rule.h"

/*
 * Makes the policies of a table and its partitions those of the rules of their
 * root, and turns row security on, for their owners, too; takes both away.
 * Locks them, parents first.
 */
extern void access_policy_install(Oid relid, Oid root,
								  const AccessProtection *protection);
extern void access_policy_remove(Oid relid);

/* Has the table policies of our names? */
extern bool access_policy_exists(Oid relid);
extern bool access_policy_is_ours(const char *name);

/*
 * What the policies are called, and what the second of each action says, over
 * the columns of a partition or of the root itself.
 */
extern char *access_policy_name(AccessAction action, bool permissive);
extern void access_policy_texts(Oid relid, Oid root,
								const AccessProtection *protection,
								char **text);

/* Can nobody's code run in its policies but a superuser's? */
extern bool access_policies_are_safe(Relation rel);

/* What permits goes when what restricts it is dropped. */
extern void access_policy_bind(Oid relid);

#endif							/* ACCESS_POLICY_H */
