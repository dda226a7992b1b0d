/*
 * si_forest.c
 *	  Appending grown trees, checking decoded ones, scoring rows.
 */
#include "core/trees/si_forest.h"

#include <math.h>
#include <string.h>

#include "core/si_tolerance.h"

#define TOGETHER		8		/* rows that walk down a tree side by side */
#define PULSE_ROWS		256

int
si_forest_tree_sets(const SiTree *tree, const SiBinning *binning)
{
	int			count = 0;

	for (int i = 0; i < tree->nnodes; i++)
		count += tree->node[i].left != 0 &&
			binning[tree->node[i].feature].kind == SI_FEATURE_CATEGORY;
	return count;
}

/* Fill node[k].place with the k-th node in level order. */
static void
order_levels(SiTree *tree)
{
	int			tail = 1;

	tree->node[0].place = 0;
	for (int k = 0; k < tail; k++)
	{
		const SiTreeNode *node = &tree->node[tree->node[k].place];

		if (node->left == 0)
			continue;
		tree->node[tail++].place = node->left;
		tree->node[tail++].place = node->left + 1;
	}
}

/* The last bin's upper edge is infinity. */
static double
threshold_of(const SiBinning *binning, int last_bin)
{
	return last_bin < binning->nbins - 1 ? binning->edge[last_bin - 1] :
		INFINITY;
}

static void
append_node(SiForest *forest, const SiTreeNode *from, uint32_t left,
			const SiBinning *binning, SiNode *to)
{
	memset(to, 0, sizeof(*to));
	if (from->left == 0)
	{
		to->kind = SI_NODE_LEAF;
		to->at.value = from->value;
		return;
	}
	to->left = left;
	to->feature = (uint16_t) from->feature;
	if (binning[from->feature].kind == SI_FEATURE_CATEGORY)
	{
		to->kind = SI_NODE_CATEGORY;
		to->at.set = forest->nsets;
		memcpy(forest->set[forest->nsets++].bits, from->left_bins,
			   sizeof(from->left_bins));
		return;
	}
	to->kind = SI_NODE_NUMERIC;
	to->missing_right = !si_bins_contain(from->left_bins, 0);
	to->at.threshold = threshold_of(&binning[from->feature], from->last_bin);
}

bool
si_forest_append(SiForest *forest, const SiForestRoom *room, SiTree *tree,
				 const SiBinning *binning)
{
	int32_t		first = forest->start[forest->ntrees];
	uint32_t	left = 1;
	int			depth;

	if (forest->ntrees >= room->trees ||
		tree->nnodes > room->nodes - first ||
		si_forest_tree_sets(tree, binning) > room->sets - forest->nsets)
		return false;
	order_levels(tree);
	for (int k = 0; k < tree->nnodes; k++)
	{
		const SiTreeNode *from = &tree->node[tree->node[k].place];

		append_node(forest, from, left, binning, &forest->node[first + k]);
		forest->cover[first + k] = from->cover;
		left += from->left != 0 ? 2 : 0;
	}
	forest->start[++forest->ntrees] = first + tree->nnodes;
	depth = si_forest_depth(forest, forest->ntrees - 1);
	if (depth > forest->depth)
		forest->depth = depth;
	return true;
}

/* A node by itself, whose children come at left if it has any. */
static bool
check_node(const SiForest *forest, const SiNode *node, uint32_t left,
		   const SiFeatureKind *kinds)
{
	SiFeatureKind kind = node->kind == SI_NODE_CATEGORY ?
		SI_FEATURE_CATEGORY : SI_FEATURE_NUMERIC;

	if (node->kind == SI_NODE_LEAF)
		return node->left == 0 && node->feature == 0 &&
			node->missing_right == 0 && isfinite(node->at.value);
	if (node->kind > SI_NODE_CATEGORY || node->left != left ||
		node->feature >= forest->nfeatures || node->missing_right > 1 ||
		(kinds != NULL && kinds[node->feature] != kind))
		return false;
	return kind == SI_FEATURE_CATEGORY ?
		node->at.set < (uint64_t) forest->nsets && node->missing_right == 0 :
		!isnan(node->at.threshold);
}

static bool
check_cover(const double *cover, const SiNode *node, int k)
{
	double		children;

	if (!(cover[k] > 0) || !isfinite(cover[k]) ||
		cover[k] < SI_LEAST_SHARE * cover[0])
		return false;
	if (node->left == 0)
		return true;
	children = cover[node->left] + cover[node->left + 1];
	return fabs(children - cover[k]) <= SI_COVER_ROUNDING * cover[k];
}

/*
 * The k-th inner node's children are 2 k + 1 and 2 k + 2.  A level ends where
 * the children of the one before do.
 */
bool
si_tree_check_node(SiTreeCheck *check, const SiForest *forest,
				   const SiNode *node, const SiFeatureKind *kinds)
{
	if (check->next == check->level_end)
	{
		check->level_end = check->left;
		if (++check->depth > forest->depth)
			return false;
	}
	if (check->next >= check->level_end ||
		!check_node(forest, node, check->left, kinds))
		return false;
	check->next++;
	if (node->left != 0)
		check->left += 2;
	else if (fabs(node->at.value) > check->largest)
		check->largest = fabs(node->at.value);
	return check->left <= check->most;
}

/* Adds the largest leaf to *largest. */
static bool
check_tree(const SiForest *forest, int tree, const SiFeatureKind *kinds,
		   double *largest)
{
	const SiNode *node = forest->node + forest->start[tree];
	const double *cover = forest->cover + forest->start[tree];
	int32_t		n = forest->start[tree + 1] - forest->start[tree];
	SiTreeCheck check = si_tree_check((uint32_t) n);

	for (int32_t k = 0; k < n; k++)
		if (!si_tree_check_node(&check, forest, &node[k], kinds) ||
			!check_cover(cover, &node[k], k))
			return false;
	*largest += check.largest;
	return si_tree_is_whole(&check);
}

bool
si_forest_check(const SiForest *forest, int32_t nnodes,
				const SiFeatureKind *kinds)
{
	double		largest = fabs(forest->base);

	if (!isfinite(forest->base) || forest->ntrees < 0 ||
		forest->ntrees > SI_MAX_TREES || forest->nfeatures < 1 ||
		forest->nfeatures > SI_MAX_FEATURES || forest->nsets < 0 ||
		forest->depth < 0 || forest->depth > SI_MAX_TREE_DEPTH ||
		forest->start[0] != 0)
		return false;
	for (int t = 0; t < forest->ntrees; t++)
		if (forest->start[t + 1] <= forest->start[t] ||
			forest->start[t + 1] > nnodes ||
			!check_tree(forest, t, kinds, &largest))
			return false;
	return forest->start[forest->ntrees] == nnodes &&
		largest <= SI_MAX_MARGIN;
}

int
si_forest_depth(const SiForest *forest, int tree)
{
	const SiNode *node = forest->node + forest->start[tree];
	int32_t		n = forest->start[tree + 1] - forest->start[tree];
	int32_t		level_end = 1;
	int32_t		last = 0;		/* child seen */
	int			depth = 0;

	for (int32_t k = 0; k < n; k++)
	{
		if (k == level_end)
		{
			level_end = last + 1;
			depth++;
		}
		if (node[k].left != 0)
			last = (int32_t) node[k].left + 1;
	}
	return depth;
}

/*
 * One step of one walk: the number of the next node, or of the leaf reached.
 * Without sets no node asks for a category, and the test falls away.
 */
static inline uint32_t
step(const SiForest *forest, const SiNode *tree, uint32_t at,
	 const double *row, bool sets)
{
	const SiNode *node = tree + at;
	double		x = row[node->feature];
	uint32_t	next = node->left;

	if (sets)
		next += si_node_goes_right(forest, node, x);
	else
		next += si_number_goes_right(node, x);
	return node->left != 0 ? next : at;
}

/* Walk one row down eight trees, all a level at a time. */
static inline void
walk_trees(const SiForest *forest, int first, const double *row, bool sets,
		   uint32_t *at)
{
	const int32_t *start = forest->start + first;
	uint32_t	moved = 1;

	memset(at, 0, TOGETHER * sizeof(uint32_t));
	while (moved != 0)
	{
		moved = 0;
		for (int k = 0; k < TOGETHER; k++)
		{
			const SiNode *tree = forest->node + start[k];

			at[k] = step(forest, tree, at[k], row, sets);
			moved |= tree[at[k]].left;
		}
	}
}

double
si_forest_margin(const SiForest *forest, const double *row)
{
	double		margin = forest->base;
	uint32_t	at[TOGETHER];
	int			t = 0;

	for (; forest->ntrees - t >= TOGETHER; t += TOGETHER)
	{
		if (forest->nsets > 0)
			walk_trees(forest, t, row, true, at);
		else
			walk_trees(forest, t, row, false, at);
		for (int k = 0; k < TOGETHER; k++)
			margin += forest->node[forest->start[t + k] + at[k]].at.value;
	}
	for (; t < forest->ntrees; t++)
	{
		const SiNode *tree = forest->node + forest->start[t];
		uint32_t	leaf = 0;

		while (tree[leaf].left != 0)
			leaf = step(forest, tree, leaf, row, true);
		margin += tree[leaf].at.value;
	}
	return margin;
}
