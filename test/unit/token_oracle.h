/*
 * token_oracle.h
 *
 * A second opinion on tokens, made another way: a part must be what encoding
 * its bytes gives; JSON is one regular expression; characters are decoded as
 * they come and must encode to the same bytes.  Slow, and says only yes or no
 * and what the claims are.
 */
#ifndef TOKEN_ORACLE_H
#define TOKEN_ORACLE_H

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORACLE_ROOM		4200
#define ORACLE_MEMBERS	32

typedef struct OracleMember
{
	char	   *name;			/* unescaped */
	char	   *value;			/* likewise, or as written */
	bool		quoted;
} OracleMember;

typedef struct Oracle
{
	OracleMember header[ORACLE_MEMBERS];
	OracleMember claim[ORACLE_MEMBERS];
	int			nheader;
	int			nclaims;
	char		room[2 * ORACLE_ROOM];	/* of the names and values */
	size_t		used;
} Oracle;

/* ---------- parts ---------- */

/* Bytes of size; -1 unless base64 of them, in plain arithmetic, is the text. */
static int
oracle_decode(const char *text, size_t length, char *bytes)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t		size = length * 6 / 8;

	memset(bytes, 0, size + 1);
	for (size_t bit = 0; bit < length * 6; bit++)
	{
		const char *digit = memchr(digits, text[bit / 6], 64);

		if (digit == NULL || (length * 6 % 8 == 6))
			return -1;
		if (((digit - digits) >> (5 - bit % 6) & 1) == 0)
			continue;
		if (bit / 8 >= size)
			return -1;
		bytes[bit / 8] |= (char) (0x80 >> bit % 8);
	}
	return (int) size;
}

/* ---------- characters ---------- */

static int
oracle_encode_code(uint32_t code, unsigned char *out)
{
	int			more = code < 0x80 ? 0 : code < 0x800 ? 1 :
		code < 0x10000 ? 2 : 3;
	static const int lead[] = {0, 0xc0, 0xe0, 0xf0};

	for (int i = more; i > 0; i--, code >>= 6)
		out[i] = (unsigned char) (0x80 | (code & 0x3f));
	out[0] = (unsigned char) (lead[more] | code);
	return more + 1;
}

/* UTF-8 without NUL: each character encodes to the bytes it came from. */
static bool
oracle_utf8(const char *bytes, int size)
{
	const unsigned char *p = (const unsigned char *) bytes;

	for (int i = 0; i < size;)
	{
		int			length = 1 + (p[i] >= 0xc0) + (p[i] >= 0xe0) +
			(p[i] >= 0xf0);
		uint32_t	code = p[i] & (length == 1 ? 0xff : 0x7f >> length);
		unsigned char again[4];

		if (i + length > size)
			return false;
		for (int k = 1; k < length; k++)
			code = code << 6 | (p[i + k] & 0x3f);
		if (code == 0 || code > 0x10ffff || code >> 11 == 0x1b ||
			oracle_encode_code(code, again) != length ||
			memcmp(again, p + i, (size_t) length) != 0)
			return false;
		i += length;
	}
	return true;
}

/* ---------- JSON ---------- */

#define RE_SPACE	"[ \t\n\r]*"
#define RE_TEXT		"\"([^\"\\\001-\037]|\\\\([\"\\/bfnrt]|u[0-9a-fA-F]{4}))*\""
#define RE_NUMBER	"-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?"
#define RE_MEMBER	RE_SPACE RE_TEXT RE_SPACE ":" RE_SPACE \
	"(" RE_TEXT "|" RE_NUMBER "|true|false|null)" RE_SPACE
#define RE_OBJECT	"^" RE_SPACE "[{](" RE_SPACE "|" RE_MEMBER \
	"(," RE_MEMBER ")*)[}]" RE_SPACE "$"

static bool
oracle_is_object(const char *json)
{
	static regex_t object;
	static bool compiled = false;

	if (!compiled && regcomp(&object, RE_OBJECT, REG_EXTENDED | REG_NOSUB) != 0)
		abort();
	compiled = true;
	return regexec(&object, json, 0, NULL, 0) == 0;
}

static uint32_t
oracle_hex(const char *at)
{
	char		digits[5] = {at[0], at[1], at[2], at[3], '\0'};

	return (uint32_t) strtoul(digits, NULL, 16);
}

/* The text at *at, behind its quote, to out; false for what has no meaning. */
static bool
oracle_text(const char **at, char **out)
{
	static const char escapes[] = "b\bf\fn\nr\rt\t";
	const char *p = *at;

	for (; *p != '"'; p++)
	{
		uint32_t	code;
		const char *escape;

		if (*p != '\\')
			*(*out)++ = *p;
		else if (*++p != 'u')
		{
			escape = strchr(escapes, *p);
			*(*out)++ = escape != NULL ? escape[1] : *p;
		}
		else
		{
			code = oracle_hex(p + 1);
			p += 4;
			if (code >> 10 == 0x36 && p[1] == '\\' && p[2] == 'u' &&
				oracle_hex(p + 3) >> 10 == 0x37)
			{
				code = 0x10000 + code % 1024 * 1024 +
					oracle_hex(p + 3) % 1024;
				p += 6;
			}
			if (code == 0 || code >> 11 == 0x1b)
				return false;
			*out += oracle_encode_code(code, (unsigned char *) *out);
		}
	}
	*(*out)++ = '\0';
	*at = p + 1;
	return true;
}

static const char *
oracle_skip(const char *at, const char *what)
{
	return at + strspn(at, what);
}

/* The members of a checked object; -1 if too many, or one comes twice. */
static int
oracle_members(Oracle *oracle, const char *json, OracleMember *member)
{
	const char *at = oracle_skip(json, " \t\n\r{");
	char	   *out = oracle->room + oracle->used;
	int			n;

	for (n = 0; *at != '}'; n++, at = oracle_skip(at, " \t\n\r,"))
	{
		OracleMember next = {out, NULL, false};

		if (n == ORACLE_MEMBERS || (at++, !oracle_text(&at, &out)))
			return -1;
		for (int i = 0; i < n; i++)
		{
			if (strcmp(member[i].name, next.name) == 0)
				return -1;
		}
		at = oracle_skip(at, " \t\n\r:");
		next.value = out;
		next.quoted = *at == '"';
		if (next.quoted && (at++, !oracle_text(&at, &out)))
			return -1;
		if (!next.quoted)
		{
			size_t		length = strcspn(at, " \t\n\r,}");

			out += sprintf(out, "%.*s", (int) length, at) + 1;
			at += length;
		}
		member[n] = next;
	}
	oracle->used = (size_t) (out - oracle->room);
	return n;
}

/* ---------- rules ---------- */

static const OracleMember *
oracle_find(const OracleMember *member, int n, const char *name)
{
	for (int i = 0; i < n; i++)
	{
		if (strcmp(member[i].name, name) == 0)
			return &member[i];
	}
	return NULL;
}

static bool
oracle_is(const OracleMember *member, const char *value)
{
	return member != NULL && member->quoted &&
		strcmp(member->value, value) == 0;
}

static bool
oracle_is_long(const OracleMember *member, size_t shortest, size_t longest)
{
	return member != NULL && member->quoted &&
		strlen(member->value) >= shortest && strlen(member->value) <= longest;
}

/* Digits alone: 0, or as many as do not pass the year 9999. */
static bool
oracle_is_time(const OracleMember *member)
{
	size_t		length = member == NULL ? 0 : strlen(member->value);

	return length > 0 && !member->quoted && length <= 12 &&
		strspn(member->value, "0123456789") == length &&
		(length < 12 || strcmp(member->value, "253402300799") <= 0);
}

static bool
oracle_judge(const Oracle *o)
{
	const OracleMember *typ = oracle_find(o->header, o->nheader, "typ");
	static const struct
	{
		const char *name;
		bool		optional;
		size_t		shortest;
		size_t		longest;
	}			texts[] =
	{
		{"sub", false, 1, 255}, {"aud", false, 1, 255}, {"jti", false, 8, 128},
		{"prj", true, 1, 255}, {"pur", true, 1, 255}, {"nonce", true, 1, 128}
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		const OracleMember *claim = oracle_find(o->claim, o->nclaims,
												texts[i].name);

		if (!(claim == NULL && texts[i].optional) &&
			!oracle_is_long(claim, texts[i].shortest, texts[i].longest))
			return false;
	}
	return o->nheader == 2 + (typ != NULL) &&
		(typ == NULL || oracle_is(typ, "JWT")) &&
		oracle_is(oracle_find(o->header, o->nheader, "alg"), "HS256") &&
		oracle_is_long(oracle_find(o->header, o->nheader, "kid"), 1, 64) &&
		oracle_is_time(oracle_find(o->claim, o->nclaims, "iat")) &&
		oracle_is_time(oracle_find(o->claim, o->nclaims, "exp"));
}

/* Is this a token? */
static bool
oracle_accepts(Oracle *o, const char *text, size_t length)
{
	const char *dot = memchr(text, '.', length);
	const char *last = memrchr(text, '.', length);
	char		header[ORACLE_ROOM];
	char		claims[ORACLE_ROOM];
	char		signature[ORACLE_ROOM];
	int			hs;
	int			cs;

	o->used = 0;
	if (length > 4096 || dot == NULL || dot == last ||
		memchr(dot + 1, '.', (size_t) (last - dot - 1)) != NULL)
		return false;
	hs = oracle_decode(text, (size_t) (dot - text), header);
	cs = oracle_decode(dot + 1, (size_t) (last - dot - 1), claims);
	if (oracle_decode(last + 1, (size_t) (text + length - last - 1),
					  signature) != 32 || hs < 0 || cs < 0 ||
		!oracle_utf8(header, hs) || !oracle_is_object(header) ||
		!oracle_utf8(claims, cs) || !oracle_is_object(claims))
		return false;
	o->nheader = oracle_members(o, header, o->header);
	o->nclaims = o->nheader < 0 ? -1 : oracle_members(o, claims, o->claim);
	return o->nclaims >= 0 && oracle_judge(o);
}

#endif							/* TOKEN_ORACLE_H */
