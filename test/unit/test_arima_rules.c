/*
 * ARIMA models of series at the edge: short, without noise, odd, long; orders
 * that cannot be.
 */
#include "arima_samples.h"
#include "tap.h"

#define HORIZON	30

/* Ends, and forecasts finite values. */
static ArimaFit
try_series(const char *name, int n, const double *y, int season)
{
	ArimaFit	fit = fit_arima(n, y, season, &automatic);
	double		mean[HORIZON];
	double		variance[HORIZON];
	int			bad = 0;

	ok(fit.status == SI_OK, "%s: fitted", name);
	forecast_arima(&fit, HORIZON, mean, variance);
	for (int h = 0; h < HORIZON; h++)
		bad += !isfinite(mean[h]) || !(variance[h] >= 0.0);
	ok(bad == 0, "%s: finite forecasts", name);
	return fit;
}

static void
check_short(void)
{
	static const double few[10] = {3, 5, 2, 8, 4, 4, 9, 1, 6, 2};

	for (int n = 1; n <= 8; n++)
	{
		for (int season = 1; season <= 12; season += 11)
		{
			ArimaFit	fit = try_series("short", n, few, season);

			forget_arima(&fit);
		}
	}
}

static void
check_without_noise(void)
{
	double		y[60];
	ArimaFit	fit;

	for (int t = 0; t < 60; t++)
		y[t] = 7.25;
	fit = try_series("constant", 60, y, 12);
	ok(has_order(&fit.model, 0, 0, 0, 0, 0, 0, 1), "constant: a mean only");
	is_close(fit.model.parameter[0], 7.25, 1e-15, "constant: the mean");
	ok(fit.model.variance == 0.0 && isnan(fit.model.aicc), "constant: no noise");
	forget_arima(&fit);

	memset(y, 0, sizeof(y));
	fit = try_series("zeros", 60, y, 12);
	is_close(fit.model.parameter[0], 0.0, 1e-15, "zeros: the mean");
	forget_arima(&fit);

	for (int t = 0; t < 60; t++)
		y[t] = 100.0 - 0.1 * t;
	fit = try_series("line", 60, y, 12);
	is_close(fit.model.parameter[0], -0.1, 1e-9, "line: its drift");
	forget_arima(&fit);

	for (int t = 0; t < 60; t++)
		y[t] = t % 12 * (t % 12 - 3.0);
	fit = try_series("pure season", 60, y, 12);
	ok(has_order(&fit.model, 0, 0, 0, 0, 1, 0, 1), "pure season: repeated");
	forget_arima(&fit);
}

static void
check_odd_series(void)
{
	double		y[60];
	ArimaFit	fit;

	for (int t = 0; t < 60; t++)
		y[t] = 100.0 + noise();
	fit = try_series("random", 60, y, 12);
	forget_arima(&fit);
	fit = try_series("a season longer than half", 60, y, 40);
	ok(fit.model.form[3] + fit.model.form[4] + fit.model.form[5] == 0,
	   "a season longer than half: none is modelled");
	forget_arima(&fit);
	fit = try_series("a season longer than all", 60, y, 400);
	forget_arima(&fit);
	y[30] = 1e12;
	fit = try_series("outlier", 60, y, 12);
	forget_arima(&fit);
	for (int t = 0; t < 60; t++)
		y[t] = t == 59;
	fit = try_series("a single 1", 60, y, 12);
	forget_arima(&fit);
	for (int t = 0; t < 60; t++)
		y[t] = 1e300 * chance(0.0, 1.0);
	fit = try_series("huge", 60, y, 12);
	forget_arima(&fit);
	for (int t = 0; t < 60; t++)
		y[t] = 1e-305 * chance(0.0, 1.0);
	fit = try_series("tiny", 60, y, 12);
	forget_arima(&fit);
	for (int t = 0; t < 60; t++)
		y[t] = pow(1.5, t);
	fit = try_series("explosion", 60, y, 12);
	forget_arima(&fit);
}

static void
check_long(void)
{
	int			n = 100000;
	double	   *y = malloc(n * sizeof(double));
	double		before = 0.0;
	ArimaFit	fit;

	for (int t = 0; t < n; t++)
	{
		double		e = noise();

		y[t] = (t > 0 ? 0.6 * y[t - 1] : 0.0) + e + 0.4 * before;
		before = e;
	}
	fit = try_series("long", n, y, 1);
	is_close(fit.model.variance, 1.0, 0.02, "long: its variance");
	forget_arima(&fit);
	free(y);
}

static void
check_refusals(void)
{
	SiArimaOptions options = order_of(0, 1, 0, 0, 1, 0, false);
	SiArimaOptions wide = order_of(9, 0, 0, 0, 0, 0, false);
	SiArimaOptions trend = order_of(0, 1, 0, 0, 1, 0, true);
	SiArimaOptions full = order_of(8, 2, 8, 3, 2, 3, false);
	ArimaFit	fit = fit_arima(13, air, 12, &options);

	ok(fit.status == SI_EMPTY, "nothing is left of 13 values");
	forget_arima(&fit);
	ok(si_arima_valid(&options, 12) && !si_arima_valid(&options, 1),
	   "no seasonal order without a season");
	ok(!si_arima_valid(&wide, 12) && !si_arima_valid(&trend, 12) &&
	   si_arima_valid(&automatic, 1), "orders have limits");
	ok(si_arima_valid(&full, 366) && !si_arima_valid(&full, 367),
	   "that can be reached");
	fit = fit_arima(72, deaths, 4, &full);
	ok(fit.status == SI_OK && fit.model.parameters == 22, "and fitted");
	forget_arima(&fit);
}

/* More coefficients than values, and values without noise. */
static void
check_crowded(void)
{
	static const double few[10] = {3, 5, 2, 8, 4, 4, 9, 1, 6, 2};
	SiArimaOptions options = order_of(3, 0, 3, 1, 0, 1, false);
	double		flat[30] = {0.0};
	double		mean[HORIZON];
	double		variance[HORIZON];

	for (int n = 1; n <= 10; n++)
	{
		ArimaFit	fit = fit_arima(n, few, 4, &options);

		if (fit.status == SI_OK)
			forecast_arima(&fit, HORIZON, mean, variance);
		ok(fit.status == (n < 9 ? SI_EMPTY : SI_OK) &&
		   (n < 9 || (isfinite(mean[HORIZON - 1]) && variance[0] > 0.0)),
		   "eight coefficients of %d values", n);
		forget_arima(&fit);
	}
	for (int level = 0; level < 2; level++)
	{
		ArimaFit	fit;

		for (int t = 0; t < 30; t++)
			flat[t] = level;
		fit = fit_arima(30, flat, 4, &options);
		forecast_arima(&fit, HORIZON, mean, variance);
		ok(fit.status == SI_OK && isfinite(mean[HORIZON - 1]),
		   "and of a constant %d without a mean", level);
		forget_arima(&fit);
	}
}

static void
check_names(void)
{
	SiForecastModel model = {.form = {2, 1, 1, 1, 0, 2, 1, 0}};
	static const char *const want[] = {"ar1", "ar2", "ma1", "sar1", "sma1",
		"sma2", "drift"
	};
	char		name[8];
	int			bad = 0;

	for (int i = 0; i < 7; i++)
	{
		si_arima_parameter_name(&model, i, name);
		bad += strcmp(name, want[i]) != 0;
	}
	ok(bad == 0, "parameters are named");
	model.form[1] = 0;
	si_arima_parameter_name(&model, 6, name);
	ok(strcmp(name, "mean") == 0, "a mean is no drift");
}

int
main(void)
{
	check_short();
	check_without_noise();
	check_odd_series();
	check_long();
	check_refusals();
	check_crowded();
	check_names();
	return done_testing();
}
