/*
 * si_arma.c
 *	  Polynomials of a seasonal ARMA process, and where its prediction starts.
 */
#include "core/forecast/arima/si_arma.h"

#include <complex.h>
#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

#define ROOT_ROUNDS		200

/* ----- Products ----- */

static void
add_term(SiLags *lags, int lag, double weight)
{
	int			i = lags->terms;

	while (i > 0 && lags->lag[i - 1] > lag)
		i--;
	if (i > 0 && lags->lag[i - 1] == lag)
	{
		lags->weight[i - 1] += weight;
		return;
	}
	memmove(lags->lag + i + 1, lags->lag + i,
			(lags->terms - i) * sizeof(int));
	memmove(lags->weight + i + 1, lags->weight + i,
			(lags->terms - i) * sizeof(double));
	lags->lag[i] = lag;
	lags->weight[i] = weight;
	lags->terms++;
}

/*
 * 1 + sign times the result is the product of 1 + sign sum plain[i] B^i and
 * 1 + sign sum seasonal[j] B^(j season).
 */
static void
multiply(int p, const double *plain, int P, const double *seasonal,
		 int season, double sign, SiLags *lags)
{
	int			i;
	int			j;

	lags->terms = 0;
	lags->degree = p + P * season;
	for (i = 1; i <= p; i++)
		add_term(lags, i, plain[i - 1]);
	for (j = 1; j <= P; j++)
	{
		add_term(lags, j * season, seasonal[j - 1]);
		for (i = 1; i <= p; i++)
			add_term(lags, i + j * season,
					 sign * plain[i - 1] * seasonal[j - 1]);
	}
}

void
si_arma_expand(const SiArmaOrder *order, const double *coefficient,
			   SiArma *arma)
{
	const double *ar = coefficient;
	const double *ma = ar + order->p;
	const double *seasonal_ar = ma + order->q;
	const double *seasonal_ma = seasonal_ar + order->P;

	multiply(order->p, ar, order->P, seasonal_ar, order->season, -1.0,
			 &arma->ar);
	multiply(order->q, ma, order->Q, seasonal_ma, order->season, 1.0,
			 &arma->ma);
	arma->width = si_arma_width(order);
	arma->invertible = si_arma_invertible(order->q, ma, 1.0) &&
		si_arma_invertible(order->Q, seasonal_ma, 1.0);
}

/* ----- Roots ----- */

/*
 * Levinson's recursion backwards: the partial autocorrelations of an
 * autoregression, whose coefficients are lost.  False where one is 1 or more:
 * it is not stationary.
 */
static bool
step_down(int p, double *a, double *partial)
{
	int			i;
	int			k;

	for (k = p; k >= 1; k--)
	{
		double		r = a[k - 1];
		double		scale = 1.0 / (1.0 - r * r);

		if (!(fabs(r) < 1.0))
			return false;
		partial[k - 1] = r;
		for (i = 0; 2 * i <= k - 2; i++)
		{
			double		front = a[i];
			double		back = a[k - 2 - i];

			a[i] = (front + r * back) * scale;
			a[k - 2 - i] = (back + r * front) * scale;
		}
	}
	return true;
}

/* The same forwards, from order k - 1 to k. */
static void
step_up(int k, double *a, double r)
{
	int			i;

	for (i = 0; 2 * i <= k - 2; i++)
	{
		double		front = a[i];
		double		back = a[k - 2 - i];

		a[i] = front - r * back;
		a[k - 2 - i] = back - r * front;
	}
	a[k - 1] = r;
}

static bool
roots_beyond(int p, const double *a, double sign, double radius)
{
	double		scaled[SI_ARMA_ORDER];
	double		partial[SI_ARMA_ORDER];
	double		power = sign;
	int			i;

	for (i = 0; i < p; i++)
		scaled[i] = a[i] * (power *= radius);
	return step_down(p, scaled, partial);
}

bool
si_arma_stationary(int p, const double *a, double radius)
{
	return roots_beyond(p, a, 1.0, radius);
}

bool
si_arma_invertible(int q, const double *b, double radius)
{
	return roots_beyond(q, b, -1.0, radius);
}

/*
 * Inverse roots of 1 + sum b[i] z^(i + 1), that is, the roots of z^q + sum
 * b[i] z^(q - 1 - i), by Weierstrass' method (Durand, Kerner).
 */
static void
inverse_roots(int q, const double *b, double complex *root)
{
	double		size = 1.0;
	int			i;
	int			j;
	int			round;

	for (i = 0; i < q; i++)
		size = fmax(size, pow(fabs(b[i]), 1.0 / (i + 1)));
	for (i = 0; i < q; i++)
		root[i] = size * cexp(I * (2.0 * M_PI * i / q + 0.4));
	for (round = 0; round < ROOT_ROUNDS; round++)
	{
		double		moved = 0.0;

		for (i = 0; i < q; i++)
		{
			double complex value = 1.0;
			double complex apart = 1.0;

			for (j = 0; j < q; j++)
			{
				value = value * root[i] + b[j];
				if (j != i)
					apart *= root[i] - root[j];
			}
			if (apart == 0.0)
				apart = SI_ROOT_MOVE;
			root[i] -= value / apart;
			moved = fmax(moved, cabs(value / apart));
		}
		if (moved <= SI_ROOT_MOVE * size)
			break;
	}
}

void
si_arma_reflect(int q, double *b)
{
	double complex root[SI_ARMA_ORDER];
	double complex product[SI_ARMA_ORDER + 1];
	int			i;
	int			j;

	if (si_arma_invertible(q, b, 1.0))
		return;
	inverse_roots(q, b, root);
	memset(product, 0, sizeof(product));
	product[0] = 1.0;
	for (i = 0; i < q; i++)
	{
		if (cabs(root[i]) > 1.0)
			root[i] = 1.0 / conj(root[i]);
		for (j = i + 1; j > 0; j--)
			product[j] -= root[i] * product[j - 1];
	}
	for (i = 0; i < q; i++)
		b[i] = creal(product[i + 1]);
}

/* ----- Covariances ----- */

/* Six arrays, the longest of twice the width. */
size_t
si_arma_start_room(int width)
{
	return 8 * (size_t) width + 4;
}

/*
 * Autocovariances, lags 0 to last, of the autoregression alone: forwards
 * through its orders, each of which tells one lag, then by its own recursion.
 * a: room for coefficients, partial: for as many.
 */
static bool
covariances_of_ar(const SiLags *ar, int last, double *gamma, double *a,
				  double *partial)
{
	int			p = ar->degree;
	double		variance = 1.0;
	int			i;
	int			k;

	memset(a, 0, p * sizeof(double));
	for (i = 0; i < ar->terms; i++)
		a[ar->lag[i] - 1] = ar->weight[i];
	if (!step_down(p, a, partial))
		return false;
	for (k = 0; k < p; k++)
		variance /= 1.0 - partial[k] * partial[k];
	gamma[0] = variance;
	for (k = 1; k <= last && k <= p; k++)
	{
		double		r = partial[k - 1];

		gamma[k] = r * variance;
		for (i = 1; i < k; i++)
			gamma[k] += a[i - 1] * gamma[k - i];
		step_up(k, a, r);
		variance *= 1.0 - r * r;
	}
	for (; k <= last; k++)
	{
		gamma[k] = 0.0;
		for (i = 0; i < ar->terms; i++)
			gamma[k] += ar->weight[i] * gamma[k - ar->lag[i]];
	}
	return isfinite(gamma[0]);
}

/* Weights of past innovations in the process, lags 0 to last. */
static void
weights_of_past(const SiArma *arma, int last, double *psi)
{
	int			i;
	int			k;

	psi[0] = 1.0;
	memset(psi + 1, 0, last * sizeof(double));
	for (i = 0; i < arma->ma.terms && arma->ma.lag[i] <= last; i++)
		psi[arma->ma.lag[i]] = arma->ma.weight[i];
	for (k = 1; k <= last; k++)
	{
		for (i = 0; i < arma->ar.terms && arma->ar.lag[i] <= k; i++)
			psi[k] += arma->ar.weight[i] * psi[k - arma->ar.lag[i]];
	}
}

/*
 * Autocovariances of the whole, lags 0 to last, from those of its
 * autoregression: a moving average of the latter, forwards and backwards.
 * half has room for last + 1 + ma.degree.
 */
static void
average_covariances(const SiLags *ma, int last, const double *of_ar,
					double *half, double *gamma)
{
	int			q = ma->degree;
	int			i;
	int			k;

	for (k = -q; k <= last; k++)
	{
		half[k + q] = of_ar[k < 0 ? -k : k];
		for (i = 0; i < ma->terms; i++)
		{
			int			lag = k + ma->lag[i];

			half[k + q] += ma->weight[i] * of_ar[lag < 0 ? -lag : lag];
		}
	}
	for (k = 0; k <= last; k++)
	{
		gamma[k] = half[k + q];
		for (i = 0; i < ma->terms; i++)
			gamma[k] += ma->weight[i] * half[k + q - ma->lag[i]];
	}
}

static void
add_covariances(const SiLags *lags, const double *with_lag, double *cov)
{
	int			i;
	int			k;

	for (i = 0; i < lags->terms; i++)
	{
		int			lag = lags->lag[i];

		for (k = 0; k < lag; k++)
			cov[k] += lags->weight[i] * with_lag[lag - 1 - k];
	}
}

bool
si_arma_start(const SiArma *arma, double *variance, double *cov,
			  double *room)
{
	int			last = arma->ar.degree > 0 ? arma->ar.degree - 1 : 0;
	int			width = arma->width;
	double	   *gamma = room;
	double	   *psi = gamma + width + 1;
	double	   *of_ar = psi + width + 1;
	double	   *half = of_ar + 2 * width + 1;
	double	   *a = half + 2 * width + 1;
	double	   *partial = a + width;

	if (!covariances_of_ar(&arma->ar, last + arma->ma.degree, of_ar, a,
						   partial))
		return false;
	average_covariances(&arma->ma, last, of_ar, half, gamma);
	if (width > 0)
		weights_of_past(arma, width - 1, psi);
	memset(cov, 0, width * sizeof(double));
	add_covariances(&arma->ar, gamma, cov);
	add_covariances(&arma->ma, psi, cov);
	*variance = gamma[0];
	return true;
}
