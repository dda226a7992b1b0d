/*
 * access_mask.c
 *	  Masks that show a hint of a value, and pseudonyms that stand for it.
 *
 * A mask shows at most one end of a value and writes five asterisks for all the
 * rest, however long it is.  What cannot be seen - spaces, control and format
 * characters - counts as absent; a value with nothing else gives ''.  Nothing
 * here raises an error, whatever the value.
 *
 * A pseudonym is HMAC-SHA-256, cut to 128 bits, of kind and value, with a key
 * of the kind: equal values have equal pseudonyms, and nobody without the key
 * can try values, but whoever may call the function can.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/datum.h"

#include "access/access_digest.h"
#include "access/access_store.h"
#include "core/access/si_base64url.h"
#include "pg/si_compat.h"

#define HIDDEN				"*****"
#define HIDDEN_LENGTH		(sizeof(HIDDEN) - 1)
#define MOST_MARKS			2	/* that are shown with a character */
#define LEAST_DIGITS		8	/* of a number whose end may be shown */
#define SHOWN_DIGITS		2
#define LONGEST_TOP_DOMAIN	4	/* longer ones tell who it is */
#define PSEUDONYM_BYTES		16

typedef struct Span
{
	const char *start;
	const char *end;
} Span;

/* ----- Characters ----- */

typedef enum CharKind
{
	CHAR_UNSEEN,				/* spaces, control and format characters */
	CHAR_MARK,					/* combines with the one before */
	CHAR_SEEN
} CharKind;

/* Spaces, and what has no shape, beyond ASCII. */
static bool
is_unseen(pg_wchar c)
{
	return c == 0x00A0 || c == 0x00AD || c == 0x061C || c == 0x1680 ||
		c == 0x180E || (c >= 0x2000 && c <= 0x200F) ||
		(c >= 0x2028 && c <= 0x202F) || (c >= 0x205F && c <= 0x206F) ||
		c == 0x3000 || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB) ||
		(c >= 0xE0000 && c <= 0xE0FFF);
}

/* The character at p: its kind, and where the next one starts. */
static CharKind
classify(const char *p, const char *end, const char **next)
{
	int			encoding = GetDatabaseEncoding();
	int			length = pg_encoding_mblen(encoding, p);
	int			width;

	CHECK_FOR_INTERRUPTS();
	*next = p + Min(length, end - p);
	if (length > end - p)
		return CHAR_UNSEEN;
	if (*p == ' ' || (encoding == PG_UTF8 &&
					  is_unseen(utf8_to_unicode((const unsigned char *) p))))
		return CHAR_UNSEEN;
	width = pg_encoding_dsplen(encoding, p);
	return width < 0 ? CHAR_UNSEEN : width == 0 ? CHAR_MARK : CHAR_SEEN;
}

/* The first character to be seen, with a few marks; empty: there is none. */
static Span
first_character(Span span)
{
	Span		found = {span.end, span.end};
	const char *next;
	CharKind	kind = CHAR_UNSEEN;

	for (const char *p = span.start; p < span.end && kind != CHAR_SEEN;
		 p = next)
	{
		kind = classify(p, span.end, &next);
		if (kind == CHAR_SEEN)
			found = (Span) {p, next};
	}
	for (int marks = 0; marks < MOST_MARKS && found.end < span.end; marks++)
	{
		if (classify(found.end, span.end, &next) != CHAR_MARK)
			break;
		found.end = next;
	}
	return found;
}

static bool
is_empty(Span span)
{
	return span.start == span.end;
}

/*
 * The first character, unless it is the only one, or may be half of one: in
 * SQL_ASCII nobody knows what bytes beyond ASCII are.
 */
static Span
first_of_several(Span span)
{
	Span		first = first_character(span);

	if (is_empty(first_character((Span) {first.end, span.end})) ||
		(GetDatabaseEncoding() == PG_SQL_ASCII &&
		 IS_HIGHBIT_SET(*first.start)))
		first.start = first.end;
	return first;
}

/* ----- Masks ----- */

static Span
span_of(const text *value)
{
	const char *start = VARDATA_ANY(value);

	return (Span) {start, start + VARSIZE_ANY_EXHDR(value)};
}

static char *
append(char *out, Span span)
{
	memcpy(out, span.start, span.end - span.start);
	return out + (span.end - span.start);
}

/* start, what is hidden, end; all of them short */
static Datum
masked(Span start, const char *hidden, Span end)
{
	Size		size = (start.end - start.start) + strlen(hidden) +
		(end.end - end.start);
	text	   *mask = palloc(VARHDRSZ + size);
	char	   *out = append(VARDATA(mask), start);

	SET_VARSIZE(mask, VARHDRSZ + size);
	out = append(out, (Span) {hidden, hidden + strlen(hidden)});
	append(out, end);
	return PointerGetDatum(mask);
}

static const Span nothing = {"", ""};

/* mask_name(text) -> text: the first character of several */
PG_FUNCTION_INFO_V1(sales_intel_access_mask_name);
Datum
sales_intel_access_mask_name(PG_FUNCTION_ARGS)
{
	Span		name = span_of(PG_GETARG_TEXT_PP(0));

	if (is_empty(first_character(name)))
		return masked(nothing, "", nothing);
	return masked(first_of_several(name), HIDDEN, nothing);
}

/* mask_phone(text) -> text: the last two of eight or more digits */
PG_FUNCTION_INFO_V1(sales_intel_access_mask_phone);
Datum
sales_intel_access_mask_phone(PG_FUNCTION_ARGS)
{
	Span		phone = span_of(PG_GETARG_TEXT_PP(0));
	char		shown[SHOWN_DIGITS] = {0};
	int			digits = 0;

	if (is_empty(first_character(phone)))
		return masked(nothing, "", nothing);

	/* no byte of a longer character looks like a digit */
	for (const char *p = phone.end; p-- > phone.start && digits < LEAST_DIGITS;)
	{
		if (*p < '0' || *p > '9')
			continue;
		if (digits < SHOWN_DIGITS)
			shown[SHOWN_DIGITS - 1 - digits] = *p;
		digits++;
	}
	if (digits < LEAST_DIGITS)
		return masked(nothing, HIDDEN, nothing);
	return masked(nothing, HIDDEN, (Span) {shown, shown + SHOWN_DIGITS});
}

/* ".com" of "example.com"; empty unless it is a few letters after a name */
static Span
top_domain(Span domain)
{
	const char *p;

	while (domain.end > domain.start && domain.end[-1] == ' ')
		domain.end--;
	for (p = domain.end; p > domain.start; p--)
	{
		if (!((p[-1] >= 'a' && p[-1] <= 'z') || (p[-1] >= 'A' && p[-1] <= 'Z')))
			break;
	}
	if (p - 1 <= domain.start || p[-1] != '.' || domain.end - p < 2 ||
		domain.end - p > LONGEST_TOP_DOMAIN)
		return nothing;
	return (Span) {p - 1, domain.end};
}

/* mask_email(text) -> text: the first character, and the top domain */
PG_FUNCTION_INFO_V1(sales_intel_access_mask_email);
Datum
sales_intel_access_mask_email(PG_FUNCTION_ARGS)
{
	Span		email = span_of(PG_GETARG_TEXT_PP(0));
	const char *at = email.end;

	if (is_empty(first_character(email)))
		return masked(nothing, "", nothing);
	while (at > email.start && at[-1] != '@')
		at--;
	if (at == email.start)
		return masked(nothing, HIDDEN, nothing);
	return masked(first_of_several((Span) {email.start, at - 1}),
				  HIDDEN "@" HIDDEN, top_domain((Span) {at, email.end}));
}

/* ----- Pseudonyms ----- */

/* The key that a call site used last in this transaction. */
typedef struct PseudonymKey
{
	LocalTransactionId transaction;
	text	   *kind;
	bytea	   *secret;
} PseudonymKey;

static bytea *
find_key(const text *kind)
{
	const char *name = text_to_cstring(kind);
	AccessScan	scan = access_scan_text("pseudonym_key", 1, &name);
	bytea	   *secret = NULL;
	Datum		values[4];
	bool		nulls[4];

	if (access_next(&scan, values, nulls))
		secret = DatumGetByteaPCopy(values[1]);
	access_end(&scan);
	if (secret == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no pseudonym key of kind \"%s\"", name),
				 errdetail("Keys are not in dumps; a new key gives new pseudonyms."),
				 errhint("Put the old key back into pseudonym_key, or make a first one: create_pseudonym_key(%s).", quote_literal_cstr(name))));
	return secret;
}

static bool
is_equal(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

static void *
keep(FunctionCallInfo fcinfo, const void *value)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	Datum		copy = datumCopy(PointerGetDatum(value), false, -1);

	MemoryContextSwitchTo(old);
	return DatumGetPointer(copy);
}

static const bytea *
key_of(FunctionCallInfo fcinfo, const text *kind)
{
	PseudonymKey *key = fcinfo->flinfo->fn_extra;
	bytea	   *secret;

	if (key != NULL && key->transaction == si_local_transaction() &&
		is_equal(key->kind, kind))
		return key->secret;
	secret = find_key(kind);
	if (key != NULL)
	{
		pfree(key->kind);
		pfree(key->secret);
	}
	else
		key = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt,
								   sizeof(PseudonymKey));
	key->kind = keep(fcinfo, kind);
	key->secret = keep(fcinfo, secret);
	key->transaction = si_local_transaction();
	return key->secret;
}

/* pseudonym(kind text, value text) -> text */
PG_FUNCTION_INFO_V1(sales_intel_access_pseudonym);
Datum
sales_intel_access_pseudonym(PG_FUNCTION_ARGS)
{
	text	   *kind = PG_GETARG_TEXT_PP(0);
	text	   *value = PG_GETARG_TEXT_PP(1);
	const bytea *secret = key_of(fcinfo, kind);
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	char		pseudonym[SI_BASE64URL_LENGTH(PSEUDONYM_BYTES)];
	StringInfoData message;

	initStringInfo(&message);
	appendStringInfoString(&message, "sales_intel/pseudonym/1");
	access_append_text(&message, VARDATA_ANY(kind), VARSIZE_ANY_EXHDR(kind));
	access_append_text(&message, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	access_hmac(secret, message.data, message.len, digest);
	pfree(message.data);
	(void) si_base64url_encode(digest, PSEUDONYM_BYTES, pseudonym);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(pseudonym, sizeof(pseudonym)));
}
