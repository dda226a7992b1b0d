/*
 * lead_registry.c
 *	  The table of named models, and the champion of a name.
 *
 * active_lead_model is typed inside a query over many rows, hence looks the
 * champion up once and remembers it for as long as the answer cannot change.
 * It reads the table as the server reads its own catalogs, by an index and
 * with the snapshot of the query, so that it can run in parallel workers; the
 * rights that a query would need are checked by hand.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_index.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "core/si_hash.h"
#include "lead/model/lead_registry.h"
#include "pg/si_compat.h"

/* ----- The table ----- */

Relation
lead_registry_open(FunctionCallInfo fcinfo)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);
	Oid			table = get_relname_relid("model_version", schema);

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("the registry of lead models is missing"),
				 errdetail("There is no table \"model_version\" in the schema of the extension."),
				 errhint("Give the table its name back, or create the extension again.")));
	return table_open(table, AccessShareLock);
}

void
lead_registry_check(Relation table, AclMode right, int count,
					const char *const *columns)
{
	Oid			id = RelationGetRelid(table);

	if (pg_class_aclcheck(id, GetUserId(), right) == ACLCHECK_OK)
		return;
	for (int i = 0; i < count; i++)
		if (pg_attribute_aclcheck(id, get_attnum(id, columns[i]), GetUserId(),
								  right) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE,
						   RelationGetRelationName(table));
}

/* The index scan here would pass policies by. */
static void
check_row_security(Relation table)
{
	if (check_enable_rls(RelationGetRelid(table), InvalidOid, false) ==
		RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("active_lead_model does not work under row security"),
				 errdetail("Table \"%s\" has policies that apply to you.",
						   RelationGetRelationName(table)),
				 errhint("Read the model by a scalar subquery: (SELECT model FROM sales_intel.model_version WHERE name = ... AND status = 'champion').")));
}

/*
 * An index of the table that every snapshot may use; InvalidOid without one,
 * and then the table is read as it is.
 */
static Oid
index_of(Relation table, const char *name)
{
	Oid			id = get_relname_relid(name, RelationGetNamespace(table));
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(id));
	Form_pg_index index;
	bool		serves;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	index = (Form_pg_index) GETSTRUCT(tuple);
	serves = index->indrelid == RelationGetRelid(table) &&
		index->indisvalid && !index->indcheckxmin;
	ReleaseSysCache(tuple);
	return serves ? id : InvalidOid;
}

/* Start a scan over the versions of a name that the query sees. */
static SysScanDesc
begin_scan(Relation table, const char *index_name, text *name)
{
	AttrNumber	column = get_attnum(RelationGetRelid(table), "name");
	Oid			index = index_of(table, index_name);
	ScanKeyData key;

	ScanKeyEntryInitialize(
		&key, 0, column, BTEqualStrategyNumber, InvalidOid,
		TupleDescAttr(RelationGetDescr(table), column - 1)->attcollation,
		F_TEXTEQ, PointerGetDatum(name));
	return systable_beginscan(table, index, OidIsValid(index),
							  GetActiveSnapshot(), 1, &key);
}

static Datum
column_of(Relation table, HeapTuple tuple, const char *name, bool *isnull)
{
	return heap_getattr(tuple, get_attnum(RelationGetRelid(table), name),
						RelationGetDescr(table), isnull);
}

static bool
is_champion(Relation table, HeapTuple tuple)
{
	bool		isnull;
	Datum		status = column_of(table, tuple, "status", &isnull);

	return !isnull && strcmp(TextDatumGetCString(status), "champion") == 0;
}

/*
 * A copy of the champion in the current context, NULL if there is none.  A
 * model that lies out of line is not read: the copy is of the pointer to it,
 * by which scoring recognises it.
 */
static struct varlena *
read_champion(Relation table, text *name)
{
	SysScanDesc scan = begin_scan(table, "model_version_champion", name);
	struct varlena *model = NULL;
	HeapTuple	tuple;
	bool		isnull;

	while (model == NULL && HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Datum		stored = column_of(table, tuple, "model", &isnull);

		if (isnull || !is_champion(table, tuple))
			continue;
		if (VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(stored)))
			model = (struct varlena *)
				DatumGetPointer(datumCopy(stored, false, -1));
		else
			model = PG_DETOAST_DATUM_COPY(stored);
	}
	systable_endscan(scan);
	return model;
}

static bool
has_version(Relation table, text *name)
{
	SysScanDesc scan = begin_scan(table, "model_version_pkey", name);
	bool		found = HeapTupleIsValid(systable_getnext(scan));

	systable_endscan(scan);
	return found;
}

static struct varlena *
find_champion(FunctionCallInfo fcinfo, text *name)
{
	static const char *const columns[] = {"name", "status", "model"};
	Relation	table = lead_registry_open(fcinfo);
	struct varlena *model;

	lead_registry_check(table, ACL_SELECT, lengthof(columns), columns);
	check_row_security(table);
	model = read_champion(table, name);
	if (model == NULL && !has_version(table, name))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no lead model \"%s\"", text_to_cstring(name)),
				 errdetail("The registry has no version of it."),
				 errhint("Train it first with train_lead_model, or see lead_model_version for what there is.")));
	if (model == NULL)
		ereport(NOTICE,
				(errmsg("lead model \"%s\" has no champion", text_to_cstring(name)),
				 errdetail("Scores by its active model are NULL."),
				 errhint("Choose a version in lead_model_version and promote it with promote_model.")));
	table_close(table, NoLock);
	return model;
}

/* ----- For how long an answer holds ----- */

/*
 * What the answer depends on.  A call site can outlive the query: plpgsql
 * keeps those of simple expressions for the whole transaction, while the
 * user, the command and the snapshot change.  Snapshots are compared by
 * content.  That does not tell a savepoint that was rolled back, but the
 * number of the subtransaction does; the statement of the client makes rights
 * be checked again under a snapshot that stays.
 */
typedef struct Moment
{
	LocalTransactionId transaction;
	SubTransactionId subtransaction;
	TimestampTz statement;
	Oid			user;
	SnapshotData snapshot;		/* contents only, its arrays our own */
} Moment;

static TransactionId *
copy_ids(const TransactionId *ids, int count)
{
	TransactionId *copy = palloc(count * sizeof(TransactionId) + 1);

	if (count > 0)
		memcpy(copy, ids, count * sizeof(TransactionId));
	return copy;
}

static void
take_moment(Moment *moment, Snapshot snapshot)
{
	moment->transaction = si_local_transaction();
	moment->subtransaction = GetCurrentSubTransactionId();
	moment->statement = GetCurrentStatementStartTimestamp();
	moment->user = GetUserId();
	moment->snapshot = *snapshot;
	moment->snapshot.xip = copy_ids(snapshot->xip, snapshot->xcnt);
	moment->snapshot.subxip = copy_ids(snapshot->subxip, snapshot->subxcnt);
}

static inline bool
same_ids(const TransactionId *a, const TransactionId *b, int count)
{
	return count == 0 || memcmp(a, b, count * sizeof(TransactionId)) == 0;
}

static bool
same_snapshot(const SnapshotData *a, const SnapshotData *b)
{
	return a->curcid == b->curcid && a->xmin == b->xmin &&
		a->xmax == b->xmax && a->xcnt == b->xcnt &&
		a->subxcnt == b->subxcnt && a->suboverflowed == b->suboverflowed &&
		same_ids(a->xip, b->xip, a->xcnt) &&
		same_ids(a->subxip, b->subxip, a->subxcnt);
}

static bool
is_now(const Moment *moment)
{
	return moment->transaction == si_local_transaction() &&
		moment->subtransaction == GetCurrentSubTransactionId() &&
		moment->statement == GetCurrentStatementStartTimestamp() &&
		moment->user == GetUserId() &&
		same_snapshot(&moment->snapshot, GetActiveSnapshot());
}

/* ----- The cache of a call site ----- */

/*
 * Champions of the names that a call site was asked for, in an open-addressing
 * table that is at most half full; more names than that start it afresh.
 */
#define CACHE_SLOTS		128
#define CACHE_NAMES		64

typedef struct Champion
{
	text	   *name;
	struct varlena *model;		/* NULL: there is none */
} Champion;

typedef struct Cache
{
	MemoryContext context;		/* all that the cache holds */
	Moment		moment;
	Champion   *last;
	int			count;
	Champion   *slot[CACHE_SLOTS];
} Cache;

static inline bool
same_name(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

static void
empty_cache(Cache *cache)
{
	MemoryContext context = cache->context;
	MemoryContext old;

	MemoryContextReset(context);
	memset(cache, 0, sizeof(Cache));
	cache->context = context;
	old = MemoryContextSwitchTo(context);
	take_moment(&cache->moment, GetActiveSnapshot());
	MemoryContextSwitchTo(old);
}

static Cache *
cache_of(FunctionCallInfo fcinfo)
{
	MemoryContext parent = fcinfo->flinfo->fn_mcxt;
	Cache	   *cache = fcinfo->flinfo->fn_extra;

	if (cache == NULL)
	{
		cache = MemoryContextAllocZero(parent, sizeof(Cache));
		cache->context = AllocSetContextCreate(parent, "active lead models",
											   ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = cache;
		empty_cache(cache);
	}
	else if (!is_now(&cache->moment))
		empty_cache(cache);
	return cache;
}

static Champion *
find_or_read(FunctionCallInfo fcinfo, Cache *cache, text *name)
{
	uint64		hash = si_hash_bytes(VARDATA_ANY(name),
									 VARSIZE_ANY_EXHDR(name), 0);
	int			at = hash % CACHE_SLOTS;
	MemoryContext old;
	Champion   *champion;

	for (; cache->slot[at] != NULL; at = (at + 1) % CACHE_SLOTS)
		if (same_name(cache->slot[at]->name, name))
			return cache->slot[at];
	if (cache->count == CACHE_NAMES)
	{
		empty_cache(cache);
		at = hash % CACHE_SLOTS;
	}
	old = MemoryContextSwitchTo(cache->context);
	champion = palloc(sizeof(Champion));
	champion->name = (text *) DatumGetPointer(
		datumCopy(PointerGetDatum(name), false, -1));
	champion->model = find_champion(fcinfo, name);
	MemoryContextSwitchTo(old);
	cache->slot[at] = champion;
	cache->count++;
	return champion;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_active_model);
Datum
sales_intel_lead_active_model(PG_FUNCTION_ARGS)
{
	text	   *name = PG_GETARG_TEXT_PP(0);
	Cache	   *cache = cache_of(fcinfo);

	if (cache->last == NULL || !same_name(cache->last->name, name))
		cache->last = find_or_read(fcinfo, cache, name);
	if (cache->last->model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(cache->last->model);
}
