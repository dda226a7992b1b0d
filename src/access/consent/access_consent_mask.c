/*
 * access_consent_mask.c
 *	  Tables whose rows carry the live mask of their subject.
 *
 * The trigger keep_consent_mask() sees to it for what is written, and
 * consent_changed(), in access_consent_rows.c, for what is there when consent
 * changes.  An update that leaves the key alone needs no lock: whoever changes
 * the subject's consent waits for it, and writes the row again.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/consent/access_consent_key.h"
#include "access/consent/access_consent_mask.h"
#include "access/consent/access_consent_rows.h"
#include "access/consent/access_consent_state.h"
#include "access/live/access_consent_age.h"
#include "access/live/access_consent_read.h"
#include "access/live/access_consent_ticket.h"
#include "access/rule/access_condition.h"
#include "access/rule/access_trust.h"
#include "pg/si_compat.h"

/* The last of a table's triggers, by name: none changes the key after it. */
#define TRIGGER_NAME	"~sales_intel_consent_mask"

/* ----- The trigger ----- */

/* What it knows of its table, for one statement. */
typedef struct Keeper
{
	Oid			table;
	AccessMaskColumns columns;
	int16		key_length;
	bool		key_by_value;
	AccessConsentLock lock;
} Keeper;

pg_noreturn static void
refuse_trigger(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("keep_consent_mask() cannot keep that"),
			 errdetail("%s", detail),
			 errhint("Let protect_table() make its triggers.")));
}

static void
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerEvent event;

	if (!CALLED_AS_TRIGGER(fcinfo))
		refuse_trigger("It was not called by a trigger.");
	event = ((TriggerData *) fcinfo->context)->tg_event;
	if (!TRIGGER_FIRED_BEFORE(event) || !TRIGGER_FIRED_FOR_ROW(event) ||
		!(TRIGGER_FIRED_BY_INSERT(event) || TRIGGER_FIRED_BY_UPDATE(event)))
		refuse_trigger("Its trigger must fire before each row of INSERT and UPDATE.");
}

/*
 * The scripts of pg_dump switch row_security off, and bring back masks that
 * were true when the state of consent was, which they bring back, too: before
 * it, if need be.  Where it is there already, perhaps a later one, it decides.
 */
static bool
is_restore(Relation table)
{
	return !row_security &&
		has_privs_of_role(GetSessionUserId(), table->rd_rel->relowner);
}

static bool
is_before_state(FunctionCallInfo fcinfo, Relation table)
{
	AccessProtection protection;

	if (fcinfo->flinfo->fn_extra != NULL)
		return false;
	return !access_any_row("consent_state") ||
		!access_protection(access_table_root(RelationGetRelid(table)),
						   &protection) ||
		protection.consent_mask == NULL;
}

static Keeper *
keeper_of(FunctionCallInfo fcinfo, Relation table)
{
	Keeper	   *keeper = fcinfo->flinfo->fn_extra;
	Oid			root = access_table_root(RelationGetRelid(table));
	AccessProtection protection;
	MemoryContext old;

	if (keeper != NULL && keeper->table == RelationGetRelid(table))
		return keeper;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	if (!access_protection(root, &protection) ||
		protection.consent_mask == NULL)
		refuse_trigger("Its table has no consent mask.");
	keeper = palloc0(sizeof(Keeper));
	keeper->table = RelationGetRelid(table);
	keeper->columns = access_mask_columns(table, root, &protection);
	get_typlenbyval(keeper->columns.key_type, &keeper->key_length,
					&keeper->key_by_value);
	keeper->lock.context = fcinfo->flinfo->fn_mcxt;
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = keeper;
	return keeper;
}

static bool
same_key(const Keeper *keeper, TupleDesc desc, HeapTuple a, HeapTuple b)
{
	bool		a_null;
	bool		b_null;
	Datum		a_key = heap_getattr(a, keeper->columns.key, desc, &a_null);
	Datum		b_key = heap_getattr(b, keeper->columns.key, desc, &b_null);

	return a_null || b_null ? a_null == b_null :
		datum_image_eq(a_key, b_key, keeper->key_by_value,
					   keeper->key_length);
}

/* What the row's mask is, whatever the writer says. */
static Datum
kept_mask(Keeper *keeper, const TriggerData *call, HeapTuple row, bool *null)
{
	TupleDesc	desc = RelationGetDescr(call->tg_relation);
	Datum		key;
	char	   *subject;

	*null = false;
	if (TRIGGER_FIRED_BY_UPDATE(call->tg_event) &&
		same_key(keeper, desc, call->tg_trigtuple, row))
		return heap_getattr(call->tg_trigtuple, keeper->columns.mask, desc,
							null);
	key = heap_getattr(row, keeper->columns.key, desc, null);
	if (*null)
	{
		*null = false;			/* it is about nobody */
		return Int64GetDatum(0);
	}
	subject = access_consent_subject(keeper->columns.key_type, key);
	return Int64GetDatum(is_restore(call->tg_relation) ?
						 access_consent_share_known(subject) :
						 access_consent_share(&keeper->lock, subject));
}

/* keep_consent_mask() -> trigger */
PG_FUNCTION_INFO_V1(sales_intel_access_keep_consent_mask);
Datum
sales_intel_access_keep_consent_mask(PG_FUNCTION_ARGS)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	HeapTuple	row;
	Keeper	   *keeper;
	Datum		mask;
	bool		null;
	int			column;

	check_trigger(fcinfo);
	row = TRIGGER_FIRED_BY_UPDATE(call->tg_event) ? call->tg_newtuple :
		call->tg_trigtuple;
	if (is_restore(call->tg_relation) &&
		is_before_state(fcinfo, call->tg_relation))
		return PointerGetDatum(row);
	keeper = keeper_of(fcinfo, call->tg_relation);
	column = keeper->columns.mask;
	mask = kept_mask(keeper, call, row, &null);
	row = heap_modify_tuple_by_cols(row, RelationGetDescr(call->tg_relation),
									1, &column, &mask, &null);
	return PointerGetDatum(row);
}

/* ----- On and off ----- */

static void
check_index(Relation rel, AttrNumber key)
{
	if (rel->rd_rel->relkind != RELKIND_RELATION ||
		OidIsValid(access_mask_index(rel, key)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\" has no index that begins with column \"%s\"",
					RelationGetRelationName(rel),
					get_attname(RelationGetRelid(rel), key, false)),
			 errdetail("A withdrawal looks for the rows of its subject by that key."),
			 errhint("CREATE INDEX ON %s (%s) first.",
					 RelationGetRelationName(rel),
					 quote_identifier(get_attname(RelationGetRelid(rel), key,
												  false)))));
}

/* A change of consent must not fail, nor move a row. */
static void
check_mask_is_free(Relation rel, AttrNumber mask)
{
	Bitmapset  *attnums =
		bms_make_singleton(mask - FirstLowInvalidHeapAttributeNumber);
	bool		used = bms_is_subset(attnums,
									 RelationGetIndexAttrBitmap(rel,
		INDEX_ATTR_BITMAP_KEY)) ||
		(rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE &&
		 has_partition_attrs(rel, attnums, NULL));

	if (used)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("column \"%s\" of table \"%s\" is part of a key",
						get_attname(RelationGetRelid(rel), mask, false),
						RelationGetRelationName(rel)),
				 errdetail("Its values change when consent does, which must always be possible."),
				 errhint("Name a column for the mask alone.")));
}

static void
check_key_has_use(const AccessProtection *protection)
{
	if (protection->subject_key != NULL && protection->scene == NULL &&
		protection->consent_mask == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"subject_key\" needs another one"),
				 errdetail("It says whose consent a row needs, or carries."),
				 errhint("Add \"consent_mask\", with a column, or \"scene\".")));
}

/* One of them, open. */
static void
check_table(Relation rel, Oid root, const AccessProtection *protection)
{
	AccessMaskColumns columns = access_mask_columns(rel, root, protection);

	if (protection->consent_mask == NULL)
		return;
	check_mask_is_free(rel, columns.mask);
	check_index(rel, columns.key);
}

void
access_mask_check(Oid relid, Oid root, const AccessProtection *protection)
{
	ListCell   *cell;

	if (protection->scene != NULL)
		(void) access_scene_bit(protection->scene);
	check_key_has_use(protection);
	if (protection->consent_mask == NULL && protection->scene == NULL)
		return;
	foreach(cell, find_all_inheritors(relid, NoLock, NULL))
	{
		Relation	rel = table_open(lfirst_oid(cell), AccessShareLock);

		check_table(rel, root, protection);
		table_close(rel, NoLock);
	}
}

/* As the table's owner. */
static void
run(Oid relid, const char *sql)
{
	AccessScope scope;

	access_enter(&scope, access_table_role(relid), ACCESS_STORED);
	SPI_connect();
	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "a trigger cannot be switched");
	SPI_finish();
	access_leave(&scope);
}

void
access_mask_start(Oid relid, const AccessProtection *protection)
{
	char	   *name = access_table_qualified(relid);

	run(relid, psprintf("CREATE OR REPLACE TRIGGER \"" TRIGGER_NAME "\" "
						"BEFORE INSERT OR UPDATE ON %s FOR EACH ROW "
						"EXECUTE FUNCTION sales_intel.keep_consent_mask()",
						name));
	run(relid, psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER \"" TRIGGER_NAME "\"",
						name));
	access_mask_fill(relid, relid, protection);
}

void
access_mask_stop(Oid relid)
{
	if (OidIsValid(get_trigger_oid(relid, TRIGGER_NAME, true)))
		run(relid, psprintf("DROP TRIGGER \"" TRIGGER_NAME "\" ON %s",
							access_table_qualified(relid)));
}

/* Triggers of the root are its partitions', by the server's doing. */
void
access_mask_adopt(Oid relid, Oid root, const AccessProtection *protection)
{
	access_mask_check(relid, root, protection);
	if (protection->consent_mask == NULL)
		return;
	access_mask_lock();
	access_mask_fill(relid, root, protection);
}

/* ----- In rules ----- */

typedef struct Masking
{
	AttrNumber	mask;
	AttrNumber	key;
	bool		plain;			/* with subqueries */
} Masking;

/* The column behind casts of the parser's. */
static Node *
bare(Node *node)
{
	while (true)
	{
		if (IsA(node, RelabelType))
			node = (Node *) ((RelabelType *) node)->arg;
		else if (IsA(node, FuncExpr) &&
				 ((FuncExpr *) node)->funcid == F_INT8_INT4)
			node = linitial(((FuncExpr *) node)->args);
		else if (IsA(node, CoerceToDomain))
			node = (Node *) ((CoerceToDomain *) node)->arg;
		else
			return node;
	}
}

static bool
asks_of_key(Node *node, const Masking *masking)
{
	FuncExpr   *call = (FuncExpr *) node;
	Node	   *key;

	if (!IsA(node, FuncExpr) || list_length(call->args) != 2 ||
		!access_is_consent(call->funcid))
		return false;
	key = bare(linitial(call->args));
	return IsA(key, Var) && ((Var *) key)->varattno == masking->key &&
		IsA(lsecond(call->args), Const);
}

/*
 * COALESCE(consent_masked(mask, scene, ticket), consent_allows(key, scene)):
 * the mask does not know what may have begun or ended by itself.
 */
static Node *
masked(Node *node, void *context)
{
	const Masking *masking = context;
	CoalesceExpr *coalesce;
	Node	   *ticket;
	List	   *arguments;

	if (node == NULL)
		return NULL;
	if (!asks_of_key(node, masking))
		return expression_tree_mutator(node, masked, context);
	ticket = access_call("consent_ticket", NIL, BYTEAOID);
	if (masking->plain)
		ticket = access_condition_subquery(ticket);
	arguments = list_make3(makeVar(1, masking->mask, INT8OID, -1, InvalidOid,
								   0),
						   copyObject(lsecond(((FuncExpr *) node)->args)),
						   ticket);
	coalesce = makeNode(CoalesceExpr);
	coalesce->coalescetype = BOOLOID;
	coalesce->args = list_make2(access_call("consent_masked", arguments,
											BOOLOID), node);
	coalesce->location = -1;
	return (Node *) coalesce;
}

Node *
access_masked_condition(Node *condition, Relation rel, Oid root,
						const AccessProtection *protection)
{
	AccessMaskColumns columns;

	if (protection->consent_mask == NULL)
		return condition;
	columns = access_mask_columns(rel, root, protection);
	return masked(condition, &(Masking) {columns.mask, columns.key,
	protection->form == ACCESS_PLAIN});
}

Node *
access_scene_condition(Relation rel, Oid root,
					   const AccessProtection *protection)
{
	const char *key = access_consent_key_name(root, protection);
	const char *text = psprintf("sales_intel.consent_allows(%s, %s)",
								quote_identifier(key),
								quote_literal_cstr(protection->scene));

	return access_condition_parse(text, rel);
}

/* ----- SQL ----- */

/* What one place in one query knows. */
typedef struct Asked
{
	TimestampTz at;				/* the statement that asks */
	TimestampTz deadline;		/* of whoever looks */
	bool		stable;			/* it is about one scene */
	bool		overdue;
	int			bit;			/* of the scene; -1: the mask does not know */
} Asked;

/* Does an explanation ask, perhaps about another time? */
static bool
is_explained(void)
{
	AccessIdentity identity;

	return !IsParallelWorker() && access_identity(&identity) &&
		strcmp(identity.source, "override") == 0;
}

/* Once in each statement, if the question is always the same. */
static Asked *
ask(FunctionCallInfo fcinfo, TimestampTz now)
{
	Asked	   *asked = fcinfo->flinfo->fn_extra;

	if (asked == NULL)
		asked = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(Asked));
	access_consent_check_age();
	asked->at = now;
	asked->deadline =
		access_consent_ticket_read(PG_GETARG_BYTEA_PP(2)).deadline;
	asked->stable = get_fn_expr_arg_stable(fcinfo->flinfo, 1);
	asked->overdue = access_consent_overdue(GetActiveSnapshot());
	asked->bit = is_explained() ? -1 :
		access_scene_bit(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	return asked;
}

/*
 * consent_masked(mask bigint, scene text, ticket bytea) -> boolean: what the
 * mask says, NULL where consent_live() must be asked.
 */
PG_FUNCTION_INFO_V1(sales_intel_access_consent_masked);
Datum
sales_intel_access_consent_masked(PG_FUNCTION_ARGS)
{
	TimestampTz now = GetCurrentStatementStartTimestamp();
	const Asked *asked = fcinfo->flinfo->fn_extra;
	int64		mask = PG_GETARG_INT64(0);

	if (unlikely(asked == NULL || asked->at != now || !asked->stable))
		asked = ask(fcinfo, now);
	access_check_deadline(asked->deadline);
	if (asked->bit < 0 || (mask < 0 && asked->overdue))
		PG_RETURN_NULL();
	PG_RETURN_BOOL(mask >> asked->bit & 1);
}
