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
#include "core/forecast/intermittent/si_demand.h"

/* A parameter above says little about demand that is truly intermittent. */
#define LEAST_SMOOTHING		0.01
#define MOST_SMOOTHING		0.3
#define FIRST_SIZE			0.1
#define FIRST_PROBABILITY	0.05
#define SIZE_STEP			0.1
#define PROBABILITY_STEP	0.05

const char *const si_tsb_parameter_name[] = {
	"size_smoothing", "probability_smoothing"
};

size_t
si_tsb_room(int n)
{
	return si_demand_room(n);
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

/* arg: the probability before the series. */
static double
squared_error(const SiDemands *demands, const double *smoothing, void *arg)
{
	double		b = smoothing[SI_TSB_PROBABILITY];
	double		size = demands->size[0];
	double		sum = 0.0;
	double		squares;
	double		error;
	double		p;
	int			i;

	p = wait(*(const double *) arg, b, demands->gap[0] - 1.0, &squares);
	p += b * (1.0 - p);
	for (i = 1; i < demands->count; i++)
	{
		p = wait(p, b, demands->gap[i] - 1.0, &squares);
		error = demands->size[i] - p * size;
		sum += squares * size * size + error * error;
		p += b * (1.0 - p);
		size += smoothing[SI_TSB_SIZE] * (demands->size[i] - size);
	}
	wait(p, b, demands->rest, &squares);
	return sum + squares * size * size;
}

/* One-step forecasts, the last state, the mean squared error. */
static void
walk(const SiSeries *series, double probability, SiForecastModel *model,
	 double *fitted)
{
	double	   *state = model->state;
	double		sum = 0.0;
	bool		begun = false;
	int			t;

	state[0] = 0.0;
	state[1] = probability;
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
	SiDemands	demands = si_demand_find(series, &mine);
	double		probability = isnan(options->probability) ?
		(double) demands.count / series->n : options->probability;
	SiDemandSearch search = {
		squared_error, &probability, LEAST_SMOOTHING, MOST_SMOOTHING,
		{FIRST_SIZE, FIRST_PROBABILITY}, {SIZE_STEP, PROBABILITY_STEP}
	};

	si_demand_describe(series, SI_FORECAST_TSB, SI_TSB_STATES, model);
	si_demand_smoothing(&demands, &search, options->smoothing,
						model->parameter, &mine, pulse);
	walk(series, demands.count > 0 ? probability : 0.0, model, fitted);
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
