/*
 * access_consent_cache.c
 *	  What subjects allow, kept by the session, exact for a snapshot.
 *
 * What was looked up by index is kept, in si_subjects.c; once that was much,
 * the table consent_state is read whole.  Each change of it comes with an event
 * of the same transaction, so a later snapshot needs to read the events of
 * those transactions only that the earlier one did not see: which were running
 * then and have ended, or had not begun.  Their subjects are looked up again,
 * when somebody asks for them.
 *
 * What the session's own transaction has written is never kept, since it may be
 * undone: its number counts among those that are running, and while the
 * snapshot sees events of its, the cache is not used.  Nor is it by a snapshot
 * that does not see all that the cache has, such as that of a cursor from
 * before.  A standby's snapshots do not say what was running, so that a cache
 * of one is never taken up again.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relscan.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_moment.h"
#include "access/access_store.h"
#include "access/live/access_consent_cache.h"
#include "access/live/access_consent_event.h"
#include "access/live/access_consent_memory.h"
#include "pg/si_guc.h"

/*
 * As many events are read as cost what was asked for by index, or some times
 * that, while it is less than what the cache has spared; the table is read once
 * what was asked for is a part of what that costs: in a statement, or in many
 * that each ask for some.
 */
#define EVENTS_A_ROW	16
#define BLOCKS_A_ROW	4
#define SOME_ROWS		256
#define MORE_ROWS		64
#define FIRST_ROOM		1024

/* More do not fit into a block. */
#define SUBJECTS_A_BLOCK	(BLCKSZ / 60)

#define NEVER			UINT32_MAX

/* Columns of consent_state. */
#define STATE_SUBJECT	0
#define STATE_MASK		1
#define STATE_RECHECK	3
#define STATE_COLUMNS	4

typedef struct Cache
{
	ConsentMemory memory;		/* without a context: there is none */
	Oid			table;
	Oid			file;
	uint64		end;			/* transactions from here on had not begun */
	uint32		running;		/* and those had not ended */
	uint32		running_room;
	uint64	   *xid;
	TimestampTz at;				/* the last time for which events were asked */
	bool		whole;			/* who is not there allows nothing */
	bool		of_recovery;	/* its snapshot was a standby's */
} Cache;

static Cache cache;

/* Asked for by index, by and by, since the table was read. */
static int64 asked_so_far;

/* What was found to be too much for so many kB. */
static struct
{
	int			kb;
	BlockNumber blocks;
}			refused;

static void
forget(void)
{
	if (cache.memory.context != NULL)
		MemoryContextDelete(cache.memory.context);
	memset(&cache, 0, sizeof(cache));
}

/* ----- Transactions ----- */

static uint64
own_xid(void)
{
	TransactionId xid = GetTopTransactionIdIfAny();

	return TransactionIdIsValid(xid) ? access_full_xid(xid) : 0;
}

/* Has the session's transaction written events that the snapshot sees? */
static bool
has_own_events(void)
{
	uint64		own = own_xid();
	AccessScan	scan;
	Datum		values[1];
	bool		nulls[1];
	bool		found;

	if (own == 0)
		return false;
	scan = access_scan_events(own, own + 1, GetActiveSnapshot());
	found = access_next(&scan, values, nulls);
	access_end(&scan);
	return found;
}

static int
compare_xids(const void *a, const void *b)
{
	uint64		left = *(const uint64 *) a;
	uint64		right = *(const uint64 *) b;

	return (left > right) - (left < right);
}

static bool
was_running(uint64 xid)
{
	return bsearch(&xid, cache.xid, cache.running, sizeof(uint64),
				   compare_xids) != NULL;
}

/* Does a snapshot see all that the cache's one did? */
static bool
sees_all(Snapshot snapshot)
{
	if (access_full_xid(snapshot->xmax) < cache.end)
		return false;
	for (uint32 i = 0; i < snapshot->xcnt; i++)
	{
		uint64		xid = access_full_xid(snapshot->xip[i]);

		if (xid < cache.end && !was_running(xid))
			return false;
	}
	return true;
}

static void
make_room_for_xids(Cache *to, uint32 room)
{
	uint64	   *old = to->xid;

	if (old != NULL && room <= to->running_room)
		return;
	to->xid = MemoryContextAlloc(to->memory.context, 2 * room * sizeof(uint64));
	to->running_room = 2 * room;
	if (old != NULL)
		pfree(old);
}

static void
set_snapshot(Cache *to, Snapshot snapshot)
{
	uint64		own = own_xid();

	make_room_for_xids(to, snapshot->xcnt + 1);
	to->end = access_full_xid(snapshot->xmax);
	to->of_recovery = snapshot->takenDuringRecovery;
	to->running = 0;
	for (uint32 i = 0; i < snapshot->xcnt; i++)
		to->xid[to->running++] = access_full_xid(snapshot->xip[i]);
	if (own != 0)
		to->xid[to->running++] = own;
	qsort(to->xid, to->running, sizeof(uint64), compare_xids);
}

/* ----- Subjects ----- */

uint32
access_consent_second(TimestampTz time)
{
	if (time == DT_NOEND)
		return NEVER;
	if (time < 0)
		return 0;
	return Min(time / USECS_PER_SEC, NEVER - 1);
}

/* ----- From the table ----- */

static bool
is_own(TupleTableSlot *slot)
{
	bool		null;
	Datum		xmin = slot_getsysattr(slot, MinTransactionIdAttributeNumber,
									   &null);

	return TransactionIdIsCurrentTransactionId(DatumGetTransactionId(xmin));
}

/*
 * What the session's transaction wrote is looked up, since it may be undone.
 * False: they are too many.
 */
static bool
read_subject(Cache *in, TupleTableSlot *slot, bool may_be_own)
{
	const Datum *values = slot->tts_values;
	text	   *key;
	SiSubject  *subject;
	TimestampTz recheck;

	slot_getsomeattrs(slot, STATE_COLUMNS);
	key = DatumGetTextPP(values[STATE_SUBJECT]);
	subject = access_memory_add(&in->memory, VARDATA_ANY(key),
								VARSIZE_ANY_EXHDR(key));
	if (subject == NULL)
		return false;
	recheck = DatumGetTimestampTz(values[STATE_RECHECK]);
	subject->mask = DatumGetInt64(values[STATE_MASK]);
	subject->recheck = may_be_own && is_own(slot) ? 0 :
		access_consent_second(recheck);
	return true;
}

static bool
read_subjects(Cache *in, Relation rel, Snapshot snapshot)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan_strat(rel, snapshot, 0, NULL, true,
											   false);
	bool		may_be_own = own_xid() != 0;
	bool		all = true;

	while (all && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		all = read_subject(in, slot, may_be_own);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	return all;
}

static uint32
expected_subjects(Relation rel)
{
	double		counted = rel->rd_rel->reltuples;
	double		most = SUBJECTS_A_BLOCK *
		(double) RelationGetNumberOfBlocks(rel);

	return Min(counted > 0 ? Min(counted, most) : most, INT32_MAX) + 64;
}

static Cache
begin_cache(Relation rel, uint32 room)
{
	Cache		new = {.table = RelationGetRelid(rel),
	.file = rel->rd_rel->relfilenode};

	access_memory_begin(&new.memory, room);
	return new;
}

/* It belongs to the session only now. */
static void
use_cache(Cache *new, Snapshot snapshot)
{
	access_memory_index(&new->memory);
	set_snapshot(new, snapshot);
	MemoryContextSetParent(new->memory.context, TopMemoryContext);
	cache = *new;
}

/* Of nobody yet. */
static bool
begin(Relation rel, Snapshot snapshot)
{
	Cache		new = begin_cache(rel, FIRST_ROOM);

	if (new.memory.full)
		MemoryContextDelete(new.memory.context);
	else
		use_cache(&new, snapshot);
	return !new.memory.full;
}

/* Of everybody; where that cannot be, what there is stays, if it is little. */
static bool
build(Relation rel, Snapshot snapshot)
{
	Cache		new = begin_cache(rel, expected_subjects(rel));

	if (!new.memory.full)
	{
		forget();
		new.whole = read_subjects(&new, rel, snapshot);
	}
	if (new.whole)
	{
		asked_so_far = 0;
		use_cache(&new, snapshot);
		return true;
	}
	if (new.memory.full)
	{
		refused.kb = si_consent_cache_kb;
		refused.blocks = RelationGetNumberOfBlocks(rel);
	}
	MemoryContextDelete(new.memory.context);
	return false;
}

/* ----- From the events ----- */

/*
 * The subject of the event is looked up from now on.  False: whoever was erased
 * may not be named, or it is full.
 */
static bool
read_event(const Datum *values)
{
	text	   *key = DatumGetTextPP(values[EVENT_SUBJECT]);
	text	   *action = DatumGetTextPP(values[EVENT_ACTION]);
	const char *bytes = VARDATA_ANY(key);
	Size		size = VARSIZE_ANY_EXHDR(key);
	SiSubject  *subject = si_subjects_find(&cache.memory.subjects, bytes, size);

	if (*VARDATA_ANY(action) == 'e')
		return false;
	if (subject == NULL && cache.whole)
		subject = access_memory_add(&cache.memory, bytes, size);
	if (subject == NULL)
		return !cache.whole;
	subject->recheck = 0;
	return true;
}

/* Of transactions in [low, high); false: past the limit, or none is left. */
static bool
read_events(uint64 low, uint64 high, int64 *limit)
{
	AccessScan	scan = access_scan_events(low, high, GetActiveSnapshot());
	Datum		values[EVENT_COLUMNS];
	bool		nulls[EVENT_COLUMNS];
	bool		go_on = (*limit -= EVENTS_A_ROW) > 0;

	while (go_on && access_next(&scan, values, nulls))
	{
		go_on = (*limit)-- > 0;
		if (go_on && !read_event(values))
		{
			forget();
			go_on = false;
		}
	}
	access_end(&scan);
	return go_on;
}

/* Numbers of transactions come again after a while, in snapshots. */
static bool
has_ended(uint64 xid, Snapshot snapshot)
{
	return xid < access_full_xid(snapshot->xmin) ||
		!XidInMVCCSnapshot((TransactionId) xid, snapshot);
}

/* Reads what the snapshot sees and the cache's one did not. */
static bool
catch_up(Snapshot snapshot, int64 limit)
{
	uint64		own = own_xid();
	uint64		end = access_full_xid(snapshot->xmax);

	for (uint32 i = 0; i < cache.running; i++)
	{
		uint64		xid = cache.xid[i];

		if (xid != own && has_ended(xid, snapshot) &&
			!read_events(xid, xid + 1, &limit))
			return false;
	}
	if (cache.end < end && !read_events(cache.end, end, &limit))
		return false;
	set_snapshot(&cache, snapshot);
	return true;
}

/* ----- Whichever is worth it ----- */

static bool
is_worth_building(Relation rel, int64 asked)
{
	BlockNumber blocks = RelationGetNumberOfBlocks(rel);

	return (asked >= blocks / BLOCKS_A_ROW ||
			(asked >= SOME_ROWS && asked_so_far >= blocks)) &&
		!(refused.kb >= si_consent_cache_kb && refused.blocks <= blocks);
}

/* Events are worth reading for whoever asks, and for who asks next. */
static int64
most_events(int64 asked)
{
	return EVENTS_A_ROW *
		(asked + Min(cache.memory.subjects.count / 4, asked * MORE_ROWS));
}

/* One that is far behind is given up, a whole one for many rows only. */
static bool
reach(Relation rel, Snapshot snapshot, int64 asked)
{
	bool		is_there = cache.memory.context != NULL;
	bool		reached;

	if (is_there && !sees_all(snapshot))
		return false;
	reached = is_there && catch_up(snapshot, most_events(asked));
	if (reached && cache.whole)
		return true;
	if (is_worth_building(rel, asked))
	{
		if (build(rel, snapshot))
			return true;
		reached = reached && cache.memory.context != NULL;
	}
	if (reached || (cache.whole && asked < SOME_ROWS))
		return reached;
	forget();
	return begin(rel, snapshot);
}

bool
access_consent_cache_reach(int64 asked, TimestampTz at)
{
	Snapshot	snapshot = GetActiveSnapshot();
	Relation	rel;
	bool		reached;

	asked_so_far += asked / 2;
	if (!IsMVCCSnapshot(snapshot) || has_own_events())
		return false;
	rel = table_open(access_table("consent_state"), AccessShareLock);
	if (cache.table != RelationGetRelid(rel) ||
		cache.file != rel->rd_rel->relfilenode || at < cache.at ||
		cache.of_recovery || snapshot->takenDuringRecovery ||
		access_memory_is_too_much(&cache.memory))
		forget();
	reached = reach(rel, snapshot, asked);
	table_close(rel, AccessShareLock);
	return reached;
}

bool
access_consent_cache_is_whole(void)
{
	return cache.whole;
}

const SiSubject *
access_consent_cache_find(const char *key, Size size)
{
	return si_subjects_find(&cache.memory.subjects, key, size);
}

void
access_consent_cache_put(const char *key, Size size, int64 mask,
						 TimestampTz recheck, TimestampTz at)
{
	SiSubject  *subject = si_subjects_find(&cache.memory.subjects, key, size);

	if (subject == NULL)
		subject = access_memory_add(&cache.memory, key, size);
	if (subject == NULL)
		return;
	subject->mask = mask;
	subject->recheck = access_consent_second(recheck);
	cache.at = Max(cache.at, at);
}
