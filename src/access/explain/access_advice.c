/*
 * access_advice.c
 *	  Policies that are not what the rules say.
 *
 * What the rules of a protected table say is built again, and read as CREATE
 * POLICY read it; then it is equal to what is stored, or somebody has changed
 * something by hand.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/rule/access_policy.h"

/* Text of ours as CREATE POLICY reads it. */
static Node *
understood(Relation rel, const char *text)
{
	ParseState *pstate = make_parsestate(NULL);
	RawStmt    *raw = linitial(raw_parser(text, RAW_PARSE_PLPGSQL_EXPR));
	SelectStmt *select = (SelectStmt *) raw->stmt;
	Node	   *condition;

	pstate->p_sourcetext = text;
	addNSItemToQuery(pstate,
					 addRangeTableEntryForRelation(pstate, rel,
												   AccessShareLock, NULL,
												   false, false),
					 false, true, true);
	condition = transformWhereClause(pstate,
									 linitial_node(ResTarget,
												   select->targetList)->val,
									 EXPR_KIND_POLICY, "POLICY");
	assign_expr_collations(pstate, condition);
	free_parsestate(pstate);
	return condition;
}

static const RowSecurityPolicy *
find_policy(Relation rel, const char *name)
{
	ListCell   *cell;

	foreach(cell, rel->rd_rsdesc == NULL ? NIL : rel->rd_rsdesc->policies)
	{
		const RowSecurityPolicy *policy = lfirst(cell);

		if (strcmp(policy->policy_name, name) == 0)
			return policy;
	}
	return NULL;
}

static bool
is_for_everybody(const RowSecurityPolicy *policy)
{
	return ARR_DIMS(policy->roles)[0] == 1 &&
		((Oid *) ARR_DATA_PTR(policy->roles))[0] == ACL_ID_PUBLIC;
}

/* NULL: it is what it should be. */
static const char *
fault_of(Relation rel, AccessAction action, bool permissive, const char *text)
{
	static const char commands[ACCESS_ACTIONS] = {
		ACL_SELECT_CHR, ACL_INSERT_CHR, ACL_UPDATE_CHR, ACL_DELETE_CHR
	};
	const RowSecurityPolicy *policy =
		find_policy(rel, access_policy_name(action, permissive));
	Node	   *condition;

	if (policy == NULL)
		return "missing";
	condition = understood(rel, text);
	if (policy->permissive != permissive ||
		policy->polcmd != commands[action] || !is_for_everybody(policy) ||
		!equal(policy->qual, action == ACCESS_INSERT ? NULL : condition) ||
		!equal(policy->with_check_qual,
			   action == ACCESS_INSERT || action == ACCESS_UPDATE ?
			   condition : NULL))
		return "changed";
	return NULL;
}

static void
put_faults(ReturnSetInfo *result, Oid root, Oid relid,
		   const AccessProtection *protection)
{
	Relation	rel = table_open(relid, NoLock);
	char	   *text[ACCESS_ACTIONS];
	AccessScope scope;

	/* Without row security the server has not read the policies. */
	if (rel->rd_rsdesc == NULL && !rel->rd_rel->relrowsecurity)
	{
		table_close(rel, NoLock);
		return;
	}
	access_policy_texts(relid, root, protection, text);
	access_enter(&scope, rel->rd_rel->relowner, ACCESS_STORED);
	for (int i = 0; i < 2 * ACCESS_ACTIONS; i++)
	{
		AccessAction action = i / 2;
		bool		permissive = i % 2 == 1;
		const char *fault = fault_of(rel, action, permissive,
									 permissive ? "true" : text[action]);
		Datum		values[4];
		bool		nulls[4] = {false};

		if (fault == NULL)
			continue;
		values[0] = ObjectIdGetDatum(root);
		values[1] = ObjectIdGetDatum(relid);
		values[2] = CStringGetTextDatum(access_policy_name(action,
														   permissive));
		values[3] = CStringGetTextDatum(fault);
		tuplestore_putvalues(result->setResult, result->setDesc, values,
							 nulls);
	}
	access_leave(&scope);
	table_close(rel, NoLock);
}

static List *
protected_tables(void)
{
	AccessScan	scan = access_scan_all("protected_table");
	List	   *found = NIL;
	Datum		values[4];
	bool		nulls[4];

	while (access_next(&scan, values, nulls))
		found = lappend_oid(found, DatumGetObjectId(values[0]));
	access_end(&scan);
	return found;
}

/* policy_faults() -> TABLE (root, rel, policy, fault) */
PG_FUNCTION_INFO_V1(sales_intel_access_policy_faults);
Datum
sales_intel_access_policy_faults(PG_FUNCTION_ARGS)
{
	ListCell   *cell;
	ListCell   *child;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	foreach(cell, protected_tables())
	{
		Oid			root = lfirst_oid(cell);
		AccessProtection protection;

		if (!access_protection(root, &protection) ||
			get_rel_relkind(root) == '\0')
			continue;
		foreach(child, find_all_inheritors(root, AccessShareLock, NULL))
		{
			CHECK_FOR_INTERRUPTS();
			put_faults((ReturnSetInfo *) fcinfo->resultinfo, root,
					   lfirst_oid(child), &protection);
		}
	}
	return (Datum) 0;
}
