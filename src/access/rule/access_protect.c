/*
 * access_protect.c
 *	  Writing rules, and putting tables under them.
 *
 * Rules of a protected table change under AccessExclusiveLock, which it takes
 * to change policies; those of another one under ShareUpdateExclusiveLock,
 * which keeps two writers, and a writer and protect_table, apart.  A table is
 * locked before its partitions.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/access_trail.h"
#include "access/consent/access_consent_mask.h"
#include "access/consent/access_consent_rows.h"
#include "access/rule/access_condition.h"
#include "access/rule/access_policy.h"
#include "access/rule/access_rule.h"
#include "access/view/access_consent_view.h"
#include "pg/si_compat.h"

#define MOST_NAME	255			/* bytes: it is part of a key */

/* ----- Arguments ----- */

static void
refuse_nulls(FunctionCallInfo fcinfo, const char *names)
{
	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument %d must not be NULL", i + 1),
					 errdetail("The arguments are %s.", names),
					 errhint("Give a value for each.")));
	}
}

static char *
rule_name(Datum argument)
{
	char	   *name = TextDatumGetCString(argument);

	if (name[0] == '\0' || strlen(name) > MOST_NAME)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_NAME),
				 errmsg("the name of a rule must have 1 to %d bytes",
						MOST_NAME),
				 errdetail("This one has %zu.", strlen(name)),
				 errhint("Name what it says, for example 'own team'.")));
	return name;
}

static void
check_effect(const char *effect)
{
	if (strcmp(effect, "permit") != 0 && strcmp(effect, "forbid") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown effect \"%s\"", effect),
				 errdetail("A rule permits what nothing else would, or forbids it whatever permits it."),
				 errhint("Use permit or forbid.")));
}

static int
action_of(const char *name)
{
	for (int action = 0; action < ACCESS_ACTIONS; action++)
	{
		if (strcmp(name, access_action_names[action]) == 0)
			return action;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown action \"%s\"", name),
			 errdetail("A rule is about what statements do with rows."),
			 errhint("Use select, insert, update, delete.")));
}

/* Each action once, in their order. */
static Datum
actions_argument(Datum argument)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int			bits = 0;
	Datum		found[ACCESS_ACTIONS];

	deconstruct_array(DatumGetArrayTypeP(argument), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, &nulls, &count);
	for (int i = 0; i < count; i++)
		bits |= 1 << action_of(nulls[i] ? "NULL" :
							   TextDatumGetCString(names[i]));
	if (bits == 0)
		(void) action_of("");
	count = 0;
	for (int action = 0; action < ACCESS_ACTIONS; action++)
	{
		if (bits & 1 << action)
			found[count++] = CStringGetTextDatum(access_action_names[action]);
	}
	return PointerGetDatum(construct_array(found, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

/* What a person wrote, as we store it. */
static Datum
understood(Oid relid, const char *text)
{
	Relation	rel = table_open(relid, NoLock);
	AccessScope scope;
	Node	   *condition;
	char	   *stored;

	access_enter(&scope, rel->rd_rel->relowner, ACCESS_GIVEN);
	condition = access_condition_parse(text, rel);
	access_leave(&scope);
	access_enter(&scope, rel->rd_rel->relowner, ACCESS_STORED);
	stored = access_condition_text(condition, rel);
	access_leave(&scope);
	table_close(rel, NoLock);
	return CStringGetTextDatum(stored);
}

static Datum
caller_name(void)
{
	return DirectFunctionCall1(namein,
							   CStringGetDatum(GetUserNameFromId(GetUserId(),
																 false)));
}

/* ----- Rules ----- */

static bool
has_rule(Oid relid, const char *name)
{
	ListCell   *cell;

	foreach(cell, access_rules(relid))
	{
		if (strcmp(((AccessRule *) lfirst(cell))->name, name) == 0)
			return true;
	}
	return false;
}

static bool
permits_anything(List *rules)
{
	ListCell   *cell;

	foreach(cell, rules)
	{
		if (((AccessRule *) lfirst(cell))->permit)
			return true;
	}
	return false;
}

static void
lock_for_rules(Oid relid)
{
	access_table_lock(relid, access_protection(relid, NULL) ?
					  AccessExclusiveLock : ShareUpdateExclusiveLock);
	/* It may have been protected while we waited; no more from now on. */
	if (access_protection(relid, NULL))
		access_table_lock(relid, AccessExclusiveLock);
}

/* A change of rules is in force when the transaction commits. */
static void
rules_changed(Oid relid)
{
	AccessProtection protection;

	if (access_protection(relid, &protection))
		access_policy_install(relid, relid, &protection);
}

/*
 * create_access_rule(rel regclass, name text, effect text, actions text[],
 * condition text) -> void
 */
PG_FUNCTION_INFO_V1(sales_intel_access_create_rule);
Datum
sales_intel_access_create_rule(PG_FUNCTION_ARGS)
{
	Oid			types[] = {REGCLASSOID, TEXTOID, TEXTOID, TEXTARRAYOID,
	TEXTOID, NAMEOID};
	Datum		values[lengthof(types)];
	Oid			relid;
	char	   *name;

	refuse_nulls(fcinfo, "rel, name, effect, actions, condition");
	relid = PG_GETARG_OID(0);
	name = rule_name(PG_GETARG_DATUM(1));
	check_effect(TextDatumGetCString(PG_GETARG_DATUM(2)));
	memcpy(values, (Datum[]) {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1),
		   PG_GETARG_DATUM(2), actions_argument(PG_GETARG_DATUM(3))},
		   4 * sizeof(Datum));
	lock_for_rules(relid);
	access_table_check(relid);
	values[4] = understood(relid, TextDatumGetCString(PG_GETARG_DATUM(4)));
	values[5] = caller_name();
	if (has_rule(relid, name))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("table \"%s\" has a rule \"%s\" already",
						access_table_name(relid), name),
				 errdetail("Rules of one table have different names."),
				 errhint("drop_access_rule first, or choose another name.")));
	access_execute("access_rule",
				   "INSERT INTO sales_intel.access_rule (rel, name, effect, actions, condition, created_by) "
				   "VALUES ($1, $2, $3, $4, $5, $6)",
				   lengthof(types), types, values);
	rules_changed(relid);
	PG_RETURN_VOID();
}

/* drop_access_rule(rel regclass, name text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_drop_rule);
Datum
sales_intel_access_drop_rule(PG_FUNCTION_ARGS)
{
	Oid			types[] = {OIDOID, TEXTOID};
	Oid			relid;

	refuse_nulls(fcinfo, "rel, name");
	relid = PG_GETARG_OID(0);
	lock_for_rules(relid);
	if (access_execute("access_rule",
					   "DELETE FROM sales_intel.access_rule WHERE rel OPERATOR(pg_catalog.=) $1 "
					   "AND name OPERATOR(pg_catalog.=) $2",
					   lengthof(types), types,
					   (Datum[]) {PG_GETARG_DATUM(0),
	PG_GETARG_DATUM(1)}) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("table \"%s\" has no rule \"%s\"",
						access_table_name(relid),
						TextDatumGetCString(PG_GETARG_DATUM(1))),
				 errdetail("It has %d rules.",
						   list_length(access_rules(relid))),
				 errhint("The table access_rule lists them.")));
	rules_changed(relid);
	PG_RETURN_VOID();
}

/* ----- Protection ----- */

static void
check_primary_key(Oid relid)
{
	Relation	rel = table_open(relid, NoLock);
	bool		found = OidIsValid(si_primary_key(rel));

	table_close(rel, NoLock);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" has no primary key",
						access_table_name(relid)),
				 errdetail("A row is named by it where access is explained or recorded."),
				 errhint("ALTER TABLE ... ADD PRIMARY KEY first.")));
}

static void
check_permits(Oid relid, const AccessProtection *protection)
{
	if (!protection->empty && !permits_anything(access_rules(relid)))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no rule permits anything on table \"%s\"",
						access_table_name(relid)),
				 errdetail("Protected, it would be empty for everybody, its owner included."),
				 errhint("create_access_rule first, or give the option {\"empty\": true}.")));
}

static void
check_no_policies(Oid relid)
{
	ListCell   *cell;

	foreach(cell, find_all_inheritors(relid, AccessExclusiveLock, NULL))
	{
		if (access_policy_exists(lfirst_oid(cell)))
			ereport(ERROR,
					(errcode(ERRCODE_DUPLICATE_OBJECT),
					 errmsg("table \"%s\" has policies of our names already",
							access_table_name(lfirst_oid(cell))),
					 errdetail("They are from a time when it was protected, or was a partition of a protected table, or from somebody else."),
					 errhint("SELECT sales_intel.unprotect_table('%s') removes them.",
							 access_table_name(lfirst_oid(cell)))));
	}
}

static void
switch_mask(Oid relid, const AccessProtection *before,
			const AccessProtection *protection)
{
	if (protection->consent_mask != NULL)
		access_mask_start(relid, protection);
	else if (before->consent_mask != NULL)
		access_mask_stop(relid);
}

static void
switch_trail(Oid relid, const AccessProtection *before,
			 const AccessProtection *protection)
{
	if (protection->trail)
		access_trail_start(relid);
	else if (before->trail)
		access_trail_stop(relid);
}

/* protect_table(rel regclass, options jsonb) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_protect_table);
Datum
sales_intel_access_protect_table(PG_FUNCTION_ARGS)
{
	Oid			types[] = {REGCLASSOID, JSONBOID, NAMEOID};
	Datum		values[lengthof(types)];
	AccessProtection protection;
	AccessProtection before = {0};
	Oid			relid;

	refuse_nulls(fcinfo, "rel, options");
	relid = PG_GETARG_OID(0);
	access_protection_read(PG_GETARG_JSONB_P(1), &protection);
	access_table_check_owner(relid);
	if (protection.consent_mask != NULL)
		access_mask_lock();
	access_table_lock(relid, AccessExclusiveLock);
	access_table_check(relid);
	check_primary_key(relid);
	check_permits(relid, &protection);
	if (!access_protection(relid, &before))
		check_no_policies(relid);
	access_mask_check(relid, relid, &protection);
	memcpy(values, (Datum[]) {PG_GETARG_DATUM(0), PG_GETARG_DATUM(1),
		   caller_name()}, sizeof(values));
	access_execute("protected_table",
				   "INSERT INTO sales_intel.protected_table AS p (rel, options, protected_by) "
				   "VALUES ($1, $2, $3) ON CONFLICT (rel) DO UPDATE SET options = EXCLUDED.options",
				   lengthof(types), types, values);
	access_policy_install(relid, relid, &protection);
	switch_mask(relid, &before, &protection);
	switch_trail(relid, &before, &protection);
	access_views_renew(relid);
	PG_RETURN_VOID();
}

/* A partition that was detached keeps its policies, until this is called. */
static void
check_protected(Oid relid)
{
	Oid			root = access_table_root(relid);

	if (access_protection(relid, NULL) ||
		(root == relid && access_policy_exists(relid)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" is not protected",
					access_table_name(relid)),
			 errdetail(root == relid ? "It has no policies of ours." :
					   "It is a partition of \"%s\".",
					   access_table_name(root)),
			 errhint("The table protected_table lists those that are.")));
}

/* unprotect_table(rel regclass) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_unprotect_table);
Datum
sales_intel_access_unprotect_table(PG_FUNCTION_ARGS)
{
	Oid			types[] = {OIDOID};
	const AccessProtection nothing = {0};
	AccessProtection before;
	Oid			relid;

	refuse_nulls(fcinfo, "rel");
	relid = PG_GETARG_OID(0);
	access_table_lock(relid, AccessExclusiveLock);
	check_protected(relid);
	if (access_protection(relid, &before))
	{
		switch_mask(relid, &before, &nothing);
		switch_trail(relid, &before, &nothing);
	}
	access_execute("protected_table",
				   "DELETE FROM sales_intel.protected_table WHERE rel OPERATOR(pg_catalog.=) $1",
				   lengthof(types), types, (Datum[]) {PG_GETARG_DATUM(0)});
	access_policy_remove(relid);
	access_views_renew(relid);
	PG_RETURN_VOID();
}
