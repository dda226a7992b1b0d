/*
 * access_consent_rows.c
 *	  Rows that carry the live mask of their subject.
 *
 * They are written as logical replication writes what it applies: by tuple,
 * past policies, triggers and CHECK constraints, but with the table's generated
 * columns and indexes; and its trail, whose hashes would not meet otherwise.
 * What code of the table's owner that runs, in a column or an index, runs as
 * him, in a security-restricted operation.
 *
 * No row of the subject's is missed.  Its state is locked by whoever changes
 * it.  Who has inserted a row had to share that lock, and so has committed, or
 * will see the new mask.  Who has updated one had not, unless its key changed,
 * and left the mask as it was: the update is waited for, and the table read
 * once more.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "parser/parse_func.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/consent/access_consent_key.h"
#include "access/consent/access_consent_rows.h"
#include "access/consent/access_consent_state.h"
#include "pg/si_compat.h"

#define PATIENCE	5000		/* milliseconds before a deadlock is seen */

/* ----- Columns ----- */

char *
access_consent_key_name(Oid root, const AccessProtection *protection)
{
	Relation	rel;
	Relation	index;
	char	   *name = NULL;

	if (protection->subject_key != NULL)
		return protection->subject_key;
	rel = table_open(root, AccessShareLock);
	if (OidIsValid(si_primary_key(rel)))
	{
		index = index_open(si_primary_key(rel), AccessShareLock);
		if (index->rd_index->indnkeyatts == 1)
			name = get_attname(root, index->rd_index->indkey.values[0], false);
		index_close(index, AccessShareLock);
	}
	table_close(rel, NoLock);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the primary key of table \"%s\" is not one column",
						access_table_name(root)),
				 errdetail("It would be the key of the subjects."),
				 errhint("Name the column: {\"subject_key\": \"customer_id\"}.")));
	return name;
}

static Form_pg_attribute
column_named(Relation rel, const char *name)
{
	AttrNumber	number = get_attnum(RelationGetRelid(rel), name);
	Form_pg_attribute column;

	if (number <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s\" has no column \"%s\"",
						RelationGetRelationName(rel), name),
				 errdetail("It is to hold the keys of subjects, or their masks."),
				 errhint("Name a column that is there; before one is renamed or dropped, unprotect_table.")));
	column = TupleDescAttr(RelationGetDescr(rel), number - 1);
	if (column->attgenerated)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("column \"%s\" of table \"%s\" is generated", name,
						RelationGetRelationName(rel)),
				 errdetail("Its value is not known when a row is checked."),
				 errhint("Name an ordinary column.")));
	return column;
}

static AttrNumber
mask_column(Relation rel, const char *name)
{
	Form_pg_attribute mask = column_named(rel, name);

	if (mask->atttypid != INT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of table \"%s\" is no bigint", name,
						RelationGetRelationName(rel)),
				 errdetail("A mask has a bit for each scene."),
				 errhint("Name another column, or add one: ALTER TABLE ... ADD COLUMN ... bigint.")));
	return mask->attnum;
}

Form_pg_attribute
access_key_column(Relation rel, const char *name)
{
	Form_pg_attribute key = column_named(rel, name);

	if (!access_consent_is_key(key->atttypid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of table \"%s\" cannot be the key of subjects",
						name, RelationGetRelationName(rel)),
				 errdetail(ACCESS_CONSENT_KEY_TYPES),
				 errhint("Name the column that says whose row it is: {\"subject_key\": \"customer_id\"}.")));
	return key;
}

void
access_mask_recheck(Relation rel, const AccessProtection *protection)
{
	if (protection->consent_mask != NULL || protection->scene != NULL)
		(void) access_mask_columns(rel, RelationGetRelid(rel), protection);
}

AccessMaskColumns
access_mask_columns(Relation rel, Oid root, const AccessProtection *protection)
{
	Form_pg_attribute key =
		access_key_column(rel, access_consent_key_name(root, protection));
	AccessMaskColumns columns = {.key = key->attnum, .key_type = key->atttypid};

	if (protection->consent_mask != NULL)
		columns.mask = mask_column(rel, protection->consent_mask);
	if (columns.mask == columns.key)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" cannot be both mask and key",
						protection->consent_mask),
				 errdetail("The one says what the other allows."),
				 errhint("Name two columns.")));
	return columns;
}

static bool
finds(Oid oid, AttrNumber key)
{
	Relation	index = index_open(oid, AccessShareLock);
	bool		found = index->rd_index->indisvalid &&
		index->rd_rel->relam == BTREE_AM_OID &&
		index->rd_index->indkey.values[0] == key &&
		RelationGetIndexPredicate(index) == NIL;

	index_close(index, NoLock);
	return found;
}

Oid
access_mask_index(Relation rel, AttrNumber key)
{
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(rel))
	{
		if (finds(lfirst_oid(cell), key))
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

/* ----- Rows of one table ----- */

typedef struct Target
{
	Relation	rel;
	AccessMaskColumns columns;
	const char *subject;		/* NULL: all */
	int64		mask;			/* of the subject */
	AccessConsentStates states; /* of all */
	EState	   *estate;
	ResultRelInfo *info;		/* NULL until a row is written */
	TupleTableSlot *old;
	TupleTableSlot *new;
	int64		written;
} Target;

/*
 * Nobody's withdrawal fails by a row that is older than a constraint NOT VALID,
 * or by one of the mask.  An expression that is NULL is none to be checked.
 */
static void
skip_checks(ResultRelInfo *info)
{
	TupleConstr *constraints = info->ri_RelationDesc->rd_att->constr;

	if (constraints != NULL && constraints->num_check > 0)
		info->si_check_expressions =
			palloc0(constraints->num_check * sizeof(ExprState *));
}

/* Of a table's triggers remains the one that records. */
static void
keep_recorder(ResultRelInfo *info)
{
	TriggerDesc *triggers = info->ri_TrigDesc;
	Oid			recorder =
		LookupFuncName(list_make2(makeString("sales_intel"),
								  makeString("record_access")),
					   0, NULL, false);
	bool		found = false;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		if (triggers->triggers[i].tgfoid == recorder)
			found = true;
		else
			triggers->triggers[i].tgenabled = TRIGGER_DISABLED;
	}
	if (!found)
		info->ri_TrigDesc = NULL;
	else
		triggers->trig_update_before_row = false;
}

static void
prepare_to_write(Target *target)
{
	MemoryContext old = MemoryContextSwitchTo(target->estate->es_query_cxt);
	ResultRelInfo *info = makeNode(ResultRelInfo);

	InitResultRelInfo(info, target->rel, 0, NULL, 0);
	skip_checks(info);
	keep_recorder(info);
	ExecOpenIndices(info, false);
	target->old = table_slot_create(target->rel,
									&target->estate->es_tupleTable);
	target->new = table_slot_create(target->rel,
									&target->estate->es_tupleTable);
	target->estate->es_opened_result_relations =
		lappend(target->estate->es_opened_result_relations, info);
	target->info = info;
	MemoryContextSwitchTo(old);
}

/* False: somebody has updated or deleted it meanwhile. */
static bool
write_mask(Target *target, ItemPointer tid, int64 mask)
{
	TupleTableSlot *old = target->old;
	TupleTableSlot *new = target->new;
	int			natts = RelationGetDescr(target->rel)->natts;
	TM_FailureData failure;
	TM_Result	result;
	EPQState	nothing;

	result = table_tuple_lock(target->rel, tid, target->estate->es_snapshot,
							  old, GetCurrentCommandId(false),
							  LockTupleNoKeyExclusive, LockWaitBlock, 0,
							  &failure);
	if (result == TM_Updated || result == TM_Deleted)
		return false;
	if (result != TM_Ok)
		elog(ERROR, "unexpected table_tuple_lock status: %u", result);
	slot_getallattrs(old);
	ExecClearTuple(new);
	memcpy(new->tts_values, old->tts_values, natts * sizeof(Datum));
	memcpy(new->tts_isnull, old->tts_isnull, natts * sizeof(bool));
	new->tts_values[target->columns.mask - 1] = Int64GetDatum(mask);
	new->tts_isnull[target->columns.mask - 1] = false;
	ExecStoreVirtualTuple(new);
	EvalPlanQualInit(&nothing, target->estate, NULL, NIL, -1);
	ExecSimpleRelationUpdate(target->info, target->estate, &nothing, old, new);
	target->written++;
	return true;
}

/* What the row's mask is to be; false: its key is another subject's. */
static bool
wanted_mask(Target *target, HeapTuple tuple, int64 *mask)
{
	bool		null;
	Datum		key = heap_getattr(tuple, target->columns.key,
								   RelationGetDescr(target->rel), &null);
	char	   *subject = null ? NULL :
		access_consent_subject(target->columns.key_type, key);

	if (target->subject != NULL)
	{
		*mask = target->mask;
		return subject != NULL && strcmp(subject, target->subject) == 0;
	}
	*mask = subject == NULL ? 0 :
		access_consent_states_mask(&target->states, subject);
	return true;
}

/* False: it must be looked at once more. */
static bool
correct_row(Target *target, HeapTuple tuple)
{
	bool		null;
	Datum		mask = heap_getattr(tuple, target->columns.mask,
									RelationGetDescr(target->rel), &null);
	int64		wanted;

	if (!wanted_mask(target, tuple, &wanted) ||
		(!null && DatumGetInt64(mask) == wanted))
		return true;
	if (target->info == NULL)
		prepare_to_write(target);
	return write_mask(target, &tuple->t_self, wanted);
}

/*
 * The subject's rows, by index if there still is one; all, if there is no
 * subject; NULL: it cannot have any.
 */
static SysScanDesc
begin_scan(Target *target, Snapshot snapshot)
{
	AttrNumber	column = target->columns.key;
	Oid			oid = access_mask_index(target->rel, column);
	Form_pg_attribute att = TupleDescAttr(RelationGetDescr(target->rel),
										  column - 1);
	Oid			collation = att->attcollation;
	TypeCacheEntry *type = lookup_type_cache(att->atttypid, TYPECACHE_EQ_OPR);
	Oid			function = get_opcode(type->eq_opr);
	ScanKeyData key;
	Datum		value;

	if (target->subject == NULL)
		return systable_beginscan(target->rel, InvalidOid, false, snapshot, 0,
								  NULL);
	if (!access_consent_key(att->atttypid, target->subject, &value))
		return NULL;
	if (OidIsValid(oid))
	{
		Relation	index = index_open(oid, AccessShareLock);

		collation = index->rd_indcollation[0];
		index_close(index, NoLock);
	}
	ScanKeyEntryInitialize(&key, 0, column, BTEqualStrategyNumber, InvalidOid,
						   collation, function, value);
	return systable_beginscan(target->rel, oid, OidIsValid(oid), snapshot, 1,
							  &key);
}

/* Rows as the latest snapshot sees them; false: not all could be written. */
static bool
correct_rows(Target *target)
{
	MemoryContext row = GetPerTupleMemoryContext(target->estate);
	SysScanDesc scan = begin_scan(target, target->estate->es_snapshot);
	HeapTuple	tuple;
	bool		all = true;

	if (scan == NULL)
		return true;
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		MemoryContext old = MemoryContextSwitchTo(row);

		CHECK_FOR_INTERRUPTS();
		all &= correct_row(target, tuple);
		MemoryContextSwitchTo(old);
		ResetPerTupleExprContext(target->estate);
	}
	systable_endscan(scan);
	return all;
}

static void
name_table(void *relid)
{
	errcontext("consent mask of table \"%s\"",
			   access_table_name(*(Oid *) relid));
}

/* One that has rows itself; its lock is held. */
static bool
correct_table(Relation rel, Target *target)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	bool		all;

	PushActiveSnapshot(snapshot);
	target->rel = rel;
	target->info = NULL;
	target->estate = CreateExecutorState();
	target->estate->es_snapshot = snapshot;
	target->estate->es_output_cid = GetCurrentCommandId(true);
	AfterTriggerBeginQuery();
	if (target->subject == NULL)
		access_consent_states_open(&target->states, snapshot);
	all = correct_rows(target);
	if (target->subject == NULL)
		access_consent_states_close(&target->states);
	AfterTriggerEndQuery(target->estate);
	if (target->info != NULL)
		ExecCloseIndices(target->info);
	ExecResetTupleTable(target->estate->es_tupleTable, false);
	FreeExecutorState(target->estate);
	PopActiveSnapshot();
	UnregisterSnapshot(snapshot);
	return all;
}

/* ----- A table and its partitions ----- */

/* A withdrawal is not what a cycle of waiting is broken at, if it can be. */
static void
be_patient(void)
{
	if (DeadlockTimeout < PATIENCE)
		(void) set_config_option("deadlock_timeout",
								 psprintf("%d", PATIENCE), PGC_SUSET,
								 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0,
								 false);
}

static bool
correct_one(Oid relid, Oid root, const AccessProtection *protection,
			Target *target)
{
	ErrorContextCallback name = {error_context_stack, name_table, &relid};
	Relation	rel = table_open(relid, NoLock);
	AccessScope scope;
	bool		all;

	error_context_stack = &name;
	access_enter(&scope, rel->rd_rel->relowner, ACCESS_STORED);
	be_patient();
	target->columns = access_mask_columns(rel, root, protection);
	all = correct_table(rel, target);
	access_leave(&scope);
	error_context_stack = name.previous;
	table_close(rel, NoLock);
	return all;
}

/* The table is locked; its partitions are here. */
static bool
correct_tree(Oid relid, Oid root, const AccessProtection *protection,
			 Target *target)
{
	bool		all = true;
	ListCell   *cell;

	foreach(cell, find_all_inheritors(relid, RowExclusiveLock, NULL))
	{
		if (get_rel_relkind(lfirst_oid(cell)) == RELKIND_RELATION)
			all &= correct_one(lfirst_oid(cell), root, protection, target);
	}
	return all;
}

void
access_mask_lock(void)
{
	LockDatabaseObject(RelationRelationId, access_table("consent_state"), 0,
					   ExclusiveLock);
}

/* Nobody else writes meanwhile. */
void
access_mask_fill(Oid relid, Oid root, const AccessProtection *protection)
{
	Target		target = {0};

	CommandCounterIncrement();
	(void) correct_tree(relid, root, protection, &target);
	CommandCounterIncrement();
}

/* ----- All tables ----- */

/* Asked once more when nobody can change it: it may have been dropped. */
static bool
correct_protected(Oid root, Target *target)
{
	AccessProtection protection;

	if (!access_protection(root, &protection) ||
		protection.consent_mask == NULL)
		return true;
	LockRelationOid(root, RowExclusiveLock);
	return !access_protection(root, &protection) ||
		protection.consent_mask == NULL ||
		correct_tree(root, root, &protection, target);
}

static bool
correct_all(Target *target)
{
	bool		all = true;
	ListCell   *cell;

	CommandCounterIncrement();
	foreach(cell, access_protected_tables())
		all &= correct_protected(lfirst_oid(cell), target);
	CommandCounterIncrement();
	return all;
}

/*
 * consent_changed(subject text, mask bigint, bounded boolean) -> bigint: how
 * many rows were written.  The state of the subject is locked.
 */
PG_FUNCTION_INFO_V1(sales_intel_access_consent_changed);
Datum
sales_intel_access_consent_changed(PG_FUNCTION_ARGS)
{
	Target		target = {.subject = text_to_cstring(PG_GETARG_TEXT_PP(0)),
		.mask = PG_GETARG_INT64(1)};

	if (PG_GETARG_BOOL(2))
		target.mask |= ACCESS_CONSENT_BOUNDED;
	LockDatabaseObject(RelationRelationId, access_table("consent_state"), 0,
					   ShareLock);
	while (!correct_all(&target))
		CHECK_FOR_INTERRUPTS();
	PG_RETURN_INT64(target.written);
}
