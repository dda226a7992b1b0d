/*
 * si_seasonal_strength.c
 *	  How seasonal a series is.
 *
 * Method: STL without robustness, as forecast::nsdiffs in R asks for it: two
 * rounds of a seasonal part (each month's values smoothed by local means over
 * 11 seasons, less what trend is left in them) and of a trend (local lines
 * over about a season and three quarters).  The strength is the share that the
 * seasonal part has in the variance of seasonal part and remainder.  Smooths
 * are computed at every tenth of their span and joined by lines.
 *
 * Special cases: 0 for less than two seasons and for a constant series.
 *
 * Reference: R. B. Cleveland, W. S. Cleveland, J. E. McRae, I. Terpenning,
 * "STL: a seasonal-trend decomposition procedure based on loess", Journal of
 * Official Statistics 6 (1990) 3-73; X. Wang, K. A. Smith, R. J. Hyndman, Data
 * Mining and Knowledge Discovery 13 (2006) 335-364.
 */
#include "core/forecast/arima/si_difference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEASONAL_SPAN	11
#define ROUNDS			2

/* n values of which the first stands at x = 0. */
typedef struct Smooth
{
	int			n;
	const double *y;
	int			span;
	bool		line;			/* local lines, else local means */
	SiPulse		pulse;
} Smooth;

size_t
si_difference_strength_room(int n, int season)
{
	return 7 * (size_t) n + 6 * (size_t) season;
}

static int
next_odd(double x)
{
	int			up = (int) ceil(x);

	return up % 2 == 1 ? up : up + 1;
}

/* Tricube weight of a point at a distance, for a reach. */
static double
weight_at(double distance, double reach)
{
	double		share = distance / reach;
	double		rest = 1.0 - share * share * share;

	if (share >= 1.0)
		return 0.0;
	return rest * rest * rest;
}

/* The smooth at place x, which may lie just outside. */
static double
smooth_at(const Smooth *s, int x)
{
	int			width = s->span < s->n ? s->span : s->n;
	int			first = x - width / 2;
	int			last;
	double		reach;
	double		sum = 0.0;
	double		value = 0.0;
	double		centre = 0.0;
	double		spread = 0.0;
	double		slope = 0.0;
	int			i;

	s->pulse();
	if (first > s->n - width)
		first = s->n - width;
	if (first < 0)
		first = 0;
	last = first + width - 1;
	reach = fmax(x - first, last - x);
	if (s->span > s->n)
		reach += (s->span - s->n) / 2;
	reach = fmax(reach, 1.0);
	for (i = first; i <= last; i++)
	{
		double		weight = weight_at(abs(i - x), reach);

		sum += weight;
		value += weight * s->y[i];
		centre += weight * i;
	}
	if (!(sum > 0.0))
		return s->y[x < 0 ? 0 : x >= s->n ? s->n - 1 : x];
	value /= sum;
	centre /= sum;
	for (i = first; i <= last && s->line; i++)
	{
		double		weight = weight_at(abs(i - x), reach) / sum;

		spread += weight * (i - centre) * (i - centre);
		slope += weight * (i - centre) * s->y[i];
	}
	if (spread > 0.0)
		value += slope / spread * (x - centre);
	return value;
}

/* All n places: each tenth of the span, and lines between. */
static void
smooth(const Smooth *s, double *out)
{
	int			jump = (s->span + 9) / 10;
	int			x = 0;
	int			i;

	out[0] = smooth_at(s, 0);
	while (x < s->n - 1)
	{
		int			next = x + jump < s->n - 1 ? x + jump : s->n - 1;
		double		left = out[x];
		double		right = smooth_at(s, next);

		for (i = x + 1; i <= next; i++)
			out[i] = left + (right - left) * (i - x) / (next - x);
		x = next;
	}
}

/* Each month by itself, one season beyond both ends: n + 2 season values. */
static void
smooth_months(int n, const double *y, int season, double *in, double *month,
			  double *out, SiPulse pulse)
{
	int			first;
	int			i;

	for (first = 0; first < season; first++)
	{
		int			count = (n - first - 1) / season + 1;
		Smooth		s = {count, in, SEASONAL_SPAN, false, pulse};

		for (i = 0; i < count; i++)
			in[i] = y[first + i * season];
		month[0] = smooth_at(&s, -1);
		smooth(&s, month + 1);
		month[count + 1] = smooth_at(&s, count);
		for (i = 0; i < count + 2; i++)
			out[first + i * season] = month[i];
	}
}

/* Moving averages of span values: n - span + 1 of them, in place. */
static int
average(int n, double *x, int span)
{
	double		sum = 0.0;
	int			t;

	for (t = 0; t < n; t++)
	{
		double		old = t >= span - 1 ? x[t - span + 1] : 0.0;

		sum += x[t];
		if (t >= span - 1)
		{
			x[t - span + 1] = sum / span;
			sum -= old;
		}
	}
	return n - span + 1;
}

static double
variance_of(int n, const double *x, const double *y)
{
	double		mean = 0.0;
	double		squares = 0.0;
	int			t;

	for (t = 0; t < n; t++)
	{
		double		value = x[t] + (y ? y[t] : 0.0);
		double		apart = value - mean;

		mean += apart / (t + 1);
		squares += apart * (value - mean);
	}
	return squares;
}

double
si_difference_strength(int n, const double *y, int season, double *room,
					   SiPulse pulse)
{
	double	   *trend = room;
	double	   *rest = trend + n;
	double	   *cycle = rest + n;	/* n + 2 season */
	double	   *low = cycle + n + 2 * season;	/* the same */
	double	   *seasonal = low + n + 2 * season;
	double	   *part = seasonal + n;	/* two of n / 2 + 3 */
	Smooth		passing = {n, low, next_odd(season), true, pulse};
	Smooth		trending = {n, rest,
		next_odd(1.5 * season / (1.0 - 1.5 / SEASONAL_SPAN)), true, pulse
	};
	double		remainder;
	double		whole;
	int			longest = n / season + 3;
	int			round;
	int			t;

	if (season < 2 || n < 2 * season ||
		si_difference_constant(n, y, fabs(y[0])))
		return 0.0;
	memset(trend, 0, n * sizeof(double));
	for (round = 0; round < ROUNDS; round++)
	{
		for (t = 0; t < n; t++)
			rest[t] = y[t] - trend[t];
		smooth_months(n, rest, season, part, part + longest, cycle, pulse);
		memcpy(low, cycle, (n + 2 * (size_t) season) * sizeof(double));
		average(average(average(n + 2 * season, low, season), low, season),
				low, 3);
		smooth(&passing, trend);
		for (t = 0; t < n; t++)
		{
			seasonal[t] = cycle[t + season] - trend[t];
			rest[t] = y[t] - seasonal[t];
		}
		smooth(&trending, trend);
	}
	for (t = 0; t < n; t++)
		rest[t] -= trend[t];
	remainder = variance_of(n, rest, NULL);
	whole = variance_of(n, rest, seasonal);
	return whole > 0.0 ? fmax(0.0, 1.0 - remainder / whole) : 0.0;
}
