/*
 * access_row.h
 *	  A row as texts that depend on no setting, and the digest of them.
 */
#ifndef ACCESS_ROW_H
#define ACCESS_ROW_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "common/sha2.h"

typedef struct AccessRow AccessRow;

/* For rows of one type; lives in a context, with the descriptor's names. */
extern AccessRow *access_row_create(TupleDesc desc, MemoryContext context);

/*
 * The columns as texts, by attribute number from 0, in the current context;
 * NULL: the value is NULL, or the column dropped.
 */
extern char **access_row_texts(AccessRow *row, HeapTuple tuple);

/*
 * SHA-256 of a tag and, in the order of their names, of each column's name and
 * text.
 */
extern void access_row_digest(AccessRow *row, char **texts,
							  uint8 digest[PG_SHA256_DIGEST_LENGTH]);

#endif							/* ACCESS_ROW_H */
