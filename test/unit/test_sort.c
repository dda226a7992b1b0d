/*
 * test_sort.c
 *
 * si_sort against a stable sort by definition, and the order of its keys.
 */
#include "tap.h"

#include <float.h>

#include "scored.h"

static int
by_key_then_item(const void *a, const void *b)
{
	const SiKeyed *x = a;
	const SiKeyed *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->item < y->item ? -1 : x->item > y->item;
}

/* Items are numbered, so that a stable sort is the sort by (key, item). */
static bool
sorts_as_qsort(int64_t n, const uint64_t *keys)
{
	SiKeyed    *got = malloc(sizeof(SiKeyed) * (size_t) (n + 1));
	SiKeyed    *want = malloc(sizeof(SiKeyed) * (size_t) (n + 1));
	SiKeyed    *scratch = malloc(sizeof(SiKeyed) * (size_t) (n + 1));
	bool		same;

	for (int64_t i = 0; i < n; i++)
	{
		got[i].key = keys[i];
		got[i].item = (uint64_t) i;
	}
	memcpy(want, got, sizeof(SiKeyed) * (size_t) n);
	qsort(want, (size_t) n, sizeof(SiKeyed), by_key_then_item);
	si_sort_keyed(n, got, scratch, pulse);
	same = memcmp(got, want, sizeof(SiKeyed) * (size_t) n) == 0;
	free(got);
	free(want);
	free(scratch);
	return same;
}

static void
test_random_keys(int64_t n, int bits, int shift, const char *what)
{
	uint64_t   *keys = malloc(sizeof(uint64_t) * (size_t) (n + 1));

	for (int64_t i = 0; i < n; i++)
	{
		random_unit();
		keys[i] = (random_state >> (64 - bits)) << shift;
	}
	ok(sorts_as_qsort(n, keys), "%lld %s", (long long) n, what);
	free(keys);
}

static void
test_patterns(int64_t n)
{
	uint64_t   *keys = malloc(sizeof(uint64_t) * (size_t) n);

	for (int64_t i = 0; i < n; i++)
		keys[i] = (uint64_t) i << 20;
	ok(sorts_as_qsort(n, keys), "%lld ascending", (long long) n);
	keys[n - 1] = 0;
	keys[n - 2] = UINT64_C(77) << 20;
	ok(sorts_as_qsort(n, keys), "%lld ascending with a short tail",
	   (long long) n);
	for (int64_t i = 0; i < n; i++)
		keys[i] = (uint64_t) (n - i);
	ok(sorts_as_qsort(n, keys), "%lld descending", (long long) n);
	for (int64_t i = 0; i < n; i++)
		keys[i] = 42;
	ok(sorts_as_qsort(n, keys), "%lld all equal", (long long) n);
	free(keys);
}

static void
test_pairs(int n)
{
	SiKeyed    *items = malloc(2 * n * sizeof(SiKeyed));
	bool		rising = true;

	for (int i = 0; i < n; i++)
		items[i] = (SiKeyed) {i * 48271u % 7, i * 7919u % 101};
	si_sort_pairs(n, items, items + n, pulse);
	for (int i = 1; i < n; i++)
		rising &= items[i - 1].key < items[i].key ||
			(items[i - 1].key == items[i].key &&
			 items[i - 1].item <= items[i].item);
	ok(rising, "%d pairs rise by key, then by item", n);
	free(items);
}

static void
test_key_order(void)
{
	const double ascending[] = {
		-INFINITY, -DBL_MAX, -1.0, -DBL_MIN, -0x1p-1074, 0.0, 0x1p-1074,
		DBL_MIN, 0.5, 1.0, DBL_MAX, INFINITY
	};
	bool		rising = true;

	for (size_t i = 1; i < sizeof(ascending) / sizeof(double); i++)
		rising &= si_sort_key(ascending[i - 1]) < si_sort_key(ascending[i]);
	ok(rising, "keys rise with doubles");
	ok(si_sort_key(-0.0) == si_sort_key(0.0), "negative zero is zero");
	ok(si_sort_key(NAN) > si_sort_key(INFINITY) &&
	   si_sort_key(NAN) == si_sort_key(-NAN), "NaN is one key, the last");
}

int
main(void)
{
	const int64_t sizes[] = {0, 1, 2, 63, 64, 65, 80, 1000, 70000, 200001};

	test_key_order();
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
	{
		test_random_keys(sizes[i], 64, 0, "random keys");
		test_random_keys(sizes[i], 4, 0, "keys with many ties");
		test_random_keys(sizes[i], 20, 40, "keys equal in low and high digits");
	}
	test_pairs(60);
	test_pairs(5000);
	test_patterns(64);
	test_patterns(500);
	test_patterns(150000);
	pulses = 0;
	test_random_keys(200000, 64, 0, "more");
	ok(pulses >= 16, "a long sort pulses");
	return done_testing();
}
