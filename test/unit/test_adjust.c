/*
 * test_adjust.c
 *
 * Adjusted p-values against R 4.2.2, p.adjust(), and by their definition.
 */
#include "tap.h"

#include "core/stats/si_adjust.h"
#include "scored.h"

#define MOST	300

static void
adjust(SiAdjustment method, int n, const double *p, double *adjusted)
{
	SiKeyed		items[MOST];
	SiKeyed		scratch[MOST];

	for (int i = 0; i < n; i++)
	{
		items[i].key = si_sort_key(p[i]);
		items[i].item = (uint64_t) i;
	}
	si_adjust(method, n, items, scratch, adjusted, pulse);
}

/* The p-values of scipy's example of false_discovery_control, shuffled. */
static const double p[] = {.022, .009, .387, .005, .361, .051, .019, .101};

static const double want[][8] = {
	{0.176, 0.072, 1, 0.04, 1, 0.408, 0.152, 0.808},
	{0.114, 0.063, 0.722, 0.04, 0.722, 0.204, 0.114, 0.303},
	{0.044, 0.036, 0.387, 0.036, 0.387, 0.0816, 0.044, 0.13466666666666668},
	{0.1195857142857143, 0.0978428571428571, 1, 0.0978428571428571, 1,
	0.221777142857143, 0.1195857142857143, 0.3660047619047619}
};

static void
test_golden(void)
{
	static const char *const name[] = {"bonferroni", "holm", "bh", "by"};
	double		got[8];

	for (int method = 0; method < 4; method++)
	{
		double		worst = 0;

		adjust((SiAdjustment) method, 8, p, got);
		for (int i = 0; i < 8; i++)
			worst = fmax(worst, fabs(got[i] - want[method][i]));
		ok(worst < 1e-14, "%s, within %.2g", name[method], worst);
	}
}

/* A p-value's adjusted value is the level at which its test is rejected. */
static double
by_definition(SiAdjustment method, int n, const double *value, double own)
{
	double		factor = 1;
	double		best = method == SI_ADJUST_HOLM ? 0 : 1;

	if (method == SI_ADJUST_BY)
	{
		factor = 0;
		for (int i = 1; i <= n; i++)
			factor += 1.0 / i;
	}
	if (method == SI_ADJUST_BONFERRONI)
		return fmin(1, n * own);
	for (int k = 0; k < n; k++)
	{
		double		upto = 0;
		double		below = 0;

		for (int i = 0; i < n; i++)
		{
			upto += value[i] <= value[k];
			below += value[i] < value[k];
		}
		if (method == SI_ADJUST_HOLM && value[k] <= own)
			best = fmax(best, fmin(1, (n - below) * value[k]));
		if (method != SI_ADJUST_HOLM && value[k] >= own)
			best = fmin(best, factor * n / upto * value[k]);
	}
	return best;
}

static void
test_random(void)
{
	double		value[MOST];
	double		got[MOST];
	int			wrong = 0;

	for (int round = 0; round < 200; round++)
	{
		int			n = 1 + random_below(40);
		SiAdjustment method = (SiAdjustment) (round % 4);

		for (int i = 0; i < n; i++)
			value[i] = random_below(30) / 29.0;
		adjust(method, n, value, got);
		for (int i = 0; i < n; i++)
			wrong += fabs(got[i] - by_definition(method, n, value, value[i])) >
				1e-14;
	}
	ok(wrong == 0, "random p-values with ties, by definition (%d)", wrong);
}

int
main(void)
{
	double		one = 0.3;
	double		got = 7;

	test_golden();
	test_random();
	adjust(SI_ADJUST_BY, 1, &one, &got);
	ok(got == 0.3, "one test");
	adjust(SI_ADJUST_BH, 0, &one, &got);
	ok(got == 0.3, "no test");
	return done_testing();
}
