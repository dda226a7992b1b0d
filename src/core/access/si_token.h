/*
 * si_token.h
 *	  The text of a signed token, taken apart.
 *
 * A token is a JSON web token in compact form: header, claims and signature,
 * each in base64url without padding, joined by dots.  Taking it apart proves
 * nothing: who asks must verify that the signature is the HMAC-SHA-256 of
 * signed_part under the key named kid, before any claim counts, and compare
 * the claims with the clock and with itself (aud).
 *
 * A token that is taken apart has one text only: signed_part, a dot, and the
 * signature encoded.
 */
#ifndef SI_TOKEN_H
#define SI_TOKEN_H

#include "core/si_core.h"

#define SI_TOKEN_LONGEST		4096	/* bytes of text */
#define SI_TOKEN_WORK			(SI_TOKEN_LONGEST / 4 * 3)	/* bytes of room */
#define SI_TOKEN_SIGNATURE		32
#define SI_TOKEN_MEMBERS		32	/* at most, of header or claims */
#define SI_TOKEN_KID_LONGEST	64
#define SI_TOKEN_TEXT_LONGEST	255 /* sub, aud, prj, pur */
#define SI_TOKEN_JTI_SHORTEST	8
#define SI_TOKEN_JTI_LONGEST	128
#define SI_TOKEN_NONCE_LONGEST	128
#define SI_TOKEN_LATEST			INT64_C(253402300799)	/* the end of 9999 */

typedef enum SiTokenStatus
{
	SI_TOKEN_OK = 0,
	SI_TOKEN_TOO_LONG,
	SI_TOKEN_NOT_THREE_PARTS,
	SI_TOKEN_BAD_BASE64,		/* padding and idle bits among it */
	SI_TOKEN_BAD_SIGNATURE,		/* not of its size */
	SI_TOKEN_NOT_UTF8,
	SI_TOKEN_HAS_NUL,			/* as a byte or as an escape */
	SI_TOKEN_LONE_SURROGATE,
	SI_TOKEN_NOT_OBJECT,
	SI_TOKEN_BAD_JSON,
	SI_TOKEN_TRAILING,			/* bytes after the object */
	SI_TOKEN_NESTED,			/* an object or array as a value */
	SI_TOKEN_TOO_MANY,
	SI_TOKEN_DUPLICATE,
	SI_TOKEN_BAD_ALGORITHM,
	SI_TOKEN_NOT_JWT,			/* by its typ */
	SI_TOKEN_UNKNOWN_HEADER,	/* crit among them */
	SI_TOKEN_MISSING,
	SI_TOKEN_WRONG_TYPE,
	SI_TOKEN_BAD_LENGTH,
	SI_TOKEN_OUT_OF_RANGE,
	SI_TOKEN_STATUSES			/* how many there are */
} SiTokenStatus;

/*
 * Texts are UTF-8 without NUL, and not empty; data is NULL where an optional
 * one is absent.
 */
typedef struct SiToken
{
	SiText		signed_part;	/* in the text given: header, dot, claims */
	uint8_t		signature[SI_TOKEN_SIGNATURE];
	SiText		kid;			/* this and what follows: in the room given */
	SiText		sub;
	SiText		aud;
	SiText		jti;
	SiText		prj;			/* optional */
	SiText		pur;			/* optional */
	SiText		nonce;			/* optional */
	int64_t		iat;			/* seconds since 1970, 0 to SI_TOKEN_LATEST */
	int64_t		exp;
	const char *fault;			/* the member at fault, if it is a known one;
								 * a constant, never bytes of the token */
} SiToken;

/*
 * Take any bytes apart into *token, which lives as long as they and work, of
 * SI_TOKEN_WORK bytes.  After a fault nothing but token->fault is set.
 */
extern SiTokenStatus si_token_parse(const char *text, size_t length,
									char *work, SiToken *token);

/* Why a token was refused, as a sentence that holds nothing of it. */
extern const char *si_token_reason(SiTokenStatus status);

#endif							/* SI_TOKEN_H */
