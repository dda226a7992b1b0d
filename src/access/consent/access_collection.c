/*
 * access_collection.c
 *	  The boundary of collection: events that nobody may collect stay outside.
 *
 * check_collection() is a BEFORE INSERT trigger.  An event needs a collection
 * rule for its kind and scene and, where the trigger knows the subject's
 * column, the subject's consent to the scene.  Others are dropped and counted,
 * without what was in them, or refused: an error cannot count, since it takes
 * the count back, too.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/consent/access_consent_key.h"
#include "access/live/access_consent_read.h"
#include "pg/si_options.h"
#include "pg/si_value.h"

enum
{
	DROP,
	REFUSE
};

typedef struct Boundary
{
	char	   *kind;			/* names of columns */
	char	   *scene;
	char	   *subject;		/* NULL: consent is not asked for */
	char	   *session;
	int			mode;
} Boundary;

static const char *const modes[] = {"drop", "error", NULL};

static const SiOption options[] = {
	{"kind", SI_OPTION_TEXT, offsetof(Boundary, kind), 0, 0, NULL},
	{"scene", SI_OPTION_TEXT, offsetof(Boundary, scene), 0, 0, NULL},
	{"subject", SI_OPTION_TEXT, offsetof(Boundary, subject), 0, 0, NULL},
	{"session", SI_OPTION_TEXT, offsetof(Boundary, session), 0, 0, NULL},
	{"mode", SI_OPTION_CHOICE, offsetof(Boundary, mode), 0, 0, modes},
};

/* ----- The call ----- */

static TriggerData *
trigger(FunctionCallInfo fcinfo)
{
	TriggerData *data = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo) ||
		!TRIGGER_FIRED_BEFORE(data->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(data->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(data->tg_event) ||
		data->tg_trigger->tgnargs > 1)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("check_collection() is for triggers BEFORE INSERT, FOR EACH ROW, with at most one argument"),
				 errdetail("It looks at each new row before it is stored."),
				 errhint("CREATE TRIGGER ... BEFORE INSERT ON ... FOR EACH ROW EXECUTE FUNCTION sales_intel.check_collection('{\"subject\": \"customer_id\"}').")));
	return data;
}

/* The trigger's options, read once in a statement. */
static Boundary *
boundary_of(FunctionCallInfo fcinfo, const Trigger *trigger)
{
	MemoryContext old;
	Boundary   *boundary = fcinfo->flinfo->fn_extra;

	if (boundary != NULL)
		return boundary;
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	boundary = palloc0(sizeof(Boundary));
	boundary->kind = "kind";
	boundary->scene = "scene";
	if (trigger->tgnargs == 1)
	{
		Datum		text = CStringGetDatum(trigger->tgargs[0]);

		si_options_read(DatumGetJsonbP(DirectFunctionCall1(jsonb_in, text)),
						options, lengthof(options), boundary);
	}
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = boundary;
	return boundary;
}

/* ----- Columns of the row ----- */

/* A column as text; NULL if it is, or if name is.  No code of a stranger's. */
static char *
column_text(const TriggerData *data, const char *name)
{
	TupleDesc	desc = RelationGetDescr(data->tg_relation);
	AttrNumber	number;
	Oid			type;
	bool		null;
	Datum		value;

	if (name == NULL)
		return NULL;
	number = get_attnum(RelationGetRelid(data->tg_relation), name);
	type = number > 0 ? TupleDescAttr(desc, number - 1)->atttypid : InvalidOid;
	if (!OidIsValid(type) || !access_consent_is_key(type))
		ereport(ERROR,
				(errcode(number > 0 ? ERRCODE_DATATYPE_MISMATCH :
						 ERRCODE_UNDEFINED_COLUMN),
				 errmsg("table \"%s\" has no column \"%s\" of type text, integer or uuid",
						RelationGetRelationName(data->tg_relation), name),
				 errdetail("Its trigger that calls check_collection() looks at it."),
				 errhint("Name the columns in the trigger's argument, for example '{\"kind\": \"event_kind\"}'.")));
	value = heap_getattr(data->tg_trigtuple, number, desc, &null);
	return null ? NULL : access_consent_subject(type, value);
}

/* ----- The decision ----- */

static const char *
rule_problem(const char *kind, const char *scene)
{
	const char *key[2] = {kind, scene};
	const char *problem = "no rule";
	AccessScan	scan;
	Datum		values[3];
	bool		nulls[3];

	if (kind == NULL || scene == NULL)
		return kind == NULL ? "no kind" : "no scene";
	scan = access_scan_text("collection_rule", 2, key);
	if (access_next(&scan, values, nulls))
		problem = DatumGetBool(values[2]) ? NULL : "not allowed";
	access_end(&scan);
	return problem;
}

/* The bit of a scene; none: 0. */
static int64
bit_of(const char *scene)
{
	AccessScan	scan = access_scan_text("consent_scene", 1, &scene);
	Datum		values[2];
	bool		nulls[2];
	int64		bit = 0;

	if (access_next(&scan, values, nulls))
		bit = INT64CONST(1) << DatumGetInt16(values[1]);
	access_end(&scan);
	return bit;
}

static const char *
consent_problem(const char *subject, const char *scene, const char *session)
{
	if (subject == NULL)
		return "no subject";
	(void) access_consent_statement();
	return access_consent_mask(access_consent_key_of(subject),
							   access_consent_key_of(session)) &
		bit_of(scene) ? NULL : "no consent";
}

/* ----- What becomes of it ----- */

pg_noreturn static void
refuse(const char *kind, const char *scene, const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("an event of kind \"%s\" in scene \"%s\" may not be collected",
					kind == NULL ? "NULL" : kind,
					scene == NULL ? "NULL" : scene),
			 errdetail("The reason: %s.", reason),
			 errhint("Events need a row in collection_rule that allows them, and the subject's consent where the trigger names its column.")));
}

static void
count_drop(Oid rel, const char *kind, const char *scene, const char *reason)
{
	Relation	drops = table_open(access_table("collection_drop"),
								   RowExclusiveLock);
	int			columns = RelationGetDescr(drops)->natts;
	Datum	   *values = palloc0(columns * sizeof(Datum));
	bool	   *nulls = memset(palloc(columns), true, columns);

	nulls[0] = nulls[1] = false;
	values[0] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[1] = ObjectIdGetDatum(rel);
	si_value_text(values, nulls, 2, kind);
	si_value_text(values, nulls, 3, scene);
	si_value_text(values, nulls, 4, reason);
	CatalogTupleInsert(drops, heap_form_tuple(RelationGetDescr(drops), values,
											  nulls));
	table_close(drops, RowExclusiveLock);
}

/* check_collection() -> trigger */
PG_FUNCTION_INFO_V1(sales_intel_access_check_collection);
Datum
sales_intel_access_check_collection(PG_FUNCTION_ARGS)
{
	TriggerData *data = trigger(fcinfo);
	Boundary   *boundary = boundary_of(fcinfo, data->tg_trigger);
	char	   *kind = column_text(data, boundary->kind);
	char	   *scene = column_text(data, boundary->scene);
	const char *problem = rule_problem(kind, scene);

	if (problem == NULL && boundary->subject != NULL)
		problem = consent_problem(column_text(data, boundary->subject), scene,
								  column_text(data, boundary->session));
	if (problem == NULL)
		return PointerGetDatum(data->tg_trigtuple);
	if (boundary->mode == REFUSE)
		refuse(kind, scene, problem);
	count_drop(RelationGetRelid(data->tg_relation), kind, scene, problem);
	return PointerGetDatum(NULL);
}
