/*
 * test_bytes.c
 *	  The bounded reader and writer: what goes in comes out, nothing else does.
 */
#include <stdlib.h>

#include "core/si_bytes.h"
#include "tap.h"

static void
write_all(SiWriter *out)
{
	SiText		text = {"Gr\xc3\xb6\xc3\x9f" "e", 7};
	SiText		empty = {NULL, 0};

	si_write_u8(out, 0xfe);
	si_write_u16(out, 0xfedc);
	si_write_u32(out, UINT32_C(0xfedcba98));
	si_write_u64(out, UINT64_C(0xfedcba9876543210));
	si_write_i64(out, INT64_MIN);
	si_write_f64(out, -0.0);
	si_write_f64(out, -NAN);
	si_write_text(out, text);
	si_write_text(out, empty);
	si_write_raw(out, "end", 3);
}

static void
test_round_trip(void)
{
	SiWriter	counting = {NULL, 0};
	SiWriter	writing = {NULL, 0};
	SiReader	in;
	SiText		text;

	write_all(&counting);
	writing.out = malloc(counting.size);
	write_all(&writing);
	ok(counting.size == 1 + 2 + 4 + 4 * 8 + 4 + 7 + 4 + 3, "counted size");
	ok(writing.size == counting.size, "written size");
	ok(memcmp(writing.out, "\xfe\xdc\xfe\x98\xba\xdc\xfe\x10\x32", 9) == 0,
	   "lowest byte first");

	in = si_reader(writing.out, writing.size);
	ok(si_read_u8(&in) == 0xfe, "u8");
	ok(si_read_u16(&in) == 0xfedc, "u16");
	ok(si_read_u32(&in) == UINT32_C(0xfedcba98), "u32");
	ok(si_read_u64(&in) == UINT64_C(0xfedcba9876543210), "u64");
	ok(si_read_i64(&in) == INT64_MIN, "i64");
	ok(signbit(si_read_f64(&in)), "f64, minus zero");
	ok(si_read_u64(&in) == SI_NAN_BITS, "every NaN is the same");
	text = si_read_text(&in);
	ok(text.length == 7 && memcmp(text.data, "Gr\xc3\xb6", 4) == 0, "text");
	text = si_read_text(&in);
	ok(text.length == 0 && text.data != NULL && !in.bad, "empty text");
	ok(memcmp(si_read_raw(&in, 3), "end", 3) == 0, "raw");
	ok(in.left == 0 && !in.bad, "nothing left, no fault");
	free(writing.out);
}

static void
test_fault_stays(void)
{
	uint8_t    *bytes = calloc(1, 7);
	SiReader	in = si_reader(bytes, 7);

	bytes[0] = 9;
	ok(si_read_u64(&in) == 0 && in.bad, "no u64 in seven bytes");
	ok(si_read_u8(&in) == 0 && in.bad, "nor anything after the fault");
	ok(si_read_raw(&in, 0) == NULL, "not even nothing");
	in = si_reader(bytes, 7);
	ok(si_read_raw(&in, SIZE_MAX) == NULL && in.bad, "no huge size");
	in = si_reader(NULL, 0);
	ok(si_read_text(&in).length == 0 && in.bad, "no text in no bytes");
	free(bytes);
}

/* A count of items to follow, before so many bytes. */
static uint32_t
read_count(uint32_t count, uint32_t limit, size_t item_size, size_t left)
{
	uint8_t    *bytes = calloc(1, 4 + left);
	SiReader	in = si_reader(bytes, 4 + left);

	si_store_u32(bytes, count);
	count = si_read_count(&in, limit, item_size);
	count = in.bad ? UINT32_MAX : count;
	free(bytes);
	return count;
}

static void
test_counts(void)
{
	ok(read_count(3, 10, 8, 24) == 3, "a count that just fits");
	ok(read_count(3, 10, 8, 23) == UINT32_MAX, "one byte short");
	ok(read_count(0, 0, 8, 0) == 0, "nothing to follow");
	ok(read_count(11, 10, 1, 100) == UINT32_MAX, "above the limit");
	ok(read_count(UINT32_MAX, UINT32_MAX, SIZE_MAX / 2, 100) == UINT32_MAX,
	   "a product that would overflow");
	ok(read_count(0x80000000u, INT32_MAX, 1, 100) == UINT32_MAX,
	   "a length past the sign bit");
}

static int
compare(const char *a, const char *b)
{
	SiText		left = {a, (int32_t) strlen(a)};
	SiText		right = {b, (int32_t) strlen(b)};

	return si_text_compare(left, right);
}

static void
test_order(void)
{
	ok(compare("a", "a") == 0 && compare("", "") == 0, "equal");
	ok(compare("", "a") < 0 && compare("ab", "a") > 0, "a prefix comes first");
	ok(compare("B", "a") < 0 && compare("z", "\xc3\xa4") < 0,
	   "bytes, not letters, and unsigned");
}

int
main(void)
{
	test_round_trip();
	test_fault_stays();
	test_counts();
	test_order();
	return done_testing();
}
