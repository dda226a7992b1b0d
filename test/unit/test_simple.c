/*
 * Benchmark methods: R's package forecast 8.20 (naive, snaive, meanf) and by
 * hand.
 */
#include "forecasts.h"

#define Z95		1.959963984540054

static void
test_golden(void)
{
	static const double naive_upper[3] = {
		1067.95026931, 1203.79171864, 1308.02652880
	};
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_NAIVE, series_of(100, nile, 1, NULL), 3);
	for (int h = 0; h < 3; h++)
		is_close(fit.mean[h] + Z95 * sqrt(fit.variance[h]), naive_upper[h],
				 1e-10, "naive, upper 95%%, step %d", h + 1);
	ok(isnan(fit.fitted[0]) && fit.fitted[1] == 1120, "one step ahead");
	free(fit.fitted);

	fit_method(&fit, SI_FORECAST_SEASONAL_NAIVE,
			   series_of(144, airline, 12, NULL), 13);
	is_close(fit.mean[0] + Z95 * sqrt(fit.variance[0]), 488.177552229, 1e-10,
			 "seasonal naive, upper 95%%, step 1");
	is_close(fit.mean[12] + Z95 * sqrt(fit.variance[12]), 517.660259699, 1e-10,
			 "seasonal naive, upper 95%%, step 13");
	ok(isnan(fit.fitted[11]) && fit.fitted[12] == 112, "a season ahead");
	free(fit.fitted);

	/* meanf takes Student's t, 1.984216952 with 99 degrees of freedom. */
	fit_method(&fit, SI_FORECAST_MEAN, series_of(100, nile, 1, NULL), 1);
	is_close(fit.mean[0] + 1.9842169515864173 * sqrt(fit.variance[0]),
			 1256.80881936, 1e-9, "mean, upper 95%%");
	free(fit.fitted);
}

static void
test_window(void)
{
	static const double y[6] = {1, 2, 6, 4, 5, 0};
	Fitted		fit;

	fit_method(&fit, SI_FORECAST_MOVING_AVERAGE, series_of(6, y, 1, NULL), 2);
	ok(fit.model.form[0] == 3 && fit.mean[0] == 3 && fit.mean[1] == 3,
	   "moving average of three");
	ok(isnan(fit.fitted[2]) && fit.fitted[3] == 3 && fit.fitted[4] == 4 &&
	   fit.fitted[5] == 5, "one step ahead");
	is_close(fit.variance[1], (1 + 1 + 25) / 3.0, 1e-15, "mean square error");
	free(fit.fitted);
	fit_method(&fit, SI_FORECAST_MOVING_AVERAGE, series_of(3, y, 1, NULL), 1);
	ok(fit.status == SI_OK && fit.mean[0] == 3 && isnan(fit.variance[0]),
	   "three values: a mean, no error");
	free(fit.fitted);
	fit_method(&fit, SI_FORECAST_MOVING_AVERAGE, series_of(2, y, 1, NULL), 1);
	ok(fit.status == SI_EMPTY, "two: none");
	free(fit.fitted);
}

/* y = (10 + noise) * factor, with y[0] at the third phase of four. */
static void
test_factors(void)
{
	static const double factor[4] = {1.5, 0.5, 0.8, 1.2};
	static const double base[6] = {10, 11, 9, 12, 10, 14};
	double		y[6];
	Fitted		fit;

	for (int t = 0; t < 6; t++)
		y[t] = base[t] * factor[t % 4];
	fit_method(&fit, SI_FORECAST_NAIVE, series_of(6, y, 4, factor), 5);
	ok(fit.model.states == 5, "factors are kept");
	for (int h = 0; h < 5; h++)
		is_close(fit.mean[h], 14 * factor[(6 + h) % 4], 1e-15,
				 "Naive2, step %d", h + 1);
	is_close(fit.variance[1], 2 * (1 + 4 + 9 + 4 + 16) / 5.0 * 1.2 * 1.2,
			 1e-14, "its variance");
	is_close(fit.fitted[5], 10 * 0.5, 1e-15, "one step ahead");
	free(fit.fitted);
}

static void
test_short(void)
{
	static const SiForecastMethod each[] = {
		SI_FORECAST_NAIVE, SI_FORECAST_SEASONAL_NAIVE, SI_FORECAST_MEAN
	};
	static const double y[2] = {7, 9};
	Fitted		fit;

	for (int i = 0; i < 3; i++)
	{
		fit_method(&fit, each[i], series_of(1, y, 1, NULL), 2);
		ok(fit.status == SI_OK && fit.mean[1] == 7 && isnan(fit.variance[0]),
		   "one value, %s: it goes on, how well nobody knows",
		   si_method(each[i])->name);
		free(fit.fitted);
	}
	fit_method(&fit, SI_FORECAST_SEASONAL_NAIVE, series_of(2, y, 4, NULL), 2);
	ok(fit.status == SI_EMPTY, "less than a season");
	free(fit.fitted);
}

/* The window's sum is exact, whatever passes through it. */
static void
test_outlier(void)
{
	static double y[100000];
	Fitted		fit;

	for (int t = 0; t < 100000; t++)
		y[t] = t % 7;
	y[50000] = 1e20;
	fit_method(&fit, SI_FORECAST_MOVING_AVERAGE,
			   series_of(100000, y, 7, NULL), 1);
	ok(fit.mean[0] == 3, "an outlier leaves no trace in the window");
	ok(fit.fitted[99999] == 3, "nor a hundred thousand values");
	free(fit.fitted);
}

int
main(void)
{
	test_golden();
	test_window();
	test_factors();
	test_short();
	test_outlier();
	return done_testing();
}
