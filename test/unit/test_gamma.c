/*
 * test_gamma.c
 *
 * The incomplete gamma functions and chi-square quantiles against mpmath
 * 1.2.1 at 50 digits; the quantiles equal qchisq() of R 4.2.2 and chi2.ppf of
 * SciPy 1.10.1 to 1e-14 as well.
 */
#include "tap.h"

#include "core/stats/distribution/si_gamma.h"
#include "scored.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))
#define LEVELS		5

typedef struct Golden
{
	double		shape;
	double		x;
	double		lower;
	double		upper;
} Golden;

static const Golden tails[] = {
	{0.5, 1e-10, 1.1283791670579e-5, 0.99998871620832942},
	{0.5, 2.5, 0.97465268132253174, 0.025347318677468264},
	{0.5, 300.0, 1.0, 1.6741679846917878e-132},
	{2, 0.25, 0.026499021160743915, 0.97350097883925609},
	{2, 40.0, 0.99999999999999983, 1.7418252446695515e-16},
	{7.5, 7.5, 0.54858278877427476, 0.45141721122572524},
	{10, 1.0, 1.1142547833872068e-7, 0.99999988857452166},
	{15.75, 16.0, 0.55830400678634528, 0.44169599321365472},
	{16, 5.0, 6.9008241855678403e-5, 0.99993099175814432},
	{16, 60.0, 0.99999999999583125, 4.1687507181110284e-12},
	{150, 75.0, 1.6815084004192065e-14, 0.99999999999998318},
	{150, 150.0, 0.51085822974935968, 0.48914177025064032},
	{150, 300.0, 1.0, 3.2908366136171747e-22},
	{5000, 5250.0, 0.99975205263201064, 0.00024794736798936085},
	{999999.5, 1002000.0, 0.97722293102790123, 0.022777068972098768},
	{1000001, 999000.0, 0.15841332357392979, 0.84158667642607021},
	{1000001, 1005000.0, 0.99999969970125249, 3.0029874751120808e-7},
	{1e8, 1e8, 0.50001329807601412, 0.49998670192398588},
	{1e8, 100080000.0, 0.99999999999999937, 6.3279034131222146e-16}
};

static const double level[LEVELS] = {0.5, 0.9, 0.95, 0.99, 0.999999};
static const struct
{
	double		df;
	double		want[LEVELS];
}			quantile[] =
{
	{1, {0.45493642311957275, 2.7055434540954149, 3.8414588206941245,
	6.6348966010212136, 23.928126976879469}},
	{2, {1.3862943611198906, 4.6051701859880918, 5.9914645471079802,
	9.210340371976181, 27.631021115871037}},
	{3, {2.3659738843753383, 6.2513886311703237, 7.814727903251178,
	11.34486673014437, 30.664849706154268}},
	{9, {8.3428326922529538, 14.683656573259838, 16.918977604620447,
	21.665994333461923, 44.810937870620259}},
	{20, {19.337429229428262, 28.411980584305634, 31.410432844230923,
	37.566234786625048, 65.420681034969623}},
	{50, {49.334936733976835, 63.16712100572632, 67.504806549541195,
	76.153891249012713, 112.60809249886348}},
	{100, {99.334129235988456, 118.49800381106211, 124.34211340400407,
	135.80672317102677, 182.12677711942614}},
	{300, {299.33359734921804, 331.78851972453917, 341.39511210876874,
	359.90642595033487, 431.14135772242582}}
};

static void
test_tails(void)
{
	for (size_t i = 0; i < LENGTH(tails); i++)
	{
		const Golden *g = &tails[i];

		is_close(si_gamma_p(g->shape, g->x) / g->lower, 1, 1e-13,
				 "P(%g, %g)", g->shape, g->x);
		is_close(si_gamma_q(g->shape, g->x) / g->upper, 1, 1e-13,
				 "Q(%g, %g)", g->shape, g->x);
	}
	is_close(si_chi_square_sf(9, 16.918977604620447), 0.05, 1e-14,
			 "chi-square: above the 95%% quantile");
	is_close(si_chi_square_cdf(9, 16.918977604620447), 0.95, 1e-14,
			 "chi-square: below it");
}

static void
test_quantiles(void)
{
	for (size_t i = 0; i < LENGTH(quantile); i++)
		for (int k = 0; k < LEVELS; k++)
			is_close(si_chi_square_quantile(quantile[i].df, level[k]) /
					 quantile[i].want[k], 1, 1e-13,
					 "chi-square quantile, df %g, level %g",
					 quantile[i].df, level[k]);
}

/* Neighbouring methods agree where one takes over from the other. */
static void
test_seams(void)
{
	static const double shape[] = {0.5, 3, 15.99, 16.01, 400, 1e5};
	double		worst = 0;

	for (size_t i = 0; i < LENGTH(shape); i++)
	{
		double		seam = shape[i] + 2 * sqrt(shape[i]) + 1;
		double		below = si_gamma_q(shape[i], nextafter(seam, 0));

		worst = fmax(worst, fabs(si_gamma_q(shape[i], seam) / below - 1));
	}
	ok(worst < 1e-12, "series and fraction meet (%.1g)", worst);
	worst = 0;
	for (double x = 995000; x < 1005000; x += 500)
		worst = fmax(worst, fabs(si_gamma_q(nextafter(1e6, 2e6), x) /
								 si_gamma_q(1e6, x) - 1));
	ok(worst < 1e-12, "the expansion for large shapes meets both (%.1g)", worst);
}

/* From a tail to x and back, over ten decades of shapes. */
static void
test_round_trip(void)
{
	double		worst = 0;
	int			rounds = 0;

	while (rounds < 20000)
	{
		double		shape = pow(10, -2 + 10 * random_unit());
		double		tail = pow(10, -100 * pow(random_unit(), 3)) / 2;
		bool		upper = random_below(2);
		double		x = upper ? si_gamma_q_inverse(shape, tail) :
			si_gamma_p_inverse(shape, tail);
		double		back = upper ? si_gamma_q(shape, x) : si_gamma_p(shape, x);
		double		beside = upper ? si_gamma_q(shape, nextafter(x, 0)) :
			si_gamma_p(shape, nextafter(x, 0));

		if (x < 1e-300)
			continue;
		rounds++;
		worst = fmax(worst, fabs(back / tail - 1) -
					 10 * fabs(beside / back - 1));
	}
	ok(worst < 1e-12, "an inverse leads back to its tail (%.1g)", worst);
}

static void
test_special(void)
{
	ok(si_gamma_p(2, 0) == 0 && si_gamma_q(2, 0) == 1 &&
	   si_gamma_p(2, -1) == 0, "nothing is below 0");
	ok(si_gamma_p(2, INFINITY) == 1 && si_gamma_q(2, INFINITY) == 0 &&
	   si_gamma_q(0.5, 1e300) == 0 && si_gamma_p(1e300, 1) == 0,
	   "everything is below infinity");
	ok(isnan(si_gamma_p(0, 1)) && isnan(si_gamma_q(-1, 1)) &&
	   isnan(si_gamma_p(NAN, 1)) && isnan(si_gamma_p(1, NAN)),
	   "no shape, no x: NaN");
	ok(si_gamma_p_inverse(3, 0) == 0 && si_gamma_q_inverse(3, 1) == 0 &&
	   si_gamma_p_inverse(3, 1) == INFINITY &&
	   si_gamma_q_inverse(3, 0) == INFINITY, "the ends of the inverse");
	ok(isnan(si_gamma_p_inverse(3, 1.5)) &&
	   isnan(si_gamma_q_inverse(3, -0.5)) &&
	   isnan(si_gamma_p_inverse(3, NAN)) &&
	   isnan(si_gamma_p_inverse(0, 0.5)) &&
	   isnan(si_chi_square_quantile(-1, 0.5)), "NaN beyond them");
	ok(si_gamma_p_inverse(0.01, 1e-300) == 0, "x below the smallest double");
	is_close(si_gamma_q_inverse(1, 1e-300) / (300 * log(10)), 1, 1e-14,
			 "a far tail of the exponential distribution");
	is_close(si_gamma_p_inverse(1, 1e-200) / 1e-200, 1, 1e-13,
			 "and its other end");
}

int
main(void)
{
	test_tails();
	test_quantiles();
	test_seams();
	test_round_trip();
	test_special();
	return done_testing();
}
