/*
 * test_forecast_error.c
 *
 * Errors of forecasts against R, at their edges, for any order and split, and
 * in moving windows.  Golden values: R 4.2 with forecast 8.20, where accuracy()
 * gives MAE, RMSE, MAPE and MASE; the others are written out in R from their
 * definitions.
 */
#include "tap.h"

#include "core/forecast/si_forecast_error.h"
#include "mutants.h"

#define ROWS	3000
#define MONTHS	12

/* Passengers of 1960 (R's AirPassengers), those of 1959 as the forecast. */
static const double passengers[MONTHS] = {
	417, 391, 419, 461, 472, 535, 622, 606, 508, 461, 390, 432
};
static const double last_year[MONTHS] = {
	360, 342, 406, 396, 420, 472, 548, 559, 463, 407, 362, 405
};
static const double lower[MONTHS] = {
	400, 450, 380, 440, 455, 520, 600, 590, 490, 450, 380, 420
};
static const double upper[MONTHS] = {
	430, 460, 425, 470, 480, 545, 640, 600, 520, 470, 400, 440
};

static double
random_unit(void)
{
	return ((mutant_word() >> 11) + 0.5) * 0x1p-53;
}

static SiForecastErrors
errors_of(int n, const double *actual, const double *predicted)
{
	SiForecastErrors errors = {0};

	for (int i = 0; i < n; i++)
		si_forecast_errors_add(&errors, actual[i], predicted[i]);
	return errors;
}

static void
test_golden(void)
{
	const double a[] = {780, 1200.5, 33.3, -12.25, 0.07, 5000, 431, 431};
	const double p[] = {1200, 1100, 40, -10, 0.09, 4321.09, 431, 500.2};
	SiForecastErrors mixed = errors_of(8, a, p);
	SiForecastErrors air = errors_of(MONTHS, passengers, last_year);

	is_close(si_forecast_mae(&mixed), 159.69749999999999, 1e-15, "MAE");
	is_close(si_forecast_rmse(&mixed), 285.53844552879389, 1e-15, "RMSE");
	is_close(si_forecast_mape(&mixed), 19.863805725161068, 1e-15, "MAPE");
	is_close(si_forecast_wape(&mixed), 16.196254620872907, 1e-15, "WAPE");
	is_close(si_forecast_bias(&mixed), -3.5653615817203574, 1e-15, "bias");
	is_close(si_forecast_smape(&mixed), 18.012119100016104, 1e-15, "sMAPE");

	air.scale = 30.449999999999999;
	is_close(si_forecast_mae(&air), 47.833333333333336, 1e-15, "MAE of air");
	is_close(si_forecast_rmse(&air), 50.708316214732804, 1e-15, "RMSE of air");
	is_close(si_forecast_mape(&air), 9.9875329208234849, 1e-15, "MAPE of air");
	is_close(si_forecast_mase(&air), 1.57088122605364, 1e-14, "MASE of air");
	is_close(si_forecast_wape(&air), 10.045502275113755, 1e-15, "WAPE of air");
	is_close(si_forecast_bias(&air), -10.045502275113755, 1e-15,
			 "bias of air: all too low");
	is_close(si_forecast_smape(&air), 10.571808257497899, 1e-15,
			 "sMAPE of air");
}

static void
test_intervals(void)
{
	SiForecastHits hits = {0};
	SiForecastHits within = {0};

	for (int i = 0; i < MONTHS; i++)
	{
		si_forecast_interval_add(&hits, passengers[i], lower[i], upper[i]);
		si_forecast_hits_add(&within, si_forecast_hit(passengers[i],
													  last_year[i], 10.0));
	}
	hits.setting = 0.8;
	is_close(si_interval_score(&hits), 79.583333333333343, 1e-15,
			 "interval score at 80%%");
	hits.setting = 0.95;
	is_close(si_interval_score(&hits), 242.08333333333312, 1e-15,
			 "and at 95%%");
	is_close(si_forecast_share(&hits), 0.83333333333333337, 1e-16, "coverage");
	is_close(si_forecast_share(&within), 0.41666666666666669, 1e-16,
			 "hits within 10%%");
}

static void
test_percent(void)
{
	is_close(si_percent_error(780, 1200, SI_PERCENT_OF_ACTUAL),
			 53.846153846153847, 1e-15, "percent of actual");
	ok(si_percent_error(780, 1200, SI_PERCENT_OF_PREDICTED) == 35.0,
	   "percent of the forecast");
	is_close(si_percent_error(780, 1200, SI_PERCENT_OF_MEAN),
			 42.424242424242422, 1e-15, "percent of the mean");
	ok(si_percent_error(-100, -150, SI_PERCENT_OF_ACTUAL) == -50.0,
	   "the sign is that of predicted - actual");
	ok(isnan(si_percent_error(0, 1, SI_PERCENT_OF_ACTUAL)) &&
	   isnan(si_percent_error(0, 0, SI_PERCENT_OF_ACTUAL)) &&
	   isnan(si_percent_error(1, 0, SI_PERCENT_OF_PREDICTED)) &&
	   isnan(si_percent_error(1e-300, 1, SI_PERCENT_OF_ACTUAL)),
	   "nothing is a percentage of zero");
	ok(si_percent_error(0, 0, SI_PERCENT_OF_MEAN) == 0.0 &&
	   si_percent_error(0, -3, SI_PERCENT_OF_MEAN) == -200.0 &&
	   si_percent_error(-1, 1, SI_PERCENT_OF_MEAN) == 200.0,
	   "of the mean it ends at 200");
}

static void
test_bands(void)
{
	int			in = 0;
	int			out = 0;

	/* decimals of up to three places, off by exactly 10 percent, and more */
	for (int i = 1; i <= ROWS; i++)
	{
		double		actual = i * 10 / 1000.0;

		in += si_forecast_hit(actual, i * 11 / 1000.0, 10.0);
		in += si_forecast_hit(-actual, -i * 9 / 1000.0, 10.0);
		out += si_forecast_hit(actual, (i * 11 + 1) / 1000.0, 10.0);
		out += si_forecast_hit(actual, i * 11 / 1000.0, 9.999999999);
	}
	ok(in == 2 * ROWS, "the edge is in (%d)", in);
	ok(out == 0, "beyond is out (%d)", out);
	ok(si_forecast_hit(0, 0, 0) && !si_forecast_hit(0, 1e-300, 50) &&
	   si_forecast_hit(3, 3, 0), "only the value itself hits 0, or within 0");
}

static void
test_special(void)
{
	const double zero[] = {0, 0};
	const double zero_two[] = {0, 2};
	const double tiny[] = {5e-324, 2};
	const double one_two[] = {1, 2};
	const double most[] = {1e140, -1e140};
	const double least[] = {-1e140, 1e140};
	SiForecastErrors none = {0};
	SiForecastHits no_hits = {0};
	SiForecastErrors errors;

	ok(isnan(si_forecast_mae(&none)) && isnan(si_forecast_rmse(&none)) &&
	   isnan(si_forecast_wape(&none)) && isnan(si_forecast_bias(&none)) &&
	   isnan(si_forecast_mape(&none)) && isnan(si_forecast_smape(&none)) &&
	   isnan(si_forecast_mase(&none)) && isnan(si_forecast_share(&no_hits)) &&
	   isnan(si_interval_score(&no_hits)), "no rows, no measure");
	errors = errors_of(2, zero_two, one_two);
	ok(isnan(si_forecast_mape(&errors)) && si_forecast_wape(&errors) == 50.0 &&
	   si_forecast_smape(&errors) == 100.0, "an actual value of 0");
	errors = errors_of(2, zero, zero);
	ok(isnan(si_forecast_wape(&errors)) && isnan(si_forecast_bias(&errors)) &&
	   isnan(si_forecast_mape(&errors)) && si_forecast_smape(&errors) == 0.0 &&
	   si_forecast_mae(&errors) == 0.0 && isnan(si_forecast_mase(&errors)),
	   "all zero");
	errors = errors_of(2, tiny, one_two);
	ok(isnan(si_forecast_mape(&errors)), "an actual value too near to 0");
	errors = errors_of(2, most, least);
	ok(si_forecast_rmse(&errors) == 2e140 &&
	   si_forecast_bias(&errors) == 0.0 &&
	   si_forecast_wape(&errors) == 200.0 &&
	   si_forecast_smape(&errors) == 200.0,
	   "the largest values");
	errors.scale = 1e-300;
	ok(isnan(si_forecast_mase(&errors)), "a ratio too large");
}

static bool
same(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* How many of the measures of two states are the same double. */
static int
same_errors(const SiForecastErrors *a, const SiForecastErrors *b)
{
	return same(si_forecast_wape(a), si_forecast_wape(b)) +
		same(si_forecast_bias(a), si_forecast_bias(b)) +
		same(si_forecast_mape(a), si_forecast_mape(b)) +
		same(si_forecast_smape(a), si_forecast_smape(b)) +
		same(si_forecast_mae(a), si_forecast_mae(b)) +
		same(si_forecast_rmse(a), si_forecast_rmse(b));
}

#define MEASURES	6

/* Values within a factor of 2^scale; some are zero. */
static void
random_rows(double *actual, double *predicted, int scale)
{
	for (int i = 0; i < ROWS; i++)
	{
		actual[i] = mutant_below(50) == 0 ? 0.0 :
			ldexp(random_unit(), (int) mutant_below(scale + 1));
		predicted[i] = actual[i] * (0.5 + random_unit()) + 0.01;
	}
}

static void
test_parts(void)
{
	static double actual[ROWS];
	static double predicted[ROWS];
	int			equal = 0;

	for (int round = 0; round < 20; round++)
	{
		SiForecastErrors part[5] = {{0}};
		SiForecastErrors whole;
		int			offset = mutant_below(ROWS);

		random_rows(actual, predicted, 20);
		whole = errors_of(ROWS, actual, predicted);
		for (int i = 0; i < ROWS; i++)
		{
			int			k = (i * 7919 + offset) % ROWS;

			si_forecast_errors_add(&part[mutant_below(5)], actual[k],
								   predicted[k]);
		}
		for (int i = 1; i < 5; i++)
			si_forecast_errors_merge(&part[0], &part[i]);
		equal += same_errors(&part[0], &whole);
	}
	ok(equal == 20 * MEASURES,
	   "equal to the last bit in any order and split (%d)", equal);
}

/*
 * Moves a window over rows, starting afresh where remove asks for it; every
 * measure must be that of a fresh window.
 */
static void
test_window(int width, int scale)
{
	static double actual[ROWS];
	static double predicted[ROWS];
	SiForecastErrors window = {0};
	SiForecastHits band = {0};
	int			restarts = 0;
	int			equal = 0;

	random_rows(actual, predicted, scale);
	for (int i = 0; i < ROWS; i++)
	{
		SiForecastHits fresh_band = {0};
		SiForecastErrors fresh;
		int			first = i < width ? 0 : i - width + 1;
		int			gone = first - 1;

		if (gone >= 0 && !si_forecast_errors_remove(&window, actual[gone],
													predicted[gone]))
		{
			window = errors_of(i - first, actual + first, predicted + first);
			restarts++;
		}
		si_forecast_errors_add(&window, actual[i], predicted[i]);
		fresh = errors_of(i - first + 1, actual + first, predicted + first);
		equal += same_errors(&window, &fresh);

		/* intervals of the same rows */
		if (gone >= 0 && !si_forecast_interval_remove(&band, actual[gone], 0.1,
													  predicted[gone] + 0.1))
		{
			const SiForecastHits empty = {0};

			band = empty;
			for (int k = first; k < i; k++)
				si_forecast_interval_add(&band, actual[k], 0.1,
										 predicted[k] + 0.1);
		}
		si_forecast_interval_add(&band, actual[i], 0.1, predicted[i] + 0.1);
		for (int k = first; k <= i; k++)
			si_forecast_interval_add(&fresh_band, actual[k], 0.1,
									 predicted[k] + 0.1);
		equal += same(si_interval_score(&band),
					  si_interval_score(&fresh_band)) &&
			same(si_forecast_share(&band), si_forecast_share(&fresh_band));
	}
	ok(equal == ROWS * (MEASURES + 1),
	   "window of %d, values over 2^%d: as if fresh (%d)", width, scale, equal);
	ok(scale > 20 || restarts == 0, "it starts afresh %d times in %d", restarts,
	   ROWS);
}

int
main(void)
{
	test_golden();
	test_intervals();
	test_percent();
	test_bands();
	test_special();
	test_parts();
	test_window(1, 5);
	test_window(30, 0);
	test_window(30, 20);
	test_window(30, 200);
	test_window(400, 10);
	return done_testing();
}
