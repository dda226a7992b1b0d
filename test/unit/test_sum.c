/*
 * test_sum.c
 *
 * Compensated sums: exact where they must be, equal for any order and split.
 */
#include "tap.h"

#include "core/stats/si_sum.h"
#include "scored.h"

#define TERMS	20000

static double
sum_of(int n, const double *x)
{
	SiSum		sum = {0.0, 0.0};

	for (int i = 0; i < n; i++)
		si_sum_add(&sum, x[i]);
	return si_sum_value(&sum);
}

/* The same terms in random order, split into parts that are merged. */
static double
sum_of_parts(int n, const double *x)
{
	SiSum		part[7] = {{0.0, 0.0}};
	int			offset = random_below(n);

	for (int i = 0; i < n; i++)
		si_sum_add(&part[random_below(7)], x[(i * 7919 + offset) % n]);
	for (int k = 1; k < 7; k++)
		si_sum_merge(&part[0], &part[k]);
	return si_sum_value(&part[0]);
}

static void
test_extremes(void)
{
	const double cancel[] = {1.0, 1e100, 1.0, -1e100};
	const double infinite[] = {1.0, INFINITY, 2.0};
	const double undefined[] = {INFINITY, 1.0, -INFINITY};
	const double overflow[] = {1.7e308, 1.7e308, 1.0};
	const double tenths[] = {.1, .1, .1, .1, .1, .1, .1, .1, .1, .1};
	SiSum		twice = {3.0, 0x1p-60};

	ok(sum_of(4, cancel) == 2.0, "what cancels is not lost");
	ok(sum_of(10, tenths) == 1.0, "ten tenths are one");
	ok(sum_of(3, infinite) == INFINITY, "infinity stays");
	ok(isnan(sum_of(3, undefined)), "infinities of both signs are NaN");
	ok(sum_of(3, overflow) == INFINITY, "overflow is infinity");
	ok(sum_of(0, NULL) == 0.0, "an empty sum is zero");
	ok(si_sum_add_lost(&twice, 0x1p-40) == 0.0 &&
	   si_sum_add_lost(&twice, -0x1p-40) == 0.0 && twice.low == 0x1p-60,
	   "nothing is lost within 106 bits");
	ok(si_sum_add_lost(&twice, 0x1p-120) == 0x1p-120 && twice.low == 0x1p-60,
	   "and beyond it is told");
	si_sum_merge(&twice, &twice);
	ok(twice.high == 6.0 && twice.low == 0x1p-59, "a sum merged with itself");
}

int
main(void)
{
	static double x[TERMS];
	double		whole;
	int			same = 0;

	test_extremes();
	for (int i = 0; i < TERMS; i++)
		x[i] = exp(20.0 * random_unit() - 15.0);
	whole = sum_of(TERMS, x);
	for (int round = 0; round < 100; round++)
		same += sum_of_parts(TERMS, x) == whole;
	ok(same == 100, "equal to the last bit in any order and split (%d)", same);

	for (int i = 0; i < TERMS; i++)
		x[i] = floor(ldexp(random_unit(), 53));
	whole = 0.0;
	for (int i = 0; i < TERMS; i++)
		whole = fmod(whole + fmod(x[i], 1024.0), 1024.0);
	x[0] -= whole;				/* now a multiple of 1024, above 2^53 */
	ok(fmod(sum_of(TERMS, x), 1024.0) == 0.0, "integers are added exactly");
	return done_testing();
}
