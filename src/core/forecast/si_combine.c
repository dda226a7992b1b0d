/*
 * si_combine.c
 *	  The forecast of a model: the median of its members, and how far off it
 *	  may be.
 *
 * Method: the median by step of the members' forecasts, which no single member
 * that goes astray can move far, and of the deviations that those members
 * expect that have a formula for them.  Where none has, the error of one step
 * grows with the root of the number of steps, as that of a random walk.
 *
 * Reference: F. Petropoulos, I. Svetunkov, "A simple combination of univariate
 * models", Int. J. Forecasting 36 (2020) 110-115.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/si_combine.h"
#include "core/forecast/si_methods.h"
#include "core/stats/distribution/si_beta.h"

double
si_combine_median(int n, double *number)
{
	int			i;
	int			k;

	for (i = 1; i < n; i++)
	{
		double		x = number[i];

		for (k = i; k > 0 && number[k - 1] > x; k--)
			number[k] = number[k - 1];
		number[k] = x;
	}
	return n % 2 == 1 ? number[n / 2] :
		0.5 * number[n / 2 - 1] + 0.5 * number[n / 2];
}

size_t
si_combine_room(const SiForecast *forecast, int horizon)
{
	size_t		most = 0;
	int			i;

	for (i = 0; i < forecast->members; i++)
	{
		const SiForecastModel *member = &forecast->member[i];
		size_t		room = si_method(member->method)->forecast_room
			(member->season, horizon);

		most = room > most ? room : most;
	}
	return most + 2 * (size_t) forecast->members * horizon;
}

static double
deviation_of_step(const SiForecast *forecast, const double *variance,
				  int horizon, int step)
{
	double		known[SI_FORECAST_MEMBERS];
	int			n = 0;
	int			i;

	for (i = 0; i < forecast->members; i++)
	{
		double		v = variance[(size_t) i * horizon + step];

		if (v >= 0.0 && isfinite(v))
			known[n++] = sqrt(v);
	}
	if (n > 0)
		return si_combine_median(n, known);
	return sqrt(forecast->member[0].variance * (step + 1.0));
}

void
si_combine_forecast(const SiForecast *forecast, int horizon, double *mean,
					double *deviation, SiWork *work, SiPulse pulse)
{
	int			members = forecast->members;
	double	   *means = si_work_take(work, (size_t) members * horizon);
	double	   *variances = si_work_take(work, (size_t) members * horizon);
	double		one[SI_FORECAST_MEMBERS];
	int			i;
	int			h;

	for (i = 0; i < members; i++)
	{
		const SiForecastModel *member = &forecast->member[i];
		SiWork		rest = *work;

		si_method(member->method)->forecast(member, horizon,
											means + (size_t) i * horizon,
											variances + (size_t) i * horizon,
											&rest, pulse);
	}
	for (h = 0; h < horizon; h++)
	{
		for (i = 0; i < members; i++)
			one[i] = means[(size_t) i * horizon + h];
		mean[h] = si_combine_median(members, one);
		if (forecast->nonnegative && mean[h] < 0.0)
			mean[h] = 0.0;
		deviation[h] = deviation_of_step(forecast, variances, horizon, h);
	}
}

double
si_combine_reach(const SiForecast *forecast, double level)
{
	return forecast->widening *
		si_t_two_sided(forecast->freedom, 1.0 - level);
}
