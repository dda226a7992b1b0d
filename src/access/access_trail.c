/*
 * access_trail.c
 *	  The trail: who wrote which row of a recorded table, for what.
 *
 * record_access() is a trigger function.  It takes all that it writes down from
 * the server: the table and the rows from the trigger's call, who acts from the
 * transaction's identity and roles.  So whoever may put the trigger on a table
 * of his can fill the trail with nothing but what happened to that table.
 *
 * Entries are inserted as catalog entries are, without a statement: nobody
 * needs a right on the trail, no policy or trigger stands in between, and it
 * costs some microseconds a row.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/xid8.h"

#include "access/access_digest.h"
#include "access/access_row.h"
#include "access/access_store.h"
#include "access/access_trail.h"
#include "access/identity/access_identity.h"
#include "pg/si_compat.h"
#include "pg/si_value.h"

#define TRAIL			"access_trail"
#define LONGEST_KEY		1000	/* bytes */

/* Columns of the table. */
enum
{
	TRAIL_ID,
	TRAIL_AT,
	TRAIL_REL,
	TRAIL_TABLE_NAME,
	TRAIL_KEY,
	TRAIL_NEW_KEY,
	TRAIL_ACTION,
	TRAIL_PRINCIPAL,
	TRAIL_SESSION_ROLE,
	TRAIL_ACTING_ROLE,
	TRAIL_PROJECT,
	TRAIL_PURPOSE,
	TRAIL_BEFORE_HASH,
	TRAIL_AFTER_HASH,
	TRAIL_XID,
	TRAIL_COLUMNS
};

/* Of what happened, all that the transaction does not say. */
typedef struct Entry
{
	Oid			rel;
	const char *table_name;
	const char *key;			/* NULL: none */
	const char *new_key;		/* NULL: unchanged */
	const char *action;
	const bytea *before;
	const bytea *after;
} Entry;

/* ----- Entries ----- */

static void
set_hash(Datum *values, bool *nulls, int column, const bytea *hash)
{
	nulls[column] = hash == NULL;
	values[column] = PointerGetDatum(hash);
}

static void
append_entry(Relation trail, const Entry *entry)
{
	int			columns = RelationGetDescr(trail)->natts;
	Datum	   *values = palloc0(columns * sizeof(Datum));
	bool	   *nulls = memset(palloc(columns), true, columns);
	AccessIdentity author;
	bool		known = access_find_author(&author);
	Oid			ids = access_table(TRAIL "_id_seq");

	/* What an administrator has added stays NULL. */
	memset(nulls, false, TRAIL_COLUMNS);
	values[TRAIL_ID] = Int64GetDatum(nextval_internal(ids, false));
	values[TRAIL_AT] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[TRAIL_REL] = ObjectIdGetDatum(entry->rel);
	si_value_text(values, nulls, TRAIL_TABLE_NAME, entry->table_name);
	si_value_text(values, nulls, TRAIL_KEY, entry->key);
	si_value_text(values, nulls, TRAIL_NEW_KEY, entry->new_key);
	si_value_text(values, nulls, TRAIL_ACTION, entry->action);
	si_value_text(values, nulls, TRAIL_PRINCIPAL,
			 known ? author.principal->name : NULL);
	si_value_text(values, nulls, TRAIL_SESSION_ROLE,
			 GetUserNameFromId(GetSessionUserId(), false));
	si_value_text(values, nulls, TRAIL_ACTING_ROLE,
			 GetUserNameFromId(GetUserId(), false));
	si_value_text(values, nulls, TRAIL_PROJECT, author.project);
	si_value_text(values, nulls, TRAIL_PURPOSE, author.purpose);
	set_hash(values, nulls, TRAIL_BEFORE_HASH, entry->before);
	set_hash(values, nulls, TRAIL_AFTER_HASH, entry->after);
	values[TRAIL_XID] = FullTransactionIdGetDatum(GetTopFullTransactionId());
	CatalogTupleInsert(trail, heap_form_tuple(RelationGetDescr(trail), values,
											  nulls));
}

/* ----- The trigger ----- */

/* What a trigger knows of its table, for one statement. */
typedef struct Recorder
{
	Oid			table;
	Oid			rel;			/* the table, or the one it is a partition of */
	char	   *table_name;
	int			keys;
	AttrNumber	key[INDEX_MAX_KEYS];
	AccessRow  *row;
} Recorder;

pg_noreturn static void
refuse_trigger(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("record_access() cannot record that"),
			 errdetail("%s", detail),
			 errhint("Let record_writes() make its triggers.")));
}

static void
check_trigger(FunctionCallInfo fcinfo)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	TriggerEvent event;

	if (!CALLED_AS_TRIGGER(fcinfo))
		refuse_trigger("It was not called by a trigger.");
	event = call->tg_event;
	if (!TRIGGER_FIRED_AFTER(event))
		refuse_trigger("Its trigger fires before what it would record.");
	if (call->tg_trigger->tgdeferrable)
		refuse_trigger("Its trigger may fire when somebody else acts.");
	if (TRIGGER_FIRED_FOR_ROW(event) == TRIGGER_FIRED_BY_TRUNCATE(event))
		refuse_trigger("Its trigger must be for each row, or for each TRUNCATE.");
	if ((call->tg_relation->rd_rel->relkind != RELKIND_RELATION &&
		 call->tg_relation->rd_rel->relkind != RELKIND_PARTITIONED_TABLE) ||
		call->tg_relation->rd_rel->relpersistence == RELPERSISTENCE_TEMP)
		refuse_trigger("Its table is foreign or temporary.");
}

static void
find_keys(Recorder *recorder, Relation table)
{
	Oid			primary = si_primary_key(table);
	Relation	index;

	if (!OidIsValid(primary))
		return;
	index = index_open(primary, AccessShareLock);
	recorder->keys = index->rd_index->indnkeyatts;
	for (int i = 0; i < recorder->keys; i++)
		recorder->key[i] = index->rd_index->indkey.values[i];
	index_close(index, AccessShareLock);
}

static Oid
root_of(Relation table)
{
	List	   *ancestors;

	if (!table->rd_rel->relispartition)
		return RelationGetRelid(table);
	ancestors = get_partition_ancestors(RelationGetRelid(table));
	return llast_oid(ancestors);
}

static Recorder *
recorder_of(FunctionCallInfo fcinfo, Relation trail, Relation table)
{
	Recorder   *recorder = fcinfo->flinfo->fn_extra;
	MemoryContext old;
	char	   *schema;

	if (recorder != NULL && recorder->table == RelationGetRelid(table))
		return recorder;
	access_check_indexes(trail);
	old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	recorder = palloc0(sizeof(Recorder));
	recorder->table = RelationGetRelid(table);
	recorder->rel = root_of(table);
	schema = get_namespace_name(RelationGetNamespace(table));
	recorder->table_name =
		quote_qualified_identifier(schema, RelationGetRelationName(table));
	find_keys(recorder, table);
	recorder->row = access_row_create(RelationGetDescr(table),
									  CurrentMemoryContext);
	MemoryContextSwitchTo(old);
	fcinfo->flinfo->fn_extra = recorder;
	return recorder;
}

/* As in a row literal: (7,"a b"). */
static void
append_field(StringInfo out, const char *text)
{
	bool		quoted = text[0] == '\0' ||
		strpbrk(text, "\"\\(), \t\n\r\v\f") != NULL;

	if (quoted)
		appendStringInfoChar(out, '"');
	for (; *text != '\0'; text++)
	{
		if (*text == '"' || *text == '\\')
			appendStringInfoChar(out, *text);
		appendStringInfoChar(out, *text);
	}
	if (quoted)
		appendStringInfoChar(out, '"');
}

/* The primary key: a value, or a row literal of several; NULL: none. */
static const char *
full_key(const Recorder *recorder, char **texts)
{
	StringInfoData out;

	if (recorder->keys == 0)
		return NULL;
	if (recorder->keys == 1)
		return texts[recorder->key[0] - 1];
	initStringInfo(&out);
	for (int i = 0; i < recorder->keys; i++)
	{
		appendStringInfoChar(&out, i == 0 ? '(' : ',');
		append_field(&out, texts[recorder->key[i] - 1]);
	}
	appendStringInfoChar(&out, ')');
	return out.data;
}

/* What the trail's index has no room for is recorded by its digest. */
static const char *
key_of(const Recorder *recorder, char **texts)
{
	const char *key = full_key(recorder, texts);
	StringInfoData bytes;
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char		hex[2 * PG_SHA256_DIGEST_LENGTH + 1];

	if (key == NULL || strlen(key) <= LONGEST_KEY)
		return key;
	initStringInfo(&bytes);
	appendStringInfoString(&bytes, key);
	access_sha256(&bytes, digest);
	hex[hex_encode((char *) digest, sizeof(digest), hex)] = '\0';
	return psprintf("sha256:%s", hex);
}

static const bytea *
read_row(const Recorder *recorder, HeapTuple tuple, const char **key)
{
	char	  **texts = access_row_texts(recorder->row, tuple);
	bytea	   *hash = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);

	SET_VARSIZE(hash, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	access_row_digest(recorder->row, texts, (uint8 *) VARDATA(hash));
	*key = key_of(recorder, texts);
	return hash;
}

static void
read_rows(const Recorder *recorder, const TriggerData *call, Entry *entry)
{
	TriggerEvent event = call->tg_event;

	if (TRIGGER_FIRED_BY_TRUNCATE(event))
		entry->action = "truncate";
	else if (TRIGGER_FIRED_BY_INSERT(event))
	{
		entry->action = "insert";
		entry->after = read_row(recorder, call->tg_trigtuple, &entry->key);
	}
	else
		entry->before = read_row(recorder, call->tg_trigtuple, &entry->key);
	if (TRIGGER_FIRED_BY_DELETE(event))
		entry->action = "delete";
	if (TRIGGER_FIRED_BY_UPDATE(event))
	{
		entry->action = "update";
		entry->after = read_row(recorder, call->tg_newtuple, &entry->new_key);
		if (entry->key != NULL && strcmp(entry->key, entry->new_key) == 0)
			entry->new_key = NULL;
	}
}

/*
 * A restore brings rows, and the trail of them, back; it is no write.  The
 * scripts of pg_dump switch row_security off; but only who has logged in as the
 * trail's owner may say so, not who calls a function of his.
 */
static bool
is_restore(Relation trail)
{
	return !row_security &&
		has_privs_of_role(GetSessionUserId(), trail->rd_rel->relowner);
}

/* record_access() -> trigger */
PG_FUNCTION_INFO_V1(sales_intel_access_record);
Datum
sales_intel_access_record(PG_FUNCTION_ARGS)
{
	TriggerData *call = (TriggerData *) fcinfo->context;
	Relation	trail;

	check_trigger(fcinfo);
	trail = table_open(access_table(TRAIL), RowExclusiveLock);
	if (!is_restore(trail))
	{
		Recorder   *recorder = recorder_of(fcinfo, trail,
											   call->tg_relation);
		Entry		entry = {.rel = recorder->rel,
		.table_name = recorder->table_name};

		read_rows(recorder, call, &entry);
		append_entry(trail, &entry);
	}
	table_close(trail, RowExclusiveLock);
	PG_RETURN_POINTER(NULL);
}

/* ----- On and off ----- */

/* As the caller. */
static void
call(const char *sql, Oid relid)
{
	Oid			types[] = {REGCLASSOID};
	Datum		values[] = {ObjectIdGetDatum(relid)};

	SPI_connect();
	if (SPI_execute_with_args(sql, 1, types, values, NULL, false, 0) !=
		SPI_OK_SELECT)
		elog(ERROR, "recording cannot be switched");
	SPI_finish();
}

/* A new partition's maker may not know what it takes to record it. */
static void
require_execute(Oid relid, const char *function)
{
	if (DatumGetBool(DirectFunctionCall2(has_function_privilege_name,
										 CStringGetTextDatum(function),
										 CStringGetTextDatum("EXECUTE"))))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to record writes on table \"%s\"",
					get_rel_name(relid)),
			 errdetail("It has the option \"trail\", with which its partitions are recorded, too; and role \"%s\" may not execute %s.",
					   GetUserNameFromId(GetUserId(), false), function),
			 errhint("Have the profile granted: grant_role('table_owner', role).")));
}

void
access_trail_start(Oid relid)
{
	require_execute(relid, "sales_intel.record_writes(pg_catalog.regclass)");
	require_execute(relid, "sales_intel.record_access()");
	call("SELECT sales_intel.record_writes($1)", relid);
}

void
access_trail_stop(Oid relid)
{
	call("SELECT sales_intel.stop_recording($1) WHERE EXISTS ("
		 "SELECT FROM pg_catalog.pg_trigger AS t "
		 "WHERE t.tgrelid OPERATOR(pg_catalog.=) $1 "
		 "AND t.tgfoid OPERATOR(pg_catalog.=) 'sales_intel.record_access'::pg_catalog.regproc)",
		 relid);
}

/* ----- The trail itself ----- */

/* keep_trail() -> trigger: entries stay as they are */
PG_FUNCTION_INFO_V1(sales_intel_access_keep_trail);
Datum
sales_intel_access_keep_trail(PG_FUNCTION_ARGS)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("entries of the trail are not changed"),
			 errdetail("It only grows."),
			 errhint("The owner may take old entries away: purge_access_trail(before).")));
}

static int64
delete_entries(Relation trail, TimestampTz before)
{
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan(trail, snapshot, 0, NULL);
	HeapTuple	tuple;
	int64		deleted = 0;

	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		bool		null;
		Datum		at = heap_getattr(tuple, TRAIL_AT + 1,
									  RelationGetDescr(trail), &null);

		CHECK_FOR_INTERRUPTS();
		if (DatumGetTimestampTz(at) >= before)
			continue;
		simple_heap_delete(trail, &tuple->t_self);
		deleted++;
	}
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	return deleted;
}

/* purge_access_trail(before timestamptz) -> bigint: entries taken away */
PG_FUNCTION_INFO_V1(sales_intel_access_purge_trail);
Datum
sales_intel_access_purge_trail(PG_FUNCTION_ARGS)
{
	TimestampTz before = PG_GETARG_TIMESTAMPTZ(0);
	Relation	trail = table_open(access_table(TRAIL),
								   ShareUpdateExclusiveLock);
	Entry		entry = {.rel = RelationGetRelid(trail),
		.table_name = "sales_intel." TRAIL, .action = "purge"};
	int64		deleted;

	if (!has_privs_of_role(GetUserId(), trail->rd_rel->relowner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of the trail to purge it"),
				 errdetail("Its owner is \"%s\".",
						   GetUserNameFromId(trail->rd_rel->relowner, false)),
				 errhint("Ask a member of that role.")));
	if (before > GetCurrentTransactionStartTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the trail cannot be purged of what is to come"),
				 errdetail("Entries are taken away that are older than a time in the past."),
				 errhint("Keep as many months as the law asks for: purge_access_trail(now() - interval '36 months').")));
	access_check_indexes(trail);
	deleted = delete_entries(trail, before);
	entry.key = pstrdup(timestamptz_to_str(before));
	append_entry(trail, &entry);
	table_close(trail, NoLock);
	PG_RETURN_INT64(deleted);
}
