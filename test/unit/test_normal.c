/*
 * test_normal.c
 *
 * The normal distribution against R 4.2.2: qnorm(), pnorm(), 2*pnorm(-z).
 */
#include "tap.h"

#include "core/stats/distribution/si_normal.h"

typedef struct Golden
{
	double		x;
	double		want;
} Golden;

static const Golden quantile[] = {
	{1e-300, -37.04709629936120052}, {1e-20, -9.26234008979840517},
	{1e-10, -6.36134090240405570}, {0.001, -3.09023230616781319},
	{0.025, -1.95996398454005383}, {0.07, -1.47579102817917018},
	{0.3, -0.52440051270804067}, {0.5, 0.0}, {0.6, 0.25334710313579978},
	{0.925, 1.43953147093845590}, {0.975, 1.95996398454005361},
	{0.9999999, 5.19933758229066179}
};
static const Golden cdf[] = {
	{-10.0, 7.6198530241605269e-24}, {-1.5, 6.6807201268858071e-02},
	{0.0, 0.5}, {0.3, 6.1791142218895267e-01}, {1.96, 9.7500210485177963e-01},
	{9.0, 1.0}
};
static const Golden p_value[] = {
	{0.1, 9.2034432544594202e-01}, {1.96, 4.9995790296440856e-02},
	{5.0, 5.7330314375838782e-07}, {30.0, 9.8134278542963744e-198}
};

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

int
main(void)
{
	double		worst = 0.0;

	for (size_t i = 0; i < LENGTH(quantile); i++)
		is_close(si_normal_quantile(quantile[i].x), quantile[i].want, 1e-15,
				 "quantile of %g", quantile[i].x);
	for (size_t i = 0; i < LENGTH(cdf); i++)
		is_close(si_normal_cdf(cdf[i].x) / cdf[i].want, 1.0, 1e-14,
				 "distribution at %g", cdf[i].x);
	for (size_t i = 0; i < LENGTH(p_value); i++)
	{
		is_close(si_normal_p_value(p_value[i].x) / p_value[i].want, 1.0, 1e-13,
				 "p-value of %g", p_value[i].x);
		ok(si_normal_p_value(-p_value[i].x) == si_normal_p_value(p_value[i].x),
		   "p-value of -%g is the same", p_value[i].x);
	}

	for (double p = 1e-6; p < 1.0; p += 1e-3)
		worst = fmax(worst,
					 fabs(si_normal_cdf(si_normal_quantile(p)) / p - 1.0));
	ok(worst < 5e-15, "quantile inverts the distribution, within %.2g", worst);

	ok(si_normal_quantile(0.0) == -INFINITY, "quantile of 0");
	ok(si_normal_quantile(1.0) == INFINITY, "quantile of 1");
	ok(isnan(si_normal_quantile(-0.1)), "quantile below 0");
	ok(isnan(si_normal_quantile(1.1)), "quantile above 1");
	ok(isnan(si_normal_quantile(NAN)), "quantile of NaN");
	ok(si_normal_cdf(-INFINITY) == 0.0 && si_normal_cdf(INFINITY) == 1.0 &&
	   si_normal_p_value(INFINITY) == 0.0, "infinite z");
	return done_testing();
}
