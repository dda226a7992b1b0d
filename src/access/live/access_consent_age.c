/*
 * access_consent_age.c
 *	  How old may what a statement sees be, to say what is allowed?
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/parallel.h"
#include "access/transam.h"
#include "access/xact.h"
#include "tcop/pquery.h"
#include "utils/portal.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_moment.h"
#include "access/live/access_consent_age.h"
#include "access/live/access_consent_event.h"

/* Seconds after which an old snapshot may not say what is allowed. */
#define MOST_AGE		90

/* By who wrote the row: after a restore, numbers of transactions are others. */
static bool
is_missed(const AccessScan *scan, Snapshot snapshot)
{
	HeapTupleHeader header = scan->tuple->t_data;

	return !HeapTupleHeaderXminFrozen(header) && !access_is_own(scan) &&
		XidInMVCCSnapshot(HeapTupleHeaderGetXmin(header), snapshot);
}

static bool
misses_some(Snapshot snapshot, uint64 low, uint64 high, TimestampTz before)
{
	AccessScan	scan = access_scan_events(low, high, SnapshotSelf);
	Datum		values[EVENT_COLUMNS];
	bool		nulls[EVENT_COLUMNS];
	bool		found = false;

	while (!found && access_next(&scan, values, nulls))
		found = DatumGetTimestampTz(values[EVENT_AT]) < before &&
			is_missed(&scan, snapshot);
	access_end(&scan);
	return found;
}

/*
 * Are there by now events of before a time that a snapshot does not see?  A
 * standby's snapshots list what was running in another way.
 */
static bool
misses_events(Snapshot snapshot, TimestampTz before)
{
	uint64		end = U64FromFullTransactionId(ReadNextFullTransactionId());

	for (uint32 i = 0; i < snapshot->xcnt; i++)
	{
		uint64		xid = access_full_xid(snapshot->xip[i]);

		if (misses_some(snapshot, xid, xid + 1, before))
			return true;
	}
	return misses_some(snapshot, access_full_xid(snapshot->takenDuringRecovery ?
												 snapshot->xmin :
												 snapshot->xmax),
					   end, before);
}

pg_noreturn static void
refuse_snapshot(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
			 errmsg("the snapshot is too old to say what is allowed"),
			 errdetail("%s", detail),
			 errhint("End the transaction, and ask in a new one.")));
}

/*
 * A snapshot of the transaction's is younger than it; one that comes from
 * another session may be older, and then shows by what it misses.  A statement
 * that began in time is not interrupted.  Workers leave it to their leader, who
 * asks for the ticket.
 */
void
access_consent_check_age(void)
{
	TimestampTz now = GetCurrentStatementStartTimestamp();
	TimestampTz since = now;

	if (IsParallelWorker())
		return;
	if (ActivePortal != NULL)
		since = Min(since, ActivePortal->creation_time);
	if (IsolationUsesXactSnapshot())
		since = Min(since, GetCurrentTransactionStartTimestamp());
	if (now - since > MOST_AGE * USECS_PER_SEC)
		refuse_snapshot(psprintf("It may have been taken %ld seconds ago, and %d are the most.",
								 (long) ((now - since) / USECS_PER_SEC),
								 MOST_AGE));
	if (IsolationUsesXactSnapshot() &&
		misses_events(GetActiveSnapshot(), now - MOST_AGE * USECS_PER_SEC))
		refuse_snapshot(psprintf("It misses what a customer said more than %d seconds ago.",
								 MOST_AGE));
}
