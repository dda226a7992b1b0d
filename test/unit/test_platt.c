/*
 * test_platt.c
 *
 * Platt's line against R 4.2.2, with w the weights over their mean, P and N
 * the sums of w over the positive and the negative rows, and y = (P+1)/(P+2)
 * or 1/(N+2):
 *
 *	   glm(y ~ margin, quasibinomial, weights = w,
 *		   control = list(epsilon = 1e-15))
 *
 * and against the likelihood equations.
 */
#include "tap.h"

#include "core/lead/si_calibration.h"
#include "scored.h"

#define ROWS	400

static void
is_line(const SiCalibration *line, double intercept, double slope,
		const char *name)
{
	is_close(line->intercept / intercept, 1.0, 1e-9, "%s: intercept", name);
	is_close(line->slope / slope, 1.0, 1e-9, "%s: slope", name);
}

static void
test_golden(void)
{
	SiScored	rows[CARS];
	SiCalibration line;

	car_rows(car_mpg, false, rows);
	ok(si_platt_fit(CARS, rows, -1, &line, pulse) == SI_OK &&
	   line.kind == SI_CALIBRATION_PLATT && line.nknots == 0, "cars by mpg");
	is_line(&line, -5.21546711074515201, 0.23841734454790917, "as glm()");
	car_rows(car_mpg, true, rows);
	si_platt_fit(CARS, rows, -1, &line, pulse);
	is_line(&line, -5.14385711799353285, 0.22445296999970457,
			"as glm(weights)");
	si_platt_fit(CARS, rows, 0, &line, pulse);
	is_line(&line, -5.02058348457180603, 0.22851304615713713,
			"as glm(weights) without one fold");
	for (int i = 0; i < CARS; i++)
		rows[i].score = rows[i].score * 1e6 + 1e7;
	si_platt_fit(CARS, rows, -1, &line, pulse);
	is_line(&line, -7.3883868179905807, 2.2445296999970468e-07,
			"as glm(), large margins");
}

/* Both derivatives of the likelihood, relative to their largest possible. */
static void
derivatives(int n, const SiScored *rows, const SiCalibration *line,
			double *by_intercept, double *by_slope)
{
	double		weight[2] = {0.0, 0.0};
	double		most = 0.0;
	double		unit;

	for (int i = 0; i < n; i++)
		weight[rows[i].positive] += rows[i].weight;
	unit = n / (weight[0] + weight[1]);
	*by_intercept = *by_slope = 0.0;
	for (int i = 0; i < n; i++)
	{
		double		target = rows[i].positive ?
			(unit * weight[1] + 1.0) / (unit * weight[1] + 2.0) :
			1.0 / (unit * weight[0] + 2.0);
		double		eta = line->intercept + line->slope * rows[i].score;
		double		residual = unit * rows[i].weight *
			(target - 1.0 / (1.0 + exp(-eta)));

		*by_intercept += residual;
		*by_slope += residual * rows[i].score;
		most = fmax(most, fabs(rows[i].score));
	}
	*by_intercept /= n;
	*by_slope /= n * most;
}

static void
test_equations(double scale, double shift, double weight)
{
	SiScored	rows[ROWS];
	SiCalibration line;
	double		by_intercept;
	double		by_slope;

	random_rows(ROWS, 1 << 30, 1, rows);
	for (int i = 0; i < ROWS; i++)
	{
		rows[i].score = scale * log(rows[i].score / (1.0 - rows[i].score)) +
			shift;
		rows[i].weight = weight * (0.1 + random_unit());
	}
	ok(si_platt_fit(ROWS, rows, -1, &line, pulse) == SI_OK &&
	   line.slope > 0.0, "margins %g * logit + %g, weights near %g",
	   scale, shift, weight);
	derivatives(ROWS, rows, &line, &by_intercept, &by_slope);
	is_close(by_intercept, 0.0, 1e-8, "no slope left along the intercept");
	is_close(by_slope, 0.0, 1e-8, "no slope left along the slope");
}

static void
test_order_and_weights(void)
{
	SiScored	rows[ROWS];
	SiCalibration first;
	SiCalibration line;

	random_rows(ROWS, 40, 5, rows);
	si_platt_fit(ROWS, rows, -1, &first, pulse);
	shuffle_rows(ROWS, rows);
	si_platt_fit(ROWS, rows, -1, &line, pulse);
	is_line(&line, first.intercept, first.slope, "rows in any order");
	scale_weights(ROWS, 1e-9, rows);
	si_platt_fit(ROWS, rows, -1, &line, pulse);
	is_line(&line, first.intercept, first.slope, "weights of any scale");
}

static bool
is_flat(int n, const SiScored *rows, double rate, SiStatus want)
{
	SiCalibration line;
	SiStatus	status = si_platt_fit(n, rows, -1, &line, pulse);

	return status == want && line.slope == 0.0 &&
		fabs(si_calibrate(&line, 3.0) - rate) < 1e-12;
}

static void
test_special(void)
{
	SiScored	rows[ROWS];
	SiCalibration line;

	ok(si_platt_fit(0, NULL, -1, &line, pulse) == SI_EMPTY, "no rows");
	for (int i = 0; i < 100; i++)
	{
		rows[i].score = i;
		rows[i].weight = 2.0;
		rows[i].positive = i >= 50;
		rows[i].fold = 1;
	}
	ok(si_platt_fit(100, rows, 1, &line, pulse) == SI_EMPTY, "every row skipped");
	ok(si_platt_fit(100, rows, -1, &line, pulse) == SI_OK &&
	   isfinite(line.slope) && line.slope > 0.1, "separation has a finite line");
	for (int i = 0; i < 100; i++)
		rows[i].positive = i < 20;
	ok(is_flat(100, rows, (20 * 21.0 / 22.0 + 80 / 82.0) / 100, SI_OK),
	   "a falling line is flat at the mean target");
	for (int i = 0; i < 100; i++)
	{
		rows[i].score = 1.0 / 3.0;
		rows[i].positive = i % 4 == 0;
	}
	ok(is_flat(100, rows, (25 * 26.0 / 27.0 + 75 / 77.0) / 100, SI_OK),
	   "constant margins");
	for (int i = 0; i < 100; i++)
		rows[i].score = 0.0;
	ok(is_flat(100, rows, (25 * 26.0 / 27.0 + 75 / 77.0) / 100, SI_OK),
	   "all margins zero");
	for (int i = 0; i < 100; i++)
	{
		rows[i].score = i % 10;
		rows[i].positive = true;
	}
	ok(si_platt_fit(100, rows, -1, &line, pulse) == SI_OK &&
	   fabs(si_calibrate(&line, 5.0) - 101.0 / 102.0) < 1e-6,
	   "positives only");
	for (int i = 0; i < 100; i++)
		rows[i].positive = false;
	ok(si_platt_fit(100, rows, -1, &line, pulse) == SI_OK &&
	   fabs(si_calibrate(&line, 5.0) - 1.0 / 102.0) < 1e-6, "negatives only");
	ok(si_platt_fit(1, rows, -1, &line, pulse) == SI_OK &&
	   fabs(si_calibrate(&line, 5.0) - 1.0 / 3.0) < 1e-12, "a single row");
	scale_weights(100, 0.0, rows);
	ok(si_platt_fit(100, rows, -1, &line, pulse) == SI_EMPTY, "no weight");
}

/* One margin far outside must not stop the search. */
static void
test_outlier(double outlier)
{
	SiScored	rows[ROWS];
	SiCalibration line;

	random_rows(ROWS, 1 << 30, 1, rows);
	rows[ROWS - 1].score = outlier;
	ok(si_platt_fit(ROWS, rows, -1, &line, pulse) == SI_OK &&
	   isfinite(line.intercept) && isfinite(line.slope) && line.slope >= 0.0,
	   "one margin of %g", outlier);
}

int
main(void)
{
	test_golden();
	test_equations(1.0, 0.0, 1.0);
	test_equations(1e-3, 5.0, 1e6);
	test_equations(1e5, -1e5, 1e-6);
	test_equations(1e150, 0.0, 1.0);
	test_order_and_weights();
	test_special();
	test_outlier(100.0);
	test_outlier(1e6);
	test_outlier(1e308);
	test_outlier(-1e308);
	return done_testing();
}
