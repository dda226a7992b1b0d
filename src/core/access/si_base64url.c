/*
 * si_base64url.c
 *	  Bytes as text of the URL-safe alphabet, without padding.
 *
 * Method: RFC 4648, section 5, with padding left out as RFC 7515, section 2,
 * says.
 *
 * Special cases: the decoder takes each byte string in one form only.  Padding,
 * white space, other characters, a length that no bytes have (4n + 1) and bits
 * set past the last byte are refused, so that no two texts mean the same.
 */
#include "core/access/si_base64url.h"

size_t
si_base64url_encode(const uint8_t *bytes, size_t size, char *out)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"abcdefghijklmnopqrstuvwxyz0123456789-_";
	char	   *start = out;
	uint32_t	held = 0;
	int			bits = 0;
	size_t		i;

	for (i = 0; i < size; i++)
	{
		held = held << 8 | bytes[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = digit[held >> (bits - 6) & 63];
	}
	if (bits > 0)
		*out++ = digit[held << (6 - bits) & 63];
	return (size_t) (out - start);
}

/* The six bits of a digit, or -1. */
static inline int
digit_value(char c)
{
	static const int8_t value[] = {
		62, -1, -1,				/* '-', '.', '/' */
		52, 53, 54, 55, 56, 57, 58, 59, 60, 61, /* '0' to '9' */
		-1, -1, -1, -1, -1, -1, -1,
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,	/* 'A' to 'Z' */
		13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
		-1, -1, -1, -1, 63, -1, /* '_' is the last but one of these */
		26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, /* 'a' to 'z' */
		39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51
	};

	return c >= '-' && c <= 'z' ? value[c - '-'] : -1;
}

bool
si_base64url_decode(SiText text, uint8_t *out)
{
	uint32_t	held = 0;
	int			bits = 0;
	int32_t		i;

	for (i = 0; i < text.length; i++)
	{
		int			value = digit_value(text.data[i]);

		if (value < 0)
			return false;
		held = held << 6 | (uint32_t) value;
		bits += 6;
		if (bits >= 8)
		{
			bits -= 8;
			*out++ = (uint8_t) (held >> bits);
		}
	}
	/* six bits left are a digit of nothing */
	return bits < 6 && (held & ((1U << bits) - 1)) == 0;
}
