/*
 * si_grid.h
 *	  A series of equally spaced values from rows that have gaps and doubles.
 */
#ifndef SI_GRID_H
#define SI_GRID_H

#include "core/si_core.h"

typedef enum SiDuplicates
{
	SI_DUPLICATES_SUM,
	SI_DUPLICATES_MEAN,
	SI_DUPLICATES_ERROR
} SiDuplicates;

typedef enum SiMissing
{
	SI_MISSING_INTERPOLATE,
	SI_MISSING_ZERO,
	SI_MISSING_ERROR
} SiMissing;

typedef struct SiGridRow
{
	int64_t		period;			/* from 0 */
	double		value;
} SiGridRow;

typedef struct SiGridCount
{
	int64_t		missing;		/* periods without a row */
	int64_t		doubles;		/* rows in a period beside its first one */
	int64_t		first_missing;	/* a period, or -1 */
	int64_t		first_double;
} SiGridCount;

/*
 * Fills y for periods 0 to n - 1 from rows ascending by period, which are all
 * in that range; there is at least one row.  Counts what was missing and
 * double, and fills the series even where the caller calls that an error.
 */
extern void si_grid_fill(int64_t rows, const SiGridRow *row,
						 SiDuplicates duplicates, SiMissing missing,
						 int64_t n, double *y, SiGridCount *count,
						 SiPulse pulse);

#endif							/* SI_GRID_H */
