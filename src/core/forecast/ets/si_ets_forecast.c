/*
 * si_ets_forecast.c
 *	  Continues exponential smoothing: forecasts, variances of their errors.
 *
 * Point forecasts follow the equations with all errors zero.  Variances, with
 * c_j = alpha + beta (phi + ... + phi^j), + gamma if j is a multiple of the
 * season's length, what an error does to the forecast j steps later:
 *
 * Additive errors, nothing multiplicative (class 1 of Hyndman et al. 2008,
 * chapter 6): v_h = variance (1 + sum of c_j^2 over j < h).
 *
 * Relative errors, season none or additive (class 2): the mean square of the
 * forecast is t_h = mean_h^2 + variance * sum of c_j^2 t_(h-j), and v_h = (1 +
 * variance) t_h - mean_h^2.
 *
 * Relative errors, multiplicative season (class 3): the mean squares and
 * products of level and growth are carried forward, weighted by the square of
 * the season of the horizon, which moves with the error whenever it comes by.
 * The book neglects that these errors move the level, too; here they do, with
 * the third and fourth moments of normal errors.
 *
 * Others: si_ets_simulate.c.
 *
 * Special cases: what overflows stays at the largest number.
 */
#include "core/forecast/ets/si_ets.h"

#include <float.h>
#include <math.h>

#include "core/forecast/ets/si_ets_simulate.h"

#define PULSE_STEPS		16		/* each sums over all before */

size_t
si_ets_forecast_room(int season, int horizon)
{
	return 2 * (size_t) horizon + season;
}

/* ----- Points ----- */

static double
season_of(const SiForecastModel *model, int h)
{
	return model->state[SI_ETS_SEASONS + h % model->season];
}

static void
find_means(const SiForecastModel *model, int horizon, double *mean)
{
	double		level = model->state[SI_ETS_LEVEL];
	double		growth = model->state[SI_ETS_GROWTH];
	double		damping = 1.0;
	double		damped = 0.0;

	for (int h = 0; h < horizon; h++)
	{
		damping *= model->parameter[SI_ETS_PHI];
		damped += damping;
		mean[h] = level;
		if (model->form[SI_ETS_TREND] == SI_ETS_ADDITIVE)
			mean[h] += damped * growth;
		if (model->form[SI_ETS_TREND] == SI_ETS_MULTIPLICATIVE)
			mean[h] *= pow(growth, damped);
		if (model->form[SI_ETS_SEASON] == SI_ETS_ADDITIVE)
			mean[h] += season_of(model, h);
		if (model->form[SI_ETS_SEASON] == SI_ETS_MULTIPLICATIVE)
			mean[h] *= season_of(model, h);
	}
}

/* ----- Variances: classes 1 and 2 ----- */

static void
find_weights(const SiForecastModel *model, int horizon, double *c)
{
	const double *p = model->parameter;
	double		damping = 1.0;
	double		damped = 0.0;

	for (int j = 1; j < horizon; j++)
	{
		damping *= p[SI_ETS_PHI];
		damped += damping;
		c[j] = p[SI_ETS_ALPHA] + p[SI_ETS_BETA] * damped;
		if (model->form[SI_ETS_SEASON] == SI_ETS_ADDITIVE &&
			j % model->season == 0)
			c[j] += p[SI_ETS_GAMMA];
	}
}

static void
vary_additive(const SiForecastModel *model, int horizon, double *variance,
			  double *c)
{
	double		sum = 1.0;

	find_weights(model, horizon, c);
	for (int h = 0; h < horizon; h++)
	{
		if (h > 0)
			sum += c[h] * c[h];
		variance[h] = model->variance * sum;
	}
}

static void
vary_relative(const SiForecastModel *model, int horizon, const double *mean,
			  double *variance, double *c, SiPulse pulse)
{
	double	   *square = c + horizon;	/* of the forecast, on average */

	find_weights(model, horizon, c);
	for (int h = 0; h < horizon; h++)
	{
		double		sum = 0.0;

		for (int j = 1; j <= h; j++)
			sum += c[j] * c[j] * square[h - j];
		square[h] = mean[h] * mean[h] + model->variance * sum;
		variance[h] = model->variance * square[h] + model->variance * sum;
		if (h % PULSE_STEPS == PULSE_STEPS - 1)
			pulse();
	}
}

/* ----- Variances: class 3 ----- */

/*
 * Means of level, growth and of their squares and product, each weighted by
 * the season of the horizon or by its square.
 */
typedef struct Moments
{
	double		l;
	double		b;
	double		ll;
	double		lb;
	double		bb;
} Moments;

/* One step; season: is it the season of the horizon, that moves? */
static void
carry_moments(const SiForecastModel *model, bool season, Moments *m)
{
	double		alpha = model->parameter[SI_ETS_ALPHA];
	double		beta = model->parameter[SI_ETS_BETA];
	double		gamma = season ? model->parameter[SI_ETS_GAMMA] : 0.0;
	double		phi = model->parameter[SI_ETS_PHI];
	double		v = model->variance;
	double		kept = 1.0 + gamma * gamma * v;
	double		mixed = 2.0 * gamma * v;
	double		own = v + 3.0 * gamma * gamma * v * v;
	double		u = m->l + phi * m->b;
	double		uu = m->ll + 2.0 * phi * m->lb + phi * phi * m->bb;
	double		ub = phi * (m->lb + phi * m->bb);	/* u and phi b */

	m->l = u * (1.0 + alpha * gamma * v);
	m->b = phi * m->b + beta * gamma * v * u;
	m->ll = uu * (kept + 2.0 * alpha * mixed + alpha * alpha * own);
	m->lb = ub * (kept + alpha * mixed) +
		uu * (beta * mixed + alpha * beta * own);
	m->bb = phi * phi * m->bb * kept + 2.0 * ub * beta * mixed +
		uu * beta * beta * own;
}

static void
vary_seasonal(const SiForecastModel *model, int horizon, double *variance,
			  SiPulse pulse)
{
	double		l = model->state[SI_ETS_LEVEL];
	double		b = model->state[SI_ETS_GROWTH];
	double		phi = model->parameter[SI_ETS_PHI];
	int			m = model->season;

	for (int first = 0; first < m && first < horizon; first++)
	{
		Moments		moments = {l, b, l * l, l * b, b * b};
		double		s = season_of(model, first);

		for (int h = 0; h < horizon; h++)
		{
			bool		season = h % m == first;

			if (season)
			{
				double		u = moments.l + phi * moments.b;
				double		uu = moments.ll + 2.0 * phi * moments.lb +
					phi * phi * moments.bb;

				variance[h] = s * s * (model->variance * uu +
									   fmax(uu - u * u, 0.0));
			}
			carry_moments(model, season, &moments);
		}
		pulse();
	}
}

/* ----- Both ----- */

static void
vary(const SiForecastModel *model, int horizon, const double *mean,
	 double *variance, double *room, SiPulse pulse)
{
	bool		relative = model->form[SI_ETS_ERROR] == SI_ETS_MULTIPLICATIVE;
	bool		multiple = model->form[SI_ETS_SEASON] == SI_ETS_MULTIPLICATIVE;

	if (model->form[SI_ETS_TREND] == SI_ETS_MULTIPLICATIVE ||
		(!relative && multiple))
		si_ets_simulate(model, horizon, variance, room, pulse);
	else if (!relative)
		vary_additive(model, horizon, variance, room);
	else if (!multiple)
		vary_relative(model, horizon, mean, variance, room, pulse);
	else
		vary_seasonal(model, horizon, variance, pulse);
}

void
si_ets_forecast(const SiForecastModel *model, int horizon, double *mean,
				double *variance, SiWork *work, SiPulse pulse)
{
	SiWork		room = *work;

	find_means(model, horizon, mean);
	vary(model, horizon, mean, variance,
		 si_work_take(&room, si_ets_forecast_room(model->season, horizon)),
		 pulse);
	for (int h = 0; h < horizon; h++)
	{
		double		factor = model->form[SI_ETS_FACTORED] ?
			season_of(model, h) : 1.0;

		mean[h] = fmax(fmin(mean[h] * factor, DBL_MAX), -DBL_MAX);
		variance[h] = fmin(variance[h] * factor * factor, DBL_MAX);
	}
}
