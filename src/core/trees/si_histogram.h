/*
 * si_histogram.h
 *	  Gradient sums of the rows of a tree node, by feature and bin.
 *
 * Gradients are fixed-point integers, so that every sum is exact: it does not
 * depend on the order of the rows, a parent's histogram less one child's is
 * the other child's to the last bit, and an empty bin is zero.
 *
 * Method: a bin gathers (g, h * 2^17 + 1) in two 64-bit lanes, which one
 * instruction adds; before 2^16 rows have come, that is before the count could
 * reach the lane of h, the lanes are emptied into the node's wide cells.
 *
 * Accuracy: of one gradient 2^-31 of the largest weight, of one second
 * derivative 2^-32; of sums of n rows no more than n times that.
 */
#ifndef SI_HISTOGRAM_H
#define SI_HISTOGRAM_H

#include "core/si_core.h"
#include "core/trees/si_bins.h"

#define SI_GRADIENT_BITS	30	/* a gradient of size one is 2^30 */
#define SI_CURVATURE_BITS	31	/* a second derivative of 1/4 is 2^29 */

/* First and second derivative of a row's loss by its margin, fixed-point. */
typedef struct SiGradient
{
	int32_t		g;
	int32_t		h;
} SiGradient;

/* Their sums over rows, and how many rows. */
typedef struct SiHistCell
{
	int64_t		g;
	int64_t		h;
	int64_t		n;
} SiHistCell;

#ifdef __GNUC__
typedef int64_t SiLanes __attribute__((vector_size(16)));
#else
typedef struct SiLanes
{
	int64_t		lane[2];
} SiLanes;
#endif

/* What histograms of one training run share. */
typedef struct SiHistogram
{
	int			nfeatures;
	int			stride;
	const uint8_t *bins;
	const SiBinning *binning;
	int32_t    *offset;			/* of each feature's cells; their sum last */
	SiLanes    *lanes;			/* SI_BINS a feature, zero between uses */
	int64_t		pending;		/* rows gathered in them */
} SiHistogram;

/* Cells of a node's histogram. */
extern size_t si_histogram_cells(int nfeatures, const SiBinning *binning);

/* Work memory that offsets and lanes take. */
extern size_t si_histogram_work_size(int nfeatures);

/* Gives the work memory out; bins, binning and sizes are set already. */
extern void si_histogram_start(SiHistogram *shared, void *work);

/*
 * Adds rows, at most SI_HISTOGRAM_ROWS a call, to cells, which start at zero;
 * they are complete after si_histogram_flush.
 */
#define SI_HISTOGRAM_ROWS	4096
extern void si_histogram_add(SiHistogram *shared, int n, const uint32_t *row,
							 const SiGradient *gradient, SiHistCell *cells);
extern void si_histogram_flush(SiHistogram *shared, SiHistCell *cells);

/* cells = cells - less */
extern void si_histogram_subtract(const SiHistogram *shared,
								  SiHistCell *cells, const SiHistCell *less);

#endif							/* SI_HISTOGRAM_H */
