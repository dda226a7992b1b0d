/*
 * access_erase.c
 *	  Erasure in tables that only grow.
 *
 * Their triggers refuse every UPDATE, so rows are changed as a catalog's are,
 * without a statement.  Who may ask for it is erase_subject's to say.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "access/access_store.h"
#include "pg/si_compat.h"

/* Columns of a row of the table, and what they become. */
typedef struct Scrub
{
	Datum	   *values;
	bool	   *nulls;
	bool	   *replace;
} Scrub;

static AttrNumber
column(Relation rel, const char *name)
{
	AttrNumber	number = get_attnum(RelationGetRelid(rel), name);

	if (number <= 0)
		elog(ERROR, "table \"%s\" has no column \"%s\"",
			 RelationGetRelationName(rel), name);
	return number;
}

static Scrub
plan_scrub(Relation rel, Datum token, ArrayType *clear)
{
	int			columns = RelationGetDescr(rel)->natts;
	Scrub		scrub = {palloc0(columns * sizeof(Datum)), palloc0(columns),
	palloc0(columns)};
	Datum	   *names;
	int			count;

	scrub.values[column(rel, "subject") - 1] = token;
	scrub.replace[column(rel, "subject") - 1] = true;
	deconstruct_array(clear, TEXTOID, -1, false, TYPALIGN_INT, &names, NULL,
					  &count);
	for (int i = 0; i < count; i++)
	{
		int			number = column(rel, TextDatumGetCString(names[i])) - 1;

		scrub.nulls[number] = true;
		scrub.replace[number] = true;
	}
	return scrub;
}

/* An index that begins with the column; none: the table is read. */
static Oid
index_on(Relation rel, AttrNumber number)
{
	ListCell   *cell;

	foreach(cell, RelationGetIndexList(rel))
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);
		bool		fits = index->rd_index->indkey.values[0] == number &&
			RelationGetIndexPredicate(index) == NIL;

		index_close(index, AccessShareLock);
		if (fits)
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

/* Who acted for himself is named as the actor, too. */
static HeapTuple
scrubbed(Relation rel, HeapTuple tuple, const Scrub *scrub, Datum subject)
{
	TupleDesc	desc = RelationGetDescr(rel);
	HeapTuple	clean = heap_modify_tuple(tuple, desc, scrub->values,
										  scrub->nulls, scrub->replace);
	int			actor = get_attnum(RelationGetRelid(rel), "actor");
	bool		null = true;
	Datum		name = 0;

	if (actor > 0)
		name = heap_getattr(clean, actor, desc, &null);
	if (null || !DatumGetBool(DirectFunctionCall2Coll(texteq,
													  C_COLLATION_OID, name,
													  subject)))
		return clean;
	return heap_modify_tuple_by_cols(clean, desc, 1, &actor,
									 &scrub->values[column(rel, "subject") - 1],
									 &null);
}

static int64
scrub_rows(Relation rel, const Scrub *scrub, Datum subject)
{
	AttrNumber	number = column(rel, "subject");
	Oid			index = index_on(rel, number);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	int64		rows = 0;

	ScanKeyInit(&key, number, BTEqualStrategyNumber, F_TEXTEQ, subject);
	scan = systable_beginscan(rel, index, OidIsValid(index), snapshot, 1,
							  &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		HeapTuple	clean = scrubbed(rel, tuple, scrub, subject);

		CHECK_FOR_INTERRUPTS();
		CatalogTupleUpdate(rel, &tuple->t_self, clean);
		heap_freetuple(clean);
		rows++;
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return rows;
}

/* scrub_subject(rel regclass, subject, token text, clear text[]) -> bigint */
PG_FUNCTION_INFO_V1(sales_intel_access_scrub_subject);
Datum
sales_intel_access_scrub_subject(PG_FUNCTION_ARGS)
{
	Relation	rel = table_open(PG_GETARG_OID(0), RowExclusiveLock);
	Scrub		scrub;
	int64		rows;

	if (RelationGetNamespace(rel) !=
		get_func_namespace(fcinfo->flinfo->fn_oid) ||
		!has_privs_of_role(GetUserId(), rel->rd_rel->relowner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("table \"%s\" is not the extension's, or not yours",
						RelationGetRelationName(rel)),
				 errdetail("Subjects are scrubbed from its own tables only."),
				 errhint("Call erase_subject.")));
	scrub = plan_scrub(rel, PG_GETARG_DATUM(2), PG_GETARG_ARRAYTYPE_P(3));
	rows = scrub_rows(rel, &scrub, PG_GETARG_DATUM(1));
	table_close(rel, NoLock);
	PG_RETURN_INT64(rows);
}
