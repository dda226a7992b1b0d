/*
 * si_ets_search.c
 *	  The point of greatest likelihood of a form of exponential smoothing.
 *
 * Method: -2 log-likelihood is n log of the sum of squares of the errors, if
 * they are relative times the geometric mean of the forecasts: so that Gauss
 * and Newton's steps for least squares lead to its minimum, for smoothing
 * parameters and initial states at once, damped by Levenberg and Marquardt's
 * rule.  Slopes are exact, from the pass.  The states enter the errors of
 * additive forms linearly: there a single step solves them.
 *
 * Bounds: alpha 0.0001 to 0.9999, beta 0.0001 to alpha, gamma 0.0001 to 1 -
 * alpha, phi 0.8 to 0.98.  Coordinates are alpha, the places of beta and gamma
 * between their bounds, phi, and the states, so that bounds are constant: a
 * step that leaves them stops there, and is solved again for the rest.  Where
 * old errors do not lose their weight the likelihood counts as zero.
 *
 * Special cases: errors that only rounding can make end the search.  Columns
 * that the errors do not depend on do not move.
 *
 * Reference: J. J. More, "The Levenberg-Marquardt algorithm", Lecture Notes in
 * Mathematics 630 (1978) 105-116.
 */
#include "core/forecast/ets/si_ets_search.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

#define LOW				1e-4
#define HIGH			0.9999
#define LOW_PHI			0.8
#define HIGH_PHI		0.98

#define SETTLE_STEPS	3
#define MAX_DAMPING		1e10

size_t
si_ets_search_room(int period)
{
	size_t		count = 6 + (size_t) period - 1;

	return si_ets_slopes_room(period) + count * (2 * count + 5);
}

void
si_ets_search_open(SiEtsSearch *search, const SiEtsForm *form, int n,
				   const double *y, SiWork *work, SiPulse pulse)
{
	SiEtsPass  *pass = &search->pass;
	size_t		count;

	pass->form = *form;
	pass->column = si_ets_columns(form);
	pass->n = n;
	pass->y = y;
	pass->pulse = pulse;
	pass->least = n * SI_ETS_EXACT * SI_ETS_EXACT;
	si_ets_slopes_place(pass, work);
	count = (size_t) pass->column.count;
	search->matrix = si_work_take(work, count * count);
	search->factor = si_work_take(work, count * count);
	search->gradient = si_work_take(work, count);
	search->step = si_work_take(work, count);
	search->x = si_work_take(work, count);
	search->trial = si_work_take(work, count);
	search->free = (int *) si_work_take(work, count);
}

/* ----- Coordinates ----- */

static double
lower_bound(const SiEtsColumns *column, int k)
{
	if (k < column->alpha)
		return -INFINITY;
	return k == column->alpha ? LOW : k == column->phi ? LOW_PHI : 0.0;
}

static double
upper_bound(const SiEtsColumns *column, int k)
{
	if (k < column->alpha)
		return INFINITY;
	return k == column->alpha ? HIGH : k == column->phi ? HIGH_PHI : 1.0;
}

static double
within(const SiEtsColumns *column, int k, double x)
{
	return fmin(fmax(x, lower_bound(column, k)), upper_bound(column, k));
}

/* How far beta, gamma may be from the lower bound. */
static double
beta_range(double alpha)
{
	return alpha - LOW;
}

static double
gamma_range(double alpha)
{
	return fmax(1.0 - alpha - LOW, 0.0);
}

static double
share(double part, double range)
{
	return range > 0.0 ? part / range : 0.0;
}

static void
to_coordinates(const SiEtsPass *pass, const SiEtsPoint *point, double *x)
{
	const SiEtsColumns *column = &pass->column;

	x[0] = point->level;
	x[column->alpha] = point->alpha;
	if (column->beta >= 0)
		x[column->beta] = share(point->beta - LOW, beta_range(point->alpha));
	if (column->gamma >= 0)
		x[column->gamma] = share(point->gamma - LOW,
								 gamma_range(point->alpha));
	if (column->phi >= 0)
		x[column->phi] = point->phi;
	for (int k = column->alpha; k < column->count; k++)
		x[k] = within(column, k, x[k]);
	if (column->growth >= 0)
		x[column->growth] = point->growth;
	for (int j = 0; j < pass->form.period - 1; j++)
		x[column->season + j] = point->season[j];
}

static void
to_point(const SiEtsPass *pass, const double *x, SiEtsPoint *point)
{
	const SiEtsColumns *column = &pass->column;
	int			m = pass->form.period;
	double		rest = pass->form.season == SI_ETS_MULTIPLICATIVE ? m : 0.0;

	point->alpha = x[column->alpha];
	point->beta = column->beta < 0 ? 0.0 :
		LOW + x[column->beta] * beta_range(point->alpha);
	point->gamma = column->gamma < 0 ? 0.0 :
		LOW + x[column->gamma] * gamma_range(point->alpha);
	point->phi = column->phi < 0 ? 1.0 : x[column->phi];
	point->level = x[0];
	point->growth = column->growth >= 0 ? x[column->growth] :
		pass->form.trend == SI_ETS_MULTIPLICATIVE;
	for (int j = 0; j < m - 1; j++)
	{
		point->season[j] = x[column->season + j];
		rest -= point->season[j];
	}
	point->season[m - 1] = rest;
}

static double
value_at(SiEtsSearch *search, const double *x)
{
	SiEtsPoint	point;

	to_point(&search->pass, x, &point);
	if (!si_ets_is_stable(&search->pass.form, &point))
		return INFINITY;
	return si_ets_pass(&search->pass, &point, NULL);
}

/* ----- Normal equations ----- */

/* Lower half. */
static double *
entry(const SiEtsSearch *search, int i, int j)
{
	int			high = i > j ? i : j;
	int			low = i > j ? j : i;

	return search->matrix + (size_t) high * search->pass.column.count + low;
}

/*
 * Column a gets scale of b's slopes added, then, as those of coordinate b,
 * b's are multiplied by range.
 */
static void
mix_columns(SiEtsSearch *search, int a, int b, double scale, double range)
{
	int			count = search->pass.column.count;
	double	   *g = search->gradient;

	*entry(search, a, a) += scale * (2.0 * *entry(search, a, b) +
									 scale * *entry(search, b, b));
	for (int k = 0; k < count; k++)
	{
		if (k != a)
			*entry(search, a, k) += scale * *entry(search, b, k);
	}
	for (int k = 0; k < count; k++)
		*entry(search, b, k) *= k == b ? range * range : range;
	g[a] += scale * g[b];
	g[b] *= range;
}

/* The geometric mean of forecasts, as a factor of the errors, moves too. */
static void
add_log_slopes(SiEtsSearch *search, int count)
{
	const SiEtsPass *pass = &search->pass;
	double	   *h = pass->slopes.log;
	double	   *cross = pass->slopes.cross;

	for (int i = 0; i < count; i++)
		h[i] /= pass->n;
	for (int i = 0; i < count; i++)
	{
		double	   *row = entry(search, i, 0);

		for (int j = 0; j <= i; j++)
			row[j] += cross[i] * h[j] + h[i] * cross[j] +
				pass->squares * h[i] * h[j];
		search->gradient[i] += pass->squares * h[i];
	}
}

/* The value at x, and the matrix and gradient there, by coordinates. */
static double
look_around(SiEtsSearch *search, bool states_only)
{
	SiEtsPass  *pass = &search->pass;
	const SiEtsColumns *column = &pass->column;
	int			count = states_only ? column->alpha : column->count;
	const double *x = search->x;
	double		alpha = x[column->alpha];
	SiEtsPoint	point;
	double		value;

	to_point(pass, x, &point);
	value = si_ets_pass_slopes(pass, &point, states_only);
	for (int i = 0; i < count; i++)
	{
		memcpy(entry(search, i, 0),
			   pass->slopes.product + (size_t) i * pass->slopes.stride,
			   (i + 1) * sizeof(double));
		search->gradient[i] = pass->slopes.cross[i];
	}
	if (pass->form.error == SI_ETS_MULTIPLICATIVE)
		add_log_slopes(search, count);
	if (column->beta >= 0 && !states_only)
		mix_columns(search, column->alpha, column->beta, x[column->beta],
					beta_range(alpha));
	if (column->gamma >= 0 && !states_only)
		mix_columns(search, column->alpha, column->gamma, -x[column->gamma],
					gamma_range(alpha));
	return value;
}

/* ----- A step ----- */

/*
 * Solves for the free of count columns, given the steps of the others, which
 * are parameters, by Cholesky's method.  A column that the others explain does
 * not move.
 */
static void
solve_free(SiEtsSearch *search, int nfree, int count, double damping)
{
	const int  *at = search->free;
	double	   *factor = search->factor;
	double	   *step = search->step;
	double		solution[SI_ETS_COLUMNS];

	for (int i = 0; i < nfree; i++)
	{
		double	   *row = factor + (size_t) i * nfree;
		double		diagonal = *entry(search, at[i], at[i]) * (1.0 + damping);
		double		sum = -search->gradient[at[i]];

		for (int k = search->pass.column.alpha; k < count; k++)
			sum -= *entry(search, at[i], k) * step[k];
		for (int j = 0; j < i; j++)
		{
			const double *other = factor + (size_t) j * nfree;

			row[j] = *entry(search, at[i], at[j]);
			for (int k = 0; k < j; k++)
				row[j] -= row[k] * other[k];
			row[j] *= other[j];
			sum -= row[j] * solution[j];
		}
		row[i] = diagonal;
		for (int k = 0; k < i; k++)
			row[i] -= row[k] * row[k];
		row[i] = row[i] > SI_CONSTANT_SPREAD * diagonal ?
			1.0 / sqrt(row[i]) : 0.0;
		solution[i] = sum * row[i];
	}
	for (int i = nfree; i-- > 0;)
	{
		double		sum = solution[i];

		for (int k = i + 1; k < nfree; k++)
			sum -= factor[(size_t) k * nfree + i] * step[at[k]];
		step[at[i]] = sum * factor[(size_t) i * nfree + i];
	}
}

/* Of count columns, those that are not pressed against a bound. */
static int
free_columns(SiEtsSearch *search, int count)
{
	const SiEtsColumns *column = &search->pass.column;
	int			nfree = 0;

	for (int k = 0; k < count; k++)
	{
		bool		pressed = search->gradient[k] > 0.0 ?
			search->x[k] <= lower_bound(column, k) :
			search->x[k] >= upper_bound(column, k);

		if (!pressed)
			search->free[nfree++] = k;
	}
	return nfree;
}

/* The free column whose step is cut most at its bound; -1: none is. */
static int
first_stopped(const SiEtsSearch *search, int nfree, double *bound)
{
	const SiEtsColumns *column = &search->pass.column;
	double		least = 1.0;
	int			stopped = -1;

	for (int i = 0; i < nfree; i++)
	{
		int			k = search->free[i];
		double		x = search->x[k];
		double		step = search->step[k];
		double		cut = within(column, k, x + step) - x;

		if (k >= column->alpha && fabs(cut) < least * fabs(step))
		{
			least = cut / step;
			*bound = cut;
			stopped = i;
		}
	}
	return stopped;
}

/* Sets the step, zero where it may not go; true: a bound has stopped it. */
static bool
find_step(SiEtsSearch *search, int count, double damping)
{
	int			nfree = free_columns(search, count);
	int			all = nfree;

	memset(search->step, 0, search->pass.column.count * sizeof(double));
	while (nfree > 0)
	{
		double		bound;
		int			stopped;

		for (int i = 0; i < nfree; i++)
			search->step[search->free[i]] = 0.0;
		solve_free(search, nfree, count, damping);
		stopped = first_stopped(search, nfree, &bound);
		if (stopped < 0)
			break;
		search->step[search->free[stopped]] = bound;
		nfree--;
		memmove(search->free + stopped, search->free + stopped + 1,
				(nfree - stopped) * sizeof(int));
	}
	return nfree < all;
}

/* What the step gains, were errors linear, in -2 log-likelihood. */
static double
promise(const SiEtsSearch *search, int count)
{
	const double *step = search->step;
	double		gain = 0.0;

	for (int i = 0; i < count; i++)
	{
		double		sum = 2.0 * search->gradient[i];

		for (int j = 0; j < count; j++)
			sum += *entry(search, i, j) * step[j];
		gain -= sum * step[i];
	}
	return search->pass.n * gain / fmax(search->pass.squares,
										search->pass.least);
}

/* ----- The search ----- */

/*
 * Steps from x, whose value is given and whose surroundings are known, with
 * more and more damping until one gains; that is the new x.  The first count
 * columns may move.  Returns the gain, 0 if none promises more than worth.
 */
static double
improve(SiEtsSearch *search, int count, double value, double worth,
		double *damping)
{
	int			all = search->pass.column.count;
	double		slower = 4.0;
	double		squares = search->pass.squares;

	while (*damping < MAX_DAMPING)
	{
		double		gain;
		double		promised;
		bool		stopped;

		search->pass.squares = squares;
		stopped = find_step(search, count, *damping);
		promised = promise(search, count);
		if (!(promised > worth) && !(stopped && *damping < 1.0))
			return 0.0;
		for (int k = 0; k < all; k++)
			search->trial[k] = within(&search->pass.column, k, search->x[k] +
									  search->step[k]);
		gain = value - value_at(search, search->trial);
		if (gain > 0.0)
		{
			memcpy(search->x, search->trial, all * sizeof(double));
			*damping *= gain > 0.5 * promised ? 0.1 : 1.0;
			return gain;
		}
		*damping *= slower;
		slower *= 2.0;
	}
	return 0.0;
}

/* Goes on while a step gains more than worth; from the point, which moves. */
static double
descend(SiEtsSearch *search, SiEtsPoint *point, bool states_only, int steps,
		double worth, double damping)
{
	const SiEtsColumns *column = &search->pass.column;
	double		value = INFINITY;

	to_coordinates(&search->pass, point, search->x);
	for (int i = 0; i < steps; i++)
	{
		double		gain;

		value = look_around(search, states_only);
		if (!isfinite(value) || search->pass.squares <= search->pass.least)
			break;
		gain = improve(search, states_only ? column->alpha : column->count,
					   value, worth, &damping);
		value -= gain;
		if (gain < worth)
			break;
	}
	to_point(&search->pass, search->x, point);
	return value;
}

/* Where states enter the errors linearly, one step is right, and its gain. */
static double
solve_states(SiEtsSearch *search, SiEtsPoint *point)
{
	SiEtsPass  *pass = &search->pass;
	int			states = pass->column.alpha;
	double		value;

	to_coordinates(pass, point, search->x);
	value = look_around(search, true);
	if (pass->squares <= pass->least || !isfinite(value))
		return value;
	find_step(search, states, 0.0);
	for (int k = 0; k < states; k++)
		search->x[k] += search->step[k];
	to_point(pass, search->x, point);
	return pass->n * log(fmax(pass->squares * (1.0 - promise(search, states) /
											   pass->n), pass->least));
}

double
si_ets_settle(SiEtsSearch *search, SiEtsPoint *point)
{
	const SiEtsForm *form = &search->pass.form;

	if (form->error == SI_ETS_ADDITIVE &&
		form->trend != SI_ETS_MULTIPLICATIVE &&
		form->season != SI_ETS_MULTIPLICATIVE)
		return solve_states(search, point);
	return descend(search, point, true, SETTLE_STEPS, SI_ETS_GAIN, 1e-9);
}

double
si_ets_search(SiEtsSearch *search, SiEtsPoint *point, int steps, double worth)
{
	return descend(search, point, false, steps, worth, 1e-3);
}
