/*
 * Intermittent demand: Croston's method, its correction and TSB.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/forecast/intermittent/si_croston.h"
#include "core/forecast/intermittent/si_tsb.h"
#include "tap.h"

#define LONG 100000

static double *work_room;
static double *fitted;
static double state[SI_CROSTON_STATES];
static double mean[3];
static double variance[3];
static int	pulses = 0;

static void
count_pulse(void)
{
	pulses++;
}

static double
croston(int n, const double *y, bool sba, double size, double gap,
		SiForecastModel *model)
{
	SiSeries	series = {n, y, 1, NULL};
	SiCrostonOptions options = {sba, {size, gap}};
	SiWork		work = {work_room, si_croston_room(n)};

	memset(model, 1, sizeof(*model));
	model->state = state;
	if (si_croston_fit(&series, &options, model, fitted, &work,
					   count_pulse) != SI_OK)
		return NAN;
	si_croston_forecast(model, 3, mean, variance, &work, count_pulse);
	return mean[0];
}

static double
tsb(int n, const double *y, double size, double probability, double first,
	SiForecastModel *model)
{
	SiSeries	series = {n, y, 1, NULL};
	SiTsbOptions options = {{size, probability}, first};
	SiWork		work = {work_room, si_tsb_room(n)};

	memset(model, 0, sizeof(*model));
	model->state = state;
	if (si_tsb_fit(&series, &options, model, fitted, &work,
				   count_pulse) != SI_OK)
		return NAN;
	si_tsb_forecast(model, 3, mean, variance, &work, count_pulse);
	return mean[0];
}

/* ----- Golden ----- */

/* R 4.2.2, forecast 8.20: croston(y, alpha = 0.1), mean and fitted */
static void
test_r(void)
{
	static const double y[3][11] = {
		{2, 5, 0, 1, 3, 0, 1, 1, 0},
		{0, 0, 1, 0, 0, 7, 1, 0, 1},
		{1, 0, 0, 2, 0, 3, 0, 0, 4, 0, 5}
	};
	static const int length[3] = {9, 9, 11};
	static const double want[3] = {
		1.73267692837, 0.546323529412, 1.26420228298
	};
	static const double want_fitted[9] = {
		0, 2, 2.3, 2.3, 1.97272727273, 2.06697247706, 2.06697247706,
		1.8016088061, 1.73267692837
	};
	SiForecastModel model;
	int			i;

	for (i = 0; i < 3; i++)
	{
		double		got = croston(length[i], y[i], false, 0.1, 0.1, &model);

		is_close(got, want[i], 1e-11, "R's Croston forecast %d", i + 1);
		is_close(croston(length[i], y[i], true, 0.1, 0.1, &model),
				 0.95 * want[i], 1e-11, "SBA takes off half of 0.1");
	}
	croston(9, y[0], false, 0.1, 0.1, &model);
	for (i = 1; i < 9; i++)
		is_close(fitted[i], want_fitted[i], 1e-11,
				 "R's Croston one-step forecast %d", i + 1);
	ok(isnan(fitted[0]), "nothing precedes the first value");
	ok(mean[0] == mean[2] && isnan(variance[0]), "a flat forecast");
	ok(model.estimated == 3 && model.form[1] == 0 && isnan(model.aicc),
	   "two parameters and a variance");
}

/* ----- By definition ----- */

/* Each value smoothed on its own, from the first on. */
static double
smooth(const double *x, int n, double alpha)
{
	double		level = x[0];
	int			i;

	for (i = 1; i < n; i++)
		level += alpha * (x[i] - level);
	return level;
}

static void
random_demand(double *y, int n, unsigned seed)
{
	int			i;

	srand(seed);
	for (i = 0; i < n; i++)
		y[i] = rand() % 4 == 0 ? rand() % 9 + 1 : 0.0;
}

static double
tsb_by_definition(const double *y, int n, double size, double probability,
				  double first)
{
	double		demand[64];
	double		occurs[65];
	int			demands = 0;
	int			i;

	occurs[0] = first;
	for (i = 0; i < n; i++)
	{
		occurs[i + 1] = y[i] > 0;
		if (y[i] > 0)
			demand[demands++] = y[i];
	}
	return demands == 0 ? 0.0 : smooth(demand, demands, size) *
		smooth(occurs, n + 1, probability);
}

static void
test_tsb(void)
{
	SiForecastModel model;
	double		y[60];
	bool		same = true;
	int			i;

	random_demand(y, 60, 7);
	is_close(tsb(60, y, 0.2, 0.1, 1.0, &model),
			 tsb_by_definition(y, 60, 0.2, 0.1, 1.0), 1e-13,
			 "TSB by its definition");
	for (i = 1; i < 60; i++)
		same &= fabs(fitted[i] - tsb_by_definition(y, i, 0.2, 0.1, 1.0)) <
			1e-13;
	ok(same, "one-step forecasts are those of the values before");
}

static double
mean_square(const double *y, int n)
{
	double		sum = 0.0;
	int			i;

	for (i = 1; i < n; i++)
		sum += (y[i] - fitted[i]) * (y[i] - fitted[i]);
	return sum / (n - 1);
}

/* The best of a grid is no better. */
static void
test_search(void)
{
	SiForecastModel model;
	double		y[60];
	double		best[2] = {INFINITY, INFINITY};
	double		found;
	int			i;
	int			j;

	random_demand(y, 60, 3);
	for (i = 1; i <= 30; i++)
	{
		for (j = 1; j <= 30; j++)
		{
			croston(60, y, false, 0.01 * i, 0.01 * j, &model);
			best[0] = fmin(best[0], model.variance);
			tsb(60, y, 0.01 * i, 0.01 * j, NAN, &model);
			best[1] = fmin(best[1], model.variance);
		}
	}
	croston(60, y, false, NAN, NAN, &model);
	found = model.variance;
	ok(found < best[0] * (1 + 1e-6), "Croston: %g found, %g by grid", found,
	   best[0]);
	is_close(found, mean_square(y, 60), 1e-13, "variance is the mean square");
	croston(60, y, false, 0.3, NAN, &model);
	found = model.variance;
	croston(60, y, false, 0.3, 0.1, &model);
	ok(found < model.variance, "one parameter alone is searched for, too");
	tsb(60, y, NAN, NAN, NAN, &model);
	found = model.variance;
	ok(found < best[1] * (1 + 1e-6), "TSB: %g found, %g by grid", found,
	   best[1]);
	is_close(found, mean_square(y, 60), 1e-13, "variance is the mean square");
}

static bool
between(double x, double low, double high)
{
	return x >= low && x <= high;
}

/* Levels that jump, and probabilities, ask for more than is allowed. */
static void
test_bounds(void)
{
	SiForecastModel model;
	double		y[60];
	double		most[2][2] = {{0.0}};
	bool		within = true;

	for (int seed = 0; seed < 40; seed++)
	{
		random_demand(y, 60, seed);
		for (int i = 0; i < 30; i++)
			y[i] *= seed % 2 ? 100.0 : seed % 4 * 0.01;
		croston(60, y, true, NAN, NAN, &model);
		for (int j = 0; j < 2; j++)
		{
			within &= between(model.parameter[j], 0.01, 0.5);
			most[0][j] = fmax(most[0][j], model.parameter[j]);
		}
		tsb(60, y, NAN, NAN, NAN, &model);
		for (int j = 0; j < 2; j++)
		{
			within &= between(model.parameter[j], 0.01, 0.3);
			most[1][j] = fmax(most[1][j], model.parameter[j]);
		}
	}
	ok(within, "smoothing stays within its bounds");
	ok(most[0][0] > 0.49 && most[0][1] > 0.49 && most[1][0] > 0.29 &&
	   most[1][1] > 0.1, "most of which are reached, %g %g %g %g", most[0][0],
	   most[0][1], most[1][0], most[1][1]);
}

/* ----- Properties ----- */

static void
test_edges(void)
{
	static const double zeros[9] = {0};
	static const double once[6] = {0, 0, 0, 8, 0, 0};
	static const double returns[6] = {0, -3, 4, -1, 0, 4};
	static const double sold[6] = {0, 0, 4, 0, 0, 4};
	SiForecastModel model;
	double		got;

	ok(croston(9, zeros, false, NAN, NAN, &model) == 0.0 &&
	   tsb(9, zeros, NAN, NAN, NAN, &model) == 0.0 && model.variance == 0.0,
	   "no demand, no forecast");
	ok(croston(1, zeros, false, NAN, NAN, &model) == 0.0 &&
	   croston(1, once + 3, false, NAN, NAN, &model) == 8.0 &&
	   tsb(1, once + 3, NAN, NAN, NAN, &model) == 8.0, "one value");
	ok(croston(6, once, false, NAN, NAN, &model) == 2.0 &&
	   model.state[2] == 2.0, "one demand: its size over its gap");
	got = tsb(6, once, NAN, NAN, NAN, &model);
	ok(got > 0.0 && got < 8.0, "one demand, TSB");
	got = croston(6, sold, true, NAN, NAN, &model);
	ok(got == croston(6, returns, true, NAN, NAN, &model) && got > 0.0,
	   "returns count as no demand");
	got = tsb(6, sold, NAN, NAN, NAN, &model);
	ok(got == tsb(6, returns, NAN, NAN, NAN, &model) && got > 0.0,
	   "for TSB, too");
}

static void
test_scale(void)
{
	SiForecastModel model;
	double		y[60];
	double		scaled[60];
	double		want[2];
	double		by;
	int			i;

	random_demand(y, 60, 5);
	want[0] = croston(60, y, true, NAN, NAN, &model);
	want[1] = tsb(60, y, NAN, NAN, NAN, &model);
	for (by = 1e-12; by < 1e13; by *= 1e24)
	{
		for (i = 0; i < 60; i++)
			scaled[i] = y[i] * by;
		is_close(croston(60, scaled, true, NAN, NAN, &model) / by, want[0],
				 1e-4, "Croston follows the scale");
		is_close(tsb(60, scaled, NAN, NAN, NAN, &model) / by, want[1], 1e-4,
				 "TSB follows the scale");
	}
	y[30] = 1e15;
	ok(isfinite(croston(60, y, false, NAN, NAN, &model)) &&
	   isfinite(tsb(60, y, NAN, NAN, NAN, &model)), "one huge value");
}

static void
test_dies_out(void)
{
	SiForecastModel model;
	double		y[100] = {0};
	double		late;

	random_demand(y, 50, 5);
	tsb(50, y, 0.1, 0.1, NAN, &model);
	late = mean[0];
	ok(tsb(100, y, 0.1, 0.1, NAN, &model) < 0.01 * late,
	   "TSB forgets what is sold no more");
	croston(50, y, false, 0.1, 0.1, &model);
	late = mean[0];
	ok(croston(100, y, false, 0.1, 0.1, &model) == late, "Croston does not");
}

static void
test_long(void)
{
	SiForecastModel model;
	double	   *y = malloc(LONG * sizeof(double));

	random_demand(y, LONG, 1);
	pulses = 0;
	is_close(croston(LONG, y, false, NAN, NAN, &model), 5.0 / 4.0, 0.2,
			 "a long series, Croston");
	is_close(tsb(LONG, y, NAN, NAN, NAN, &model), 5.0 / 4.0, 0.2,
			 "a long series, TSB");
	ok(pulses > 20, "the pulse is felt");
	free(y);
}

int
main(void)
{
	size_t		room = si_croston_room(LONG) > si_tsb_room(LONG) ?
		si_croston_room(LONG) : si_tsb_room(LONG);

	work_room = malloc(room * sizeof(double));
	fitted = malloc(LONG * sizeof(double));
	test_r();
	test_tsb();
	test_search();
	test_bounds();
	test_edges();
	test_scale();
	test_dies_out();
	test_long();
	free(work_room);
	free(fitted);
	return done_testing();
}
