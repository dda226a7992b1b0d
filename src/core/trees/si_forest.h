/*
 * si_forest.h
 *	  A fitted forest as flat arrays, and scoring of raw values by it.
 *
 * A row is an array of doubles, one a feature: a number, or the bin of a
 * category (si_bins.h); NaN, and for a category also 0, is missing.  The
 * margin is base plus one leaf's value of each tree.
 *
 * Nodes of a tree lie in level order, so that the k-th inner node, from zero,
 * has its children at 2 k + 1 and 2 k + 2: children come after their parent,
 * every node but the root has one parent, and an encoding needs no pointers.
 * Comparing raw values to edges decides exactly as comparing bins did in
 * training, because a bin's upper edge belongs to it.
 */
#ifndef SI_FOREST_H
#define SI_FOREST_H

#include "core/si_core.h"
#include "core/trees/si_bins.h"
#include "core/trees/si_boost.h"

#define SI_MAX_TREES		10000
#define SI_MAX_NODES		(1 << 24)	/* of all trees of an encoded forest */

/*
 * The base and the largest leaf of every tree, by size, add up to no more.
 * Training stays far below; explaining may multiply by some 2^20.
 */
#define SI_MAX_MARGIN		1e300

typedef enum SiNodeKind
{
	SI_NODE_LEAF = 0,
	SI_NODE_NUMERIC = 1,
	SI_NODE_CATEGORY = 2
} SiNodeKind;

typedef struct SiNode
{
	union
	{
		double		value;		/* leaf */
		double		threshold;	/* numeric: left if x <= threshold */
		uint64_t	set;		/* category: left if its bin is in the set */
	}			at;
	uint32_t	left;			/* within the tree; the right one follows; 0
								 * of a leaf */
	uint16_t	feature;
	uint8_t		kind;			/* SiNodeKind */
	uint8_t		missing_right;	/* numeric; in a set missing is bin 0 */
} SiNode;

typedef struct SiBinSet
{
	uint64_t	bits[SI_BINS / 64];
} SiBinSet;

typedef struct SiForest
{
	double		base;			/* margin without trees */
	int			nfeatures;
	int			ntrees;
	int			depth;			/* of the deepest tree: splits to a leaf */
	int32_t    *start;			/* ntrees + 1: where the nodes of each begin */
	SiNode	   *node;
	double	   *cover;			/* of each node: weight of training rows */
	int32_t		nsets;
	SiBinSet   *set;
} SiForest;

/* What a forest's arrays have room for, for si_forest_append. */
typedef struct SiForestRoom
{
	int			trees;
	int32_t		nodes;
	int32_t		sets;
} SiForestRoom;

/* Category splits of a tree: the sets that it takes. */
extern int	si_forest_tree_sets(const SiTree *tree, const SiBinning *binning);

/*
 * Appends a grown tree, in level order.  The forest starts with ntrees, depth,
 * nsets and start[0] zero.  Returns false, and appends nothing, if there is no
 * room; the host then enlarges the arrays.  Uses the tree's `place`.
 */
extern bool si_forest_append(SiForest *forest, const SiForestRoom *room,
							 SiTree *tree, const SiBinning *binning);

/*
 * Whether the forest, from anywhere, can be scored and explained safely: known
 * kinds, features and sets in range and of the right kind, finite values that
 * do not add up past SI_MAX_MARGIN, numbers to compare with, level order, no
 * tree deeper than `depth` and that at most SI_MAX_TREE_DEPTH, covers that are
 * finite, at least SI_LEAST_SHARE of their root's, and that of a parent the
 * sum of its children's within rounding.
 * kinds is of each feature; NULL: any may be split either way.  The arrays'
 * sizes are the caller's word: ntrees + 1 of start, nnodes of node and cover,
 * nsets of set.
 */
extern bool si_forest_check(const SiForest *forest, int32_t nnodes,
							const SiFeatureKind *kinds);

/*
 * A tree checked node by node as it comes, without arrays: all that
 * si_forest_check asks but for covers.  A decoder takes an inner node's `left`
 * from here.
 */
typedef struct SiTreeCheck
{
	uint32_t	most;			/* nodes */
	uint32_t	next;			/* number of the node to come */
	uint32_t	left;			/* where its children are, if it has any */
	uint32_t	level_end;
	int			depth;			/* of the node before */
	double		largest;		/* size of a leaf's value */
} SiTreeCheck;

static inline SiTreeCheck
si_tree_check(uint32_t most)
{
	SiTreeCheck check = {most, 0, 1, 1, 0, 0};

	return check;
}

/* Check the next node; forest tells features, sets and depth. */
extern bool si_tree_check_node(SiTreeCheck *check, const SiForest *forest,
							   const SiNode *node,
							   const SiFeatureKind *kinds);

/* Whether the last child has come. */
static inline bool
si_tree_is_whole(const SiTreeCheck *check)
{
	return check->next == check->left;
}

/* Splits from the root to the deepest leaf of a tree. */
extern int	si_forest_depth(const SiForest *forest, int tree);

/* The margin of a row. */
extern double si_forest_margin(const SiForest *forest, const double *row);

/* 1 if a row goes right at a node that compares, else 0; no branch. */
static inline unsigned
si_number_goes_right(const SiNode *node, double x)
{
	return (x > node->at.threshold) | ((x != x) & node->missing_right);
}

/* The same at any inner node. */
static inline unsigned
si_node_goes_right(const SiForest *forest, const SiNode *node, double x)
{
	if (node->kind == SI_NODE_CATEGORY)
		return !si_bins_contain(forest->set[node->at.set].bits,
								si_bins_level(x));
	return si_number_goes_right(node, x);
}

#endif							/* SI_FOREST_H */
