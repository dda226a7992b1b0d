/*
 * test_conformal.c
 *
 * Pooled errors: order, ranks by hand, coverage of exchangeable errors, damaged
 * and forged bytes.
 */
#include "tap.h"

#include <math.h>
#include <stdlib.h>

#include "codec_fuzz.h"
#include "core/forecast/si_conformal.h"

static void
no_pulse(void)
{
}

static SiKeyed
error_of(double size, int step)
{
	SiKeyed		error = {(uint64_t) step, si_double_bits(size)};

	return error;
}

/* The bytes of errors, which are put in order. */
static uint8_t *
encode(int64_t n, SiKeyed *error, size_t *size)
{
	SiKeyed    *scratch = malloc(n * sizeof(SiKeyed));
	uint8_t    *bytes;

	si_sort_pairs(n, error, scratch, no_pulse);
	*size = si_conformal_size(n, error);
	bytes = malloc(*size);
	si_conformal_encode(n, error, bytes, no_pulse);
	free(scratch);
	return bytes;
}

static bool
recode(const uint8_t *bytes, size_t size, bool *same)
{
	SiConformal is;
	SiKeyed    *error;
	uint8_t    *again;
	size_t		length;

	if (si_conformal_open(bytes, size, &is, no_pulse) != SI_OK)
		return false;
	(void) si_conformal_reach(&is, 3, 0.9);
	error = malloc((is.errors + 1) * sizeof(SiKeyed));
	si_conformal_unpack(&is, error, no_pulse);
	again = encode(is.errors, error, &length);
	*same = length == size && memcmp(again, bytes, size) == 0;
	free(error);
	free(again);
	return true;
}

static void
test_ranks(void)
{
	SiKeyed		error[9];
	SiConformal is;
	uint8_t    *bytes;
	size_t		size;
	int			i;

	for (i = 0; i < 7; i++)
		error[i] = error_of((i * 5 + 3) % 7, 0);	/* 0 to 6 */
	error[7] = error_of(2.5, 2);
	error[8] = error_of(1.5, 2);
	bytes = encode(9, error, &size);
	ok(si_conformal_open(bytes, size, &is, no_pulse) == SI_OK &&
	   is.steps == 3 && is.errors == 9, "three steps, the middle one empty");
	ok(si_conformal_reach(&is, 0, 0.5) == 3.0, "rank 4 of 7 is the median");
	ok(si_conformal_reach(&is, 0, 0.8) == 6.0, "rank ceil(8 x 0.8) = 7");
	ok(si_conformal_reach(&is, 0, 0.99) == 6.0, "past the last, the largest");
	ok(si_conformal_reach(&is, 1, 0.5) == 3.0, "an empty step is as the last");
	ok(si_conformal_reach(&is, 2, 0.5) == 2.5, "rank ceil(3 x 0.5) = 2");
	ok(si_conformal_reach(&is, 99, 0.01) == 1.5, "steps beyond are as the last");
	fuzz_codec("pooled errors", bytes, size, recode);
	free(bytes);
}

/* Of 19 errors and one more, each rank is as likely: exactly the level. */
static void
test_coverage(void)
{
	int			within = 0;
	int			left;
	int			i;

	for (left = 0; left < 20; left++)
	{
		SiKeyed		error[19];
		SiConformal is;
		uint8_t    *bytes;
		size_t		size;
		int			n = 0;

		for (i = 0; i < 20; i++)
		{
			if (i != left)
				error[n++] = error_of(i, 0);
		}
		bytes = encode(19, error, &size);
		(void) si_conformal_open(bytes, size, &is, no_pulse);
		within += left <= si_conformal_reach(&is, 0, 0.8);
		free(bytes);
	}
	ok(within == 16, "16 of 20 lie within the interval of 80 percent");
}

/* 100 x 0.55 is 55.00000000000001 in doubles. */
static void
test_decimal_level(void)
{
	SiKeyed		error[99];
	SiConformal is;
	uint8_t    *bytes;
	size_t		size;
	int			i;

	for (i = 0; i < 99; i++)
		error[i] = error_of(i + 1, 0);
	bytes = encode(99, error, &size);
	(void) si_conformal_open(bytes, size, &is, no_pulse);
	ok(si_conformal_reach(&is, 0, 0.55) == 55.0, "rank 55 of 99");
	free(bytes);
}

int
main(void)
{
	test_ranks();
	test_coverage();
	test_decimal_level();
	return done_testing();
}
