/*
 * si_demand.c
 *	  Rare demand: the series as its demands, and the search for two smoothing
 *	  parameters.
 *
 * Errors of the one-step forecasts, those of periods without demand included,
 * are one sum over demands, so that the search walks over these only.
 *
 * Reference: N. Kourentzes, "On intermittent demand model optimisation and
 * selection", International Journal of Production Economics 156 (2014) 180-190.
 */
#include "core/forecast/intermittent/si_demand.h"

#include <math.h>
#include <string.h>

#include "core/forecast/si_simplex.h"
#include "core/si_tolerance.h"

#define EVALUATIONS			200

/* Sizes and gaps; the simplex of two variables. */
size_t
si_demand_room(int n)
{
	return 2 * (size_t) n + si_simplex_room(SI_DEMAND_SMOOTHING);
}

SiDemands
si_demand_find(const SiSeries *series, SiWork *work)
{
	SiDemands	demands = {.size = si_work_take(work, series->n)};
	int			last = -1;
	int			t;

	demands.gap = si_work_take(work, series->n);
	for (t = 0; t < series->n; t++)
	{
		if (!(series->y[t] > 0.0))
			continue;
		demands.squares += series->y[t] * series->y[t];
		demands.size[demands.count] = series->y[t];
		demands.gap[demands.count++] = t - last;
		last = t;
	}
	demands.rest = series->n - 1 - last;
	return demands;
}

/* What the simplex sees. */
typedef struct Aim
{
	const SiDemands *demands;
	const SiDemandSearch *search;
	const double *given;
	SiPulse		pulse;
} Aim;

static void
complete(const double *given, const double *x, double *smoothing)
{
	int			j;

	for (j = 0; j < SI_DEMAND_SMOOTHING; j++)
		smoothing[j] = isnan(given[j]) ? x[j] : given[j];
}

static double
objective(const double *x, void *arg)
{
	const Aim  *aim = arg;
	const SiDemandSearch *search = aim->search;
	double		smoothing[SI_DEMAND_SMOOTHING];
	int			j;

	for (j = 0; j < SI_DEMAND_SMOOTHING; j++)
	{
		if (x[j] < search->least || x[j] > search->most)
			return INFINITY;
	}
	aim->pulse();
	complete(aim->given, x, smoothing);
	return search->errors(aim->demands, smoothing, search->arg) /
		aim->demands->squares;
}

void
si_demand_smoothing(const SiDemands *demands, const SiDemandSearch *search,
					const double *given, double *smoothing, SiWork *work,
					SiPulse pulse)
{
	SiSimplexOptions options = {EVALUATIONS, SI_SMOOTHING_SPREAD};
	Aim			aim = {demands, search, given, pulse};
	double		x[SI_DEMAND_SMOOTHING] = {search->first[0], search->first[1]};

	if (demands->count > 1 && (isnan(given[0]) || isnan(given[1])))
		si_simplex_minimise(SI_DEMAND_SMOOTHING, x, search->step, objective,
							&aim, &options, work->next);
	complete(given, x, smoothing);
}

void
si_demand_describe(const SiSeries *series, SiForecastMethod method, int states,
				   SiForecastModel *model)
{
	memset(model->form, 0, sizeof(model->form));
	model->method = method;
	model->season = series->season;
	model->parameters = SI_DEMAND_SMOOTHING;
	model->states = states;
	model->estimated = SI_DEMAND_SMOOTHING + 1;
	model->log_likelihood = NAN;
	model->aicc = NAN;
}
