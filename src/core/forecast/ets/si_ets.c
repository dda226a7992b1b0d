/*
 * si_ets.c
 *	  Choice and fit of exponential smoothing.
 *
 * Method: see si_ets_search.c for the fit of a form.  The choice is by AICc.
 * Values are divided by a power of two near their mean size, so that every
 * tolerance is relative to it.
 *
 * Long series: past CHOICE_VALUES values the form is chosen, and its search
 * started, by so many last values; the form chosen is fitted to all.
 *
 * Special cases: a series that a form follows without error has the likelihood
 * of errors of rounding size (si_ets_pass.c), so that the smallest such form is
 * chosen: a constant is ANN.
 */
#include "core/forecast/ets/si_ets.h"

#include <math.h>
#include <string.h>

#include "core/forecast/ets/si_ets_search.h"
#include "core/forecast/ets/si_ets_start.h"
#include "core/si_tolerance.h"

#define CHOICE_VALUES	4096

/* The series as fitted. */
typedef struct Prepared
{
	int			n;
	double	   *y;
	double		scale;			/* of values to y */
	bool		positive;
} Prepared;

size_t
si_ets_room(int n, int season)
{
	if (season > SI_ETS_LONGEST_SEASON)
		season = 1;
	return (size_t) n + si_ets_search_room(season);
}

int
si_ets_states(int season)
{
	return SI_ETS_SEASONS + season;
}

/* ----- The series ----- */

/* The power of two at most as large as the mean size of values; 1 for zeros. */
static double
scale_of(int n, const double *y)
{
	double		sum = 0.0;
	int			exponent;

	for (int i = 0; i < n; i++)
		sum += fabs(y[i]) / n;
	if (sum == 0.0)
		return 1.0;
	frexp(sum, &exponent);
	return ldexp(1.0, exponent - 1);
}

static Prepared
prepare(const SiSeries *series, SiWork *work)
{
	Prepared	made = {series->n, si_work_take(work, series->n), 1.0, true};
	int			at = 0;

	for (int i = 0; i < made.n; i++)
	{
		made.y[i] = series->y[i];
		if (series->factor != NULL)
			made.y[i] /= series->factor[at];
		if (++at == series->season)
			at = 0;
		made.positive &= made.y[i] > 0.0;
	}
	made.scale = scale_of(made.n, made.y);
	for (int i = 0; i < made.n; i++)
		made.y[i] /= made.scale;
	return made;
}

/* ----- One form ----- */

int ets_mode = 1;

static double
fit_form(SiEtsSearch *search, SiEtsPoint *best)
{
	SiEtsPass  *pass = &search->pass;
	double		least = INFINITY;
	SiEtsPoint	first;
	SiEtsPoint	settled[SI_ETS_STARTS];
	double		value[SI_ETS_STARTS];

	memset(&first, 0, sizeof(first));
	si_ets_first_states(&pass->form, pass->n, pass->y, &first);
	for (int i = 0; i < SI_ETS_STARTS; i++)
	{
		settled[i] = first;
		si_ets_first_parameters(&pass->form, i, &settled[i]);
		value[i] = si_ets_settle(search, &settled[i]);
		if (!isfinite(value[i]))
		{
			settled[i].level = pass->y[0];
			settled[i].growth = pass->form.trend == SI_ETS_MULTIPLICATIVE;
			value[i] = si_ets_settle(search, &settled[i]);
		}
	}
	for (int j = 0; j < ets_mode; j++)
	{
		int k = 0;
		double v;
		for (int i = 1; i < SI_ETS_STARTS; i++) if (value[i] < value[k]) k = i;
		if (!isfinite(value[k])) break;
		v = si_ets_search(search, &settled[k]);
		value[k] = INFINITY;
		if (v < least) { least = v; *best = settled[k]; }
	}
	return least;
}

static double
aicc_of(double deviance, int n, int k)
{
	return deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0);
}

/* ----- The model ----- */

static void
keep_states(const Prepared *made, const SiSeries *series,
			const SiEtsForm *form, const SiEtsPoint *last,
			SiForecastModel *model)
{
	int			m = series->season;
	double		scale = made->scale;

	model->season = 1;
	model->states = SI_ETS_SEASONS;
	model->state[SI_ETS_LEVEL] = last->level * scale;
	model->state[SI_ETS_GROWTH] = form->trend == SI_ETS_ADDITIVE ?
		last->growth * scale : last->growth;
	if (form->season == SI_ETS_NONE && series->factor == NULL)
		return;
	model->season = m;
	model->states += m;
	for (int j = 0; j < m; j++)
	{
		int			at = (made->n + j) % m;

		model->state[SI_ETS_SEASONS + j] =
			form->season == SI_ETS_ADDITIVE ? last->season[at] * scale :
			form->season == SI_ETS_MULTIPLICATIVE ? last->season[at] :
			series->factor[at];
	}
}

static void
keep_parameters(const Prepared *made, const SiEtsForm *form,
				const SiEtsPoint *first, SiForecastModel *model)
{
	memset(model->parameter, 0, sizeof(model->parameter));
	model->parameters = SI_ETS_PARAMETERS;
	model->parameter[SI_ETS_ALPHA] = first->alpha;
	model->parameter[SI_ETS_BETA] = first->beta;
	model->parameter[SI_ETS_GAMMA] = first->gamma;
	model->parameter[SI_ETS_PHI] = first->phi;
	model->parameter[SI_ETS_FIRST_LEVEL] = first->level * made->scale;
	model->parameter[SI_ETS_FIRST_GROWTH] = form->trend == SI_ETS_ADDITIVE ?
		first->growth * made->scale : first->growth;
}

static void
keep_form(const SiSeries *series, const SiEtsForm *form,
		  SiForecastModel *model)
{
	memset(model->form, 0, sizeof(model->form));
	model->method = SI_FORECAST_ETS;
	model->form[SI_ETS_ERROR] = form->error;
	model->form[SI_ETS_TREND] = form->trend;
	model->form[SI_ETS_DAMPED] = form->damped;
	model->form[SI_ETS_SEASON] = form->season;
	model->form[SI_ETS_FACTORED] = series->factor != NULL;
}

/* The point's pass over the whole series fills the model. */
static void
keep_model(SiEtsSearch *search, const Prepared *made, const SiSeries *series,
		   const SiEtsPoint *point, SiForecastModel *model, double *fitted)
{
	const SiEtsForm *form = &search->pass.form;
	SiEtsPoint	last = *point;
	double		deviance = si_ets_pass(&search->pass, &last, fitted) +
		2.0 * made->n * log(made->scale);
	int			k = search->pass.column.count + 1;
	int			at = 0;

	keep_form(series, form, model);
	keep_parameters(made, form, point, model);
	keep_states(made, series, form, &last, model);
	model->estimated = k;
	model->log_likelihood = -0.5 * deviance;
	model->aicc = aicc_of(deviance, made->n, k);
	model->variance = search->pass.squares / (made->n - (k - 1));
	if (form->error == SI_ETS_ADDITIVE)
		model->variance *= made->scale * made->scale;
	for (int i = 0; i < made->n; i++)
	{
		fitted[i] *= made->scale;
		if (series->factor != NULL)
			fitted[i] *= series->factor[at];
		if (++at == series->season)
			at = 0;
	}
}

/* ----- The choice ----- */

/* The form of least AICc, by n values; its number, -1 if none can be fitted. */
static int
choose(const SiEtsForm *forms, int count, int n, const double *y,
	   SiEtsPoint *best, SiWork *work, SiPulse pulse)
{
	double		least = INFINITY;
	int			chosen = -1;

	for (int i = 0; i < count; i++)
	{
		SiWork		again = *work;
		SiEtsSearch search;
		SiEtsPoint	point;
		double		aicc;

		si_ets_search_open(&search, &forms[i], n, y, &again, pulse);
		aicc = aicc_of(fit_form(&search, &point), n,
					   search.pass.column.count + 1);
		pulse();
		if (aicc < least - SI_ETS_TIE)
		{
			least = aicc;
			chosen = i;
			*best = point;
		}
	}
	return chosen;
}

SiStatus
si_ets_fit(const SiSeries *series, const SiEtsOptions *options,
		   SiForecastModel *model, double *fitted, SiWork *work,
		   SiPulse pulse)
{
	SiWork		room = *work;
	Prepared	made = prepare(series, &room);
	int			period = series->factor != NULL ? 1 : series->season;
	SiEtsForm	forms[SI_ETS_FORMS];
	int			count = si_ets_candidates(options, made.n, period,
										  made.positive, forms);
	SiEtsSearch search;
	SiEtsPoint	point;
	int			chosen;

	if (count == 0)
		return SI_EMPTY;
	chosen = choose(forms, count, made.n, made.y, &point, &room, pulse);
	if (chosen < 0)
		return SI_NO_CONVERGENCE;
	si_ets_search_open(&search, &forms[chosen], made.n, made.y, &room, pulse);
	keep_model(&search, &made, series, &point, model, fitted);
	return SI_OK;
}
