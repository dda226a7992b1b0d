/*
 * Exponential smoothing against its definition: likelihoods and slopes of
 * every form, and likelihoods against a search that knows nothing of slopes.
 */
#include "core/forecast/ets/si_ets_pass.h"
#include "core/forecast/si_simplex.h"
#include "ets.h"
#include "tap.h"

#define FORMS	((int) (sizeof(every_form) / sizeof(every_form[0])))
#define N		40
#define PERIOD	5

static SiEtsPoint
random_point(const SiEtsForm *form)
{
	SiEtsPoint	p;
	double		sum = 0.0;

	memset(&p, 0, sizeof(p));
	p.alpha = 0.1 + 0.6 * random_unit();
	p.beta = form->trend == SI_ETS_NONE ? 0.0 : 0.3 * p.alpha * random_unit();
	p.gamma = form->season == SI_ETS_NONE ? 0.0 :
		(1.0 - p.alpha) * random_unit();
	p.phi = form->damped ? 0.8 + 0.18 * random_unit() : 1.0;
	p.level = 45.0 + 10.0 * random_unit();
	if (form->trend == SI_ETS_ADDITIVE)
		p.growth = random_unit();
	if (form->trend == SI_ETS_MULTIPLICATIVE)
		p.growth = 1.0 + 0.02 * random_unit();
	for (int j = 0; j < form->period && form->season != SI_ETS_NONE; j++)
	{
		p.season[j] = form->season == SI_ETS_ADDITIVE ?
			10.0 * random_unit() - 5.0 : 0.9 + 0.2 * random_unit();
		sum += p.season[j];
	}
	if (form->season != SI_ETS_NONE)
		p.season[form->period - 1] += form->season == SI_ETS_ADDITIVE ? -sum :
			form->period - sum;
	return p;
}

static SiWork
open_pass(SiEtsPass *pass, const SiEtsForm *form, const double *y)
{
	SiWork		work = make_room(si_ets_slopes_room(form->period));
	SiWork		taken = work;

	memset(pass, 0, sizeof(*pass));
	pass->form = *form;
	pass->column = si_ets_columns(form);
	pass->n = N;
	pass->y = y;
	pass->pulse = pulse;
	si_ets_slopes_place(pass, &taken);
	return work;
}

static void
pass_is_the_definition(const SiEtsForm *form, const char *name,
					   const double *y)
{
	SiEtsPoint	point = random_point(form);
	SiEtsPoint	moving = point;
	SiEtsPoint	plain = point;
	SiEtsPass	pass;
	SiWork		work = open_pass(&pass, form, y);
	double		forecast[N];
	double		off = 0.0;

	is_close(si_ets_pass(&pass, &moving, forecast),
			 plain_deviance(form, point, N, y, NULL), 1e-12,
			 "%s: likelihood", name);
	for (int t = 0; t < N; t++)
	{
		off = fmax(off, fabs(forecast[t] - plain_forecast(form, &plain, t)));
		plain_step(form, &plain, t, y[t]);
	}
	off = fmax(off, fabs(plain.level - moving.level));
	if (form->trend != SI_ETS_NONE)
		off = fmax(off, fabs(plain.growth - moving.growth));
	for (int j = 0; j < form->period && form->season != SI_ETS_NONE; j++)
		off = fmax(off, fabs(plain.season[j] - moving.season[j]));
	ok(off < 1e-9, "%s: forecasts and states, off by %.1e", name, off);
	free_room(work);
}

/* The number of a column; the last of the season is given by the others. */
static void
move_column(const SiEtsForm *form, SiEtsPoint *p, int k, double by)
{
	SiEtsColumns column = si_ets_columns(form);
	double	   *number = k == 0 ? &p->level : k == column.growth ? &p->growth :
		k == column.alpha ? &p->alpha : k == column.beta ? &p->beta :
		k == column.gamma ? &p->gamma : k == column.phi ? &p->phi :
		&p->season[k - column.season];

	*number += by;
	if (k >= column.season && k < column.alpha && column.season > 0)
		p->season[form->period - 1] -= by;
}

static void
slopes_are_differences(const SiEtsForm *form, const char *name,
					   const double *y)
{
	SiEtsPoint	point = random_point(form);
	SiEtsPass	pass;
	SiWork		work = open_pass(&pass, form, y);
	double		slope[SI_ETS_COLUMNS][N];
	double		error[N];
	double		off = 0.0;
	int			count = pass.column.count;

	plain_deviance(form, point, N, y, error);
	for (int k = 0; k < count; k++)
	{
		SiEtsPoint	high = point;
		SiEtsPoint	low = point;
		double		above[N];

		move_column(form, &high, k, 1e-6);
		move_column(form, &low, k, -1e-6);
		plain_deviance(form, high, N, y, above);
		plain_deviance(form, low, N, y, slope[k]);
		for (int t = 0; t < N; t++)
			slope[k][t] = (above[t] - slope[k][t]) / 2e-6;
	}
	si_ets_pass_slopes(&pass, &point, false);
	for (int i = 0; i < count; i++)
	{
		for (int j = 0; j <= i; j++)
		{
			double		sum = 0.0;
			double		size = 1e-6;

			for (int t = 0; t < N; t++)
			{
				sum += slope[i][t] * slope[j][t];
				size += fabs(slope[i][t] * slope[j][t]);
			}
			off = fmax(off, fabs(sum - pass.slopes.product[
					   i * pass.slopes.stride + j]) / size);
		}
	}
	ok(off < 1e-4, "%s: products of slopes, off by %.1e", name, off);
	off = 0.0;
	for (int k = 0; k < count; k++)
	{
		SiEtsPoint	high = point;
		SiEtsPoint	low = point;
		double		difference;

		move_column(form, &high, k, 1e-6);
		move_column(form, &low, k, -1e-6);
		difference = (plain_deviance(form, high, N, y, NULL) -
					  plain_deviance(form, low, N, y, NULL)) / 2e-6;
		off = fmax(off, fabs(2.0 * N * pass.slopes.cross[k] / pass.squares +
							 2.0 * pass.slopes.log[k] - difference) /
				   (1.0 + fabs(difference)));
	}
	ok(off < 1e-4, "%s: slope of the likelihood, off by %.1e", name, off);
	free_room(work);
}

/* ----- Search without slopes ----- */

typedef struct Blind
{
	SiEtsForm	form;
	const double *y;
} Blind;

static double
blind_value(const double *x, void *arg)
{
	const Blind *blind = arg;
	const SiEtsForm *form = &blind->form;
	SiEtsPoint	p;

	memset(&p, 0, sizeof(p));
	p.phi = 1.0;
	if (form->season == SI_ETS_MULTIPLICATIVE)
		p.season[form->period - 1] = form->period;
	for (int k = 0; k < si_ets_columns(form).count; k++)
		move_column(form, &p, k, k == si_ets_columns(form).phi ? x[k] - 1.0 :
					x[k]);
	if (p.alpha < 1e-4 || p.alpha > 0.9999 || p.phi < 0.8 ||
		(form->damped && p.phi > 0.98) ||
		(form->trend != SI_ETS_NONE && (p.beta < 1e-4 || p.beta > p.alpha)) ||
		(form->season != SI_ETS_NONE &&
		 (p.gamma < 1e-4 || p.gamma > 1.0 - p.alpha)) ||
		!si_ets_is_stable(form, &p))
		return INFINITY;
	return plain_deviance(form, p, N, blind->y, NULL);
}

static void
blind_search_finds_no_more(const char *name, const double *y)
{
	Blind		blind = {plain_form(name, PERIOD), y};
	SiEtsColumns column = si_ets_columns(&blind.form);
	SiSimplexOptions options = {20000, 1e-12};
	double		room[300];
	double		best = INFINITY;
	Fit			fit;

	fit_values(&fit, N, y, PERIOD, name);
	for (int start = 0; start < 6; start++)
	{
		SiEtsPoint	p = random_point(&blind.form);
		double		x[SI_ETS_COLUMNS];
		double		step[SI_ETS_COLUMNS];

		for (int k = 0; k < column.count; k++)
		{
			x[k] = k == 0 ? p.level : k == column.growth ? p.growth :
				k == column.alpha ? p.alpha : k == column.beta ? p.beta :
				k == column.gamma ? p.gamma : k == column.phi ? p.phi :
				p.season[k - column.season];
			step[k] = -0.05 * fabs(x[k]);
		}
		best = fmin(best, si_simplex_minimise(column.count, x, step,
											  blind_value, &blind, &options,
											  room));
	}
	ok(-2.0 * fit.model.log_likelihood < best + 2e-4,
	   "%s: log-likelihood %.6f, a simplex finds %.6f", name,
	   fit.model.log_likelihood, -0.5 * best);
	free_fit(&fit);
}

int
main(void)
{
	double		y[N];

	for (int i = 0; i < FORMS; i++)
	{
		SiEtsForm	form = plain_form(every_form[i], PERIOD);

		make_series(N, PERIOD, y);
		pass_is_the_definition(&form, every_form[i], y);
		slopes_are_differences(&form, every_form[i], y);
		blind_search_finds_no_more(every_form[i], y);
	}
	return done_testing();
}
