/*
 * access_consent_state.c
 *	  The live state of subjects, and who waits for whom.
 *
 * What decides about a write is the latest that is committed, whatever the
 * snapshot of the transaction, as it is for foreign keys.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/consent/access_consent_state.h"
#include "pg/si_compat.h"

#define STATE	"consent_state"

/* Columns of the table. */
enum
{
	STATE_SUBJECT = 1,
	STATE_MASK,
	STATE_EPOCH,
	STATE_RECHECK_AT
};

/* As rows of governed tables have it. */
static int64
mask_of(TupleTableSlot *slot)
{
	bool		null;
	int64		mask = DatumGetInt64(slot_getattr(slot, STATE_MASK, &null));
	TimestampTz recheck =
		DatumGetTimestampTz(slot_getattr(slot, STATE_RECHECK_AT, &null));

	return TIMESTAMP_IS_NOEND(recheck) ? mask : mask | ACCESS_CONSENT_BOUNDED;
}

/* ----- One subject ----- */

static void
free_plan(void *lock)
{
	SPI_freeplan(((AccessConsentLock *) lock)->plan);
}

static void
prepare(AccessConsentLock *lock)
{
	lock->plan = SPI_prepare("WITH known AS (INSERT INTO sales_intel.consent_subject (subject) "
							 "VALUES ($1) ON CONFLICT DO NOTHING) "
							 "INSERT INTO sales_intel." STATE " (subject, mask) "
							 "VALUES ($1, 0) ON CONFLICT DO NOTHING",
							 1, (Oid[]) {TEXTOID});
	if (lock->plan == NULL || SPI_keepplan(lock->plan) != 0)
		elog(ERROR, "\"" STATE "\" cannot be written");
	lock->callback.func = free_plan;
	lock->callback.arg = lock;
	MemoryContextRegisterResetCallback(lock->context, &lock->callback);
}

/* With the rights of the table's owner. */
static void
create_state(AccessConsentLock *lock, Relation rel, const char *subject)
{
	Datum		values[] = {CStringGetTextDatum(subject)};
	Oid			user;
	int			context;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(rel->rd_rel->relowner, context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	SPI_connect();
	if (lock->plan == NULL)
		prepare(lock);
	if (SPI_execute_plan(lock->plan, values, NULL, false, 0) != SPI_OK_INSERT)
		elog(ERROR, "\"" STATE "\" cannot be written");
	SPI_finish();
	SetUserIdAndSecContext(user, context);
}

/* False: the row is not there, or went away while we waited for it. */
static bool
share(Relation rel, const char *subject, int64 *mask)
{
	AccessScan	scan = access_scan_text(STATE, 1, &subject);
	HeapTuple	tuple = systable_getnext(scan.scan);
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	bool		found = HeapTupleIsValid(tuple);

	if (found)
	{
		TM_FailureData failure;
		TM_Result	result =
			table_tuple_lock(rel, &tuple->t_self, GetActiveSnapshot(), slot,
							 GetCurrentCommandId(false), LockTupleShare,
							 LockWaitBlock, TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
							 &failure);

		if (result != TM_Ok && result != TM_Deleted)
			elog(ERROR, "unexpected table_tuple_lock status: %u", result);
		found = result == TM_Ok;
	}
	if (found)
		*mask = mask_of(slot);
	ExecDropSingleTupleTableSlot(slot);
	access_end(&scan);
	return found;
}

int64
access_consent_share(AccessConsentLock *lock, const char *subject)
{
	Relation	rel = table_open(access_table(STATE), RowShareLock);
	bool		found = false;
	int64		mask = 0;

	while (!found)
	{
		CHECK_FOR_INTERRUPTS();
		PushActiveSnapshot(GetLatestSnapshot());
		found = share(rel, subject, &mask);
		PopActiveSnapshot();
		if (!found)
			create_state(lock, rel, subject);
	}
	table_close(rel, NoLock);
	return mask;
}

int64
access_consent_share_known(const char *subject)
{
	Relation	rel = table_open(access_table(STATE), RowShareLock);
	int64		mask = 0;

	PushActiveSnapshot(GetLatestSnapshot());
	(void) share(rel, subject, &mask);
	PopActiveSnapshot();
	table_close(rel, NoLock);
	return mask;
}

/* ----- Many subjects ----- */

void
access_consent_states_open(AccessConsentStates *states, Snapshot snapshot)
{
	states->rel = table_open(access_table(STATE), AccessShareLock);
	states->index = index_open(si_primary_key(states->rel), AccessShareLock);
	states->scan = index_beginscan(states->rel, states->index, snapshot, 1, 0);
	states->slot = table_slot_create(states->rel, NULL);
	states->context = CurrentMemoryContext;
}

int64
access_consent_states_mask(AccessConsentStates *states, const char *subject)
{
	ScanKeyData key;
	MemoryContext old;
	bool		found;

	ScanKeyInit(&key, STATE_SUBJECT, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(subject));
	old = MemoryContextSwitchTo(states->context);	/* it keeps things */
	index_rescan(states->scan, &key, 1, NULL, 0);
	found = index_getnext_slot(states->scan, ForwardScanDirection,
							   states->slot);
	MemoryContextSwitchTo(old);
	return found ? mask_of(states->slot) : 0;
}

void
access_consent_states_close(AccessConsentStates *states)
{
	index_endscan(states->scan);
	ExecDropSingleTupleTableSlot(states->slot);
	index_close(states->index, AccessShareLock);
	table_close(states->rel, AccessShareLock);
}

/* ----- All of them ----- */

static char *
known_scenes(void)
{
	AccessScan	scan = access_scan_all("consent_scene");
	StringInfoData known;
	Datum		values[1];
	bool		nulls[1];

	initStringInfo(&known);
	while (access_next(&scan, values, nulls))
		appendStringInfo(&known, "%s%s", known.len == 0 ? "" : ", ",
						 TextDatumGetCString(values[0]));
	access_end(&scan);
	return known.data;
}

int
access_scene_bit(const char *scene)
{
	AccessScan	scan = access_scan_text("consent_scene", 1, &scene);
	Datum		values[2];
	bool		nulls[2];
	bool		found = access_next(&scan, values, nulls);

	access_end(&scan);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unknown scene \"%s\"", scene),
				 errdetail("Scenes are %s.", known_scenes()),
				 errhint("A scene is a row of consent_scene.")));
	return DatumGetInt16(values[1]);
}

bool
access_consent_overdue(Snapshot snapshot)
{
	Relation	rel = table_open(access_table(STATE), AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&key, STATE_RECHECK_AT, BTLessEqualStrategyNumber,
				F_TIMESTAMPTZ_LE,
				TimestampTzGetDatum(GetCurrentStatementStartTimestamp()));
	scan = systable_beginscan(rel, access_table(STATE "_recheck_at"), true,
							  snapshot, 1, &key);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return found;
}
