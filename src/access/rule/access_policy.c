/*
 * access_policy.c
 *	  The policies that enforce the rules of a table.
 *
 * Each action has two policies.  One permits everything; the other restricts
 * that to (any permit) AND (every forbid IS FALSE), so that NULL denies and no
 * permissive policy that is added later can widen it.  The first depends on
 * the second: whatever drops what restricts, as DROP ... CASCADE of a function
 * in a condition would, drops what permits, and nothing is permitted.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "commands/policy.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parser.h"
#include "rewrite/rowsecurity.h"
#include "tcop/dest.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "access/access_scope.h"
#include "access/access_table.h"
#include "access/consent/access_consent_mask.h"
#include "access/rule/access_condition.h"
#include "access/rule/access_policy.h"
#include "access/rule/access_trust.h"

#define PREFIX		"sales_intel_"
#define PERMISSIVE	"_permissive"

/* ----- Rules to one expression ----- */

static Node *
boolean_test(Node *condition, BoolTestType type)
{
	BooleanTest *test = makeNode(BooleanTest);

	test->arg = (Expr *) condition;
	test->booltesttype = type;
	test->location = -1;
	return (Node *) test;
}

/*
 * Asks the clock for each row that is given out: fetched later, by workers.
 * Without a deadline, which is NULL, there is nothing to call.
 */
static Node *
identity_lives(bool plain)
{
	Node	   *deadline = access_call("identity_deadline", NIL,
									   TIMESTAMPTZOID);

	if (plain)
		deadline = access_condition_subquery(deadline);
	return boolean_test(access_call("identity_lives", list_make1(deadline),
									BOOLOID), IS_NOT_FALSE);
}

/* As the policies have it: by masks, and what is asked once in subqueries. */
static Node *
in_policy(Node *condition, Relation rel, Oid root,
		  const AccessProtection *protection)
{
	condition = access_masked_condition(condition, rel, root, protection);
	return protection->form == ACCESS_PLAIN ?
		access_condition_once(condition) : condition;
}

/*
 * Does the condition hold only where the identity was found to live?  Consent
 * is asked with a look at it.
 */
static bool
watches_identity(Node *condition)
{
	ListCell   *cell;

	if (IsA(condition, CoalesceExpr))
		return watches_identity(linitial(((CoalesceExpr *) condition)->args));
	if (IsA(condition, FuncExpr))
		return access_is_watchful(((FuncExpr *) condition)->funcid);
	if (!is_andclause(condition))
		return false;
	foreach(cell, ((BoolExpr *) condition)->args)
	{
		if (watches_identity(lfirst(cell)))
			return true;
	}
	return false;
}

/*
 * What restricts an action: any permit, no forbid, the identity lives; and, of
 * rows that are there, the subject's consent, if the table is for one scene.
 */
static Node *
restriction(Relation rel, Oid root, List *rules, AccessAction action,
			const AccessProtection *protection)
{
	List	   *permits = NIL;
	List	   *all = NIL;
	ListCell   *cell;
	bool		watched = true;	/* by all that permits */

	foreach(cell, rules)
	{
		AccessRule *rule = lfirst(cell);
		Node	   *condition;

		if (!(rule->actions & 1 << action))
			continue;
		condition = in_policy(access_rule_condition(rule, rel), rel, root,
							  protection);
		if (rule->permit)
		{
			permits = lappend(permits, condition);
			watched &= watches_identity(condition);
		}
		else
			all = lappend(all, boolean_test(condition, IS_FALSE));
	}
	if (permits == NIL)
		return makeBoolConst(false, false);
	all = lcons(list_length(permits) == 1 ? linitial(permits) :
				(Node *) makeBoolExpr(OR_EXPR, permits, -1), all);
	if (protection->scene != NULL && action != ACCESS_INSERT)
		all = lappend(all, in_policy(access_scene_condition(rel, root,
															protection),
									 rel, root, protection));
	else if (!watched)
		all = lappend(all, identity_lives(protection->form == ACCESS_PLAIN));
	return list_length(all) == 1 ? linitial(all) :
		(Node *) makeBoolExpr(AND_EXPR, all, -1);
}

/* ----- Expressions to policies ----- */

char *
access_policy_name(AccessAction action, bool permissive)
{
	return psprintf(PREFIX "%s%s", access_action_names[action],
					permissive ? PERMISSIVE : "");
}

bool
access_policy_is_ours(const char *name)
{
	for (int action = 0; action < ACCESS_ACTIONS; action++)
	{
		if (strcmp(name, access_policy_name(action, false)) == 0 ||
			strcmp(name, access_policy_name(action, true)) == 0)
			return true;
	}
	return false;
}

static Oid
policy(Oid relid, AccessAction action, bool permissive)
{
	return get_relation_policy_oid(relid,
								   access_policy_name(action, permissive),
								   true);
}

bool
access_policy_exists(Oid relid)
{
	for (int action = 0; action < ACCESS_ACTIONS; action++)
	{
		if (OidIsValid(policy(relid, action, false)) ||
			OidIsValid(policy(relid, action, true)))
			return true;
	}
	return false;
}

/* ----- Whose code runs in them ----- */

bool
access_policies_are_safe(Relation rel)
{
	ListCell   *cell;

	foreach(cell, rel->rd_rsdesc == NULL ? NIL : rel->rd_rsdesc->policies)
	{
		const RowSecurityPolicy *policy = lfirst(cell);

		if (access_condition_is_strange((Node *) policy->qual))
			return false;
	}
	return true;
}

/* ----- Statements ----- */

/* As part of the command that runs: nobody's event trigger sees halves. */
static void
run(Node *statement)
{
	PlannedStmt *plan = makeNode(PlannedStmt);

	plan->commandType = CMD_UTILITY;
	plan->canSetTag = false;
	plan->utilityStmt = statement;
	ProcessUtility(plan, "protect_table", false, PROCESS_UTILITY_SUBCOMMAND,
				   NULL, NULL, None_Receiver, NULL);
	CommandCounterIncrement();
}

static RangeVar *
range_var(Oid relid)
{
	return makeRangeVar(get_namespace_name(get_rel_namespace(relid)),
						get_rel_name(relid), -1);
}

/* The grammar has no other way to policies than text; it is our own text. */
static Node *
raw_expression(const char *text)
{
	RawStmt    *statement = linitial(raw_parser(text,
												RAW_PARSE_PLPGSQL_EXPR));
	SelectStmt *select = (SelectStmt *) statement->stmt;

	return linitial_node(ResTarget, select->targetList)->val;
}

static void
create_policy(Oid relid, AccessAction action, bool permissive,
			  const char *text)
{
	CreatePolicyStmt *create = makeNode(CreatePolicyStmt);
	RoleSpec   *everybody = makeNode(RoleSpec);

	everybody->roletype = ROLESPEC_PUBLIC;
	everybody->location = -1;
	create->policy_name = access_policy_name(action, permissive);
	create->table = range_var(relid);
	create->cmd_name = pstrdup(access_action_names[action]);
	create->permissive = permissive;
	create->roles = list_make1(everybody);
	if (action != ACCESS_INSERT)
		create->qual = raw_expression(text);
	if (action == ACCESS_INSERT || action == ACCESS_UPDATE)
		create->with_check = raw_expression(text);
	run((Node *) create);
}

static void
bind_policy(Oid permissive, Oid restrictive)
{
	ObjectAddress permits = {PolicyRelationId, permissive, 0};
	ObjectAddress restricts = {PolicyRelationId, restrictive, 0};

	if (!OidIsValid(permissive) || !OidIsValid(restrictive))
		return;
	deleteDependencyRecordsForSpecific(PolicyRelationId, permissive,
									   DEPENDENCY_NORMAL, PolicyRelationId,
									   restrictive);
	recordDependencyOn(&permits, &restricts, DEPENDENCY_NORMAL);
}

void
access_policy_bind(Oid relid)
{
	for (int action = 0; action < ACCESS_ACTIONS; action++)
		bind_policy(policy(relid, action, true), policy(relid, action, false));
}

static void
drop_policies(Oid relid)
{
	ObjectAddresses *found = new_object_addresses();

	for (int i = 0; i < 2 * ACCESS_ACTIONS; i++)
	{
		ObjectAddress address = {PolicyRelationId,
		policy(relid, i / 2, i % 2 == 0), 0};

		if (OidIsValid(address.objectId))
			add_exact_object_address(&address, found);
	}
	performMultipleDeletions(found, DROP_RESTRICT,
							 PERFORM_DELETION_INTERNAL);
	free_object_addresses(found);
	CommandCounterIncrement();
}

static void
set_row_security(Oid relid, AlterTableType enable, AlterTableType force)
{
	AlterTableStmt *alter = makeNode(AlterTableStmt);
	AlterTableCmd *commands[2];

	for (int i = 0; i < 2; i++)
	{
		commands[i] = makeNode(AlterTableCmd);
		commands[i]->subtype = i == 0 ? enable : force;
	}
	alter->relation = range_var(relid);
	alter->relation->inh = false;
	alter->cmds = list_make2(commands[0], commands[1]);
	alter->objtype = OBJECT_TABLE;
	run((Node *) alter);
}

/* The rules are those of the root's owner, and read as him. */
void
access_policy_texts(Oid relid, Oid root, const AccessProtection *protection,
					char **text)
{
	Relation	rel = table_open(relid, NoLock);
	List	   *rules = access_rules(root);
	AccessScope scope;

	access_enter(&scope, access_table_role(root), ACCESS_STORED);
	for (int action = 0; action < ACCESS_ACTIONS; action++)
		text[action] = access_condition_text(
			restriction(rel, root, rules, action, protection), rel);
	access_leave(&scope);
	table_close(rel, NoLock);
}

/* The table is closed by now: to be altered, it must not be in use. */
static void
install_on(Oid relid, char *const *text)
{
	AccessScope scope;

	access_enter(&scope, access_table_role(relid), ACCESS_STORED);
	drop_policies(relid);
	for (int action = 0; action < ACCESS_ACTIONS; action++)
	{
		create_policy(relid, action, false, text[action]);
		create_policy(relid, action, true, "true");
	}
	access_policy_bind(relid);
	set_row_security(relid, AT_EnableRowSecurity, AT_ForceRowSecurity);
	access_leave(&scope);
}

void
access_policy_install(Oid relid, Oid root, const AccessProtection *protection)
{
	ListCell   *cell;

	foreach(cell, find_all_inheritors(relid, AccessExclusiveLock, NULL))
	{
		char	   *text[ACCESS_ACTIONS];

		CHECK_FOR_INTERRUPTS();
		access_policy_texts(lfirst_oid(cell), root, protection, text);
		install_on(lfirst_oid(cell), text);
	}
}

static bool
has_policies(Oid relid)
{
	Relation	rel = table_open(relid, NoLock);
	bool		found = relation_has_policies(rel);

	table_close(rel, NoLock);
	return found;
}

/* Row security stays on where others have policies. */
static void
remove_from(Oid relid)
{
	AccessScope scope;

	access_enter(&scope, access_table_role(relid), ACCESS_STORED);
	drop_policies(relid);
	if (!has_policies(relid))
		set_row_security(relid, AT_DisableRowSecurity, AT_NoForceRowSecurity);
	access_leave(&scope);
}

void
access_policy_remove(Oid relid)
{
	ListCell   *cell;

	foreach(cell, find_all_inheritors(relid, AccessExclusiveLock, NULL))
		remove_from(lfirst_oid(cell));
}
