/*
 * Minima without derivatives: functions whose minimum is known.
 */
#include <math.h>

#include "core/forecast/si_simplex.h"
#include "tap.h"

static double
rosenbrock(const double *x, void *arg)
{
	int		   *calls = arg;

	(*calls)++;
	return 100.0 * pow(x[1] - x[0] * x[0], 2) + pow(1.0 - x[0], 2);
}

/* The lowest point within is on the bound x[0] = 1. */
static double
bounded(const double *x, void *arg)
{
	return x[0] < 1.0 ? INFINITY : x[0] + x[1] * x[1];
}

/* Undefined beyond the bound. */
static double
logarithm(const double *x, void *arg)
{
	return x[0] - log(x[0]);
}

int
main(void)
{
	SiSimplexOptions options = {10000, 1e-14};
	SiSimplexOptions few = {50, 1e-14};
	double		room[32];
	double		step[2] = {0.5, 0.5};
	double		x[2] = {-1.2, 1.0};
	int			calls = 0;
	double		value;

	value = si_simplex_minimise(2, x, step, rosenbrock, &calls, &options, room);
	ok(si_simplex_room(2) <= 32, "room for two variables");
	ok(value < 1e-12 && fabs(x[0] - 1.0) < 1e-5 && fabs(x[1] - 1.0) < 1e-5,
	   "Rosenbrock's valley is followed to its end");

	x[0] = -1.2;
	x[1] = 1.0;
	calls = 0;
	value = si_simplex_minimise(2, x, step, rosenbrock, &calls, &few, room);
	ok(calls <= 53 && value < 24.2, "evaluations are limited, not for nothing");
	ok(value == rosenbrock(x, &calls), "the value is that of the point");

	x[0] = 3.0;
	x[1] = -2.0;
	value = si_simplex_minimise(2, x, step, bounded, NULL, &options, room);
	ok(fabs(value - 1.0) < 1e-4 && x[0] >= 1.0, "infinity is a bound");

	x[0] = 0.1;
	step[0] = -0.5;
	value = si_simplex_minimise(1, x, step, logarithm, NULL, &options, room);
	ok(fabs(x[0] - 1.0) < 1e-6, "NaN is one, too, and one variable will do");
	return done_testing();
}
