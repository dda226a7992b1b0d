/*
 * si_croston.c
 *	  Intermittent demand: sizes and gaps, smoothed.
 *
 * Method: the series is its demands, each a size and a gap: the periods since
 * the demand before, or since the start.  Size and gap are smoothed at each
 * demand, from their first values on; between demands the forecast, size over
 * gap, stands still.  Smoothing parameters that are not given minimise the
 * mean squared error of the one-step forecasts: a gap g after a forecast f
 * costs (g - 1) f^2 + (size - f)^2.
 *
 * Special cases: no demand gives zero; one demand its size over its gap.
 * Before the first demand the forecast is zero.
 *
 * References: J. D. Croston, "Forecasting and stock control for intermittent
 * demands", Operational Research Quarterly 23 (1972) 289-303; A. A. Syntetos,
 * J. E. Boylan, "The accuracy of intermittent demand estimates", International
 * Journal of Forecasting 21 (2005) 303-314; si_demand.c for the search.
 */
#include <math.h>

#include "core/forecast/intermittent/si_croston.h"
#include "core/forecast/intermittent/si_demand.h"

/* A parameter above says little about demand that is truly intermittent. */
#define LEAST_SMOOTHING		0.01
#define MOST_SMOOTHING		0.5
#define FIRST_SMOOTHING		0.1
#define FIRST_STEP			0.1

const char *const si_croston_parameter_name[] = {
	"size_smoothing", "gap_smoothing"
};

size_t
si_croston_room(int n)
{
	return si_demand_room(n);
}

static double
rate(bool sba, const double *smoothing, const double *state)
{
	double		share = sba ? 1.0 - 0.5 * smoothing[SI_CROSTON_GAP] : 1.0;

	return share * state[0] / state[1];
}

static void
learn(const SiDemands *demands, int i, const double *smoothing, double *state)
{
	state[0] += smoothing[SI_CROSTON_SIZE] * (demands->size[i] - state[0]);
	state[1] += smoothing[SI_CROSTON_GAP] * (demands->gap[i] - state[1]);
}

/* The sum of squared errors after the first demand. */
static double
squared_error(const SiDemands *demands, const double *smoothing, void *arg)
{
	bool		sba = *(const bool *) arg;
	double		state[2] = {demands->size[0], demands->gap[0]};
	double		sum = 0.0;
	double		f;
	int			i;

	for (i = 1; i < demands->count; i++)
	{
		f = rate(sba, smoothing, state);
		sum += (demands->gap[i] - 1.0) * f * f +
			(demands->size[i] - f) * (demands->size[i] - f);
		learn(demands, i, smoothing, state);
	}
	f = rate(sba, smoothing, state);
	return sum + demands->rest * f * f;
}

/* One-step forecasts, the last state, the mean squared error. */
static void
walk(const SiSeries *series, const SiDemands *demands, SiForecastModel *model,
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
	SiDemands	demands = si_demand_find(series, &mine);
	bool		sba = options->sba;
	SiDemandSearch search = {
		squared_error, &sba, LEAST_SMOOTHING, MOST_SMOOTHING,
		{FIRST_SMOOTHING, FIRST_SMOOTHING}, {FIRST_STEP, FIRST_STEP}
	};

	si_demand_describe(series, SI_FORECAST_CROSTON, SI_CROSTON_STATES, model);
	model->form[0] = sba;
	si_demand_smoothing(&demands, &search, options->smoothing,
						model->parameter, &mine, pulse);
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
