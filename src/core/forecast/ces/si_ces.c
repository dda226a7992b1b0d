/*
 * si_ces.c
 *	  Complex exponential smoothing: fit, choice of the form, forecasts.
 *
 * Method: the likelihood of normal errors, concentrated: for given parameters
 * the states at the start are solved for, and a simplex moves the parameters
 * only, within the region where errors of the start are forgotten.  Where
 * solving at each step would take too long, for long series of long seasons,
 * starts are solved for and parameters moved in turn.  The form is that of the
 * least AICc, for which all states at the start count, and the variance.
 *
 * Special cases: a form needs two seasons, and more values than the AICc has
 * numbers to count; a series that a form fits exactly has a variance of zero.
 *
 * Variance of forecasts: from the weights of errors in the forecasts after
 * them, as for any linear model with one source of error.
 *
 * References: I. Svetunkov, N. Kourentzes, J. K. Ord, "Complex exponential
 * smoothing", Naval Research Logistics 69 (2022) 1108-1123; R. D. Snyder,
 * J. K. Ord, A. B. Koehler, R. J. Hyndman, "Forecasting with Exponential
 * Smoothing: The State Space Approach" (2008), chapter 5, for the start.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/forecast/ces/si_ces.h"
#include "core/forecast/ces/si_ces_pass.h"
#include "core/forecast/si_simplex.h"
#include "core/si_tolerance.h"

#define EVALUATIONS		250		/* of the likelihood, from each start */
#define ROUNDS			3		/* of start and parameters in turn */
#define SOLVE_LIMIT		1e6		/* products of one solution */
#define STARTS_LIMIT	2e4		/* beyond, the search has one start */

const char *const si_ces_form_name[] = {
	"none", "simple", "partial", "full"
};

const char *const si_ces_parameter_name[] = {
	"alpha_0", "alpha_1", "beta_0", "beta_1"
};

static const int parameters[SI_CES_FORMS] = {2, 2, 3, 4};

typedef struct Fit
{
	SiCesPass	pass;
	const double *given;		/* states, where not solved for */
	double		squares;		/* of the values */
	bool		solve;
	int			starts;			/* of the search */
	SiWork		work;
} Fit;

/* ----- Sizes ----- */

static int
states_of(int form, int season)
{
	switch (form)
	{
		case SI_CES_NONE:
			return 2;
		case SI_CES_SIMPLE:
			return 2 * season;
		case SI_CES_PARTIAL:
			return 2 + season;
		default:
			return 2 + 2 * season;
	}
}

int
si_ces_states(int season)
{
	return states_of(SI_CES_FULL, season);
}

static int
richest(int season)
{
	return season < 2 ? SI_CES_NONE :
		season > SI_CES_LONGEST ? SI_CES_SIMPLE : SI_CES_FULL;
}

/* Errors; three sets of states; what one walk and the simplex need. */
size_t
si_ces_room(int n, int season)
{
	int			form = richest(season);

	return (size_t) n + 3 * (size_t) si_ces_states(season) +
		si_ces_solve_room(form, season) + si_ces_stable_room(form, season) +
		si_simplex_room(SI_CES_PARAMETERS);
}

size_t
si_ces_forecast_room(int season)
{
	return (size_t) si_ces_states(season);
}

/* ----- Likelihood ----- */

/* Means of the first season, or of a few values. */
static void
guess(const SiCesPass *pass, double *state)
{
	int			m = pass->season;
	int			few = m > 1 ? m : pass->n < 10 ? pass->n : 10;
	double		mean = 0.0;
	int			i;

	for (i = 0; i < few; i++)
		mean += pass->y[i] / few;
	if (pass->form == SI_CES_SIMPLE)
	{
		for (i = 0; i < 2 * m; i++)
			state[i] = pass->y[i / 2];
		return;
	}
	state[0] = state[1] = mean;
	for (i = 0; i < m && pass->form == SI_CES_PARTIAL; i++)
		state[2 + i] = pass->y[i] - mean;
	for (i = 0; i < 2 * m && pass->form == SI_CES_FULL; i++)
		state[2 + i] = pass->y[i / 2] - mean;
}

/* The sum of squared errors; the states at the start are left in pass. */
static double
least_squares(Fit *fit)
{
	SiCesPass  *pass = &fit->pass;

	guess(pass, pass->state);
	return si_ces_solve(pass, &fit->work);
}

static double
half_log(const Fit *fit, double sum)
{
	double		least = SI_RESIDUAL_NOISE * fit->squares;

	return 0.5 * fit->pass.n * log((sum > least ? sum : least) / fit->squares);
}

/* Minus the log-likelihood, but for a constant. */
static double
objective(const double *x, void *arg)
{
	Fit		   *fit = arg;
	SiCesPass  *pass = &fit->pass;
	int			p = parameters[pass->form];

	pass->pulse();
	memcpy(pass->parameter, x, p * sizeof(double));
	if (!si_ces_stable(pass, &fit->work))
		return INFINITY;
	if (fit->solve)
		return half_log(fit, least_squares(fit));
	memcpy(pass->state, fit->given, pass->states * sizeof(double));
	return half_log(fit, si_ces_walk(pass, NULL));
}

/* ----- Search ----- */

/*
 * Along a1 = 1 the pair is stable for a0 between 1 and 2; with seasons, only
 * up to there.
 */
static const double begin[][SI_CES_PARAMETERS] = {
	{1.3, 0.99, 0.3, 0.99},
	{1.1, 0.99, 0.1, 0.99},
	{1.7, 0.99, 0.7, 0.99}
};

#define STARTS ((int) (sizeof(begin) / sizeof(begin[0])))

static double
search(Fit *fit, double *x)
{
	static const double step[] = {0.1, -0.02, 0.1, -0.02};
	SiSimplexOptions options = {EVALUATIONS, SI_LIKELIHOOD_SPREAD};

	return si_simplex_minimise(parameters[fit->pass.form], x, step, objective,
							   fit, &options, fit->work.next +
							   si_ces_solve_room(fit->pass.form,
												 fit->pass.season));
}

/* The form full has a pair where partial has one figure. */
static void
set_start(const Fit *fit, int i, double *x)
{
	memcpy(x, begin[i], sizeof(begin[i]));
	if (fit->pass.form == SI_CES_FULL)
		x[SI_CES_BETA_0] += 1.0;
}

/* From each start; the best parameters are in x. */
static double
search_all(Fit *fit, double *x)
{
	double		least = INFINITY;
	double		trial[SI_CES_PARAMETERS];
	double		value;
	int			i;

	for (i = 0; i < fit->starts; i++)
	{
		set_start(fit, i, trial);
		if (isinf(objective(trial, fit)))
			continue;
		value = search(fit, trial);
		if (value < least)
			memcpy(x, trial, sizeof(trial));
		least = fmin(least, value);
	}
	return least;
}

/* Start and parameters in turn. */
static void
search_in_turn(Fit *fit, double *given, double *x)
{
	int			round;

	set_start(fit, 0, x);
	fit->given = given;
	for (round = 0; round < ROUNDS; round++)
	{
		memcpy(fit->pass.parameter, x, sizeof(fit->pass.parameter));
		least_squares(fit);
		memcpy(given, fit->pass.state, fit->pass.states * sizeof(double));
		if (round == 0)
			search_all(fit, x);
		else
			search(fit, x);
	}
}

/* ----- Fit ----- */

/* Numbers estimated: parameters, states, variance. */
static int
count(int form, int season)
{
	return parameters[form] + states_of(form, season) + 1;
}

static bool
possible(const SiSeries *series, int form)
{
	int			season = form == SI_CES_NONE ? 1 : series->season;

	return form <= richest(series->season) && series->n >= 2 * season &&
		series->n - count(form, season) - 1 > 0;
}

/* The phase of the next value comes first. */
static void
keep_states(const SiCesPass *pass, double *state)
{
	int			lead = pass->form == SI_CES_SIMPLE ? 0 : 2;
	int			each = (pass->states - lead) / pass->season;
	int			i;

	memcpy(state, pass->state, lead * sizeof(double));
	for (i = 0; i < pass->season && each > 0; i++)
		memcpy(state + lead + i * each, pass->state + lead +
			   (pass->n + i) % pass->season * each, each * sizeof(double));
}

/* The model of the parameters in pass, from its best start. */
static void
finish(Fit *fit, SiForecastModel *model, double *error)
{
	SiCesPass  *pass = &fit->pass;
	double		n = pass->n;
	double		k = count(pass->form, pass->season);
	double		sum;

	least_squares(fit);
	sum = si_ces_walk(pass, error);
	model->method = SI_FORECAST_CES;
	model->form[0] = pass->form;
	model->season = pass->season;
	model->parameters = parameters[pass->form];
	memcpy(model->parameter, pass->parameter, sizeof(pass->parameter));
	model->states = pass->states;
	keep_states(pass, model->state);
	model->estimated = (int) k;
	model->log_likelihood = -half_log(fit, sum) - 0.5 * n *
		(log(2.0 * M_PI / n) + log(fit->squares) + 1.0);
	model->aicc = -2.0 * model->log_likelihood + 2.0 * k +
		2.0 * k * (k + 1.0) / (n - k - 1.0);
	model->variance = sum / (n - k + 1.0);
}

static void
fit_form(Fit *fit, int form, int season, double *given, SiForecastModel *model,
		 double *error)
{
	SiCesPass  *pass = &fit->pass;
	double		x[SI_CES_PARAMETERS] = {0};
	double		products;

	pass->form = form;
	pass->season = form == SI_CES_NONE ? 1 : season;
	pass->states = states_of(form, season);
	products = 0.5 * pass->n;
	if (form > SI_CES_SIMPLE)
		products *= (double) pass->states * pass->states;
	fit->solve = form <= SI_CES_SIMPLE || products < SOLVE_LIMIT;
	fit->starts = products < STARTS_LIMIT ? STARTS : 1;
	if (fit->solve)
		search_all(fit, x);
	else
		search_in_turn(fit, given, x);
	memcpy(pass->parameter, x, sizeof(x));
	finish(fit, model, error);
}

static void
keep_better(const SiSeries *series, const SiForecastModel *candidate,
			const double *error, SiForecastModel *model, double *fitted)
{
	double	   *state = model->state;
	int			t;

	memcpy(state, candidate->state, candidate->states * sizeof(double));
	*model = *candidate;
	model->state = state;
	for (t = 0; t < series->n; t++)
		fitted[t] = series->y[t] - error[t];
}

SiStatus
si_ces_fit(const SiSeries *series, const SiCesOptions *options,
		   SiForecastModel *model, double *fitted, SiWork *work,
		   SiPulse pulse)
{
	SiForecastModel candidate = {0};
	Fit			fit = {.work = *work};
	double	   *error = si_work_take(&fit.work, series->n);
	double	   *given = si_work_take(&fit.work, si_ces_states(series->season));
	SiStatus	status = SI_EMPTY;
	int			form;
	int			t;

	candidate.state = si_work_take(&fit.work, si_ces_states(series->season));
	fit.pass.state = si_work_take(&fit.work, si_ces_states(series->season));
	fit.pass.n = series->n;
	fit.pass.y = series->y;
	fit.pass.pulse = pulse;
	for (t = 0; t < series->n; t++)
		fit.squares += series->y[t] * series->y[t];
	if (fit.squares == 0.0)
		fit.squares = DBL_MIN;
	for (form = 0; form < SI_CES_FORMS; form++)
	{
		if (!options->form[form] || !possible(series, form))
			continue;
		fit_form(&fit, form, series->season, given, &candidate, error);
		if (status != SI_OK || candidate.aicc < model->aicc)
			keep_better(series, &candidate, error, model, fitted);
		status = SI_OK;
	}
	return status;
}

/* ----- Forecast ----- */

/* The sum of squared weights grows along the way from a shock of one. */
static void
add_variance(SiCesPass *pass, int horizon, double variance, double *out)
{
	double		sum = 1.0;
	double		weight;
	int			h;

	memset(pass->state, 0, pass->states * sizeof(double));
	si_ces_step(pass, pass->season - 1, 1.0);
	for (h = 0; h < horizon; h++)
	{
		out[h] = variance * sum;
		weight = si_ces_step(pass, h, NAN);
		sum = fmin(sum + weight * weight, DBL_MAX);
	}
}

void
si_ces_forecast(const SiForecastModel *model, int horizon, double *mean,
				double *variance, SiWork *work, SiPulse pulse)
{
	SiWork		mine = *work;
	SiCesPass	pass = {.form = model->form[0],.season = model->season};
	int			h;

	pass.states = model->states;
	pass.state = si_work_take(&mine, model->states);
	pass.pulse = pulse;
	memcpy(pass.parameter, model->parameter, sizeof(pass.parameter));
	memcpy(pass.state, model->state, model->states * sizeof(double));
	for (h = 0; h < horizon; h++)
		mean[h] = si_ces_step(&pass, h, NAN);
	add_variance(&pass, horizon, model->variance, variance);
}
