/*
 * access_ddl.c
 *	  Event triggers: what becomes of rules when tables change.
 *
 * A new partition of a protected table is protected before anybody else sees
 * it.  Rules go with their table.  What would break a rule, or open a way
 * around it, is refused.  Where nothing is governed, both triggers look into
 * two empty tables and are done.
 *
 * While a dump is restored, tables and partitions are made before the rules
 * are there, and policies after that, so nothing is made twice.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_type.h"
#include "catalog/namespace.h"
#include "commands/event_trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/access_trail.h"
#include "access/consent/access_consent_mask.h"
#include "access/consent/access_consent_rows.h"
#include "access/rule/access_policy.h"
#include "access/rule/access_rule.h"
#include "access/view/access_consent_view.h"
#include "pg/si_compat.h"
#include "pg/si_guc.h"

static EventTriggerData *
event(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("not called by an event trigger"),
				 errdetail("The function is the extension's own."),
				 errhint("Run the statement that it is about.")));
	return (EventTriggerData *) fcinfo->context;
}

/* ----- The extension dropped ----- */

static bool
drops_extension(Node *statement)
{
	ListCell   *cell;

	if (!IsA(statement, DropStmt) ||
		((DropStmt *) statement)->removeType != OBJECT_EXTENSION)
		return false;
	foreach(cell, ((DropStmt *) statement)->objects)
	{
		if (strcmp(strVal(lfirst(cell)), "sales_intel") == 0)
			return true;
	}
	return false;
}

/* event trigger on ddl_command_start: records do not go by the way */
PG_FUNCTION_INFO_V1(sales_intel_access_ddl_start);
Datum
sales_intel_access_ddl_start(PG_FUNCTION_ARGS)
{
	static const char *const records[] = {"consent_event", "ledger", "release"};

	if (!drops_extension(event(fcinfo)->parsetree) || si_allow_drop)
		PG_RETURN_NULL();
	for (size_t i = 0; i < lengthof(records); i++)
	{
		if (access_any_row(records[i]))
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("extension \"sales_intel\" holds records, and is not dropped"),
					 errdetail("Its table \"%s\" has rows, which would be gone with it.",
							   records[i]),
					 errhint("Dump them, then SET sales_intel.allow_drop = on.")));
	}
	PG_RETURN_NULL();
}

/* ----- Tables made and altered ----- */

pg_noreturn static void
refuse_inheritance(Oid child, Oid parent)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("a protected table cannot inherit or be inherited from"),
			 errdetail("Rows of \"%s\" would be read through \"%s\", past the rules of one of them.",
					   access_table_name(child), access_table_name(parent)),
			 errhint("unprotect_table first.")));
}

/* Nobody reads a protected table through another one, or that through it. */
static void
check_inheritance(Oid relid)
{
	bool		protected = access_protection(relid, NULL);
	ListCell   *cell;

	foreach(cell, access_table_parents(relid))
	{
		if (protected || (!get_rel_relispartition(relid) &&
						  access_protection(lfirst_oid(cell), NULL)))
			refuse_inheritance(relid, lfirst_oid(cell));
	}
}

/* Rules mean what they meant: an error if a column of theirs is gone. */
static void
check_rules(Oid relid)
{
	List	   *rules = access_rules(relid);
	Relation	rel;
	AccessScope scope;
	ListCell   *cell;

	if (rules == NIL)
		return;
	rel = table_open(relid, NoLock);
	access_enter(&scope, rel->rd_rel->relowner, ACCESS_STORED);
	foreach(cell, rules)
		(void) access_rule_condition(lfirst(cell), rel);
	access_leave(&scope);
	table_close(rel, NoLock);
}

static void
check_mask(Oid relid)
{
	AccessProtection protection;
	Relation	rel;

	if (!access_protection(relid, &protection))
		return;
	rel = table_open(relid, NoLock);
	access_mask_recheck(rel, &protection);
	table_close(rel, NoLock);
}

/* A table that may have become a partition, with what it brings along. */
static void
protect_partition(Oid relid)
{
	Oid			root = access_table_root(relid);
	AccessProtection protection;

	if (root == relid || !access_protection(root, &protection))
		return;
	access_mask_adopt(relid, root, &protection);
	access_policy_install(relid, root, &protection);
	if (protection.trail)
		access_trail_start(root);
}

static Oid
attached(Node *statement)
{
	AlterTableCmd *command;

	if (!IsA(statement, AlterTableStmt))
		return InvalidOid;
	command = linitial(((AlterTableStmt *) statement)->cmds);
	if (command->subtype != AT_AttachPartition)
		return InvalidOid;
	return RangeVarGetRelid(((PartitionCmd *) command->def)->name, NoLock,
							true);
}

static void
table_changed(Oid relid)
{
	if (!OidIsValid(relid) || get_rel_relkind(relid) == '\0')
		return;
	check_inheritance(relid);
	check_rules(relid);
	check_mask(relid);
}

/* ----- Policies made ----- */

static Oid
table_of_policy(Oid oid)
{
	Relation	catalog = table_open(PolicyRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			relid = InvalidOid;

	ScanKeyInit(&key, Anum_pg_policy_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(oid));
	scan = systable_beginscan(catalog, PolicyOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		relid = ((Form_pg_policy) GETSTRUCT(tuple))->polrelid;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return relid;
}

/* A restored policy that permits depends on the one that restricts, again. */
static void
policy_changed(Oid oid)
{
	Oid			relid = table_of_policy(oid);

	if (OidIsValid(relid))
		access_policy_bind(relid);
}

/* ----- What the server says has happened ----- */

static uint64
query(const char *sql)
{
	SPI_connect();
	if (SPI_execute(sql, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "an event trigger's list cannot be read");
	return SPI_processed;
}

static Datum
column(uint64 row, int number)
{
	bool		null;

	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc,
						 number, &null);
}

/* event trigger on ddl_command_end */
PG_FUNCTION_INFO_V1(sales_intel_access_ddl_end);
Datum
sales_intel_access_ddl_end(PG_FUNCTION_ARGS)
{
	EventTriggerData *data = event(fcinfo);
	bool		policies = data->tag == CMDTAG_CREATE_POLICY ||
		data->tag == CMDTAG_ALTER_POLICY;
	uint64		rows;

	if (!policies && !access_governs())
		PG_RETURN_NULL();
	rows = query("SELECT classid, objid FROM pg_catalog.pg_event_trigger_ddl_commands()");
	for (uint64 row = 0; row < rows; row++)
	{
		Oid			class = DatumGetObjectId(column(row, 1));
		Oid			object = DatumGetObjectId(column(row, 2));

		if (class == PolicyRelationId)
			policy_changed(object);
		if (class != RelationRelationId)
			continue;
		table_changed(object);
		if (data->tag != CMDTAG_ALTER_TABLE)
			protect_partition(object);
	}
	SPI_finish();
	table_changed(attached(data->parsetree));
	protect_partition(attached(data->parsetree));
	PG_RETURN_NULL();
}

/* ----- Tables dropped, and what rules need ----- */

static void
forget_table(Oid relid)
{
	Oid			types[] = {OIDOID};
	Datum		values[] = {ObjectIdGetDatum(relid)};

	if (access_protection(relid, NULL))
	{
		access_execute("protected_table",
					   "DELETE FROM sales_intel.protected_table WHERE rel OPERATOR(pg_catalog.=) $1",
					   1, types, values);
		ereport(NOTICE,
				(errmsg("a protected table was dropped, and its rules with it"),
				 errdetail("A table that takes its place has none, and is open to all to whom it is granted."),
				 errhint("create_access_rule and protect_table, in this transaction.")));
	}
	if (access_rules(relid) != NIL)
		access_execute("access_rule",
					   "DELETE FROM sales_intel.access_rule WHERE rel OPERATOR(pg_catalog.=) $1",
					   1, types, values);
	if (access_view_any())
		access_view_forget(relid);
}

/*
 * A policy of ours went with something that a rule needs: an error, rather
 * than a table that is suddenly empty for all; but nobody is kept from dropping
 * what is his by a rule of somebody else.  Names are schema, table and policy;
 * the table is gone if that is why.
 */
static void
keep_policy(Datum names)
{
	Datum	   *name;
	int			count;
	Oid			relid;

	deconstruct_array(DatumGetArrayTypeP(names), TEXTOID, -1, false,
					  TYPALIGN_INT, &name, NULL, &count);
	if (count != 3 || !access_policy_is_ours(TextDatumGetCString(name[2])))
		return;
	relid = get_relname_relid(TextDatumGetCString(name[1]),
							  get_namespace_oid(TextDatumGetCString(name[0]),
												true));
	if (!OidIsValid(relid) || !si_owns_table(relid) ||
		!access_protection(access_table_root(relid), NULL))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("cannot drop what rules of table \"%s\" need",
					access_table_name(relid)),
			 errdetail("Its policy \"%s\" would go, too.",
					   TextDatumGetCString(name[2])),
			 errhint("drop_access_rule, or unprotect_table, first.")));
}

/* event trigger on sql_drop */
PG_FUNCTION_INFO_V1(sales_intel_access_sql_drop);
Datum
sales_intel_access_sql_drop(PG_FUNCTION_ARGS)
{
	EventTriggerData *data = event(fcinfo);
	uint64		rows;

	if (!access_governs())
		PG_RETURN_NULL();
	rows = query("SELECT classid, objid, objsubid, original, address_names FROM pg_catalog.pg_event_trigger_dropped_objects()");
	for (uint64 row = 0; row < rows; row++)
	{
		Oid			class = DatumGetObjectId(column(row, 1));

		if (class == RelationRelationId && DatumGetInt32(column(row, 3)) == 0)
			forget_table(DatumGetObjectId(column(row, 2)));
		else if (class == PolicyRelationId &&
				 data->tag != CMDTAG_DROP_POLICY &&
				 !DatumGetBool(column(row, 4)))
			keep_policy(column(row, 5));
	}
	SPI_finish();
	PG_RETURN_NULL();
}
