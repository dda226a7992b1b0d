/*
 * si_logistic.c
 *	  Penalised logistic regression: one pass, one step, one fit.
 *
 * Special cases: a row of weight zero adds nothing; a fixed column keeps its
 * coefficient; a constant column has scale zero, hence a zero row in the
 * Hessian, and must be fixed or penalised.
 * Accuracy: see SI_NEWTON_MOVE; sums run over blocks of 256 rows, so rounding
 * grows with the number of blocks, not of rows.
 */
#include "core/lead/si_logistic.h"

#include <math.h>
#include <string.h>

#include "core/linalg/si_blas.h"
#include "core/si_tolerance.h"

#define MAX_ITERATIONS	30
#define MAX_HALVINGS	30
#define MAX_SWEEPS		10000

size_t
si_sums_size(int p)
{
	return ((size_t) p + (size_t) p * p) * sizeof(double);
}

void
si_sums_place(SiSums *sums, int p, double *memory)
{
	sums->gradient = memory;
	sums->hessian = memory + p;
	si_sums_clear(sums, p);
}

void
si_sums_clear(SiSums *sums, int p)
{
	sums->loglik = 0;
	memset(sums->gradient, 0, (size_t) p * sizeof(double));
	memset(sums->hessian, 0, (size_t) p * p * sizeof(double));
}

void
si_sums_add(SiSums *to, double factor, const SiSums *from, int p)
{
	size_t		n = (size_t) p * p;

	to->loglik += factor * from->loglik;
	for (int j = 0; j < p; j++)
		to->gradient[j] += factor * from->gradient[j];
	for (size_t i = 0; i < n; i++)
		to->hessian[i] += factor * from->hessian[i];
}

/* A block of rows and two vectors beside it; a p x p matrix; two p-vectors. */
size_t
si_logistic_work_size(int p)
{
	size_t		block = (size_t) SI_BLOCK_ROWS * ((size_t) p + 2);

	return (block + (size_t) p * p + 2 * (size_t) p) * sizeof(double);
}

static double *
matrix_work(const SiLogistic *fit)
{
	return fit->work + (size_t) SI_BLOCK_ROWS * (fit->design->columns + 2);
}

/*
 * Turn the margins of a block into residuals w (y - p) and square roots of
 * the IRLS weights w p (1 - p); returns the log-likelihood.  The terms
 * log(1 + exp(-|margin|)) of unweighted rows are taken as one logarithm of a
 * product of at most 256 factors in (1, 2].
 */
static double
link_block(const SiDesign *design, int64_t first, int n, double *margin,
		   double *residual)
{
	double		loglik = 0;
	double		product = 1;

	for (int i = 0; i < n; i++)
	{
		double		y = design->positive[first + i];
		double		w = design->weight ? design->weight[first + i] : 1.0;
		double		e = exp(-fabs(margin[i]));
		double		q = 1 / (1 + e);	/* the likelier class */
		double		p = margin[i] >= 0 ? q : e * q;

		if (y ? margin[i] < 0 : margin[i] > 0)
			loglik -= w * fabs(margin[i]);
		if (design->weight)
			loglik -= w * log1p(e);
		else
			product *= 1 + e;
		residual[i] = w * (y - p);
		margin[i] = sqrt(w * e) * q;
	}
	return loglik - log(product);
}

void
si_logistic_accumulate(const SiLogistic *fit, SiRange range,
					   const double *beta, SiSums *sums)
{
	const SiDesign *design = fit->design;
	int			p = design->columns;
	double	   *z = fit->work;
	double	   *margin = z + (size_t) SI_BLOCK_ROWS * p;
	double	   *residual = margin + SI_BLOCK_ROWS;

	for (int64_t first = range.first; first < range.last;
		 first += SI_BLOCK_ROWS)
	{
		int			n = (int) (range.last - first < SI_BLOCK_ROWS ?
							   range.last - first : SI_BLOCK_ROWS);

		fit->pulse();
		si_design_expand(design, first, n, z);
		si_blas_gemv(n, p, z, p, beta, margin);
		sums->loglik += link_block(design, first, n, margin, residual);
		si_blas_gemv_t(n, p, z, p, residual, sums->gradient);
		for (int i = 0; i < n; i++)
			for (int j = 0; j < p; j++)
				z[(size_t) i * p + j] *= margin[i];
		si_blas_syrk_lower(p, n, z, p, sums->hessian, p);
	}
}

void
si_logistic_margins(const SiLogistic *fit, SiRange range, const double *beta,
					double *margin, const double *beta2, double *margin2)
{
	int			p = fit->design->columns;

	for (int64_t first = range.first; first < range.last;
		 first += SI_BLOCK_ROWS)
	{
		int			n = (int) (range.last - first < SI_BLOCK_ROWS ?
							   range.last - first : SI_BLOCK_ROWS);

		fit->pulse();
		si_design_expand(fit->design, first, n, fit->work);
		si_blas_gemv(n, p, fit->work, p, beta, margin + (first - range.first));
		if (beta2 != NULL)
			si_blas_gemv(n, p, fit->work, p, beta2,
						 margin2 + (first - range.first));
	}
}

static bool
is_fixed(const SiLogistic *fit, int j)
{
	return fit->fixed && fit->fixed[j];
}

/* Copy the Hessian, add the ridge, and cut the fixed columns out. */
static void
penalised_hessian(const SiLogistic *fit, const double *hessian, double *a)
{
	int			p = fit->design->columns;

	for (int i = 0; i < p; i++)
	{
		memcpy(a + (size_t) i * p, hessian + (size_t) i * p,
			   (size_t) (i + 1) * sizeof(double));
		if (i > 0)
			a[(size_t) i * p + i] += fit->penalty.l2;
		for (int j = 0; j <= i; j++)
			if (is_fixed(fit, i) || is_fixed(fit, j))
				a[(size_t) i * p + j] = (i == j);
	}
}

/* Gradient of the smooth part of the objective. */
static void
penalised_gradient(const SiLogistic *fit, const SiSums *sums,
				   const double *beta, double *g)
{
	for (int j = 0; j < fit->design->columns; j++)
	{
		g[j] = sums->gradient[j] - (j > 0 ? fit->penalty.l2 * beta[j] : 0);
		if (is_fixed(fit, j))
			g[j] = 0;
	}
}

static double
soft_threshold(double x, double t)
{
	return x > t ? x - t : x < -t ? x + t : 0;
}

/* Mirror the lower triangle, so that a row of the matrix is contiguous. */
static void
mirror(int p, double *a)
{
	for (int i = 0; i < p; i++)
		for (int j = 0; j < i; j++)
			a[(size_t) j * p + i] = a[(size_t) i * p + j];
}

/*
 * Minimise  1/2 s'As - g's + l1 |beta + s|_1  over s.  residual holds g - As
 * and is kept up to date, so that a coordinate that does not move costs O(1).
 */
static void
descent_step(const SiLogistic *fit, double *a, const double *beta, double *g,
			 double *step)
{
	int			p = fit->design->columns;

	mirror(p, a);
	memset(step, 0, (size_t) p * sizeof(double));
	for (int sweep = 0; sweep < MAX_SWEEPS; sweep++)
	{
		double		largest = 0;

		fit->pulse();
		for (int j = 0; j < p; j++)
		{
			const double *row = a + (size_t) j * p;
			double		now = beta[j] + step[j];
			double		next;
			double		move;

			if (is_fixed(fit, j) || row[j] <= 0)
				continue;
			next = now * row[j] + g[j];
			next = soft_threshold(next, j > 0 ? fit->penalty.l1 : 0) / row[j];
			move = next - now;
			if (move == 0)
				continue;
			step[j] += move;
			for (int k = 0; k < p; k++)
				g[k] -= move * row[k];
			if (fabs(move) > largest)
				largest = fabs(move);
		}
		if (largest < SI_DESCENT_STEP)
			break;
	}
}

static double
penalty_value(const SiLogistic *fit, const double *beta)
{
	double		value = 0;

	for (int j = 1; j < fit->design->columns; j++)
		value += fit->penalty.l1 * fabs(beta[j]) +
			fit->penalty.l2 / 2 * beta[j] * beta[j];
	return value;
}

/* Gain of the quadratic model along step: g's - 1/2 s'As - l1 difference. */
static double
descent_gain(const SiLogistic *fit, const SiSums *sums, const double *beta,
			 const double *step)
{
	int			p = fit->design->columns;
	const double *h = sums->hessian;
	double		gain = 0;

	for (int i = 0; i < p; i++)
	{
		double		hs = 0;
		double		l2 = i > 0 ? fit->penalty.l2 : 0;

		for (int j = 0; j < p; j++)
			hs += (j <= i ? h[(size_t) i * p + j] : h[(size_t) j * p + i]) *
				  step[j];
		hs += l2 * step[i];
		gain += (sums->gradient[i] - l2 * beta[i]) * step[i] - hs * step[i] / 2;
		if (i > 0)
			gain -= fit->penalty.l1 * (fabs(beta[i] + step[i]) - fabs(beta[i]));
	}
	return gain;
}

SiStatus
si_newton_step(const SiLogistic *fit, const SiSums *sums, const double *beta,
			   double *step, double *gain)
{
	int			p = fit->design->columns;
	double	   *a = matrix_work(fit);
	double	   *g = a + (size_t) p * p;

	penalised_hessian(fit, sums->hessian, a);
	penalised_gradient(fit, sums, beta, g);
	if (fit->penalty.l1 > 0)
	{
		descent_step(fit, a, beta, g, step);
		*gain = descent_gain(fit, sums, beta, step);
		return SI_OK;
	}
	if (si_blas_cholesky(p, a, p) != 0)
		return SI_SINGULAR;
	memcpy(step, g, (size_t) p * sizeof(double));
	si_blas_cholesky_solve(p, a, p, step);
	*gain = 0;
	for (int j = 0; j < p; j++)
		*gain += g[j] * step[j] / 2;
	return SI_OK;
}

static void
accumulate_all(const SiLogistic *fit, int nranges, const SiRange *ranges,
			   SiSums *parts, SiSums *total, const double *beta)
{
	int			p = fit->design->columns;

	si_sums_clear(total, p);
	for (int i = 0; i < nranges; i++)
	{
		SiSums	   *sums = parts ? &parts[i] : total;

		if (parts)
			si_sums_clear(sums, p);
		si_logistic_accumulate(fit, ranges[i], beta, sums);
		if (parts)
			si_sums_add(total, 1.0, sums, p);
	}
}

/*
 * Near a maximum each gain is about the square of the one before.  Gains that
 * fall by a factor of e from step to step, however small, lead to infinity:
 * that is how Newton's method runs along separated classes.
 */
static bool
has_converged(const SiLogistic *fit, double weight, double gain,
			  double last_gain)
{
	return gain < fit->enough_gain ||
		(gain <= SI_NEWTON_MOVE * weight &&
		 !(gain > SI_SEPARATED_GAIN * last_gain));
}

SiStatus
si_logistic_fit(const SiLogistic *fit, int nranges, const SiRange *ranges,
				SiSums *parts, SiSums *total, double *beta)
{
	int			p = fit->design->columns;
	double	   *step = matrix_work(fit) + (size_t) p * p + p;
	double		best = -INFINITY;
	double		gain = INFINITY;
	int			halvings = 0;

	for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++)
	{
		double		objective;
		double		last_gain = gain;

		accumulate_all(fit, nranges, ranges, parts, total, beta);
		objective = total->loglik - penalty_value(fit, beta);
		if (!(objective >= best - SI_OBJECTIVE_NOISE * fabs(best)) &&
			iteration > 0 && halvings < MAX_HALVINGS)
		{
			for (int j = 0; j < p; j++)
			{
				step[j] /= 2;
				beta[j] -= step[j];
			}
			halvings++;
			iteration--;
			continue;
		}
		best = objective;
		if (si_newton_step(fit, total, beta, step, &gain) != SI_OK)
			return SI_SINGULAR;
		for (int j = 0; j < p; j++)
			beta[j] += step[j];
		if (has_converged(fit, total->hessian[0], gain, last_gain))
			return SI_OK;
	}
	return SI_NO_CONVERGENCE;
}

SiStatus
si_logistic_covariance(const SiLogistic *fit, const SiSums *sums,
					   double *covariance)
{
	int			p = fit->design->columns;

	penalised_hessian(fit, sums->hessian, covariance);
	if (si_blas_cholesky(p, covariance, p) != 0 ||
		si_blas_cholesky_inverse(p, covariance, p) != 0)
		return SI_SINGULAR;
	return SI_OK;
}

int
si_collinear_columns(int p, const double *hessian, bool *collinear,
					 double *work, SiPulse pulse)
{
	int			found = 0;

	for (int i = 0; i < p; i++)
	{
		double	   *li = work + (size_t) i * p;
		double		size = hessian[(size_t) i * p + i];
		double		pivot = size;

		pulse();
		for (int j = 0; j < i; j++)
		{
			const double *lj = work + (size_t) j * p;
			double		sum = hessian[(size_t) i * p + j];

			li[j] = 0;
			if (collinear[j])
				continue;
			for (int k = 0; k < j; k++)
				sum -= li[k] * lj[k];
			li[j] = sum / lj[j];
			pivot -= li[j] * li[j];
		}
		collinear[i] = !(pivot > SI_COLLINEAR_PIVOT * size);
		li[i] = collinear[i] ? 0 : sqrt(pivot);
		found += collinear[i];
	}
	return found;
}
