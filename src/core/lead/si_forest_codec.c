/*
 * si_forest_codec.c
 *	  A forest to bytes and back.
 *
 * Layout: base, the numbers of trees, nodes and sets as u32, then the trees,
 * each its nodes in level order, which says where children are and where the
 * tree ends.  A node is a byte of its kind, plus MISSING_RIGHT, and
 *
 *	leaf: value, cover;
 *	number: feature u16, threshold;
 *	category: feature u16, the set of bins on the left, bin b being bit b % 8
 *	of byte b / 8, as long as the bins of the feature.
 *
 * Covers of inner nodes are sums of those of leaves and not written.
 */
#include "core/lead/si_model_codec.h"
#include "core/si_tolerance.h"
#include "core/trees/si_forest.h"

#define KIND_MASK		3u
#define MISSING_RIGHT	4u

/* The fewest bytes of a tree, a node, a set. */
#define TREE_SIZE		(1 + 2 * sizeof(double))
#define NODE_SIZE		4
#define SET_SIZE		4		/* with its node */

/* The bins of a category: missing, its levels, rare. */
static int
category_bins(int nlevels)
{
	return nlevels + 2;
}

static int
set_bytes(int bins)
{
	return (bins + 7) / 8;
}

/* The bits of byte i of a set that stand for bins. */
static unsigned
set_mask(int bins, int i)
{
	return bins - 8 * i >= 8 ? 0xffu : (1u << (bins - 8 * i)) - 1;
}

/* ---------- writing ---------- */

/* Bins that no row can be in may have gone to either side: they are cut off. */
static void
write_set(SiWriter *out, const SiBinSet *set, int bins)
{
	for (int i = 0; i < set_bytes(bins); i++)
		si_write_u8(out, (uint8_t) (set->bits[i / 8] >> i % 8 * 8 &
									set_mask(bins, i)));
}

static void
write_node(SiWriter *out, const SiLeadModel *model, int32_t at)
{
	const SiForest *forest = model->forest;
	const SiNode *node = &forest->node[at];

	si_write_u8(out, node->kind | (node->missing_right ? MISSING_RIGHT : 0));
	if (node->kind == SI_NODE_LEAF)
	{
		si_write_f64(out, node->at.value);
		si_write_f64(out, forest->cover[at]);
		return;
	}
	si_write_u16(out, node->feature);
	if (node->kind == SI_NODE_CATEGORY)
		write_set(out, &forest->set[node->at.set],
				  category_bins(model->features[node->feature].nlevels));
	else
		si_write_f64(out, node->at.threshold);
}

void
si_forest_write(SiWriter *out, const SiLeadModel *model)
{
	const SiForest *forest = model->forest;
	int32_t		nnodes = forest->start[forest->ntrees];

	si_write_f64(out, forest->base);
	si_write_u32(out, (uint32_t) forest->ntrees);
	si_write_u32(out, (uint32_t) nnodes);
	si_write_u32(out, (uint32_t) forest->nsets);
	for (int32_t i = 0; i < nnodes; i++)
		write_node(out, model, i);
}

/* ---------- reading ---------- */

/* A forest under way; without an arena its arrays are NULL. */
typedef struct Growth
{
	SiForest	forest;			/* its nsets so far */
	int32_t		nnodes;			/* so far */
	int32_t		most_nodes;
	int32_t		most_sets;
	int			depth;			/* of the deepest tree so far */
	double		margin;			/* what leaves may add up to, and the base */
} Growth;

static void
read_set(SiReader *in, Growth *growth, SiNode *node, int bins)
{
	SiBinSet	set = {{0}};

	for (int i = 0; i < set_bytes(bins); i++)
	{
		unsigned	byte = si_read_u8(in);

		si_read_check(in, (byte & ~set_mask(bins, i)) == 0);
		set.bits[i / 8] |= (uint64_t) byte << i % 8 * 8;
	}
	si_read_check(in, growth->forest.nsets < growth->most_sets);
	if (in->bad)
		return;
	node->at.set = growth->forest.nsets++;
	if (growth->forest.set != NULL)
		growth->forest.set[node->at.set] = set;
}

static void
read_split(SiWalk *walk, Growth *growth, SiNode *node)
{
	node->feature = si_read_u16(&walk->in);
	si_read_check(&walk->in, node->feature < growth->forest.nfeatures);
	if (walk->in.bad)
		return;
	if (node->kind == SI_NODE_CATEGORY)
		read_set(&walk->in, growth, node,
				 category_bins(walk->nlevels[node->feature]));
	else
		node->at.threshold = si_read_f64(&walk->in);
}

/* The covers of a tree's leaves. */
typedef struct Covers
{
	double		sum;
	double		least;
} Covers;

static double
read_cover(SiReader *in, Covers *covers)
{
	double		cover = si_read_f64(in);

	si_read_check(in, cover > 0);
	covers->sum += cover;
	if (cover < covers->least)
		covers->least = cover;
	return cover;
}

static void
read_node(SiWalk *walk, Growth *growth, SiTreeCheck *check, Covers *covers)
{
	SiForest   *forest = &growth->forest;
	uint8_t		head = si_read_u8(&walk->in);
	SiNode		node;
	double		cover = 0;

	memset(&node, 0, sizeof(node));
	node.kind = head & KIND_MASK;
	node.missing_right = head / MISSING_RIGHT;
	if (node.kind == SI_NODE_LEAF)
	{
		node.at.value = si_read_f64(&walk->in);
		cover = read_cover(&walk->in, covers);
	}
	else
	{
		node.left = check->left;
		read_split(walk, growth, &node);
	}
	if (walk->in.bad || !si_tree_check_node(check, forest, &node, walk->kind))
	{
		si_read_fail(&walk->in);
		return;
	}
	if (forest->node != NULL)
	{
		forest->node[growth->nnodes] = node;
		forest->cover[growth->nnodes] = cover;
	}
	growth->nnodes++;
}

/* Children come after their parent. */
static void
add_up_covers(const SiForest *forest, int32_t first, int32_t end)
{
	const SiNode *node = forest->node + first;
	double	   *cover = forest->cover + first;

	for (int32_t k = end - first - 1; k >= 0; k--)
		if (node[k].left != 0)
			cover[k] = cover[node[k].left] + cover[node[k].left + 1];
}

/*
 * Covers add up in another order here than by node: what passes does so with
 * room for the rounding of that.
 */
static bool
covers_fit(const Covers *covers)
{
	double		most = covers->sum * (1 + SI_COVER_ROUNDING);

	return isfinite(most) && covers->least >= SI_LEAST_SHARE * most;
}

static void
read_tree(SiWalk *walk, Growth *growth, int tree)
{
	SiForest   *forest = &growth->forest;
	int32_t		first = growth->nnodes;
	SiTreeCheck check = si_tree_check(growth->most_nodes - first);
	Covers		covers = {0, INFINITY};

	if (forest->start != NULL)
		forest->start[tree] = first;
	while (!walk->in.bad && !si_tree_is_whole(&check))
		read_node(walk, growth, &check, &covers);
	if (walk->in.bad || !covers_fit(&covers))
	{
		si_read_fail(&walk->in);
		return;
	}
	if (forest->node != NULL)
		add_up_covers(forest, first, growth->nnodes);
	if (check.depth > growth->depth)
		growth->depth = check.depth;
	growth->margin += check.largest;
}

/* The counts, and room for what they count. */
static void
read_counts(SiWalk *walk, Growth *growth)
{
	SiForest   *forest = &growth->forest;
	SiReader   *in = &walk->in;

	forest->ntrees = si_read_count(in, SI_MAX_TREES, TREE_SIZE);
	growth->most_nodes = si_read_count(in, SI_MAX_NODES, NODE_SIZE);
	growth->most_sets = si_read_count(in, growth->most_nodes, SET_SIZE);
	forest->start = si_walk_take(walk, forest->ntrees + 1, sizeof(int32_t));
	forest->node = si_walk_take(walk, growth->most_nodes, sizeof(SiNode));
	forest->cover = si_walk_take(walk, growth->most_nodes, sizeof(double));
	forest->set = si_walk_take(walk, growth->most_sets, sizeof(SiBinSet));
}

/* The finished forest, of which nothing is left to trust. */
static void
keep_forest(SiWalk *walk, Growth *growth, SiLeadModel *model)
{
	growth->forest.depth = growth->depth;
	model->forest = si_walk_take(walk, 1, sizeof(SiForest));
	if (model->forest == NULL)
		return;
	growth->forest.start[growth->forest.ntrees] = growth->nnodes;
	*model->forest = growth->forest;
	si_read_check(&walk->in, si_forest_check(model->forest, growth->nnodes,
											 walk->kind));
}

void
si_forest_read(SiWalk *walk, SiLeadModel *model)
{
	Growth		growth = {.forest = {.nfeatures = model->nfeatures,
	.depth = SI_MAX_TREE_DEPTH}};

	si_read_check(&walk->in, model->nfeatures > 0);
	growth.forest.base = si_read_finite(&walk->in);
	growth.margin = fabs(growth.forest.base);
	read_counts(walk, &growth);
	for (int t = 0; t < growth.forest.ntrees && !walk->in.bad; t++)
		read_tree(walk, &growth, t);
	si_read_check(&walk->in, growth.nnodes == growth.most_nodes &&
				  growth.forest.nsets == growth.most_sets &&
				  growth.margin <= SI_MAX_MARGIN);
	if (!walk->in.bad)
		keep_forest(walk, &growth, model);
}
