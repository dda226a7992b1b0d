/*
 * access_consent_create.c
 *	  Making consent views.
 *
 * A consent view shows each column of a table as far as the row's subject
 * allows a scene: else NULL, or a mask of it.  It is an ordinary view, which a
 * dump has as it is, with security_barrier, so that no function of a reader's
 * sees what it hides, and belongs to the table's owner: who may read the view
 * needs no right on the table.  Whatever is a name or a value is quoted here;
 * nothing given is read as SQL.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/varlena.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/consent/access_consent_rows.h"
#include "access/consent/access_consent_state.h"
#include "access/rule/access_rule.h"
#include "access/view/access_consent_view.h"
#include "pg/si_compat.h"

#define TRIGGER_NAME	"~sales_intel_consent_freeze"

static const char *const masks[] = {
	"mask_phone", "mask_email", "mask_name", "pseudonym"
};

/* What is to be made. */
typedef struct Making
{
	Relation	source;
	AccessView	view;
	const char *mask;			/* column with the source's masks, or NULL */
} Making;

/* ----- Checks ----- */

static void
check_mask(const Making *making, const AccessViewColumn *column)
{
	Oid			type = get_atttype(RelationGetRelid(making->source),
								   get_attnum(RelationGetRelid(making->source),
											  column->name));
	bool		known = column->mask == NULL;

	for (size_t i = 0; i < lengthof(masks) && !known; i++)
		known = strcmp(column->mask, masks[i]) == 0;
	if (!known)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown mask \"%s\"", column->mask),
				 errdetail("A mask is a function of the extension's, which keeps what it must."),
				 errhint("Use mask_phone, mask_email, mask_name or pseudonym.")));
	if (column->mask != NULL && getBaseType(type) != TEXTOID &&
		getBaseType(type) != VARCHAROID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" is no text, and cannot be masked",
						column->name),
				 errdetail("It is of type %s.", format_type_be(type)),
				 errhint("Give it a scene alone: without consent it is NULL.")));
}

static void
check_column(const Making *making, const AccessViewColumn *column)
{
	if (get_attnum(RelationGetRelid(making->source), column->name) <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s\" has no column \"%s\"",
						RelationGetRelationName(making->source), column->name),
				 errdetail("A consent view shows columns of its source."),
				 errhint("Names are compared exactly, by case, too.")));
	if (column->scene != NULL)
		(void) access_scene_bit(column->scene);
	check_mask(making, column);
}

static void
check_freeze(const AccessView *view)
{
	ListCell   *name;
	ListCell   *cell;

	foreach(name, view->freeze.names)
	{
		bool		found = false;

		foreach(cell, view->columns)
		{
			const AccessViewColumn *column = lfirst(cell);

			found |= column->scene != NULL &&
				strcmp(column->name, lfirst(name)) == 0;
		}
		if (!found)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("column \"%s\" cannot freeze",
							(char *) lfirst(name)),
					 errdetail("The view shows it to all, or not at all: no consent thaws it."),
					 errhint("Give the column a scene, or leave it out of freeze.")));
	}
}

static void
check_view(const Making *making)
{
	ListCell   *cell;

	(void) access_key_column(making->source, making->view.key);
	if (making->view.session_key != NULL)
		(void) access_key_column(making->source, making->view.session_key);
	foreach(cell, making->view.columns)
		check_column(making, lfirst(cell));
	if (making->view.row_scene != NULL)
		(void) access_scene_bit(making->view.row_scene);
	check_freeze(&making->view);
}

static void
check_source(Oid source)
{
	Oid			owner = access_table_role(source);

	access_table_check(source);
	if (superuser_arg(owner) || has_bypassrls_privilege(owner))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" belongs to a superuser, or a role with BYPASSRLS",
						access_table_name(source)),
				 errdetail("The view would read it as \"%s\", past all rules.",
						   GetUserNameFromId(owner, false)),
				 errhint("ALTER TABLE ... OWNER TO a role without login.")));
}

/* ----- The view's text ----- */

static const char *
column_text(const Making *making, const char *name, const char *type)
{
	return psprintf("(t.%s)::pg_catalog.%s", quote_identifier(name), type);
}

/* As one of the types that consent_live knows. */
static const char *
key_text(const Making *making)
{
	Form_pg_attribute key = access_key_column(making->source,
											  making->view.key);
	const char *type;

	switch (getBaseType(key->atttypid))
	{
		case INT4OID:
		case INT8OID:
			type = "int8";
			break;
		case UUIDOID:
			type = "uuid";
			break;
		default:
			type = "text";
	}
	return column_text(making, making->view.key, type);
}

#define TICKET	"(SELECT sales_intel.consent_ticket())"

/* Does the row's subject allow the scene? */
static const char *
test_text(const Making *making, const char *scene)
{
	const char *literal = quote_literal_cstr(scene);
	const char *session = making->view.session_key == NULL ?
		"NULL::pg_catalog.text" :
		column_text(making, making->view.session_key, "text");
	const char *live =
		psprintf("sales_intel.consent_live(%s, %s, %s, " TICKET ")",
				 key_text(making), literal, session);

	if (making->mask == NULL)
		return live;
	return psprintf("COALESCE(sales_intel.consent_masked(t.%s, %s, " TICKET "), %s)",
					quote_identifier(making->mask), literal, live);
}

static const char *
masked_text(const AccessViewColumn *column)
{
	const char *kind = column->kind != NULL ? column->kind : column->name;

	if (column->mask == NULL)
		return "";
	if (strcmp(column->mask, "pseudonym") == 0)
		return psprintf(" ELSE sales_intel.pseudonym(%s, t.%s)",
						quote_literal_cstr(kind),
						quote_identifier(column->name));
	return psprintf(" ELSE sales_intel.%s(t.%s)", column->mask,
					quote_identifier(column->name));
}

static void
append_column(StringInfo text, const Making *making,
			  const AccessViewColumn *column)
{
	const char *name = quote_identifier(column->name);

	if (column->scene == NULL)
		appendStringInfo(text, "t.%s", name);
	else
		appendStringInfo(text, "CASE WHEN %s THEN t.%s%s END AS %s",
						 test_text(making, column->scene), name,
						 masked_text(column), name);
}

static const AccessViewColumn *
shown(const AccessView *view, const char *name)
{
	ListCell   *cell;

	foreach(cell, view->columns)
	{
		if (strcmp(((AccessViewColumn *) lfirst(cell))->name, name) == 0)
			return lfirst(cell);
	}
	return NULL;
}

/* Columns in the order of the table. */
static char *
view_text(const Making *making, const char *name)
{
	TupleDesc	desc = RelationGetDescr(making->source);
	StringInfoData text;
	const char *separator = "";

	initStringInfo(&text);
	appendStringInfo(&text, "CREATE OR REPLACE VIEW %s WITH (security_barrier) AS SELECT ",
					 name);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		const AccessViewColumn *column = att->attisdropped ? NULL :
			shown(&making->view, NameStr(att->attname));

		if (column == NULL)
			continue;
		appendStringInfoString(&text, separator);
		append_column(&text, making, column);
		separator = ", ";
	}
	appendStringInfo(&text, " FROM %s AS t",
					 access_table_qualified(RelationGetRelid(making->source)));
	if (making->view.row_scene != NULL)
		appendStringInfo(&text, " WHERE %s",
						 test_text(making, making->view.row_scene));
	return text.data;
}

/* ----- Making it ----- */

/* As a table's owner. */
static void
run(Oid owner, const char *sql)
{
	AccessScope scope;

	access_enter(&scope, owner, ACCESS_STORED);
	SPI_connect();
	if (SPI_execute(sql, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "a view cannot be made or dropped");
	SPI_finish();
	access_leave(&scope);
}

/* The schema, and the name in it. */
static Oid
schema_of(const char *given, char **name)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(given));
	RangeVar   *view = makeRangeVarFromNameList(names);
	Oid			schema = RangeVarGetCreationNamespace(view);

	if (isAnyTempNamespace(schema))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TABLE_DEFINITION),
				 errmsg("a consent view cannot be temporary"),
				 errdetail("It belongs to the owner of its source."),
				 errhint("Name a schema: 'crm.customer_view'.")));
	*name = view->relname;
	return schema;
}

static char *
new_name(const char *given)
{
	char	   *name;
	Oid			schema = schema_of(given, &name);

	if (OidIsValid(get_relname_relid(name, schema)))
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_TABLE),
				 errmsg("relation \"%s\" already exists", name),
				 errdetail("It is in schema \"%s\".",
						   get_namespace_name(schema)),
				 errhint("drop_consent_view first, or choose another name.")));
	return quote_qualified_identifier(get_namespace_name(schema), name);
}

/* The mask of the source, if it is of the same subjects. */
static const char *
mask_for(Oid source, const AccessView *view)
{
	AccessProtection protection;

	if (view->session_key != NULL || !access_protection(source, &protection) ||
		protection.consent_mask == NULL ||
		strcmp(access_consent_key_name(source, &protection), view->key) != 0)
		return NULL;
	return protection.consent_mask;
}

static char *
describe(Oid source, AccessView *view, const char *name)
{
	Making		making = {table_open(source, NoLock), *view,
	mask_for(source, view)};
	char	   *text;

	check_view(&making);
	text = view_text(&making, name);
	table_close(making.source, NoLock);
	return text;
}

/* Views are made of the source's mask, or not, as it comes and goes. */
void
access_views_renew(Oid source)
{
	ListCell   *cell;

	foreach(cell, access_views_of(source))
	{
		AccessView *view = lfirst(cell);

		run(access_table_role(source),
			describe(source, view, access_table_qualified(view->view)));
	}
}

static Oid
relation_named(const char *quoted)
{
	List	   *names = textToQualifiedNameList(cstring_to_text(quoted));

	return RangeVarGetRelid(makeRangeVarFromNameList(names), NoLock, false);
}

static void
freeze(Oid source, const AccessView *view)
{
	if (!view->freeze.all && view->freeze.names == NIL)
		return;
	run(access_table_role(source),
		psprintf("CREATE OR REPLACE TRIGGER \"" TRIGGER_NAME "\" "
				 "BEFORE UPDATE ON %1$s FOR EACH ROW "
				 "EXECUTE FUNCTION sales_intel.keep_frozen_fields()",
				 access_table_qualified(source)));
	run(access_table_role(source),
		psprintf("ALTER TABLE %s ENABLE ALWAYS TRIGGER \"" TRIGGER_NAME "\"",
				 access_table_qualified(source)));
}

static void
refuse_nulls(FunctionCallInfo fcinfo)
{
	static const char *const names[] = {
		"name", "source", "subject_key", "columns", "options"
	};

	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" must not be NULL", names[i]),
					 errdetail("The arguments are name, source, subject_key, columns, options."),
					 errhint("Give a value for each.")));
	}
}

/*
 * create_consent_view(name text, source regclass, subject_key name, columns
 * jsonb, options jsonb) -> void
 */
PG_FUNCTION_INFO_V1(sales_intel_access_create_consent_view);
Datum
sales_intel_access_create_consent_view(PG_FUNCTION_ARGS)
{
	Oid			types[] = {REGCLASSOID, REGCLASSOID, NAMEOID, JSONBOID,
	JSONBOID};
	AccessView	view = {0};
	Oid			source;
	char	   *name;

	refuse_nulls(fcinfo);
	source = PG_GETARG_OID(1);
	view.key = NameStr(*PG_GETARG_NAME(2));
	access_view_read(PG_GETARG_JSONB_P(3), PG_GETARG_JSONB_P(4), &view);
	access_table_lock(source, ShareRowExclusiveLock);
	check_source(source);
	name = new_name(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	run(access_table_role(source), describe(source, &view, name));
	CommandCounterIncrement();
	access_execute("consent_view",
				   "INSERT INTO sales_intel.consent_view (view, source, subject_key, columns, options) "
				   "VALUES ($1, $2, $3, $4, $5)",
				   lengthof(types), types,
				   (Datum[]) {ObjectIdGetDatum(relation_named(name)),
				   PG_GETARG_DATUM(1), PG_GETARG_DATUM(2), PG_GETARG_DATUM(3),
				   PG_GETARG_DATUM(4)});
	freeze(source, &view);
	PG_RETURN_VOID();
}

/* ----- Dropping it ----- */

/* The source of a registered view. */
static Oid
source_of(Oid view)
{
	AccessScan	scan;
	Datum		values[2];
	bool		nulls[2];
	Oid			source = InvalidOid;

	scan = access_scan_oid("consent_view", NULL, 1, view);
	if (access_next(&scan, values, nulls))
		source = DatumGetObjectId(values[1]);
	access_end(&scan);
	return source;
}

static void
thaw(Oid source)
{
	ListCell   *cell;

	foreach(cell, access_views_of(source))
	{
		const AccessView *view = lfirst(cell);

		if (view->freeze.all || view->freeze.names != NIL)
			return;
	}
	run(access_table_role(source),
		psprintf("DROP TRIGGER IF EXISTS \"" TRIGGER_NAME "\" ON %s",
				 access_table_qualified(source)));
}

/* drop_consent_view(name text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_drop_consent_view);
Datum
sales_intel_access_drop_consent_view(PG_FUNCTION_ARGS)
{
	Oid			view;
	Oid			source;

	if (PG_ARGISNULL(0))
		refuse_nulls(fcinfo);
	view = relation_named(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	source = source_of(view);
	if (!OidIsValid(source))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("\"%s\" is no consent view",
						access_table_name(view)),
				 errdetail("create_consent_view did not make it."),
				 errhint("The table consent_view lists those that it made.")));
	access_table_check_owner(view);
	access_table_lock(source, ShareRowExclusiveLock);
	run(access_table_role(view),
		psprintf("DROP VIEW %s", access_table_qualified(view)));
	access_view_forget(view);
	CommandCounterIncrement();
	thaw(source);
	PG_RETURN_VOID();
}
