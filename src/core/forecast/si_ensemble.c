/*
 * si_ensemble.c
 *	  Several methods on one series, and the median of what they forecast.
 */
#include "core/forecast/si_ensemble.h"

#include <math.h>

SiEnsemble
si_ensemble_fast(void)
{
	static const SiMember fast[] = {
		{.method = SI_FORECAST_DOTM},
		{.method = SI_FORECAST_OTM},
		{.method = SI_FORECAST_ETS, .options = {.form = "AAdN", .quick = true}},
		{.method = SI_FORECAST_AR}
	};
	SiEnsemble	ensemble = {0};
	size_t		i;

	for (i = 0; i < sizeof(fast) / sizeof(fast[0]); i++)
	{
		if (si_method(fast[i].method) != NULL)
			ensemble.member[ensemble.members++] = fast[i];
	}
	return ensemble;
}

/* The naive method, which takes any series. */
static const SiMember naive = {.method = SI_FORECAST_NAIVE};

static size_t
member_room(const SiMember *member, int n, int season)
{
	return si_method(member->method)->room(n, season, &member->options);
}

static int
member_states(const SiMember *member, int season)
{
	return si_method(member->method)->states(season, &member->options);
}

size_t
si_ensemble_room(const SiEnsemble *ensemble, int n, int season)
{
	size_t		room = member_room(&naive, n, season);
	int			i;

	for (i = 0; i < ensemble->members; i++)
	{
		size_t		its = member_room(&ensemble->member[i], n, season);

		room = its > room ? its : room;
	}
	return room + ((size_t) ensemble->members + 1) * n;
}

int
si_ensemble_states(const SiEnsemble *ensemble, int season)
{
	int			states = member_states(&naive, season);
	int			i;

	for (i = 0; i < ensemble->members; i++)
	{
		int			its = member_states(&ensemble->member[i], season);

		states = its > states ? its : states;
	}
	return states;
}

/*
 * The median of value[0], value[stride], ..., of which count, at most
 * SI_ENSEMBLE_MEMBERS; NaN is no value.
 */
static double
median(const double *value, int count, int stride)
{
	double		sorted[SI_ENSEMBLE_MEMBERS];
	int			n = 0;
	int			i;
	int			j;

	for (i = 0; i < count; i++)
	{
		double		x = value[(size_t) i * stride];

		if (isnan(x))
			continue;
		for (j = n++; j > 0 && sorted[j - 1] > x; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = x;
	}
	if (n == 0)
		return NAN;
	return n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}

static SiStatus
fit_member(const SiSeries *series, const SiMember *member,
		   SiForecastModel *model, double *fitted, SiWork *work, SiPulse pulse)
{
	SiSeries	its = *series;

	if (member->whole)
		its.factor = NULL;
	return si_method(member->method)->fit(&its, member->method,
										  &member->options, model, fitted,
										  work, pulse);
}

SiStatus
si_ensemble_fit(const SiSeries *series, const SiEnsemble *ensemble,
				SiForecastModel *model, int *models, double *fitted,
				SiWork *work, SiPulse pulse)
{
	SiWork		mine = *work;
	size_t		n = series->n;
	double	   *each = si_work_take(&mine, (ensemble->members + 1) * n);
	int			found = 0;
	size_t		t;
	int			i;

	for (i = 0; i < ensemble->members; i++)
	{
		if (fit_member(series, &ensemble->member[i], &model[found],
					   each + found * n, &mine, pulse) == SI_OK)
			found++;
	}
	if (found == 0)
		fit_member(series, &naive, &model[found++], each, &mine, pulse);
	for (t = 0; t < n; t++)
		fitted[t] = median(each + t, found, series->n);
	*models = found;
	return SI_OK;
}

size_t
si_ensemble_forecast_room(const SiForecastModel *model, int models,
						  int horizon)
{
	size_t		room = 0;
	int			i;

	for (i = 0; i < models; i++)
	{
		size_t		its = si_method(model[i].method)->forecast_room(&model[i],
																  horizon);

		room = its > room ? its : room;
	}
	return room + 2 * (size_t) models * horizon;
}

void
si_ensemble_forecast(const SiForecastModel *model, int models, int horizon,
					 double *mean, double *variance, SiWork *work,
					 SiPulse pulse)
{
	SiWork		mine = *work;
	size_t		each = (size_t) models * horizon;
	double	   *means = si_work_take(&mine, each);
	double	   *variances = si_work_take(&mine, each);
	int			i;

	for (i = 0; i < models; i++)
		si_method(model[i].method)->forecast(&model[i], horizon,
											 means + (size_t) i * horizon,
											 variances + (size_t) i * horizon,
											 &mine, pulse);
	for (i = 0; i < horizon; i++)
	{
		mean[i] = median(means + i, models, horizon);
		variance[i] = median(variances + i, models, horizon);
	}
}
