/*
 * test_hypergeometric.c
 *
 * Fisher's distribution: golden values, every small table against exact sums,
 * and tables so large that only a smooth sum is fast enough.
 */
#include "tap.h"

#include "core/stats/distribution/si_hypergeometric.h"
#include "core/stats/table/si_contingency.h"
#include "scored.h"

/*
 * Sums over all tables with mpmath 1.2.1 at 40 digits, odds ratios by
 * bisection; the p-values equal those of fisher.test in R 4.2.2 to all digits
 * it prints, its estimates and limits are exact to about 1e-4 only.
 */
typedef struct Golden
{
	SiContingency table;
	double		p_value;
	double		cmle;
	double		low;			/* 95% */
	double		high;
} Golden;

static const Golden golden[] = {
	{{10, 20, 41, 93}, 0.82822566239247634, 1.1332630069659168,
	0.43344910939227283, 2.8093045489693588},
	{{3, 1, 1, 3}, 0.48571428571428571, 6.4083196581996743,
	0.21173559544657857, 626.24353058881404},
	{{1, 9, 11, 3}, 0.0027594561852200835, 0.03720908483238119,
	0.00063600294887510703, 0.42586647569637389},
	{{708, 613, 1538, 1829}, 1.0833648653907735e-6, 1.3734112931198731,
	1.2064242051600752, 1.5638063763901831},
	{{1835, 1786, 411, 656}, 2.7756443523337558e-12, 1.6397250364344116,
	1.4232327678864707, 1.8905206605149473},
	{{100, 2, 1000, 5}, 0.13007593634300169, 0.25052821859639782,
	0.040379491669631546, 2.6628430346194261},
	{{190, 800, 200, 900}, 0.57411185812608805, 1.0687159639069612,
	0.85205881741385175, 1.3401964615330958},
	{{0, 5, 7, 4}, 0.033653846153846154, 0.0, 0.0, 1.0666864054906036},
	{{6, 0, 2, 9}, 0.0022624434389140271, INFINITY, 2.414213562373095,
	INFINITY},
	{{5000, 5200, 4800, 5100}, 0.45447563276825924, 1.0216335274596496,
	0.9662679097253683, 1.0801740687526056},
	{{2, 1000, 30, 9}, 1.2516401406936591e-47, 0.00065297453458163793,
	6.6275746604628978e-5, 0.0031180691480338138}
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

/* Relative, whatever the size; zeros and infinities are exact. */
static bool
agrees(double got, double want, double tolerance)
{
	return got == want || fabs(got / want - 1.0) <= tolerance;
}

static void
test_golden(void)
{
	for (size_t i = 0; i < LENGTH(golden); i++)
	{
		const Golden *g = &golden[i];
		const SiContingency *t = &g->table;
		SiInterval	exact = si_odds_ratio_exact(t, 0.95, pulse);
		double		p_value = si_fisher_p_value(t, pulse);
		double		cmle = si_odds_ratio_cmle(t, pulse);

		ok(agrees(p_value, g->p_value, 1e-12) && agrees(cmle, g->cmle, 1e-12) &&
		   agrees(exact.low, g->low, 1e-12) &&
		   agrees(exact.high, g->high, 1e-12),
		   "table %d %d / %d %d: %.17g, %.17g (%.17g to %.17g)", (int) t->a,
		   (int) t->b, (int) t->c, (int) t->d, p_value, cmle, exact.low,
		   exact.high);
	}
}

/* ----- Twin: all tables with the margins, weights as products ----- */

static long double
choose(int n, int k)
{
	long double product = 1;

	for (int i = 1; i <= k; i++)
		product = product * (n - k + i) / i;
	return product;
}

static void
test_small_tables(void)
{
	int			wrong = 0;
	int			tables = 0;

	for (int code = 0; code < 8 * 8 * 8 * 8; code++)
	{
		SiContingency t = {code % 8, code / 8 % 8, code / 64 % 8, code / 512};
		SiMargins	m = si_margins(t.a, t.b, t.c, t.d);
		double		odds = 0.25 + 0.5 * (code % 7);
		int			row = (int) m.row;
		long double all = 0;
		long double even = 0;	/* with odds ratio 1 */
		long double lower = 0;
		long double upper = 0;
		long double moment = 0;
		long double unlikely = 0;
		long double here = choose((int) m.column, (int) t.a) *
			choose((int) (m.total - m.column), row - (int) t.a);
		SiHypergeometric got;

		for (int k = (int) m.low; k <= (int) m.high; k++)
		{
			long double plain = choose((int) m.column, k) *
				choose((int) (m.total - m.column), row - k);
			long double weight = plain * powl(odds, k);

			all += weight;
			even += plain;
			moment += weight * k;
			lower += k <= t.a ? weight : 0;
			upper += k >= t.a ? weight : 0;
			unlikely += plain <= here * (1 + 1e-7L) ? plain : 0;
		}
		got = si_hypergeometric(&m, (double) t.a, log(odds), pulse);
		wrong += !agrees(got.lower, (double) (lower / all), 1e-13) ||
			!agrees(got.upper, (double) (upper / all), 1e-13) ||
			fabs(t.a + got.mean - (double) (moment / all)) > 1e-12 ||
			!agrees(si_fisher_p_value(&t, pulse), (double) (unlikely / even),
					1e-13);
		tables++;
	}
	ok(wrong == 0, "%d small tables equal exact sums, but %d", tables, wrong);
}

/* Limits are where the tails are as long as said; the estimate is the mean. */
static void
test_definitions(void)
{
	int			wrong = 0;

	for (int i = 0; i < 300; i++)
	{
		int			most = i % 3 == 0 ? 20 : i % 3 == 1 ? 3000 : 90000000;
		SiContingency t = {1 + random_below(most), 1 + random_below(most),
		1 + random_below(most), 1 + random_below(most)};
		SiMargins	m = si_margins(t.a, t.b, t.c, t.d);
		double		x = (double) t.a;
		double		low = si_hypergeometric_low(&m, x, 0.05, pulse);
		double		high = si_hypergeometric_high(&m, x, 0.05, pulse);
		double		middle = si_hypergeometric_estimate(&m, x, pulse);

		wrong += !agrees(si_hypergeometric(&m, x, low, pulse).upper, 0.05,
						 1e-8) ||
			!agrees(si_hypergeometric(&m, x, high, pulse).lower, 0.05, 1e-8) ||
			fabs(si_hypergeometric(&m, x, middle, pulse).mean / x) > 1e-9 ||
			!(low < middle && middle < high);
	}
	ok(wrong == 0, "limits and estimates are what they are defined as (%d)",
	   wrong);
}

/* Exchanging rows turns the odds ratio around, and nothing else. */
static void
test_symmetry(void)
{
	int			wrong = 0;

	for (int i = 0; i < 200; i++)
	{
		int			most = i % 2 == 0 ? 30 : 30000000;
		SiContingency t = {random_below(most), 1 + random_below(most),
		1 + random_below(most), random_below(most)};
		SiContingency turned = {t.c, t.d, t.a, t.b};
		SiInterval	of = si_odds_ratio_exact(&t, 0.9, pulse);
		SiInterval	back = si_odds_ratio_exact(&turned, 0.9, pulse);

		wrong += !agrees(si_fisher_p_value(&t, pulse),
						 si_fisher_p_value(&turned, pulse), 1e-9) ||
			!agrees(of.low, 1 / back.high, 1e-9) ||
			!agrees(of.high, 1 / back.low, 1e-9) ||
			!agrees(si_odds_ratio_cmle(&t, pulse),
					1 / si_odds_ratio_cmle(&turned, pulse), 1e-9);
	}
	ok(wrong == 0, "rows exchanged: odds ratios are inverted (%d)", wrong);
}

/*
 * Step by step with the same kernel, its WIDE_SD raised, for the first two;
 * R 4.2.2's fisher.test gives the first p-value too; that of 1e10 rows is a sum
 * of 2 million tables by recurrence, in Python.  The last are limits of
 * a Poisson variable, whose quantiles R's qgamma(0.025, 1) and
 * qgamma(0.975, 2) give.
 */
static void
test_large_tables(void)
{
	const int64_t huge = INT64_C(1000000000000000);
	SiContingency t = {4000000, 4001000, 4002000, 4005000};
	SiContingency wider = {40000000, 40010000, 40020000, 40010000};
	SiContingency flat = {2500000012, 2499999988, 2499999988, 2500000012};
	SiContingency rare = {1, huge, huge, huge};
	SiContingency even = {huge, huge, huge, huge};
	SiInterval	exact = si_odds_ratio_exact(&t, 0.95, pulse);

	ok(agrees(si_fisher_p_value(&t, pulse), 0.61751509721952724, 1e-11) &&
	   agrees(exact.low, 0.99854046772899552, 1e-13) &&
	   agrees(exact.high, 1.0024623763105835, 1e-13), "16 million rows");
	ok(agrees(si_fisher_p_value(&wider, pulse), 0.11392762985897292, 1e-11),
	   "160 million rows");
	ok(agrees(si_fisher_p_value(&flat, pulse), 0.9998563807798322, 1e-12),
	   "1e10 rows, where neighbours are equally likely to within 1e-7");
	exact = si_odds_ratio_exact(&rare, 0.95, pulse);
	ok(agrees(exact.low * huge, 0.025317807984289897, 1e-8) &&
	   agrees(exact.high * huge, 5.5716433909388962, 1e-8),
	   "a rare cell among 3e15 rows");
	exact = si_odds_ratio_exact(&even, 0.95, pulse);
	ok(si_fisher_p_value(&even, pulse) == 1.0 && exact.low < 1.0 &&
	   exact.high > 1.0 && exact.high - exact.low < 1e-6 &&
	   fabs(si_odds_ratio_cmle(&even, pulse) - 1.0) < 1e-12, "4e15 rows");
	even.a += 100000000;
	ok(agrees(si_fisher_p_value(&even, pulse),
			  si_chi_square_test(&even, true).p_value, 1e-5),
	   "there Fisher's test is the corrected chi-square test");
}

/*
 * One cell large, the others 1: three tables have the margins, and the mean is
 * the middle one where the outer are equally likely, at sqrt(a (a + 1) / 2).
 */
static void
test_one_large_cell(void)
{
	for (double a = 10; a < 1e16; a *= 10)
	{
		int64_t		n = (int64_t) a;
		double		want = sqrt(a / 2) * sqrt(a + 1);
		SiContingency t[4] = {{n, 1, 1, 1}, {1, n, 1, 1}, {1, 1, n, 1},
		{1, 1, 1, n}};

		ok(agrees(si_odds_ratio_cmle(&t[0], pulse), want, 1e-12) &&
		   agrees(si_odds_ratio_cmle(&t[1], pulse), 1 / want, 1e-12) &&
		   agrees(si_odds_ratio_cmle(&t[2], pulse), 1 / want, 1e-12) &&
		   agrees(si_odds_ratio_cmle(&t[3], pulse), want, 1e-12),
		   "one cell of %g, wherever", a);
	}
}

int
main(void)
{
	test_one_large_cell();
	test_golden();
	test_small_tables();
	test_definitions();
	test_symmetry();
	test_large_tables();
	return done_testing();
}
