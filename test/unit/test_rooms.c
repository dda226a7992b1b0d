/*
 * test_rooms.c
 *
 * Every method fitted to odd series, in rooms of exactly the size asked for and
 * with guards behind them: what a room's function forgets is written over a
 * guard.  Forecasts are finite, and the bytes of each model decode.
 */
#include "tap.h"

#include <math.h>

#include "core/forecast/si_fit.h"
#include "forecasts.h"

#define GUARDS	64				/* doubles */
#define STEPS	30
#define KINDS	8				/* of series */
#define HUGE	6				/* the kind that must be scaled for a fit */
#define FREE	3				/* choices that name no method */

/* A room of n doubles; the guards are numbers that no method computes. */
static double
guard(int i)
{
	return -1234567.0 - i;
}

static double *
guarded(size_t n)
{
	double	   *room = malloc((n + GUARDS) * sizeof(double));

	for (int i = 0; i < GUARDS; i++)
		room[n + i] = guard(i);
	return room;
}

/* Frees the room. */
static bool
is_intact(double *room, size_t n)
{
	bool		intact = true;

	for (int i = 0; i < GUARDS; i++)
		intact &= room[n + i] == guard(i);
	free(room);
	return intact;
}

static double
made(int kind, int i, int season)
{
	switch (kind)
	{
		case 0:
			return 100 + i + 10 * sin(2 * M_PI * i / season) + i * 7919 % 13;
		case 1:
			return i * 7919 % 5 == 0 ? 3.0 : 0.0;
		case 2:
			return -50.0 + i * 31 % 17;
		case 3:
			return 5.0;
		case 4:
			return i == 7 ? 1e12 : 1.0 + i % 3;
		case 5:
			return 100.0 + 10 * i;
		case HUGE:
			return 1e298 * (i % 4 + 1);
		default:
			return 0.0;
	}
}

/* What is asked: by number, first the free choices, then each method. */
static SiFitRequest
request_of(int choice, int horizon, const SiForecast *forecast)
{
	SiFitRequest request;

	memset(&request, 0, sizeof(request));
	request.horizon = horizon;
	request.fast = choice == 1;
	request.ensemble = choice == 2;
	if (choice >= FREE)
	{
		request.methods = 1;
		request.method[0] = (SiForecastMethod) (choice - FREE);
	}
	request.options.seasons = forecast->seasons;
	memcpy(request.options.season, forecast->season,
		   sizeof(forecast->season));
	return request;
}

static bool
continues(const SiForecast *forecast)
{
	size_t		room = si_ensemble_forecast_room(forecast->member,
												 forecast->members, STEPS);
	SiWork		work = {guarded(room), room};
	double	   *start = work.next;
	double	   *mean = guarded(STEPS);
	double	   *variance = guarded(STEPS);
	bool		finite = true;

	si_ensemble_forecast(forecast->member, forecast->members, STEPS, mean,
						 variance, &work, pulse);
	for (int h = 0; h < STEPS; h++)
		finite &= isfinite(mean[h]) != 0;
	return (int) is_intact(start, room) & (int) is_intact(mean, STEPS) &
		(int) is_intact(variance, STEPS) & (int) finite;
}

/*
 * A method alone, whose room may be less than what si_fit has for the largest
 * of all.
 */
static bool
fits_alone(const SiForecast *forecast, SiForecastMethod which)
{
	const SiMethod *method = si_method(which);
	int			n = forecast->n;
	int			season = 2 * forecast->season[0] > n ? 1 : forecast->season[0];
	SiMethodOptions options = {.seasons = season > 1 ? forecast->seasons : 0};
	SiSeries	series = {n, forecast->y, season, NULL};
	size_t		room = method->room(n, season, &options);
	int			states = method->states(season, &options);
	SiForecastModel model = {.state = guarded(states)};
	double	   *fitted = guarded(n);
	double	   *start = guarded(room);
	SiWork		work = {start, room};
	bool		good = true;

	memcpy(options.season, forecast->season, sizeof(options.season));
	if (method->valid(season, &options) &&
		method->fit(&series, which, &options, &model, fitted, &work,
					pulse) == SI_OK)
	{
		SiForecast	alone = {.members = 1, .member[0] = model};

		good = model.states <= states && continues(&alone);
	}
	return (int) is_intact(model.state, states) & (int) is_intact(start, room) &
		(int) is_intact(fitted, n) & (int) good;
}

static bool
decodes(const SiForecast *forecast)
{
	size_t		size = si_forecast_size(forecast);
	uint8_t    *bytes = malloc(size);
	double	   *room = malloc(size);
	SiForecast	again;
	bool		decoded;

	si_forecast_encode(forecast, bytes);
	decoded = si_forecast_decode(bytes, size, &again, room) == SI_OK;
	free(bytes);
	free(room);
	return decoded;
}

static bool
fits(int kind, int n, int season, int choice, int horizon)
{
	SiForecast	forecast;
	SiFitRequest request;
	size_t		room;
	double	   *start;
	bool		good;
	SiWork		work;

	memset(&forecast, 0, sizeof(forecast));
	forecast.kind = 2;
	forecast.calendar = (SiCalendar) {SI_UNIT_POSITION, 1, 0, 0, 1, 0};
	forecast.n = n;
	forecast.y = guarded(n);
	forecast.fitted = guarded(n);
	for (int i = 0; i < n; i++)
		forecast.y[i] = made(kind, i, season);
	forecast.seasons = (season > 1) + (season == 24);
	forecast.season[0] = season;
	forecast.season[1] = 7 * season;
	request = request_of(choice, horizon, &forecast);
	room = si_fit_room(&request, n, forecast.seasons, forecast.season);
	work.left = room;
	work.next = start = guarded(room);
	(void) si_fit(&request, &forecast, &work, pulse);
	good = continues(&forecast) && decodes(&forecast) &&
		(choice < FREE || kind == HUGE ||
		 fits_alone(&forecast, (SiForecastMethod) (choice - FREE)));
	return (int) is_intact(start, room) & (int) is_intact(forecast.y, n) &
		(int) is_intact(forecast.fitted, n) & (int) good;
}

static const char *
name_of(int choice)
{
	static const char *const free_choice[FREE] = {"auto", "fast", "ensemble"};

	return choice < FREE ? free_choice[choice] :
		si_method((SiForecastMethod) (choice - FREE))->name;
}

/* Lengths and seasons take turns with kinds and horizons. */
static void
test_choice(int choice)
{
	static const int lengths[] = {1, 2, 3, 6, 8, 13, 26, 41, 60};
	static const int seasons[] = {1, 4, 7, 12, 24};
	static const int horizons[] = {0, 6, 18};
	int			runs = 0;
	int			bad = 0;

	for (int l = 0; l < 9; l++)
	{
		for (int s = 0; s < 5; s++, runs++)
		{
			int			kind = (runs + choice) % KINDS;

			if (fits(kind, lengths[l], seasons[s], choice, horizons[runs % 3]))
				continue;
			printf("# kind %d of %d values, season %d, horizon %d\n", kind,
				   lengths[l], seasons[s], horizons[runs % 3]);
			bad++;
		}
	}
	ok(bad == 0, "%s keeps to its room, of %d odd series", name_of(choice),
	   runs);
}

int
main(void)
{
	for (int choice = 0; choice < FREE + SI_FORECAST_METHODS; choice++)
		test_choice(choice);
	return done_testing();
}
