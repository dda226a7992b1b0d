/*
 * access_table.c
 *	  Tables that rules are about: which may be, and their partitions.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "access/access_table.h"
#include "pg/si_compat.h"

const char *
access_table_name(Oid relid)
{
	const char *name = get_rel_name(relid);

	return name != NULL ? name : psprintf("%u", relid);
}

char *
access_table_qualified(Oid relid)
{
	return quote_qualified_identifier(
		get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid));
}

/* ----- Whose ----- */

pg_noreturn static void
refuse_missing(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("the table does not exist"),
			 errdetail("Table %u was dropped, or never was.", relid),
			 errhint("Name the table: 'schema.table'.")));
}

Oid
access_table_role(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			role;

	if (!HeapTupleIsValid(tuple))
		refuse_missing(relid);
	role = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return role;
}

void
access_table_check_owner(Oid relid)
{
	Oid			role = access_table_role(relid);

	if (!si_owns_table(relid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table \"%s\"",
						access_table_name(relid)),
				 errdetail("Its owner decides who may do what with its rows."),
				 errhint("Let the owner, \"%s\", do it.",
						 GetUserNameFromId(role, true))));
}

/* The owner is checked first: waiting for a lock keeps others waiting. */
void
access_table_lock(Oid relid, LOCKMODE mode)
{
	access_table_check_owner(relid);
	LockRelationOid(relid, mode);
	access_table_check_owner(relid);
}

/* ----- Of what kind ----- */

static List *
inheritance(Oid index, AttrNumber column, Oid relid)
{
	Relation	catalog = table_open(InheritsRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	List	   *found = NIL;

	ScanKeyInit(&key, column, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(relid));
	scan = systable_beginscan(catalog, index, true, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_inherits row = (Form_pg_inherits) GETSTRUCT(tuple);

		found = lappend_oid(found, column == Anum_pg_inherits_inhrelid ?
							row->inhparent : row->inhrelid);
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return found;
}

List *
access_table_parents(Oid relid)
{
	return inheritance(InheritsRelidSeqnoIndexId, Anum_pg_inherits_inhrelid,
					   relid);
}

static List *
children_of(Oid relid)
{
	return inheritance(InheritsParentIndexId, Anum_pg_inherits_inhparent,
					   relid);
}

Oid
access_table_root(Oid relid)
{
	List	   *ancestors = get_rel_relispartition(relid) ?
		get_partition_ancestors(relid) : NIL;

	return ancestors == NIL ? relid : llast_oid(ancestors);
}

static const char *
kind_fault(char relkind)
{
	switch (relkind)
	{
		case RELKIND_RELATION:
		case RELKIND_PARTITIONED_TABLE:
			return NULL;
		case RELKIND_VIEW:
			return "It is a view; rules are about the tables that it reads.";
		case RELKIND_MATVIEW:
			return "It is a materialized view: a copy, for which there is no row security.";
		case RELKIND_FOREIGN_TABLE:
			return "It is a foreign table, for which there is no row security.";
		default:
			return "It is not a table.";
	}
}

static const char *
table_fault(Oid relid)
{
	char		relkind = get_rel_relkind(relid);
	const char *fault = kind_fault(relkind);

	if (fault != NULL)
		return fault;
	if (relid < FirstNormalObjectId)
		return "It belongs to the system.";
	if (get_rel_persistence(relid) == RELPERSISTENCE_TEMP)
		return "It is temporary.";
	if (OidIsValid(getExtensionOfObject(RelationRelationId, relid)))
		return "It belongs to an extension; a dump would lose its policies.";
	if (get_rel_relispartition(relid))
		return psprintf("It is a partition: what rules say of \"%s\" holds for it.",
						access_table_name(access_table_root(relid)));
	if (access_table_parents(relid) != NIL ||
		(relkind == RELKIND_RELATION && children_of(relid) != NIL))
		return "It inherits, or is inherited from: rows of one would be read through the other.";
	return NULL;
}

void
access_table_check(Oid relid)
{
	const char *fault = table_fault(relid);

	if (fault != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("there cannot be rules about \"%s\"",
						access_table_name(relid)),
				 errdetail("%s", fault),
				 errhint("Rules are about ordinary and partitioned tables.")));
}
