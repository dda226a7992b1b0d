/*
 * si_stirling.h
 *	  Gamma functions and powers of large numbers without cancellation: what
 *	  the gamma, beta and hypergeometric distributions share.
 */
#ifndef SI_STIRLING_H
#define SI_STIRLING_H

#include <float.h>
#include <math.h>

/* From here on five terms of the series suffice. */
#define SI_STIRLING_SHAPE	16.0

/* ln Gamma(a) less Stirling's formula, for a of SI_STIRLING_SHAPE or more. */
static inline double
si_stirling_error(double a)
{
	double		r = 1 / (a * a);

	return (1 / 12.0 - r * (1 / 360.0 - r * (1 / 1260.0 -
		r * (1 / 1680.0 - r / 1188.0)))) / a;
}

/*
 * a ln(a/x) + x - a.  With v = (a - x) / (a + x) the logarithm is
 * 2 (v + v^3/3 + v^5/5 + ...), and the first term cancels all but (a - x) v.
 */
static inline double
si_deviance(double a, double x)
{
	double		v = (a - x) / (a + x);
	double		power = 2 * a * v;
	double		sum = (a - x) * v;

	if (fabs(v) > 0.5)
		return a * log(a / x) + (x - a);
	for (int k = 3; fabs(power) > DBL_EPSILON / 4 * sum; k += 2)
	{
		power *= v * v;
		sum += power / k;
	}
	return sum;
}

#endif							/* SI_STIRLING_H */
