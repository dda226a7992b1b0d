/*
 * The innovations of random seasonal ARMA processes against dense algebra:
 * covariances from weights of past innovations, the Cholesky factor of their
 * matrix, predictions by conditional expectation.
 */
#include "arima_samples.h"
#include "core/forecast/arima/si_arma.h"
#include "tap.h"

#define WEIGHTS	4000
#define LONGEST	48
#define AHEAD	30
#define ALL		(LONGEST + AHEAD)

typedef struct Process
{
	SiArmaOrder order;
	double		coefficient[2 * SI_ARMA_ORDER + 2 * SI_ARMA_SEASONAL];
	SiArma		arma;
	double		gamma[ALL];
	double		psi[ALL];
} Process;

static void
draw(int p, double *a, bool ar, double radius)
{
	do
	{
		for (int i = 0; i < p; i++)
			a[i] = chance(-1.5, 1.5);
	} while (ar && !si_arma_stationary(p, a, radius));
}

static void
find_covariances(Process *process)
{
	static double psi[WEIGHTS];
	const SiLags *ar = &process->arma.ar;
	const SiLags *ma = &process->arma.ma;

	memset(psi, 0, sizeof(psi));
	psi[0] = 1.0;
	for (int i = 0; i < ma->terms; i++)
		psi[ma->lag[i]] += ma->weight[i];
	for (int k = 1; k < WEIGHTS; k++)
	{
		for (int i = 0; i < ar->terms && ar->lag[i] <= k; i++)
			psi[k] += ar->weight[i] * psi[k - ar->lag[i]];
	}
	for (int lag = 0; lag < ALL; lag++)
	{
		process->gamma[lag] = 0.0;
		for (int k = 0; k + lag < WEIGHTS; k++)
			process->gamma[lag] += psi[k] * psi[k + lag];
	}
	memcpy(process->psi, psi, sizeof(process->psi));
}

/* Moving averages need not be invertible. */
static void
draw_process(Process *process)
{
	SiArmaOrder *o = &process->order;
	double	   *a = process->coefficient;

	o->season = (int) chance(2, 9);
	o->p = (int) chance(0, 4);
	o->q = (int) chance(0, 4);
	o->P = (int) chance(0, 3);
	o->Q = (int) chance(0, 3);
	draw(o->p, a, true, 1.03);
	draw(o->q, a + o->p, false, 1.0);
	draw(o->P, a + o->p + o->q, true, 1.2);
	draw(o->Q, a + o->p + o->q + o->P, false, 1.0);
	si_arma_expand(o, a, &process->arma);
	find_covariances(process);
}

/* Lower Cholesky factor of n covariances. */
static void
factorise(const Process *process, int n, double *l)
{
	for (int i = 0; i < n; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double		rest = process->gamma[i - j];

			for (int k = 0; k < j; k++)
				rest -= l[i * n + k] * l[j * n + k];
			l[i * n + j] = i == j ? sqrt(rest) : rest / l[j * n + j];
		}
	}
}

/* w = l z for z of variance 1: then z are the innovations. */
static void
check_innovations(const Process *process, int n)
{
	static double l[LONGEST * LONGEST];
	double		z[2 * LONGEST];
	double		w[2 * LONGEST];
	double		e[2 * LONGEST];
	double		sd[LONGEST];
	int			width = process->arma.width;
	double	   *state = malloc((2 * (size_t) width + 1) * sizeof(double));
	double	   *room = malloc(si_arma_filter_room(width) * sizeof(double));
	double		log_determinant;
	double		want = 0.0;
	double		apart = 0.0;
	double		sd_apart = 0.0;

	factorise(process, n, l);
	for (int t = 0; t < 2 * n; t++)
	{
		z[t] = noise();
		w[t] = 0.0;
		for (int k = 0; k <= t % n; k++)
			w[t] += l[(t % n) * n + k] * z[t - t % n + k];
	}
	ok(si_arma_filter(&process->arma, n, 2, w, e, sd, state, &log_determinant,
					  room, no_pulse), "stationary");
	for (int t = 0; t < 2 * n; t++)
		apart = fmax(apart, fabs(e[t] - z[t]));
	for (int t = 0; t < n; t++)
	{
		want += 2.0 * log(l[t * n + t]);
		sd_apart = fmax(sd_apart, fabs(sd[t] / l[t * n + t] - 1.0));
	}
	ok(apart < 1e-7, "innovations of two columns, %g", apart);
	ok(sd_apart < 1e-8, "their deviations, %g", sd_apart);
	is_close(log_determinant, want, 1e-8, "and the determinant");
	free(state);
	free(room);
}

/* Forecasts from the state against E(future | past) by the whole matrix. */
static void
check_state(const Process *process, int n)
{
	static double l[ALL * ALL];
	double		z[ALL] = {0.0};
	double		w[ALL];
	double		e[ALL];
	double		ahead[AHEAD];
	const SiLags *ar = &process->arma.ar;
	int			width = process->arma.width;
	int			all = n + AHEAD;
	double	   *state = malloc(((size_t) width + 1) * sizeof(double));
	double	   *room = malloc(si_arma_filter_room(width) * sizeof(double));
	double		log_determinant;
	double		apart = 0.0;

	factorise(process, all, l);
	for (int t = 0; t < n; t++)
		z[t] = noise();
	for (int t = 0; t < all; t++)
	{
		w[t] = 0.0;
		for (int k = 0; k <= t; k++)
			w[t] += l[t * all + k] * z[k];
	}
	si_arma_filter(&process->arma, n, 1, w, e, NULL, state, &log_determinant,
				   room, no_pulse);
	for (int h = 0; h < AHEAD; h++)
	{
		ahead[h] = h < width ? state[h] : 0.0;
		for (int i = 0; i < ar->terms && ar->lag[i] <= h; i++)
			ahead[h] += ar->weight[i] * ahead[h - ar->lag[i]];
		apart = fmax(apart, fabs(ahead[h] - w[n + h]));
	}
	ok(apart < 1e-7, "expectations of the future, %g", apart);
	free(state);
	free(room);
}

/* Given a start: the same innovations where the past was silent. */
static void
check_condition(const Process *process)
{
	double		z[ALL];
	double		w[ALL];
	double		e[ALL];
	double		apart = 0.0;
	int			p = process->arma.ar.degree;

	for (int t = 0; t < ALL; t++)
	{
		z[t] = t < p ? 0.0 : noise();
		w[t] = 0.0;
		for (int k = 0; k <= t; k++)
			w[t] += process->psi[k] * z[t - k];
	}
	si_arma_condition(&process->arma, ALL, 1, w, e, no_pulse);
	for (int t = 0; t < ALL && process->arma.invertible; t++)
		apart = fmax(apart, fabs(e[t] - z[t]));
	ok(apart < 1e-9, "conditional innovations, %g", apart);
}

int
main(void)
{
	for (int i = 0; i < 60; i++)
	{
		Process		process;

		draw_process(&process);
		printf("# (%d,%d)(%d,%d)%d\n", process.order.p, process.order.q,
			   process.order.P, process.order.Q, process.order.season);
		check_innovations(&process, i % 4 == 0 ? (int) chance(1, 6) : LONGEST);
		check_state(&process, i % 5 == 0 ? (int) chance(1, 6) : LONGEST);
		check_condition(&process);
	}
	return done_testing();
}
