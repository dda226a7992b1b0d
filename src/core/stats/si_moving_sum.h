/*
 * si_moving_sum.h
 *	  A compensated sum whose terms come and go, as rows of a moving window.
 *
 * Method: a term is taken away by adding its negative (si_sum.h).  What the
 * steps since the start rounded off is known exactly and its size added up.
 * While that is nothing, as with integers, money, and whatever spans fewer than
 * 106 bits, the sum is exact.  Otherwise it is settled as long as it is below
 * SI_WINDOW_NOISE of the sum: then the sum shows the double that a fresh one
 * would.  Once unsettled, because a large term went and left small ones, it
 * must be summed up again.
 */
#ifndef SI_MOVING_SUM_H
#define SI_MOVING_SUM_H

#include <stdbool.h>

#include "core/si_tolerance.h"
#include "core/stats/si_sum.h"

/* Start from zeroes. */
typedef struct SiMovingSum
{
	SiSum		sum;
	double		noise;			/* sizes of what was rounded off */
} SiMovingSum;

static inline void
si_moving_sum_add(SiMovingSum *moving, double x)
{
	moving->noise += fabs(si_sum_add_lost(&moving->sum, x));
}

static inline void
si_moving_sum_merge(SiMovingSum *moving, const SiMovingSum *other)
{
	double		low = other->sum.low;	/* other may be moving itself */
	double		noise = other->noise;

	si_moving_sum_add(moving, other->sum.high);
	si_moving_sum_add(moving, low);
	moving->noise += noise;
}

static inline bool
si_moving_sum_settled(const SiMovingSum *moving)
{
	return moving->noise <= SI_WINDOW_NOISE * fabs(moving->sum.high);
}

static inline double
si_moving_sum_value(const SiMovingSum *moving)
{
	return si_sum_value(&moving->sum);
}

#endif							/* SI_MOVING_SUM_H */
