/*
 * si_split.h
 *	  The best split of a tree node, from its histogram.
 *
 * A split is worth  S(left) + S(right) - S(node)  with
 * S = G^2 / (H + lambda), twice what it takes off the penalised second-order
 * loss (Chen & Guestrin 2016, equation 7), where G and H are sums of first
 * and second derivatives; the value of a leaf is -G / (H + lambda).
 */
#ifndef SI_SPLIT_H
#define SI_SPLIT_H

#include "core/trees/si_boost.h"

/* A node to be split: sums of its rows, bounds that its value must keep. */
typedef struct SiSplitNode
{
	SiHistCell	sum;
	double		low;			/* -Inf: none */
	double		high;
} SiSplitNode;

typedef struct SiSplit
{
	int			feature;		/* -1: no split is allowed, or worth it */
	int			last_bin;		/* numeric: last bin on the left */
	double		gain;
	uint64_t	left_bins[SI_BINS / 64];
	SiSplitNode child[2];		/* left, right */
} SiSplit;

/* What searching needs; gradients times these scales are real numbers. */
typedef struct SiSplitSearch
{
	const SiBoostOptions *options;
	int			nfeatures;
	const SiBinning *binning;
	const int32_t *offset;		/* of each feature in cells */
	double		g_scale;
	double		h_scale;
} SiSplitSearch;

/*
 * Finds the split of greatest gain.
 *
 * Numeric: every edge, with missing values on either side, and missing values
 * against all others.  Categories, with missing as one level more: levels in
 * order of G / (H + category_smooth), cut at every place; for a convex loss
 * the best of all subsets is among these (Fisher 1958, J. Am. Stat. Assoc.
 * 53), exactly so with both smoothing and penalty zero.  Monotone features:
 * bounds as XGBoost propagates them, a split the wrong way round is refused,
 * and values of the children's offspring stay on their side of the middle.
 *
 * Special cases: of equal gains the first feature, the lowest edge, missing on
 * the right; a missing value or a level that the node has not seen goes the
 * way of more rows; a gain that is rounding only (SI_SPLIT_NOISE) is none.
 */
extern void si_split_find(const SiSplitSearch *search,
						  const SiHistCell *cells, const SiSplitNode *node,
						  SiSplit *split);

/* The value of a leaf before the learning rate; 0 without curvature. */
extern double si_split_value(const SiSplitSearch *search,
							 const SiSplitNode *node);

#endif							/* SI_SPLIT_H */
