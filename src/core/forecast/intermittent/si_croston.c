/*
 * si_croston.c
 *	  Intermittent demand: sizes and gaps, smoothed.
 *
 * Method: the series is its demands, each a size and a gap: the periods since
 * the demand before, or since the start.  Size and gap are smoothed at each
 * demand, from their first values on; between demands the forecast, size over
 * gap, stands still.  Smoothing parameters that are not given minimise the
 * mean squared error of the one-step forecasts, those of the periods without
 * demand included, which is one sum over demands: a gap g after a forecast f
 * costs (g - 1) f^2 + (size - f)^2.
 *
 * Special cases: no demand gives zero; one demand its size over its gap.
 * Before the first demand the forecast is zero.
 *
 * References: J. D. Croston, "Forecasting and stock control for intermittent
 * demands", Operational Research Quarterly 23 (1972) 289-303; A. A. Syntetos,
 * J. E. Boylan, "The accuracy of intermittent demand estimates", International
 * Journal of Forecasting 21 (2005) 303-314; N. Kourentzes, "On intermittent
 * demand model optimisation and selection", International Journal of
 * Production Economics 156 (2014) 180-190.
 */
#include <math.h>

#include "core/forecast/intermittent/si_croston.h"
#include "core/forecast/si_simplex.h"
#include "core/si_tolerance.h"

/* A parameter above says little about demand that is truly intermittent. */
#define LEAST_SMOOTHING		0.01
#define MOST_SMOOTHING		0.5
#define FIRST_SMOOTHING		0.1
#define EVALUATIONS			200

const char *const si_croston_parameter_name[] = {
	"size_smoothing", "gap_smoothing"
};

typedef struct Demands
{
	int			count;
	double	   *size;
	double	   *gap;
	double		squares;		/* of the sizes, their sum */
	double		rest;			/* periods after the last */
	bool		sba;
	const double *given;
	SiPulse		pulse;
} Demands;

/* Sizes and gaps; the simplex of two variables. */
size_t
si_croston_room(int n)
{
	return 2 * (size_t) n + si_simplex_room(SI_CROSTON_PARAMETERS);
}

static void
find_demands(const SiSeries *series, Demands *demands)
{
	int			last = -1;
	int			t;

	demands->count = 0;
	demands->squares = 0.0;
	for (t = 0; t < series->n; t++)
	{
		if (!(series->y[t] > 0.0))
			continue;
		demands->squares += series->y[t] * series->y[t];
		demands->size[demands->count] = series->y[t];
		demands->gap[demands->count++] = t - last;
		last = t;
	}
	demands->rest = series->n - 1 - last;
}

static double
rate(bool sba, const double *smoothing, const double *state)
{
	double		share = sba ? 1.0 - 0.5 * smoothing[SI_CROSTON_GAP] : 1.0;

	return share * state[0] / state[1];
}

static void
learn(const Demands *demands, int i, const double *smoothing, double *state)
{
	state[0] += smoothing[SI_CROSTON_SIZE] * (demands->size[i] - state[0]);
	state[1] += smoothing[SI_CROSTON_GAP] * (demands->gap[i] - state[1]);
}

/* The sum of squared errors after the first demand. */
static double
squared_error(const Demands *demands, const double *smoothing)
{
	double		state[2] = {demands->size[0], demands->gap[0]};
	double		sum = 0.0;
	double		f;
	int			i;

	for (i = 1; i < demands->count; i++)
	{
		f = rate(demands->sba, smoothing, state);
		sum += (demands->gap[i] - 1.0) * f * f +
			(demands->size[i] - f) * (demands->size[i] - f);
		learn(demands, i, smoothing, state);
	}
	f = rate(demands->sba, smoothing, state);
	return sum + demands->rest * f * f;
}

static void
complete(const double *given, const double *x, double *smoothing)
{
	int			j;

	for (j = 0; j < SI_CROSTON_PARAMETERS; j++)
		smoothing[j] = isnan(given[j]) ? x[j] : given[j];
}

static double
objective(const double *x, void *arg)
{
	const Demands *demands = arg;
	double		smoothing[SI_CROSTON_PARAMETERS];
	int			j;

	for (j = 0; j < SI_CROSTON_PARAMETERS; j++)
	{
		if (x[j] < LEAST_SMOOTHING || x[j] > MOST_SMOOTHING)
			return INFINITY;
	}
	demands->pulse();
	complete(demands->given, x, smoothing);
	return squared_error(demands, smoothing) / demands->squares;
}

static void
choose_smoothing(Demands *demands, double *smoothing, SiWork *work)
{
	SiSimplexOptions search = {EVALUATIONS, SI_SMOOTHING_SPREAD};
	double		x[SI_CROSTON_PARAMETERS] = {FIRST_SMOOTHING, FIRST_SMOOTHING};
	double		step[SI_CROSTON_PARAMETERS] = {0.1, 0.1};

	if (demands->count > 1 &&
		(isnan(demands->given[0]) || isnan(demands->given[1])))
		si_simplex_minimise(SI_CROSTON_PARAMETERS, x, step, objective, demands,
							&search, work->next);
	complete(demands->given, x, smoothing);
}

/* One-step forecasts, the last state, the mean squared error. */
static void
walk(const SiSeries *series, const Demands *demands, SiForecastModel *model,
	 double *fitted)
{
	double		sum = 0.0;
	double		f = 0.0;
	int			i = 0;
	int			t;

	model->state[0] = demands->count > 0 ? demands->size[0] : 0.0;
	model->state[1] = demands->count > 0 ? demands->gap[0] : 1.0;
	model->state[2] = demands->rest;
	for (t = 0; t < series->n; t++)
	{
		double		y = fmax(series->y[t], 0.0);

		fitted[t] = t > 0 ? f : NAN;
		sum += t > 0 ? (y - f) * (y - f) : 0.0;
		if (y == 0.0)
			continue;
		learn(demands, i++, model->parameter, model->state);
		f = rate(model->form[0], model->parameter, model->state);
	}
	model->variance = series->n > 1 ? sum / (series->n - 1) : 0.0;
}

SiStatus
si_croston_fit(const SiSeries *series, const SiCrostonOptions *options,
			   SiForecastModel *model, double *fitted, SiWork *work,
			   SiPulse pulse)
{
	SiWork		mine = *work;
	Demands		demands;

	demands.size = si_work_take(&mine, series->n);
	demands.gap = si_work_take(&mine, series->n);
	demands.sba = options->sba;
	demands.given = options->smoothing;
	demands.pulse = pulse;
	find_demands(series, &demands);

	model->method = SI_FORECAST_CROSTON;
	model->form[0] = options->sba;
	model->season = series->season;
	model->parameters = SI_CROSTON_PARAMETERS;
	model->states = SI_CROSTON_STATES;
	model->estimated = SI_CROSTON_PARAMETERS + 1;
	model->log_likelihood = NAN;
	model->aicc = NAN;
	choose_smoothing(&demands, model->parameter, &mine);
	walk(series, &demands, model, fitted);
	return SI_OK;
}

void
si_croston_forecast(const SiForecastModel *model, int horizon, double *mean,
					double *variance, SiWork *work, SiPulse pulse)
{
	int			h;

	for (h = 0; h < horizon; h++)
	{
		mean[h] = rate(model->form[0], model->parameter, model->state);
		variance[h] = NAN;
	}
}
