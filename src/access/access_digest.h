/*
 * access_digest.h
 *	  Keyed and plain digests, and the one encoding of what goes into them.
 */
#ifndef ACCESS_DIGEST_H
#define ACCESS_DIGEST_H

#include "common/cryptohash.h"
#include "common/sha2.h"
#include "lib/stringinfo.h"

/* HMAC-SHA-256, with the server's own code. */
extern void access_hmac(const bytea *secret, const char *bytes, Size size,
						uint8 digest[PG_SHA256_DIGEST_LENGTH]);

/* SHA-256, the same. */
extern void access_sha256(const StringInfo bytes,
						  uint8 digest[PG_SHA256_DIGEST_LENGTH]);

/* With a context of the caller's, for one digest after the other. */
extern void access_sha256_with(pg_cryptohash_ctx *hash, const StringInfo bytes,
							   uint8 digest[PG_SHA256_DIGEST_LENGTH]);

/*
 * Append a text as its length in 8 bytes, high first, and its bytes in UTF-8
 * (as they are in a database of encoding SQL_ASCII), so that no two lists of
 * texts look alike, in whatever encoding the database is.
 */
extern void access_append_text(StringInfo out, const char *text, Size size);

#endif							/* ACCESS_DIGEST_H */
