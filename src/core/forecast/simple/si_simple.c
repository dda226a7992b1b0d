/*
 * si_simple.c
 *	  Benchmarks: last value, last season, mean, moving average.
 */
#include "core/forecast/simple/si_simple.h"

#include <math.h>
#include <string.h>

#include "core/forecast/decompose/si_seasonal.h"
#include "core/stats/si_sum.h"

size_t
si_simple_room(int n, int season)
{
	return (size_t) n;
}

int
si_simple_states(int season)
{
	return 1 + season;
}

/* Each value is forecast by that lag steps before. */
static void
fit_lag(int n, const double *y, int lag, double *fitted)
{
	int			t;

	for (t = 0; t < n; t++)
		fitted[t] = t < lag ? NAN : y[t - lag];
}

/* Returns the mean. */
static double
fit_mean(int n, const double *y, double *fitted)
{
	SiSum		sum = {0, 0};
	double		mean;
	int			t;

	for (t = 0; t < n; t++)
		si_sum_add(&sum, y[t]);
	mean = si_sum_value(&sum) / n;
	for (t = 0; t < n; t++)
		fitted[t] = mean;
	return mean;
}

/* Returns the mean of the last k. */
static double
fit_window(int n, const double *y, int k, double *fitted)
{
	SiSum		sum = {0, 0};
	int			t;

	for (t = 0; t < n; t++)
	{
		fitted[t] = t < k ? NAN : si_sum_value(&sum) / k;
		si_sum_add(&sum, y[t]);
		if (t >= k)
			si_sum_add(&sum, -y[t - k]);
	}
	return si_sum_value(&sum) / k;
}

/* Mean square of the errors, or over one less for a mean that was estimated. */
static double
error_variance(int n, const double *y, const double *fitted, int estimated)
{
	SiSum		sum = {0, 0};
	int			errors = 0;
	int			t;

	for (t = 0; t < n; t++)
	{
		if (isnan(fitted[t]))
			continue;
		si_sum_add_product(&sum, y[t] - fitted[t], y[t] - fitted[t]);
		errors++;
	}
	return errors > estimated ? si_sum_value(&sum) / (errors - estimated) : NAN;
}

static void
start_model(const SiSeries *series, const SiSimpleOptions *options,
			SiForecastModel *model)
{
	memset(model->form, 0, sizeof(model->form));
	model->method = options->method;
	model->season = series->season;
	model->parameters = 0;
	model->states = 1;
	model->estimated = 1;
	model->log_likelihood = NAN;
	model->aicc = NAN;
}

static SiStatus
fit_seasonal(const SiSeries *series, SiForecastModel *model, double *fitted)
{
	int			n = series->n;
	int			season = series->season;

	if (n < season)
		return SI_EMPTY;
	fit_lag(n, series->y, season, fitted);
	model->variance = error_variance(n, series->y, fitted, 0);
	memcpy(model->state, series->y + n - season, season * sizeof(double));
	model->states = season;
	return SI_OK;
}

SiStatus
si_simple_fit(const SiSeries *series, const SiSimpleOptions *options,
			  SiForecastModel *model, double *fitted, SiWork *work,
			  SiPulse pulse)
{
	SiWork		mine = *work;
	int			n = series->n;
	double	   *y = si_work_take(&mine, n);

	pulse();
	start_model(series, options, model);
	if (options->method == SI_FORECAST_SEASONAL_NAIVE)
		return fit_seasonal(series, model, fitted);
	if (options->method == SI_FORECAST_MOVING_AVERAGE && n < options->window)
		return SI_EMPTY;
	si_seasonal_adjust(series, y);
	if (options->method == SI_FORECAST_NAIVE)
	{
		fit_lag(n, y, 1, fitted);
		model->state[0] = y[n - 1];
	}
	else if (options->method == SI_FORECAST_MEAN)
	{
		model->state[0] = fit_mean(n, y, fitted);
		model->parameter[model->parameters++] = n;
		model->estimated = 2;
	}
	else
	{
		model->state[0] = fit_window(n, y, options->window, fitted);
		model->form[0] = options->window;
	}
	pulse();
	model->variance = error_variance(n, y, fitted, model->estimated - 1);
	si_seasonal_restore(series, fitted);
	si_seasonal_keep(series, model);
	return SI_OK;
}

static double
variance_at(const SiForecastModel *model, int h)
{
	switch (model->method)
	{
		case SI_FORECAST_NAIVE:
			return model->variance * (h + 1);
		case SI_FORECAST_SEASONAL_NAIVE:
			return model->variance * (1 + h / model->season);
		case SI_FORECAST_MEAN:
			return model->variance * (1 + 1 / model->parameter[0]);
		default:
			return model->variance;
	}
}

void
si_simple_forecast(const SiForecastModel *model, int horizon, double *mean,
				   double *variance)
{
	bool		seasonal = model->method == SI_FORECAST_SEASONAL_NAIVE;
	int			h;

	for (h = 0; h < horizon; h++)
	{
		mean[h] = model->state[seasonal ? h % model->season : 0];
		variance[h] = variance_at(model, h);
	}
	if (!seasonal)
		si_seasonal_apply(model, 1, horizon, mean, variance);
}
