/*
 * Polynomials of ARMA processes: products, roots, reflections, covariances.
 */
#include "arima_samples.h"
#include "core/forecast/arima/si_arma.h"
#include "tap.h"

static void
check_expand(void)
{
	SiArmaOrder order = {1, 1, 1, 1, 4};
	SiArmaOrder within = {3, 0, 1, 0, 2};
	double		a[4] = {0.5, 0.3, 0.2, -0.4};
	double		b[4] = {0.1, 0.2, 0.3, 0.5};
	SiArma		arma;

	si_arma_expand(&order, a, &arma);
	ok(arma.ar.terms == 3 && arma.ar.degree == 5 && arma.width == 5,
	   "three terms of a plain and a seasonal coefficient");
	ok(arma.ar.lag[0] == 1 && arma.ar.lag[1] == 4 && arma.ar.lag[2] == 5,
	   "their lags");
	is_close(arma.ar.weight[2], -0.1, 1e-15, "autoregressions: 1 - sum");
	is_close(arma.ma.weight[2], -0.12, 1e-15, "moving averages: 1 + sum");
	ok(arma.invertible, "invertible");

	si_arma_expand(&within, b, &arma);
	ok(arma.ar.terms == 5, "a season within the plain lags");
	is_close(arma.ar.weight[1], 0.2 + 0.5, 1e-15, "lag 2 comes from both");
	is_close(arma.ar.weight[2], 0.3 - 0.1 * 0.5, 1e-15, "lag 3 too");
}

static void
check_roots(void)
{
	double		unit[1] = {1.0};
	double		cycle[2] = {2 * 0.99 * 0.8, -0.99 * 0.99};	/* inverse 0.99 */
	double		none[1];

	ok(!si_arma_stationary(1, unit, 1.0), "a random walk is not stationary");
	ok(si_arma_stationary(1, unit, 0.999), "but its root lies beyond 1 / 1.001");
	ok(si_arma_stationary(2, cycle, 1.0), "a slowly damped cycle");
	ok(si_arma_stationary(2, cycle, 1.01), "whose roots lie beyond 1.01");
	ok(!si_arma_stationary(2, cycle, 1.0102), "by little");
	ok(!si_arma_invertible(1, unit, 1.0), "a unit root of a moving average");
	ok(si_arma_stationary(0, none, 1.01), "no roots, none within");
}

/* The autocorrelations stay as they are, the roots move. */
static void
check_reflect(void)
{
	double		apart = 0.0;
	int			bad = 0;

	for (int i = 0; i < 200; i++)
	{
		double		b[SI_ARMA_ORDER + 1] = {1.0};
		double		c[SI_ARMA_ORDER + 1] = {1.0};
		int			q = 1 + i % SI_ARMA_ORDER;
		double		at_b[2] = {0.0, 0.0};
		double		at_c[2] = {0.0, 0.0};

		for (int j = 1; j <= q; j++)
			c[j] = b[j] = chance(-2.0, 2.0);
		si_arma_reflect(q, c + 1);
		bad += !si_arma_invertible(q, c + 1, 0.9999);
		for (int j = 0; j <= q; j++)
		{
			for (int lag = 0; lag < 2 && j + lag <= q; lag++)
			{
				at_b[lag] += b[j] * b[j + lag];
				at_c[lag] += c[j] * c[j + lag];
			}
		}
		apart = fmax(apart, fabs(at_b[1] / at_b[0] - at_c[1] / at_c[0]));
	}
	ok(bad == 0, "reflected moving averages are invertible");
	ok(apart < 1e-8, "and have the same autocorrelations, %g", apart);
}

/* ARMA(1,1): (1 + 2 a b + b^2) / (1 - a^2), textbook. */
static void
check_start(void)
{
	SiArmaOrder order = {1, 1, 0, 0, 1};
	double		coefficient[2] = {0.7, 0.4};
	double		room[16];
	double		cov[1];
	double		variance;
	SiArma		arma;

	si_arma_expand(&order, coefficient, &arma);
	ok(si_arma_start_room(1) <= 16 &&
	   si_arma_start(&arma, &variance, cov, room), "ARMA(1,1) starts");
	is_close(variance, (1 + 2 * 0.7 * 0.4 + 0.16) / (1 - 0.49), 1e-14,
			 "with its variance");
	is_close(cov[0], 0.7 * variance + 0.4, 1e-14,
			 "and its covariance with the next prediction");
	coefficient[0] = 1.0;
	si_arma_expand(&order, coefficient, &arma);
	ok(!si_arma_start(&arma, &variance, cov, room), "a unit root does not start");
}

int
main(void)
{
	check_expand();
	check_roots();
	check_reflect();
	check_start();
	return done_testing();
}
