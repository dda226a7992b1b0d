/*
 * si_tsb.c
 *	  Intermittent demand: sizes and probability, smoothed.
 *
 * Method: the probability of a demand is smoothed in each period, the size in
 * those with a demand, from the first size on.  Smoothing parameters that are
 * not given minimise the mean squared error of the one-step forecasts.  A run
 * of g periods without demand shrinks the probability by (1 - b)^g: the errors
 * of the run, forecasts themselves, sum up as a geometric series, so that the
 * search walks over demands and not over periods.
 *
 * Special cases: no demand gives zero.  Before the first demand the forecast
 * is zero, whatever the probability.
 *
 * Reference: R. H. Teunter, A. A. Syntetos, M. Z. Babai, "Intermittent demand:
 * linking forecasting to inventory obsolescence", European Journal of
 * Operational Research 214 (2011) 606-615.
 */
#include <math.h>

#include "core/forecast/intermittent/si_tsb.h"
#include "core/forecast/si_simplex.h"
#include "core/si_tolerance.h"

/* A parameter above says little about demand that is truly intermittent. */
#define LEAST_SMOOTHING		0.01
#define MOST_SMOOTHING		0.3
#define FIRST_SIZE			0.1
#define FIRST_PROBABILITY	0.05
#define EVALUATIONS			200

const char *const si_tsb_parameter_name[] = {
	"size_smoothing", "probability_smoothing"
};

typedef struct Demands
{
	int			count;
	double	   *size;
	double	   *idle;			/* periods without demand before each */
	double		squares;		/* of the sizes, their sum */
	double		rest;			/* after the last */
	double		probability;	/* before the series */
	const double *given;
	SiPulse		pulse;
} Demands;

/* Sizes and idle periods; the simplex of two variables. */
size_t
si_tsb_room(int n)
{
	return 2 * (size_t) n + si_simplex_room(SI_TSB_PARAMETERS);
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
		demands->idle[demands->count++] = t - last - 1;
		last = t;
	}
	demands->rest = series->n - 1 - last;
}

/*
 * The probability after a run of idle periods; in *squares the sum of squares
 * of the probabilities that were expected along it.
 */
static double
wait(double probability, double smoothing, double periods, double *squares)
{
	double		kept = 1.0 - smoothing;
	double		left = pow(kept, periods);

	if (smoothing > 0.0)
		*squares = probability * probability * (1.0 - left * left) /
			(1.0 - kept * kept);
	else
		*squares = probability * probability * periods;
	return probability * left;
}

/* The sum of squared errors after the first demand. */
static double
squared_error(const Demands *demands, const double *smoothing)
{
	double		b = smoothing[SI_TSB_PROBABILITY];
	double		size = demands->size[0];
	double		sum = 0.0;
	double		squares;
	double		error;
	double		p;
	int			i;

	p = wait(demands->probability, b, demands->idle[0], &squares);
	p += b * (1.0 - p);
	for (i = 1; i < demands->count; i++)
	{
		p = wait(p, b, demands->idle[i], &squares);
		error = demands->size[i] - p * size;
		sum += squares * size * size + error * error;
		p += b * (1.0 - p);
		size += smoothing[SI_TSB_SIZE] * (demands->size[i] - size);
	}
	wait(p, b, demands->rest, &squares);
	return sum + squares * size * size;
}

static void
complete(const double *given, const double *x, double *smoothing)
{
	int			j;

	for (j = 0; j < SI_TSB_PARAMETERS; j++)
		smoothing[j] = isnan(given[j]) ? x[j] : given[j];
}

static double
objective(const double *x, void *arg)
{
	const Demands *demands = arg;
	double		smoothing[SI_TSB_PARAMETERS];
	int			j;

	for (j = 0; j < SI_TSB_PARAMETERS; j++)
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
	double		x[SI_TSB_PARAMETERS] = {FIRST_SIZE, FIRST_PROBABILITY};
	double		step[SI_TSB_PARAMETERS] = {0.1, 0.05};

	if (demands->count > 1 &&
		(isnan(demands->given[0]) || isnan(demands->given[1])))
		si_simplex_minimise(SI_TSB_PARAMETERS, x, step, objective, demands,
							&search, work->next);
	complete(demands->given, x, smoothing);
}

/* One-step forecasts, the last state, the mean squared error. */
static void
walk(const SiSeries *series, const Demands *demands, SiForecastModel *model,
	 double *fitted)
{
	double	   *state = model->state;
	double		sum = 0.0;
	bool		begun = false;
	int			t;

	state[0] = 0.0;
	state[1] = demands->count > 0 ? demands->probability : 0.0;
	for (t = 0; t < series->n; t++)
	{
		double		y = fmax(series->y[t], 0.0);
		double		f = state[0] * state[1];

		fitted[t] = t > 0 ? f : NAN;
		sum += t > 0 ? (y - f) * (y - f) : 0.0;
		state[1] += model->parameter[SI_TSB_PROBABILITY] *
			((y > 0.0 ? 1.0 : 0.0) - state[1]);
		if (y > 0.0)
			state[0] = begun ? state[0] +
				model->parameter[SI_TSB_SIZE] * (y - state[0]) : y;
		begun = begun || y > 0.0;
	}
	model->variance = series->n > 1 ? sum / (series->n - 1) : 0.0;
}

SiStatus
si_tsb_fit(const SiSeries *series, const SiTsbOptions *options,
		   SiForecastModel *model, double *fitted, SiWork *work, SiPulse pulse)
{
	SiWork		mine = *work;
	Demands		demands;

	demands.size = si_work_take(&mine, series->n);
	demands.idle = si_work_take(&mine, series->n);
	demands.given = options->smoothing;
	demands.pulse = pulse;
	find_demands(series, &demands);
	demands.probability = isnan(options->probability) ?
		(double) demands.count / series->n : options->probability;

	model->method = SI_FORECAST_TSB;
	model->form[0] = 0;
	model->season = series->season;
	model->parameters = SI_TSB_PARAMETERS;
	model->states = SI_TSB_STATES;
	model->estimated = SI_TSB_PARAMETERS + 1;
	model->log_likelihood = NAN;
	model->aicc = NAN;
	choose_smoothing(&demands, model->parameter, &mine);
	walk(series, &demands, model, fitted);
	return SI_OK;
}

void
si_tsb_forecast(const SiForecastModel *model, int horizon, double *mean,
				double *variance, SiWork *work, SiPulse pulse)
{
	int			h;

	for (h = 0; h < horizon; h++)
	{
		mean[h] = model->state[0] * model->state[1];
		variance[h] = NAN;
	}
}
