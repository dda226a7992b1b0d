/*
 * access_table.h
 *	  Tables that rules are about: which may be, and their partitions.
 */
#ifndef ACCESS_TABLE_H
#define ACCESS_TABLE_H

#include "nodes/pg_list.h"
#include "storage/lockdefs.h"

/* An error if it is not the caller's, or not there. */
extern void access_table_check_owner(Oid relid);

/* Locks a table of the caller's; an error if it is not his, or not there. */
extern void access_table_lock(Oid relid, LOCKMODE mode);

/* An error unless rules may be about it. */
extern void access_table_check(Oid relid);

/* The role that owns it. */
extern Oid	access_table_role(Oid relid);

/* The topmost table that a partition belongs to; of another table, itself. */
extern Oid	access_table_root(Oid relid);

/* What it inherits from, or is a partition of. */
extern List *access_table_parents(Oid relid);

/* Its name for statements, with the schema. */
extern char *access_table_qualified(Oid relid);

/* The name that an error calls it by; it may be gone. */
extern const char *access_table_name(Oid relid);

#endif							/* ACCESS_TABLE_H */
