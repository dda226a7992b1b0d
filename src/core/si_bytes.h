/*
 * si_bytes.h
 *	  A bounded reader and writer of portable little-endian bytes.
 *
 * Encodings have no padding and no alignment.  A writer without a buffer only
 * counts, so that one walk over a structure gives both the size and the bytes.
 * A reader never looks past its end: the first fault makes it `bad`, and from
 * then on every read gives zero, so a decoder checks once, where it decides.
 */
#ifndef SI_BYTES_H
#define SI_BYTES_H

#include <string.h>

#include "core/si_core.h"

/* Every NaN is written as this one, so that equal content is equal bytes. */
#define SI_NAN_BITS		UINT64_C(0x7ff8000000000000)

typedef struct SiWriter
{
	uint8_t    *out;			/* NULL: only count */
	size_t		size;			/* bytes written so far */
} SiWriter;

typedef struct SiReader
{
	const uint8_t *at;
	size_t		left;
	bool		bad;
} SiReader;

/* Compilers make one load or store of each of these four. */
static inline uint32_t
si_load_u32(const uint8_t *p)
{
	return (uint32_t) p[0] | (uint32_t) p[1] << 8 |
		(uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
}

static inline uint64_t
si_load_u64(const uint8_t *p)
{
	return (uint64_t) si_load_u32(p) | (uint64_t) si_load_u32(p + 4) << 32;
}

static inline void
si_store_u32(uint8_t *p, uint32_t value)
{
	p[0] = (uint8_t) value;
	p[1] = (uint8_t) (value >> 8);
	p[2] = (uint8_t) (value >> 16);
	p[3] = (uint8_t) (value >> 24);
}

static inline void
si_store_u64(uint8_t *p, uint64_t value)
{
	si_store_u32(p, (uint32_t) value);
	si_store_u32(p + 4, (uint32_t) (value >> 32));
}

/* The bytes of a double, with every NaN the same. */
static inline uint64_t
si_double_bits(double value)
{
	uint64_t	bits;

	if (value != value)
		return SI_NAN_BITS;
	memcpy(&bits, &value, sizeof(bits));
	return bits;
}

static inline double
si_bits_double(uint64_t bits)
{
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Bytewise order, a prefix first: below, at or above zero. */
static inline int
si_text_compare(SiText a, SiText b)
{
	int32_t		shared = a.length < b.length ? a.length : b.length;
	int			order = shared > 0 ? memcmp(a.data, b.data, shared) : 0;

	return order != 0 ? order : (a.length > b.length) - (a.length < b.length);
}

/*
 * Writing.  The caller gives a buffer of the size that a counting walk over
 * the same structure found.
 */
static inline void
si_write_raw(SiWriter *writer, const void *bytes, size_t size)
{
	if (writer->out != NULL && size > 0)
		memcpy(writer->out + writer->size, bytes, size);
	writer->size += size;
}

static inline void
si_write_u8(SiWriter *writer, uint8_t value)
{
	si_write_raw(writer, &value, 1);
}

static inline void
si_write_u16(SiWriter *writer, uint16_t value)
{
	si_write_u8(writer, (uint8_t) value);
	si_write_u8(writer, (uint8_t) (value >> 8));
}

static inline void
si_write_u32(SiWriter *writer, uint32_t value)
{
	if (writer->out != NULL)
		si_store_u32(writer->out + writer->size, value);
	writer->size += 4;
}

static inline void
si_write_u64(SiWriter *writer, uint64_t value)
{
	if (writer->out != NULL)
		si_store_u64(writer->out + writer->size, value);
	writer->size += 8;
}

static inline void
si_write_i64(SiWriter *writer, int64_t value)
{
	si_write_u64(writer, (uint64_t) value);
}

static inline void
si_write_f64(SiWriter *writer, double value)
{
	si_write_u64(writer, si_double_bits(value));
}

/* Seven bits a byte, the low ones first, in the fewest bytes that hold them. */
static inline void
si_write_varint(SiWriter *writer, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		si_write_u8(writer, (uint8_t) (value | 0x80));
	si_write_u8(writer, (uint8_t) value);
}

/* length must not be negative */
static inline void
si_write_text(SiWriter *writer, SiText text)
{
	si_write_u32(writer, (uint32_t) text.length);
	si_write_raw(writer, text.data, (size_t) text.length);
}

/* Reading. */
static inline SiReader
si_reader(const void *bytes, size_t size)
{
	SiReader	reader = {(const uint8_t *) bytes, size, false};

	return reader;
}

static inline void
si_read_fail(SiReader *reader)
{
	reader->bad = true;
	reader->left = 0;
}

/* A fault unless the condition holds. */
static inline void
si_read_check(SiReader *reader, bool holds)
{
	if (!holds)
		si_read_fail(reader);
}

/* The next size bytes in place, or NULL if there are not so many. */
static inline const uint8_t *
si_read_raw(SiReader *reader, size_t size)
{
	const uint8_t *bytes = reader->at;

	if (reader->bad || size > reader->left)
	{
		si_read_fail(reader);
		return NULL;
	}
	reader->at += size;
	reader->left -= size;
	return bytes;
}

static inline uint8_t
si_read_u8(SiReader *reader)
{
	const uint8_t *bytes = si_read_raw(reader, 1);

	return bytes != NULL ? bytes[0] : 0;
}

static inline uint16_t
si_read_u16(SiReader *reader)
{
	const uint8_t *bytes = si_read_raw(reader, 2);

	return bytes != NULL ? (uint16_t) (bytes[0] | bytes[1] << 8) : 0;
}

static inline uint32_t
si_read_u32(SiReader *reader)
{
	const uint8_t *bytes = si_read_raw(reader, 4);

	return bytes != NULL ? si_load_u32(bytes) : 0;
}

static inline uint64_t
si_read_u64(SiReader *reader)
{
	const uint8_t *bytes = si_read_raw(reader, 8);

	return bytes != NULL ? si_load_u64(bytes) : 0;
}

static inline int64_t
si_read_i64(SiReader *reader)
{
	return (int64_t) si_read_u64(reader);
}

static inline double
si_read_f64(SiReader *reader)
{
	return si_bits_double(si_read_u64(reader));
}

/* A fault if it is not the shortest form, or does not fit in 64 bits. */
static inline uint64_t
si_read_varint(SiReader *reader)
{
	uint64_t	value = 0;
	uint8_t		byte = 0x80;
	int			shift;

	for (shift = 0; shift < 64 && byte >= 0x80; shift += 7)
	{
		byte = si_read_u8(reader);
		value |= (uint64_t) (byte & 0x7f) << shift;
	}
	si_read_check(reader, byte < 0x80 && (byte > 0 || shift == 7) &&
				  (shift < 70 || byte == 1));
	return reader->bad ? 0 : value;
}

/*
 * A count of items to follow, each of at least item_size > 0 bytes: a fault
 * if it is above limit or if so many cannot fit in what is left.
 */
static inline uint32_t
si_read_count(SiReader *reader, uint32_t limit, size_t item_size)
{
	uint32_t	count = si_read_u32(reader);

	if (count > limit || count > reader->left / item_size)
	{
		si_read_fail(reader);
		return 0;
	}
	return count;
}

/*
 * A reader of bytes that end with the hash of all before (si_hash_bytes), of
 * these; bad from the start if it is not theirs.
 */
extern SiReader si_reader_hashed(const void *bytes, size_t size);

/* The text points into the bytes; empty, with data NULL, after a fault. */
static inline SiText
si_read_text(SiReader *reader)
{
	uint32_t	length = si_read_count(reader, INT32_MAX, 1);
	SiText		text = {(const char *) si_read_raw(reader, length),
	(int32_t) length};

	if (text.data == NULL)
		text.length = 0;
	return text;
}

#endif							/* SI_BYTES_H */
