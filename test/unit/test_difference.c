/*
 * Differences and their tests.  Golden values: R 4.2.2, urca::ur.kpss (type
 * "mu") and the seasonal strength of forecast 8.20 by stats::stl.
 */
#include "arima_samples.h"
#include "core/forecast/arima/si_difference.h"
#include "tap.h"

static int	pulses = 0;

static void
count_pulse(void)
{
	pulses++;
}

static double
strength(int n, const double *y, int season)
{
	double	   *room = malloc(si_difference_strength_room(n, season) *
							  sizeof(double));
	double		found = si_difference_strength(n, y, season, room, no_pulse);

	free(room);
	return found;
}

static void
check_kpss(void)
{
	double		x[144];

	is_close(si_difference_kpss(100, users, 2, no_pulse), .7219743181, 1e-9,
			 "WWWusage, 2 lags");
	memcpy(x, users, sizeof(users));
	ok(si_difference(100, x, 1) == 99, "a difference takes a value");
	is_close(si_difference_kpss(99, x, 2, no_pulse), .2635193988, 1e-9,
			 "its differences");
	is_close(si_difference_kpss(48, hormone, 1, no_pulse), .3678891108, 1e-9, "lh, 1 lag");
	is_close(si_difference_kpss(144, air, 2, no_pulse), 4.342286797, 1e-9,
			 "AirPassengers");
	ok(si_difference_kpss(1, users, 0, no_pulse) == 0.0, "one value is constant");
}

static void
check_order(void)
{
	double		x[100];
	int			n = 100;

	memcpy(x, users, sizeof(users));
	ok(si_difference_order(&n, x, 228.0, no_pulse) == 1 && n == 99, "WWWusage: once");
	n = 48;
	memcpy(x, hormone, sizeof(hormone));
	ok(si_difference_order(&n, x, 3.5, no_pulse) == 0 && n == 48, "lh: never");
	for (int t = 0; t < 100; t++)
		x[t] = t * t;
	n = 100;
	ok(si_difference_order(&n, x, 1e4, no_pulse) == 2 && n == 98, "a parabola: twice");
	for (int t = 0; t < 100; t++)
		x[t] = 0.1 * t;
	n = 100;
	ok(si_difference_order(&n, x, 10.0, no_pulse) == 1, "a line: once");
	ok(si_difference_constant(n, x, 10.0), "which leaves a constant");
	pulses = 0;
	si_difference_kpss(100, x, 9, count_pulse);
	ok(pulses == 10, "the pulse is felt at each lag");
}

static void
check_strength(void)
{
	double		y[40];

	is_close(strength(72, deaths, 12), .944794464889, 1e-10, "USAccDeaths");
	is_close(strength(144, air, 12), .94067249031, 1e-10, "AirPassengers");
	ok(strength(23, deaths, 12) == 0.0, "less than two seasons");
	ok(strength(72, deaths, 1) == 0.0, "no season");
	for (int t = 0; t < 40; t++)
		y[t] = t % 4;
	is_close(strength(40, y, 4), 1.0, 1e-12, "nothing but season");
	for (int t = 0; t < 40; t++)
		y[t] = 3.0;
	ok(strength(40, y, 4) == 0.0, "nothing at all");
}

int
main(void)
{
	check_kpss();
	check_order();
	check_strength();
	return done_testing();
}
