/*
 * access_ledger_head.h
 *	  The last entry of a stream, locked.
 */
#ifndef ACCESS_LEDGER_HEAD_H
#define ACCESS_LEDGER_HEAD_H

#include "access/htup.h"
#include "utils/relcache.h"

typedef struct AccessLedgerHead
{
	Relation	rel;
	HeapTuple	tuple;
	int64		seq;			/* 0: there is no entry yet */
	bytea	   *hash;
} AccessLedgerHead;

/*
 * Locks the head until the transaction ends, and makes it if need be;
 * access_ledger_close_head ends the use of it.
 */
extern void access_ledger_open_head(AccessLedgerHead *head,
									const char *stream);
extern void access_ledger_close_head(AccessLedgerHead *head);

/* Another entry is the last one; once per opened head. */
extern void access_ledger_move_head(AccessLedgerHead *head, int64 seq,
									bytea *hash);

#endif							/* ACCESS_LEDGER_HEAD_H */
