/*
 * si_ar.c
 *	  Autoregression of first differences by Burg's method.
 *
 * Method: each order adds the partial autocorrelation that makes the errors of
 * forward and backward prediction least, together; the order of least
 * AICc stays, of the differences as they are or of those less their mean.  Such
 * an autoregression is always stationary.
 *
 * Special cases: differences that are all alike are a drift without noise; an
 * order that leaves no variance, to rounding, is not taken.
 *
 * Reference: J. P. Burg, "Maximum entropy spectral analysis", 1967; P. J.
 * Brockwell, R. A. Davis, "Introduction to Time Series and Forecasting",
 * section 5.1.2.
 */
#include "core/forecast/arima/si_ar.h"

#include <math.h>
#include <string.h>

#include "core/forecast/arima/si_difference.h"
#include "core/forecast/decompose/si_burg.h"
#include "core/si_tolerance.h"

/* A log-likelihood of normal errors is this and log deviation short of 0. */
#define LOG_CONSTANT	(0.5 * (log(2.0 * M_PI) + 1.0))

typedef struct Choice
{
	SiBurg		burg;			/* of the differences */
	double		best;			/* AICc of what the model holds */
	SiPulse		pulse;
} Choice;

size_t
si_ar_room(int n)
{
	return (size_t) n + si_burg_room(n, SI_AR_ORDER);
}

int
si_ar_states(int season)
{
	return 1 + SI_AR_ORDER + season;
}

size_t
si_ar_forecast_room(int horizon)
{
	return 2 * (size_t) horizon;
}

static double
factor_at(const SiSeries *series, int t)
{
	return series->factor ? series->factor[t % series->season] : 1.0;
}

/*
 * Differences less a mean, and orders of them: the best stays in the model, if
 * it is better than what is there.
 */
static void
try_drift(Choice *choice, const double *w, double mean, bool drift,
		  SiForecastModel *model)
{
	SiBurg	   *burg = &choice->burg;
	bool		more = true;

	for (si_burg_start(burg, w, mean); more; more = si_burg_raise(burg))
	{
		double		aicc = si_burg_aicc(burg, 1 + drift);

		choice->pulse();
		if (aicc < choice->best)
		{
			choice->best = aicc;
			model->form[0] = burg->order;
			model->form[2] = drift;
			memcpy(model->parameter, burg->ar, burg->order * sizeof(double));
			model->variance = burg->variance;
		}
		if (burg->order == SI_AR_ORDER)
			return;
	}
}

static void
describe(const SiSeries *series, const Choice *choice, double mean,
		 double scale, SiForecastModel *model)
{
	int			p = model->form[0];
	int			n = series->n - 1;

	model->method = SI_FORECAST_AR;
	model->season = series->season;
	model->form[1] = series->factor ? series->season : 0;
	model->parameters = p + model->form[2];
	if (model->form[2])
		model->parameter[p] = mean / scale;
	model->estimated = model->parameters + 1;
	model->log_likelihood = NAN;
	model->aicc = NAN;
	if (model->variance > 0.0)
		model->log_likelihood = n * (log(scale) - LOG_CONSTANT -
									 0.5 * log(model->variance));
	if (!isinf(choice->best))
		model->aicc = choice->best + 2.0 * n * (LOG_CONSTANT - log(scale));
	model->variance = model->variance / scale / scale;
}

static double
drift_of(const SiForecastModel *model)
{
	return model->form[2] ? model->parameter[model->form[0]] : 0.0;
}

/* One-step forecasts; w: the differences. */
static void
trace(const SiSeries *series, const double *w, double scale,
	  SiForecastModel *model, double *fitted)
{
	int			p = model->form[0];
	int			n = series->n;
	double		drift = drift_of(model);
	int			i;
	int			t;

	fitted[0] = NAN;
	for (t = 1; t < n; t++)
	{
		double		next = series->y[t - 1] / factor_at(series, t - 1) + drift;

		for (i = 0; i < p && i < t - 1; i++)
			next += model->parameter[i] * (w[t - 2 - i] / scale - drift);
		fitted[t] = next * factor_at(series, t);
	}
	model->state[0] = series->y[n - 1] / factor_at(series, n - 1);
	for (i = 0; i < p; i++)
		model->state[1 + i] = w[n - 2 - i] / scale - drift;
	for (i = 0; i < model->form[1]; i++)
		model->state[1 + p + i] = factor_at(series, n + i);
	model->states = 1 + p + model->form[1];
}

/* A power of two that brings all values below 1. */
static double
scale_of(const SiSeries *series)
{
	double		size = 0.0;
	int			exponent;
	int			t;

	for (t = 0; t < series->n; t++)
		size = fmax(size, fabs(series->y[t] / factor_at(series, t)));
	return frexp(size, &exponent) > 0.0 ? ldexp(1.0, -exponent) : 1.0;
}

/* Differences of deseasonalised values; returns their mean. */
static double
difference(const SiSeries *series, double scale, double *w)
{
	double		mean = 0.0;
	int			t;

	for (t = 0; t < series->n - 1; t++)
	{
		w[t] = scale * (series->y[t + 1] / factor_at(series, t + 1)) -
			scale * (series->y[t] / factor_at(series, t));
		mean += (w[t] - mean) / (t + 1);
	}
	return mean;
}

SiStatus
si_ar_fit(const SiSeries *series, SiForecastModel *model, double *fitted,
		  SiWork *work, SiPulse pulse)
{
	SiWork		taken = *work;
	double	   *w = si_work_take(&taken, series->n);
	int			n = series->n - 1;
	Choice		choice = {.best = INFINITY,.pulse = pulse};
	double		scale = scale_of(series);
	double		mean;

	if (n < 1)
		return SI_EMPTY;
	memset(model->form, 0, sizeof(model->form));
	mean = difference(series, scale, w);
	model->variance = n < 2 ? w[0] * w[0] : 0.0;
	if (n > 1 && si_difference_constant(n, w, 1.0))
		model->form[2] = fabs(mean) > SI_CONSTANT_SPREAD;
	else
	{
		si_burg_open(&choice.burg, n, SI_AR_ORDER, &taken);
		try_drift(&choice, w, 0.0, false, model);
		try_drift(&choice, w, mean, true, model);
	}
	describe(series, &choice, mean, scale, model);
	trace(series, w, scale, model, fitted);
	return SI_OK;
}

void
si_ar_forecast(const SiForecastModel *model, int horizon, double *mean,
			   double *variance, SiWork *work, SiPulse pulse)
{
	SiWork		taken = *work;
	double	   *change = si_work_take(&taken, horizon);
	double	   *psi = si_work_take(&taken, horizon);	/* of the changes */
	int			p = model->form[0];
	const double *factor = model->state + 1 + p;
	double		level = model->state[0];
	double		drift = drift_of(model);
	double		weight = 0.0;
	double		sum = 0.0;
	int			h;
	int			i;

	pulse();
	for (h = 0; h < horizon; h++)
	{
		double		by = model->form[1] ? factor[h % model->form[1]] : 1.0;

		change[h] = 0.0;
		psi[h] = h == 0;
		for (i = 0; i < p; i++)
		{
			if (i < h)
				psi[h] += model->parameter[i] * psi[h - 1 - i];
			change[h] += model->parameter[i] *
				(i < h ? change[h - 1 - i] : model->state[1 + i - h]);
		}
		level += change[h] + drift;
		weight += psi[h];
		sum += weight * weight;
		mean[h] = level * by;
		variance[h] = sum * model->variance * by * by;
	}
}
