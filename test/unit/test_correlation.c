/*
 * test_correlation.c
 *
 * Correlations against R 4.2.2, cor.test(), and by their definitions.
 */
#include "tap.h"

#include "core/stats/sample/si_correlation.h"
#include "samples.h"

#define MOST	200

static SiCorrelation
correlation_of(bool ranks, int n, const double *x, const double *y)
{
	SiKeyed		items[MOST];
	SiKeyed		more[2][MOST];
	double		room[3][MOST];
	SiRankWork	work = {room[0], room[1], room[2], more[0], more[1]};
	SiCorrelation out;
	Sampled		sampled;

	for (int i = 0; i < n; i++)
		items[i] = sample_row(x[i], si_sort_key(y[i]));
	sampled = sample_of(SI_CORRELATION, 0, n, items);
	if (ranks)
		si_spearman(&sampled.sample, 0.95, &work, &out, pulse);
	else
		si_pearson(&sampled.sample, 0.95, &out, pulse);
	free(sampled.bytes);
	return out;
}

/* cor.test(mtcars$mpg, mtcars$wt, method = , exact = FALSE) */
static void
test_golden(void)
{
	SiCorrelation is = correlation_of(false, CARS, car_mpg, car_weight);

	is_close(is.r, -0.8676593765172278, 1e-14, "Pearson");
	is_close(is.low, -0.93382641328499416, 1e-13, "low");
	is_close(is.high, -0.74408719646011279, 1e-13, "high");
	is_close(is.p_value / 1.2939587013505163e-10, 1, 1e-11, "p-value");
	is = correlation_of(true, CARS, car_mpg, car_weight);
	is_close(is.r, -0.88642203327029789, 1e-14, "Spearman, with ties");
	is_close(is.p_value / 1.4875948581274329e-11, 1, 1e-11, "p-value");
	is_close(is.low, tanh(atanh(is.r) - 1.9599639845400545 *
						  sqrt((1 + is.r * is.r / 2) / 29)), 1e-14,
			 "by Bonett and Wright");
}

static double
rank_of(int n, const double *x, double value)
{
	double		rank = 0.5;

	for (int i = 0; i < n; i++)
		rank += x[i] < value ? 1 : x[i] == value ? 0.5 : 0;
	return rank;
}

static void
test_random(void)
{
	double		worst = 0;

	for (int round = 0; round < 200; round++)
	{
		int			n = 4 + random_below(60);
		double		x[MOST];
		double		y[MOST];
		double		rank_x[MOST];
		double		rank_y[MOST];
		SiCorrelation ranks;
		SiCorrelation scaled;

		for (int i = 0; i < n; i++)
		{
			x[i] = random_below(round % 2 ? 5 : 1000) - 2;
			y[i] = x[i] * random_below(3) + random_below(7);
		}
		x[0] = -3;
		y[0] = -5;
		for (int i = 0; i < n; i++)
		{
			rank_x[i] = rank_of(n, x, x[i]);
			rank_y[i] = rank_of(n, y, y[i]);
		}
		ranks = correlation_of(true, n, x, y);
		worst = fmax(worst, fabs(ranks.r - correlation_of(false, n, rank_x,
														  rank_y).r));
		scaled = correlation_of(false, n, x, y);
		for (int i = 0; i < n; i++)
			x[i] = 1e9 - 1e3 * x[i];
		worst = fmax(worst, fabs(scaled.r + correlation_of(false, n, x, y).r));
	}
	ok(worst < 1e-12, "ranks, scale and shift, within %.2g", worst);
}

static void
test_special_cases(void)
{
	const double up[] = {1, 2, 3, 4, 5};
	const double down[] = {10, 8, 6, 4, 2};
	const double x[] = {1, 2, 3, 4, 5, 6};
	const double y[] = {3, 1, 2, 5, 4.5, 1};
	double		tiny[6];
	const double flat[] = {0.1, 0.1, 0.1, 0.1, 0.1};
	const double large[] = {1e140, -1e140, 5e139, 0, 1};
	SiCorrelation is = correlation_of(false, 5, up, down);

	ok(is.r == -1 && is.low == -1 && is.high == -1 && is.p_value == 0,
	   "a straight line");
	is = correlation_of(true, 5, up, flat);
	ok(isnan(is.r) && isnan(is.low) && isnan(is.p_value), "no spread");
	is = correlation_of(false, 5, flat, up);
	ok(isnan(is.r) && isnan(is.high) && isnan(is.p_value), "nor in x");
	is = correlation_of(false, 3, up, large);
	ok(isfinite(is.r) && isnan(is.low) && isfinite(is.p_value), "three rows");
	is = correlation_of(true, 2, up, down);
	ok(is.r == -1 && isnan(is.p_value), "two rows");
	ok(isnan(correlation_of(false, 1, up, down).r), "one row");
	ok(fabs(correlation_of(false, 5, large, large).r - 1) < 1e-15,
	   "numbers of 1e140");
	for (int i = 0; i < 6; i++)
		tiny[i] = x[i] * 1e-170;
	is = correlation_of(false, 6, x, y);
	is_close(is.r, 0.10846522890932808, 1e-15, "R: cor(x, y)");
	is_close(correlation_of(false, 6, tiny, y).r, is.r, 1e-14,
			 "where squares would vanish");
	for (int i = 0; i < 6; i++)
		tiny[i] = x[i] * 0x1p-1074;
	ok(fabs(correlation_of(false, 6, tiny, tiny).r - 1) < 1e-15 &&
	   fabs(correlation_of(false, 6, tiny, y).r) < 0.3, "least numbers");
}

int
main(void)
{
	test_golden();
	test_random();
	test_special_cases();
	return done_testing();
}
