/*
 * si_ets_pass.c
 *	  One pass of exponential smoothing over a series.
 *
 * With level l, growth b, season s of this time a period ago, and parameters
 * alpha, beta, gamma, phi, the step over a value y is
 *
 *     q = l, l + phi b or l b^phi         level expected
 *     f = q, q + s or q s                 forecast
 *     e = y - f
 *     u = e, or e / s if the season multiplies
 *     l' = q + alpha u
 *     b' = phi b + beta u, or b^phi + beta u / l if the trend multiplies
 *     s' = s + gamma e, or s + gamma e / q if the season multiplies
 *
 * Whether errors add or multiply changes the likelihood only: errors are e or
 * e / f.  The step's derivatives by l, b, s make a matrix of at most 4 x 3,
 * and carry the slopes of the states by any column one step further; the
 * parameters of this step add their own.
 *
 * Special cases: what multiplies must stay above SI_ETS_POSITIVE, else the
 * likelihood is zero.  A sum of squares that only rounding could make counts
 * as the least that is not rounding.
 */
#include "core/forecast/ets/si_ets_pass.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

#define PULSE_STEPS	1024
#define ROWS		16		/* that wait to be summed */

/* So that the kinds of trend and season are constants in the loops. */
#define SPECIALISED	static inline __attribute__((always_inline))

/* Parameters, and the states that every step moves: kept in registers. */
typedef struct Moving
{
	double		alpha;
	double		beta;
	double		gamma;
	double		phi;
	double		level;
	double		growth;
} Moving;

/* Derivatives by level, growth, season, phi: of the error, the next states. */
typedef struct Slope
{
	double		level;
	double		growth;
	double		season;
	double		phi;
} Slope;

typedef struct Step
{
	double		expected;		/* q */
	double		forecast;		/* f */
	double		error;			/* e */
	double		shock;			/* u */
	double		pull;			/* b^phi, its weight on the growth */
	Slope		of_error;
	Slope		of_level;
	Slope		of_growth;
	Slope		of_season;
} Step;

size_t
si_ets_slopes_room(int period)
{
	size_t		stride = (6 + (size_t) period - 1 + 1) / 2 * 2;

	return stride * (4 + (size_t) period + stride + ROWS) + ROWS;
}

void
si_ets_slopes_place(SiEtsPass *pass, SiWork *work)
{
	SiEtsSlopes *slopes = &pass->slopes;
	size_t		stride = ((size_t) pass->column.count + 1) / 2 * 2;

	slopes->stride = (int) stride;
	slopes->level = si_work_take(work, stride);
	slopes->growth = si_work_take(work, stride);
	slopes->season = si_work_take(work, stride * pass->form.period);
	slopes->rows = si_work_take(work, stride * ROWS);
	slopes->errors = si_work_take(work, ROWS);
	slopes->product = si_work_take(work, stride * stride);
	slopes->cross = si_work_take(work, stride);
	slopes->log = si_work_take(work, stride);
}

/* ----- The step ----- */

/* False where the form is not defined. */
SPECIALISED bool
take_step(int trend, int season, bool relative, const Moving *now,
		  double s, double y, Step *step)
{
	double		l = now->level;

	step->expected = l;
	step->pull = 0.0;
	if (trend == SI_ETS_ADDITIVE)
		step->expected = l + now->phi * now->growth;
	if (trend == SI_ETS_MULTIPLICATIVE)
	{
		if (!(l > SI_ETS_POSITIVE && now->growth > SI_ETS_POSITIVE))
			return false;
		step->pull = now->phi == 1.0 ? now->growth :
			pow(now->growth, now->phi);
		step->expected = l * step->pull;
	}
	step->forecast = step->expected;
	if (season == SI_ETS_ADDITIVE)
		step->forecast += s;
	if (season == SI_ETS_MULTIPLICATIVE)
		step->forecast *= s;
	step->error = step->shock = y - step->forecast;
	if (season == SI_ETS_MULTIPLICATIVE)
	{
		if (!(s > SI_ETS_POSITIVE && step->expected > SI_ETS_POSITIVE))
			return false;
		step->shock = step->error / s;
	}
	return !relative || step->forecast > SI_ETS_POSITIVE;
}

SPECIALISED void
move_states(int trend, int season, const Step *step, Moving *now,
			double *s)
{
	double		l = now->level;

	now->level = step->expected + now->alpha * step->shock;
	if (trend == SI_ETS_ADDITIVE)
		now->growth = now->phi * now->growth +
			now->beta * step->shock;
	if (trend == SI_ETS_MULTIPLICATIVE)
		now->growth = step->pull + now->beta * step->shock / l;
	if (season == SI_ETS_ADDITIVE)
		*s += now->gamma * step->error;
	if (season == SI_ETS_MULTIPLICATIVE)
		*s += now->gamma * step->error / step->expected;
}

/* ----- Its derivatives ----- */

SPECIALISED void
find_slopes(int trend, int season, const Moving *now, double s,
			double y, Step *step)
{
	double		l = now->level;
	double		b = now->growth;
	Slope		q = {1.0, 0.0, 0.0, 0.0};	/* of the level expected */
	double		u_s = 0.0;
	double		f_q = 1.0;
	double		f_s = 0.0;
	double		s_q = -now->gamma;
	double		pull_b = 0.0;
	double		pull_phi = 0.0;

	if (trend == SI_ETS_ADDITIVE)
	{
		q.growth = now->phi;
		q.phi = b;
	}
	if (trend == SI_ETS_MULTIPLICATIVE)
	{
		pull_b = now->phi * step->pull / b;
		pull_phi = step->pull * log(b);
		q.level = step->pull;
		q.growth = l * pull_b;
		q.phi = l * pull_phi;
	}
	if (season == SI_ETS_ADDITIVE)
	{
		u_s = -1.0;
		f_s = 1.0;
	}
	if (season == SI_ETS_MULTIPLICATIVE)
	{
		u_s = -y / (s * s);
		f_q = s;
		f_s = step->expected;
		s_q *= y / (step->expected * step->expected);
	}
	step->of_error = (Slope) {-f_q * q.level, -f_q * q.growth, -f_s,
		-f_q * q.phi};
	step->of_level = (Slope) {(1.0 - now->alpha) * q.level,
		(1.0 - now->alpha) * q.growth, now->alpha * u_s,
		(1.0 - now->alpha) * q.phi};
	step->of_season = (Slope) {s_q * q.level, s_q * q.growth,
		1.0 - now->gamma, s_q * q.phi};
	if (trend == SI_ETS_ADDITIVE)
		step->of_growth = (Slope) {-now->beta,
			now->phi * (1.0 - now->beta), now->beta * u_s,
			b * (1.0 - now->beta)};
	if (trend == SI_ETS_MULTIPLICATIVE)
	{
		double		w = now->beta / l;

		step->of_growth = (Slope) {-w * (q.level + step->shock / l),
			pull_b - w * q.growth, w * u_s, pull_phi - w * q.phi};
	}
}

/* All columns go one step further; de takes the slopes of the error. */
SPECIALISED void
carry(int trend, int season, int columns, const Step *step,
	  SiEtsSlopes *slopes, double *restrict ds, double *restrict de)
{
	double	   *restrict dl = slopes->level;
	double	   *restrict db = slopes->growth;

	for (int k = 0; k < columns; k++)
	{
		double		l = dl[k];
		double		b = trend != SI_ETS_NONE ? db[k] : 0.0;
		double		s = season != SI_ETS_NONE ? ds[k] : 0.0;
		double		e = step->of_error.level * l;
		double		next = step->of_level.level * l;

		if (trend != SI_ETS_NONE)
		{
			e += step->of_error.growth * b;
			next += step->of_level.growth * b;
		}
		if (season != SI_ETS_NONE)
		{
			e += step->of_error.season * s;
			next += step->of_level.season * s;
		}
		de[k] = e;
		dl[k] = next;
		if (trend != SI_ETS_NONE)
		{
			next = step->of_growth.level * l + step->of_growth.growth * b;
			if (season != SI_ETS_NONE)
				next += step->of_growth.season * s;
			db[k] = next;
		}
		if (season != SI_ETS_NONE)
		{
			next = step->of_season.level * l + step->of_season.season * s;
			if (trend != SI_ETS_NONE)
				next += step->of_season.growth * b;
			ds[k] = next;
		}
	}
}

/* What this step's own parameters add to their columns. */
SPECIALISED void
add_parameters(int trend, int season, const SiEtsPass *pass, const Step *step,
			   double l, double *ds, double *de)
{
	const SiEtsColumns *column = &pass->column;
	const SiEtsSlopes *slopes = &pass->slopes;

	slopes->level[column->alpha] += step->shock;
	if (trend == SI_ETS_ADDITIVE)
		slopes->growth[column->beta] += step->shock;
	if (trend == SI_ETS_MULTIPLICATIVE)
		slopes->growth[column->beta] += step->shock / l;
	if (season == SI_ETS_ADDITIVE)
		ds[column->gamma] += step->error;
	if (season == SI_ETS_MULTIPLICATIVE)
		ds[column->gamma] += step->error / step->expected;
	if (trend != SI_ETS_NONE && column->phi >= 0)
	{
		de[column->phi] += step->of_error.phi;
		slopes->level[column->phi] += step->of_level.phi;
		slopes->growth[column->phi] += step->of_growth.phi;
		if (season != SI_ETS_NONE)
			ds[column->phi] += step->of_season.phi;
	}
}

/* From slopes of the error to those of the relative error. */
static inline void
make_relative(SiEtsSlopes *slopes, const Step *step, double y,
			  double *restrict d)
{
	double		scale = 1.0 / step->forecast;
	double		factor = y * scale * scale;
	double	   *restrict log_slope = slopes->log;

	for (int k = 0; k < slopes->carried; k++)
	{
		log_slope[k] -= d[k] * scale;
		d[k] *= factor;
	}
}

/* Adds the rows that wait to the sums, by tiles of two columns. */
static void
flush_rows(SiEtsSlopes *slopes)
{
	size_t		stride = (size_t) slopes->stride;

	for (int i = 0; i < slopes->carried; i += 2)
	{
		const double *left = slopes->rows + i;
		double	   *sum = slopes->product + i * stride;
		double		c0 = 0.0;
		double		c1 = 0.0;

		for (int t = 0; t < slopes->filled; t++)
		{
			c0 += slopes->errors[t] * left[t * stride];
			c1 += slopes->errors[t] * left[t * stride + 1];
		}
		slopes->cross[i] += c0;
		slopes->cross[i + 1] += c1;
		for (int j = 0; j <= i; j += 2)
		{
			const double *right = slopes->rows + j;
			double		s00 = 0.0;
			double		s01 = 0.0;
			double		s10 = 0.0;
			double		s11 = 0.0;

			for (int t = 0; t < slopes->filled; t++)
			{
				const double *a = left + t * stride;
				const double *b = right + t * stride;

				s00 += a[0] * b[0];
				s01 += a[0] * b[1];
				s10 += a[1] * b[0];
				s11 += a[1] * b[1];
			}
			sum[j] += s00;
			sum[j + 1] += s01;
			sum[stride + j] += s10;
			sum[stride + j + 1] += s11;
		}
	}
	slopes->filled = 0;
}

/* All that one step does to the slopes; at: its season's number. */
SPECIALISED void
step_slopes(int trend, int season, int columns, SiEtsPass *pass,
			const Moving *now, int at, double y, double r, double s,
			Step *step)
{
	SiEtsSlopes *slopes = &pass->slopes;
	double	   *ds = slopes->season + (size_t) at * slopes->stride;
	double	   *de = slopes->rows + (size_t) slopes->filled * slopes->stride;

	find_slopes(trend, season, now, s, y, step);
	carry(trend, season, columns, step, slopes, ds, de);
	if (slopes->carried > pass->column.alpha)
		add_parameters(trend, season, pass, step, now->level, ds, de);
	if (pass->form.error == SI_ETS_MULTIPLICATIVE)
		make_relative(slopes, step, y, de);
	slopes->errors[slopes->filled++] = r;
	if (slopes->filled == ROWS)
		flush_rows(slopes);
}

/* ----- The passes ----- */

static double
deviance(const SiEtsPass *pass)
{
	return pass->n * log(fmax(pass->squares, pass->least)) + 2.0 * pass->logs;
}

/* Slopes of so many columns, or none; forecast is NULL or takes n of them. */
SPECIALISED double
walk(int trend, int season, int columns, SiEtsPass *pass, SiEtsPoint *point,
	 double *forecast)
{
	bool		relative = pass->form.error == SI_ETS_MULTIPLICATIVE;
	Moving		now = {point->alpha, point->beta, point->gamma, point->phi,
		point->level, point->growth};
	double		squares = 0.0;
	double		logs = 0.0;
	int			at = 0;
	Step		step;

	for (int t = 0; t < pass->n; t++)
	{
		double		y = pass->y[t];
		double	   *s = &point->season[at];
		double		r;

		if (t % PULSE_STEPS == PULSE_STEPS - 1)
			pass->pulse();
		if (!take_step(trend, season, relative, &now, *s, y, &step))
			return INFINITY;
		r = relative ? step.error / step.forecast : step.error;
		if (columns > 0)
			step_slopes(trend, season, columns, pass, &now, at, y, r, *s,
						&step);
		if (forecast != NULL)
			forecast[t] = step.forecast;
		squares += r * r;
		if (relative)
			logs += log(step.forecast);
		move_states(trend, season, &step, &now, s);
		if (season != SI_ETS_NONE && ++at == pass->form.period)
			at = 0;
	}
	point->level = now.level;
	point->growth = now.growth;
	pass->squares = squares;
	pass->logs = logs;
	return isfinite(squares) ? deviance(pass) : INFINITY;
}

/* Any of the nine kinds of trend and season. */
SPECIALISED double
walk_form(int columns, SiEtsPass *pass, SiEtsPoint *point, double *forecast)
{
	switch (pass->form.trend * 3 + pass->form.season)
	{
		case 0:
			return walk(0, 0, columns, pass, point, forecast);
		case 1:
			return walk(0, 1, columns, pass, point, forecast);
		case 2:
			return walk(0, 2, columns, pass, point, forecast);
		case 3:
			return walk(1, 0, columns, pass, point, forecast);
		case 4:
			return walk(1, 1, columns, pass, point, forecast);
		case 5:
			return walk(1, 2, columns, pass, point, forecast);
		case 6:
			return walk(2, 0, columns, pass, point, forecast);
		case 7:
			return walk(2, 1, columns, pass, point, forecast);
		default:
			return walk(2, 2, columns, pass, point, forecast);
	}
}

double
si_ets_pass(SiEtsPass *pass, SiEtsPoint *point, double *forecast)
{
	return walk_form(0, pass, point, forecast);
}

/* Each initial state is its own column; the last of the season takes all. */
static void
start_slopes(const SiEtsPass *pass)
{
	const SiEtsColumns *column = &pass->column;
	const SiEtsSlopes *slopes = &pass->slopes;
	size_t		stride = (size_t) slopes->stride;
	int			m = pass->form.period;

	memset(slopes->level, 0, stride * sizeof(double));
	memset(slopes->growth, 0, stride * sizeof(double));
	memset(slopes->season, 0, stride * m * sizeof(double));
	memset(slopes->product, 0, stride * stride * sizeof(double));
	memset(slopes->cross, 0, stride * sizeof(double));
	memset(slopes->log, 0, stride * sizeof(double));
	slopes->level[0] = 1.0;
	if (column->growth >= 0)
		slopes->growth[column->growth] = 1.0;
	for (int j = 0; j < m - 1; j++)
	{
		slopes->season[j * stride + column->season + j] = 1.0;
		slopes->season[(m - 1) * stride + column->season + j] = -1.0;
	}
}

/* The few columns of a form without season are a constant in its loops. */
static double
walk_columns(int columns, SiEtsPass *pass, SiEtsPoint *point)
{
	if (pass->form.season == SI_ETS_NONE &&
		pass->form.trend == SI_ETS_ADDITIVE)
	{
		switch (columns)
		{
			case 2:
				return walk(1, 0, 2, pass, point, NULL);
			case 4:
				return walk(1, 0, 4, pass, point, NULL);
			default:
				return walk(1, 0, 6, pass, point, NULL);
		}
	}
	if (pass->form.season == SI_ETS_NONE && pass->form.trend == SI_ETS_NONE)
		return walk(0, 0, 2, pass, point, NULL);
	return walk_form(columns, pass, point, NULL);
}

double
si_ets_pass_slopes(SiEtsPass *pass, const SiEtsPoint *point, bool states_only)
{
	SiEtsSlopes *slopes = &pass->slopes;
	SiEtsPoint	moving = *point;
	double		value;

	start_slopes(pass);
	slopes->filled = 0;
	slopes->carried = states_only ? pass->column.alpha : pass->column.count;
	slopes->carried = (slopes->carried + 1) / 2 * 2;
	value = walk_columns(slopes->carried, pass, &moving);
	flush_rows(slopes);
	return value;
}
