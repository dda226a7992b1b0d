/*
 * test_calibration.c
 *
 * Applying a calibration: the maps by definition, strictly increasing,
 * strictly inside (0,1), whatever the margin.
 */
#include "tap.h"

#include <float.h>

#include "core/lead/si_calibration.h"
#include "scored.h"

static double knot_margin[] = {-2.0, -0.5, 0.0, 3.0};
static double knot_probability[] = {0.0, 0.25, 0.25, 1.0};

static SiCalibration
calibration_of(SiCalibrationKind kind)
{
	SiCalibration calibration = {kind, -0.5, 0.8, 0, NULL, NULL};

	if (kind == SI_CALIBRATION_ISOTONIC)
	{
		calibration.nknots = 4;
		calibration.margin = knot_margin;
		calibration.probability = knot_probability;
	}
	return calibration;
}

static void
test_logistic(void)
{
	ok(si_logistic(0.0) == 0.5, "logistic of 0");
	is_close(si_logistic(1.0), 0.73105857863000488, 1e-15, "logistic of 1");
	is_close(si_logistic(-700.0) / exp(-700.0), 1.0, 1e-15, "logistic of -700");
	ok(si_logistic(1e308) == 1.0 && si_logistic(-1e308) == 0.0,
	   "logistic of the largest");
	ok(isnan(si_logistic(NAN)), "logistic of NaN");
}

/* The isotonic map is 0.999 of the lines and 0.001 of Platt's curve. */
static double
mixed(double margin, double line)
{
	return 0.001 / (1.0 + exp(0.5 - 0.8 * margin)) + 0.999 * line;
}

static void
test_definition(void)
{
	SiCalibration none = calibration_of(SI_CALIBRATION_NONE);
	SiCalibration platt = calibration_of(SI_CALIBRATION_PLATT);
	SiCalibration isotonic = calibration_of(SI_CALIBRATION_ISOTONIC);

	is_close(si_calibrate(&none, 1.0), 0.73105857863000488, 1e-15, "none");
	is_close(si_calibrate(&platt, 2.0), si_logistic(1.1), 1e-15, "Platt");
	is_close(si_calibrate(&isotonic, -9.0), mixed(-9.0, 0.0), 1e-15,
			 "isotonic, left of the knots");
	is_close(si_calibrate(&isotonic, -2.0), mixed(-2.0, 0.0), 1e-15,
			 "isotonic, at the first knot");
	is_close(si_calibrate(&isotonic, -0.8), mixed(-0.8, 0.2), 1e-15,
			 "isotonic, between knots");
	is_close(si_calibrate(&isotonic, -0.5), mixed(-0.5, 0.25), 1e-15,
			 "isotonic, at a knot");
	is_close(si_calibrate(&isotonic, -0.2), mixed(-0.2, 0.25), 1e-15,
			 "isotonic, on a flat piece");
	is_close(si_calibrate(&isotonic, 1.0), mixed(1.0, 0.5), 1e-15,
			 "isotonic, on the last line");
	is_close(si_calibrate(&isotonic, 99.0), mixed(99.0, 1.0), 1e-15,
			 "isotonic, right of the knots");
	isotonic.nknots = 1;
	is_close(si_calibrate(&isotonic, 5.0), mixed(5.0, 0.0), 1e-15, "one knot");
	isotonic.nknots = 0;
	is_close(si_calibrate(&isotonic, 2.0), si_logistic(1.1), 1e-15,
			 "no knot: Platt");
}

static void
test_rising(SiCalibrationKind kind, const char *name)
{
	SiCalibration calibration = calibration_of(kind);
	const double extremes[] = {-DBL_MAX, -1e6, -800.0, 50.0, 800.0, DBL_MAX};
	double		last = 0.0;
	bool		rising = true;
	bool		inside = true;

	for (int i = -20000; i <= 20000; i++)
	{
		double		p = si_calibrate(&calibration, i * 1e-3);

		rising &= p > last;
		last = p;
	}
	ok(rising, "%s: strictly increasing", name);
	for (size_t i = 0; i < sizeof(extremes) / sizeof(double); i++)
	{
		double		p = si_calibrate(&calibration, extremes[i]);

		inside &= p > 0.0 && p < 1.0;
	}
	ok(inside, "%s: strictly inside (0,1) at any margin", name);
}

/* Knots as near and as far as doubles allow. */
static void
test_extreme_knots(void)
{
	double		margin[] = {-DBL_MAX, 1.0, 1.0 + DBL_EPSILON, DBL_MAX};
	double		probability[] = {0.1, 0.2, 0.7, 0.9};
	SiCalibration calibration = {SI_CALIBRATION_ISOTONIC, 0.0, 0.0, 4,
	margin, probability};
	const double mid = 0.0005;

	is_close(si_calibrate(&calibration, 1.0), mid + 0.999 * 0.2, 1e-15,
			 "left of two adjacent doubles");
	is_close(si_calibrate(&calibration, 1.0 + DBL_EPSILON), mid + 0.999 * 0.7,
			 1e-15, "right of them");
	is_close(si_calibrate(&calibration, -0.5 * DBL_MAX), mid + 0.999 * 0.15,
			 1e-15, "halfway along the longest line");
}

static void
test_guide(void)
{
	SiCalibration calibration = calibration_of(SI_CALIBRATION_ISOTONIC);
	double		margins[300];
	double		probabilities[300];
	uint16_t	guide[SI_GUIDE_CELLS];
	int			differ = 0;

	for (int i = 0; i < 300; i++)
	{
		/* knots far apart, and many in one cell */
		margins[i] = i < 10 ? -1e6 + i * 1e5 : i * 0.01;
		probabilities[i] = i / 300.0;
	}
	calibration.nknots = 300;
	calibration.margin = margins;
	calibration.probability = probabilities;
	si_calibration_guide(&calibration, guide);
	for (int i = -2000; i < 5000; i++)
	{
		double		margin = i < 0 ? i * 600.0 : i * 0.001;

		differ += si_calibrate_guided(&calibration, guide, margin) !=
			si_calibrate(&calibration, margin);
	}
	for (int i = 0; i < 300; i++)
		differ += si_calibrate_guided(&calibration, guide, margins[i]) !=
			si_calibrate(&calibration, margins[i]);
	ok(differ == 0, "a guide changes no bit of any probability");

	/* the smallest numbers, whose halves are equal */
	margins[0] = 3 * 4.94e-324;
	margins[1] = 5 * 4.94e-324;
	calibration.nknots = 2;
	si_calibration_guide(&calibration, guide);
	ok(si_calibrate_guided(&calibration, guide, 4 * 4.94e-324) > 0,
	   "a guide over two neighbouring numbers");
}

int
main(void)
{
	test_logistic();
	test_definition();
	test_rising(SI_CALIBRATION_NONE, "none");
	test_rising(SI_CALIBRATION_PLATT, "Platt");
	test_rising(SI_CALIBRATION_ISOTONIC, "isotonic");
	test_extreme_knots();
	test_guide();
	return done_testing();
}
