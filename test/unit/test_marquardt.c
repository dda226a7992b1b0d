/*
 * Least squares whose solution is known.
 */
#include "arima_samples.h"
#include "core/forecast/arima/si_marquardt.h"
#include "tap.h"

static const SiMarquardtOptions patient = {200, 1e-15};

/* Rosenbrock's valley as two residuals. */
static bool
valley(const double *x, double *residual, void *arg)
{
	residual[0] = 10.0 * (x[1] - x[0] * x[0]);
	residual[1] = 1.0 - x[0];
	return true;
}

/* A line through four points, but no slope above the bound. */
static bool
line(const double *x, double *residual, void *arg)
{
	double	   *bound = arg;

	for (int i = 0; i < 4; i++)
		residual[i] = x[0] + x[1] * i - (1.0 + 2.0 * i + (i == 1) - (i == 2));
	return x[1] <= *bound;
}

/* The second variable does nothing, the third what the first does. */
static bool
idle(const double *x, double *residual, void *arg)
{
	residual[0] = x[0] + x[2] - 3.0;
	residual[1] = 2.0 * (x[0] + x[2]) - 6.5;
	return true;
}

/* A parabola through six points of one. */
static bool
parabola(const double *x, double *residual, void *arg)
{
	for (int i = 0; i < 6; i++)
		residual[i] = x[0] + (x[1] + x[2] * i) * i - (3.0 + (2.0 - i) * i);
	return true;
}

/* Steps of Gauss and Newton's, hardly damped, solve what is linear at once. */
static void
check_rounds(void)
{
	static const SiMarquardtOptions hasty = {4, 1e-15};
	double		room[30];
	double		x[3] = {0.0, 0.0, 0.0};

	si_marquardt_minimise(3, 6, x, parabola, NULL, &hasty, NULL, room);
	ok(fabs(x[0] - 3.0) + fabs(x[1] - 2.0) + fabs(x[2] + 1.0) < 1e-7,
	   "three variables, in four rounds");
}

int
main(void)
{
	double		room[32];
	double		x[3] = {-1.2, 1.0, 0.0};
	double		bound = 10.0;
	bool		converged;
	double		sum;

	sum = si_marquardt_minimise(2, 2, x, valley, NULL, &patient, &converged,
								room);
	ok(si_marquardt_room(3, 4) <= 32, "room for three variables");
	ok(sum < 1e-12 && fabs(x[0] - 1.0) < 1e-5 && fabs(x[1] - 1.0) < 1e-5,
	   "Rosenbrock's valley is followed to its end");

	x[0] = x[1] = 0.0;
	sum = si_marquardt_minimise(2, 4, x, line, &bound, &patient, &converged,
								room);
	is_close(x[1], 1.8, 1e-6, "a line's slope");
	is_close(sum, 1.8, 1e-9, "and what it leaves");
	ok(converged, "to the end");

	x[0] = x[1] = 0.0;
	bound = 1.5;
	sum = si_marquardt_minimise(2, 4, x, line, &bound, &patient, &converged,
								room);
	ok(x[1] <= 1.5 && sum < 14.0, "a bound is not passed");
	x[1] = 2.0;
	ok(isinf(si_marquardt_minimise(2, 4, x, line, &bound, &patient,
								   &converged, room)), "nor started beyond");

	x[0] = x[2] = 0.0;
	x[1] = 5.0;
	sum = si_marquardt_minimise(3, 2, x, idle, NULL, &patient, &converged,
								room);
	is_close(sum, 0.05, 1e-9, "variables that are one too many");
	ok(x[1] == 5.0, "one that does nothing stays");
	ok(si_marquardt_minimise(0, 2, x, idle, NULL, &patient, &converged,
							 room) == sum && converged, "none at all");
	check_rounds();
	return done_testing();
}
