/*
 * si_base64url.h
 *	  Bytes as text of the URL-safe alphabet, without padding.
 */
#ifndef SI_BASE64URL_H
#define SI_BASE64URL_H

#include "core/si_core.h"

/* How many characters so many bytes make, and back. */
#define SI_BASE64URL_LENGTH(size)	(((size_t) (size) * 4 + 2) / 3)
#define SI_BASE64URL_SIZE(length)	((size_t) (length) * 3 / 4)

/*
 * Write SI_BASE64URL_LENGTH(size) characters to out, no NUL after them; return
 * how many.
 */
extern size_t si_base64url_encode(const uint8_t *bytes, size_t size, char *out);

/*
 * Write SI_BASE64URL_SIZE(text.length) bytes to out.  False, with out not to
 * be used, unless the text is exactly what the encoder makes of them.
 */
extern bool si_base64url_decode(SiText text, uint8_t *out);

#endif							/* SI_BASE64URL_H */
