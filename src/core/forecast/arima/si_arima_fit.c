/*
 * si_arima_fit.c
 *	  Coefficients of a seasonal ARIMA model of one order.
 *
 * Method: conditional least squares from zero, then the exact likelihood of
 * the differenced series from there.  With the variance concentrated out,
 * -2 / n times the log-likelihood is the log of
 *	  sum e[t]^2 / F[t] times (product of F)^(1 / n)
 * but for a constant: a sum of squares of n scaled innovations, which Gauss
 * and Newton's method lowers in few rounds (si_marquardt.c).  The constant is
 * concentrated out too: the innovations of its column, and of the series, are
 * found by one filter, and regressed.  Where rounds end without convergence a
 * simplex goes on.
 *
 * A moving average may leave the invertible region on the way, where the
 * likelihood is that of its twin within; it is reflected at the end.
 *
 * Special cases: innovations below the rounding of the values count as that
 * rounding, so that a series without noise has a finite likelihood.
 *
 * Accuracy: log-likelihoods to about 1e-7.
 *
 * Reference: G. E. P. Box, G. M. Jenkins, "Time Series Analysis: Forecasting
 * and Control", chapter 7; A. C. Harvey, G. D. A. Phillips, Biometrika 66
 * (1979) 49-58.
 */
#include "core/forecast/arima/si_arima_inner.h"

#include <math.h>
#include <string.h>

#include "core/forecast/arima/si_difference.h"
#include "core/forecast/si_simplex.h"
#include "core/si_tolerance.h"

#define ROUNDS			80		/* of derivatives, to compare models */
#define FINAL_ROUNDS	200
#define EVALUATIONS		2000	/* of the simplex */
#define SIMPLEX_STEP	0.05
#define LARGEST			50.0	/* coefficient in which to look */
#define TAMING			0.9		/* of roots, until they are stationary */

/* ----- The differenced series ----- */

void
si_arima_difference(SiArimaTask *task, int n, const double *y, double scale,
					int d, int D)
{
	double		drift = D > 0 ? task->season : 1.0;
	int			t;
	int			i;

	for (t = 0; t < n; t++)
		task->w[t] = y[t] * scale;
	for (i = 0; i < D; i++)
		n = si_difference(n, task->w, task->season);
	for (i = 0; i < d; i++)
		n = si_difference(n, task->w, 1);
	for (t = 0; t < n; t++)
		task->w[n + t] = drift;
	task->n = n;
}

/* ----- Innovations ----- */

/* Takes the second column out of the first; returns how much of it. */
static double
regress(SiArimaTask *task, int width)
{
	int			n = task->n;
	const double *x = task->e + n;
	double		covariance = 0.0;
	double		variance = 0.0;
	double		slope;
	int			t;

	for (t = 0; t < n; t++)
	{
		covariance += x[t] * task->e[t];
		variance += x[t] * x[t];
	}
	slope = variance > 0.0 ? covariance / variance : 0.0;
	for (t = 0; t < n; t++)
		task->e[t] -= slope * x[t];
	for (t = 0; t < width; t++)
		task->state[t] -= slope * task->state[width + t];
	return slope;
}

bool
si_arima_innovations(SiArimaTask *task, const SiArimaTrial *trial, double *sd,
					 double *constant, double *log_determinant)
{
	SiArmaOrder order = si_arima_arma(&trial->order, task->season);
	SiArma		arma;

	si_arma_expand(&order, trial->coefficient, &arma);
	if (!si_arma_filter(&arma, task->n, 1 + trial->order.constant, task->w,
						task->e, sd, task->state, log_determinant,
						task->filter_room, task->pulse))
		return false;
	*constant = trial->order.constant ? regress(task, arma.width) : 0.0;
	return true;
}

/* What the optimisers see. */
typedef struct Aim
{
	SiArimaTask *task;
	SiArimaTrial *trial;
	bool		exact;
} Aim;

static bool
take_coefficients(Aim *aim, const double *x)
{
	SiArmaOrder order = si_arima_arma(&aim->trial->order, aim->task->season);
	int			count = si_arma_coefficients(&order);
	int			i;

	for (i = 0; i < count; i++)
	{
		if (!(fabs(x[i]) <= LARGEST))
			return false;
	}
	memmove(aim->trial->coefficient, x, count * sizeof(double));
	return true;
}

static bool
conditional_innovations(SiArimaTask *task, SiArimaTrial *trial)
{
	SiArmaOrder order = si_arima_arma(&trial->order, task->season);
	SiArma		arma;

	si_arma_expand(&order, trial->coefficient, &arma);
	si_arma_condition(&arma, task->n, 1 + trial->order.constant, task->w,
					  task->e, task->pulse);
	trial->constant = trial->order.constant ? regress(task, 0) : 0.0;
	return true;
}

/* Innovations whose sum of squares is to be least. */
static bool
residuals(const double *x, double *residual, void *arg)
{
	Aim		   *aim = arg;
	SiArimaTask *task = aim->task;
	double		scale = 1.0;
	double		log_determinant;
	int			t;

	if (!take_coefficients(aim, x))
		return false;
	if (!aim->exact)
		conditional_innovations(task, aim->trial);
	else if (si_arima_innovations(task, aim->trial, NULL,
								  &aim->trial->constant, &log_determinant))
		scale = exp(0.5 * log_determinant / task->n);
	else
		return false;
	for (t = 0; t < task->n; t++)
		residual[t] = scale * task->e[t];
	return true;
}

static double
objective(const double *x, void *arg)
{
	Aim		   *aim = arg;
	double	   *residual = aim->task->marquardt_room;
	double		sum = 0.0;
	int			t;

	if (!residuals(x, residual, arg))
		return INFINITY;
	for (t = 0; t < aim->task->n; t++)
		sum += residual[t] * residual[t];
	return sum;
}

/* ----- Estimates ----- */

/* Draws roots away from the unit circle until they lie beyond it. */
static void
tame(int p, double *a, bool (*sound) (int p, const double *a, double radius))
{
	int			i;

	while (!sound(p, a, 1.0))
	{
		double		power = 1.0;

		for (i = 0; i < p; i++)
			a[i] *= (power *= TAMING);
	}
}

static void
tame_all(const SiArimaOrder *order, double *coefficient)
{
	double	   *ma = coefficient + order->p;
	double	   *seasonal_ar = ma + order->q;

	tame(order->p, coefficient, si_arma_stationary);
	tame(order->q, ma, si_arma_invertible);
	tame(order->P, seasonal_ar, si_arma_stationary);
	tame(order->Q, seasonal_ar + order->P, si_arma_invertible);
}

/* From x to the least sum that is found; coefficients are left in x. */
static double
descend(Aim *aim, double *x, int rounds, double gain, bool *converged)
{
	SiArmaOrder order = si_arima_arma(&aim->trial->order, aim->task->season);
	SiMarquardtOptions options = {rounds, gain / aim->task->n};

	return si_marquardt_minimise(si_arma_coefficients(&order), aim->task->n,
								 x, residuals, aim, &options, converged,
								 aim->task->marquardt_room);
}

/* Where steps along slopes came to no end. */
static double
wander(Aim *aim, double *x, double sum)
{
	SiArmaOrder order = si_arima_arma(&aim->trial->order, aim->task->season);
	int			count = si_arma_coefficients(&order);
	SiSimplexOptions options = {EVALUATIONS, SI_ARIMA_FINAL_GAIN};
	double		step[SI_ARIMA_COEFFICIENTS];
	double		at[SI_ARIMA_COEFFICIENTS];
	double		found;
	int			i;

	for (i = 0; i < count; i++)
	{
		at[i] = x[i];
		step[i] = x[i] > 0.0 ? -SIMPLEX_STEP : SIMPLEX_STEP;
	}
	found = si_simplex_minimise(count, at, step, objective, aim, &options,
								aim->task->marquardt_room + aim->task->n);
	if (!(found < sum))
		return sum;
	memcpy(x, at, count * sizeof(double));
	return found;
}

/* Coefficients of (1 + sign root B)^p, as of a polynomial 1 + sign sum. */
static void
repeat_root(int p, double root, double sign, double *a)
{
	int			i;
	int			j;

	memset(a, 0, p * sizeof(double));
	for (i = 0; i < p; i++)
	{
		for (j = i; j > 0; j--)
			a[j] += sign * root * a[j - 1];
		a[0] += root;
	}
}

/* Other places to start from: roots of both sides, plain and seasonal. */
static const double start_at[][4] = {
	{0.0, 0.0, 0.0, 0.0},
	{0.5, 0.0, 0.5, 0.0},
	{0.0, 0.5, 0.0, 0.5},
	{0.0, -0.5, 0.0, -0.5},
	{0.8, -0.5, 0.8, -0.5},
	{0.5, 0.5, 0.5, 0.5},
	{-0.5, 0.5, -0.5, 0.5}
};

static void
place_roots(const SiArimaOrder *order, const double *root, double *x)
{
	double	   *ma = x + order->p;
	double	   *seasonal_ar = ma + order->q;

	repeat_root(order->p, root[0], -1.0, x);
	repeat_root(order->q, root[1], 1.0, ma);
	repeat_root(order->P, root[2], -1.0, seasonal_ar);
	repeat_root(order->Q, root[3], 1.0, seasonal_ar + order->P);
}

/* Searches on from other places; the lowest sum is in x. */
static double
start_again(Aim *aim, double *x, double sum)
{
	double		other[SI_ARIMA_COEFFICIENTS];
	size_t		i;

	for (i = 0; i < sizeof(start_at) / sizeof(start_at[0]); i++)
	{
		double		found;

		memset(other, 0, sizeof(other));
		place_roots(&aim->trial->order, start_at[i], other);
		found = descend(aim, other, ROUNDS, SI_ARIMA_SEARCH_GAIN, NULL);
		if (!(found < sum))
			continue;
		memcpy(x, other, sizeof(other));
		sum = found;
	}
	return sum;
}

/* To the end; by simplex where that is not reached. */
static double
finish(Aim *aim, double *x)
{
	bool		converged;
	double		sum = descend(aim, x, FINAL_ROUNDS, SI_ARIMA_FINAL_GAIN,
							  &converged);

	return converged ? sum : wander(aim, x, sum);
}

static bool
worth_conditioning(const SiArimaTask *task, const SiArimaOrder *order)
{
	return task->n - order->p - order->P * task->season >
		si_arima_estimated(order);
}

static double
criterion(const SiArimaTask *task, const SiArimaOrder *order,
		  double log_likelihood)
{
	double		k = si_arima_estimated(order);
	double		rest = task->n - k - 1.0;

	if (task->n <= 3)
		return 2.0 * (k - log_likelihood);
	return rest > 0.0 ?
		2.0 * (k - log_likelihood) + 2.0 * k * (k + 1.0) / rest : INFINITY;
}

/* Log-likelihood, or what stands for it, from a mean square. */
static double
likelihood(const SiArimaTask *task, double square)
{
	double		least = SI_CONSTANT_SPREAD * task->size;

	return -0.5 * task->n *
		(1.0 + log(2.0 * M_PI) + log(fmax(square, least * least)));
}

static void
reflect_all(SiArimaTrial *trial)
{
	const SiArimaOrder *order = &trial->order;
	double	   *ma = trial->coefficient + order->p;

	si_arma_reflect(order->q, ma);
	si_arma_reflect(order->Q, ma + order->q + order->P);
}

void
si_arima_estimate(SiArimaTask *task, SiArimaTrial *trial, SiArimaCare care)
{
	const SiArimaOrder *order = &trial->order;
	Aim			aim = {task, trial, false};
	double		x[SI_ARIMA_COEFFICIENTS] = {0.0};
	double		sum = INFINITY;
	int			used = task->n - order->p - order->P * task->season;

	if (worth_conditioning(task, order))
		sum = descend(&aim, x, ROUNDS, SI_ARIMA_SEARCH_GAIN, NULL);
	if (care != SI_ARIMA_CONDITIONAL)
	{
		aim.exact = true;
		tame_all(order, x);
		sum = descend(&aim, x, ROUNDS, SI_ARIMA_SEARCH_GAIN, NULL);
		if (care == SI_ARIMA_GIVEN)
			sum = start_again(&aim, x, sum);
		if (care >= SI_ARIMA_FINAL)
			sum = finish(&aim, x);
		used = task->n;
	}
	memcpy(trial->coefficient, x, sizeof(x));
	if (aim.exact)
		reflect_all(trial);
	trial->sum = sum;
	trial->log_likelihood = isinf(sum) ? -INFINITY :
		likelihood(task, sum / used);
	trial->criterion = criterion(task, order, trial->log_likelihood);
}
