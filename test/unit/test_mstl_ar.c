/*
 * Autoregressions of what MSTL leaves, and Burg's method.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/forecast/decompose/si_burg.h"
#include "core/forecast/decompose/si_mstl_ar.h"
#include "nottem.h"
#include "tap.h"

#define LONG		100000
#define HORIZON		200

static const int day_week[2] = {24, 168};
static const int year[1] = {12};

static double *y;
static double *fitted;
static double state[4000];
static double mean[HORIZON];
static double variance[HORIZON];
static int	pulses = 0;

static void
count_pulse(void)
{
	pulses++;
}

static SiStatus
fit(int n, const double *x, int seasons, const int *season, int variants,
	SiForecastModel *model)
{
	SiSeries	series = {n, x, 1, NULL};
	SiMstlArOptions options = {seasons, season, variants};
	size_t		room = si_mstl_ar_room(n, &options);
	size_t		more = si_mstl_ar_forecast_room(HORIZON);
	double	   *owned = malloc((room > more ? room : more) * sizeof(double));
	SiWork		work = {owned, room};
	SiStatus	status;

	memset(model, 0, sizeof(*model));
	model->state = state;
	status = si_mstl_ar_fit(&series, &options, model, fitted, &work,
							count_pulse);
	if (status == SI_OK)
	{
		ok(model->states <= si_mstl_ar_states(&options) &&
		   si_mstl_ar_whole(model), "the model is whole");
		si_mstl_ar_forecast(model, HORIZON, mean, variance, &work,
							count_pulse);
	}
	free(owned);
	return status;
}

static double
noise(void)
{
	return rand() / (RAND_MAX + 1.0) + rand() / (RAND_MAX + 1.0) - 1.0;
}

/* ----- Burg ----- */

/* R 4.2.2: ar.burg(x, order.max = 3, aic = FALSE, demean = FALSE) */
static void
test_burg_r(void)
{
	double		x[NOTTEM_N];
	double		ar[3];
	double		average = 0;
	SiBurg		burg;
	double	   *room = malloc(si_burg_room(NOTTEM_N, 3) * sizeof(double));
	SiWork		work = {room, si_burg_room(NOTTEM_N, 3)};
	int			i;

	for (i = 0; i < NOTTEM_N; i++)
		average += nottem[i] / NOTTEM_N;
	for (i = 0; i < NOTTEM_N; i++)
		x[i] = nottem[i] - average;
	ok(si_burg(NOTTEM_N, x, 3, ar, &work, count_pulse) == 3, "order three");
	is_close(ar[0], 0.9653577260322, 1e-12, "R's first lag");
	is_close(ar[1], 0.1241014501203, 1e-12, "R's second lag");
	is_close(ar[2], -0.5579596327066, 1e-12, "R's third lag");
	work = (SiWork) {room, si_burg_room(NOTTEM_N, 3)};
	si_burg_open(&burg, NOTTEM_N, 3, &work);
	si_burg_start(&burg, nottem, average);
	ok(si_burg_raise(&burg) && si_burg_raise(&burg), "two orders more");
	is_close(si_burg_aicc(&burg, 2), NOTTEM_N * log(burg.variance) + 8.0 +
			 40.0 / (NOTTEM_N - 5.0), 1e-12, "AICc counts mean and variance");
	free(room);
}

/* Lags of an autoregression come back, and not many more. */
static void
test_burg_order(void)
{
	double		ar[20];
	double	   *room = malloc(si_burg_room(5000, 20) * sizeof(double));
	SiWork		work = {room, si_burg_room(5000, 20)};
	int			p;
	int			i;

	srand(11);
	y[0] = y[1] = 0;
	for (i = 2; i < 5000; i++)
		y[i] = 1.2 * y[i - 1] - 0.5 * y[i - 2] + noise();
	p = si_burg(5000, y, 20, ar, &work, count_pulse);
	ok(p >= 2 && p < 8, "order %d of 2", p);
	is_close(ar[0], 1.2, 0.04, "the first lag");
	is_close(ar[1], -0.5, 0.08, "the second lag");
	memset(y, 0, 100 * sizeof(double));
	ok(si_burg(100, y, 20, ar, &work, count_pulse) == 0, "zeros need no lag");
	for (i = 0; i < 200; i++)
		y[i] = sin(0.3 * i);
	p = si_burg(200, y, 20, ar, &work, count_pulse);
	ok(p >= 2 && p <= 20 && isfinite(ar[0]), "an exact wave");
	free(room);
}

/* ----- Variants ----- */

/* One variant at a time, and the median of all by hand. */
static void
test_median(void)
{
	double		single[SI_MSTL_AR_VARIANTS][HORIZON];
	double		sorted[SI_MSTL_AR_VARIANTS];
	SiForecastModel model;
	bool		same = true;
	int			h;
	int			i;
	int			j;

	for (i = 0; i < SI_MSTL_AR_VARIANTS; i++)
	{
		fit(NOTTEM_N, nottem, 1, year, 1 << i, &model);
		memcpy(single[i], mean, sizeof(mean));
	}
	fit(NOTTEM_N, nottem, 1, year, 0, &model);
	ok(model.form[0] == (1 << SI_MSTL_AR_VARIANTS) - 1, "all are in use");
	for (h = 0; h < HORIZON; h++)
	{
		for (i = 0; i < SI_MSTL_AR_VARIANTS; i++)
		{
			for (j = i; j > 0 && sorted[j - 1] > single[i][h]; j--)
				sorted[j] = sorted[j - 1];
			sorted[j] = single[i][h];
		}
		same &= fabs(mean[h] - 0.5 * (sorted[5] + sorted[6])) < 1e-12;
	}
	ok(same, "the forecast is the median of the variants");
}

/* A periodic season, taken out by STL, and lags, summed up by hand. */
static void
test_definition(void)
{
	SiForecastModel model;
	double		seasonal[NOTTEM_N];
	double		trend[NOTTEM_N];
	double		rest[NOTTEM_N];
	size_t		room = si_stl_room(NOTTEM_N, 12);
	double	   *owned = malloc(room * sizeof(double));
	SiWork		work = {owned, room};
	const double *ar;
	double		left[NOTTEM_N];
	double		want;
	double		average = 0;
	int			p;
	int			i;

	si_stl(NOTTEM_N, nottem, 12, 0, 0, 0, seasonal, trend, rest, &work,
		   count_pulse);
	for (i = 0; i < NOTTEM_N; i++)
	{
		left[i] = nottem[i] - seasonal[i];
		average += left[i] / NOTTEM_N;
	}
	fit(NOTTEM_N, nottem, 1, year, 1 << SI_MSTL_AR_PERIODIC, &model);
	p = (int) model.state[0];
	ar = model.state + 3;
	want = average + seasonal[0];
	for (i = 0; i < p; i++)
		want += ar[i] * (left[NOTTEM_N - 1 - i] - average);
	is_close(mean[0], want, 1e-12, "periodic, about a mean, %d lags", p);
	want = average + seasonal[(NOTTEM_N - 1) % 12];
	for (i = 0; i < p; i++)
		want += ar[i] * (left[NOTTEM_N - 2 - i] - average);
	is_close(fitted[NOTTEM_N - 1], want, 1e-12, "one step in the past");

	fit(NOTTEM_N, nottem, 1, year, 1 << (SI_MSTL_AR_PERIODIC +
										 SI_MSTL_AR_DIFFERENCE), &model);
	p = (int) model.state[0];
	want = left[NOTTEM_N - 1] + seasonal[0];
	for (i = 0; i < p; i++)
		want += ar[i] * (left[NOTTEM_N - 1 - i] - left[NOTTEM_N - 2 - i]);
	is_close(mean[0], want, 1e-12, "differences, %d lags", p);
	want = left[NOTTEM_N - 2] + seasonal[NOTTEM_N - 1];
	for (i = 0; i < p; i++)
		want += ar[i] * (left[NOTTEM_N - 2 - i] - left[NOTTEM_N - 3 - i]);
	is_close(fitted[NOTTEM_N - 1], want, 1e-12, "one step in the past");
	free(owned);
}

/* ----- Properties ----- */

static double
pattern(int i)
{
	return 200 + 20 * sin(2 * M_PI * i / 24) + (i % 168 < 48 ? -30 : 10);
}

static void
make_hours(int n)
{
	int			i;

	srand(4);
	for (i = 0; i < n; i++)
		y[i] = pattern(i) + noise();
}

static double
worst(int from, int n)
{
	double		off = 0;
	int			h;

	for (h = 0; h < n; h++)
		off = fmax(off, fabs(mean[h] - pattern(from + h)));
	return off;
}

static void
test_hours(void)
{
	SiForecastModel model;

	make_hours(1000);
	ok(fit(1000, y, 2, day_week, 0, &model) == SI_OK && model.form[1] == 2,
	   "hours of six weeks");
	ok(worst(1000, HORIZON) < 3, "day and week go on, %g off",
	   worst(1000, HORIZON));
	is_close(model.variance, 1.0 / 6.0, 0.1, "what is left is noise");
	ok(isnan(variance[0]) && isnan(fitted[0]), "what there is none of");
	fit(450, y, 2, day_week, 0, &model);
	ok(model.form[1] == 1 && model.form[2] == 24, "a week comes three times");
}

static void
test_edges(void)
{
	SiForecastModel model;
	int			i;

	ok(fit(3, nottem, 0, NULL, 0, &model) == SI_EMPTY &&
	   fit(4, nottem, 0, NULL, 0, &model) == SI_OK && isfinite(mean[9]),
	   "four values are needed");
	ok(fit(35, nottem, 1, year, 0, &model) == SI_OK && model.form[1] == 0 &&
	   fit(36, nottem, 1, year, 0, &model) == SI_OK && model.form[1] == 1 &&
	   isfinite(mean[HORIZON - 1]), "a season comes three times");
	for (i = 0; i < 300; i++)
		y[i] = 5;
	fit(300, y, 1, year, 0, &model);
	ok(fabs(mean[HORIZON - 1] - 5) < 1e-9 && model.variance < 1e-18,
	   "a constant");
	memset(y, 0, 300 * sizeof(double));
	ok(fit(300, y, 1, year, 0, &model) == SI_OK && mean[3] == 0 &&
	   model.form[0] == 63, "zeros have no logarithm");
	ok(fit(300, y, 1, year, 1 << SI_MSTL_AR_LOG, &model) == SI_EMPTY &&
	   fit(300, y, 0, NULL, 1 << SI_MSTL_AR_PERIODIC, &model) == SI_EMPTY,
	   "variants that are not fit");
	memcpy(y, nottem, sizeof(nottem));
	y[200] = 1e12;
	fit(NOTTEM_N, y, 1, year, 0, &model);
	ok(isfinite(mean[HORIZON - 1]) && isfinite(mean[0]), "a huge value");
	for (i = 0; i < 300; i++)
		y[i] = exp(i);
	fit(300, y, 1, year, 0, &model);
	ok(isfinite(mean[HORIZON - 1]), "exponentials");
}

static void
test_scale(void)
{
	SiForecastModel model;
	double		want[2];
	double		by;
	int			i;

	fit(NOTTEM_N, nottem, 1, year, 0, &model);
	want[0] = mean[0];
	want[1] = mean[50];
	for (by = 1e-12; by < 1e13; by *= 1e24)
	{
		for (i = 0; i < NOTTEM_N; i++)
			y[i] = nottem[i] * by;
		fit(NOTTEM_N, y, 1, year, 0, &model);
		is_close(mean[0] / by, want[0], 1e-9, "one step follows the scale");
		is_close(mean[50] / by, want[1], 1e-9, "fifty do");
	}
}

static void
test_whole(void)
{
	SiForecastModel model;
	SiForecastModel broken;

	fit(NOTTEM_N, nottem, 1, year, 0, &model);
	broken = model;
	broken.states--;
	ok(!si_mstl_ar_whole(&broken), "too few states");
	broken = model;
	broken.form[2] = 13;
	ok(!si_mstl_ar_whole(&broken), "another season");
	broken.form[1] = 7;
	ok(!si_mstl_ar_whole(&broken), "too many seasons");
	broken = model;
	broken.form[0] = 1 << SI_MSTL_AR_VARIANTS;
	ok(!si_mstl_ar_whole(&broken), "no such variant");
	model.state[0] = 1e9;
	ok(!si_mstl_ar_whole(&model), "too many lags");
	model.state[0] = NAN;
	ok(!si_mstl_ar_whole(&model), "NaN lags");
}

static void
test_long(void)
{
	SiForecastModel model;

	make_hours(LONG);
	pulses = 0;
	ok(fit(LONG, y, 2, day_week, 0, &model) == SI_OK &&
	   worst(LONG, HORIZON) < 3, "a hundred thousand hours");
	ok(pulses > 1000, "the pulse is felt");
}

int
main(void)
{
	y = malloc(LONG * sizeof(double));
	fitted = malloc(LONG * sizeof(double));
	test_burg_r();
	test_burg_order();
	test_median();
	test_definition();
	test_hours();
	test_edges();
	test_scale();
	test_whole();
	test_long();
	free(y);
	free(fitted);
	return done_testing();
}
