/*
 * test_boost.c
 *
 * What must hold for any rows: order of rows, weights as repetitions, limits
 * of leaves, monotone constraints, subsampling, special data.
 */
#include "tap.h"

#include "boosted.h"

#define TREES	8

static double
least_cover(const Boosted *b)
{
	double		least = INFINITY;

	for (int k = 0; k < boosted_nodes(b); k++)
		least = fmin(least, b->forest.cover[k]);
	return least;
}

static bool
same_forest(const SiForest *a, const SiForest *b)
{
	int32_t		n = a->start[a->ntrees];

	return a->ntrees == b->ntrees && n == b->start[b->ntrees] &&
		memcmp(a->node, b->node, n * sizeof(SiNode)) == 0 &&
		memcmp(a->cover, b->cover, n * sizeof(double)) == 0 &&
		a->nsets == b->nsets &&
		(a->nsets == 0 ||
		 memcmp(a->set, b->set, a->nsets * sizeof(SiBinSet)) == 0);
}

static void
train(Boosted *b)
{
	boosted_bin(b, 50, 7);
	if (boosted_start(b, TREES) == SI_OK)
		boosted_grow(b, TREES);
}

/* Open b with the rows of a, each from[i] of them, in that order. */
static void
open_rows(Boosted *b, const Boosted *a, int64_t n, const int64_t *from)
{
	boosted_open(b, n, a->features);
	b->options = a->options;
	memcpy(b->kind, a->kind, sizeof(a->kind));
	for (int64_t i = 0; i < n; i++)
	{
		memcpy(boosted_value(b, i, 0), boosted_value(a, from[i], 0),
			   a->features * sizeof(double));
		b->positive[i] = a->positive[from[i]];
		b->weight[i] = a->weight[from[i]];
		b->hash[i] = a->hash[from[i]];
	}
}

static void
test_row_order(bool weighted)
{
	Boosted		a;
	Boosted		b;
	int64_t		from[3000];
	int			moved = 0;

	boosted_open(&a, 3000, 5);
	boosted_fill(&a, 1, 6);
	a.options.subsample = 0.6;
	a.options.seed = 42;
	for (int64_t i = 0; i < a.n; i++)
		a.weight[i] = weighted ? random_below(25) / 8.0 : 1;
	for (int64_t i = 0; i < a.n; i++)
		from[i] = (i * 1009 + 17) % a.n;
	open_rows(&b, &a, a.n, from);
	a.data.hash = a.hash;
	b.data.hash = b.hash;
	if (weighted)
	{
		a.data.weight = a.weight;
		b.data.weight = b.weight;
	}
	train(&a);
	train(&b);
	for (int64_t i = 0; i < b.n; i++)
		moved += b.margin[i] != a.margin[from[i]];
	ok(same_forest(&a.forest, &b.forest) && moved == 0,
	   "the order of rows changes no bit, %s", weighted ? "weights" : "none");
	boosted_close(&a);
	boosted_close(&b);
}

static void
test_repetition(void)
{
	Boosted		a;
	Boosted		b;
	int64_t		from[4000];
	int64_t		n = 0;
	int			differ = 0;

	boosted_open(&a, 1000, 4);
	boosted_fill(&a, 1, 6);
	for (int64_t i = 0; i < a.n; i++)
	{
		a.weight[i] = random_below(4);
		for (int k = 0; k < (int) a.weight[i]; k++)
			from[n++] = i;
	}
	open_rows(&b, &a, n, from);
	a.data.weight = a.weight;
	train(&a);
	train(&b);
	for (int k = 0; k < boosted_nodes(&b); k++)
		differ += fabs(a.forest.cover[k] - b.forest.cover[k]) > 1e-6 ||
			a.forest.node[k].feature != b.forest.node[k].feature;
	for (int64_t i = 0; i < n; i++)
		differ += fabs(a.margin[from[i]] - b.margin[i]) > 1e-6;
	ok(boosted_nodes(&a) == boosted_nodes(&b) && differ == 0,
	   "weights are repetitions (%d differ)", differ);
	boosted_close(&a);
	boosted_close(&b);
}

static void
test_limits(int64_t min_leaf, double min_hessian)
{
	Boosted		b;
	int			deepest = 0;

	boosted_open(&b, 2000, 5);
	boosted_fill(&b, 1, 6);
	b.options.depth = 3;
	b.options.min_leaf = min_leaf;
	b.options.min_hessian = min_hessian;
	train(&b);
	for (int t = 0; t < TREES; t++)
	{
		int			depth = si_forest_depth(&b.forest, t);

		deepest = depth > deepest ? depth : deepest;
	}
	ok(least_cover(&b) >= min_leaf && least_cover(&b) >= 4 * min_hessian &&
	   deepest <= 3, "leaves have %d rows, %g in second derivatives (%g)",
	   (int) min_leaf, min_hessian, least_cover(&b));
	ok(si_forest_check(&b.forest, boosted_nodes(&b), b.kind),
	   "the forest is well formed");
	boosted_close(&b);
}

/* Whether no row's margin falls as feature j goes through its range. */
static bool
rises(const Boosted *b, int j, double sign)
{
	double		row[MAX_FEATURES];

	for (int64_t i = 0; i < b->n; i += 10)
	{
		double		last = -INFINITY;

		memcpy(row, boosted_value(b, i, 0), b->features * sizeof(double));
		for (double x = -1; x < 8500; x = x < 1.2 ? x + 0.08 : x + 97)
		{
			double		margin;

			row[j] = x;
			margin = sign * si_forest_margin(&b->forest, row);
			if (margin < last - 1e-12)
				return false;
			last = margin;
		}
	}
	return true;
}

static void
test_monotone(void)
{
	Boosted		b;
	bool		free_rises;

	boosted_open(&b, 2000, 3);
	boosted_fill(&b, 0, 0);
	b.options.depth = 5;
	b.options.learning_rate = 0.5;
	train(&b);
	free_rises = rises(&b, 0, 1) || rises(&b, 2, -1);
	ok(!free_rises, "free features go up and down");
	boosted_close(&b);

	boosted_open(&b, 2000, 3);
	boosted_fill(&b, 0, 0);
	b.options.depth = 5;
	b.options.learning_rate = 0.5;
	b.monotone[0] = 1;
	b.monotone[2] = -1;
	b.options.monotone = b.monotone;
	train(&b);
	ok(rises(&b, 0, 1), "a rising feature rises for every row");
	ok(rises(&b, 2, -1), "a falling feature falls");
	ok(boosted_nodes(&b) > 4 * TREES, "and trees still grow");
	boosted_close(&b);
}

static bool
splits_on(const Boosted *b, int feature)
{
	for (int k = 0; k < boosted_nodes(b); k++)
		if (b->forest.node[k].left != 0 &&
			b->forest.node[k].feature == feature)
			return true;
	return false;
}

static void
test_special(void)
{
	Boosted		b;

	boosted_open(&b, 500, 4);
	boosted_fill(&b, 0, 0);
	for (int64_t i = 0; i < b.n; i++)
	{
		*boosted_value(&b, i, 1) = 3;
		*boosted_value(&b, i, 2) = NAN;
	}
	train(&b);
	ok(!splits_on(&b, 1) && !splits_on(&b, 2) && splits_on(&b, 0),
	   "constant and missing columns are never split");
	boosted_close(&b);

	boosted_open(&b, 300, 3);
	boosted_fill(&b, 1, 6);
	memset(b.positive, 1, b.n);
	train(&b);
	ok(boosted_nodes(&b) == TREES && b.margin[0] > 0 &&
	   si_boost_base(&b.boost, b.weight) == SI_EMPTY,
	   "one class grows leaves, and has no log-odds");
	boosted_close(&b);

	boosted_open(&b, 1, 2);
	b.positive[0] = 1;
	train(&b);
	ok(boosted_nodes(&b) == TREES && isfinite(b.margin[0]), "one row");
	boosted_close(&b);

	boosted_open(&b, 100, 2);
	b.data.weight = memset(b.weight, 0, b.n * sizeof(double));
	boosted_bin(&b, 255, 0);
	ok(boosted_start(&b, 1) == SI_EMPTY, "no weight, nothing to learn from");
	boosted_close(&b);
}

/* Missing is all there is to know; infinities count as numbers. */
static void
test_missing(void)
{
	Boosted		b;
	double		row[1] = {NAN};
	double		missing;

	boosted_open(&b, 1000, 1);
	for (int64_t i = 0; i < b.n; i++)
	{
		*boosted_value(&b, i, 0) = i % 3 == 0 ? NAN :
			i % 7 == 0 ? INFINITY : i % 11 == 0 ? -INFINITY : i % 5;
		b.positive[i] = i % 3 == 0;
	}
	b.options.depth = 1;
	train(&b);
	missing = si_forest_margin(&b.forest, row);
	row[0] = INFINITY;
	ok(boosted_nodes(&b) == 3 * TREES && missing > 0.5 &&
	   si_forest_margin(&b.forest, row) < -0.2, "missing against all others");
	row[0] = 1e300;
	ok(si_forest_margin(&b.forest, row) < -0.2,
	   "and numbers not seen go with the others");
	boosted_close(&b);
}

/* Half the rows train, in a list; the tree moves all the others too. */
static void
test_parts(void)
{
	Boosted		b;
	uint32_t	train_rows[1000];
	uint32_t	others[1000];
	double	   *want;
	int			differ = 0;
	double		base;
	double		before;

	boosted_open(&b, 2000, 4);
	boosted_fill(&b, 1, 6);
	for (int i = 0; i < 1000; i++)
	{
		train_rows[i] = 2 * i;
		others[i] = 2 * i + 1;
	}
	b.options.subsample = 0.5;
	boosted_bin(&b, 255, 7);
	b.boost.train = train_rows;
	b.n = 1000;
	boosted_start(&b, TREES);
	b.n = 2000;
	si_boost_base(&b.boost, &base);
	b.forest.base = base;
	for (int i = 0; i < 2000; i++)
		b.margin[i] = base;
	before = si_boost_loss(&b.data, 1000, others, b.margin, pulse);
	for (int t = 0; t < TREES; t++)
	{
		boosted_grow(&b, 1);
		si_boost_update_margins(&b.data, &b.boost.tree, 1000, others,
								b.margin, pulse);
	}
	want = cleared(b.n, sizeof(double));
	forest_margins(&b.forest, b.n, b.value, b.features, want);
	for (int i = 0; i < 2000; i++)
		differ += want[i] != b.margin[i];
	ok(differ == 0, "margins of rows in and out of the sample, and held out, "
	   "are the forest's to the bit (%d differ)", differ);
	ok(si_boost_loss(&b.data, 1000, others, b.margin, pulse) < before - 0.01,
	   "the loss of rows held out falls");
	ok(b.forest.cover[0] > 400 && b.forest.cover[0] < 600,
	   "half of the training rows are sampled (%g)", b.forest.cover[0]);
	ok(isnan(si_boost_loss(&b.data, 0, NULL, b.margin, pulse)),
	   "no rows have no loss");
	free(want);
	boosted_close(&b);
}

static void
test_no_signal(void)
{
	Boosted		b;

	boosted_open(&b, 2000, 3);
	boosted_fill(&b, 1, 6);
	b.options.min_gain = 1e6;
	train(&b);
	ok(boosted_nodes(&b) == TREES, "no split is worth more than min_gain");
	boosted_close(&b);
	boosted_open(&b, 20000, 6);
	boosted_fill(&b, 0, 0);
	b.options.depth = SI_MAX_TREE_DEPTH;
	train(&b);
	ok(si_forest_check(&b.forest, boosted_nodes(&b), b.kind),
	   "the deepest trees are well formed (%d nodes)", boosted_nodes(&b));
	boosted_close(&b);
}

int
main(void)
{
	test_row_order(false);
	test_row_order(true);
	test_repetition();
	test_limits(1, 0.5);
	test_limits(60, 0);
	test_limits(999, 0);
	test_monotone();
	test_special();
	test_missing();
	test_parts();
	test_no_signal();
	return done_testing();
}
