/*
 * test_treeshap.c
 *
 * Contributions against the definition: Shapley values by enumeration of all
 * subsets of features, the value of a subset being the path-dependent mean.
 */
#include "tap.h"

#include <time.h>

#include "boosted.h"
#include "core/trees/si_treeshap.h"

static double subset_value[1 << MAX_FEATURES];

/* The mean leaf below a node when the features in known are known. */
static double
mean_below(const SiForest *f, int tree, uint32_t at, unsigned known,
		   const double *row)
{
	const SiNode *node = &f->node[f->start[tree] + at];
	const double *cover = &f->cover[f->start[tree]];
	double		left;

	if (node->left == 0)
		return node->at.value;
	if (known >> node->feature & 1)
		return mean_below(f, tree, node->left +
						  si_node_goes_right(f, node, row[node->feature]),
						  known, row);
	left = cover[node->left] / (cover[node->left] + cover[node->left + 1]);
	return left * mean_below(f, tree, node->left, known, row) +
		(1 - left) * mean_below(f, tree, node->left + 1, known, row);
}

static double
factorial(int n)
{
	return n < 2 ? 1 : n * factorial(n - 1);
}

static void
fill_subsets(const SiForest *f, const double *row)
{
	for (unsigned known = 0; known < 1u << f->nfeatures; known++)
	{
		subset_value[known] = f->base;
		for (int t = 0; t < f->ntrees; t++)
			subset_value[known] += mean_below(f, t, 0, known, row);
	}
}

/* Shapley's formula over subset_value. */
static double
shapley(int nfeatures, int feature)
{
	double		sum = 0;

	for (unsigned known = 0; known < 1u << nfeatures; known++)
	{
		int			size = 0;

		if (known >> feature & 1)
			continue;
		for (int j = 0; j < nfeatures; j++)
			size += known >> j & 1;
		sum += factorial(size) * factorial(nfeatures - size - 1) /
			factorial(nfeatures) *
			(subset_value[known | 1u << feature] - subset_value[known]);
	}
	return sum;
}

static void
train(Boosted *b, int64_t n, int features, int categories, int depth,
	  int trees)
{
	boosted_open(b, n, features);
	boosted_fill(b, categories, 6);
	b->options.depth = depth;
	b->options.learning_rate = 0.5;
	boosted_bin(b, SI_MAX_VALUE_BINS, 7);
	boosted_start(b, trees);
	b->forest.base = -0.75;
	boosted_grow(b, trees);
}

static void
test_twin(int features, int categories, int depth, int trees)
{
	Boosted		b;
	double		contribution[MAX_FEATURES];
	const void *work[MAX_FEATURES];
	double		worst = 0;

	train(&b, 1500, features, categories, depth, trees);
	for (int64_t i = 0; i < 30; i++)
	{
		const double *row = boosted_value(&b, i, 0);

		fill_subsets(&b.forest, row);
		si_treeshap(&b.forest, row, contribution, work, pulse);
		for (int j = 0; j < features; j++)
			worst = fmax(worst, fabs(contribution[j] - shapley(features, j)));
	}
	ok(worst < 1e-11, "%d features (%d categories), depth %d: Shapley values "
	   "as by enumeration (%g)", features, categories, b.forest.depth, worst);
	is_close(si_treeshap_expected(&b.forest, pulse), subset_value[0], 1e-12,
			 "the expected margin is that of nothing known");
	boosted_close(&b);
}

/* Deep trees, many rows, weights over nine orders of magnitude. */
static void
test_sums(int depth, bool weighted)
{
	Boosted		b;
	double		contribution[MAX_FEATURES];
	double	   *work;
	double		expected;
	double		worst = 0;
	double		mean = 0;
	double		total = 0;

	boosted_open(&b, 3000, 8);
	boosted_fill(&b, 2, 6);
	for (int64_t i = 0; i < b.n && weighted; i++)
		b.weight[i] = pow(10, -9 * random_unit());
	b.data.weight = weighted ? b.weight : NULL;
	b.options.depth = depth;
	b.options.lambda = 1e-3;
	boosted_bin(&b, SI_MAX_VALUE_BINS, 7);
	boosted_start(&b, 20);
	boosted_grow(&b, 20);
	work = malloc(si_treeshap_work_size(&b.forest));
	expected = si_treeshap_expected(&b.forest, pulse);
	for (int64_t i = 0; i < b.n; i++)
	{
		double		sum = expected;

		mean += b.weight[i] * b.margin[i];
		total += b.weight[i];
		if (i % 20 != 0)
			continue;
		si_treeshap(&b.forest, boosted_value(&b, i, 0), contribution, work,
					pulse);
		for (int j = 0; j < b.features; j++)
			sum += contribution[j];
		worst = fmax(worst, fabs(sum - b.margin[i]));
	}
	ok(worst < 1e-9, "depth %d%s: contributions sum up to the margin (%g)",
	   b.forest.depth, weighted ? ", weights" : "", worst);
	is_close(expected, mean / total, 1e-6,
			 "the expected margin is the mean over training rows");
	free(work);
	boosted_close(&b);
}

/* What follows from the axioms. */
static void
test_axioms(void)
{
	Boosted		b;
	double		contribution[MAX_FEATURES];
	double		part[MAX_FEATURES];
	const void *work[MAX_FEATURES];
	int			dummies = 0;
	double		worst = 0;

	train(&b, 1000, 4, 0, 4, 6);
	b.forest.nfeatures = 6;		/* two more that nothing splits */
	for (int64_t i = 0; i < 100; i++)
	{
		si_treeshap(&b.forest, boosted_value(&b, i, 0), contribution, work,
					pulse);
		dummies += contribution[4] != 0 || contribution[5] != 0;
	}
	si_treeshap(&b.forest, b.value, contribution, work, pulse);
	b.forest.ntrees = 3;
	for (int half = 0; half < 2; half++)
	{
		si_treeshap(&b.forest, b.value, part, work, pulse);
		for (int j = 0; j < 4; j++)
			contribution[j] -= part[j];
		for (int t = 0; t < 4; t++)
			b.forest.start[t] = b.forest.start[t + 3];
	}
	for (int j = 0; j < 4; j++)
		worst = fmax(worst, fabs(contribution[j]));
	ok(dummies == 0, "a feature that no tree splits adds nothing");
	ok(worst < 1e-12, "contributions of trees add up");
	b.forest.ntrees = 0;
	si_treeshap(&b.forest, b.value, contribution, work, pulse);
	ok(contribution[0] == 0 &&
	   si_treeshap_expected(&b.forest, pulse) == b.forest.base, "no trees");
	boosted_close(&b);
}

/* x1 <= 0 ? 0 : (x2 <= 0 ? 0 : 8), with covers 4 of 8 and 1 of 4. */
static void
test_by_hand(void)
{
	SiNode		node[5] = {
		{.at.threshold = 0, .left = 1, .feature = 0, .kind = SI_NODE_NUMERIC},
		{.at.value = 0},
		{.at.threshold = 0, .left = 3, .feature = 1, .kind = SI_NODE_NUMERIC},
		{.at.value = 0},
		{.at.value = 8}
	};
	double		cover[5] = {8, 4, 4, 3, 1};
	int32_t		start[2] = {0, 5};
	SiForest	f = {0, 2, 1, 2, start, node, cover, 0, NULL};
	double		row[2] = {1, 1};
	double		contribution[2];
	const void *work[2];

	ok(si_forest_check(&f, 5, NULL), "a tree made by hand");
	si_treeshap(&f, row, contribution, work, pulse);
	is_close(si_treeshap_expected(&f, pulse), 1, 1e-15, "expects 1");
	/* v() = 1, v(1) = 2, v(2) = 4, v(1, 2) = 8 */
	is_close(contribution[0], 2.5, 1e-14, "((2 - 1) + (8 - 4)) / 2");
	is_close(contribution[1], 4.5, 1e-14, "((4 - 1) + (8 - 2)) / 2");
}

/*
 * A share too small to be told from zero in one less the other, split again
 * by the same feature: on the left or right.
 */
static void
test_least_share(int rare)
{
	SiNode		node[5];
	double		cover[5] = {1, 1, 1, 0x1p-61, 0x1p-62};
	int32_t		start[2] = {0, 5};
	SiForest	f = {0, 1, 1, 2, start, node, cover, 0, NULL};
	double		contribution;
	const void *work;

	memset(node, 0, sizeof(node));
	node[0].kind = node[1 + rare].kind = SI_NODE_NUMERIC;
	node[0].left = 1;
	node[1 + rare].left = 3;
	node[1 + rare].at.threshold = rare == 0 ? -1 : 1;
	cover[1 + rare] = cover[3] + cover[4];
	node[2 - rare].at.value = 2;
	node[3].at.value = 3;
	node[4].at.value = 5;
	ok(si_forest_check(&f, 5, NULL), "a share of 2^-60 is well formed");
	is_close(si_treeshap_expected(&f, pulse), 2, 1e-15, "and expects nothing");
	for (double x = -1.5; x < 2; x++)
	{
		si_treeshap(&f, &x, &contribution, &work, pulse);
		is_close(contribution, si_forest_margin(&f, &x) - 2, 1e-14,
				 "one feature makes all the difference, %g", x);
	}
}

static void
print_speed(void)
{
	Boosted		b;
	double		contribution[MAX_FEATURES];
	const void *work[MAX_FEATURES];
	clock_t		start;

	train(&b, 3000, 8, 0, 6, 20);
	start = clock();
	for (int64_t i = 0; i < 1000; i++)
		si_treeshap(&b.forest, boosted_value(&b, i, 0), contribution, work,
					pulse);
	printf("# %.1f us a row and 20 trees of depth 6, sanitized\n",
		   1e3 * (clock() - start) / CLOCKS_PER_SEC);
	boosted_close(&b);
}

int
main(void)
{
	test_by_hand();
	test_twin(1, 0, 3, 2);
	test_twin(3, 0, 2, 3);
	test_twin(5, 1, 6, 5);
	test_twin(8, 2, 7, 3);
	test_twin(6, 1, 12, 3);
	test_twin(3, 0, 16, 2);
	test_sums(6, false);
	test_sums(16, false);
	test_sums(6, true);
	test_sums(16, true);
	test_axioms();
	test_least_share(0);
	test_least_share(1);
	print_speed();
	return done_testing();
}
