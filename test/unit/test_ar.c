/*
 * Autoregression of first differences.  Golden values: R 4.2.2, ar.burg of
 * diff(WWWusage), order.max = 3, demean = FALSE.
 */
#include "arima_samples.h"
#include "core/forecast/arima/si_ar.h"
#include "tap.h"

#define HORIZON	24

typedef struct Ar
{
	SiStatus	status;
	SiForecastModel model;
	double		state[40];
	double	   *fitted;
} Ar;

static void
fit_ar(Ar *ar, int n, const double *y, int season, const double *factor)
{
	SiSeries	series = {n, y, season, factor};
	double	   *room = malloc(si_ar_room(n) * sizeof(double));
	SiWork		work = {room, si_ar_room(n)};

	memset(ar, 0, sizeof(*ar));
	ar->model.state = ar->state;
	ar->fitted = malloc(n * sizeof(double));
	ar->status = si_ar_fit(&series, &ar->model, ar->fitted, &work, no_pulse);
	free(room);
}

static void
forecast_ar(Ar *ar, double *mean, double *variance)
{
	double		room[2 * HORIZON];
	SiWork		work = {room, si_ar_forecast_room(HORIZON)};

	si_ar_forecast(&ar->model, HORIZON, mean, variance, &work, no_pulse);
}

static void
check_golden(void)
{
	double		mean[HORIZON];
	double		variance[HORIZON];
	double		w[3] = {222 - 220, 226 - 222, 228 - 226};
	double		next;
	Ar			ar;

	fit_ar(&ar, 100, users, 1, NULL);
	ok(ar.model.form[0] == 3 && ar.model.form[2] == 0 &&
	   ar.model.parameters == 3, "WWWusage: order 3, no drift");
	is_close(ar.model.parameter[0], 1.1526193041, 1e-9, "its ar1");
	is_close(ar.model.parameter[1], -.6609343829, 1e-9, "its ar2");
	is_close(ar.model.parameter[2], .3451368303, 1e-9, "its ar3");
	is_close(ar.model.variance, 9.362009298, 1e-9, "its variance");
	next = 220;
	for (int i = 0; i < 3; i++)
		next -= ar.model.parameter[i] * w[i];
	forecast_ar(&ar, mean, variance);
	is_close(mean[0], next, 1e-12, "its forecast, by hand");
	is_close(variance[0], ar.model.variance, 1e-15, "variance of one step");
	is_close(variance[1], ar.model.variance *
			 (1 + pow(1 + ar.model.parameter[0], 2)), 1e-12, "of two");
	is_close(ar.fitted[50], users[49] +
			 ar.model.parameter[0] * (users[49] - users[48]) +
			 ar.model.parameter[1] * (users[48] - users[47]) +
			 ar.model.parameter[2] * (users[47] - users[46]), 1e-12,
			 "a one-step forecast, by hand");
	ok(isnan(ar.fitted[0]), "none of the first value");
	free(ar.fitted);
}

/* Deseasonalised before, seasonal after. */
static void
check_factors(void)
{
	static const double factor[4] = {0.5, 1.5, 1.2, 0.8};
	double		y[99];
	double		plain[HORIZON];
	double		seasonal[HORIZON];
	double		variance[2][HORIZON];
	double		apart = 0.0;
	Ar			ar;

	for (int t = 0; t < 99; t++)
		y[t] = users[t] * factor[t % 4];
	fit_ar(&ar, 99, users, 1, NULL);
	forecast_ar(&ar, plain, variance[0]);
	free(ar.fitted);
	fit_ar(&ar, 99, y, 4, factor);
	forecast_ar(&ar, seasonal, variance[1]);
	for (int h = 0; h < HORIZON; h++)
	{
		double		by = factor[(99 + h) % 4];

		apart = fmax(apart, fabs(seasonal[h] - plain[h] * by));
		apart = fmax(apart, fabs(variance[1][h] - variance[0][h] * by * by) /
					 variance[0][h]);
	}
	ok(apart < 1e-9, "factors divide before and multiply after, %g", apart);
	is_close(ar.fitted[50] / factor[50 % 4], users[49], 0.05,
			 "one-step forecasts have factors, too");
	ok(ar.model.form[1] == 4 && ar.model.states == 1 + ar.model.form[0] + 4,
	   "factors are kept in the state");
	free(ar.fitted);
}

static void
check_scale(double scale)
{
	double		y[100];
	double		mean[2][HORIZON];
	double		variance[HORIZON];
	Ar			ar;

	for (int t = 0; t < 100; t++)
		y[t] = users[t] * scale;
	fit_ar(&ar, 100, users, 1, NULL);
	forecast_ar(&ar, mean[0], variance);
	free(ar.fitted);
	fit_ar(&ar, 100, y, 1, NULL);
	forecast_ar(&ar, mean[1], variance);
	is_close(mean[1][9] / scale, mean[0][9], 1e-10, "scale %g", scale);
	free(ar.fitted);
}

static void
try_series(const char *name, int n, const double *y, double want)
{
	double		mean[HORIZON];
	double		variance[HORIZON];
	Ar			ar;

	fit_ar(&ar, n, y, 1, NULL);
	forecast_ar(&ar, mean, variance);
	is_close(mean[1], want, 1e-9, "%s: two steps on", name);
	ok(isfinite(mean[HORIZON - 1]) && variance[HORIZON - 1] >= 0.0, "%s: finite",
	   name);
	free(ar.fitted);
}

static void
check_edges(void)
{
	double		y[60];
	Ar			ar;

	for (int t = 0; t < 60; t++)
		y[t] = 5.0;
	try_series("constant", 60, y, 5.0);
	try_series("two values", 2, y, 5.0);
	for (int t = 0; t < 60; t++)
		y[t] = 3.0 - 0.7 * t;
	try_series("line", 60, y, 3.0 - 0.7 * 61);
	try_series("three on a line", 3, y, 3.0 - 0.7 * 4);
	try_series("two apart", 2, y, y[1]);
	memset(y, 0, sizeof(y));
	try_series("zeros", 60, y, 0.0);
	fit_ar(&ar, 1, y, 1, NULL);
	ok(ar.status == SI_EMPTY, "one value has no differences");
	free(ar.fitted);
	y[40] = 1e300;
	fit_ar(&ar, 60, y, 1, NULL);
	ok(ar.status == SI_OK && isfinite(ar.model.parameter[0]), "an outlier");
	free(ar.fitted);
}

int
main(void)
{
	check_golden();
	check_factors();
	check_scale(1e12);
	check_scale(1e-12);
	check_edges();
	return done_testing();
}
