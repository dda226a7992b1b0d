/*
 * access_ledger_head.c
 *	  The last entry of a stream, locked.
 *
 * Whoever appends locks the row until the transaction ends.  The first append
 * of a transaction makes a new version of it, as any update does; the next ones
 * write into that version, which nobody else sees, or a million appends in one
 * statement would search a million versions.
 */
#include "postgres.h"

#include "access/generic_xlog.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/indexing.h"
#include "catalog/pg_type.h"
#include "common/sha2.h"
#include "executor/tuptable.h"
#include "storage/bufmgr.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "access/access_store.h"
#include "access/ledger/access_ledger.h"
#include "access/ledger/access_ledger_head.h"
#include "pg/si_compat.h"

enum
{
	HEAD_STREAM = 1,
	HEAD_SEQ,
	HEAD_HASH
};

/* As this transaction sees it; NULL: it does not. */
static HeapTuple
find_head(Relation rel, const char *stream)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	PushActiveSnapshot(GetTransactionSnapshot());
	ScanKeyInit(&key, HEAD_STREAM, BTEqualStrategyNumber, F_TEXTEQ,
				CStringGetTextDatum(stream));
	scan = systable_beginscan(rel, si_primary_key(rel), true,
							  GetActiveSnapshot(), 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
		tuple = heap_copytuple(tuple);
	systable_endscan(scan);
	PopActiveSnapshot();
	return tuple;
}

/* Waits for whoever makes the same one; before the first entry are zeros. */
static void
make_head(const char *stream)
{
	Oid			types[] = {TEXTOID};
	Datum		values[] = {CStringGetTextDatum(stream)};

	access_execute(LEDGER_HEAD,
				   "INSERT INTO sales_intel.ledger_head (stream, seq, hash) "
				   "VALUES ($1, 0, pg_catalog.decode(pg_catalog.repeat('00', 32), 'hex')) "
				   "ON CONFLICT DO NOTHING",
				   lengthof(types), types, values);
}

/*
 * The newest version, locked.  In READ COMMITTED that is the one that others
 * have committed meanwhile; a transaction with one snapshot for all its
 * statements must not see it, and fails.
 */
static HeapTuple
lock_head(Relation rel, HeapTuple found)
{
	TupleTableSlot *slot = table_slot_create(rel, NULL);
	uint8		newest = IsolationUsesXactSnapshot() ? 0 :
		TUPLE_LOCK_FLAG_FIND_LAST_VERSION;
	TM_FailureData failure;
	HeapTuple	tuple;
	TM_Result	result;

	PushActiveSnapshot(GetTransactionSnapshot());
	result = table_tuple_lock(rel, &found->t_self, GetActiveSnapshot(), slot,
							  GetCurrentCommandId(false),
							  LockTupleNoKeyExclusive, LockWaitBlock, newest,
							  &failure);
	PopActiveSnapshot();
	if (result == TM_Updated || result == TM_Deleted)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access to a stream of the ledger"),
				 errdetail("Another transaction has appended to it since this one began."),
				 errhint("The transaction might succeed if retried.")));
	if (result != TM_Ok)
		elog(ERROR, "a ledger's head cannot be locked: %d", (int) result);
	tuple = ExecCopySlotHeapTuple(slot);
	ExecDropSingleTupleTableSlot(slot);
	return tuple;
}

static void
read_head(AccessLedgerHead *head)
{
	TupleDesc	desc = RelationGetDescr(head->rel);
	bool		no_seq;
	bool		no_hash;
	Datum		seq = heap_getattr(head->tuple, HEAD_SEQ, desc, &no_seq);
	Datum		hash = heap_getattr(head->tuple, HEAD_HASH, desc, &no_hash);

	head->seq = no_seq ? -1 : DatumGetInt64(seq);
	head->hash = no_hash ? NULL : DatumGetByteaP(hash);
	if (head->seq < 0 || head->hash == NULL ||
		VARSIZE_ANY_EXHDR(head->hash) != PG_SHA256_DIGEST_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("a head of the ledger was tampered with"),
				 errdetail("Its hash is not one of SHA-256, or its number below zero."),
				 errhint("Look what else was: ledger_verify().")));
}

void
access_ledger_open_head(AccessLedgerHead *head, const char *stream)
{
	head->rel = table_open(access_table(LEDGER_HEAD), RowExclusiveLock);
	access_check_indexes(head->rel);
	head->tuple = find_head(head->rel, stream);
	if (head->tuple == NULL)
	{
		make_head(stream);
		head->tuple = find_head(head->rel, stream);
	}
	if (head->tuple == NULL)
		elog(ERROR, "a ledger's head cannot be made");
	/* A version of this transaction's own nobody else can lock. */
	if (!TransactionIdIsCurrentTransactionId(
			HeapTupleHeaderGetXmin(head->tuple->t_data)))
		head->tuple = lock_head(head->rel, head->tuple);
	read_head(head);
}

void
access_ledger_close_head(AccessLedgerHead *head)
{
	table_close(head->rel, NoLock);
}

/*
 * Writes a new content of the same size into a version that this very
 * (sub)transaction has made, and takes along if it fails.
 */
static void
overwrite(Relation rel, HeapTuple old, HeapTuple new)
{
	ItemPointer place = &old->t_self;
	Buffer		buffer = ReadBuffer(rel, ItemPointerGetBlockNumber(place));
	GenericXLogState *log;
	Page		page;
	HeapTupleHeader header;

	LockBuffer(buffer, BUFFER_LOCK_EXCLUSIVE);
	log = GenericXLogStart(rel);
	page = GenericXLogRegisterBuffer(log, buffer, 0);
	header = (HeapTupleHeader)
		PageGetItem(page, PageGetItemId(page,
										ItemPointerGetOffsetNumber(place)));
	memcpy((char *) header + header->t_hoff,
		   (char *) new->t_data + new->t_data->t_hoff,
		   new->t_len - new->t_data->t_hoff);
	GenericXLogFinish(log);
	UnlockReleaseBuffer(buffer);
}

void
access_ledger_move_head(AccessLedgerHead *head, int64 seq, bytea *hash)
{
	HeapTuple	old = head->tuple;
	int			columns[] = {HEAD_SEQ, HEAD_HASH};
	Datum		values[] = {Int64GetDatum(seq), PointerGetDatum(hash)};
	bool		nulls[] = {false, false};
	HeapTuple	new =
		heap_modify_tuple_by_cols(old, RelationGetDescr(head->rel),
								  lengthof(columns), columns, values, nulls);

	if (HeapTupleHeaderGetXmin(old->t_data) == GetCurrentTransactionIdIfAny() &&
		old->t_len == new->t_len && old->t_data->t_hoff == new->t_data->t_hoff)
		overwrite(head->rel, old, new);
	else
		CatalogTupleUpdate(head->rel, &old->t_self, new);
}
