/*
 * Theta methods: Theta against R's thetaf (package forecast 8.20), the figures
 * of a fit, and what must hold for any series.
 */
#include <string.h>

#include "forecasts.h"

#define ALPHA(fit)	((fit)->model.parameter[0])

static const SiForecastMethod theta_methods[3] = {
	SI_FORECAST_THETA, SI_FORECAST_OTM, SI_FORECAST_DOTM
};

static double
squares(const double *y, const double *fitted, int first, int n)
{
	double		sum = 0;

	for (int t = first; t < n; t++)
		sum += (y[t] - fitted[t]) * (y[t] - fitted[t]);
	return sum;
}

/* ----- Theta ----- */

static void
test_thetaf(void)
{
	static const double nile_mean[5] = {
		799.811996216, 798.454843501, 797.097690785, 795.740538070,
		794.383385355
	};
	static const double www_mean[3] = {
		220.30962808, 220.61902502, 220.92842196
	};
	static const double airline_mean[12] = {
		440.078191082, 428.384280557, 489.707098670, 475.704627661,
		479.670388669, 545.366272154, 602.752001822, 601.100763091,
		523.951492159, 456.627144913, 397.953734666, 447.644908743
	};
	double		factor[12];
	double		room[24];
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_THETA, series_of(100, nile, 1, NULL), 5);
	is_close(ALPHA(&fit), 0.245668153653, 3e-4, "Nile, alpha");
	is_close(fit.model.state[1], -1.35715271527, 1e-10, "Nile, drift");
	for (int h = 0; h < 5; h++)
		is_close(fit.mean[h], nile_mean[h], 1e-4, "Nile, step %d", h + 1);
	for (int t = 0; t < 100; t++)
		fit.fitted[t] += 1.35715271527 *
			(1 - pow(1 - ALPHA(&fit), t)) / ALPHA(&fit);
	ok(squares(nile, fit.fitted, 0, 100) <= 2038674.43827,
	   "no more squares than R's ses leaves");
	free(fit.fitted);

	fit_method(&fit, SI_FORECAST_THETA, series_of(100, www, 1, NULL), 3);
	for (int h = 0; h < 3; h++)
		is_close(fit.mean[h], www_mean[h], 1e-6, "WWW, step %d", h + 1);
	free(fit.fitted);

	si_seasonal_factors(144, airline, 12, false, factor, room, pulse);
	fit_method(&fit, SI_FORECAST_THETA, series_of(144, airline, 12, factor),
			   12);
	for (int h = 0; h < 12; h++)
		is_close(fit.mean[h], airline_mean[h], 1e-4, "airline, step %d",
				 h + 1);
	free(fit.fitted);
}

/* ----- Figures of the fit ----- */

static void
test_likelihood(void)
{
	double		sum;
	double		loglik = 0;
	double		reach;
	double		factor[12];
	double		room[24];
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_OTM, series_of(100, nile, 1, NULL), 3);
	sum = squares(nile, fit.fitted, 0, 100);
	is_close(fit.model.variance, sum / 97, 1e-10, "variance");
	reach = (1 - pow(1 - ALPHA(&fit), 101)) / ALPHA(&fit);
	is_close(fit.variance[2],
			 sum / 97 * (1 + 2 * ALPHA(&fit) * ALPHA(&fit)) +
			 pow(fit.model.parameter[3] * fit.model.state[2] * (reach + 2), 2),
			 1e-10, "variance of step 3");
	loglik = -50 * (log(2 * M_PI * sum / 100) + 1);
	is_close(fit.model.log_likelihood, loglik, 1e-10, "normal likelihood");
	is_close(fit.model.aicc, -2 * loglik + 8 + 40.0 / 95, 1e-10, "AICc");
	free(fit.fitted);

	/* Each error is of the divided series, times its factor. */
	si_seasonal_factors(144, airline, 12, true, factor, room, pulse);
	fit_method(&fit, SI_FORECAST_DOTM, series_of(144, airline, 12, factor), 1);
	sum = 0;
	for (int t = 2; t < 144; t++)
		sum += pow((airline[t] - fit.fitted[t]) / factor[t % 12], 2) /
			(1 + (4.0 * t + 2) / (t * (t - 1.0)));
	is_close(fit.model.variance, sum / 139, 1e-10, "variance beside factors");
	loglik = 0;
	for (int t = 2; t < 144; t++)
	{
		double		v = sum / 142 * (1 + (4.0 * t + 2) / (t * (t - 1.0))) *
			factor[t % 12] * factor[t % 12];

		loglik -= (log(2 * M_PI * v) +
				   pow(airline[t] - fit.fitted[t], 2) / v) / 2;
	}
	loglik -= log(factor[0] * factor[1]);
	is_close(fit.model.log_likelihood, loglik, 1e-9, "likelihood of DOTM");
	ok(fit.model.estimated == 15, "eleven factors count");
	free(fit.fitted);
}

/* ----- Any series ----- */

static double
worst_of(const Fitted *fit, int horizon, double want)
{
	double		worst = 0;

	for (int h = 0; h < horizon; h++)
		worst = fmax(worst, fabs(fit->mean[h] - want));
	return worst;
}

static void
test_special(SiForecastMethod which)
{
	const char *name = si_method(which)->name;
	double		y[144];
	Fitted		fit;
	Fitted		other;

	for (int t = 0; t < 12; t++)
		y[t] = 42;
	fit_method(&fit, which, series_of(12, y, 1, NULL), 8);
	ok(worst_of(&fit, 8, 42) == 0 && fit.variance[7] == 0 &&
	   isnan(fit.model.aicc), "%s: a constant goes on", name);
	free(fit.fitted);
	memset(y, 0, sizeof(y));
	fit_method(&fit, which, series_of(12, y, 1, NULL), 8);
	ok(worst_of(&fit, 8, 0) == 0, "%s: so does nothing", name);
	free(fit.fitted);

	for (int n = 1; n <= 5; n++)
	{
		fit_method(&fit, which, series_of(n, nile, 1, NULL), 8);
		ok(n < 4 ? fit.status == SI_EMPTY ||
		   (n == 3 && which != SI_FORECAST_DOTM) :
		   fit.status == SI_OK && worst_of(&fit, 8, 1100) < 1500 &&
		   fit.variance[7] >= 0, "%s: %d values", name, n);
		free(fit.fitted);
	}

	fit_method(&fit, which, series_of(60, airline, 1, NULL), 8);
	for (int t = 0; t < 60; t++)
		y[t] = airline[t] * 0x1p40;
	fit_method(&other, which, series_of(60, y, 1, NULL), 8);
	ok(other.mean[7] == fit.mean[7] * 0x1p40 &&
	   other.variance[7] == fit.variance[7] * 0x1p80 &&
	   ALPHA(&other) == ALPHA(&fit), "%s: units do not matter", name);
	free(other.fitted);
	for (int t = 0; t < 60; t++)
		y[t] = airline[t] - 1e6;
	fit_method(&other, which, series_of(60, y, 1, NULL), 8);
	is_close(other.mean[7] + 1e6, fit.mean[7], 1e-8,
			 "%s: nor does the origin", name);
	free(other.fitted);
	for (int t = 0; t < 60; t++)
		y[t] = -airline[t];
	fit_method(&other, which, series_of(60, y, 1, NULL), 8);
	ok(other.mean[7] == -fit.mean[7], "%s: nor the sign", name);
	free(other.fitted);
	free(fit.fitted);

	memcpy(y, airline, sizeof(y));
	y[70] = 1e300;
	fit_method(&fit, which, series_of(144, y, 1, NULL), 8);
	ok(fit.status == SI_OK && isfinite(fit.mean[7]),
	   "%s: one huge outlier", name);
	free(fit.fitted);
}

static void
test_line(void)
{
	double		y[12];
	Fitted		fit;

	for (int t = 0; t < 12; t++)
		y[t] = 100 + 10 * t;
	fit_method(&fit, SI_FORECAST_OTM, series_of(12, y, 1, NULL), 3);
	is_close(fit.mean[0], 220, 1e-12, "OTM goes on a straight line");
	is_close(fit.mean[2], 240, 1e-12, "and on");
	free(fit.fitted);
	fit_method(&fit, SI_FORECAST_DOTM, series_of(12, y, 1, NULL), 3);
	is_close(fit.mean[0], 220, 1e-9, "so does DOTM");
	is_close(fit.mean[2], 240, 1e-9, "and on");
	free(fit.fitted);
}

static void
test_long(void)
{
	static double y[100000];
	double		factor[60];
	Fitted		fit;

	for (int t = 0; t < 100000; t++)
		y[t] = nile[t % 100] + airline[t % 144];
	for (int i = 0; i < 60; i++)
		factor[i] = 0.5 + i / 59.0;
	for (int i = 0; i < 3; i++)
	{
		fit_method(&fit, theta_methods[i], series_of(100000, y, 1, NULL), 8);
		ok(fit.status == SI_OK && fabs(fit.mean[7] - 1100) < 400,
		   "%s: a hundred thousand values", si_method(theta_methods[i])->name);
		free(fit.fitted);
		fit_method(&fit, theta_methods[i], series_of(100, nile, 60, factor),
				   60);
		ok(fit.status == SI_OK && fit.mean[10] > 0 && fit.mean[59] > 0,
		   "%s: a season of more than half", si_method(theta_methods[i])->name);
		free(fit.fitted);
	}
}

int
main(void)
{
	test_thetaf();
	test_likelihood();
	for (int i = 0; i < 3; i++)
		test_special(theta_methods[i]);
	test_line();
	test_long();
	return done_testing();
}
