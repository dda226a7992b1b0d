/*
 * test_base64url.c
 *	  Bytes as text: vectors of the standards, and that a text is refused if the
 *	  encoder does not make it.
 */
#include <string.h>

#include "core/access/si_base64url.h"
#include "tap.h"

/* RFC 4648, section 10, and RFC 7515, appendix C; without padding. */
static void
test_vectors(void)
{
	static const struct
	{
		const char *bytes;
		const char *text;
	}			vector[] =
	{
		{"", ""}, {"f", "Zg"}, {"fo", "Zm8"}, {"foo", "Zm9v"},
		{"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"},
		{"\003\354\377\340\301", "A-z_4ME"}
	};

	for (size_t i = 0; i < sizeof(vector) / sizeof(vector[0]); i++)
	{
		size_t		size = strlen(vector[i].bytes);
		SiText		text = {vector[i].text, (int32_t) strlen(vector[i].text)};
		char		encoded[16];
		uint8_t		decoded[16];

		ok(si_base64url_encode((const uint8_t *) vector[i].bytes, size,
							   encoded) == (size_t) text.length &&
		   SI_BASE64URL_LENGTH(size) == (size_t) text.length &&
		   memcmp(encoded, text.data, text.length) == 0,
		   "bytes become \"%s\"", text.data);
		ok(si_base64url_decode(text, decoded) &&
		   SI_BASE64URL_SIZE(text.length) == size &&
		   memcmp(decoded, vector[i].bytes, size) == 0,
		   "\"%s\" becomes bytes again", text.data);
	}
}

/* How many of all texts of this length decode, and to what encodes again. */
static int
count_decoded(int32_t length)
{
	int			count = 0;

	for (uint32_t word = 0; word < 1U << 8 * length; word++)
	{
		char		text[3] = {(char) word, (char) (word >> 8),
		(char) (word >> 16)};
		uint8_t		bytes[2];
		char		again[3];

		if (si_base64url_decode((SiText) {text, length}, bytes) &&
			si_base64url_encode(bytes, (size_t) length - 1, again) ==
			(size_t) length)
			count += memcmp(text, again, (size_t) length) == 0 ? 1 : 1 << 24;
	}
	return count;
}

static void
test_canonical(void)
{
	ok(count_decoded(1) == 0, "no single character decodes");
	ok(count_decoded(2) == 256, "one text of two decodes for each byte");
	ok(count_decoded(3) == 65536, "one of three for each two bytes");
}

int
main(void)
{
	test_vectors();
	test_canonical();
	return done_testing();
}
