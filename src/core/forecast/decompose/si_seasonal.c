/*
 * si_seasonal.c
 *	  Is there a season, and by which factors?
 *
 * Reference: M. Kendall, A. Stuart, "The Advanced Theory of Statistics", vol. 3
 * (1983), 410-414; S. Makridakis, E. Spiliotis, V. Assimakopoulos, "The M4
 * Competition", Int. J. Forecasting 36 (2020) 54-74, for the test; D. M. Miller,
 * D. Williams, "Shrinkage estimators of time series seasonal factors and their
 * effect on forecasting accuracy", Int. J. Forecasting 19 (2003) 669-684.
 */
#include "core/forecast/decompose/si_seasonal.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"
#include "core/stats/si_sum.h"

#define TEST_QUANTILE	1.645	/* of the normal distribution, at 95% */

/* ----- The test ----- */

static double
mean_of(int n, const double *y)
{
	double		low = y[0];
	double		high = y[0];
	SiSum		sum = {0, 0};
	int			t;

	for (t = 0; t < n; t++)
	{
		si_sum_add(&sum, y[t] / n);
		low = fmin(low, y[t]);
		high = fmax(high, y[t]);
	}
	return low == high ? low : si_sum_value(&sum);
}

/* Four sums at a time, in a fixed order; values less mean, times scale. */
static double
lagged_product(int n, const double *y, double mean, double scale, int lag)
{
	double		sum[4] = {0, 0, 0, 0};
	int			t;
	int			i;

	for (t = lag; t + 4 <= n; t += 4)
	{
		for (i = 0; i < 4; i++)
			sum[i] += ((y[t + i] - mean) * scale) *
				((y[t + i - lag] - mean) * scale);
	}
	for (; t < n; t++)
		sum[0] += ((y[t] - mean) * scale) * ((y[t - lag] - mean) * scale);
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

/*
 * A power of two that brings distances from the mean to about 1, so that
 * squares neither overflow nor vanish; 0 for constant values.
 */
static double
scale_of(int n, const double *y, double mean)
{
	double		largest = 0;
	int			exponent;
	int			t;

	for (t = 0; t < n; t++)
		largest = fmax(largest, fabs(y[t] - mean));
	if (!(largest > SI_CONSTANT_SPREAD * fabs(mean)) || !isfinite(largest))
		return 0;
	frexp(largest, &exponent);
	return ldexp(1, exponent > -1000 ? -exponent : 1000);
}

bool
si_seasonal_test(int n, const double *y, int season, SiPulse pulse)
{
	double		mean;
	double		scale;
	double		total;
	double		squares = 1;
	double		r = 0;
	int			lag;

	if (season < 2 || n / 3 < season)
		return false;
	mean = mean_of(n, y);
	scale = scale_of(n, y, mean);
	if (scale == 0)
		return false;
	total = lagged_product(n, y, mean, scale, 0);
	for (lag = 1; lag <= season; lag++)
	{
		pulse();
		squares += 2 * r * r;
		r = lagged_product(n, y, mean, scale, lag) / total;
	}
	return fabs(r) > TEST_QUANTILE * sqrt(squares / n);
}

/* ----- Factors ----- */

/* A window over the values: its sum, and how many of them are not zero. */
typedef struct Window
{
	SiSum		sum;
	int			nonzero;
} Window;

static void
slide(Window *window, double enters, double leaves)
{
	si_sum_add(&window->sum, enters);
	si_sum_add(&window->sum, -leaves);
	window->nonzero += (enters != 0) - (leaves != 0);
}

/* Of ratios of values to their moving average, by phase. */
typedef struct Ratios
{
	double	   *sum;
	double	   *count;
	double	   *squares;
} Ratios;

/*
 * Adds up the ratios of each phase: the moving average is that of season
 * values about the one at hand, where season is even of season + 1, the first
 * and the last by half.
 */
static void
add_ratios(int n, const double *y, int season, Ratios *ratios)
{
	Window		window = {{0, 0}, 0};
	int			half = season / 2;
	int			odd = season % 2;
	int			t;

	for (t = 0; t < season; t++)
		slide(&window, y[t], 0);
	for (t = half; t + half < n; t++)
	{
		int			phase = t % season;
		double		last = odd ? 0 : y[t + half];
		double		first = odd ? 0 : y[t - half];
		double		level = si_sum_value(&window.sum) + (last - first) / 2;
		double		ratio = y[t] / (level / season);

		if (window.nonzero > 0 || last > 0)
		{
			ratios->sum[phase] += ratio;
			ratios->squares[phase] += ratio * ratio;
			ratios->count[phase]++;
		}
		if (t + half + 1 < n || !odd)
			slide(&window, odd ? y[t + half + 1] : last, y[t - half]);
	}
}

/*
 * (m - 3) / (m - 1) times the variance of a mean ratio over the variance of
 * all factors, which holds the former, at most 1 before: the share by which
 * factors, of mean mean, go towards it.
 */
static double
shrinkage(int season, const double *factor, const Ratios *ratios, double mean)
{
	double		within = 0;
	double		free = 0;
	double		among = 0;
	double		harmonic = 0;
	int			i;

	for (i = 0; i < season; i++)
	{
		within += ratios->squares[i] -
			ratios->count[i] * factor[i] * factor[i];
		free += ratios->count[i] - 1;
		among += (factor[i] - mean) * (factor[i] - mean) / (season - 1);
		harmonic += 1 / ratios->count[i] / season;
	}
	if (season < 4 || free < 1 || !(within > 0))
		return 0;
	within *= harmonic / free;
	return (season - 3.0) / (season - 1) * within / fmax(within, among);
}

bool
si_seasonal_factors(int n, const double *y, int season, bool shrink,
					double *factor, double *room, SiPulse pulse)
{
	Ratios		ratios = {factor, room, room + season};
	double		mean = 0;
	double		least = INFINITY;
	double		share;
	int			i;

	if (season < 2 || n / 2 < season)
		return false;
	for (i = 0; i < n; i++)
	{
		if (y[i] < 0)
			return false;
	}
	pulse();
	memset(factor, 0, season * sizeof(double));
	memset(room, 0, 2 * season * sizeof(double));
	add_ratios(n, y, season, &ratios);
	for (i = 0; i < season; i++)
	{
		if (ratios.count[i] == 0)
			return false;
		factor[i] /= ratios.count[i];
		mean += factor[i] / season;
	}
	if (!(mean > 0 && isfinite(mean)))
		return false;
	share = shrink ? shrinkage(season, factor, &ratios, mean) : 0;
	for (i = 0; i < season; i++)
	{
		factor[i] = share + (1 - share) * factor[i] / mean;
		least = fmin(least, factor[i]);
	}
	return least >= SI_LEAST_FACTOR;
}

/* ----- Use of factors ----- */

void
si_seasonal_adjust(const SiSeries *series, double *adjusted)
{
	int			t;

	if (series->factor == NULL)
		memcpy(adjusted, series->y, series->n * sizeof(double));
	for (t = 0; t < series->n && series->factor != NULL; t++)
		adjusted[t] = series->y[t] / series->factor[t % series->season];
}

void
si_seasonal_restore(const SiSeries *series, double *fitted)
{
	int			t;

	for (t = 0; t < series->n && series->factor != NULL; t++)
		fitted[t] *= series->factor[t % series->season];
}

double
si_seasonal_log_jacobian(const SiSeries *series)
{
	double		sum = 0;
	int			i;

	for (i = 0; i < series->season && series->factor != NULL; i++)
	{
		int			times = series->n / series->season +
			(i < series->n % series->season);

		sum += times * log(series->factor[i]);
	}
	return sum;
}

void
si_seasonal_keep(const SiSeries *series, SiForecastModel *model)
{
	int			i;

	if (series->factor == NULL)
		return;
	for (i = 0; i < series->season; i++)
		model->state[model->states + i] =
			series->factor[(series->n + i) % series->season];
	model->states += series->season;
}

void
si_seasonal_apply(const SiForecastModel *model, int own, int horizon,
				  double *mean, double *variance)
{
	const double *factor = model->state + own;
	int			season = model->states - own;
	int			h;

	for (h = 0; h < horizon && season > 0; h++)
	{
		mean[h] *= factor[h % season];
		variance[h] *= factor[h % season] * factor[h % season];
	}
}
