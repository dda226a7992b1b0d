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

size_t
si_burg_room(int n, int most)
{
	return 2 * (size_t) n + 2 * (size_t) most;
}

void
si_burg_open(SiBurg *burg, int n, int most, SiWork *work)
{
	burg->n = n;
	burg->forward = si_work_take(work, n);
	burg->backward = si_work_take(work, n);
	burg->ar = si_work_take(work, most);
	burg->old = si_work_take(work, most);
}

void
si_burg_start(SiBurg *burg, const double *x, double mean)
{
	int			t;

	burg->order = 0;
	burg->first = 0.0;
	for (t = 0; t < burg->n; t++)
	{
		double		value = x[t] - mean;

		burg->forward[t] = burg->backward[t] = value;
		burg->first += value * value / burg->n;
	}
	burg->variance = burg->first;
}

/* The next partial autocorrelation; 0 without errors. */
static double
reflection(const SiBurg *burg)
{
	double		product = 0.0;
	double		squares = 0.0;
	int			t;

	for (t = burg->order + 1; t < burg->n; t++)
	{
		product += burg->forward[t] * burg->backward[t - 1];
		squares += burg->forward[t] * burg->forward[t] +
			burg->backward[t - 1] * burg->backward[t - 1];
	}
	return squares > 0.0 ? 2.0 * product / squares : 0.0;
}

bool
si_burg_raise(SiBurg *burg)
{
	double		r = reflection(burg);
	int			k = burg->order++;
	int			i;
	int			t;

	memcpy(burg->old, burg->ar, k * sizeof(double));
	for (i = 0; i < k; i++)
		burg->ar[i] = burg->old[i] - r * burg->old[k - 1 - i];
	burg->ar[k] = r;
	for (t = burg->n - 1; t > k; t--)
	{
		double		forward = burg->forward[t];

		burg->forward[t] = forward - r * burg->backward[t - 1];
		burg->backward[t] = burg->backward[t - 1] - r * forward;
	}
	burg->variance *= 1.0 - r * r;
	return burg->variance > SI_CONSTANT_SPREAD * burg->first;
}

double
si_burg_aicc(const SiBurg *burg, int others)
{
	double		k = burg->order + others;
	double		rest = burg->n - k - 1.0;

	return rest > 0.0 ? burg->n * log(burg->variance) + 2.0 * k +
		2.0 * k * (k + 1.0) / rest : INFINITY;
}

int
si_burg(int n, const double *x, int most, double *ar, SiWork *work,
		SiPulse pulse)
{
	SiWork		mine = *work;
	SiBurg		burg;
	double		best;
	bool		more;
	int			chosen = 0;

	si_burg_open(&burg, n, most, &mine);
	si_burg_start(&burg, x, 0.0);
	more = burg.first > 0.0;
	best = si_burg_aicc(&burg, 2);
	while (more && burg.order < most && burg.order < n - 1)
	{
		pulse();
		more = si_burg_raise(&burg);
		if (!more)
			burg.variance = SI_CONSTANT_SPREAD * burg.first;
		if (si_burg_aicc(&burg, 2) < best)
		{
			best = si_burg_aicc(&burg, 2);
			chosen = burg.order;
			memcpy(ar, burg.ar, chosen * sizeof(double));
		}
	}
	return chosen;
}
