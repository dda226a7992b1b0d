/*
 * si_ets.c
 *	  Choice and fit of exponential smoothing.
 *
 * Method: see si_ets_search.c for the fit of a form.  The choice is by AICc:
 * every form is fitted roughly, by searches from the best of a few starts;
 * those that come near the best are fitted again, from every start; the form
 * chosen is fitted to the end.  Relative errors are not chosen with states that
 * lead to zero or below within a period.  Values are divided by a power of two
 * near their mean size, so that every tolerance is relative to it.
 *
 * Long series: past CHOICE_VALUES values the form is chosen, and its search
 * started, by so many last values; the form chosen is fitted to all.
 *
 * Special cases: a series that a form follows without error has the likelihood
 * of errors of rounding size (si_ets_pass.c), so that the smallest such form is
 * chosen: a constant is ANN.
 */
#include "core/forecast/ets/si_ets.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "core/forecast/ets/si_ets_search.h"
#include "core/forecast/ets/si_ets_start.h"
#include "core/si_tolerance.h"

#define CHOICE_VALUES	1024
#define MAX_STEPS		80
#define QUICK_STARTS	3

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

/* Settles the states for each of so many starts. */
static void
settle_starts(SiEtsSearch *search, int starts, SiEtsPoint *point,
			  double *value)
{
	const SiEtsPass *pass = &search->pass;
	SiEtsPoint	first;

	memset(&first, 0, sizeof(first));
	si_ets_first_states(&pass->form, pass->n, pass->y, &first);
	for (int i = 0; i < starts; i++)
	{
		point[i] = first;
		si_ets_first_parameters(&pass->form, i, &point[i]);
		value[i] = si_ets_settle(search, &point[i]);
		if (isfinite(value[i]))
			continue;
		si_ets_safe_states(&pass->form, pass->n, pass->y, &point[i]);
		value[i] = si_ets_settle(search, &point[i]);
	}
}

/*
 * Searches from so many best of the starts, while a step gains more than worth.
 * Returns the least -2 log-likelihood, and the point.
 */
static double
fit_form(SiEtsSearch *search, int starts, int searches, double worth,
		 SiEtsPoint *best)
{
	SiEtsPoint	point[SI_ETS_STARTS];
	double		value[SI_ETS_STARTS];
	double		least = INFINITY;

	settle_starts(search, starts, point, value);
	for (int i = 0; i < searches; i++)
	{
		int			from = 0;
		double		found;

		for (int j = 1; j < starts; j++)
		{
			if (value[j] < value[from])
				from = j;
		}
		if (!isfinite(value[from]))
			break;
		found = si_ets_search(search, &point[from], MAX_STEPS, worth);
		value[from] = INFINITY;
		if (found < least)
		{
			least = found;
			*best = point[from];
		}
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
	model->variance = fmin(model->variance, DBL_MAX);
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

/* What the choice is made by, and what it has found. */
typedef struct Choice
{
	int			n;
	const double *y;
	int			count;			/* of forms */
	SiEtsForm	form[SI_ETS_FORMS];
	double		aicc[SI_ETS_FORMS];
	SiEtsPoint	point[SI_ETS_FORMS];
} Choice;

/*
 * Does a form with relative errors, which have no meaning there, lead to zero
 * or below within a period?
 */
static bool
falls_to_zero(SiEtsSearch *search, const SiEtsPoint *point)
{
	const SiEtsForm *form = &search->pass.form;
	SiEtsPoint	last = *point;
	double		growth = 0.0;

	if (form->error == SI_ETS_ADDITIVE ||
		form->trend == SI_ETS_MULTIPLICATIVE ||
		!isfinite(si_ets_pass(&search->pass, &last, NULL)))
		return false;
	for (int h = 0; h < form->period; h++)
	{
		double		season = last.season[(search->pass.n + h) % form->period];

		growth = last.phi * (growth + last.growth);
		if (form->season != SI_ETS_ADDITIVE)
			season = 0.0;
		if (last.level + growth + season <= 0.0)
			return true;
	}
	return false;
}

static void
try_form(Choice *choice, int i, int starts, int searches, double worth,
		 SiWork work, SiPulse pulse)
{
	SiEtsSearch search;
	double		deviance;

	pulse();
	si_ets_search_open(&search, &choice->form[i], choice->n, choice->y,
					   &work, pulse);
	deviance = fit_form(&search, starts, searches, worth, &choice->point[i]);
	choice->aicc[i] = aicc_of(deviance, choice->n,
							  search.pass.column.count + 1);
	if (choice->count > 1 && falls_to_zero(&search, &choice->point[i]))
		choice->aicc[i] = INFINITY;
}

static int
best_form(const Choice *choice)
{
	int			best = 0;

	for (int i = 1; i < choice->count; i++)
	{
		if (choice->aicc[i] < choice->aicc[best] - SI_ETS_TIE)
			best = i;
	}
	return best;
}

/* The number of the form of least AICc; infinite if none can be fitted. */
static int
choose(Choice *choice, bool quick, SiWork work, SiPulse pulse)
{
	double		near;

	for (int i = 0; i < choice->count; i++)
		try_form(choice, i, quick ? QUICK_STARTS : SI_ETS_STARTS,
				 quick ? 1 : 2, SI_ETS_ROUGH_GAIN, work, pulse);
	if (quick)
		return best_form(choice);
	near = choice->aicc[best_form(choice)] + SI_ETS_NEAR;
	for (int i = 0; i < choice->count; i++)
	{
		if (choice->aicc[i] < near)
			try_form(choice, i, SI_ETS_STARTS, SI_ETS_STARTS,
					 SI_ETS_ROUGH_GAIN / 10.0, work, pulse);
	}
	return best_form(choice);
}

/* The last values, whole periods away from the first. */
static void
take_last(Choice *choice, const Prepared *made, int period)
{
	int			skipped = made->n > CHOICE_VALUES ?
		(made->n - CHOICE_VALUES) / period * period : 0;

	choice->n = made->n - skipped;
	choice->y = made->y + skipped;
}

/* The form chosen goes to the end, over all values. */
static double
finish(SiEtsSearch *search, const Choice *choice, int chosen, double worth,
	   SiEtsPoint *point)
{
	SiEtsPass  *pass = &search->pass;

	*point = choice->point[chosen];
	if (choice->n < pass->n)
	{
		si_ets_first_states(&pass->form, pass->n, pass->y, point);
		if (!isfinite(si_ets_settle(search, point)))
			*point = choice->point[chosen];
	}
	return si_ets_search(search, point, MAX_STEPS, worth *
						 fmax(1.0, pass->n / 1000.0));
}

SiStatus
si_ets_fit(const SiSeries *series, const SiEtsOptions *options,
		   SiForecastModel *model, double *fitted, SiWork *work,
		   SiPulse pulse)
{
	SiWork		room = *work;
	Prepared	made = prepare(series, &room);
	int			period = series->factor != NULL ? 1 : series->season;
	Choice		choice;
	SiEtsSearch search;
	SiEtsPoint	point;
	int			chosen;

	take_last(&choice, &made, period);
	choice.count = si_ets_candidates(options, choice.n, period,
									 made.positive, choice.form);
	if (choice.count == 0)
		return SI_EMPTY;
	chosen = choose(&choice, options->quick, room, pulse);
	if (!isfinite(choice.aicc[chosen]))
		return SI_NO_CONVERGENCE;
	si_ets_search_open(&search, &choice.form[chosen], made.n, made.y, &room,
					   pulse);
	if (!isfinite(finish(&search, &choice, chosen, options->quick ?
						 SI_ETS_ROUGH_GAIN / 10.0 : SI_ETS_GAIN, &point)))
		return SI_NO_CONVERGENCE;
	keep_model(&search, &made, series, &point, model, fitted);
	return SI_OK;
}
