/*
 * Forecasts of ARIMA models by recursions one step at a time; what a change of
 * scale or level changes.
 */
#include "arima_samples.h"
#include "tap.h"

#define HORIZON	30
#define LAGS	64
#define ALL		256

/* ----- Forecasts ----- */

/* A product of polynomials of LAGS coefficients, in place. */
static void
multiply(double *product, const double *factor)
{
	double		old[LAGS];

	memcpy(old, product, sizeof(old));
	memset(product, 0, sizeof(old));
	for (int i = 0; i < LAGS; i++)
	{
		for (int j = 0; i + j < LAGS; j++)
			product[i + j] += old[i] * factor[j];
	}
}

/* By 1 + sign sum coefficient[i] B^((i + 1) lag). */
static void
multiply_terms(double *product, int p, const double *coefficient, double sign,
			   int lag)
{
	double		factor[LAGS] = {1.0};

	for (int i = 0; i < p; i++)
		factor[(i + 1) * lag] = sign * coefficient[i];
	multiply(product, factor);
}

/* The model as a(B) y = shift + b(B) e; returns shift. */
static double
write_out(const SiForecastModel *model, double *a, double *b)
{
	static const double one[1] = {1.0};
	const int  *form = model->form;
	const double *ar = model->parameter;
	const double *ma = ar + form[0];
	const double *seasonal_ar = ma + form[2];
	const double *seasonal_ma = seasonal_ar + form[3];
	double		shift = 0.0;

	a[0] = b[0] = 1.0;
	multiply_terms(a, form[0], ar, -1.0, 1);
	multiply_terms(a, form[3], seasonal_ar, -1.0, model->season);
	for (int i = 0; i < LAGS && form[6]; i++)
		shift += a[i] * seasonal_ma[form[5]] * (form[4] ? model->season : 1);
	for (int i = 0; i < form[1]; i++)
		multiply_terms(a, 1, one, -1.0, 1);
	for (int i = 0; i < form[4]; i++)
		multiply_terms(a, 1, one, -1.0, model->season);
	multiply_terms(b, form[2], ma, 1.0, 1);
	multiply_terms(b, form[5], seasonal_ma, 1.0, model->season);
	return shift;
}

/*
 * The model continued one step at a time, whose next innovation may be 1; past
 * ones come from the one-step forecasts, and are exact when the start is
 * forgotten.
 */
static void
continue_by_hand(const ArimaFit *fit, int n, const double *y, int shock,
				 double *out)
{
	double		a[LAGS] = {0.0};
	double		b[LAGS] = {0.0};
	double		all[ALL];
	double		e[ALL] = {0.0};
	double		shift = write_out(&fit->model, a, b);

	for (int t = 0; t < n; t++)
	{
		all[t] = y[t];
		e[t] = isnan(fit->fitted[t]) ? 0.0 : y[t] - fit->fitted[t];
	}
	e[n] = shock;
	for (int t = n; t < n + HORIZON; t++)
	{
		all[t] = shift;
		for (int i = 0; i < LAGS && i <= t; i++)
			all[t] += b[i] * e[t - i] - (i > 0 ? a[i] * all[t - i] : 0.0);
		out[t - n] = all[t];
	}
}

static void
check_forecast(const char *name, int n, const double *y, int season,
			   const SiArimaOptions *options, double tolerance)
{
	ArimaFit	fit = fit_arima(n, y, season, options);
	double		mean[HORIZON];
	double		variance[HORIZON];
	double		silent[HORIZON];
	double		shocked[HORIZON];
	double		sum = 0.0;
	double		apart = 0.0;
	double		spread = 0.0;

	forecast_arima(&fit, HORIZON, mean, variance);
	continue_by_hand(&fit, n, y, 0, silent);
	continue_by_hand(&fit, n, y, 1, shocked);
	for (int h = 0; h < HORIZON; h++)
	{
		double		weight = shocked[h] - silent[h];

		sum += weight * weight;
		apart = fmax(apart, fabs(mean[h] - silent[h]) / fabs(silent[h]));
		spread = fmax(spread,
					  fabs(variance[h] / (sum * fit.model.variance) - 1.0));
	}
	ok(apart < tolerance, "%s: forecasts by recursion, %g", name, apart);
	ok(spread < 1e-8, "%s: variances by shocks, %g", name, spread);
	forget_arima(&fit);
}

static void
check_forecasts(void)
{
	SiArimaOptions drift = order_of(1, 1, 0, 1, 0, 0, true);
	SiArimaOptions seasonal_drift = order_of(2, 0, 0, 1, 1, 0, true);
	SiArimaOptions twice = order_of(1, 2, 1, 0, 0, 0, false);
	SiArimaOptions airline = order_of(0, 1, 1, 0, 1, 1, false);
	SiArimaOptions mean = order_of(3, 0, 0, 0, 0, 1, true);

	check_forecast("airline", 144, air, 12, &airline, 1e-3);
	check_forecast("drift", 144, air, 12, &drift, 1e-9);
	check_forecast("seasonal drift", 72, deaths, 12, &seasonal_drift, 1e-9);
	check_forecast("two differences", 100, users, 1, &twice, 1e-9);
	check_forecast("a mean", 72, deaths, 12, &mean, 1e-3);
}

/* ----- Scale and level ----- */

static void
check_scale(double scale)
{
	double		y[144];
	ArimaFit	fit = fit_arima(144, air, 12, &automatic);
	ArimaFit	other;
	double		mean[2];
	double		variance[2];

	for (int t = 0; t < 144; t++)
		y[t] = air[t] * scale;
	other = fit_arima(144, y, 12, &automatic);
	forecast_arima(&fit, 1, mean, variance);
	forecast_arima(&other, 1, mean + 1, variance + 1);
	ok(memcmp(fit.model.form, other.model.form, sizeof(fit.model.form)) == 0,
	   "scale %g: the same order", scale);
	is_close(mean[1] / scale, mean[0], 1e-7, "scale %g: forecast", scale);
	is_close(variance[1] / scale / scale, variance[0], 1e-6,
			 "scale %g: variance", scale);
	is_close(other.model.log_likelihood + 131 * log(scale),
			 fit.model.log_likelihood, 1e-8, "scale %g: likelihood", scale);
	forget_arima(&fit);
	forget_arima(&other);
}

static void
check_level(void)
{
	SiArimaOptions options = order_of(1, 0, 1, 0, 0, 0, true);
	ArimaFit	fit = fit_arima(48, hormone, 1, &options);
	ArimaFit	other;
	double		y[48];

	for (int t = 0; t < 48; t++)
		y[t] = 1000.0 + hormone[t];
	other = fit_arima(48, y, 1, &options);
	is_close(other.model.parameter[2], 1000.0 + fit.model.parameter[2], 1e-8,
			 "a level goes into the mean");
	is_close(other.model.log_likelihood, fit.model.log_likelihood, 1e-8,
			 "and changes nothing else");
	forget_arima(&fit);
	forget_arima(&other);
}

static void
check_fitted(void)
{
	SiArimaOptions options = order_of(0, 1, 1, 0, 1, 1, false);
	ArimaFit	fit = fit_arima(144, air, 12, &options);
	double		sum = 0.0;
	int			missing = 0;

	for (int t = 0; t < 144; t++)
	{
		if (isnan(fit.fitted[t]))
			missing++;
		else
			sum += (air[t] - fit.fitted[t]) * (air[t] - fit.fitted[t]);
	}
	ok(missing == 13 && isnan(fit.fitted[12]),
	   "no forecast of what differencing takes");
	ok(sum / 131 > fit.model.variance * 0.9 && sum / 131 < fit.model.variance *
	   1.5, "one-step errors are of the variance");
	forget_arima(&fit);
}

int
main(void)
{
	check_forecasts();
	check_scale(1e12);
	check_scale(1e-12);
	check_level();
	check_fitted();
	return done_testing();
}
