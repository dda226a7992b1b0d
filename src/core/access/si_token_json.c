/*
 * si_token_json.c
 *	  The members of a flat JSON object, one by one.
 *
 * Method: the grammar of RFC 8259, read once, left to right, without recursion
 * and without memory of its own: a text is unescaped where it stands, since no
 * escape is shorter than what it means.
 *
 * Special cases: stricter than the grammar, in that a value is never an object
 * or an array, a name never comes twice (compared unescaped), a text holds no
 * NUL and no half of a surrogate pair, and bytes are UTF-8 throughout (RFC
 * 3629: no overlong form, no surrogate, nothing above U+10FFFF).
 */
#include <string.h>

#include "core/access/si_token_json.h"
#include "core/si_bytes.h"

#define IS_HIGH_SURROGATE(code)	((code) >= 0xd800 && (code) <= 0xdbff)
#define IS_LOW_SURROGATE(code)	((code) >= 0xdc00 && (code) <= 0xdfff)

/* ---------- UTF-8 ---------- */

/* How long the character at p is; 0 if it is none within `left` > 0 bytes. */
static inline size_t
utf8_length(const uint8_t *p, size_t left)
{
	size_t		length = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 :
		p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;
	size_t		i;

	if (length > left)
		return 0;
	for (i = 1; i < length; i++)
	{
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
		(p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return length;
}

static SiTokenStatus
check_utf8(const char *bytes, size_t size)
{
	const uint8_t *p = (const uint8_t *) bytes;
	size_t		length;

	for (; size > 0; size -= length, p += length)
	{
		length = utf8_length(p, size);
		if (length == 0)
			return SI_TOKEN_NOT_UTF8;
		if (*p == 0)
			return SI_TOKEN_HAS_NUL;
	}
	return SI_TOKEN_OK;
}

/* Returns where the next byte goes. */
static char *
put_utf8(char *out, uint32_t code)
{
	if (code < 0x80)
	{
		*out++ = (char) code;
		return out;
	}
	if (code < 0x800)
		*out++ = (char) (0xc0 | code >> 6);
	else
	{
		if (code < 0x10000)
			*out++ = (char) (0xe0 | code >> 12);
		else
		{
			*out++ = (char) (0xf0 | code >> 18);
			*out++ = (char) (0x80 | (code >> 12 & 0x3f));
		}
		*out++ = (char) (0x80 | (code >> 6 & 0x3f));
	}
	*out++ = (char) (0x80 | (code & 0x3f));
	return out;
}

/* ---------- characters ---------- */

/* NUL at the end; there is none before it. */
static inline char
peek(const SiJsonReader *reader)
{
	return reader->at < reader->end ? *reader->at : '\0';
}

static inline bool
accept(SiJsonReader *reader, char c)
{
	if (peek(reader) != c)
		return false;
	reader->at++;
	return true;
}

static inline void
skip_space(SiJsonReader *reader)
{
	while (accept(reader, ' ') || accept(reader, '\t') ||
		   accept(reader, '\n') || accept(reader, '\r'))
		;
}

static inline bool
accept_after_space(SiJsonReader *reader, char c)
{
	skip_space(reader);
	return accept(reader, c);
}

/* ---------- texts ---------- */

static bool
read_hex(SiJsonReader *reader, uint32_t *code)
{
	int			i;

	*code = 0;
	for (i = 0; i < 4; i++)
	{
		char		c = peek(reader);

		if (c >= '0' && c <= '9')
			*code = *code << 4 | (uint32_t) (c - '0');
		else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
			*code = *code << 4 | (uint32_t) ((c & 0xf) + 9);
		else
			return false;
		reader->at++;
	}
	return true;
}

/* What follows \u. */
static SiTokenStatus
read_code(SiJsonReader *reader, char **out)
{
	uint32_t	code;
	uint32_t	low;

	if (!read_hex(reader, &code))
		return SI_TOKEN_BAD_JSON;
	if (code == 0)
		return SI_TOKEN_HAS_NUL;
	if (IS_LOW_SURROGATE(code))
		return SI_TOKEN_LONE_SURROGATE;
	if (IS_HIGH_SURROGATE(code))
	{
		if (!accept(reader, '\\') || !accept(reader, 'u') ||
			!read_hex(reader, &low) || !IS_LOW_SURROGATE(low))
			return SI_TOKEN_LONE_SURROGATE;
		code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
	}
	*out = put_utf8(*out, code);
	return SI_TOKEN_OK;
}

/* What follows a backslash. */
static SiTokenStatus
read_escape(SiJsonReader *reader, char **out)
{
	static const char letter[] = "\"\\/bfnrt";
	static const char meaning[] = "\"\\/\b\f\n\r\t";
	const char *found;

	if (accept(reader, 'u'))
		return read_code(reader, out);
	if (reader->at == reader->end)
		return SI_TOKEN_BAD_JSON;
	found = memchr(letter, *reader->at++, sizeof(letter) - 1);
	if (found == NULL)
		return SI_TOKEN_BAD_JSON;
	*(*out)++ = meaning[found - letter];
	return SI_TOKEN_OK;
}

/* What follows the opening quote, to the closing one. */
static SiTokenStatus
read_text(SiJsonReader *reader, SiText *text)
{
	char	   *out = reader->at;
	SiTokenStatus status = SI_TOKEN_OK;

	text->data = out;
	while (status == SI_TOKEN_OK)
	{
		char		c = peek(reader);

		if ((uint8_t) c < 0x20)
			return SI_TOKEN_BAD_JSON;	/* the end too */
		reader->at++;
		if (c == '"')
			break;
		if (c == '\\')
			status = read_escape(reader, &out);
		else
			*out++ = c;
	}
	text->length = (int32_t) (out - text->data);
	return status;
}

/* ---------- other values ---------- */

/* Were there any? */
static bool
skip_digits(SiJsonReader *reader)
{
	const char *start = reader->at;

	while (peek(reader) >= '0' && peek(reader) <= '9')
		reader->at++;
	return reader->at > start;
}

static SiTokenStatus
read_number(SiJsonReader *reader, SiText *number)
{
	number->data = reader->at;
	accept(reader, '-');
	if (!accept(reader, '0') && !skip_digits(reader))
		return SI_TOKEN_BAD_JSON;
	if (accept(reader, '.') && !skip_digits(reader))
		return SI_TOKEN_BAD_JSON;
	if (accept(reader, 'e') || accept(reader, 'E'))
	{
		if (!accept(reader, '+'))
			accept(reader, '-');
		if (!skip_digits(reader))
			return SI_TOKEN_BAD_JSON;
	}
	number->length = (int32_t) (reader->at - number->data);
	return SI_TOKEN_OK;
}

/* One of three; what follows it must be a comma or the end, as ever. */
static SiTokenStatus
read_word(SiJsonReader *reader, SiText *word)
{
	static const SiText words[] = {{"true", 4}, {"false", 5}, {"null", 4}};
	size_t		i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
	{
		if (reader->end - reader->at >= words[i].length &&
			memcmp(reader->at, words[i].data, words[i].length) == 0)
		{
			reader->at += words[i].length;
			*word = words[i];
			return SI_TOKEN_OK;
		}
	}
	return SI_TOKEN_BAD_JSON;
}

static SiTokenStatus
read_value(SiJsonReader *reader, SiJsonMember *member)
{
	char		c = peek(reader);

	if (c == '{' || c == '[')
		return SI_TOKEN_NESTED;
	if (accept(reader, '"'))
	{
		member->kind = SI_JSON_TEXT;
		return read_text(reader, &member->value);
	}
	if (c == '-' || (c >= '0' && c <= '9'))
	{
		member->kind = SI_JSON_NUMBER;
		return read_number(reader, &member->value);
	}
	member->kind = SI_JSON_WORD;
	return read_word(reader, &member->value);
}

/* ---------- members ---------- */

static SiTokenStatus
read_name(SiJsonReader *reader, SiText *name)
{
	SiTokenStatus status;
	int			i;

	if (!accept_after_space(reader, '"'))
		return SI_TOKEN_BAD_JSON;
	status = read_text(reader, name);
	for (i = 0; status == SI_TOKEN_OK && i < reader->nnames; i++)
	{
		if (si_text_compare(*name, reader->names[i]) == 0)
			status = SI_TOKEN_DUPLICATE;
	}
	return status;
}

SiTokenStatus
si_json_open(SiJsonReader *reader, char *bytes, size_t size)
{
	SiTokenStatus status = check_utf8(bytes, size);

	reader->at = bytes;
	reader->end = bytes + size;
	reader->nnames = 0;
	if (status == SI_TOKEN_OK && !accept_after_space(reader, '{'))
		status = SI_TOKEN_NOT_OBJECT;
	return status;
}

SiTokenStatus
si_json_next(SiJsonReader *reader, SiJsonMember *member, bool *found)
{
	SiTokenStatus status;

	*found = false;
	if (accept_after_space(reader, '}'))
	{
		skip_space(reader);
		return reader->at == reader->end ? SI_TOKEN_OK : SI_TOKEN_TRAILING;
	}
	if (reader->nnames > 0 && !accept(reader, ','))
		return SI_TOKEN_BAD_JSON;
	if (reader->nnames == SI_TOKEN_MEMBERS)
		return SI_TOKEN_TOO_MANY;
	status = read_name(reader, &member->name);
	if (status != SI_TOKEN_OK)
		return status;
	reader->names[reader->nnames++] = member->name;
	if (!accept_after_space(reader, ':'))
		return SI_TOKEN_BAD_JSON;
	skip_space(reader);
	*found = true;
	return read_value(reader, member);
}
