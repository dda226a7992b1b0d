/*
 * ets.h
 *
 * For the tests of exponential smoothing: a fit with all memory it needs, and
 * the recursion as Hyndman et al. 2002, table 1, write it.
 */
#ifndef ETS_H
#define ETS_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/forecast/ets/si_ets_form.h"
#include "scored.h"

#define MOST_STATES	128

/* The last room that a kernel was given is fenced. */
#define FENCE		12345.678

typedef struct Fit
{
	SiStatus	status;
	SiForecastModel model;
	double		state[MOST_STATES];
	double	   *fitted;
	char		name[SI_ETS_NAME];
} Fit;

static inline SiWork
make_room(size_t n)
{
	SiWork		work = {malloc((n + 1) * sizeof(double)), n};

	work.next[n] = FENCE;
	return work;
}

static inline void
free_room(SiWork work)
{
	if (work.next[work.left] != FENCE)
		abort();
	free(work.next);
}

static inline void
fit_series(Fit *fit, const SiSeries *series, const SiEtsOptions *options)
{
	SiWork		work = make_room(si_ets_room(series->n, series->season));

	memset(fit, 0, sizeof(*fit));
	fit->model.state = fit->state;
	fit->fitted = malloc(series->n * sizeof(double));
	fit->status = si_ets_fit(series, options, &fit->model, fit->fitted, &work,
							 pulse);
	if (fit->status == SI_OK)
		si_ets_name(&fit->model, fit->name);
	free_room(work);
}

static inline SiEtsOptions
form_options(const char *form)
{
	SiText		name = {form, (int32_t) strlen(form)};
	SiEtsOptions options;

	if (!si_ets_options(name, &options))
		abort();
	return options;
}

/* Fits y; "ZZZ" and the like choose. */
static inline void
fit_values(Fit *fit, int n, const double *y, int season, const char *form)
{
	SiSeries	series = {n, y, season, NULL};
	SiEtsOptions options = form_options(form);

	fit_series(fit, &series, &options);
}

static inline void
free_fit(Fit *fit)
{
	free(fit->fitted);
}

static inline void
continue_fit(const SiForecastModel *model, int horizon, double *mean,
			 double *variance)
{
	SiWork		work = make_room(si_ets_forecast_room(model->season, horizon));

	si_ets_forecast(model, horizon, mean, variance, &work, pulse);
	free_room(work);
}

/* ----- By definition ----- */

static inline SiEtsForm
plain_form(const char *name, int period)
{
	SiEtsOptions options = form_options(name);
	SiEtsForm	form = {options.error, options.trend, options.damped != 0,
		options.season, options.season == SI_ETS_NONE ? 1 : period};

	return form;
}

/* Level expected, from the states before. */
static inline double
plain_level(const SiEtsForm *form, const SiEtsPoint *p)
{
	if (form->trend == SI_ETS_NONE)
		return p->level;
	if (form->trend == SI_ETS_ADDITIVE)
		return p->level + p->phi * p->growth;
	return p->level * pow(p->growth, p->phi);
}

static inline double
plain_forecast(const SiEtsForm *form, const SiEtsPoint *p, int t)
{
	double		q = plain_level(form, p);
	double		s = p->season[t % form->period];

	return form->season == SI_ETS_NONE ? q :
		form->season == SI_ETS_ADDITIVE ? q + s : q * s;
}

/* Smooths y into the states. */
static inline void
plain_step(const SiEtsForm *form, SiEtsPoint *p, int t, double y)
{
	double		q = plain_level(form, p);
	double		s = p->season[t % form->period];
	double		without = form->season == SI_ETS_NONE ? y :
		form->season == SI_ETS_ADDITIVE ? y - s : y / s;
	double		season = form->season == SI_ETS_ADDITIVE ? y - q : y / q;
	double		before = p->level;
	double		share = p->beta / p->alpha;

	p->level = p->alpha * without + (1.0 - p->alpha) * q;
	if (form->trend == SI_ETS_ADDITIVE)
		p->growth = share * (p->level - before) +
			(1.0 - share) * p->phi * p->growth;
	if (form->trend == SI_ETS_MULTIPLICATIVE)
		p->growth = share * (p->level / before) +
			(1.0 - share) * pow(p->growth, p->phi);
	if (form->season != SI_ETS_NONE)
		p->season[t % form->period] = p->gamma * season +
			(1.0 - p->gamma) * s;
}

/* -2 log-likelihood; errors, if not NULL, takes n of them. */
static inline double
plain_deviance(const SiEtsForm *form, SiEtsPoint p, int n, const double *y,
			   double *errors)
{
	double		squares = 0.0;
	double		logs = 0.0;

	for (int t = 0; t < n; t++)
	{
		double		f = plain_forecast(form, &p, t);
		double		e = y[t] - f;

		if (form->error == SI_ETS_MULTIPLICATIVE)
		{
			e /= f;
			logs += log(fabs(f));
		}
		if (errors != NULL)
			errors[t] = e;
		squares += e * e;
		plain_step(form, &p, t, y[t]);
	}
	return n * log(squares) + 2.0 * logs;
}

static const char *const every_form[] = {
	"ANN", "MNN", "AAN", "MAN", "AAdN", "MAdN", "AMN", "MMN", "AMdN", "MMdN",
	"ANA", "MNA", "AAA", "MAA", "AAdA", "MAdA", "AMA", "MMA", "AMdA", "MMdA",
	"ANM", "MNM", "AAM", "MAM", "AAdM", "MAdM", "AMM", "MMM", "AMdM", "MMdM"
};

/* Trend, season and noise, above zero. */
static inline void
make_series(int n, int period, double *y)
{
	for (int t = 0; t < n; t++)
		y[t] = (50.0 + 0.3 * t) * (1.0 + 0.3 * (t % period) / period) *
			(0.9 + 0.2 * random_unit());
}

#endif							/* ETS_H */
