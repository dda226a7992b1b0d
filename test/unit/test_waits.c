/*
 * test_waits.c
 *
 * Waits: exact while they are few, cut to the same digits however they come in
 * parts when they are many, and their quantiles.
 */
#include "tap.h"

#include <stdlib.h>

#include "core/sequence/si_waits.h"
#include "core/si_hash.h"

#define MANY	1000000

static void
pulse(void)
{
}

static uint64_t wait_state = 1;

static uint64_t
random_wait(int digits)
{
	return si_hash_mix(UINT64_C(20240903), wait_state++) >> (64 - digits);
}

typedef struct Waits
{
	int64_t		n;
	int			digits;
	SiKeyed    *waits;
} Waits;

/* Sorts and settles what was appended. */
static void
settle(Waits *w)
{
	SiKeyed    *scratch = malloc(sizeof(SiKeyed) * (size_t) (w->n + 1));

	si_sort_keyed(w->n, w->waits, scratch, pulse);
	w->n = si_waits_settle(w->n, w->waits, &w->digits, pulse);
	free(scratch);
}

static Waits
settled(int64_t n, const uint64_t *value)
{
	Waits		w = {n, SI_WAIT_DIGITS, malloc(sizeof(SiKeyed) * (size_t) n)};

	for (int64_t i = 0; i < n; i++)
	{
		w.waits[i].key = value[i];
		w.waits[i].item = 1;
	}
	settle(&w);
	return w;
}

static bool
equal_waits(const Waits *a, const Waits *b)
{
	return a->n == b->n && a->digits == b->digits &&
		memcmp(a->waits, b->waits, sizeof(SiKeyed) * (size_t) a->n) == 0;
}

/* All at once, and in parts that are settled on their own, then merged. */
static void
test_parts(int digits, int parts)
{
	uint64_t   *value = malloc(sizeof(uint64_t) * MANY);
	Waits		whole;
	Waits		merged = {0, SI_WAIT_DIGITS, NULL};

	merged.waits = malloc(sizeof(SiKeyed) * 2 * MANY);
	for (int64_t i = 0; i < MANY; i++)
		value[i] = random_wait(1 + (int) (i % digits));
	whole = settled(MANY, value);
	for (int part = 0; part < parts; part++)
	{
		int64_t		start = MANY / parts * part;
		int64_t		end = part == parts - 1 ? MANY : start + MANY / parts;
		Waits		w = settled(end - start, value + start);

		memcpy(merged.waits + merged.n, w.waits,
			   sizeof(SiKeyed) * (size_t) w.n);
		merged.n += w.n;
		merged.digits = w.digits < merged.digits ? w.digits : merged.digits;
		if (part % 3 == 2)
			settle(&merged);
		free(w.waits);
	}
	settle(&merged);
	ok(whole.n <= SI_WAIT_VALUES && whole.digits >= SI_WAIT_LEAST &&
	   equal_waits(&whole, &merged),
	   "up to %d binary digits in %d parts: %d of %d values left, %d digits",
	   digits, parts, (int) whole.n, MANY, whole.digits);
	free(whole.waits);
	free(merged.waits);
	free(value);
}

/* One digit more would leave too many values. */
static void
test_most_digits(void)
{
	uint64_t   *value = malloc(sizeof(uint64_t) * MANY);
	bool	   *seen = calloc(1 << 22, sizeof(bool));
	int64_t		longer = 0;
	Waits		w;

	for (int64_t i = 0; i < MANY; i++)
		value[i] = UINT64_C(1) << 40 | random_wait(40);
	w = settled(MANY, value);
	for (int64_t i = 0; w.digits < 22 && i < MANY; i++)
	{
		uint64_t	place = value[i] >> (40 - w.digits) & ((1 << 22) - 1);

		longer += !seen[place];
		seen[place] = true;
	}
	ok(w.n <= SI_WAIT_VALUES && longer > SI_WAIT_VALUES,
	   "%d digits leave %d values, one more %d", w.digits, (int) w.n,
	   (int) longer);
	free(w.waits);
	free(value);
	free(seen);
}

static void
test_exact(void)
{
	uint64_t	value[] = {5, 0, 7, 5, UINT64_MAX, 5, 1, 1};
	Waits		w = settled(8, value);

	ok(w.n == 5 && w.digits == SI_WAIT_DIGITS && w.waits[0].key == 0 &&
	   w.waits[1].key == 1 && w.waits[1].item == 2 && w.waits[2].item == 3 &&
	   w.waits[4].key == UINT64_MAX, "few waits stay as they are");
	ok(si_waits_quantile(5, w.waits, 8, 64, 0.5) == 5 &&
	   si_waits_quantile(5, w.waits, 8, 64, 0.0) == 0 &&
	   si_waits_quantile(5, w.waits, 8, 64, 1.0) == UINT64_MAX,
	   "median, least and largest");
	free(w.waits);
}

/* R's quantile(x, type = 7), the default: c(10, 20, 40, 80). */
static void
test_quantiles(void)
{
	uint64_t	value[] = {10, 20, 40, 80};
	Waits		w = settled(4, value);
	SiKeyed		one = {12345, 1};
	SiKeyed		same = {12345, 1000};

	ok(si_waits_quantile(4, w.waits, 4, 64, 0.5) == 30, "between two");
	ok(si_waits_quantile(4, w.waits, 4, 64, 0.9) == 68, "nine tenths");
	ok(si_waits_quantile(4, w.waits, 4, 64, 0.25) == 18, "rounded (17.5)");
	ok(si_waits_quantile(1, &one, 1, 64, 0.9) == 12345, "of one");
	ok(si_waits_quantile(1, &same, 1000, 64, 0.5) == 12345, "of equal ones");
	ok(si_waits_quantile(1, &same, 1000, 13, 0.5) == 12346,
	   "a cut one stands for the middle");
	free(w.waits);
}

static void
test_cut(void)
{
	ok(si_wait_cut(0, 13) == 0 && si_wait_cut(8191, 13) == 8191 &&
	   si_wait_cut(8193, 13) == 8192 &&
	   si_wait_cut(UINT64_MAX, 64) == UINT64_MAX &&
	   si_wait_cut(UINT64_MAX, 1) == UINT64_C(1) << 63, "leading digits");
}

int
main(void)
{
	test_cut();
	test_exact();
	test_quantiles();
	test_parts(64, 1);
	test_parts(64, 7);
	test_parts(30, 100);
	test_parts(17, 3);
	test_most_digits();
	return done_testing();
}
