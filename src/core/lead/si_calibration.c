/*
 * si_calibration.c
 *	  From a margin (log-odds) to a calibrated probability.
 *
 * Special cases: margins are finite.  Where doubles run out (a margin beyond
 * 36 is a probability of 1) the result stops at the nearest double inside
 * (0,1), so that it is never certain; there, and only there, different
 * margins may share a probability.  A slope of zero makes Platt's curve, and
 * an isotonic map outside its steps, flat.
 */
#include "core/lead/si_calibration.h"

#include <float.h>
#include <math.h>

#define PLATT_SHARE		0.001	/* of Platt's curve in an isotonic map */

double
si_logistic(double margin)
{
	double		e = exp(-fabs(margin));

	return (margin >= 0.0 ? 1.0 : e) / (1.0 + e);
}

/*
 * The isotonic map between knot left and the next: a straight line.  The rise
 * is cut at the right knot, because rounding may carry it past.
 */
static double
interpolate(const SiCalibration *calibration, int left, double margin)
{
	const double *x = calibration->margin + left;
	const double *y = calibration->probability + left;
	double		way;

	/* halves, because the distance of two doubles may overflow */
	way = (0.5 * margin - 0.5 * x[0]) / (0.5 * x[1] - 0.5 * x[0]);
	return fmin(y[0] + (y[1] - y[0]) * way, y[1]);
}

/* The last knot at or below margin, which lies between the outer knots. */
static int
find_knot(const SiCalibration *calibration, double margin)
{
	int			left = 0;
	int			right = calibration->nknots - 1;

	while (right - left > 1)
	{
		int			middle = left + (right - left) / 2;

		if (calibration->margin[middle] <= margin)
			left = middle;
		else
			right = middle;
	}
	return left;
}

/* Where margin lies among the cells of a guide; monotone in margin. */
static int
guide_cell(const SiCalibration *calibration, double margin)
{
	double		low = calibration->margin[0];
	double		high = calibration->margin[calibration->nknots - 1];

	double		way = (0.5 * margin - 0.5 * low) / (0.5 * high - 0.5 * low);

	/* halves of the smallest numbers may be equal: then way is NaN */
	return way > 0 && way <= 1 ? (int) (way * (SI_GUIDE_CELLS - 1)) : 0;
}

/* The same knot from a start at the last knot of the cell before. */
static int
find_knot_guided(const SiCalibration *calibration, const uint16_t *guide,
				 double margin)
{
	int			left = guide[guide_cell(calibration, margin)];

	while (left < calibration->nknots - 2 &&
		   calibration->margin[left + 1] <= margin)
		left++;
	return left;
}

void
si_calibration_guide(const SiCalibration *calibration, uint16_t *guide)
{
	int			knot = 0;

	for (int cell = 0; cell < SI_GUIDE_CELLS; cell++)
	{
		while (knot < calibration->nknots - 1 &&
			   guide_cell(calibration, calibration->margin[knot + 1]) < cell)
			knot++;
		guide[cell] = (uint16_t) knot;
	}
}

static double
keep_inside(double probability)
{
	const double highest = 1.0 - DBL_EPSILON / 2.0;

	if (probability < DBL_MIN)
		return DBL_MIN;
	return probability > highest ? highest : probability;
}

double
si_calibrate_guided(const SiCalibration *calibration, const uint16_t *guide,
					double margin)
{
	int			last = calibration->nknots - 1;
	double		platt;
	double		isotonic;

	if (calibration->kind == SI_CALIBRATION_NONE)
		return keep_inside(si_logistic(margin));

	platt = si_logistic(calibration->intercept + calibration->slope * margin);
	if (calibration->kind == SI_CALIBRATION_PLATT || last < 0)
		return keep_inside(platt);

	if (margin <= calibration->margin[0])
		isotonic = calibration->probability[0];
	else if (margin >= calibration->margin[last])
		isotonic = calibration->probability[last];
	else
		isotonic = interpolate(
			calibration,
			guide ? find_knot_guided(calibration, guide, margin) :
					find_knot(calibration, margin),
			margin);
	return keep_inside(PLATT_SHARE * platt + (1.0 - PLATT_SHARE) * isotonic);
}

double
si_calibrate(const SiCalibration *calibration, double margin)
{
	return si_calibrate_guided(calibration, NULL, margin);
}
