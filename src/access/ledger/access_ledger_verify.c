/*
 * access_ledger_verify.c
 *	  Does a stream of the ledger hold, and where does it first not?
 *
 * One pass over the primary key computes every hash.  What is wrong with the
 * first entry that does not fit is told from where its hash fits: an entry that
 * was moved still has the hash of its old place.  Who computes hashes anew up
 * to the head leaves nothing to see here: for that there is ledger_digest().
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/ledger/access_ledger.h"
#include "pg/si_compat.h"
#include "pg/si_value.h"

#define SIZE		PG_SHA256_DIGEST_LENGTH
#define NEIGHBOURS	16			/* places that are tried on either side */

typedef struct Verifier
{
	text	   *stream;
	AccessLedgerHasher hasher;
	MemoryContext keep;			/* of the problem's text */
	int64		head_seq;		/* -1: there is no head */
	uint8		head_hash[SIZE];
	int64		next;			/* number of the entry that must come */
	uint8		last[SIZE];		/* hash of the one before */
	bool		placed;			/* the problem is of an entry: first_bad */
	int64		first_bad;
	char	   *problem;		/* NULL: none yet */
} Verifier;

/* Of an entry that does not fit, those that its hashes lead to; 0: none. */
typedef struct Kin
{
	const AccessLedgerEntry *entry;
	int64		before;			/* has the hash that it says comes before */
	int64		after;			/* says that its hash comes before */
	int64		twin;			/* has its hash */
	int64		rival;			/* follows the last good one, too */
} Kin;

/* ----- Reading ----- */

typedef bool (*Visit) (Verifier *verifier, const AccessLedgerEntry *entry,
					   void *about);

static bool
is_hash(const bytea *value)
{
	return VARSIZE_ANY_EXHDR(value) == SIZE;
}

static bool
same_hash(const bytea *value, const uint8 *hash)
{
	return is_hash(value) && memcmp(VARDATA_ANY(value), hash, SIZE) == 0;
}

/* False: a value is NULL, which none may be. */
static bool
read_entry(AccessLedgerEntry *entry, const Datum *values, const bool *nulls)
{
	memset(entry, 0, sizeof(*entry));
	entry->seq = nulls[LEDGER_SEQ] ? 0 : DatumGetInt64(values[LEDGER_SEQ]);
	for (int i = 0; i < LEDGER_COLUMNS; i++)
	{
		if (nulls[i])
			return false;
	}
	entry->stream = DatumGetTextPP(values[LEDGER_STREAM]);
	entry->kind = DatumGetTextPP(values[LEDGER_KIND]);
	entry->body = DatumGetJsonbP(values[LEDGER_BODY]);
	entry->at = DatumGetTimestampTz(values[LEDGER_AT]);
	entry->actor = DatumGetTextPP(values[LEDGER_ACTOR]);
	entry->prev_hash = DatumGetByteaPP(values[LEDGER_PREV_HASH]);
	entry->hash = DatumGetByteaPP(values[LEDGER_HASH]);
	return true;
}

static Oid
key_of(Relation ledger)
{
	Oid			key = si_primary_key(ledger);

	if (!OidIsValid(key))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the ledger has no primary key"),
				 errdetail("Entries cannot be read in their order."),
				 errhint("ALTER TABLE sales_intel.ledger ADD PRIMARY KEY (stream, seq);")));
	return key;
}

/*
 * Rows of a page lie one below the other: the next one is in the cache when it
 * is asked for.
 */
static void
prefetch_below(const void *row)
{
	for (int i = 1; i <= 8; i++)
		__builtin_prefetch((const char *) row - i * 64);
}

/*
 * Calls visit for each entry, by number, until it returns false; one with a
 * NULL has no hash.
 */
static void
visit_entries(Verifier *verifier, Visit visit, void *about)
{
	Relation	ledger = table_open(access_table(LEDGER), AccessShareLock);
	Relation	index = index_open(key_of(ledger), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(ledger);
	Datum	   *values = palloc(desc->natts * sizeof(Datum));
	bool	   *nulls = palloc(desc->natts);
	MemoryContext each = AllocSetContextCreate(CurrentMemoryContext,
											   "ledger entry",
											   ALLOCSET_DEFAULT_SIZES);
	bool		going = true;
	AccessLedgerEntry entry;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, LEDGER_STREAM + 1, BTEqualStrategyNumber, F_TEXTEQ,
				PointerGetDatum(verifier->stream));
	scan = systable_beginscan_ordered(ledger, index, GetActiveSnapshot(), 1,
									  &key);
	while (going && HeapTupleIsValid(
			   tuple = systable_getnext_ordered(scan, ForwardScanDirection)))
	{
		MemoryContext old = MemoryContextSwitchTo(each);

		CHECK_FOR_INTERRUPTS();
		prefetch_below(tuple->t_data);
		heap_deform_tuple(tuple, desc, values, nulls);
		read_entry(&entry, values, nulls);
		going = visit(verifier, &entry, about);
		MemoryContextSwitchTo(old);
		MemoryContextReset(each);
	}
	systable_endscan_ordered(scan);
	MemoryContextDelete(each);
	index_close(index, AccessShareLock);
	table_close(ledger, AccessShareLock);
}

static void
read_head(Verifier *verifier)
{
	const char *stream = text_to_cstring(verifier->stream);
	AccessScan	scan = access_scan_text(LEDGER_HEAD, 1, &stream);
	Datum		values[3];
	bool		nulls[3];

	verifier->head_seq = -1;
	if (access_next(&scan, values, nulls) && !nulls[1] && !nulls[2])
	{
		const bytea *hash = DatumGetByteaPP(values[2]);

		verifier->head_seq = DatumGetInt64(values[1]);
		if (is_hash(hash))
			memcpy(verifier->head_hash, VARDATA_ANY(hash), SIZE);
	}
	access_end(&scan);
}

/* ----- What is wrong ----- */

static void
blame(Verifier *verifier, int64 seq, const char *problem)
{
	verifier->placed = true;
	verifier->first_bad = seq;
	verifier->problem = MemoryContextStrdup(verifier->keep, problem);
}

static bool
find_kin(Verifier *verifier, const AccessLedgerEntry *entry, void *about)
{
	Kin		   *kin = about;
	const AccessLedgerEntry *bad = kin->entry;

	if (entry->hash == NULL || entry->seq == bad->seq)
		return true;
	if (is_hash(bad->prev_hash) &&
		same_hash(entry->hash, (uint8 *) VARDATA_ANY(bad->prev_hash)))
		kin->before = entry->seq;
	if (is_hash(bad->hash) &&
		same_hash(entry->prev_hash, (uint8 *) VARDATA_ANY(bad->hash)))
		kin->after = entry->seq;
	if (is_hash(bad->hash) &&
		same_hash(entry->hash, (uint8 *) VARDATA_ANY(bad->hash)))
		kin->twin = entry->seq;
	if (same_hash(entry->prev_hash, verifier->last))
		kin->rival = entry->seq;
	return true;
}

static Kin
kin_of(Verifier *verifier, const AccessLedgerEntry *entry)
{
	Kin			kin = {.entry = entry};

	visit_entries(verifier, find_kin, &kin);
	if (same_hash(entry->hash, verifier->head_hash))
		kin.after = verifier->head_seq + 1;
	return kin;
}

static bool
fits_at(Verifier *verifier, const AccessLedgerEntry *entry, int64 seq)
{
	AccessLedgerEntry moved = *entry;
	uint8		hash[SIZE];

	moved.seq = seq;
	access_ledger_hash(&verifier->hasher, &moved, hash);
	return same_hash(entry->hash, hash);
}

/* The number that an entry had when it was hashed; 0: it is not found. */
static int64
home_of(Verifier *verifier, const AccessLedgerEntry *entry, const Kin *kin)
{
	if (fits_at(verifier, entry, kin->before + 1))
		return kin->before + 1;
	if (fits_at(verifier, entry, kin->after - 1))
		return kin->after - 1;
	for (int i = 1; i <= NEIGHBOURS; i++)
	{
		if (fits_at(verifier, entry, entry->seq - i))
			return entry->seq - i;
		if (fits_at(verifier, entry, entry->seq + i))
			return entry->seq + i;
	}
	return 0;
}

/* Is it after the last one that the head names? */
static bool
is_past(const Verifier *verifier, int64 seq)
{
	return verifier->head_seq >= 0 && seq > verifier->head_seq;
}

static void
blame_past(Verifier *verifier, int64 seq)
{
	blame(verifier, seq,
		  psprintf("insert: entry " INT64_FORMAT " comes after the last, which the head names",
				   seq));
}

/* The number is not the next one. */
static void
blame_number(Verifier *verifier, int64 seq)
{
	int64		next = verifier->next;

	if (seq > next && next == verifier->head_seq + 1)
		blame_past(verifier, seq);
	else if (seq > next)
		blame(verifier, next,
			  psprintf("delete: entry " INT64_FORMAT " is missing", next));
	else if (seq < 1)
		blame(verifier, seq,
			  psprintf("insert: entry " INT64_FORMAT " comes before the first",
					   seq));
	else
		blame(verifier, seq,
			  psprintf("fork: there are two entries " INT64_FORMAT, seq));
}

/* The hash is not that of the content. */
static void
blame_content(Verifier *verifier, const AccessLedgerEntry *entry)
{
	Kin			kin = kin_of(verifier, entry);
	int64		home = kin.twin != 0 ? 0 : home_of(verifier, entry, &kin);
	int64		seq = entry->seq;

	if (home > 0 && home < seq)
		blame(verifier, home,
			  psprintf("insert: entry " INT64_FORMAT " was put in before what is now entry " INT64_FORMAT,
					   home, seq));
	else if (home > seq && kin.rival != 0)
		blame(verifier, seq,
			  psprintf("reorder: entry " INT64_FORMAT " was entry " INT64_FORMAT,
					   seq, home));
	else if (home > seq)
		blame(verifier, seq,
			  psprintf("delete: entry " INT64_FORMAT " is missing, and those after it have moved up",
					   seq));
	else if (kin.rival != 0)
		blame(verifier, seq,
			  psprintf("insert: entry " INT64_FORMAT " was put in, and is not what its hash says",
					   seq));
	else if (is_past(verifier, seq))
		blame_past(verifier, seq);
	else
		blame(verifier, seq,
			  psprintf("edit: entry " INT64_FORMAT " is not what its hash says",
					   seq));
}

/* It is as it was hashed, but follows another than the one before. */
static void
blame_link(Verifier *verifier, const AccessLedgerEntry *entry)
{
	Kin			kin = kin_of(verifier, entry);
	int64		seq = entry->seq;

	if (kin.rival != 0)
		blame(verifier, seq,
			  psprintf("insert: entry " INT64_FORMAT " was put in before what is now entry " INT64_FORMAT,
					   seq, kin.rival));
	else if (seq > 1 && kin.after == seq + 1)
		blame(verifier, seq - 1,
			  psprintf("edit: entry " INT64_FORMAT " was changed and hashed anew; entry " INT64_FORMAT " follows what it was",
					   seq - 1, seq));
	else if (is_past(verifier, seq))
		blame_past(verifier, seq);
	else
		blame(verifier, seq,
			  psprintf("link: entry " INT64_FORMAT " does not follow the one before",
					   seq));
}

/* All entries fit; does the head? */
static void
check_head(Verifier *verifier)
{
	int64		last = verifier->next - 1;

	if (verifier->head_seq < 0)
		verifier->problem = "head: it is missing";
	else if (last < verifier->head_seq)
		blame(verifier, last + 1,
			  psprintf("truncate: entries end before " INT64_FORMAT ", the last that the head names",
					   verifier->head_seq));
	else if (memcmp(verifier->last, verifier->head_hash, SIZE) == 0)
		return;
	else if (last > 0)
		blame(verifier, last,
			  psprintf("edit: entry " INT64_FORMAT " is not the one that the head names",
					   last));
	else
		verifier->problem = "head: there is no entry such as it names";
}

static bool
check_entry(Verifier *verifier, const AccessLedgerEntry *entry, void *about)
{
	uint8		hash[SIZE];

	if (entry->seq != verifier->next)
		blame_number(verifier, entry->seq);
	else if (entry->hash == NULL)
		blame(verifier, entry->seq,
			  psprintf("edit: a value of entry " INT64_FORMAT " is NULL",
					   entry->seq));
	else
	{
		access_ledger_hash(&verifier->hasher, entry, hash);
		if (!same_hash(entry->hash, hash))
			blame_content(verifier, entry);
		else if (!same_hash(entry->prev_hash, verifier->last))
			blame_link(verifier, entry);
		else if (is_past(verifier, entry->seq))
			blame_past(verifier, entry->seq);
		else
		{
			memcpy(verifier->last, hash, SIZE);
			verifier->next++;
		}
	}
	return verifier->problem == NULL;
}

/* ----- SQL ----- */

/* ledger_verify(stream text) -> (ok, entries, first_bad, problem) */
PG_FUNCTION_INFO_V1(sales_intel_access_ledger_verify);
Datum
sales_intel_access_ledger_verify(PG_FUNCTION_ARGS)
{
	Verifier	verifier = {.keep = CurrentMemoryContext, .next = 1};
	Datum		values[4];
	bool		nulls[4] = {false};

	verifier.stream =
		cstring_to_text(access_ledger_name(fcinfo, 0, "stream"));
	access_ledger_begin_hashing(&verifier.hasher);
	read_head(&verifier);
	visit_entries(&verifier, check_entry, NULL);
	access_ledger_end_hashing(&verifier.hasher);
	if (verifier.head_seq < 0 && verifier.next == 1 &&
		verifier.problem == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("the ledger has no stream \"%s\"",
						text_to_cstring(verifier.stream)),
				 errdetail("There is neither an entry nor a head of it."),
				 errhint("If there was one, ledger_verify_digest() tells: compare with the last digest that was kept elsewhere.")));
	if (verifier.problem == NULL)
		check_head(&verifier);
	values[0] = BoolGetDatum(verifier.problem == NULL);
	values[1] = Int64GetDatum(verifier.next - 1);
	values[2] = Int64GetDatum(verifier.first_bad);
	nulls[2] = !verifier.placed;
	si_value_text(values, nulls, 3, verifier.problem);
	return si_value_row(fcinfo, values, nulls);
}
