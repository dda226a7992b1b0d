/*
 * access_token.c
 *	  Signed tokens: verification, single use, and issue.
 *
 * A token is a JWT with HS256.  Nothing in it counts before its signature is
 * verified, with the server's own HMAC and in constant time.  Then it must be
 * for this very database, in force now by the clock (a transaction's now() may
 * be old), of a short life, and its principal must be active.  A login that is
 * nobody without a token uses up each one: its jti is stored in the
 * transaction, so that of two that use it one waits for the other.
 *
 * Reference: RFC 7515, 7519, 2104.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "access/access_digest.h"
#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/identity/access_project.h"
#include "access/identity/access_token.h"
#include "core/access/si_base64url.h"
#include "core/access/si_token.h"
#include "pg/si_compat.h"

#define LONGEST_LIFE		300 /* seconds */
#define CLOCK_DIFFERENCE	5	/* seconds that an issuer may be ahead */
#define NONCE_BYTES			16

/* Bytes that only this session knows and tells; none until asked for. */
static char session_nonce[SI_BASE64URL_LENGTH(NONCE_BYTES) + 1];

pg_noreturn static void
reject(const char *reason)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the token is not accepted"),
			 errdetail("%s", reason),
			 errhint("Ask the issuer for a new one.")));
}

/* ----- Keys and signatures ----- */

/* NULL: there is no such key at this time. */
static bytea *
find_key(const char *kid, TimestampTz now)
{
	AccessScan	scan = access_scan_text("signing_key", 1, &kid);
	bytea	   *secret = NULL;
	Datum		values[3];
	bool		nulls[3];

	if (access_next(&scan, values, nulls) && access_valid_at(values[2], now))
		secret = DatumGetByteaPCopy(values[1]);
	access_end(&scan);
	return secret;
}

/*
 * A copy in the database's encoding; NULL for what is absent.  A parsed token
 * is UTF-8, which need not be checked again.
 */
static char *
own_text(SiText text)
{
	char	   *copy;

	if (text.data == NULL)
		return NULL;
	copy = pnstrdup(text.data, text.length);
	return GetDatabaseEncoding() == PG_UTF8 ? copy :
		pg_any_to_server(copy, text.length, PG_UTF8);
}

static void
check_signature(const SiToken *token, TimestampTz now)
{
	bytea	   *secret = find_key(own_text(token->kid), now);
	uint8		expected[PG_SHA256_DIGEST_LENGTH];

	if (secret == NULL)
		reject("No key of its \"kid\" is valid now.");
	access_hmac(secret, token->signed_part.data, token->signed_part.length,
				expected);
	explicit_bzero(VARDATA_ANY(secret), VARSIZE_ANY_EXHDR(secret));
	if (timingsafe_bcmp(expected, token->signature, sizeof(expected)) != 0)
		reject("Its signature is wrong.");
}

/* ----- Claims ----- */

/* Of a session it is always the same. */
static const char *
audience(void)
{
	static char text[40];

	if (text[0] == '\0')
		snprintf(text, sizeof(text), UINT64_FORMAT "/%u",
				 GetSystemIdentifier(), MyDatabaseId);
	return text;
}

static const char *
own_nonce(void)
{
	uint8		bytes[NONCE_BYTES];

	if (session_nonce[0] == '\0')
	{
		if (!pg_strong_random(bytes, sizeof(bytes)))
			elog(ERROR, "no random bytes");
		session_nonce[si_base64url_encode(bytes, sizeof(bytes),
										  session_nonce)] = '\0';
	}
	return session_nonce;
}

static bool
is_text(SiText text, const char *string)
{
	return text.length == (int32) strlen(string) &&
		memcmp(text.data, string, text.length) == 0;
}

static TimestampTz
from_seconds(int64 seconds)
{
	return (seconds - (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) *
			(int64) SECS_PER_DAY) * USECS_PER_SEC;
}

static void
check_claims(const SiToken *token, TimestampTz now)
{
	if (!is_text(token->aud, audience()))
		reject("It is for another database; see token_audience().");
	if (token->exp - token->iat > LONGEST_LIFE || token->exp <= token->iat)
		reject(psprintf("Its life, from iat to exp, must be 1 to %d seconds.",
						LONGEST_LIFE));
	if (from_seconds(token->iat) > now + CLOCK_DIFFERENCE * USECS_PER_SEC)
		reject("Its time has not yet come.");
	if (from_seconds(token->exp) <= now)
		reject("It has expired.");
	if (token->nonce.data != NULL && !is_text(token->nonce, own_nonce()))
		reject("It is for another session; see session_nonce().");
}

static AccessPrincipal *
check_principal(const SiToken *token)
{
	AccessPrincipal *principal =
		access_principal_named(own_text(token->sub),
							   GetCurrentTransactionStartTimestamp());

	if (principal->name == NULL || !principal->active || !principal->valid)
		reject("Its principal is not known, not active, or not valid at this time.");
	if (token->prj.data != NULL &&
		!access_is_member(principal, own_text(token->prj)))
		reject("Its principal is no member of its project at this time, or the project is closed.");
	return principal;
}

/* ----- Single use ----- */

/* Is the login nobody without a token, and may it not use one again? */
static bool
is_single_use(void)
{
	AccessPrincipal *login = access_principal_of_login(GetSessionUserId());

	if (login->name == NULL)
		return true;
	if (!login->token_only)
		return false;
	access_principal_attributes(login);
	for (int i = 0; i < login->attributes; i++)
	{
		if (strcmp(login->attribute[i].name, "token_reuse") == 0 &&
			strcmp(login->attribute[i].value, "true") == 0)
			return false;
	}
	return true;
}

/* What was used up by one login is no good for another one either. */
static bool
is_used_up(const char *jti)
{
	AccessScan	scan = access_scan_text("token_use", 1, &jti);
	Datum		values[2];
	bool		nulls[2];
	bool		found = access_next(&scan, values, nulls);

	access_end(&scan);
	return found;
}

static uint64
store_use(const char *jti, TimestampTz expires)
{
	static const char *const insert =
	"INSERT INTO sales_intel.token_use (jti, expires_at) VALUES ($1, $2) "
	"ON CONFLICT DO NOTHING";
	static SPIPlanPtr plan;
	Oid			types[2] = {TEXTOID, TIMESTAMPTZOID};
	Datum		values[2] = {CStringGetTextDatum(jti),
	TimestampTzGetDatum(expires)};
	uint64		stored;

	SPI_connect();
	if (plan == NULL)
	{
		SPIPlanPtr	made = SPI_prepare(insert, 2, types);

		if (made == NULL || SPI_keepplan(made) != 0)
			elog(ERROR, "\"token_use\" cannot be written");
		plan = made;
	}
	(void) SPI_execute_plan(plan, values, NULL, false, 0);
	stored = SPI_processed;
	SPI_finish();
	return stored;
}

/*
 * Two tokens that expired an hour before this one will are forgotten, unless
 * somebody else is about it.  By index, whatever a planner would think.
 */
static void
forget_old(TimestampTz expires)
{
	AccessScan	scan = access_scan_before("token_use", "token_use_expires_at",
										  2, expires - USECS_PER_HOUR);

	for (int i = 0; i < 2; i++)
	{
		HeapTuple	tuple = systable_getnext(scan.scan);
		TM_FailureData failure;

		if (!HeapTupleIsValid(tuple))
			break;
		(void) heap_delete(scan.rel, &tuple->t_self, GetCurrentCommandId(true),
						   InvalidSnapshot, false, &failure, false);
	}
	access_end(&scan);
}

/*
 * As the owner of the extension's table, whatever the caller's rights, and
 * whatever his search_path, in which operators may be anybody's.
 */
static bool
use_up(const SiToken *token)
{
	AccessScope scope;
	uint64		stored;

	if (RecoveryInProgress())
		reject("It counts once, which a standby cannot record.");
	access_enter(&scope, access_table_owner("token_use"), ACCESS_STORED);
	stored = store_use(own_text(token->jti), from_seconds(token->exp));
	access_leave(&scope);
	if (stored > 0)
		forget_old(from_seconds(token->exp));
	return stored > 0;
}

void
access_token_accept(const text *given, AccessIdentity *identity)
{
	char		work[SI_TOKEN_WORK];
	TimestampTz now = GetCurrentTimestamp();
	SiToken		token;
	SiTokenStatus status;
	MemoryContext old;

	if (given == NULL)
		reject("It is NULL.");
	status = si_token_parse(VARDATA_ANY(given), VARSIZE_ANY_EXHDR(given), work,
							&token);
	if (status != SI_TOKEN_OK)
		reject(si_token_reason(status));
	check_signature(&token, now);
	check_claims(&token, now);
	identity->principal = check_principal(&token);
	if (is_single_use() ? !use_up(&token) : is_used_up(own_text(token.jti)))
		reject("It has been used.");
	old = MemoryContextSwitchTo(TopTransactionContext);
	identity->project = own_text(token.prj);
	identity->purpose = own_text(token.pur);
	identity->expires = from_seconds(token.exp);
	MemoryContextSwitchTo(old);
}

/* ----- SQL ----- */

PG_FUNCTION_INFO_V1(sales_intel_access_token_audience);
Datum
sales_intel_access_token_audience(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(audience()));
}

PG_FUNCTION_INFO_V1(sales_intel_access_session_nonce);
Datum
sales_intel_access_session_nonce(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(own_nonce()));
}

static void
append_base64url(StringInfo out, const char *bytes, size_t size)
{
	char	   *encoded = palloc(SI_BASE64URL_LENGTH(size));

	appendBinaryStringInfo(out, encoded,
						   si_base64url_encode((const uint8 *) bytes, size,
											   encoded));
}

static void
append_utf8(StringInfo out, char *string)
{
	char	   *utf8 = pg_server_to_any(string, strlen(string), PG_UTF8);

	append_base64url(out, utf8, strlen(utf8));
}

/* sign_token(kid text, claims jsonb) -> text */
PG_FUNCTION_INFO_V1(sales_intel_access_sign_token);
Datum
sales_intel_access_sign_token(PG_FUNCTION_ARGS)
{
	char	   *kid = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Jsonb	   *claims = PG_GETARG_JSONB_P(1);
	char	   *payload = JsonbToCString(NULL, &claims->root, VARSIZE(claims));
	bytea	   *secret = find_key(kid, GetCurrentTimestamp());
	uint8		signature[PG_SHA256_DIGEST_LENGTH];
	StringInfoData header;
	StringInfoData token;

	if (secret == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no valid signing key \"%s\"", kid),
				 errdetail("The table signing_key has none of that kid at this time."),
				 errhint("Insert one: VALUES ('%s', some 32 random bytes).", kid)));
	initStringInfo(&header);
	appendStringInfoString(&header, "{\"alg\":\"HS256\",\"kid\":");
	escape_json(&header, kid);
	appendStringInfoString(&header, "}");
	initStringInfo(&token);
	append_utf8(&token, header.data);
	appendStringInfoChar(&token, '.');
	append_utf8(&token, payload);
	access_hmac(secret, token.data, token.len, signature);
	appendStringInfoChar(&token, '.');
	append_base64url(&token, (char *) signature, sizeof(signature));
	PG_RETURN_TEXT_P(cstring_to_text_with_len(token.data, token.len));
}
