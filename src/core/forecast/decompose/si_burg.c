/*
 * si_burg.c
 *	  Autoregression of any order by Burg's method.
 *
 * Method: each order adds the partial autocorrelation that makes the errors of
 * forward and backward prediction least, together, which keeps the process
 * stationary.  The order of least AICc is kept, mean and variance counting
 * among the estimated numbers.
 *
 * Special cases: values that are all zero, or that an order predicts exactly,
 * to SI_CONSTANT_SPREAD, end the search there.
 *
 * Reference: J. P. Burg, "Maximum entropy spectral analysis", 37th meeting of
 * the Society of Exploration Geophysicists (1967).
 */
#include <math.h>
#include <string.h>

#include "core/forecast/decompose/si_burg.h"
#include "core/si_tolerance.h"

typedef struct Burg
{
	int			n;
	double	   *forward;		/* errors of prediction */
	double	   *backward;
	double	   *ar;
	double	   *old;
	double		variance;
} Burg;

size_t
si_burg_room(int n, int most)
{
	return 2 * (size_t) n + 2 * (size_t) most;
}

/* The partial autocorrelation of order k + 1. */
static double
reflection(const Burg *b, int k)
{
	double		product = 0.0;
	double		squares = 0.0;
	int			t;

	for (t = k + 1; t < b->n; t++)
	{
		product += b->forward[t] * b->backward[t - 1];
		squares += b->forward[t] * b->forward[t] +
			b->backward[t - 1] * b->backward[t - 1];
	}
	return squares > 0.0 ? 2.0 * product / squares : 0.0;
}

/* From order k to k + 1. */
static void
raise_order(Burg *b, int k)
{
	double		r = reflection(b, k);
	int			i;
	int			t;

	memcpy(b->old, b->ar, k * sizeof(double));
	for (i = 0; i < k; i++)
		b->ar[i] = b->old[i] - r * b->old[k - 1 - i];
	b->ar[k] = r;
	for (t = b->n - 1; t > k; t--)
	{
		double		forward = b->forward[t];

		b->forward[t] = forward - r * b->backward[t - 1];
		b->backward[t] = b->backward[t - 1] - r * forward;
	}
	b->variance *= 1.0 - r * r;
}

static double
aicc_of(const Burg *b, int p)
{
	double		k = p + 2.0;
	double		rest = b->n - k - 1.0;

	return rest > 0.0 ? b->n * log(b->variance) + 2.0 * k +
		2.0 * k * (k + 1.0) / rest : INFINITY;
}

int
si_burg(int n, const double *x, int most, double *ar, SiWork *work,
		SiPulse pulse)
{
	SiWork		mine = *work;
	Burg		b = {.n = n};
	double		all = 0.0;
	double		best;
	int			chosen = 0;
	int			p;

	b.forward = si_work_take(&mine, n);
	b.backward = si_work_take(&mine, n);
	b.ar = si_work_take(&mine, most);
	b.old = si_work_take(&mine, most);
	memcpy(b.forward, x, n * sizeof(double));
	memcpy(b.backward, x, n * sizeof(double));
	for (p = 0; p < n; p++)
		all += x[p] * x[p] / n;
	b.variance = all;
	best = all > 0.0 ? aicc_of(&b, 0) : -INFINITY;
	for (p = 1; p <= most && p < n && all > 0.0; p++)
	{
		pulse();
		raise_order(&b, p - 1);
		if (!(b.variance > SI_CONSTANT_SPREAD * all))
			b.variance = SI_CONSTANT_SPREAD * all;
		if (aicc_of(&b, p) < best)
		{
			best = aicc_of(&b, p);
			chosen = p;
			memcpy(ar, b.ar, p * sizeof(double));
		}
		if (b.variance == SI_CONSTANT_SPREAD * all)
			break;
	}
	return chosen;
}
