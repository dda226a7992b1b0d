/*
 * si_cox.c
 *	  Proportional hazards: one evaluation, one fit.
 */
#include "core/stats/survival/si_cox.h"

#include <math.h>
#include <string.h>

#include "core/linalg/si_blas.h"
#include "core/si_tolerance.h"
#include "core/stats/si_sum.h"

#define MAX_ITERATIONS	30	/* beyond, only rounding is left to see */
#define MAX_HALVINGS	30

/*
 * The rows at risk, by sums of exp(margin - shift); tied: those of the time
 * at hand that have the event.
 */
typedef struct RiskSet
{
	double		shift;
	double		sum;
	double		tied;
	int64_t		events;			/* of the time at hand */
	double	   *mean;			/* sums of columns, p */
	double	   *tied_mean;
	double	   *outer;			/* rows for the outer products, p each */
	int			nouter;
	double	   *product;		/* sum of outer products, p * p */
	SiSum		loglik;
} RiskSet;

/* ----- Work memory ----- */

/* A block of rows, one of outer products, p * p, two p; the logistic's. */
size_t
si_cox_work_size(int p)
{
	size_t		columns = (size_t) p;

	return (2 * SI_BLOCK_ROWS * (columns + 1) + columns * columns +
			3 * columns) * sizeof(double) + si_logistic_work_size(p);
}

static double *
block_work(const SiCox *fit)
{
	return fit->work;
}

static void
place_risk(const SiCox *fit, RiskSet *risk)
{
	size_t		p = (size_t) fit->design->columns;

	memset(risk, 0, sizeof(RiskSet));
	risk->shift = -INFINITY;
	risk->outer = fit->work + SI_BLOCK_ROWS * (p + 1);
	risk->mean = risk->outer + SI_BLOCK_ROWS * (p + 1);
	risk->tied_mean = risk->mean + p;
	risk->product = risk->tied_mean + p;
	memset(risk->mean, 0, (2 * p + p * p) * sizeof(double));
}

/* The Newton step is that of logistic regression with other sums. */
static SiLogistic
newton(const SiCox *fit)
{
	size_t		p = (size_t) fit->design->columns;
	SiLogistic	shell = {
		fit->design, {0, fit->l2}, fit->fixed, 0, fit->pulse,
		fit->work + 2 * SI_BLOCK_ROWS * (p + 1) + p * p + 3 * p
	};

	return shell;
}

/* ----- Backwards: risk sets ----- */

static void
scale(double *x, int p, double factor)
{
	for (int j = 0; j < p; j++)
		x[j] *= factor;
}

static void
add(double *to, const double *x, int p, double factor)
{
	for (int j = 0; j < p; j++)
		to[j] += factor * x[j];
}

/* Make room above: sums become relative to a larger margin. */
static void
raise_shift(RiskSet *risk, int p, double margin)
{
	double		factor = exp(risk->shift - margin);

	risk->sum *= factor;
	risk->tied *= factor;
	scale(risk->mean, p, factor);
	scale(risk->tied_mean, p, factor);
	risk->shift = margin;
}

static void
enter(RiskSet *risk, int p, const double *x, double margin, bool event)
{
	double		weight;

	if (margin > risk->shift)
		raise_shift(risk, p, margin);
	weight = exp(margin - risk->shift);
	risk->sum += weight;
	add(risk->mean, x, p, weight);
	if (!event)
		return;
	risk->events++;
	risk->tied += weight;
	add(risk->tied_mean, x, p, weight);
	si_sum_add(&risk->loglik, margin - risk->shift);
}

static void
flush_outer(const SiCox *fit, RiskSet *risk)
{
	int			p = fit->design->columns;

	si_blas_syrk_lower(p, risk->nouter, risk->outer, p, risk->product, p);
	risk->nouter = 0;
}

/*
 * The sum over events l of (mean - f tied_mean)(mean - f tied_mean)'/risk^2,
 * f = l / events, as two outer products at most: its 2 x 2 matrix of weights,
 * of which these are the lower three, is taken apart by Cholesky.
 */
static void
push_outer(const SiCox *fit, RiskSet *risk, double m11, double m21,
		   double m22)
{
	int			p = fit->design->columns;
	double		l11 = sqrt(m11);
	double		l21 = m21 / l11;
	double		rest = m22 - l21 * l21;
	double	   *row;

	if (risk->nouter + 2 > SI_BLOCK_ROWS)
		flush_outer(fit, risk);
	row = risk->outer + (size_t) risk->nouter++ * p;
	memset(row, 0, p * sizeof(double));
	add(row, risk->mean, p, l11);
	if (m22 == 0)
		return;
	add(row, risk->tied_mean, p, l21);
	row = risk->outer + (size_t) risk->nouter++ * p;
	memset(row, 0, p * sizeof(double));
	add(row, risk->tied_mean, p, rest > 0 ? sqrt(rest) : 0);
}

/* All rows of a time are at risk: let its events happen. */
static void
close_time(const SiCox *fit, RiskSet *risk, SiCoxStep *step)
{
	double		events = (double) risk->events;
	double		m11 = 0;
	double		m21 = 0;
	double		m22 = 0;

	memset(step, 0, sizeof(SiCoxStep));
	step->shift = risk->shift;
	if (risk->events == 0)
		return;
	step->breslow = events / risk->sum;
	for (int64_t l = 0; l < risk->events; l++)
	{
		double		f = fit->ties == SI_COX_EFRON ? (double) l / events : 0;
		double		inverse = 1 / (risk->sum - f * risk->tied);

		si_sum_add(&risk->loglik, log(inverse));
		step->hazard += inverse;
		step->tied += f * inverse;
		m11 += inverse * inverse;
		m21 -= f * inverse * inverse;
		m22 += f * f * inverse * inverse;
	}
	push_outer(fit, risk, m11, m21, m22);
	risk->events = 0;
	risk->tied = 0;
	memset(risk->tied_mean, 0, fit->design->columns * sizeof(double));
}

static bool
starts_time(const SiCox *fit, int64_t row)
{
	return row == 0 || fit->time[row - 1] != fit->time[row];
}

/*
 * The margin of an event counts relative to the shift of its entry: what the
 * shift has risen by when its time is closed is made good there.
 */
static void
walk_back(const SiCox *fit, RiskSet *risk)
{
	const SiDesign *design = fit->design;
	int			p = design->columns;
	double	   *z = block_work(fit);
	int64_t		first;

	for (int64_t end = design->rows; end > 0; end = first)
	{
		first = end > SI_BLOCK_ROWS ? end - SI_BLOCK_ROWS : 0;
		fit->pulse();
		si_design_expand(design, first, (int) (end - first), z);
		for (int64_t row = end - 1; row >= first; row--)
		{
			double		shift = risk->shift;

			if (risk->events > 0 && fit->margin[row] > shift)
				si_sum_add(&risk->loglik, (double) risk->events *
						   (shift - fit->margin[row]));
			enter(risk, p, z + (size_t) (row - first) * p, fit->margin[row],
				  design->positive[row]);
			if (starts_time(fit, row))
				close_time(fit, risk, &fit->step[row]);
		}
	}
	flush_outer(fit, risk);
}

/* ----- Forwards: hazards lived through ----- */

/* The hazard so far, relative to exp(-shift). */
typedef struct Lived
{
	double		shift;
	double		hazard;
	double		tied;			/* of the time at hand */
} Lived;

/* Risk sets shrink, so that shifts only fall. */
static void
live_through(Lived *lived, const SiCoxStep *step)
{
	if (lived->hazard > 0)
		lived->hazard *= exp(step->shift - lived->shift);
	lived->hazard += step->hazard;
	lived->shift = step->shift;
	lived->tied = step->tied;
}

/* Turn margins of a block into residuals and square roots of weights. */
static void
weigh_block(const SiCox *fit, int64_t first, int n, Lived *lived,
			double *residual, double *root)
{
	for (int i = 0; i < n; i++)
	{
		int64_t		row = first + i;
		bool		event = fit->design->positive[row];
		double		expected;

		if (starts_time(fit, row))
			live_through(lived, &fit->step[row]);
		expected = exp(fit->margin[row] - lived->shift) *
			(event ? lived->hazard - lived->tied : lived->hazard);
		residual[i] = event - expected;
		root[i] = sqrt(expected > 0 ? expected : 0);
	}
}

static void
walk_forth(const SiCox *fit, SiSums *sums)
{
	const SiDesign *design = fit->design;
	int			p = design->columns;
	double	   *z = block_work(fit);
	double		residual[SI_BLOCK_ROWS];
	double		root[SI_BLOCK_ROWS];
	Lived		lived = {0, 0, 0};

	for (int64_t first = 0; first < design->rows; first += SI_BLOCK_ROWS)
	{
		int			n = (int) (design->rows - first < SI_BLOCK_ROWS ?
							   design->rows - first : SI_BLOCK_ROWS);

		fit->pulse();
		si_design_expand(design, first, n, z);
		weigh_block(fit, first, n, &lived, residual, root);
		si_blas_gemv_t(n, p, z, p, residual, sums->gradient);
		for (int i = 0; i < n; i++)
			scale(z + (size_t) i * p, p, root[i]);
		si_blas_syrk_lower(p, n, z, p, sums->hessian, p);
	}
}

void
si_cox_evaluate(const SiCox *fit, const double *beta, SiSums *sums)
{
	int			p = fit->design->columns;
	SiLogistic	shell = newton(fit);
	SiRange		all = {0, fit->design->rows};
	RiskSet		risk;

	si_sums_clear(sums, p);
	si_logistic_margins(&shell, all, beta, fit->margin, NULL, NULL);
	place_risk(fit, &risk);
	walk_back(fit, &risk);
	walk_forth(fit, sums);
	for (size_t i = 0; i < (size_t) p * p; i++)
		sums->hessian[i] -= risk.product[i];
	sums->loglik = si_sum_value(&risk.loglik);
}

/* ----- The fit ----- */

static double
objective_of(const SiCox *fit, const SiSums *sums, const double *beta)
{
	double		square = 0;

	for (int j = 1; j < fit->design->columns; j++)
		square += beta[j] * beta[j];
	return sums->loglik - fit->l2 / 2 * square;
}

/*
 * As in si_logistic.c: near a maximum each gain is about the square of the one
 * before; gains that fall by a factor of e lead to infinity.
 */
static bool
has_converged(double limit, double gain, double last_gain)
{
	return gain <= limit && !(gain > SI_SEPARATED_GAIN * last_gain);
}

static double
count_events(const SiDesign *design)
{
	double		events = 0;

	for (int64_t row = 0; row < design->rows; row++)
		events += design->positive[row];
	return events;
}

SiStatus
si_cox_fit(const SiCox *fit, double *beta, SiSums *sums)
{
	int			p = fit->design->columns;
	SiLogistic	shell = newton(fit);
	double	   *step = fit->work + 2 * SI_BLOCK_ROWS * ((size_t) p + 1) +
		(size_t) p * p + 2 * (size_t) p;
	double		limit = SI_NEWTON_MOVE * fmax(1.0, count_events(fit->design));
	double		best = -INFINITY;
	double		gain = INFINITY;
	int			halvings = 0;

	for (int iteration = 0; iteration < MAX_ITERATIONS;)
	{
		double		last_gain = gain;
		double		objective;

		si_cox_evaluate(fit, beta, sums);
		objective = objective_of(fit, sums, beta);
		if (iteration > 0 && halvings < MAX_HALVINGS &&
			!(objective >= best - SI_OBJECTIVE_NOISE * fabs(best)))
		{
			scale(step, p, 0.5);
			add(beta, step, p, -1.0);
			halvings++;
			continue;
		}
		best = objective;
		if (si_newton_step(&shell, sums, beta, step, &gain) != SI_OK)
			return SI_SINGULAR;
		if (!isfinite(gain))
			return SI_NO_CONVERGENCE;
		add(beta, step, p, 1.0);
		if (has_converged(limit, gain, last_gain))
		{
			si_cox_evaluate(fit, beta, sums);
			return SI_OK;
		}
		iteration++;
	}
	return SI_NO_CONVERGENCE;
}

SiStatus
si_cox_covariance(const SiCox *fit, const SiSums *sums, double *covariance)
{
	SiLogistic	shell = newton(fit);

	return si_logistic_covariance(&shell, sums, covariance);
}
