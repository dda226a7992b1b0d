/*
 * si_ets_start.c
 *	  Where searches for the greatest likelihood start.
 *
 * Method: the season is the mean difference from, or ratio to, a line through
 * the means of the first three periods; level and growth are those of a line
 * through the first values without it, ten or two periods of them.  This need
 * not be good: the search settles the states first.
 */
#include "core/forecast/ets/si_ets_start.h"

#include <math.h>

#define FIRST_PERIODS	3
#define FIRST_VALUES	10

static double
mean_of(int n, const double *y)
{
	double		sum = 0.0;

	for (int i = 0; i < n; i++)
		sum += y[i];
	return sum / n;
}

/* The season of one value: its difference from, or ratio to, the line. */
static double
apart(const SiEtsForm *form, double y, double line)
{
	if (form->season == SI_ETS_ADDITIVE)
		return y - line;
	return fmin(fmax(y / line, 0.1), 10.0);
}

static void
first_season(const SiEtsForm *form, int n, const double *y, double *season)
{
	int			m = form->period;
	int			periods = n / m < FIRST_PERIODS ? n / m : FIRST_PERIODS;
	double		slope = 0.0;
	double		mean;

	if (periods > 1)
		slope = (mean_of(m, y + (periods - 1) * m) - mean_of(m, y)) /
			((periods - 1) * m);
	for (int j = 0; j < m; j++)
		season[j] = 0.0;
	for (int i = 0; i < periods; i++)
	{
		double		level = mean_of(m, y + i * m);

		for (int j = 0; j < m; j++)
			season[j] += apart(form, y[i * m + j], level + slope *
							   (j - 0.5 * (m - 1))) / periods;
	}
	mean = mean_of(m, season);
	for (int j = 0; j < m; j++)
		season[j] = form->season == SI_ETS_ADDITIVE ? season[j] - mean :
			season[j] / mean;
}

static double
without_season(const SiEtsForm *form, double y, double season)
{
	if (form->season == SI_ETS_NONE)
		return y;
	return form->season == SI_ETS_ADDITIVE ? y - season : y / season;
}

void
si_ets_first_states(const SiEtsForm *form, int n, const double *y,
					SiEtsPoint *point)
{
	int			wanted = 2 * form->period > FIRST_VALUES ?
		2 * form->period : FIRST_VALUES;
	int			count = n < wanted ? n : wanted;
	double		mean = 0.0;
	double		slope = 0.0;

	if (form->season != SI_ETS_NONE)
		first_season(form, n, y, point->season);
	for (int i = 0; i < count; i++)
	{
		double		x = without_season(form, y[i],
									   point->season[i % form->period]);

		mean += x / count;
		slope += x * (i - 0.5 * (count - 1));
	}
	slope *= 12.0 / (count * ((double) count * count - 1.0));
	point->level = mean;
	point->growth = 0.0;
	if (form->trend == SI_ETS_NONE)
		return;
	point->level -= slope * 0.5 * (count + 1);
	point->growth = slope;
	if (form->trend == SI_ETS_ADDITIVE)
		return;
	point->level = fmax(point->level, 0.1 * mean);
	point->growth = fmin(fmax(1.0 + slope / mean, 0.5), 2.0);
}

/* The season stays; what rises, rises by the mean over all values. */
void
si_ets_safe_states(const SiEtsForm *form, int n, const double *y,
				   SiEtsPoint *point)
{
	point->level = form->season == SI_ETS_MULTIPLICATIVE ?
		y[0] / point->season[0] : y[0];
	point->growth = 0.0;
	if (form->trend == SI_ETS_ADDITIVE)
		point->growth = fmax((y[n - 1] - y[0]) / n, 0.0);
	if (form->trend == SI_ETS_MULTIPLICATIVE)
		point->growth = 1.0;
}

void
si_ets_first_parameters(const SiEtsForm *form, int index, SiEtsPoint *point)
{
	static const double alpha[] = {0.3, 0.05, 0.8, 0.9, 0.2};
	static const double beta[] = {0.1, 0.1, 0.1, 0.9, 0.5};
	static const double gamma[] = {0.1, 0.1, 0.1, 0.5, 0.6};

	point->alpha = alpha[index];
	point->beta = form->trend == SI_ETS_NONE ? 0.0 :
		beta[index] * point->alpha;
	point->gamma = form->season == SI_ETS_NONE ? 0.0 :
		gamma[index] * (1.0 - point->alpha);
	point->phi = form->damped ? 0.95 : 1.0;
}
