/*
 * access_ledger_entry.c
 *	  What the hash of an entry is of.
 *
 * SHA-256 of these, one after the other: the tag; the stream; the number; the
 * kind; the time in microseconds since 1970; who; the body as jsonb prints it;
 * the hash of the entry before, 32 zero bytes of the first.  A number is 8
 * bytes, high first; all else is its length as such a number, and its bytes,
 * texts in UTF-8.  So no two entries look alike, and no hash of anything else
 * is one of an entry (Kelsey and others, SP 800-185, section 2.3).
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "utils/timestamp.h"

#include "access/ledger/access_ledger.h"

#define TAG		"sales_intel ledger entry 1"
#define TO_UNIX	((uint64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * \
				 USECS_PER_DAY)

void
access_ledger_begin_hashing(AccessLedgerHasher *hasher)
{
	hasher->sha256 = pg_cryptohash_create(PG_SHA256);
	initStringInfo(&hasher->body);
	initStringInfo(&hasher->bytes);
}

void
access_ledger_end_hashing(AccessLedgerHasher *hasher)
{
	pg_cryptohash_free(hasher->sha256);
	pfree(hasher->body.data);
	pfree(hasher->bytes.data);
}

static void
append_text(StringInfo out, const text *value)
{
	access_append_text(out, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

static void
append_hash(StringInfo out, const bytea *hash)
{
	pq_sendint64(out, VARSIZE_ANY_EXHDR(hash));
	appendBinaryStringInfo(out, VARDATA_ANY(hash),
						   (int) VARSIZE_ANY_EXHDR(hash));
}

void
access_ledger_hash(AccessLedgerHasher *hasher, const AccessLedgerEntry *entry,
				   uint8 hash[PG_SHA256_DIGEST_LENGTH])
{
	StringInfo	body = &hasher->body;
	StringInfo	bytes = &hasher->bytes;

	resetStringInfo(body);
	JsonbToCString(body, &entry->body->root, VARSIZE_ANY(entry->body));
	resetStringInfo(bytes);
	access_append_text(bytes, TAG, strlen(TAG));
	append_text(bytes, entry->stream);
	pq_sendint64(bytes, entry->seq);
	append_text(bytes, entry->kind);
	pq_sendint64(bytes, (uint64) entry->at + TO_UNIX);
	append_text(bytes, entry->actor);
	access_append_text(bytes, body->data, body->len);
	append_hash(bytes, entry->prev_hash);
	access_sha256_with(hasher->sha256, bytes, hash);
}
