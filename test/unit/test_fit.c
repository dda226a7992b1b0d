/*
 * test_fit.c
 *
 * Models of series: who is fitted, what stands in, errors held back; their
 * bytes, damaged and forged, from which forecasts must not leave their arrays.
 */
#include "tap.h"

#include <math.h>

#include "codec_fuzz.h"
#include "core/forecast/si_fit.h"
#include "core/si_tolerance.h"
#include "forecasts.h"

#define HORIZON	7

typedef struct Fit
{
	SiForecast	forecast;
	double	   *y;
	double	   *fitted;
	double	   *room;
	int			bits;
} Fit;

static Fit
fit(int n, const double *y, int season, const SiFitRequest *request)
{
	Fit			is;
	SiWork		work;

	memset(&is, 0, sizeof(is));
	is.y = malloc((n + 1) * sizeof(double));
	is.fitted = malloc((n + 1) * sizeof(double));
	memcpy(is.y, y, n * sizeof(double));
	is.forecast.kind = 2;
	is.forecast.calendar.unit = SI_UNIT_POSITION;
	is.forecast.calendar.step = is.forecast.calendar.day = 1;
	is.forecast.rows = is.forecast.n = n;
	is.forecast.y = is.y;
	is.forecast.fitted = is.fitted;
	is.forecast.seasons = season > 1;
	is.forecast.season[0] = season;
	work.left = si_fit_room(request, n, is.forecast.seasons,
							is.forecast.season);
	work.next = is.room = malloc(work.left * sizeof(double));
	is.bits = si_fit(request, &is.forecast, &work, pulse);
	return is;
}

static void
done(Fit *is)
{
	free(is->y);
	free(is->fitted);
	free(is->room);
}

static SiFitRequest
request_of(SiForecastMethod method, bool fast, int horizon)
{
	SiFitRequest request;

	memset(&request, 0, sizeof(request));
	request.fast = fast;
	request.horizon = horizon;
	if (method < SI_FORECAST_METHODS)
	{
		request.methods = 1;
		request.method[0] = method;
	}
	return request;
}

static void
next_values(const SiForecast *forecast, int horizon, double *mean)
{
	SiWork		work;
	double	   *variance = malloc(horizon * sizeof(double));
	double	   *room;

	work.left = si_ensemble_forecast_room(forecast->member, forecast->members,
										  horizon);
	work.next = room = malloc((work.left + 1) * sizeof(double));
	si_ensemble_forecast(forecast->member, forecast->members, horizon, mean,
						 variance, &work, pulse);
	free(variance);
	free(room);
}

/* ---------- who is fitted ---------- */

static void
test_choice(void)
{
	SiFitRequest free_choice = request_of(SI_FORECAST_METHODS, false, 0);
	SiFitRequest fast = request_of(SI_FORECAST_METHODS, true, 0);
	SiFitRequest ets = request_of(SI_FORECAST_ETS, false, 0);
	double		rare[40] = {0};
	Fit			is;

	is = fit(144, airline, 12, &free_choice);
	ok(is.forecast.members == 5 && !is.forecast.fallback, "five methods");
	ok(is.forecast.origins == 0 && is.forecast.steps == 0, "no errors held");
	done(&is);
	is = fit(144, airline, 12, &fast);
	ok(is.forecast.members == 4 &&
	   is.forecast.member[0].method == SI_FORECAST_DOTM, "four cheap ones");
	done(&is);
	is = fit(7, nile, 1, &free_choice);
	ok(is.forecast.members == 1 && is.bits == SI_FIT_SHORT &&
	   is.forecast.member[0].method == SI_FORECAST_THETA &&
	   is.forecast.fallback, "seven values: theta stands in");
	done(&is);
	is = fit(3, nile, 1, &ets);
	ok(is.forecast.members == 1 && is.forecast.fallback &&
	   is.forecast.member[0].method == SI_FORECAST_NAIVE,
	   "three values are too few for smoothing: the last one stands in");
	done(&is);
	rare[5] = rare[11] = rare[30] = 4.0;
	is = fit(40, rare, 1, &free_choice);
	ok(is.bits == SI_FIT_INTERMITTENT && is.forecast.members == 1 &&
	   is.forecast.member[0].method == SI_FORECAST_TSB, "rare demand");
	done(&is);
	is = fit(60, airline, 40, &free_choice);
	ok((is.bits & SI_FIT_LONG_SEASON) != 0, "a season not seen twice");
	done(&is);
	is = fit(144, airline, 24, &free_choice);
	ok(is.forecast.members == 1 && is.forecast.member[0].method ==
	   SI_FORECAST_MSTL, "a long season: decomposition");
	done(&is);
}

static void
test_line(void)
{
	SiFitRequest request = request_of(SI_FORECAST_METHODS, false, 3);
	double		line[12];
	double		mean[2];
	double		tall[12];
	Fit			is;
	int			i;

	for (i = 0; i < 12; i++)
	{
		line[i] = 100 + 10 * i;
		tall[i] = ldexp(line[i], 900);
	}
	is = fit(12, line, 1, &request);
	next_values(&is.forecast, 2, mean);
	ok(mean[0] == 220.0 && mean[1] == 230.0, "a line goes on, without error");
	done(&is);
	is = fit(12, tall, 1, &request);
	next_values(&is.forecast, 2, mean);
	ok(ldexp(mean[0], is.forecast.exponent) == ldexp(220.0, 900) &&
	   is.forecast.exponent == 908, "so does one near the end of doubles");
	done(&is);
}

/* ---------- errors held back ---------- */

/* The naive method's are differences over what it expected, sd sqrt(h). */
static void
test_held(void)
{
	SiFitRequest request = request_of(SI_FORECAST_NAIVE, false, 4);
	Fit			is = fit(100, nile, 1, &request);
	double		squares = 0.0;
	double		seen = 0.0;
	bool		right = true;
	int			origin;
	int			h;
	int			i;

	ok(is.forecast.origins == 3 && is.forecast.steps == 4, "three origins");
	for (origin = 0; origin < 3; origin++)
	{
		int			known = 100 - 4 * (origin + 1);

		squares = 0.0;
		for (i = 1; i < known; i++)
			squares += pow(nile[i] - nile[i - 1], 2);
		for (h = 0; h < 4; h++)
		{
			double		error = nile[known + h] - nile[known - 1];
			double		variance = squares / (known - 1) * (h + 1);
			double		ratio = error / sqrt(variance);

			right = right && fabs(is.forecast.held[4 * origin + h] - ratio) <
				1e-12;
			seen += ratio * ratio / 12.0;
		}
	}
	ok(right, "each error over the deviation that was expected of it");
	is_close(is.forecast.freedom, SI_WIDENING_PRIOR + 6.0, 1e-15, "freedom");
	is_close(is.forecast.widening,
			 sqrt((SI_WIDENING_PRIOR * SI_WIDENING_SQUARE + 6.0 * seen) /
				  is.forecast.freedom), 1e-12, "widening");
	ok(si_fit_reach(&is.forecast, 0.8) < si_fit_reach(&is.forecast, 0.95),
	   "a higher level reaches further");
	done(&is);
}

/* ---------- bytes ---------- */

static bool
recode(const uint8_t *bytes, size_t size, bool *same)
{
	SiForecast	forecast;
	double	   *room = malloc(size + sizeof(double));
	bool		opens;

	opens = si_forecast_decode(bytes, size, &forecast, room) == SI_OK;
	if (opens)
	{
		uint8_t    *again = malloc(size);
		double		mean[HORIZON];

		*same = si_forecast_size(&forecast) == size;
		if (*same)
		{
			si_forecast_encode(&forecast, again);
			*same = memcmp(again, bytes, size) == 0;
		}
		if (forecast.members > 0)
			next_values(&forecast, HORIZON, mean);
		(void) si_calendar_place(&forecast.calendar,
								 forecast.first + forecast.n);
		free(again);
	}
	free(room);
	return opens;
}

static void
fuzz_method(SiForecastMethod method, const char *name)
{
	SiFitRequest request = request_of(method, true, 3);
	Fit			is = fit(60, airline, 12, &request);
	size_t		size = si_forecast_size(&is.forecast);
	uint8_t    *bytes = malloc(size);

	si_forecast_encode(&is.forecast, bytes);
	fuzz_codec(name, bytes, size, recode);
	free(bytes);
	done(&is);
}

int
main(void)
{
	int			i;

	test_choice();
	test_line();
	test_held();
	for (i = 0; i <= SI_FORECAST_METHODS; i++)
	{
		const SiMethod *method = i < SI_FORECAST_METHODS ?
			si_method((SiForecastMethod) i) : NULL;

		if (i == SI_FORECAST_METHODS || method != NULL)
			fuzz_method((SiForecastMethod) i,
						method != NULL ? method->name : "the fast ensemble");
	}
	return done_testing();
}
