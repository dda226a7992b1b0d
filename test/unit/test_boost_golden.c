/*
 * test_boost_golden.c
 *
 * Against XGBoost 1.7.4 (tree_method hist, reg_lambda 1, min_child_weight 1,
 * max_bin 256) and scikit-learn 1.2.1's HistGradientBoostingClassifier on the
 * same generated rows: the first tree split for split, AUC of a hundred.
 */
#include "tap.h"

#include "boosted.h"

#define ROWS		6000
#define FEATURES	8
#define NODES		31

/* Knuth's MMIX generator, as in the Python that made the golden values. */
static uint64_t state = 1;

static int
next_below(int n)
{
	state = state * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (int) ((state >> 33) % n);
}

static void
fill(Boosted *b)
{
	for (int64_t i = 0; i < b->n; i++)
	{
		double	   *a = boosted_value(b, i, 0);
		double		margin;
		bool		gap;

		for (int j = 0; j < FEATURES; j++)
			a[j] = next_below(100);
		gap = next_below(10) == 0;
		margin = -1.5 + 0.03 * (a[0] - 50) + (a[1] > 70 && a[2] > 40 ? 2 : 0) +
			(gap ? 1.0 : 0.0004 * (a[3] - 50) * (a[3] - 50));
		b->positive[i] = next_below(1000000) < 1e6 / (1 + exp(-margin));
		if (gap)
			a[3] = NAN;
	}
}

/* Booster.trees_to_dataframe(): level order, a leaf's value under gain. */
static const struct
{
	int			feature;		/* -1: a leaf */
	double		split;
	bool		missing_left;
	double		gain;
	double		cover;			/* there: sum of second derivatives */
}			golden[NODES] = {
	{0, 54, false, 462.436829, 1500}, {1, 71, false, 122.922424, 793.5},
	{1, 71, false, 122.719559, 706.5}, {0, 41, false, 33.580566, 560.5},
	{2, 41, false, 144.317245, 233}, {0, 80, false, 67.554550, 510.5},
	{2, 41, false, 128.604370, 196}, {0, 23, false, 6.362732, 420.75},
	{3, 30, true, 18.552254, 139.75}, {3, 39, true, 2.770157, 99.25},
	{0, 27, false, 36.904545, 133.75}, {3, 26, true, 19.624901, 288.25},
	{3, 17, true, 23.052586, 222.25}, {0, 75, false, 21.032761, 80},
	{0, 70, false, 3.245880, 116}, {-1, 0, false, -0.493333, 224},
	{-1, 0, false, -0.407333, 196.75}, {-1, 0, false, -0.122513, 46.75},
	{-1, 0, false, -0.357447, 93}, {-1, 0, false, -0.346667, 44},
	{-1, 0, false, -0.477333, 55.25}, {-1, 0, false, -0.102545, 67.75},
	{-1, 0, false, 0.210448, 66}, {-1, 0, false, -0.066667, 100.25},
	{-1, 0, false, -0.231746, 188}, {-1, 0, false, 0.208696, 56.5},
	{-1, 0, false, -0.011694, 165.75}, {-1, 0, false, -0.247500, 39},
	{-1, 0, false, 0.057143, 41}, {-1, 0, false, 0.311111, 39.5},
	{-1, 0, false, 0.441290, 76.5}
};

static int
node_faults(const SiForest *forest, int k)
{
	const SiNode *node = &forest->node[k];

	if (golden[k].feature < 0)
		return (node->left != 0) +
			(fabs(node->at.value - golden[k].gain) > 1e-6) +
			(forest->cover[k] / 4 != golden[k].cover);
	return (node->left == 0) + (node->feature != golden[k].feature) +
		(ceil(node->at.threshold) != golden[k].split) +
		(golden[k].feature == 3 &&
		 node->missing_right == golden[k].missing_left) +
		(forest->cover[k] / 4 != golden[k].cover);
}

static void
test_first_tree(Boosted *b)
{
	int			faults = 0;

	b->options.learning_rate = 0.3;
	b->options.min_hessian = 1;
	boosted_start(b, 1);
	boosted_grow(b, 1);
	if (!ok(boosted_nodes(b) == NODES, "as many nodes as XGBoost"))
		return;
	for (int k = 0; k < NODES; k++)
		faults += node_faults(&b->forest, k);
	ok(faults == 0, "splits, directions, values, covers as XGBoost (%d)",
	   faults);
	is_close(b->boost.tree.node[0].gain, golden[0].gain, 1e-6,
			 "the root's gain as XGBoost");
}

static double
test_auc(const Boosted *test, Boosted *b)
{
	double	   *margin = cleared(ROWS, sizeof(double));
	double		auc;

	b->options.learning_rate = 0.1;
	boosted_start(b, 100);
	memset(b->margin, 0, ROWS * sizeof(double));
	boosted_grow(b, 100);
	forest_margins(&b->forest, ROWS, test->value, FEATURES, margin);
	auc = boosted_auc(ROWS, margin, test->positive);
	free(margin);
	return auc;
}

int
main(void)
{
	Boosted		first;
	Boosted		b;
	Boosted		test;
	double		auc;

	boosted_open(&first, ROWS, FEATURES);
	fill(&first);
	boosted_bin(&first, SI_MAX_VALUE_BINS, 0);
	boosted_open(&test, ROWS, FEATURES);
	fill(&test);
	boosted_open(&b, ROWS, FEATURES);
	memcpy(b.value, first.value, ROWS * FEATURES * sizeof(double));
	memcpy(b.positive, first.positive, ROWS);
	boosted_bin(&b, SI_MAX_VALUE_BINS, 0);
	b.options.min_hessian = 1;
	test_first_tree(&first);
	auc = test_auc(&test, &b);
	is_close(auc, 0.7756493822189888, 0.003, "AUC of new rows as XGBoost");
	is_close(auc, 0.7752582455087683, 0.003, "and as scikit-learn");
	is_close(boosted_auc(ROWS, b.margin, b.positive), 0.8581782852384398,
			 0.003, "AUC of the training rows as XGBoost");
	printf("# %.6f and %.6f\n", auc,
		   boosted_auc(ROWS, b.margin, b.positive));
	boosted_close(&first);
	boosted_close(&test);
	boosted_close(&b);
	return done_testing();
}
