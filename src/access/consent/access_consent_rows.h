/*
 * access_consent_rows.h
 *	  Rows that carry the live mask of their subject.
 */
#ifndef ACCESS_CONSENT_ROWS_H
#define ACCESS_CONSENT_ROWS_H

#include "utils/relcache.h"

#include "access/rule/access_rule.h"

/* Where a table, or a partition of it, has masks and keys. */
typedef struct AccessMaskColumns
{
	AttrNumber	mask;
	AttrNumber	key;
	Oid			key_type;
} AccessMaskColumns;

/* The name of the subject's key: the option, or the root's primary key. */
extern char *access_consent_key_name(Oid root,
									 const AccessProtection *protection);

/* The column of that name; an error if it cannot be a key. */
extern Form_pg_attribute access_key_column(Relation rel, const char *name);

/* Mask 0: there is none.  An error where a column is not what it was. */
extern AccessMaskColumns
			access_mask_columns(Relation rel, Oid root,
								const AccessProtection *protection);

/*
 * An error where a column that the options name is not what it was; indexes may
 * be missing yet, while a dump is restored.
 */
extern void access_mask_recheck(Relation rel,
								const AccessProtection *protection);

/* The index by which a subject's rows are found; InvalidOid: there is none. */
extern Oid	access_mask_index(Relation rel, AttrNumber key);

/*
 * Keeps apart whoever puts a table under a mask and whoever changes consent:
 * the one waits for the other's transaction.  To be called before the table is
 * locked.
 */
extern void access_mask_lock(void);

/* Gives every row of a table, and of its partitions, its subject's mask. */
extern void access_mask_fill(Oid relid, Oid root,
							 const AccessProtection *protection);

#endif							/* ACCESS_CONSENT_ROWS_H */
