/*
 * Seasons by test, and their factors, against R 4.2's acf and decompose, and
 * by definition.
 */
#include <string.h>

#include "forecasts.h"

/* decompose(AirPassengers, "multiplicative")$figure */
static const double airline_factor[12] = {
	0.910230367372, 0.883625320694, 1.007366287604, 0.975906012323,
	0.981378027495, 1.112775826679, 1.226555542931, 1.219910969446,
	1.060491932647, 0.921757240410, 0.801178082413, 0.898824389985
};

static double factor[64];
static double room[128];

static bool
factors(int n, const double *y, int season, bool shrink)
{
	return si_seasonal_factors(n, y, season, shrink, factor, room, pulse);
}

static void
test_airline(void)
{
	double		worst = 0;
	double		plain[12];
	bool		nearer = true;
	double		sum = 0;
	SiSeries	series = series_of(143, airline, 12, factor);
	double		adjusted[143];
	double		logs = 0;

	ok(si_seasonal_test(144, airline, 12, pulse), "the airline has a season");
	ok(factors(144, airline, 12, false), "and factors");
	for (int i = 0; i < 12; i++)
		worst = fmax(worst, fabs(factor[i] - airline_factor[i]));
	ok(worst < 1e-11, "they are those of R's decompose");
	memcpy(plain, factor, sizeof(plain));
	factors(144, airline, 12, true);
	for (int i = 0; i < 12; i++)
	{
		nearer &= fabs(factor[i] - 1) < fabs(plain[i] - 1) &&
			fabs(factor[i] - plain[i]) < 0.01;
		sum += factor[i];
	}
	ok(nearer, "clear factors are hardly shrunk, but they are");
	is_close(sum, 12, 1e-12, "and have mean 1 still");

	factors(143, airline, 12, true);
	is_close(factor[0], 0.910840011112580, 1e-12,
			 "shrunk by the share in R's ratios, of 143 values");
	is_close(factor[6], 1.225467671736991, 1e-12, "another phase");
	factors(144, airline, 12, true);

	si_seasonal_adjust(&series, adjusted);
	is_close(adjusted[142] * factor[10], airline[142], 1e-12,
			 "adjusted by its own factor");
	for (int t = 0; t < 143; t++)
		logs += log(airline[t] / adjusted[t]);
	is_close(si_seasonal_log_jacobian(&series), logs, 1e-9,
			 "logarithms of factors, the last season being short");
}

static void
test_rule(void)
{
	double		y[36];
	double		up[12];

	for (int t = 0; t < 36; t++)
		y[t] = 5;
	ok(!si_seasonal_test(36, y, 12, pulse), "constants have no season");
	for (int t = 0; t < 36; t++)
		y[t] = 1e9 + (t % 12 == 3);
	ok(si_seasonal_test(36, y, 12, pulse), "a small season on a high level has");
	for (int t = 0; t < 36; t++)
		y[t] = (t % 12 == 3) * 1e300;
	ok(si_seasonal_test(36, y, 12, pulse), "so has one of huge values");
	ok(!si_seasonal_test(35, y, 12, pulse), "but not with 35 months");
	ok(!si_seasonal_test(36, y, 1, pulse), "a season of one is none");
	for (int t = 0; t < 36; t++)
		y[t] = 10 + t % 2;
	ok(si_seasonal_test(36, y, 2, pulse), "one of two is");
	for (int t = 0; t < 36; t++)
		y[t] = 1e6 + (t % 12 == 3) * 1e-9;
	ok(!si_seasonal_test(36, y, 12, pulse), "rounding has no season");
	for (int t = 0; t < 12; t++)
		up[t] = t;
	ok(!si_seasonal_test(12, up, 4, pulse), "a trend alone has no season");
}

/*
 * Ratios by hand: values 2 1 3 2 | 2 1 3 2 | ... have moving average 2, odd
 * seasons 1 2 3 likewise.
 */
static void
test_by_hand(void)
{
	static const double even[4] = {2, 1, 3, 2};
	double		y[24];

	for (int t = 0; t < 24; t++)
		y[t] = even[t % 4];
	ok(factors(24, y, 4, false) && factor[0] == 1 && factor[1] == 0.5 &&
	   factor[2] == 1.5 && factor[3] == 1, "factors of an even season");
	ok(factors(24, y, 4, true) && fabs(factor[2] - 1.5) < 1e-12,
	   "what repeats exactly is not shrunk");
	for (int t = 0; t < 24; t++)
		y[t] = 1 + t % 3;
	ok(factors(23, y, 3, false) && factor[0] == 0.5 && factor[1] == 1 &&
	   factor[2] == 1.5, "factors of an odd season");
	ok(factors(6, y, 3, false) && !factors(5, y, 3, false),
	   "two seasons will do, less will not");
}

static void
test_zeros(void)
{
	double		y[48];

	for (int t = 0; t < 48; t++)
		y[t] = airline[t];
	y[7] = y[13] = y[30] = 0;
	ok(factors(48, y, 12, false), "single zeros are no obstacle");
	memset(y, 0, 30 * sizeof(double));
	ok(factors(48, y, 12, false) == false,
	   "a phase that is only seen as zero has no usable factor");
	for (int t = 0; t < 48; t++)
		y[t] = t < 14 ? 0 : airline[t];
	ok(factors(48, y, 12, false), "a year of zeros at the start is passed by");
	for (int t = 0; t < 48; t++)
		y[t] = t % 12 == 7 ? 0 : airline[t];
	ok(!factors(48, y, 12, false), "closed each August: no factor");
	y[7] = -1;
	ok(!factors(48, y, 12, false), "nor with a value below zero");
	memset(y, 0, sizeof(y));
	ok(!factors(48, y, 12, true), "nor from nothing");
	for (int t = 0; t < 48; t++)
		y[t] = 1e308;
	ok(!factors(48, y, 12, true), "nor beyond what sums can hold");
}

static void
test_scale(void)
{
	double		y[144];
	double		first[12];
	bool		same = true;

	factors(144, airline, 12, true);
	memcpy(first, factor, sizeof(first));
	for (int t = 0; t < 144; t++)
		y[t] = airline[t] * 0x1p-40;
	ok(factors(144, y, 12, true), "factors of small values");
	for (int i = 0; i < 12; i++)
		same &= factor[i] == first[i];
	ok(same, "are the same");
	for (int t = 0; t < 144; t++)
		y[t] = t == 70 ? 1e30 : airline[t];
	factors(144, y, 12, true);
	ok(isfinite(factor[0]), "one huge outlier leaves numbers");
}

int
main(void)
{
	test_airline();
	test_rule();
	test_by_hand();
	test_zeros();
	test_scale();
	return done_testing();
}
