/*
 * si_sum.h
 *	  Compensated sums: a running total as an unevaluated pair of doubles.
 *
 * Method: each term is added by TwoSum (Knuth), whose exact rounding error is
 * collected in the low part; the pair is then renormalised, so that low never
 * exceeds half a unit in the last place of high.  Merging two sums adds their
 * parts the same way.
 *
 * Special cases: once the total is not finite the low part is zero, so that
 * Inf stays Inf (a compensation would be Inf - Inf) and NaN stays NaN.
 *
 * Accuracy: adding a term loses at most 2^-105 of the total; terms of one sign
 * therefore give a relative error below n * 2^-105.  The sum rounded to double
 * is the same for any order of the terms and any split into partial sums,
 * unless the exact sum lies within that distance of the midpoint of two
 * neighbouring doubles.  Sums of integers are exact as long as terms stay below
 * 2^53 and totals below 2^105.
 *
 * Must be compiled without -ffast-math, on a machine without excess precision.
 *
 * Reference: Joldes, Muller and Popescu, "Tight and rigorous error bounds for
 * basic building blocks of double-word arithmetic", ACM Trans. Math. Softw. 44
 * (2017), algorithm 4 (DWPlusFP).
 */
#ifndef SI_SUM_H
#define SI_SUM_H

#include <math.h>

typedef struct SiSum
{
	double		high;
	double		low;
} SiSum;

/* Adds x; returns what was rounded off, exactly: mostly 0. */
static inline double
si_sum_add_lost(SiSum *sum, double x)
{
	double		total = sum->high + x;
	double		part = total - sum->high;
	double		error = (sum->high - (total - part)) + (x - part);
	double		low = error + sum->low;
	double		kept = low - error;
	double		lost = (error - (low - kept)) + (sum->low - kept);

	sum->high = total + low;
	sum->low = low - (sum->high - total);
	if (!isfinite(sum->high))
	{
		sum->high = total;
		sum->low = 0.0;
	}
	return lost;
}

static inline void
si_sum_add(SiSum *sum, double x)
{
	(void) si_sum_add_lost(sum, x);
}

/* Adds a * b with the product's rounding error, so that nothing is lost. */
static inline void
si_sum_add_product(SiSum *sum, double a, double b)
{
	double		product = a * b;

	si_sum_add(sum, product);
	if (isfinite(product))
		si_sum_add(sum, fma(a, b, -product));
}

static inline void
si_sum_merge(SiSum *sum, const SiSum *other)
{
	double		low = other->low;	/* other may be sum itself */

	si_sum_add(sum, other->high);
	si_sum_add(sum, low);
}

static inline double
si_sum_value(const SiSum *sum)
{
	return sum->high + sum->low;
}

#endif							/* SI_SUM_H */
