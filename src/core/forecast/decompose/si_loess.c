/*
 * si_loess.c
 *	  Local regression over equally spaced points.
 *
 * Method: tricube weights, 1 - (d/h)^3 cubed, over the window nearest to the
 * place; h is the distance to the farthest point of it, and grows by half of
 * what the window exceeds the series by.  Weights below the thousandth part of
 * h are one, beyond 0.999 h they are zero.  A line is fitted by tilting the
 * weights about their mean place; if they all sit at one place, to a thousandth
 * of the series' length, the mean it stays.
 *
 * Between points smoothed at each jump the curve is joined by lines.  The last
 * point is always smoothed, with the window of the point before: so do
 * Cleveland et al., and R.
 *
 * Reference: R. B. Cleveland, W. S. Cleveland, J. E. McRae, I. Terpenning,
 * "STL: a seasonal-trend decomposition procedure based on loess", Journal of
 * Official Statistics 6 (1990) 3-73.
 */
#include <math.h>
#include <stdlib.h>

#include "core/forecast/decompose/si_loess.h"

#define NEAR		0.001
#define FAR			0.999

static double
tricube(double distance, double h)
{
	double		ratio = distance / h;
	double		rest;

	if (distance > FAR * h)
		return 0.0;
	if (distance <= NEAR * h)
		return 1.0;
	rest = 1.0 - ratio * ratio * ratio;
	return rest * rest * rest;
}

/* Weights that sum to one; false if there are none. */
static bool
weigh(double *share, const double *weight, int place, int first, int last,
	  double h)
{
	double		sum = 0.0;
	int			j;

	for (j = first; j <= last; j++)
	{
		share[j] = tricube(abs(j - place), h);
		if (weight)
			share[j] *= weight[j];
		sum += share[j];
	}
	if (!(sum > 0.0))
		return false;
	for (j = first; j <= last; j++)
		share[j] /= sum;
	return true;
}

/* Makes the weighted mean the value of the weighted line at place. */
static void
tilt(double *share, int n, int place, int first, int last)
{
	double		mean = 0.0;
	double		square = 0.0;
	double		slope;
	int			j;

	for (j = first; j <= last; j++)
		mean += share[j] * j;
	for (j = first; j <= last; j++)
		square += share[j] * (j - mean) * (j - mean);
	if (sqrt(square) <= NEAR * (n - 1))
		return;
	slope = (place - mean) / square;
	for (j = first; j <= last; j++)
		share[j] *= 1.0 + slope * (j - mean);
}

bool
si_loess_at(const SiLoess *loess, int n, const double *y,
			const double *weight, int place, int first, int last,
			double *value)
{
	double		h = place - first > last - place ? place - first :
		last - place;
	double		sum = 0.0;
	int			j;

	loess->pulse();
	if (loess->window > n)
		h += (loess->window - n) / 2;
	if (!weigh(loess->share, weight, place, first, last, h))
		return false;
	if (h > 0.0 && loess->degree > 0)
		tilt(loess->share, n, place, first, last);
	for (j = first; j <= last; j++)
		sum += loess->share[j] * y[j];
	*value = sum;
	return true;
}

/* The window about place that stays within n. */
static int
window_start(const SiLoess *loess, int n, int place)
{
	int			start = place - (loess->window - 1) / 2;

	if (start > n - loess->window)
		start = n - loess->window;
	return start < 0 ? 0 : start;
}

static void
smooth_point(const SiLoess *loess, int n, const double *y,
			 const double *weight, int place, int first, double *smooth)
{
	int			last = first + loess->window - 1;

	if (!si_loess_at(loess, n, y, weight, place, first,
					 last < n ? last : n - 1, &smooth[place]))
		smooth[place] = y[place];
}

static void
join(double *smooth, int from, int to)
{
	double		slope = (smooth[to] - smooth[from]) / (to - from);
	int			j;

	for (j = from + 1; j < to; j++)
		smooth[j] = smooth[from] + slope * (j - from);
}

void
si_loess(const SiLoess *loess, int n, const double *y, const double *weight,
		 double *smooth)
{
	int			jump = loess->jump < n - 1 ? loess->jump : n - 1;
	int			first = 0;
	int			place;

	if (n < 2)
	{
		smooth[0] = y[0];
		return;
	}
	for (place = 0; place < n; place += jump)
	{
		first = window_start(loess, n, place);
		smooth_point(loess, n, y, weight, place, first, smooth);
		if (place > 0)
			join(smooth, place - jump, place);
	}
	place -= jump;
	if (place < n - 1)
	{
		smooth_point(loess, n, y, weight, n - 1, first, smooth);
		join(smooth, place, n - 1);
	}
}
