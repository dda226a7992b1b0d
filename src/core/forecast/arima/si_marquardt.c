/*
 * si_marquardt.c
 *	  Least squares by Levenberg and Marquardt's steps.
 *
 * Method: Gauss and Newton's normal equations with a share of their diagonal
 * added, less while steps keep what they promise, more when they do not;
 * derivatives by forward differences.  Sums that are nearly quadratic, as the
 * likelihood of an ARMA process in scaled innovations, take four to eight
 * rounds.
 *
 * Special cases: where a difference steps out of bounds it is taken on the
 * other side; a variable that changes nothing stays.
 *
 * Reference: D. W. Marquardt, "An algorithm for least-squares estimation of
 * nonlinear parameters", SIAM Journal on Applied Mathematics 11 (1963)
 * 431-441.
 */
#include "core/forecast/arima/si_marquardt.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

#define FIRST_SHARE		1e-3
#define LAST_SHARE		1e8
#define SOFTER			0.1
#define HARDER			8.0
#define KEPT			0.25	/* share of a promise that keeps the model */

typedef struct Marquardt
{
	int			p;
	int			n;
	SiResiduals residuals;
	void	   *arg;
	double	   *residual;		/* at x, n */
	double	   *trial;			/* at the trial, n */
	double	   *slope;			/* p columns of n */
	double		sum;
	double		normal[SI_MARQUARDT_MOST * SI_MARQUARDT_MOST];
	double		gradient[SI_MARQUARDT_MOST];	/* half of it */
	double		step[SI_MARQUARDT_MOST];
} Marquardt;

size_t
si_marquardt_room(int p, int n)
{
	return (size_t) (p + 2) * n;
}

/* Four sums at a time: they do not wait for each other. */
static double
dot(int n, const double *x, const double *y)
{
	double		sum[4] = {0.0, 0.0, 0.0, 0.0};
	int			i;

	for (i = 0; i + 4 <= n; i += 4)
	{
		sum[0] += x[i] * y[i];
		sum[1] += x[i + 1] * y[i + 1];
		sum[2] += x[i + 2] * y[i + 2];
		sum[3] += x[i + 3] * y[i + 3];
	}
	for (; i < n; i++)
		sum[0] += x[i] * y[i];
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double
sum_at(const Marquardt *q, const double *x, double *residual)
{
	double		sum;

	if (!q->residuals(x, residual, q->arg))
		return INFINITY;
	sum = dot(q->n, residual, residual);
	return sum == sum ? sum : INFINITY;
}

static void
find_slope(Marquardt *q, double *x, int j)
{
	double	   *slope = q->slope + (size_t) j * q->n;
	double		at = x[j];
	double		by = x[j] > 0.0 ? -SI_DIFFERENCE_STEP : SI_DIFFERENCE_STEP;
	int			i;

	x[j] = at + by;
	if (isinf(sum_at(q, x, slope)))
	{
		by = -by;
		x[j] = at + by;
		if (isinf(sum_at(q, x, slope)))
			memcpy(slope, q->residual, q->n * sizeof(double));
	}
	by = x[j] - at;
	x[j] = at;
	for (i = 0; i < q->n; i++)
		slope[i] = (slope[i] - q->residual[i]) / by;
}

static void
find_normal(Marquardt *q, double *x)
{
	int			i;
	int			j;

	for (j = 0; j < q->p; j++)
	{
		const double *slope = q->slope + (size_t) j * q->n;

		find_slope(q, x, j);
		q->gradient[j] = dot(q->n, slope, q->residual);
		for (i = 0; i <= j; i++)
			q->normal[j * q->p + i] =
				dot(q->n, slope, q->slope + (size_t) i * q->n);
	}
}

/* Cholesky of the lower triangle in place; false: not positive. */
static bool
factorise(int p, double *a)
{
	int			i;
	int			j;
	int			k;

	for (j = 0; j < p; j++)
	{
		for (i = j; i < p; i++)
		{
			double		rest = a[i * p + j];

			for (k = 0; k < j; k++)
				rest -= a[i * p + k] * a[j * p + k];
			if (i == j && !(rest > 0.0))
				return false;
			a[i * p + j] = i == j ? sqrt(rest) : rest / a[j * p + j];
		}
	}
	return true;
}

static void
solve(int p, const double *factor, double *x)
{
	int			i;
	int			k;

	for (i = 0; i < p; i++)
	{
		for (k = 0; k < i; k++)
			x[i] -= factor[i * p + k] * x[k];
		x[i] /= factor[i * p + i];
	}
	for (i = p - 1; i >= 0; i--)
	{
		for (k = i + 1; k < p; k++)
			x[i] -= factor[k * p + i] * x[k];
		x[i] /= factor[i * p + i];
	}
}

/* The step, and by how much it promises to lower the sum; -1: no step. */
static double
find_step(Marquardt *q, double share)
{
	double		factor[SI_MARQUARDT_MOST * SI_MARQUARDT_MOST];
	double		largest = 0.0;
	double		promise = 0.0;
	int			p = q->p;
	int			i;
	int			j;

	for (i = 0; i < p; i++)
		largest = fmax(largest, q->normal[i * p + i]);
	memcpy(factor, q->normal, (size_t) p * p * sizeof(double));
	for (i = 0; i < p; i++)
	{
		factor[i * p + i] += share *
			(q->normal[i * p + i] + SI_RIDGE_GUARD * largest);
		q->step[i] = -q->gradient[i];
	}
	if (!factorise(p, factor))
		return -1.0;
	solve(p, factor, q->step);
	for (i = 0; i < p; i++)
	{
		promise -= (2.0 * q->gradient[i] +
					q->step[i] * q->normal[i * p + i]) * q->step[i];
		for (j = 0; j < i; j++)
			promise -= 2.0 * q->step[i] * q->step[j] * q->normal[i * p + j];
	}
	return promise;
}

static void
accept(Marquardt *q, double *x, double sum)
{
	double	   *old = q->residual;
	int			i;

	for (i = 0; i < q->p; i++)
		x[i] += q->step[i];
	q->residual = q->trial;
	q->trial = old;
	q->sum = sum;
}

/* Shortens the step until it gains.  Returns whether more is to be gained. */
static bool
improve(Marquardt *q, double *x, double *share, double gain, bool *converged)
{
	double		at[SI_MARQUARDT_MOST];
	double		before = q->sum;
	bool		failed = false;
	int			i;

	for (; *share <= LAST_SHARE; *share *= HARDER)
	{
		double		promise = find_step(q, *share);
		double		sum;

		if (promise < 0.0)
			continue;
		if (promise <= gain * before)
		{
			*converged = !failed;
			return false;
		}
		for (i = 0; i < q->p; i++)
			at[i] = x[i] + q->step[i];
		sum = sum_at(q, at, q->trial);
		failed = !(sum < before);
		if (failed)
			continue;
		accept(q, x, sum);
		if (before - sum > KEPT * promise)
			*share = fmax(*share * SOFTER, SI_RIDGE_GUARD);
		else
			*share *= HARDER;
		*converged = before - sum <= gain * before &&
			before - sum > KEPT * promise;
		return !*converged;
	}
	return false;
}

double
si_marquardt_minimise(int p, int n, double *x, SiResiduals residuals,
					  void *arg, const SiMarquardtOptions *options,
					  bool *converged, double *room)
{
	Marquardt	q = {p, n, residuals, arg, room, room + n,
		room + 2 * (size_t) n, 0.0, {0.0}, {0.0}, {0.0}
	};
	double		share = FIRST_SHARE;
	bool		settled = false;
	int			round;

	q.sum = sum_at(&q, x, q.residual);
	for (round = 0; round < options->rounds && p > 0 && !isinf(q.sum); round++)
	{
		find_normal(&q, x);
		if (!improve(&q, x, &share, options->gain, &settled))
			break;
	}
	if (converged)
		*converged = settled || p == 0;
	return q.sum;
}
