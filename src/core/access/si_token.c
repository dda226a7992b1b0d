/*
 * si_token.c
 *	  The text of a signed token, taken apart.
 *
 * Method: RFC 7519 claims in the compact form of RFC 7515, section 7.1.  The
 * three parts are decoded into the caller's room, and the members of header
 * and claims are held against one table each.
 *
 * Special cases, all refused: an algorithm other than HS256, whatever its
 * spelling; a header member other than alg, kid and typ (what it means cannot
 * be ignored: RFC 7515, section 4.1.11); a time that is not written as plain
 * digits; an aud that is an array.  Claims with other names are read as
 * strictly, then ignored (RFC 7519, section 4).
 */
#include <string.h>

#include "core/access/si_base64url.h"
#include "core/access/si_token.h"
#include "core/access/si_token_json.h"
#include "core/si_bytes.h"

/* What a member must be: one fixed text, else a text, else a time. */
typedef struct Rule
{
	const char *name;
	bool		required;
	const char *fixed;
	SiTokenStatus otherwise;	/* what any other value is */
	SiText	   *text;
	int32_t		shortest;		/* in bytes */
	int32_t		longest;
	int64_t    *time;
} Rule;

static bool
is_text(SiText text, const char *word)
{
	return (size_t) text.length == strlen(word) &&
		memcmp(text.data, word, text.length) == 0;
}

/* ---------- one member ---------- */

static SiTokenStatus
take_text(const SiJsonMember *member, const Rule *rule)
{
	if (member->kind != SI_JSON_TEXT)
		return SI_TOKEN_WRONG_TYPE;
	if (member->value.length < rule->shortest ||
		member->value.length > rule->longest)
		return SI_TOKEN_BAD_LENGTH;
	*rule->text = member->value;
	return SI_TOKEN_OK;
}

/*
 * Digits alone.  A sign is out of range, even before 0; past the latest time
 * the value no longer grows, so it cannot overflow.
 */
static SiTokenStatus
take_time(const SiJsonMember *member, int64_t *time)
{
	int64_t		value = 0;
	bool		negative;
	int32_t		i;

	if (member->kind != SI_JSON_NUMBER)
		return SI_TOKEN_WRONG_TYPE;
	negative = member->value.data[0] == '-';
	for (i = negative; i < member->value.length; i++)
	{
		char		c = member->value.data[i];

		if (c < '0' || c > '9')
			return SI_TOKEN_WRONG_TYPE;
		if (value <= SI_TOKEN_LATEST)
			value = value * 10 + (c - '0');
	}
	if (negative || value > SI_TOKEN_LATEST)
		return SI_TOKEN_OUT_OF_RANGE;
	*time = value;
	return SI_TOKEN_OK;
}

static SiTokenStatus
take(const SiJsonMember *member, const Rule *rule)
{
	if (rule->fixed == NULL)
		return rule->text != NULL ? take_text(member, rule) :
			take_time(member, rule->time);
	return member->kind == SI_JSON_TEXT && is_text(member->value, rule->fixed) ?
		SI_TOKEN_OK : rule->otherwise;
}

/* ---------- a part ---------- */

static int
find_rule(SiText name, const Rule *rules, int nrules)
{
	int			i = 0;

	while (i < nrules && !is_text(name, rules[i].name))
		i++;
	return i;
}

/* *met: a bit for each rule that a member fell under. */
static SiTokenStatus
read_members(SiJsonReader *reader, const Rule *rules, int nrules,
			 SiTokenStatus unknown, unsigned *met, const char **fault)
{
	SiJsonMember member;
	bool		found;
	SiTokenStatus status = si_json_next(reader, &member, &found);

	while (status == SI_TOKEN_OK && found)
	{
		int			i = find_rule(member.name, rules, nrules);

		*met |= 1U << i;
		status = i < nrules ? take(&member, &rules[i]) : unknown;
		if (status == SI_TOKEN_OK)
			status = si_json_next(reader, &member, &found);
		else if (i < nrules)
			*fault = rules[i].name;
	}
	return status;
}

/* unknown: what a member is that no rule names. */
static SiTokenStatus
read_part(char *bytes, size_t size, const Rule *rules, int nrules,
		  SiTokenStatus unknown, const char **fault)
{
	SiJsonReader reader;
	unsigned	met = 0;
	SiTokenStatus status = si_json_open(&reader, bytes, size);
	int			i;

	if (status == SI_TOKEN_OK)
		status = read_members(&reader, rules, nrules, unknown, &met, fault);
	for (i = 0; status == SI_TOKEN_OK && i < nrules; i++)
	{
		if (rules[i].required && (met >> i & 1) == 0)
		{
			*fault = rules[i].name;
			status = SI_TOKEN_MISSING;
		}
	}
	return status;
}

#define FIXED(name, required, value, otherwise) \
	{name, required, value, otherwise, NULL, 0, 0, NULL}
#define TEXT(member, required, shortest, longest) \
	{#member, required, NULL, SI_TOKEN_OK, &token->member, shortest, longest, \
	NULL}
#define TIME(member) \
	{#member, true, NULL, SI_TOKEN_OK, NULL, 0, 0, &token->member}

static SiTokenStatus
read_header(char *bytes, size_t size, SiToken *token)
{
	const Rule	rules[] = {
		FIXED("alg", true, "HS256", SI_TOKEN_BAD_ALGORITHM),
		FIXED("typ", false, "JWT", SI_TOKEN_NOT_JWT),
		TEXT(kid, true, 1, SI_TOKEN_KID_LONGEST)
	};

	return read_part(bytes, size, rules, sizeof(rules) / sizeof(rules[0]),
					 SI_TOKEN_UNKNOWN_HEADER, &token->fault);
}

static SiTokenStatus
read_claims(char *bytes, size_t size, SiToken *token)
{
	const Rule	rules[] = {
		TEXT(sub, true, 1, SI_TOKEN_TEXT_LONGEST),
		TEXT(aud, true, 1, SI_TOKEN_TEXT_LONGEST),
		TIME(iat),
		TIME(exp),
		TEXT(jti, true, SI_TOKEN_JTI_SHORTEST, SI_TOKEN_JTI_LONGEST),
		TEXT(prj, false, 1, SI_TOKEN_TEXT_LONGEST),
		TEXT(pur, false, 1, SI_TOKEN_TEXT_LONGEST),
		TEXT(nonce, false, 1, SI_TOKEN_NONCE_LONGEST)
	};

	return read_part(bytes, size, rules, sizeof(rules) / sizeof(rules[0]),
					 SI_TOKEN_OK, &token->fault);
}

/* ---------- the whole ---------- */

/* The part up to the next dot, which is left out of *rest; false: no dot. */
static bool
cut(SiText *rest, SiText *part)
{
	const char *dot = rest->length == 0 ? NULL :
		memchr(rest->data, '.', rest->length);

	if (dot == NULL)
		return false;
	part->data = rest->data;
	part->length = (int32_t) (dot - rest->data);
	rest->data = dot + 1;
	rest->length -= part->length + 1;
	return true;
}

/* False unless there are exactly two dots. */
static bool
split(SiText text, SiText part[3])
{
	SiText		more;

	part[2] = text;
	return cut(&part[2], &part[0]) && cut(&part[2], &part[1]) &&
		!cut(&part[2], &more);
}

/* Decode the parts into work, one after the other. */
static bool
decode(const SiText part[3], char *work, char *place[3], size_t size[3])
{
	int			i;

	for (i = 0; i < 3; i++)
	{
		place[i] = work;
		size[i] = SI_BASE64URL_SIZE(part[i].length);
		if (!si_base64url_decode(part[i], (uint8_t *) work))
			return false;
		work += size[i];
	}
	return true;
}

static SiTokenStatus
parse(const char *text, size_t length, char *work, SiToken *token)
{
	SiText		part[3];
	char	   *place[3];
	size_t		size[3];
	SiTokenStatus status;

	if (length > SI_TOKEN_LONGEST)
		return SI_TOKEN_TOO_LONG;
	token->signed_part = (SiText) {text, (int32_t) length};
	if (!split(token->signed_part, part))
		return SI_TOKEN_NOT_THREE_PARTS;
	if (!decode(part, work, place, size))
		return SI_TOKEN_BAD_BASE64;
	if (size[2] != SI_TOKEN_SIGNATURE)
		return SI_TOKEN_BAD_SIGNATURE;
	memcpy(token->signature, place[2], SI_TOKEN_SIGNATURE);
	token->signed_part.length -= part[2].length + 1;
	status = read_header(place[0], size[0], token);
	return status != SI_TOKEN_OK ? status :
		read_claims(place[1], size[1], token);
}

SiTokenStatus
si_token_parse(const char *text, size_t length, char *work, SiToken *token)
{
	SiToken		parsed = {.fault = NULL};
	SiTokenStatus status = parse(text, length, work, &parsed);
	SiToken		refused = {.fault = parsed.fault};

	*token = status == SI_TOKEN_OK ? parsed : refused;
	return status;
}

const char *
si_token_reason(SiTokenStatus status)
{
	static const char *const reason[SI_TOKEN_STATUSES] = {
		[SI_TOKEN_OK] = "The token is well formed.",
		[SI_TOKEN_TOO_LONG] = "The token is longer than 4096 bytes.",
		[SI_TOKEN_NOT_THREE_PARTS] = "The token is not three parts joined by dots.",
		[SI_TOKEN_BAD_BASE64] = "A part of the token is not base64url without padding.",
		[SI_TOKEN_BAD_SIGNATURE] = "The signature is not 32 bytes.",
		[SI_TOKEN_NOT_UTF8] = "Header or claims are not UTF-8.",
		[SI_TOKEN_HAS_NUL] = "Header or claims hold a NUL.",
		[SI_TOKEN_LONE_SURROGATE] = "Header or claims hold half of a surrogate pair.",
		[SI_TOKEN_NOT_OBJECT] = "Header or claims are not a JSON object.",
		[SI_TOKEN_BAD_JSON] = "Header or claims are not JSON.",
		[SI_TOKEN_TRAILING] = "Something follows the JSON object of header or claims.",
		[SI_TOKEN_NESTED] = "Header or claims hold an object or an array.",
		[SI_TOKEN_TOO_MANY] = "Header or claims have more than 32 members.",
		[SI_TOKEN_DUPLICATE] = "Header or claims name a member twice.",
		[SI_TOKEN_BAD_ALGORITHM] = "The algorithm is not HS256.",
		[SI_TOKEN_NOT_JWT] = "The type in the header is not JWT.",
		[SI_TOKEN_UNKNOWN_HEADER] = "The header has a member other than alg, kid and typ.",
		[SI_TOKEN_MISSING] = "A required member of header or claims is missing.",
		[SI_TOKEN_WRONG_TYPE] = "A claim is not of its type: text, or whole seconds.",
		[SI_TOKEN_BAD_LENGTH] = "A claim or the key's name is empty, too short or too long.",
		[SI_TOKEN_OUT_OF_RANGE] = "A time is before 1970 or after 9999.",
	};

	return status >= 0 && status < SI_TOKEN_STATUSES ? reason[status] :
		"The token is damaged.";
}
