/*
 * access_moment.h
 *	  What a statement sees: is it still the same?  And transactions' numbers.
 */
#ifndef ACCESS_MOMENT_H
#define ACCESS_MOMENT_H

#include "access/xact.h"
#include "storage/proc.h"
#include "utils/snapshot.h"

#include "pg/si_compat.h"

/*
 * Snapshots of one transaction that are alike in all of this see alike: they
 * follow each other, so that of those with the same end the later one has fewer
 * transactions running, and what a subtransaction wrote counts in it only.
 */
typedef struct AccessMoment
{
	LocalTransactionId transaction;
	SubTransactionId subtransaction;
	TransactionId xmin;
	TransactionId xmax;
	uint32		running;
	int32		subrunning;
	CommandId	command;
} AccessMoment;

static inline AccessMoment
access_moment(Snapshot snapshot)
{
	return (AccessMoment)
	{
		.transaction = si_local_transaction(),
		.subtransaction = GetCurrentSubTransactionId(),
		.xmin = snapshot->xmin,
		.xmax = snapshot->xmax,
		.running = snapshot->xcnt,
		.subrunning = snapshot->subxcnt,
		.command = snapshot->curcid
	};
}

static inline bool
access_moment_is(const AccessMoment *moment, Snapshot snapshot)
{
	return moment->xmax == snapshot->xmax &&
		moment->xmin == snapshot->xmin &&
		moment->running == snapshot->xcnt &&
		moment->subrunning == snapshot->subxcnt &&
		moment->command == snapshot->curcid &&
		moment->transaction == si_local_transaction() &&
		moment->subtransaction == GetCurrentSubTransactionId();
}

/* A number that does not come again; of a transaction near the present. */
static inline uint64
access_full_xid(TransactionId xid)
{
	FullTransactionId next = ReadNextFullTransactionId();
	uint64		epoch = EpochFromFullTransactionId(next);

	if (xid > XidFromFullTransactionId(next))
		epoch--;
	return epoch << 32 | xid;
}

#endif							/* ACCESS_MOMENT_H */
