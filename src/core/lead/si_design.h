/*
 * si_design.h
 *	  Compact training rows and their expansion into design columns.
 *
 * A row is an array of cells, one per source feature.  A numeric cell holds
 * the raw value, NaN when missing; a category cell holds the number of its
 * design column, or -1 for the reference level.  Rows stay compact in memory
 * and are expanded a block at a time: column 0 is the intercept, numeric
 * columns are standardised, indicators are 0 or 1.
 */
#ifndef SI_DESIGN_H
#define SI_DESIGN_H

#include "core/lead/si_lead_model.h"
#include "core/si_core.h"

#define SI_BLOCK_ROWS	256

typedef struct SiCell
{
	SiFeatureKind kind;
	double		center;			/* numeric: z = (value - center) * scale */
	double		scale;			/* 0 for a constant */
	int			column;			/* numeric: its design column */
	int			missing_column; /* numeric: indicator, -1 for none */
} SiCell;

typedef struct SiDesign
{
	int64_t		rows;
	int			ncells;			/* cells of a row */
	int			dense;			/* leading numeric cells that are never missing;
								 * cell j is then design column 1 + j */
	const double *center; /* of the dense cells, once more, side by side */
	const double *scale;
	int			columns;		/* design columns, the intercept included */
	const SiCell *cell;
	const double *cells;		/* rows * ncells */
	const double *weight;		/* NULL: every row weighs one */
	const uint8_t *positive;
} SiDesign;

/* Half-open range of rows. */
typedef struct SiRange
{
	int64_t		first;
	int64_t		last;
} SiRange;

/* Write rows [first, first + n) as n x columns doubles into z. */
extern void si_design_expand(const SiDesign *design, int64_t first, int n,
							 double *z);

#endif							/* SI_DESIGN_H */
