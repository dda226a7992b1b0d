/*
 * access_store.c
 *	  Rows of the extension's own tables, by index.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rangetypes.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "access/access_store.h"
#include "pg/si_compat.h"

#define SCHEMA		"sales_intel"
#define MOST_KEYS	3

static Oid
named(const char *name)
{
	Oid			oid = get_relname_relid(name,
										get_namespace_oid(SCHEMA, false));

	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("\"%s.%s\" is missing", SCHEMA, name),
				 errdetail("It belongs to the extension."),
				 errhint("Install the extension's version that fits its library.")));
	return oid;
}

Oid
access_table(const char *name)
{
	return named(name);
}

Oid
access_table_owner(const char *name)
{
	Relation	rel = table_open(named(name), AccessShareLock);
	Oid			owner = rel->rd_rel->relowner;

	table_close(rel, AccessShareLock);
	return owner;
}

void
access_check_indexes(Relation rel)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (RelationGetIndexExpressions(index) != NIL ||
			RelationGetIndexPredicate(index) != NIL)
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("the index \"%s\" of \"%s\" is of more than columns",
							RelationGetRelationName(index),
							RelationGetRelationName(rel)),
					 errdetail("Entries could not be found by it."),
					 errhint("Drop it; columns can be indexed.")));
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
}

static AccessScan
begin_scan(const char *table, Oid index, int keys, ScanKey key,
		   Snapshot snapshot)
{
	AccessScan	scan = {.lock = AccessShareLock};

	scan.rel = table_open(named(table), AccessShareLock);
	if (!OidIsValid(index))
		index = si_primary_key(scan.rel);
	scan.scan = systable_beginscan(scan.rel, index, true, snapshot, keys, key);
	return scan;
}

AccessScan
access_scan_text(const char *table, int keys, const char *const *key)
{
	ScanKeyData entry[MOST_KEYS];

	Assert(keys <= MOST_KEYS);
	for (int i = 0; i < keys; i++)
		ScanKeyInit(&entry[i], i + 1, BTEqualStrategyNumber, F_TEXTEQ,
					CStringGetTextDatum(key[i]));
	return begin_scan(table, InvalidOid, keys, entry, GetActiveSnapshot());
}

AccessTable
access_open(const char *table)
{
	Relation	rel = table_open(named(table), AccessShareLock);
	AccessTable opened = {RelationGetRelid(rel), si_primary_key(rel)};

	LockRelationOid(opened.index, AccessShareLock);
	table_close(rel, NoLock);
	return opened;
}

AccessScan
access_scan_open(AccessTable table, const char *key)
{
	AccessScan	scan = {.rel = table_open(table.table, NoLock),
	.lock = NoLock};
	ScanKeyData entry;

	ScanKeyInit(&entry, 1, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(key));
	scan.scan = systable_beginscan(scan.rel, table.index, true,
								   GetActiveSnapshot(), 1, &entry);
	return scan;
}

AccessScan
access_scan_all(const char *table)
{
	return begin_scan(table, InvalidOid, 0, NULL, GetActiveSnapshot());
}

AccessScan
access_scan_oid(const char *table, const char *index, int column, Oid key)
{
	ScanKeyData entry;

	ScanKeyInit(&entry, column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(key));
	return begin_scan(table, index == NULL ? InvalidOid : named(index), 1,
					  &entry, GetActiveSnapshot());
}

AccessScan
access_scan_before(const char *table, const char *index, int column,
				   TimestampTz time)
{
	ScanKeyData entry;

	ScanKeyInit(&entry, column, BTLessStrategyNumber, F_TIMESTAMPTZ_LT,
				TimestampTzGetDatum(time));
	return begin_scan(table, named(index), 1, &entry,
					  GetActiveSnapshot());
}

AccessScan
access_scan_back(const char *table, const char *index, int column,
				 const char *key)
{
	AccessScan	scan = {.lock = AccessShareLock};
	ScanKeyData entry;

	ScanKeyInit(&entry, column, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(key));
	scan.rel = table_open(named(table), AccessShareLock);
	scan.index = index_open(named(index), AccessShareLock);
	scan.scan = systable_beginscan_ordered(scan.rel, scan.index,
										   GetActiveSnapshot(), 1, &entry);
	return scan;
}

AccessScan
access_scan_xids(const char *table, const char *index, int column,
				 uint64 low, uint64 high, Snapshot snapshot)
{
	ScanKeyData bound[2];

	ScanKeyInit(&bound[0], column, BTGreaterEqualStrategyNumber, F_XID8GE,
				UInt64GetDatum(low));
	ScanKeyInit(&bound[1], column, BTLessStrategyNumber, F_XID8LT,
				UInt64GetDatum(high));
	return begin_scan(table, named(index), 2, bound, snapshot);
}

static HeapTuple
next_tuple(AccessScan *scan)
{
	if (scan->index != NULL)
		return systable_getnext_ordered(scan->scan, BackwardScanDirection);
	return systable_getnext(scan->scan);
}

bool
access_next_columns(AccessScan *scan, Datum *values, bool *nulls, int room)
{
	TupleDesc	desc = RelationGetDescr(scan->rel);

	CHECK_FOR_INTERRUPTS();
	scan->tuple = next_tuple(scan);
	if (!HeapTupleIsValid(scan->tuple))
		return false;
	for (int i = 0; i < Min(room, desc->natts); i++)
		values[i] = heap_getattr(scan->tuple, i + 1, desc, &nulls[i]);
	return true;
}

bool
access_is_own(const AccessScan *scan)
{
	HeapTupleHeader header = scan->tuple->t_data;

	return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(header));
}

void
access_end(AccessScan *scan)
{
	if (scan->index != NULL)
	{
		systable_endscan_ordered(scan->scan);
		index_close(scan->index, AccessShareLock);
	}
	else
		systable_endscan(scan->scan);
	table_close(scan->rel, scan->lock);
}

uint64
access_execute(const char *table, const char *sql, int count, Oid *types,
			   Datum *values)
{
	Oid			user;
	int			context;
	uint64		written;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(access_table_owner(table), context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	if (SPI_execute_with_args(sql, count, types, values, NULL, false, 0) < 0)
		elog(ERROR, "\"%s\" cannot be written", table);
	written = SPI_processed;
	SPI_finish();
	SetUserIdAndSecContext(user, context);
	return written;
}

bool
access_any_row(const char *table)
{
	AccessScan	scan;
	bool		found;

	PushActiveSnapshot(GetLatestSnapshot());
	scan = access_scan_all(table);
	found = access_next_columns(&scan, NULL, NULL, 0);
	access_end(&scan);
	PopActiveSnapshot();
	return found;
}

bool
access_valid_at(Datum range, TimestampTz time)
{
	TypeCacheEntry *type = lookup_type_cache(TSTZRANGEOID,
											 TYPECACHE_RANGE_INFO);

	return range_contains_elem_internal(type, DatumGetRangeTypeP(range),
										TimestampTzGetDatum(time));
}
