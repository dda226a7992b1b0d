/*
 * si_stl.c
 *	  Season, trend and remainder of a series, by local regression.
 *
 * Method: in turn, the season of what the trend leaves and the trend of what
 * the season leaves.  The season is the smooth curve of each phase, prolonged
 * by one value at both ends, less what moving averages of a season, a season
 * and three values, smoothed, find in it: so that it carries no trend.  Twice
 * around, or once for each weighting if outliers are weighed down, by Tukey's
 * biweight of six median deviations.  All settings but those of the interface
 * are those of R's stl: season of degree 0, trend and low pass of degree 1,
 * each smoothed at every tenth part of its window.
 *
 * Special cases: a constant series is trend; a remainder of zero weighs
 * everything that is not exact at nothing, which stays finite.
 *
 * Accuracy: with R's results to about 1e-12 of the values.
 *
 * Reference: as in si_loess.c; Wang, Smith, Hyndman, "Characteristic-based
 * clustering for time series data", Data Mining and Knowledge Discovery 13
 * (2006) 335-364, for the strength.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/decompose/si_loess.h"
#include "core/forecast/decompose/si_stl.h"

#define INNER			2		/* rounds without weights */
#define BIWEIGHT		6.0
#define NEAR			0.001
#define FAR				0.999

typedef struct Stl
{
	int			n;
	int			season;
	const double *y;
	SiLoess		phase;			/* of the values of one phase */
	SiLoess		low;
	SiLoess		level;			/* of the trend */
	double	   *seasonal;
	double	   *trend;
	double	   *weight;			/* NULL: all alike */
	double	   *cycle;			/* n + 2 season */
	double	   *average;		/* n + 2 season */
	double	   *part;			/* n */
	double	   *phase_in;		/* a phase: values, weights, smooth */
	double	   *phase_weight;
	double	   *phase_out;
} Stl;

static size_t
phase_length(int n, int season)
{
	return (size_t) (n - 1) / season + 1;
}

/* Cycle, average; part, weights, share; three of a phase, one longer by 2. */
size_t
si_stl_room(int n, int season)
{
	return 5 * (size_t) n + 4 * (size_t) season +
		3 * phase_length(n, season) + 2;
}

static int
odd(double x)
{
	int			whole = (int) x;

	return whole % 2 == 0 ? whole + 1 : whole;
}

static void
set_loess(SiLoess *loess, int window, int degree, double *share, SiPulse pulse)
{
	loess->window = odd(window < 3 ? 3 : window);
	loess->degree = degree;
	loess->jump = (window - 1) / 10 + 1;
	loess->share = share;
	loess->pulse = pulse;
}

static void
set_windows(Stl *stl, int s_window, int t_window, double *share, SiPulse pulse)
{
	double		s = s_window > 0 ? s_window : 10.0 * stl->n + 1.0;
	double		t = t_window > 0 ? t_window :
		ceil(1.5 * stl->season / (1.0 - 1.5 / s));

	s = fmin(s, INT32_MAX / 2);
	t = t > 0.0 ? fmin(t, INT32_MAX / 2) : INT32_MAX / 2;
	set_loess(&stl->phase, (int) s, 0, share, pulse);
	set_loess(&stl->level, t_window > 0 ? (int) t : odd(t), 1, share, pulse);
	set_loess(&stl->low, odd(stl->season), 1, share, pulse);
}

/* ----- Season ----- */

/* Smooths one phase into the cycle, with a value before and one behind. */
static void
smooth_phase(const Stl *stl, int phase)
{
	const SiLoess *loess = &stl->phase;
	const double *weight = stl->weight ? stl->phase_weight : NULL;
	int			n = (stl->n - phase - 1) / stl->season + 1;
	double	   *out = stl->phase_out;
	int			last = loess->window < n ? loess->window - 1 : n - 1;
	int			i;

	for (i = 0; i < n; i++)
	{
		int			t = phase + i * stl->season;

		stl->phase_in[i] = stl->part[t];
		if (weight)
			stl->phase_weight[i] = stl->weight[t];
	}
	si_loess(loess, n, stl->phase_in, weight, out + 1);
	out[0] = out[1];
	si_loess_at(loess, n, stl->phase_in, weight, -1, 0, last, &out[0]);
	out[n + 1] = out[n];
	si_loess_at(loess, n, stl->phase_in, weight, n, n - 1 - last, n - 1,
				&out[n + 1]);
	for (i = 0; i < n + 2; i++)
		stl->cycle[phase + (size_t) i * stl->season] = out[i];
}

/* Means of each length values in a row; to may be from. */
static int
move_average(int n, const double *from, int length, double *to)
{
	double		sum = 0.0;
	int			i;

	for (i = 0; i < length; i++)
		sum += from[i];
	for (i = 0; i + length < n; i++)
	{
		double		first = from[i];

		to[i] = sum / length;
		sum += from[i + length] - first;
	}
	to[i] = sum / length;
	return n - length + 1;
}

/* The season of part; what moves slowly in it is no season. */
static void
find_season(Stl *stl)
{
	int			n = stl->n + 2 * stl->season;
	int			i;

	for (i = 0; i < stl->season; i++)
		smooth_phase(stl, i);
	n = move_average(n, stl->cycle, stl->season, stl->average);
	n = move_average(n, stl->average, stl->season, stl->average);
	n = move_average(n, stl->average, 3, stl->average);
	si_loess(&stl->low, n, stl->average, NULL, stl->part);
	for (i = 0; i < stl->n; i++)
		stl->seasonal[i] = stl->cycle[stl->season + i] - stl->part[i];
}

static void
alternate(Stl *stl)
{
	int			i;

	for (i = 0; i < stl->n; i++)
		stl->part[i] = stl->y[i] - stl->trend[i];
	find_season(stl);
	for (i = 0; i < stl->n; i++)
		stl->part[i] = stl->y[i] - stl->seasonal[i];
	si_loess(&stl->level, stl->n, stl->part, stl->weight, stl->trend);
}

/* ----- Weights ----- */

static void
swap(double *x, int i, int j)
{
	double		held = x[i];

	x[i] = x[j];
	x[j] = held;
}

/* The value of rank k, from 0; x is put in another order.  (Hoare 1961) */
static double
rank_value(double *x, int n, int k)
{
	int			low = 0;
	int			high = n - 1;

	while (low < high)
	{
		double		pivot = x[low + (high - low) / 2];
		int			i = low;
		int			j = high;

		while (i <= j)
		{
			while (x[i] < pivot)
				i++;
			while (x[j] > pivot)
				j--;
			if (i <= j)
				swap(x, i++, j--);
		}
		if (k <= j)
			high = j;
		else if (k >= i)
			low = i;
		else
			break;
	}
	return x[k];
}

static void
weigh_down(Stl *stl, double *weight)
{
	double		bound;
	int			i;

	for (i = 0; i < stl->n; i++)
	{
		weight[i] = fabs(stl->y[i] - stl->trend[i] - stl->seasonal[i]);
		stl->part[i] = weight[i];
	}
	bound = rank_value(stl->part, stl->n, stl->n / 2);
	bound += rank_value(stl->part, stl->n, (stl->n - 1) / 2);
	bound *= 0.5 * BIWEIGHT;
	for (i = 0; i < stl->n; i++)
	{
		double		ratio = weight[i] / bound;

		if (weight[i] <= NEAR * bound)
			weight[i] = 1.0;
		else if (weight[i] <= FAR * bound)
			weight[i] = (1.0 - ratio * ratio) * (1.0 - ratio * ratio);
		else
			weight[i] = 0.0;
	}
	stl->weight = weight;
}

/* ----- All ----- */

/* Each phase becomes its mean. */
static void
make_periodic(Stl *stl)
{
	int			phase;
	int			i;

	for (phase = 0; phase < stl->season; phase++)
	{
		double		sum = 0.0;

		for (i = phase; i < stl->n; i += stl->season)
			sum += stl->seasonal[i];
		sum /= (stl->n - phase - 1) / stl->season + 1;
		for (i = phase; i < stl->n; i += stl->season)
			stl->seasonal[i] = sum;
	}
}

static void
place(Stl *stl, SiWork *work)
{
	size_t		n = (size_t) stl->n;
	size_t		length = phase_length(stl->n, stl->season);

	stl->cycle = si_work_take(work, n + 2 * (size_t) stl->season);
	stl->average = si_work_take(work, n + 2 * (size_t) stl->season);
	stl->part = si_work_take(work, n);
	stl->phase_in = si_work_take(work, length);
	stl->phase_weight = si_work_take(work, length);
	stl->phase_out = si_work_take(work, length + 2);
}

SiStatus
si_stl(int n, const double *y, int season, int s_window, int t_window,
	   int robust_iterations, double *seasonal, double *trend,
	   double *remainder, SiWork *work, SiPulse pulse)
{
	Stl			stl = {.n = n, .season = season, .y = y};
	SiWork		mine = *work;
	double	   *weight;
	int			i;

	if (season < 2 || (n - 1) / 2 < season)
		return SI_EMPTY;
	place(&stl, &mine);
	weight = si_work_take(&mine, n);
	set_windows(&stl, s_window, t_window, si_work_take(&mine, n), pulse);
	stl.seasonal = seasonal;
	stl.trend = trend;
	memset(trend, 0, n * sizeof(double));
	alternate(&stl);
	for (i = 1; i < INNER && robust_iterations <= 0; i++)
		alternate(&stl);
	for (i = 0; i < robust_iterations; i++)
	{
		weigh_down(&stl, weight);
		alternate(&stl);
	}
	if (s_window <= 0)
		make_periodic(&stl);
	for (i = 0; i < n; i++)
		remainder[i] = y[i] - seasonal[i] - trend[i];
	return SI_OK;
}

double
si_stl_strength(int n, const double *part, const double *remainder)
{
	double		mean[2] = {0.0, 0.0};
	double		square[2] = {0.0, 0.0};
	int			i;

	for (i = 0; i < n; i++)
	{
		mean[0] += (remainder[i] - mean[0]) / (i + 1);
		mean[1] += (part[i] + remainder[i] - mean[1]) / (i + 1);
	}
	for (i = 0; i < n; i++)
	{
		double		whole = part[i] + remainder[i] - mean[1];

		square[0] += (remainder[i] - mean[0]) * (remainder[i] - mean[0]);
		square[1] += whole * whole;
	}
	return square[1] > square[0] ? 1.0 - square[0] / square[1] : 0.0;
}
