/*
 * access_store.h
 *	  Rows of the extension's own tables, by index.
 *
 * No SPI and no rights of the caller are involved: what is decided with these
 * rows is not for the caller to read.
 */
#ifndef ACCESS_STORE_H
#define ACCESS_STORE_H

#include "access/genam.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

typedef struct AccessScan
{
	Relation	rel;
	Relation	index;			/* NULL, but in a scan backwards */
	SysScanDesc scan;
	HeapTuple	tuple;			/* the last row */
	LOCKMODE	lock;			/* that ends with the scan */
} AccessScan;

/* The table of that name in the extension's schema. */
extern Oid	access_table(const char *name);
extern Oid	access_table_owner(const char *name);

/*
 * An error if an index of a table is of more than columns: rows that are
 * written without a statement do not get into such ones.
 */
extern void access_check_indexes(Relation rel);

/*
 * Rows of a table whose first columns, which are those of the index, equal
 * text keys; the index is the primary key's.
 */
extern AccessScan access_scan_text(const char *table, int keys,
								   const char *const *key);

/*
 * The same of a table that was opened before in the (sub)transaction, with its
 * locks: of many look-ups, the second and later ones.
 */
typedef struct AccessTable
{
	Oid			table;
	Oid			index;
} AccessTable;

extern AccessTable access_open(const char *table);
extern AccessScan access_scan_open(AccessTable table, const char *key);

/* All rows, by primary key. */
extern AccessScan access_scan_all(const char *table);

/* Rows whose column, which is the first of the index, equals an oid. */
extern AccessScan access_scan_oid(const char *table, const char *index,
								  int column, Oid key);

/* Rows whose column, which is the first of the index, is before a time. */
extern AccessScan access_scan_before(const char *table, const char *index,
									 int column, TimestampTz time);

/*
 * Rows whose column, which is the first of the index, equals a text, from the
 * index's end to its beginning.
 */
extern AccessScan access_scan_back(const char *table, const char *index,
								   int column, const char *key);

/* Rows whose column, which is the index's, has an xid8 in [low, high). */
extern AccessScan access_scan_xids(const char *table, const char *index,
								   int column, uint64 low, uint64 high,
								   Snapshot snapshot);

/*
 * Runs one statement with the rights of the table's owner; returns how many
 * rows it wrote.  Everything in it is qualified.
 */
extern uint64 access_execute(const char *table, const char *sql, int count,
							 Oid *types, Datum *values);

/*
 * The next row: as many of its first columns as the two arrays have room for,
 * since an administrator may have added some.  False: there is none.
 */
#define access_next(scan, values, nulls) \
	access_next_columns(scan, values, nulls, lengthof(values))
extern bool access_next_columns(AccessScan *scan, Datum *values, bool *nulls,
								int room);
extern void access_end(AccessScan *scan);

/* Has the table a row, as of now? */
extern bool access_any_row(const char *table);

/* Was the last row written by this transaction? */
extern bool access_is_own(const AccessScan *scan);

/* Does a range of the table's type tstzrange hold a time? */
extern bool access_valid_at(Datum range, TimestampTz time);

#endif							/* ACCESS_STORE_H */
