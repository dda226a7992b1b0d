/*
 * access_digest.c
 *	  Keyed and plain digests, and the one encoding of what goes into them.
 *
 * Reference: RFC 2104, FIPS 180-4.
 */
#include "postgres.h"

#include "common/hmac.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"

#include "access/access_digest.h"

void
access_hmac(const bytea *secret, const char *bytes, Size size,
			uint8 digest[PG_SHA256_DIGEST_LENGTH])
{
	pg_hmac_ctx *hmac = pg_hmac_create(PG_SHA256);
	bool		done = hmac != NULL &&
		pg_hmac_init(hmac, (const uint8 *) VARDATA_ANY(secret),
					 VARSIZE_ANY_EXHDR(secret)) == 0 &&
		pg_hmac_update(hmac, (const uint8 *) bytes, size) == 0 &&
		pg_hmac_final(hmac, digest, PG_SHA256_DIGEST_LENGTH) == 0;

	pg_hmac_free(hmac);
	if (!done)
		elog(ERROR, "HMAC-SHA-256 failed");
}

void
access_sha256_with(pg_cryptohash_ctx *hash, const StringInfo bytes,
				   uint8 digest[PG_SHA256_DIGEST_LENGTH])
{
	if (hash == NULL || pg_cryptohash_init(hash) != 0 ||
		pg_cryptohash_update(hash, (const uint8 *) bytes->data,
							 bytes->len) != 0 ||
		pg_cryptohash_final(hash, digest, PG_SHA256_DIGEST_LENGTH) != 0)
		elog(ERROR, "SHA-256 failed");
}

void
access_sha256(const StringInfo bytes, uint8 digest[PG_SHA256_DIGEST_LENGTH])
{
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);

	access_sha256_with(hash, bytes, digest);
	pg_cryptohash_free(hash);
}

void
access_append_text(StringInfo out, const char *text, Size size)
{
	const char *unicode = text;

	if (GetDatabaseEncoding() != PG_SQL_ASCII)
		unicode = pg_server_to_any(text, (int) size, PG_UTF8);
	if (unicode != text)
		size = strlen(unicode);
	pq_sendint64(out, size);
	appendBinaryStringInfo(out, unicode, (int) size);
}
