/*
 * test_forest.c
 *
 * Scoring eight at a time against one at a time and against a plain walk;
 * hostile forests against the check.
 */
#include "tap.h"

#include <time.h>

#include "boosted.h"

#define TREES	19

static void
make_forest(Boosted *b, int64_t n, int categories)
{
	boosted_open(b, n, 5);
	boosted_fill(b, categories, 6);
	b->options.depth = 6;
	boosted_bin(b, SI_MAX_VALUE_BINS, 7);
	boosted_start(b, TREES);
	b->forest.base = -0.25;
	boosted_grow(b, TREES);
}

static double
plain_margin(const Boosted *b, const double *row)
{
	double		margin = b->forest.base;

	for (int t = 0; t < b->forest.ntrees; t++)
		margin += b->forest.node[b->forest.start[t] +
								 boosted_leaf(b, t, row)].at.value;
	return margin;
}

static void
test_scoring(int categories)
{
	Boosted		b;
	double	   *margin;
	double		hard[5] = {NAN, INFINITY, -INFINITY, -0.0, 1e300};
	int			differ = 0;

	make_forest(&b, 2003, categories);
	margin = cleared(b.n, sizeof(double));
	for (int64_t i = 0; i < b.n; i += 7)
		for (int j = 0; j < 5; j++)
			*boosted_value(&b, i, j) = hard[random_below(5)];
	forest_margins(&b.forest, b.n, b.value, b.features, margin);
	for (int64_t i = 0; i < b.n; i++)
		differ += margin[i] != plain_margin(&b, boosted_value(&b, i, 0));
	ok(differ == 0, "eight trees or one, %d categories: the same bits",
	   categories);
	free(margin);
	boosted_close(&b);
}

/* A value on an edge goes where its bin went. */
static void
test_edges(void)
{
	Boosted		b;
	int			differ = 0;

	make_forest(&b, 2000, 1);
	for (int64_t i = 0; i < b.n; i++)
		for (int j = 0; j < b.features; j++)
		{
			double	   *x = boosted_value(&b, i, j);
			int			nedges = b.binning[j].nbins - 2;

			if (b.kind[j] == SI_FEATURE_NUMERIC)
			{
				*x = b.edge[j][random_below(nedges)];
				if (i % 2)
					*x = nextafter(*x, i % 4 == 1 ? -INFINITY : INFINITY);
			}
			b.bins[i * b.stride + j] = si_bins_code(&b.binning[j], *x);
		}
	memset(b.margin, 0, b.n * sizeof(double));
	si_boost_update_margins(&b.data, &b.boost.tree, b.n, NULL, b.margin,
							pulse);
	for (int64_t i = 0; i < b.n; i++)
		differ += b.margin[i] != b.forest.node[
			b.forest.start[TREES - 1] +
			boosted_leaf(&b, TREES - 1, boosted_value(&b, i, 0))].at.value;
	ok(differ == 0, "values on and beside edges score as their bins (%d)",
	   differ);
	boosted_close(&b);
}

static void
test_append(void)
{
	Boosted		b;
	int			before;

	make_forest(&b, 500, 2);
	before = b.forest.ntrees;
	b.room.trees = before;
	ok(!si_forest_append(&b.forest, &b.room, &b.boost.tree, b.binning) &&
	   b.forest.ntrees == before, "no room for a tree");
	b.room.trees++;
	b.room.nodes = boosted_nodes(&b) + b.boost.tree.nnodes - 1;
	ok(!si_forest_append(&b.forest, &b.room, &b.boost.tree, b.binning),
	   "no room for its nodes");
	b.room.nodes++;
	b.room.sets = b.forest.nsets +
		si_forest_tree_sets(&b.boost.tree, b.binning) - 1;
	ok(!si_forest_append(&b.forest, &b.room, &b.boost.tree, b.binning),
	   "no room for its sets");
	boosted_close(&b);
}

/* A change to a good forest that must not pass. */
#define REFUSED(change, name) \
	do { \
		SiForest	kept = *f; \
		SiNode		root = f->node[0]; \
		SiNode		leaf = f->node[last]; \
		double		cover = f->cover[1]; \
		int32_t		start = f->start[1]; \
		change; \
		ok(!si_forest_check(f, n, b.kind), "refused: %s", name); \
		*f = kept; \
		f->node[0] = root; \
		f->node[last] = leaf; \
		f->cover[1] = cover; \
		f->start[1] = start; \
	} while (0)

static void
test_check(void)
{
	Boosted		b;
	SiForest   *f = &b.forest;
	int32_t		n;
	int32_t		last;

	make_forest(&b, 1000, 1);
	n = boosted_nodes(&b);
	last = f->start[1] - 1;		/* a leaf: level order */
	f->node[0].kind = SI_NODE_NUMERIC;
	f->node[0].feature = 0;
	f->node[0].at.threshold = 1;
	ok(si_forest_check(f, n, b.kind) && si_forest_check(f, n, NULL),
	   "a grown forest is well formed");
	REFUSED(f->base = NAN, "base");
	REFUSED(f->base = -1.01 * SI_MAX_MARGIN, "a base past all margins");
	REFUSED((f->base = 0.6 * SI_MAX_MARGIN,
			 f->node[last].at.value = -f->base), "leaves past all margins");
	REFUSED(f->ntrees = -1, "number of trees");
	REFUSED(f->nfeatures = 0, "no features");
	REFUSED(f->depth--, "trees deeper than said");
	REFUSED(f->depth = SI_MAX_TREE_DEPTH + 1, "depth");
	REFUSED(f->nsets = -1, "number of sets");
	REFUSED(f->start[1] = 0, "an empty tree");
	REFUSED(f->start[1] = n + 1, "a tree past the nodes");
	REFUSED(f->start[1]--, "a node cut off");
	REFUSED(f->start[1]++, "a node too many");
	REFUSED(f->node[0].left = 0, "a leaf with nodes after it");
	REFUSED(f->node[0].left = 2, "children elsewhere");
	REFUSED(f->node[last].left = 1, "a leaf with children");
	REFUSED(f->node[last].feature = 999, "a leaf with a feature");
	REFUSED(f->node[last].at.value = INFINITY, "an infinite value");
	REFUSED((f->node[last].kind = SI_NODE_NUMERIC,
			 f->node[last].left = last + 1), "children past the tree");
	REFUSED(f->node[0].kind = 3, "an unknown kind");
	REFUSED(f->node[0].feature = b.features, "a feature out of range");
	REFUSED(f->node[0].feature = b.features - 1, "a category compared");
	REFUSED(f->node[0].missing_right = 2, "a direction out of range");
	REFUSED(f->node[0].at.threshold = NAN, "a threshold that is no number");
	REFUSED((f->node[0].kind = SI_NODE_CATEGORY,
			 f->node[0].feature = b.features - 1,
			 f->node[0].at.set = f->nsets), "a set out of range");
	REFUSED((f->node[0].kind = SI_NODE_CATEGORY,
			 f->node[0].at.set = 0), "a number looked up in a set");
	REFUSED(f->cover[1] = 0, "no cover");
	REFUSED(f->cover[1] = NAN, "cover that is no number");
	REFUSED(f->cover[1] *= 1.001, "covers that do not add up");
	ok(si_forest_check(f, n, b.kind), "and well formed again");
	boosted_close(&b);
}

/* A chain of splits, deeper by one with each call. */
static void
test_depth(void)
{
	enum {DEEP = SI_MAX_TREE_DEPTH + 1, NODES = 2 * DEEP + 1};
	SiNode		node[NODES];
	double		cover[NODES];
	int32_t		start[2] = {0, 0};
	SiForest	f = {0, 1, 1, SI_MAX_TREE_DEPTH, start, node, cover, 0, NULL};
	int			good = 0;

	for (int depth = 0; depth <= DEEP; depth++)
	{
		memset(node, 0, sizeof(node));
		for (int k = 0; k <= 2 * depth; k++)
			cover[k] = k % 2 == 1 ? 1 : depth + 1 - k / 2.0;
		for (int k = 0; k < depth; k++)
		{
			node[2 * k].kind = SI_NODE_NUMERIC;
			node[2 * k].left = 2 * k + 1;
		}
		start[1] = 2 * depth + 1;
		good += si_forest_depth(&f, 0) == depth &&
			si_forest_check(&f, start[1], NULL) == (depth < DEEP);
	}
	ok(good == DEEP + 1, "depth is counted and limited");
}

/*
 * One tree of so many nodes, inner ones marked, in memory of just that size;
 * the last cover is so small that none looks wrong.
 */
static bool
check_shape(int32_t n, const char *shape)
{
	SiNode	   *node = calloc(n, sizeof(SiNode));
	double	   *cover = malloc(n * sizeof(double));
	int32_t		start[2] = {0, n};
	SiForest	f = {0, 1, 1, SI_MAX_TREE_DEPTH, start, node, cover, 0, NULL};
	uint32_t	left = 1;
	bool		passed;

	for (int32_t k = 0; k < n; k++)
	{
		cover[k] = k == n - 1 ? 1e-12 : 1;
		if (shape[k] == '<')
		{
			node[k].kind = SI_NODE_NUMERIC;
			node[k].left = left;
			left += 2;
		}
	}
	for (int32_t k = n - 1; k >= 0; k--)
		if (node[k].left != 0 && (int32_t) node[k].left + 1 < n)
			cover[k] = cover[node[k].left] + cover[node[k].left + 1];
	passed = si_forest_check(&f, n, NULL);
	free(cover);
	free(node);
	return passed;
}

static void
test_shapes(void)
{
	ok(check_shape(1, ".") && check_shape(3, "<..") &&
	   check_shape(5, "<.<..") && check_shape(7, "<<<...."),
	   "shapes of trees");
	ok(!check_shape(1, "<"), "children past the end");
	ok(!check_shape(4, "<.<."), "one of them past the end");
	ok(!check_shape(3, ".<."), "an inner node that nothing leads to");
	ok(!check_shape(2, ".."), "a leaf that nothing leads to");
	ok(!check_shape(7, "<..<..."), "a tree after the tree");
}

/* Bytes at random never make the check read out of bounds. */
static void
test_random_damage(void)
{
	Boosted		b;
	int			passed = 0;
	int			scored = 0;

	make_forest(&b, 300, 2);
	for (int round = 0; round < 20000; round++)
	{
		uint8_t    *at = (uint8_t *) b.forest.node +
			random_below(boosted_nodes(&b) * (int) sizeof(SiNode));
		uint8_t		kept = *at;

		*at = (uint8_t) random_below(256);
		if (si_forest_check(&b.forest, boosted_nodes(&b), b.kind))
		{
			passed++;
			scored += !isnan(si_forest_margin(&b.forest, b.value));
		}
		*at = kept;
	}
	ok(scored == passed, "%d damaged forests pass and can be scored", passed);
	boosted_close(&b);
}

static void
print_speed(void)
{
	Boosted		b;
	double	   *margin;
	clock_t		start;

	make_forest(&b, 20000, 0);
	margin = cleared(b.n, sizeof(double));
	start = clock();
	forest_margins(&b.forest, b.n, b.value, b.features, margin);
	printf("# %.2f us a row and %d trees, sanitized\n",
		   1e6 * (clock() - start) / CLOCKS_PER_SEC / b.n, TREES);
	free(margin);
	boosted_close(&b);
}

int
main(void)
{
	test_scoring(0);
	test_scoring(2);
	test_edges();
	test_append();
	test_check();
	test_depth();
	test_shapes();
	test_random_damage();
	print_speed();
	return done_testing();
}
