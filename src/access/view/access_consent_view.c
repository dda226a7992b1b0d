/*
 * access_consent_view.c
 *	  Consent views: reading what they are made of, and the registry of them.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#include "access/access_store.h"
#include "access/rule/access_rule.h"
#include "access/view/access_consent_view.h"
#include "pg/si_compat.h"

#define REGISTRY	"consent_view"

/* Columns of the registry. */
enum
{
	VIEW_VIEW,
	VIEW_SOURCE,
	VIEW_KEY,
	VIEW_SHOWS,
	VIEW_OPTIONS,
	VIEW_COLUMNS
};

/* ----- What columns need ----- */

pg_noreturn static void
wrong_column(const char *name, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("column \"%s\" of the view is not described", name),
			 errdetail("%s", detail),
			 errhint("Give a scene, null, or {\"scene\": \"quote_push\", \"mask\": \"mask_phone\"}.")));
}

static char *
text_of(const char *column, const JsonbValue *value)
{
	if (value->type != jbvString)
		wrong_column(column, "What it needs is given as texts.");
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* {"scene": ..., "mask": ..., "kind": ...} */
static void
read_object(AccessViewColumn *column, JsonbContainer *object)
{
	JsonbIterator *it = JsonbIteratorInit(object);
	JsonbValue	key;
	JsonbValue	value;

	(void) JsonbIteratorNext(&it, &key, true);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		char	   *name = pnstrdup(key.val.string.val, key.val.string.len);

		(void) JsonbIteratorNext(&it, &value, true);
		if (strcmp(name, "scene") == 0)
			column->scene = text_of(column->name, &value);
		else if (strcmp(name, "mask") == 0)
			column->mask = text_of(column->name, &value);
		else if (strcmp(name, "kind") == 0)
			column->kind = text_of(column->name, &value);
		else
			wrong_column(column->name,
						 psprintf("\"%s\" is none of scene, mask, kind.",
								  name));
	}
	if (column->scene == NULL)
		wrong_column(column->name, "A mask stands where a scene is not allowed; none is given.");
	if (column->kind != NULL &&
		(column->mask == NULL || strcmp(column->mask, "pseudonym") != 0))
		wrong_column(column->name, "Only pseudonyms have a kind.");
}

static AccessViewColumn *
read_column(const JsonbValue *key, const JsonbValue *value)
{
	AccessViewColumn *column = palloc0(sizeof(AccessViewColumn));

	column->name = pnstrdup(key->val.string.val, key->val.string.len);
	if (value->type == jbvString)
		column->scene = text_of(column->name, value);
	else if (value->type == jbvBinary &&
			 JsonContainerIsObject(value->val.binary.data))
		read_object(column, value->val.binary.data);
	else if (value->type != jbvNull)
		wrong_column(column->name, "It is neither a text, an object nor null.");
	return column;
}

static List *
read_columns(Jsonb *columns)
{
	JsonbIterator *it = JsonbIteratorInit(&columns->root);
	JsonbValue	key;
	JsonbValue	value;
	List	   *found = NIL;

	if (!JB_ROOT_IS_OBJECT(columns) || JB_ROOT_COUNT(columns) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the columns of a consent view must be a JSON object"),
				 errdetail("It has a member for each column that is shown; others are absent."),
				 errhint("For example: {\"id\": null, \"phone\": \"quote_push\"}.")));
	(void) JsonbIteratorNext(&it, &key, true);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		(void) JsonbIteratorNext(&it, &value, true);
		found = lappend(found, read_column(&key, &value));
	}
	return found;
}

void
access_view_read(Jsonb *columns, Jsonb *options, AccessView *view)
{
	static const SiOption table[] = {
		{"row_scene", SI_OPTION_TEXT, offsetof(AccessView, row_scene),
		0, 0, NULL},
		{"session_key", SI_OPTION_NAME, offsetof(AccessView, session_key),
		0, 0, NULL},
		{"freeze", SI_OPTION_SOME, offsetof(AccessView, freeze), 0, 0, NULL},
	};

	si_options_read(options, table, lengthof(table), view);
	view->columns = read_columns(columns);
}

const char *
access_view_frozen_scene(const AccessView *view,
						 const AccessViewColumn *column)
{
	ListCell   *cell;

	if (view->freeze.all)
		return column->scene;
	foreach(cell, view->freeze.names)
	{
		if (strcmp(lfirst(cell), column->name) == 0)
			return column->scene;
	}
	return NULL;
}

/* ----- The registry ----- */

List *
access_views_of(Oid source)
{
	AccessScan	scan;
	Datum		values[VIEW_COLUMNS];
	bool		nulls[VIEW_COLUMNS];
	List	   *views = NIL;

	PushActiveSnapshot(GetLatestSnapshot());
	scan = access_scan_oid(REGISTRY, REGISTRY "_source", VIEW_SOURCE + 1,
						   source);
	while (access_next(&scan, values, nulls))
	{
		AccessView *view = palloc0(sizeof(AccessView));

		view->view = DatumGetObjectId(values[VIEW_VIEW]);
		view->key = pstrdup(NameStr(*DatumGetName(values[VIEW_KEY])));
		access_view_read(DatumGetJsonbPCopy(values[VIEW_SHOWS]),
						 DatumGetJsonbPCopy(values[VIEW_OPTIONS]), view);
		views = lappend(views, view);
	}
	access_end(&scan);
	PopActiveSnapshot();
	return views;
}

bool
access_view_any(void)
{
	return access_any_row(REGISTRY);
}

void
access_view_forget(Oid relid)
{
	(void) access_execute(REGISTRY,
						  "DELETE FROM sales_intel." REGISTRY
						  " WHERE view OPERATOR(pg_catalog.=) $1 OR source OPERATOR(pg_catalog.=) $1",
						  1, (Oid[]) {OIDOID},
						  (Datum[]) {ObjectIdGetDatum(relid)});
}
