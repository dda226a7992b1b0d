/*
 * si_grow.c
 *	  Grows a tree node by node, depth first.
 *
 * Method: a node owns a range of the row lists.  Its histogram tells how many
 * rows go left before any is looked at, so they are dealt to their final
 * places in the other list in one pass, which keeps their order; as they
 * arrive, those of the smaller child are gathered into its histogram, and the
 * larger child's is what is left of the parent's.  The smaller child is grown
 * first: then one histogram for each level is enough.  Rows of children that
 * cannot be split further are not dealt out at all: only their margins move.
 */
#include "core/trees/si_grow.h"

#include <math.h>
#include <string.h>

#include "core/trees/si_split.h"

#ifdef __GNUC__
#define PREFETCH(p) __builtin_prefetch(p)
#else
#define PREFETCH(p) ((void) 0)
#endif
#define AHEAD		128
#define LEFT		0
#define RIGHT		1

typedef struct Grower
{
	SiBoost    *boost;
	SiSplitSearch search;
	size_t		ncells;			/* of a histogram */
	int			stride;
} Grower;

/* A node at work: where its rows are, which histogram is its own. */
typedef struct Branch
{
	int			node;
	int			depth;
	int			slot;			/* of its histogram */
	int64_t		first;			/* of its rows */
	SiSplitNode at;
} Branch;

static void grow_branch(Grower *grower, const Branch *branch);

static SiHistCell *
histogram_of(const Grower *grower, int slot)
{
	return grower->boost->cells + grower->ncells * slot;
}

/* Whether a node of so many rows, at that depth, may be split. */
static bool
may_split(const Grower *grower, int64_t n, int depth)
{
	const SiBoostOptions *options = grower->boost->options;

	return depth < options->depth && n / 2 >= options->min_leaf;
}

/* The weight of a row in units that add exactly; one unit at least. */
static inline int64_t
cover_of(const SiBoost *boost, uint32_t row)
{
	int64_t		cover;

	if (boost->data->weight == NULL)
		return 1;
	cover = (int64_t) (boost->data->weight[row] / boost->unit *
					   (INT64_C(1) << SI_GRADIENT_BITS) + 0.5);
	return cover > 0 ? cover : 1;
}

static double
cover_value(const SiBoost *boost, int64_t cover)
{
	if (boost->data->weight == NULL)
		return (double) cover;
	return ldexp((double) cover, -SI_GRADIENT_BITS) * boost->unit;
}

static int
length(int64_t first, int64_t last)
{
	return (int) (last - first < SI_HISTOGRAM_ROWS ? last - first :
				  SI_HISTOGRAM_ROWS);
}

static void
set_value(const Grower *grower, int node, const SiSplitNode *at)
{
	SiBoost    *boost = grower->boost;

	boost->tree.node[node].value = boost->options->learning_rate *
		si_split_value(&grower->search, at);
}

/* The branch stays a leaf; its rows are in the list. */
static void
finish_leaf(Grower *grower, const Branch *branch)
{
	SiBoost    *boost = grower->boost;
	SiTreeNode *node = &boost->tree.node[branch->node];
	const uint32_t *row = boost->row[branch->depth % 2] + branch->first;
	int64_t		cover = 0;

	set_value(grower, branch->node, &branch->at);
	for (int64_t i = 0; i < branch->at.sum.n; i++)
	{
		if (i % SI_HISTOGRAM_ROWS == 0)
			boost->pulse();
		boost->margin[row[i]] += node->value;
		cover += cover_of(boost, row[i]);
	}
	node->cover = cover_value(boost, cover);
}

/* Two new nodes; the left one's number. */
static int
make_nodes(Grower *grower, const Branch *branch, const SiSplit *split)
{
	SiTree	   *tree = &grower->boost->tree;
	SiTreeNode *node = &tree->node[branch->node];

	node->left = tree->nnodes;
	node->feature = split->feature;
	node->last_bin = split->last_bin;
	node->gain = split->gain;
	node->value = 0;
	memcpy(node->left_bins, split->left_bins, sizeof(node->left_bins));
	memset(&tree->node[tree->nnodes], 0, 2 * sizeof(SiTreeNode));
	tree->nnodes += 2;
	return node->left;
}

/* Both children are leaves: move their rows' margins in place. */
static void
finish_children(Grower *grower, const Branch *branch, const SiSplit *split)
{
	SiBoost    *boost = grower->boost;
	SiTreeNode *child = boost->tree.node + boost->tree.node[branch->node].left;
	const uint32_t *row = boost->row[branch->depth % 2] + branch->first;
	const uint8_t *bins = boost->data->bins + split->feature;
	size_t		stride = grower->stride;
	int64_t		n = branch->at.sum.n;
	int64_t		cover[2] = {0, 0};
	uint8_t		side[SI_BINS];

	for (int b = 0; b < SI_BINS; b++)
		side[b] = si_bins_contain(split->left_bins, b) ? LEFT : RIGHT;
	for (int64_t i = 0; i < n; i++)
	{
		uint32_t	ahead = row[i + AHEAD < n ? i + AHEAD : i];
		int			to = side[bins[row[i] * stride]];

		if (i % SI_HISTOGRAM_ROWS == 0)
			boost->pulse();
		PREFETCH(bins + ahead * stride);
		PREFETCH(boost->margin + ahead);
		boost->margin[row[i]] += child[to].value;
		cover[to] += cover_of(boost, row[i]);
	}
	child[LEFT].cover = cover_value(boost, cover[LEFT]);
	child[RIGHT].cover = cover_value(boost, cover[RIGHT]);
}

/* Where the next row of each side goes, in the list of the children. */
typedef struct Deal
{
	const uint32_t *row;
	const SiGradient *gradient;
	uint32_t   *to_row;
	SiGradient *to_gradient;
	const uint8_t *bins;		/* of the feature that splits */
	size_t		stride;
	int64_t		next[2];
	uint8_t		goes_right[SI_BINS];
} Deal;

/* Deal out rows [first, first + n) of the node. */
static void
deal_rows(Deal *deal, int64_t first, int n, int64_t end)
{
	int64_t		left = deal->next[LEFT];
	int64_t		right = deal->next[RIGHT];

	for (int64_t i = first; i < first + n; i++)
	{
		uint32_t	row = deal->row[i];
		uint32_t	ahead = deal->row[i + AHEAD < end ? i + AHEAD : i];
		int64_t		goes_right = deal->goes_right[deal->bins[row *
															 deal->stride]];
		int64_t		to = goes_right ? right : left;

		PREFETCH(deal->bins + ahead * deal->stride);
		deal->to_row[to] = row;
		deal->to_gradient[to] = deal->gradient[i];
		right += goes_right;
		left += 1 - goes_right;
	}
	deal->next[LEFT] = left;
	deal->next[RIGHT] = right;
}

static void
start_deal(const Grower *grower, const Branch *branch, const SiSplit *split,
		   Deal *deal)
{
	const SiBoost *boost = grower->boost;
	int			from = branch->depth % 2;

	deal->row = boost->row[from] + branch->first;
	deal->gradient = boost->gradient[from] + branch->first;
	deal->to_row = boost->row[1 - from] + branch->first;
	deal->to_gradient = boost->gradient[1 - from] + branch->first;
	deal->bins = boost->data->bins + split->feature;
	deal->stride = grower->stride;
	deal->next[LEFT] = 0;
	deal->next[RIGHT] = split->child[LEFT].sum.n;
	for (int b = 0; b < SI_BINS; b++)
		deal->goes_right[b] = !si_bins_contain(split->left_bins, b);
}

/* Deal out all rows of the node and make both children's histograms. */
static void
part_rows(Grower *grower, const Branch *branch, const SiSplit *split,
		  int smaller)
{
	SiHistogram *histogram = &grower->boost->histogram;
	SiHistCell *cells = histogram_of(grower, branch->slot + 1);
	int64_t		n = branch->at.sum.n;
	Deal		deal;

	start_deal(grower, branch, split, &deal);
	memset(cells, 0, grower->ncells * sizeof(SiHistCell));
	for (int64_t first = 0; first < n; first += SI_HISTOGRAM_ROWS)
	{
		int64_t		old = deal.next[smaller];

		grower->boost->pulse();
		deal_rows(&deal, first, length(first, n), n);
		si_histogram_add(histogram, (int) (deal.next[smaller] - old),
						 deal.to_row + old, deal.to_gradient + old, cells);
	}
	si_histogram_flush(histogram, cells);
	si_histogram_subtract(histogram, histogram_of(grower, branch->slot),
						  cells);
}

static void
grow_children(Grower *grower, const Branch *branch, const SiSplit *split)
{
	int			smaller = split->child[RIGHT].sum.n < split->child[LEFT].sum.n;
	int			left = grower->boost->tree.node[branch->node].left;

	part_rows(grower, branch, split, smaller);
	for (int turn = 0; turn < 2; turn++)
	{
		int			side = turn == 0 ? smaller : !smaller;
		Branch		child = *branch;

		child.node = left + side;
		child.depth++;
		child.slot += turn == 0;
		child.first += side == RIGHT ? split->child[LEFT].sum.n : 0;
		child.at = split->child[side];
		grow_branch(grower, &child);
	}
}

static void
grow_branch(Grower *grower, const Branch *branch)
{
	SiTree	   *tree = &grower->boost->tree;
	SiSplit		split;
	int64_t		larger;
	int			left;

	split.feature = -1;
	if (may_split(grower, branch->at.sum.n, branch->depth))
		si_split_find(&grower->search, histogram_of(grower, branch->slot),
					  &branch->at, &split);
	if (split.feature < 0)
	{
		finish_leaf(grower, branch);
		return;
	}
	left = make_nodes(grower, branch, &split);
	larger = split.child[LEFT].sum.n > split.child[RIGHT].sum.n ?
		split.child[LEFT].sum.n : split.child[RIGHT].sum.n;
	if (may_split(grower, larger, branch->depth + 1))
		grow_children(grower, branch, &split);
	else
	{
		set_value(grower, left, &split.child[LEFT]);
		set_value(grower, left + 1, &split.child[RIGHT]);
		finish_children(grower, branch, &split);
	}
	tree->node[branch->node].cover = tree->node[left].cover +
		tree->node[left + 1].cover;
}

void
si_grow(SiBoost *boost, const SiHistCell *sum)
{
	Grower		grower = {.boost = boost};
	Branch		root = {.at = {*sum, -INFINITY, INFINITY}};

	grower.ncells = boost->histogram.offset[boost->data->nfeatures];
	grower.stride = boost->histogram.stride;
	grower.search.options = boost->options;
	grower.search.nfeatures = boost->data->nfeatures;
	grower.search.binning = boost->data->binning;
	grower.search.offset = boost->histogram.offset;
	grower.search.g_scale = ldexp(boost->unit, -SI_GRADIENT_BITS);
	grower.search.h_scale = ldexp(boost->unit, -SI_CURVATURE_BITS);
	memset(&boost->tree.node[0], 0, sizeof(SiTreeNode));
	boost->tree.nnodes = 1;
	grow_branch(&grower, &root);
}
