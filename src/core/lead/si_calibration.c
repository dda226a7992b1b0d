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
 * The isotonic map: straight lines between knots, flat outside.  The rise is
 * cut at the right knot, because rounding may carry it past.
 */
static double
interpolate(const SiCalibration *calibration, double margin)
{
	const double *x = calibration->margin;
	const double *y = calibration->probability;
	int			left = 0;
	int			right = calibration->nknots - 1;
	double		way;

	if (margin <= x[left])
		return y[left];
	if (margin >= x[right])
		return y[right];
	while (right - left > 1)
	{
		int			middle = left + (right - left) / 2;

		if (x[middle] <= margin)
			left = middle;
		else
			right = middle;
	}
	/* halves, because the distance of two doubles may overflow */
	way = (0.5 * margin - 0.5 * x[left]) / (0.5 * x[right] - 0.5 * x[left]);
	return fmin(y[left] + (y[right] - y[left]) * way, y[right]);
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
si_calibrate(const SiCalibration *calibration, double margin)
{
	double		platt;

	if (calibration->kind == SI_CALIBRATION_NONE)
		return keep_inside(si_logistic(margin));

	platt = si_logistic(calibration->intercept + calibration->slope * margin);
	if (calibration->kind == SI_CALIBRATION_PLATT || calibration->nknots < 1)
		return keep_inside(platt);

	return keep_inside(PLATT_SHARE * platt +
					   (1.0 - PLATT_SHARE) * interpolate(calibration, margin));
}
