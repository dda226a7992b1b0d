/*
 * access_policy.h
 *	  The rules of a table, and the policies that enforce them.
 */
#ifndef ACCESS_POLICY_H
#define ACCESS_POLICY_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"
#include "utils/relcache.h"

typedef enum AccessAction
{
	ACCESS_SELECT,
	ACCESS_INSERT,
	ACCESS_UPDATE,
	ACCESS_DELETE
} AccessAction;

#define ACCESS_ACTIONS	(ACCESS_DELETE + 1)

extern const char *const access_action_names[ACCESS_ACTIONS];

typedef struct AccessRule
{
	char	   *name;
	bool		permit;			/* else it forbids */
	int			actions;		/* bits, 1 << AccessAction */
	char	   *condition;		/* as it is stored */
} AccessRule;

typedef struct AccessProtection
{
	int			form;
	bool		empty;			/* may be without a rule that permits */
	bool		trail;
} AccessProtection;

typedef enum AccessForm
{
	ACCESS_PLAIN,				/* getters in subqueries */
	ACCESS_CITUS				/* no subqueries: getters called for each row */
} AccessForm;

/* Rules of a table, by name. */
extern List *access_rules(Oid relid);

/* What the options of protect_table say; an error for an unknown one. */
extern void access_protection_read(Jsonb *given,
								   AccessProtection *protection);

/* Is the table itself protected, and how, which may be NULL. */
extern bool access_protection(Oid relid, AccessProtection *protection);

/* Has anybody written a rule, or protected a table? */
extern bool access_governs(void);

/* A rule's condition over the table; within a scope for what is stored. */
extern Node *access_rule_condition(const AccessRule *rule, Relation rel);

/*
 * Makes the table's policies those of the rules, and turns row security on,
 * for its owner, too; takes both away.  The table alone, not its partitions,
 * and locked by the caller.
 */
extern void access_policy_install(Oid relid, List *rules,
								  const AccessProtection *protection);
extern void access_policy_remove(Oid relid);

/* Has the table policies of these names? */
extern bool access_policy_exists(Oid relid);
extern bool access_policy_is_ours(const char *name);

/* What permits goes when what restricts it is dropped. */
extern void access_policy_bind(Oid relid);

#endif							/* ACCESS_POLICY_H */
