/*
 * si_bins.h
 *	  From feature values to bins of one byte, for histogram-based trees.
 *
 * Bin 0 always means missing.  A numeric feature has up to 255 further bins
 * between edges, of which alone it keeps record: value x is in the first bin b
 * with x <= edge[b - 1], or in the last.  A category feature has one bin for
 * each level, level number + 1, and the host gives pooled rare levels the bin
 * after the last level; it cuts levels to SI_MAX_BIN_LEVELS before binning.
 *
 * The bins of many rows lie row by row, each row in a stride of
 * si_bins_stride() bytes whose last ones, beyond the features, are zero.
 */
#ifndef SI_BINS_H
#define SI_BINS_H

#include "core/lead/si_lead_model.h"
#include "core/si_core.h"

#define SI_BINS				256 /* what a byte can tell apart */
#define SI_MAX_VALUE_BINS	255 /* most bins beside that of missing values */
#define SI_MAX_BIN_LEVELS	254 /* most levels beside missing and rare */

/* The bins of one feature: cells are below nbins. */
typedef struct SiBinning
{
	SiFeatureKind kind;
	int			nbins;			/* 1: always missing */
	const double *edge;			/* numeric: nbins - 2 of them, ascending */
} SiBinning;

/* Values to choose edges from, in any order; NaN is missing. */
typedef struct SiBinSample
{
	int64_t		n;
	const double *value;		/* value of row i at value[i * stride] */
	int64_t		stride;
	const double *weight;		/* NULL: every row weighs one */
} SiBinSample;

/* Work memory of si_bins_find for n rows. */
extern size_t si_bins_work_size(int64_t n);

/*
 * Chooses the edges of a numeric feature, for at most max_bins bins beside
 * that of missing values (1 to SI_MAX_VALUE_BINS), into edge, which holds
 * max_bins - 1.  Returns nbins: the number of edges + 2, or 1 if no value is
 * present.
 *
 * Method: up to max_bins distinct values have a bin each.  Otherwise bins are
 * filled, from the smallest value up, to an equal share of the weight that is
 * left; a value that weighs a share by itself gets a bin by itself.  An edge
 * lies midway between the neighbouring distinct values.
 * Special cases: a row of weight zero counts as absent; infinities are values;
 * -0.0 equals 0.0.
 */
extern int	si_bins_find(const SiBinSample *sample, int max_bins, void *work,
						 double *edge, SiPulse pulse);

/*
 * The number of edges below value, of n ascending ones, by halving without
 * branches: a step keeps the half in which the answer lies.  0 for NaN.
 */
static inline int
si_bins_below(const double *edge, int n, double value)
{
	const double *base = edge;

	while (n > 1)
	{
		int			half = n / 2;

		base += half & -(base[half - 1] < value);
		n -= half;
	}
	return (int) (base - edge) + (n == 1 && *base < value);
}

/* The edge between two neighbouring values: low <= edge < high. */
extern double si_bins_edge(double low, double high);

/* The bin of one number. */
extern uint8_t si_bins_code(const SiBinning *binning, double value);

/*
 * The bins of a column: of value[i * stride] to bins[i * bins_stride], of a
 * category from its bin as a number (anything but 1 to nbins - 1 is missing).
 * Where rows lie row by row, a call for each feature of a few hundred rows is
 * far faster than one call a column.
 */
extern void si_bins_encode(const SiBinning *binning, int64_t n,
						   const double *value, int64_t stride,
						   uint8_t *bins, int bins_stride, SiPulse pulse);

/* Bytes of a row of bins: a multiple of four. */
static inline int
si_bins_stride(int nfeatures)
{
	return (nfeatures + 3) / 4 * 4;
}

/*
 * The bin that a category has in a row of doubles.  0 for all that is none.
 */
static inline unsigned
si_bins_level(double value)
{
	return value > 0 && value < SI_BINS ? (unsigned) value : 0;
}

#endif							/* SI_BINS_H */
