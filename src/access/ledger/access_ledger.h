/*
 * access_ledger.h
 *	  The ledger: streams of entries, each of which holds the hash of the one
 *	  before.
 */
#ifndef ACCESS_LEDGER_H
#define ACCESS_LEDGER_H

#include "common/cryptohash.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/jsonb.h"

#include "access/access_digest.h"

#define LEDGER		"ledger"
#define LEDGER_HEAD "ledger_head"

/* A row of the ledger; its columns are in this order. */
typedef struct AccessLedgerEntry
{
	text	   *stream;
	int64		seq;
	text	   *kind;
	Jsonb	   *body;
	TimestampTz at;
	text	   *actor;
	bytea	   *prev_hash;
	bytea	   *hash;
} AccessLedgerEntry;

enum
{
	LEDGER_STREAM,
	LEDGER_SEQ,
	LEDGER_KIND,
	LEDGER_BODY,
	LEDGER_AT,
	LEDGER_ACTOR,
	LEDGER_PREV_HASH,
	LEDGER_HASH,
	LEDGER_COLUMNS
};

/* What hashes entries one after the other. */
typedef struct AccessLedgerHasher
{
	pg_cryptohash_ctx *sha256;
	StringInfoData body;
	StringInfoData bytes;
} AccessLedgerHasher;

extern void access_ledger_begin_hashing(AccessLedgerHasher *hasher);
extern void access_ledger_end_hashing(AccessLedgerHasher *hasher);

/*
 * The hash that belongs to an entry, of all but its own; hasher->body is then
 * the body as text.
 */
extern void access_ledger_hash(AccessLedgerHasher *hasher,
							   const AccessLedgerEntry *entry,
							   uint8 hash[PG_SHA256_DIGEST_LENGTH]);

/*
 * Appends an entry, as anybody, and returns its number; the stream is locked
 * until the transaction ends.
 */
extern int64 access_ledger_append(const char *stream, const char *kind,
								  Jsonb *body);

/* Locks a stream as access_ledger_append does, and makes it if need be. */
extern void access_ledger_lock(const char *stream);

/* An argument that names a stream or a kind; an error unless it does. */
extern char *access_ledger_name(FunctionCallInfo fcinfo, int n,
								const char *what);

#endif							/* ACCESS_LEDGER_H */
