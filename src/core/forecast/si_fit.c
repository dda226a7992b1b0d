/*
 * si_fit.c
 *	  A forecast model of a series.
 *
 * Members that are not asked for by name are those of a profile: the full one
 * is the combination of Petropoulos and Svetunkov (2020), the fast one of cheap
 * methods (si_ensemble.h).  Series that are mostly zeros get a method for rare
 * demand, those of fewer than eight values the theta method, those of a long
 * season autoregressions of what decomposition leaves.  Where no member can be
 * fitted the naive forecast stands in.
 *
 * Errors are held back from origins further in the past, up to three, each the
 * horizon before the one after it: the members are fitted again to what was
 * known then, and their forecasts compared with what came.  At the latest one
 * variants are chosen anew, at the others those of the whole series kept.  Each
 * error is divided by the deviation that was expected of it.  How much wider or
 * narrower than expected intervals must be is estimated from the mean square of
 * these ratios together with a prior: as many further ratios as
 * SI_WIDENING_PRIOR tells, of mean square SI_WIDENING_SQUARE.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/decompose/si_seasonal.h"
#include "core/forecast/ets/si_ets.h"
#include "core/forecast/si_ensemble.h"
#include "core/forecast/si_fit.h"
#include "core/stats/distribution/si_beta.h"
#include "core/si_tolerance.h"

#define ORIGINS				3
#define LEAST_KNOWN			8	/* values before an origin, or for a choice */
#define PER_ORIGIN			2	/* independent errors of an origin, or so */
#define LARGEST_RATIO		10.0	/* an error beyond counts as one of this */
#define LONG_SEASON			24	/* from here on, decomposition alone */
#define MOSTLY				0.5	/* share of zeros that make demand rare */

static int
most_seasons(int seasons, const int *season)
{
	int			most = 1;
	int			i;

	for (i = 0; i < seasons; i++)
		most = season[i] > most ? season[i] : most;
	return most;
}

/* ----- What the series is like ----- */

static bool
is_constant(int n, const double *y)
{
	int			i;

	for (i = 1; i < n; i++)
	{
		if (y[i] != y[0])
			return false;
	}
	return true;
}

static bool
is_intermittent(int n, const double *y)
{
	int			zeros = 0;
	int			i;

	for (i = 0; i < n; i++)
	{
		if (y[i] < 0.0)
			return false;
		zeros += y[i] == 0.0;
	}
	return zeros >= MOSTLY * n && zeros < n;
}

/* Mean size of the step from the season before, or from the value before. */
static double
naive_scale(int n, const double *y, int season)
{
	double		sum = 0.0;
	int			lag = season < n ? season : 1;
	int			i;

	for (i = lag; i < n; i++)
		sum += fabs(y[i] - y[i - lag]);
	return n > lag ? sum / (n - lag) : 0.0;
}

/* ----- Members ----- */

/* What is not built in, or cannot be fitted with this season, is left out. */
static void
add_member(SiEnsemble *ensemble, SiForecastMethod method,
		   const SiMethodOptions *options, int season)
{
	if (si_method(method) == NULL || !si_method(method)->valid(season, options))
		return;
	ensemble->member[ensemble->members].method = method;
	ensemble->member[ensemble->members].options = *options;
	ensemble->member[ensemble->members].whole = !si_method(method)->adjusts;
	ensemble->members++;
}

static SiEnsemble
full_profile(const SiMethodOptions *options, int season)
{
	SiMethodOptions defaults;
	SiEnsemble	ensemble = {0};

	memset(&defaults, 0, sizeof(defaults));

	add_member(&ensemble, SI_FORECAST_ETS, &defaults, season);
	add_member(&ensemble, SI_FORECAST_CES, &defaults, season);
	add_member(&ensemble, SI_FORECAST_ARIMA, &defaults, season);
	add_member(&ensemble, SI_FORECAST_DOTM, &defaults, season);
	add_member(&ensemble, SI_FORECAST_MSTL, options, season);
	return ensemble;
}

static SiEnsemble
choose_members(const SiFitRequest *request, int n, const double *y, int season,
			   int *bits)
{
	SiEnsemble	ensemble = {0};
	int			i;

	for (i = 0; i < request->methods; i++)
		add_member(&ensemble, request->method[i], &request->options, season);
	if (request->methods > 0)
		return ensemble;
	if (n < LEAST_KNOWN)
	{
		*bits |= SI_FIT_SHORT;
		add_member(&ensemble, SI_FORECAST_THETA, &request->options, season);
		return ensemble;
	}
	if (!request->ensemble && is_intermittent(n, y))
	{
		*bits |= SI_FIT_INTERMITTENT;
		add_member(&ensemble, SI_FORECAST_TSB, &request->options, season);
		return ensemble;
	}
	if (!request->ensemble && season >= LONG_SEASON)
	{
		add_member(&ensemble, SI_FORECAST_MSTL, &request->options, season);
		return ensemble;
	}
	return request->fast ? si_ensemble_fast() :
		full_profile(&request->options, season);
}

/*
 * Squares of very large or small values would leave the range of doubles, so
 * such series are seen through a power of two.
 */
static int
needed_exponent(int n, const double *y)
{
	double		size = 0.0;
	int			exponent;
	int			i;

	for (i = 0; i < n; i++)
		size = fmax(size, fabs(y[i]));
	if (size == 0.0 || (size <= SI_FIT_LARGEST && size >= 1.0 / SI_FIT_LARGEST))
		return 0;
	(void) frexp(size, &exponent);
	return exponent;
}

/* out may be number itself. */
static void
scale_numbers(int n, const double *number, int exponent, double *out)
{
	int			i;

	for (i = 0; i < n; i++)
		out[i] = exponent == 0 ? number[i] : ldexp(number[i], exponent);
}

/* A likelihood beyond all bounds, as of errors of zero, is none. */
static void
clean_members(SiForecast *forecast)
{
	int			i;

	for (i = 0; i < forecast->members; i++)
	{
		SiForecastModel *model = &forecast->member[i];

		if (isinf(model->log_likelihood))
			model->log_likelihood = NAN;
		if (isinf(model->aicc))
			model->aicc = NAN;
		if (isinf(model->variance))
			model->variance = NAN;
	}
}

/* Members that reproduce the past without error need no others beside them. */
static void
keep_exact(SiForecast *forecast)
{
	int			exact = 0;
	int			i;

	for (i = 0; i < forecast->members; i++)
	{
		if (forecast->member[i].variance == 0.0)
			forecast->member[exact++] = forecast->member[i];
	}
	if (exact > 0)
		forecast->members = exact;
}

/* Whether what was fitted is not among what was wanted. */
static bool
is_stand_in(const SiEnsemble *ensemble, const SiForecast *forecast)
{
	int			i;

	for (i = 0; i < ensemble->members; i++)
	{
		if (ensemble->member[i].method == forecast->member[0].method)
			return false;
	}
	return true;
}

/* ----- Seasons ----- */

/* The season that members see: the longest one that the series shows twice. */
static int
usable_season(const SiForecast *forecast, int *bits)
{
	int			season = 1;
	int			i;

	for (i = 0; i < forecast->seasons; i++)
	{
		if (2 * forecast->season[i] > forecast->n)
			*bits |= SI_FIT_LONG_SEASON;
		else if (season == 1)
			season = forecast->season[i];
	}
	return season;
}

/* The series with its seasonal factors, if there are any. */
static SiSeries
prepare_series(int n, const double *y, int season, double *factor,
			   SiWork *work, SiPulse pulse)
{
	SiSeries	series = {n, y, season, NULL};
	SiWork		rest = *work;
	double	   *room = si_work_take(&rest, 2 * (size_t) season);

	if (season > 1 && n >= 3 * season &&
		si_seasonal_test(n, y, season, pulse) &&
		si_seasonal_factors(n, y, season, true, factor, room, pulse))
		series.factor = factor;
	return series;
}

/* ----- Errors held back ----- */

double
si_fit_deviation(const SiForecastModel *model, double variance, int step)
{
	bool		rare = model->method == SI_FORECAST_CROSTON ||
		model->method == SI_FORECAST_TSB;

	if (variance >= 0.0 && isfinite(variance))
		return sqrt(variance);
	return sqrt(model->variance * (rare ? 1.0 : step + 1.0));
}

double
si_fit_reach(const SiForecast *forecast, double level)
{
	return forecast->widening * si_t_two_sided(forecast->freedom, 1.0 - level);
}

/* A fit to what was known at an origin. */
typedef struct Origin
{
	SiEnsemble	ensemble;
	SiForecastModel model[SI_FORECAST_MEMBERS];
	int			models;
	double	   *factor;
	double	   *fitted;
	double	   *mean;
	double	   *variance;
} Origin;

static void
take_origin(Origin *origin, const SiEnsemble *ensemble,
			const SiForecast *forecast, int season, SiWork *work)
{
	int			states = si_ensemble_states(ensemble, season);
	int			i;

	origin->ensemble = *ensemble;
	for (i = 0; i < SI_FORECAST_MEMBERS; i++)
		origin->model[i].state = si_work_take(work, states);
	origin->factor = si_work_take(work, season);
	origin->fitted = si_work_take(work, forecast->n);
	origin->mean = si_work_take(work, forecast->steps);
	origin->variance = si_work_take(work, forecast->steps);
}

/* From now on the members are those of the whole, in the variants chosen. */
static void
keep_variants(Origin *origin, const SiForecast *forecast)
{
	int			i;

	origin->ensemble.members = forecast->members;
	for (i = 0; i < forecast->members; i++)
	{
		const SiForecastModel *model = &forecast->member[i];
		SiMember   *member = &origin->ensemble.member[i];

		member->method = model->method;
		member->options = si_method_like(model);
		member->whole = model->method == SI_FORECAST_ETS ?
			model->form[SI_ETS_FACTORED] == 0 :
			!si_method(model->method)->adjusts;
	}
}

static void
hold_origin(const SiForecast *forecast, Origin *origin, const double *y,
			int known, int season, double *held, SiWork *work, SiPulse pulse)
{
	SiSeries	series = prepare_series(known, y, season, origin->factor, work,
										pulse);
	SiWork		rest = *work;
	int			h;

	(void) si_ensemble_fit(&series, &origin->ensemble, origin->model,
						   &origin->models, origin->fitted, &rest, pulse);
	rest = *work;
	si_ensemble_forecast(origin->model, origin->models, forecast->steps,
						 origin->mean, origin->variance, &rest, pulse);
	for (h = 0; h < forecast->steps; h++)
	{
		double		error = y[known + h] - origin->mean[h];
		double		ratio = error / si_fit_deviation(origin->model,
													 origin->variance[h], h);

		held[h] = isfinite(ratio) ? ratio : NAN;
	}
}

/* How many origins, and how far apart, a series has room for. */
static void
place_origins(const SiFitRequest *request, SiForecast *forecast, int season)
{
	int			least = LEAST_KNOWN > 2 * season ? LEAST_KNOWN : 2 * season;
	int			steps = request->horizon;

	while (steps > 1 && forecast->n - steps < least)
		steps--;
	forecast->steps = steps;
	forecast->origins = 0;
	while (steps > 0 && forecast->origins < ORIGINS &&
		   forecast->n - (forecast->origins + 1) * steps >= least)
		forecast->origins++;
	if (forecast->origins == 0)
		forecast->steps = 0;
}

static void
learn_widening(SiForecast *forecast)
{
	double		seen = 0.0;
	double		sum = 0.0;
	double		weight;
	int			i;

	for (i = 0; i < forecast->origins * forecast->steps; i++)
	{
		double		size = fabs(forecast->held[i]);

		if (isnan(size))
			continue;
		size = size < LARGEST_RATIO ? size : LARGEST_RATIO;
		sum += size * size;
		seen += 1.0;
	}
	weight = seen > 0.0 ? PER_ORIGIN * forecast->origins : 0.0;
	forecast->freedom = SI_WIDENING_PRIOR + weight;
	forecast->widening = sqrt((SI_WIDENING_PRIOR * SI_WIDENING_SQUARE +
							   (seen > 0.0 ? weight * sum / seen : 0.0)) /
							  forecast->freedom);
}

static void
hold_errors(const SiFitRequest *request, const SiEnsemble *ensemble,
			SiForecast *forecast, const double *y, int season, SiWork *work,
			SiPulse pulse)
{
	SiWork		rest;
	Origin		origin;
	int			i;

	place_origins(request, forecast, season);
	forecast->held = si_work_take(work, (size_t) forecast->origins *
								  forecast->steps);
	rest = *work;
	if (forecast->origins > 0)
		take_origin(&origin, ensemble, forecast, season, &rest);
	for (i = 0; i < forecast->origins; i++)
	{
		hold_origin(forecast, &origin, y,
					forecast->n - (i + 1) * forecast->steps, season,
					forecast->held + (size_t) i * forecast->steps, &rest,
					pulse);
		keep_variants(&origin, forecast);
	}
	learn_widening(forecast);
}

/* ----- The whole ----- */

static SiArimaOptions
largest_arima(int season)
{
	SiArimaOptions options = {true, {8, 2, 8, 0, 0, 0, true}};

	if (season > 1)
	{
		options.order.P = options.order.Q = 3;
		options.order.D = 2;
	}
	return options;
}

/* The most that any method needs, of the largest variant. */
static void
most_of_methods(int n, int season, int horizon, size_t *room, int *states)
{
	SiForecastModel model;
	SiMethodOptions options;
	int			i;

	memset(&model, 0, sizeof(model));
	memset(&options, 0, sizeof(options));
	model.season = season;
	options.arima = largest_arima(season);
	options.seasons = 2;
	options.season[0] = options.season[1] = season;
	for (i = 0; i < SI_FORECAST_METHODS; i++)
	{
		const SiMethod *method = si_method((SiForecastMethod) i);
		size_t		its;

		if (method == NULL)
			continue;
		its = method->room(n, season, &options);
		*room = its > *room ? its : *room;
		its = method->forecast_room(&model, horizon);
		*room = its > *room ? its : *room;
		if (method->states(season, &options) > *states)
			*states = method->states(season, &options);
	}
}

size_t
si_fit_room(const SiFitRequest *request, int n, int seasons, const int *season)
{
	int			most = most_seasons(seasons, season);
	size_t		room = 0;
	int			states = 0;

	most_of_methods(n, most, request->horizon, &room, &states);
	return room + 2 * SI_FORECAST_MEMBERS *
		((size_t) states + n + 2 * request->horizon + 1) +
		4 * (size_t) most + 5 * (size_t) n +
		(ORIGINS + 4) * (size_t) request->horizon;
}

int
si_fit(const SiFitRequest *request, SiForecast *forecast, SiWork *work,
	   SiPulse pulse)
{
	int			n = forecast->n;
	int			bits = is_constant(n, forecast->y) ? SI_FIT_CONSTANT : 0;
	int			season = usable_season(forecast, &bits);
	SiEnsemble	ensemble = choose_members(request, n, forecast->y, season,
										  &bits);
	double	   *y = si_work_take(work, n);
	double	   *factor = si_work_take(work, season);
	SiSeries	series;
	SiWork		rest;
	int			i;

	for (i = 0; i < SI_FORECAST_MEMBERS; i++)
		forecast->member[i].state =
			si_work_take(work, si_ensemble_states(&ensemble, season));
	forecast->exponent = needed_exponent(n, forecast->y);
	scale_numbers(n, forecast->y, -forecast->exponent, y);
	series = prepare_series(n, y, season, factor, work, pulse);
	rest = *work;
	(void) si_ensemble_fit(&series, &ensemble, forecast->member,
						   &forecast->members, forecast->fitted, &rest, pulse);
	scale_numbers(n, forecast->fitted, forecast->exponent, forecast->fitted);
	clean_members(forecast);
	forecast->fallback = (bits & SI_FIT_SHORT) != 0 ||
		is_stand_in(&ensemble, forecast);
	if (n >= LEAST_KNOWN)
		keep_exact(forecast);
	forecast->scale = ldexp(naive_scale(n, y, season), forecast->exponent);
	hold_errors(request, &ensemble, forecast, y, season, work, pulse);
	return bits;
}
