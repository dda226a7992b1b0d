/*
 * si_boost.h
 *	  Gradient boosting of shallow trees on binned rows, one tree a call.
 *
 * Minimises the weighted log loss of margins (log-odds) by adding trees, each
 * fitted to first and second derivatives at the margins so far, with L2
 * penalty on leaf values.
 *
 * Usage: bin the rows (si_bins.h); set data, options, train, margin, pulse and
 * work of an SiBoost, the margin of every row to si_boost_base or the like;
 * call si_boost_start once, then si_boost_grow_tree as often as wanted, and
 * after each si_forest_append (si_forest.h) with boost.tree.  The host stops
 * early by si_boost_loss of rows held out, whose margins it moves along with
 * si_boost_update_margins.
 *
 * Method: second-order boosting with histograms (Chen & Guestrin 2016,
 * "XGBoost: a scalable tree boosting system", KDD; Ke et al. 2017, "LightGBM",
 * NIPS 30): of two children the smaller one's histogram is built, the other's
 * is the difference.  Rows stay in lists by node, gradients beside them.
 *
 * Accuracy: gradients are fixed-point numbers of 31 bits relative to the
 * largest weight (si_histogram.h).  Sums of them are exact: a tree does not
 * depend on the order of the rows, to the last bit, nor on anything else than
 * the arithmetic of IEEE doubles and exp() of the C library.
 */
#ifndef SI_BOOST_H
#define SI_BOOST_H

#include "core/si_core.h"
#include "core/trees/si_bins.h"
#include "core/trees/si_histogram.h"

#define SI_MAX_TREE_DEPTH	16

/* Binned rows; at most UINT32_MAX of them. */
typedef struct SiBoostData
{
	int64_t		rows;
	int			nfeatures;		/* at least 1, at most SI_MAX_FEATURES */
	const SiBinning *binning;	/* nfeatures */
	const uint8_t *bins;		/* rows * si_bins_stride(nfeatures) */
	const double *weight;		/* finite, not negative; NULL: all are one */
	const uint8_t *positive;	/* 0 or 1 */
	const uint64_t *hash;		/* of each row, for subsampling; NULL: its
								 * number serves, if rows have a fixed order */
} SiBoostData;

typedef struct SiBoostOptions
{
	int			depth;			/* splits from root to leaf, 1 to
								 * SI_MAX_TREE_DEPTH */
	double		learning_rate;	/* above 0 */
	double		lambda;			/* L2 penalty on leaf values, at least 0 */
	double		min_gain;		/* least gain of a split (XGBoost's gamma) */
	double		min_hessian;	/* least sum of second derivatives in a leaf
								 * (min_child_weight) */
	int64_t		min_leaf;		/* least rows of a leaf, at least 1; rows of
								 * weight zero do not count */
	double		subsample;		/* share of rows for each tree, (0, 1] */
	uint64_t	seed;			/* of the subsamples */
	double		category_smooth;	/* added to the second derivatives of a
									 * level before levels are ordered */
	double		category_l2;	/* added to lambda where categories split */
	const int8_t *monotone;		/* by feature: 1 rising, -1 falling, 0 free;
								 * NULL: all free; ignored for categories */
} SiBoostOptions;

/*
 * A node of the tree grown last.  Children have greater numbers; node 0 is the
 * root.  Rows go left whose bin is in left_bins; missing is bin 0.
 */
typedef struct SiTreeNode
{
	int32_t		left;			/* the right one is left + 1; 0: a leaf */
	int32_t		feature;
	int32_t		last_bin;		/* numeric: last bin on the left */
	int32_t		place;			/* room for whoever reorders nodes */
	double		value;			/* leaf: what it adds to the margin */
	double		cover;			/* weight of the training rows in it */
	double		gain;			/* twice the fall in penalised loss, before
								 * the learning rate; 0 of a leaf */
	uint64_t	left_bins[SI_BINS / 64];
} SiTreeNode;

typedef struct SiTree
{
	int			nnodes;
	SiTreeNode *node;
} SiTree;

typedef struct SiBoost
{
	/* set by the host */
	const SiBoostData *data;
	const SiBoostOptions *options;
	int64_t		ntrain;
	const uint32_t *train;		/* rows to learn from; NULL: 0 to ntrain - 1 */
	double	   *margin;			/* by row number; those of the training rows
								 * are kept up to date */
	SiPulse		pulse;
	void	   *work;			/* si_boost_work_size() bytes, aligned for
								 * doubles */
	/* set by si_boost_start and si_boost_grow_tree */
	int			ntrees;			/* grown so far; numbers the subsamples */
	double		unit;			/* the largest weight */
	SiTree		tree;			/* the last one, until the next call */
	SiHistogram histogram;
	SiHistCell *cells;			/* histograms along a path of the tree */
	uint32_t   *row[2];			/* lists of rows by node, in turn by depth */
	SiGradient *gradient[2];
} SiBoost;

/* The most nodes of a tree. */
extern int64_t si_boost_max_nodes(const SiBoostOptions *options,
								  int64_t ntrain);
extern size_t si_boost_work_size(const SiBoostData *data,
								 const SiBoostOptions *options,
								 int64_t ntrain);

/* SI_EMPTY if no training row has weight. */
extern SiStatus si_boost_start(SiBoost *boost);

/* The log-odds of the training rows' labels; SI_EMPTY without both classes. */
extern SiStatus si_boost_base(const SiBoost *boost, double *margin);

/*
 * Grows boost->tree and adds it to the margins of the training rows, of those
 * left out by subsampling or for weight zero too.  A tree that finds no split
 * is a single leaf.
 */
extern void si_boost_grow_tree(SiBoost *boost);

/*
 * Adds the tree to margin[r] of the rows r listed, or with row NULL of rows 0
 * to n - 1.
 */
extern void si_boost_update_margins(const SiBoostData *data,
									const SiTree *tree, int64_t n,
									const uint32_t *row, double *margin,
									SiPulse pulse);

/*
 * The mean log loss, weighted, of those rows.  NaN without weight.
 */
extern double si_boost_loss(const SiBoostData *data, int64_t n,
							const uint32_t *row, const double *margin,
							SiPulse pulse);

/* Of bins: bin b is in. */
static inline bool
si_bins_contain(const uint64_t *set, unsigned b)
{
	return set[b / 64] >> b % 64 & 1;
}

static inline void
si_bins_include(uint64_t *set, unsigned b)
{
	set[b / 64] |= UINT64_C(1) << b % 64;
}

#endif							/* SI_BOOST_H */
