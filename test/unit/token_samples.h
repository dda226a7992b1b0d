/*
 * token_samples.h
 *
 * Tokens to take apart, made of the JSON of their header and claims, and taken
 * apart in memory of exactly their size, under sanitizers.
 */
#ifndef TOKEN_SAMPLES_H
#define TOKEN_SAMPLES_H

#include <stdlib.h>
#include <string.h>

#include "core/access/si_base64url.h"
#include "core/access/si_token.h"

#define HEADER		"{\"alg\":\"HS256\",\"kid\":\"2024-06\",\"typ\":\"JWT\"}"
#define REQUIRED	"\"sub\":\"rep-17\",\"aud\":\"7409301882345678901/16384\"," \
	"\"iat\":1718000000,\"exp\":1718000060,\"jti\":\"8d0c3b5e-41aa\""
#define CLAIMS		"{" REQUIRED "}"
#define ALL_CLAIMS	"{" REQUIRED ",\"prj\":\"Alpha \\u00e9\\ud83d\\ude00\"," \
	"\"pur\":\"renewal\",\"nonce\":\"n-0S6_WzA2Mj\",\"admin\":true}"

#define SAMPLE_ROOM	16384

typedef struct Parsed
{
	char	   *text;
	char	   *work;
	SiToken		token;
	SiTokenStatus status;
} Parsed;

static inline Parsed
parse_exact(const char *text, size_t length)
{
	Parsed		parsed;

	parsed.text = malloc(length + (length == 0));
	if (length > 0)
		memcpy(parsed.text, text, length);
	parsed.work = malloc(SI_TOKEN_WORK);
	parsed.status = si_token_parse(parsed.text, length, parsed.work,
								   &parsed.token);
	return parsed;
}

static inline void
release(Parsed *parsed)
{
	free(parsed->text);
	free(parsed->work);
}

/* It begins with the rest of a character, and a NUL. */
static inline void
sample_signature(uint8_t *signature)
{
	for (int i = 0; i < SI_TOKEN_SIGNATURE; i++)
		signature[i] = (uint8_t) (i < 2 ? 0x85 : (i - 2) * 37);
}

/* Write header.claims.signature to out, SAMPLE_ROOM at most; its length. */
static inline size_t
join_token(char *out, const char *header, size_t header_size,
		   const char *claims, size_t claims_size)
{
	uint8_t		signature[SI_TOKEN_SIGNATURE];
	char	   *start = out;

	sample_signature(signature);
	out += si_base64url_encode((const uint8_t *) header, header_size, out);
	*out++ = '.';
	out += si_base64url_encode((const uint8_t *) claims, claims_size, out);
	*out++ = '.';
	out += si_base64url_encode(signature, sizeof(signature), out);
	return (size_t) (out - start);
}

static inline size_t
make_token(char *out, const char *header, const char *claims)
{
	return join_token(out, header, strlen(header), claims, strlen(claims));
}

static inline bool
text_is(SiText text, const char *word)
{
	return text.data != NULL && (size_t) text.length == strlen(word) &&
		memcmp(text.data, word, text.length) == 0;
}

/* Is the text given its signed part, a dot, and its signature encoded? */
static inline bool
is_its_text(const Parsed *parsed, size_t length)
{
	char		signature[SI_BASE64URL_LENGTH(SI_TOKEN_SIGNATURE)];
	SiText		part = parsed->token.signed_part;

	si_base64url_encode(parsed->token.signature, SI_TOKEN_SIGNATURE, signature);
	return part.data == parsed->text &&
		part.length + 1 + sizeof(signature) == length &&
		part.data[part.length] == '.' &&
		memcmp(part.data + part.length + 1, signature, sizeof(signature)) == 0;
}

#endif							/* TOKEN_SAMPLES_H */
