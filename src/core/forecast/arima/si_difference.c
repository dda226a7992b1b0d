/*
 * si_difference.c
 *	  Differences, and the tests for how many.
 *
 * Method: plain ones by the test of Kwiatkowski et al. for a constant level,
 * with 3 sqrt(n) / 13 lags as forecast::ndiffs in R takes them, against its
 * critical value at 5 %; seasonal ones by the strength of the season that STL
 * finds, set up as forecast::nsdiffs has it.
 *
 * Special cases: a constant series needs no difference.
 *
 * References: D. Kwiatkowski, P. C. B. Phillips, P. Schmidt, Y. Shin, "Testing
 * the null hypothesis of stationarity against the alternative of a unit
 * root", Journal of Econometrics 54 (1992) 159-178; X. Wang, K. A. Smith, R. J.
 * Hyndman, Data Mining and Knowledge Discovery 13 (2006) 335-364.
 */
#include "core/forecast/arima/si_difference.h"

#include <math.h>

#include "core/forecast/decompose/si_stl.h"
#include "core/si_tolerance.h"

#define KPSS_CRITICAL	0.463	/* at 5 %, level; table 1 there */
#define MOST_DIFFERENCES 2
#define SEASONAL_SPAN	11

int
si_difference(int n, double *x, int lag)
{
	int			t;

	for (t = 0; t + lag < n; t++)
		x[t] = x[t + lag] - x[t];
	return n > lag ? n - lag : 0;
}

bool
si_difference_constant(int n, const double *x, double size)
{
	double		low = x[0];
	double		high = x[0];
	int			t;

	for (t = 1; t < n; t++)
	{
		low = fmin(low, x[t]);
		high = fmax(high, x[t]);
	}
	return high - low <= SI_CONSTANT_SPREAD * size;
}

static double
mean_of(int n, const double *x)
{
	double		mean = 0.0;
	int			t;

	for (t = 0; t < n; t++)
		mean += (x[t] - mean) / (t + 1);
	return mean;
}

double
si_difference_kpss(int n, const double *x, int lags, SiPulse pulse)
{
	double		mean = mean_of(n, x);
	double		path = 0.0;
	double		squares = 0.0;	/* of the path */
	double		variance = 0.0;
	int			lag;
	int			t;

	for (t = 0; t < n; t++)
	{
		path += x[t] - mean;
		squares += path * path / n;
	}
	for (lag = 0; lag <= lags && lag < n; lag++)
	{
		double		covariance = 0.0;

		pulse();
		for (t = lag; t < n; t++)
			covariance += (x[t] - mean) * (x[t - lag] - mean);
		variance += (lag == 0 ? 1.0 : 2.0) * covariance *
			(1.0 - lag / (lags + 1.0));
	}
	return variance > 0.0 ? squares / variance : 0.0;
}

int
si_difference_order(int *n, double *x, double size, SiPulse pulse)
{
	int			d = 0;

	while (d < MOST_DIFFERENCES && *n > 1 &&
		   !si_difference_constant(*n, x, size) &&
		   si_difference_kpss(*n, x, (int) (3.0 * sqrt(*n) / 13.0),
							  pulse) > KPSS_CRITICAL)
	{
		*n = si_difference(*n, x, 1);
		d++;
	}
	return d;
}

/* Season, trend and remainder, and room for STL. */
size_t
si_difference_strength_room(int n, int season)
{
	return 3 * (size_t) n + si_stl_room(n, season);
}

double
si_difference_strength(int n, const double *y, int season, double *room,
					   SiPulse pulse)
{
	SiWork		work = {room, si_difference_strength_room(n, season)};
	double	   *seasonal = si_work_take(&work, n);
	double	   *trend = si_work_take(&work, n);
	double	   *remainder = si_work_take(&work, n);

	if (si_difference_constant(n, y, fabs(y[0])) ||
		si_stl(n, y, season, SEASONAL_SPAN, 0, 0, seasonal, trend, remainder,
			   &work, pulse) != SI_OK)
		return 0.0;
	return si_stl_strength(n, seasonal, remainder);
}
