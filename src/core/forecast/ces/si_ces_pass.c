/*
 * si_ces_pass.c
 *	  Complex exponential smoothing with given parameters.
 *
 * Method: errors are linear in the states at the start.  So the best start is
 * a least-squares problem: one walk carries the errors from a plain guess and,
 * beside them, what a unit of each state adds; their products give the normal
 * equations, solved by Cholesky.  A state that the others make up for, to a
 * share of SI_COLLINEAR_PIVOT, keeps its guess.  The form simple is as many
 * separate walks as there are phases, with two states each.
 *
 * The errors of the start fade if all roots of the moving average of the
 * model's ARIMA form lie within the unit circle.  With
 *	  d(B) = 1 - (2 - a0) B + (2 - a0 - a1) B^2
 *	  u(B) = d(B) + (a0 - a1) B - ((1 - a0)(a0 - a1) + (1 - a1)(a0 + a1)) B^2
 * for the pair, the moving average is u for none, and for simple in terms of
 * B^m; u(B) (1 - B^m) + b0 B^m d(B) for partial; for full, with D and U those
 * of the seasonal pair in terms of B^m, u D + U d - D d.  Schur's recursion
 * tells.  Roots on the circle are let through: with a1 = 1, where the pair is
 * simple smoothing of a level, level and figures can be shifted against each
 * other, which no error ever corrects and no forecast ever shows.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/ces/si_ces_pass.h"
#include "core/si_tolerance.h"

#define PULSE_STEPS		4096	/* between pulses, in simple walks */

/* ----- One walk ----- */

static void
move_pair(double *pair, const double *a, double error)
{
	double		l = pair[0];
	double		c = pair[1];

	pair[0] = l - (1.0 - a[1]) * c + (a[0] - a[1]) * error;
	pair[1] = l + (1.0 - a[0]) * c + (a[0] + a[1]) * error;
}

double
si_ces_step(const SiCesPass *pass, int t, double y)
{
	int			phase = t % pass->season;
	double	   *pair = pass->state;
	double	   *figure = pass->state + 2;
	double		forecast;
	double		error;

	if (pass->form == SI_CES_SIMPLE)
		pair += 2 * phase;
	forecast = pair[0];
	if (pass->form == SI_CES_PARTIAL)
		forecast += *(figure += phase);
	if (pass->form == SI_CES_FULL)
		forecast += *(figure += 2 * phase);
	error = isnan(y) ? 0.0 : y - forecast;
	move_pair(pair, pass->parameter, error);
	if (pass->form == SI_CES_PARTIAL)
		*figure += pass->parameter[SI_CES_BETA_0] * error;
	if (pass->form == SI_CES_FULL)
		move_pair(figure, pass->parameter + SI_CES_BETA_0, error);
	return isnan(y) ? forecast : error;
}

double
si_ces_walk(const SiCesPass *pass, double *error)
{
	double		sum = 0.0;
	double		e;
	int			t;

	for (t = 0; t < pass->n; t++)
	{
		if (t % PULSE_STEPS == 0)
			pass->pulse();
		e = si_ces_step(pass, t, pass->y[t]);
		sum += e * e;
		if (error)
			error[t] = e;
	}
	return sum;
}

/* ----- The best start ----- */

/*
 * Errors side by side: column 0 from the guess, column i what one unit of
 * state i adds.
 */
typedef struct Columns
{
	int			width;
	double	   *level;			/* l and c of all columns */
	double	   *figure;			/* of each phase: one or two rows */
	double	   *error;
	double	   *product;		/* sum of outer products, lower triangle */
} Columns;

static int
figure_rows(int form)
{
	return form == SI_CES_FULL ? 2 : form == SI_CES_PARTIAL ? 1 : 0;
}

static size_t
column_width(int form, int season)
{
	return 3 + (size_t) figure_rows(form) * season;
}

/* Levels, figures, errors, products, solution. */
size_t
si_ces_solve_room(int form, int season)
{
	size_t		width = column_width(form, season);

	return (4 + (size_t) figure_rows(form) * season + width) * width;
}

static void
place_columns(const SiCesPass *pass, Columns *columns, SiWork *work)
{
	size_t		width = column_width(pass->form, pass->season);
	size_t		figures = (size_t) figure_rows(pass->form) * pass->season;

	columns->width = (int) width;
	columns->level = si_work_take(work, 2 * width);
	columns->figure = si_work_take(work, figures * width);
	columns->error = si_work_take(work, width);
	columns->product = si_work_take(work, width * width);
}

/* Rows of level and figures follow each other as the states do. */
static void
start_columns(const Columns *columns, const double *state)
{
	int			width = columns->width;
	int			i;

	memset(columns->level, 0, (size_t) (width - 1) * width * sizeof(double));
	memset(columns->product, 0, (size_t) width * width * sizeof(double));
	for (i = 0; i < width - 1; i++)
	{
		columns->level[(size_t) i * width] = state[i];
		columns->level[(size_t) i * width + i + 1] = 1.0;
	}
}

static void
move_pairs(int width, double *restrict l, double *restrict c, const double *a,
		   const double *restrict error)
{
	double		to_l = a[0] - a[1];
	double		to_c = a[0] + a[1];
	double		i;
	int			j;

	for (j = 0; j < width; j++)
	{
		i = l[j];
		l[j] = i - (1.0 - a[1]) * c[j] + to_l * error[j];
		c[j] = i + (1.0 - a[0]) * c[j] + to_c * error[j];
	}
}

static void
add_outer(const Columns *columns)
{
	const double *restrict error = columns->error;
	double	   *restrict row = columns->product;
	int			i;
	int			j;

	for (i = 0; i < columns->width; i++, row += columns->width)
	{
		for (j = 0; j <= i; j++)
			row[j] += error[i] * error[j];
	}
}

static void
step_columns(const SiCesPass *pass, const Columns *columns, int phase,
			 double y)
{
	int			rows = figure_rows(pass->form);
	int			width = columns->width;
	double	   *figure = columns->figure + (size_t) phase * rows * width;
	double	   *error = columns->error;
	int			j;

	for (j = 0; j < width; j++)
		error[j] = -columns->level[j];
	for (j = 0; j < width && rows > 0; j++)
		error[j] -= figure[j];
	error[0] += y;
	add_outer(columns);
	move_pairs(width, columns->level, columns->level + width, pass->parameter,
			   error);
	if (rows == 2)
		move_pairs(width, figure, figure + width,
				   pass->parameter + SI_CES_BETA_0, error);
	for (j = 0; j < width && rows == 1; j++)
		figure[j] += pass->parameter[SI_CES_BETA_0] * error[j];
}

/* The lower triangle from row 1, column 1 on becomes its Cholesky factor. */
static void
factor(const Columns *columns, SiPulse pulse)
{
	int			width = columns->width;
	int			i;
	int			j;
	int			k;

	for (i = 1; i < width; i++)
	{
		double	   *row = columns->product + (size_t) i * width;
		double		diagonal = row[i];

		pulse();
		for (j = 1; j <= i; j++)
		{
			const double *other = columns->product + (size_t) j * width;
			double		sum = row[j];

			for (k = 1; k < j; k++)
				sum -= row[k] * other[k];
			if (j < i)
				row[j] = other[j] > 0.0 ? sum / other[j] : 0.0;
			else
				row[j] = sum > SI_COLLINEAR_PIVOT * diagonal ? sqrt(sum) : 0.0;
		}
	}
}

/*
 * Adds the best change to state; the sum of squared errors.  Column 0 of the
 * products becomes the solution.
 */
static double
solve_columns(const Columns *columns, double *state, SiPulse pulse)
{
	int			width = columns->width;
	double	   *product = columns->product;
	double		left = product[0];
	int			i;
	int			k;

	factor(columns, pulse);
	for (i = 1; i < width; i++)
	{
		double	   *row = product + (size_t) i * width;
		double		sum = row[0];

		for (k = 1; k < i; k++)
			sum -= row[k] * product[(size_t) k * width];
		row[0] = row[i] > 0.0 ? sum / row[i] : 0.0;
		left -= row[0] * row[0];
	}
	for (i = width - 1; i > 0; i--)
	{
		const double *row = product + (size_t) i * width;
		double		x = row[i] > 0.0 ? row[0] / row[i] : 0.0;

		for (k = 1; k < i; k++)
			product[(size_t) k * width] -= row[k] * x;
		state[i - 1] -= x;
	}
	return left > 0.0 ? left : 0.0;
}

/* The values of one phase, or all of them, by one pair and its figures. */
static double
solve_stride(const SiCesPass *pass, const Columns *columns, int first,
			 int stride, double *state)
{
	int			phase = 0;
	int			t;

	start_columns(columns, state);
	for (t = first; t < pass->n; t += stride)
	{
		if (t % 64 == 0)
			pass->pulse();
		step_columns(pass, columns, phase, pass->y[t]);
		phase = phase + 1 < pass->season ? phase + 1 : 0;
	}
	return solve_columns(columns, state, pass->pulse);
}

double
si_ces_solve(const SiCesPass *pass, SiWork *work)
{
	SiWork		mine = *work;
	SiCesPass	one = *pass;
	Columns		columns;
	double		sum = 0.0;
	int			phase;

	if (pass->form == SI_CES_SIMPLE)
	{
		one.form = SI_CES_NONE;
		one.season = 1;
	}
	place_columns(&one, &columns, &mine);
	if (pass->form != SI_CES_SIMPLE)
		return solve_stride(pass, &columns, 0, 1, pass->state);
	for (phase = 0; phase < pass->season; phase++)
		sum += solve_stride(&one, &columns, phase, pass->season,
							pass->state + 2 * phase);
	return sum;
}

/* ----- Stability ----- */

/* Is each root of x^p + c[1] x^(p-1) + ... + c[p] within the unit circle? */
static bool
roots_within(double *c, int p)
{
	int			i;
	int			j;

	for (i = p; i > 0; i--)
	{
		double		k = c[i];
		double		rest = 1.0 - k * k;

		if (!(fabs(k) < 1.0))
			return false;
		for (j = 1; 2 * j <= i; j++)
		{
			double		low = c[j];
			double		high = c[i - j];

			c[j] = (low - k * high) / rest;
			c[i - j] = (high - k * low) / rest;
		}
	}
	return true;
}

/* d and u of a pair, see above. */
static void
pair_polynomials(const double *a, double *d, double *u)
{
	double		to_l = a[0] - a[1];

	d[0] = u[0] = 1.0;
	d[1] = a[0] - 2.0;
	d[2] = 2.0 - a[0] - a[1];
	u[1] = d[1] + to_l;
	u[2] = d[2] - (1.0 - a[0]) * to_l - (1.0 - a[1]) * (a[0] + a[1]);
}

size_t
si_ces_stable_room(int form, int season)
{
	return 3 + (size_t) figure_rows(form) * season;
}

bool
si_ces_stable(const SiCesPass *pass, SiWork *work)
{
	SiWork		mine = *work;
	int			rows = figure_rows(pass->form);
	int			p = 2 + rows * pass->season;
	double	   *c = si_work_take(&mine, p + 1);
	double		d[3];
	double		u[3];
	double		seasonal_d[3] = {1.0, -1.0, 0.0};
	double		seasonal_u[3] = {1.0, -1.0, 0.0};
	int			i;
	int			j;

	pair_polynomials(pass->parameter, d, u);
	if (pass->form == SI_CES_PARTIAL)
		seasonal_u[1] += pass->parameter[SI_CES_BETA_0];
	if (pass->form == SI_CES_FULL)
		pair_polynomials(pass->parameter + SI_CES_BETA_0, seasonal_d,
						 seasonal_u);
	memset(c, 0, (p + 1) * sizeof(double));
	for (i = 0; i <= rows; i++)
	{
		for (j = 0; j < 3; j++)
			c[i * pass->season + j] += u[j] * seasonal_d[i] +
				d[j] * (seasonal_u[i] - seasonal_d[i]);
	}
	for (i = p; i > 0; i--)
		c[i] *= pow(1.0 - SI_UNIT_ROOT, i);
	return roots_within(c, p);
}
