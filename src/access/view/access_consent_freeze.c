/*
 * access_consent_freeze.c
 *	  Fields that do not change while their subject does not allow their use.
 *
 * What decides is the subject's consent at the moment of the update.  Where
 * rows have masks, that of the row, which is locked by the update: who changes
 * consent waits for the row.  Elsewhere the subject's state, which is shared
 * until the end of the transaction.  So the update comes before the withdrawal,
 * or is refused.  A field may always be emptied: nobody is kept from erasing.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "commands/trigger.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_table.h"
#include "access/consent/access_consent_key.h"
#include "access/consent/access_consent_rows.h"
#include "access/consent/access_consent_state.h"
#include "access/live/access_consent_read.h"
#include "access/rule/access_rule.h"
#include "access/view/access_consent_view.h"
#include "miscadmin.h"
#include "pg/si_compat.h"

/* A column that may be frozen. */
typedef struct Field
{
	AttrNumber	column;
	AttrNumber	key;
	AttrNumber	session;		/* 0: standing consent */
	AttrNumber	mask;			/* 0: the state is asked */
	int			bit;
	const char *scene;
} Field;

typedef struct Freezer
{
	Oid			table;
	List	   *fields;			/* Field */
	AccessConsentLock lock;
} Freezer;

/* Both rows of one update. */
typedef struct Change
{
	TupleDesc	desc;
	HeapTuple	old;
	HeapTuple	new;
} Change;

pg_noreturn static void
refuse_trigger(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("keep_frozen_fields() cannot keep that"),
			 errdetail("%s", detail),
			 errhint("Let create_consent_view() make its triggers.")));
}

/* ----- What may be frozen ----- */

static AttrNumber
number_of(Relation rel, const char *name)
{
	return access_key_column(rel, name)->attnum;
}

static void
add_field(Freezer *freezer, Relation rel, const AccessView *view,
		  const AccessViewColumn *column, AttrNumber mask)
{
	const char *scene = access_view_frozen_scene(view, column);
	Field	   *field;

	if (scene == NULL)
		return;
	field = palloc0(sizeof(Field));
	field->column = get_attnum(RelationGetRelid(rel), column->name);
	field->key = number_of(rel, view->key);
	field->scene = scene;
	field->bit = access_scene_bit(scene);
	if (view->session_key != NULL)
		field->session = number_of(rel, view->session_key);
	else
		field->mask = mask;
	if (field->column <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("consent view \"%s\" no longer fits table \"%s\"",
						access_table_name(view->view),
						RelationGetRelationName(rel)),
				 errdetail("Its column \"%s\" is gone.", column->name),
				 errhint("drop_consent_view, and create it again.")));
	freezer->fields = lappend(freezer->fields, field);
}

/* The column with masks of the same subjects; 0: there is none. */
static AttrNumber
mask_of(Relation rel, Oid root, const char *key)
{
	AccessProtection protection;

	if (!access_protection(root, &protection) ||
		protection.consent_mask == NULL ||
		strcmp(access_consent_key_name(root, &protection), key) != 0)
		return 0;
	return access_mask_columns(rel, root, &protection).mask;
}

static Freezer *
freezer_of(FunctionCallInfo fcinfo, Relation rel)
{
	Freezer    *freezer = fcinfo->flinfo->fn_extra;
	Oid			root = access_table_root(RelationGetRelid(rel));
	MemoryContext old;
	ListCell   *cell;

	if (freezer != NULL && freezer->table == RelationGetRelid(rel))
		return freezer;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	freezer = palloc0(sizeof(Freezer));
	freezer->table = RelationGetRelid(rel);
	freezer->lock.context = fcinfo->flinfo->fn_mcxt;
	foreach(cell, access_views_of(root))
	{
		const AccessView *view = lfirst(cell);
		AttrNumber	mask = mask_of(rel, root, view->key);
		ListCell   *column;

		foreach(column, view->columns)
			add_field(freezer, rel, view, lfirst(column), mask);
	}
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = freezer;
	return freezer;
}

/* ----- Has it changed, and may it ----- */

static bool
changes(const Change *change, AttrNumber column)
{
	Form_pg_attribute att = TupleDescAttr(change->desc, column - 1);
	bool		old_null;
	bool		new_null;
	Datum		old = heap_getattr(change->old, column, change->desc,
								   &old_null);
	Datum		new = heap_getattr(change->new, column, change->desc,
								   &new_null);

	return old_null != new_null ||
		(!old_null && !datum_image_eq(old, new, att->attbyval, att->attlen));
}

static bool
is_empty(const Change *change, AttrNumber column)
{
	return heap_attisnull(change->new, column, change->desc);
}

static char *
subject_of(const Change *change, AttrNumber column)
{
	bool		null;
	Datum		key = heap_getattr(change->old, column, change->desc, &null);

	return null ? NULL :
		access_consent_subject(TupleDescAttr(change->desc,
											 column - 1)->atttypid, key);
}

/* By the events, as they are now. */
static int64
replayed(const char *subject, const char *session)
{
	int64		mask;

	PushActiveSnapshot(GetLatestSnapshot());
	mask = access_consent_mask_at(access_consent_key_of(subject),
								  access_consent_key_of(session),
								  GetCurrentStatementStartTimestamp());
	PopActiveSnapshot();
	return mask;
}

static int64
allowed(Freezer *freezer, const Field *field, const Change *change)
{
	const char *subject = subject_of(change, field->key);
	const char *session = field->session == 0 ? NULL :
		subject_of(change, field->session);
	bool		null = true;
	int64		mask = 0;

	if (subject == NULL)
		return 0;
	if (field->mask != 0)
		mask = DatumGetInt64(heap_getattr(change->old, field->mask,
										  change->desc, &null));
	if (null)
		mask = access_consent_share(&freezer->lock, subject);
	return mask < 0 || session != NULL ? replayed(subject, session) : mask;
}

/* Who moved a row to another subject, and back, would change it unseen. */
static void
keep_field(Freezer *freezer, const Field *field, const Change *change)
{
	if (!changes(change, field->key) &&
		(!changes(change, field->column) || is_empty(change, field->column)))
		return;
	if (allowed(freezer, field, change) >> field->bit & 1)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("column \"%s\" is frozen",
					NameStr(TupleDescAttr(change->desc,
										  field->column - 1)->attname)),
			 errdetail("The subject does not allow \"%s\".", field->scene),
			 errhint("It may be set to NULL; other changes need consent.")));
}

/* keep_frozen_fields() -> trigger */
PG_FUNCTION_INFO_V1(sales_intel_access_keep_frozen_fields);
Datum
sales_intel_access_keep_frozen_fields(PG_FUNCTION_ARGS)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	Freezer    *freezer;
	Change		change;
	ListCell   *cell;

	if (!CALLED_AS_TRIGGER(fcinfo))
		refuse_trigger("It was not called by a trigger.");
	if (!TRIGGER_FIRED_BEFORE(call->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(call->tg_event) ||
		!TRIGGER_FIRED_BY_UPDATE(call->tg_event))
		refuse_trigger("Its trigger must fire before each row of UPDATE.");
	change = (Change) {RelationGetDescr(call->tg_relation),
	call->tg_trigtuple, call->tg_newtuple};
	freezer = freezer_of(fcinfo, call->tg_relation);
	foreach(cell, freezer->fields)
		keep_field(freezer, lfirst(cell), &change);
	return PointerGetDatum(call->tg_newtuple);
}
