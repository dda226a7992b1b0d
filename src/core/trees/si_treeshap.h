/*
 * si_treeshap.h
 *	  Exact Shapley values of a forest's margin: what each feature adds.
 *
 * The game: for a set of known features the value is the mean leaf, following
 * known features by the row and others by the shares of training rows (cover)
 * on either side (path-dependent TreeSHAP).  Contributions sum up to the
 * margin less the expected margin.
 *
 * Method: the game is that of Lundberg et al. 2020 ("From local explanations
 * to global understanding with explainable AI for trees", Nature Machine
 * Intelligence 2, algorithm 2); the arithmetic is not theirs.  By Owen's
 * multilinear extension (1972, Management Science 18) a leaf of value v whose
 * path has features j, each with share z_j and o_j = 1 if the row agrees with
 * all its splits, else 0, gives feature i
 *
 *	   v (o_i - z_i) * integral over t of prod_{j != i} (z_j (1-t) + o_j t)
 *
 * from 0 to 1.  That is a polynomial of degree below the tree's depth D, for
 * which Gauss-Legendre quadrature with D/2 nodes is exact.  Products at the
 * nodes go down the tree, sums over leaves come up, and each split adds to its
 * feature once: O(leaves * D) a tree, where algorithm 2 takes
 * O(leaves * D^2).  Sums over what lies below a split are shared as in Linear
 * TreeShap (Yu et al. 2022, NeurIPS 35).
 *
 * Special cases: a feature that no tree splits adds zero; a tree of one leaf
 * adds nothing but to the expectation; a share is that of the children, so
 * that covers need not add up.
 * Accuracy: all factors are positive and nothing is divided out that may
 * vanish: a relative rounding error of some D units in the last place, of the
 * sum of absolute leaf values.
 */
#ifndef SI_TREESHAP_H
#define SI_TREESHAP_H

#include "core/trees/si_forest.h"

extern size_t si_treeshap_work_size(const SiForest *forest);

/* The mean margin over training rows, as the covers tell it. */
extern double si_treeshap_expected(const SiForest *forest, SiPulse pulse);

/*
 * Writes the contribution of each of the forest's nfeatures for a row of raw
 * values.  The forest is well formed (si_forest_check).  work is aligned for
 * doubles.
 */
extern void si_treeshap(const SiForest *forest, const double *row,
						double *contribution, void *work, SiPulse pulse);

#endif							/* SI_TREESHAP_H */
