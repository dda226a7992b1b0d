/*
 * access_rule.h
 *	  Rules and protected tables, as they are stored.
 */
#ifndef ACCESS_RULE_H
#define ACCESS_RULE_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
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

/* In that order, and NULL. */
extern const char *const access_action_names[ACCESS_ACTIONS + 1];

typedef struct AccessRule
{
	char	   *name;
	bool		permit;			/* else it forbids */
	int			actions;		/* bits, 1 << AccessAction */
	char	   *condition;		/* as it is stored */
} AccessRule;

typedef enum AccessForm
{
	ACCESS_PLAIN,				/* getters in subqueries */
	ACCESS_CITUS				/* no subqueries: getters called for each row */
} AccessForm;

typedef struct AccessProtection
{
	int			form;			/* AccessForm */
	bool		empty;			/* may be without a rule that permits */
	bool		trail;			/* writes are recorded */
	char	   *consent_mask;	/* column with the subject's mask, or NULL */
	char	   *subject_key;	/* its key; NULL: the primary key */
	char	   *scene;			/* rows are for this use only, or NULL */
} AccessProtection;

/* Rules of a table, by name. */
extern List *access_rules(Oid relid);

/* What the options of protect_table say; an error for an unknown one. */
extern void access_protection_read(Jsonb *given,
								   AccessProtection *protection);

/* Is the table itself protected, and how, which may be NULL. */
extern bool access_protection(Oid relid, AccessProtection *protection);

/* The tables that are. */
extern List *access_protected_tables(void);

/* Has anybody written a rule, protected a table, or made a consent view? */
extern bool access_governs(void);

/* A rule's condition over the table; within a scope for what is stored. */
extern Node *access_rule_condition(const AccessRule *rule, Relation rel);

/*
 * The same as text, with what is asked once in subqueries.  It is to be read
 * in a scope for what is stored; elsewhere its names may mean anything.
 */
extern char *access_rule_expression(Oid relid, const AccessRule *rule);

/* The table, locked; an error unless rules may be about it. */
extern Relation access_rule_table_open(Oid relid, LOCKMODE mode);

#endif							/* ACCESS_RULE_H */
