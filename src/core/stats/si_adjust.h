/*
 * si_adjust.h
 *	  p-values of many tests, adjusted for their number.
 */
#ifndef SI_ADJUST_H
#define SI_ADJUST_H

#include "core/stats/si_sort.h"

typedef enum SiAdjustment
{
	SI_ADJUST_BONFERRONI,
	SI_ADJUST_HOLM,
	SI_ADJUST_BH,
	SI_ADJUST_BY
} SiAdjustment;

/*
 * Items have the sort key of a p-value in [0,1] and a place below n; adjusted
 * gets the result at that place.  Items are sorted; scratch has their size.
 */
extern void si_adjust(SiAdjustment method, int64_t n, SiKeyed *items,
					  SiKeyed *scratch, double *adjusted, SiPulse pulse);

#endif							/* SI_ADJUST_H */
