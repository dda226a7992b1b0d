/*
 * test_boost_twin.c
 *
 * Grown trees against exhaustive search on raw values: every node's gain is
 * the best of all thresholds, directions of missing values and subsets of
 * levels; no leaf could have been split; values and covers are right.
 */
#include "tap.h"

#include "boosted.h"

#define TOLERANCE	1e-6		/* gradients have thirty bits */

static double *gradient;
static double *curvature;

/* Sums over the rows of a node: by place, those that go left. */
typedef struct Side
{
	double		g;
	double		h;
	int			n;
} Side;

static double
side_score(Side side, double lambda)
{
	return side.g * side.g / (side.h + lambda);
}

/* The gain of sending left whom the mask of rows says; -1 if not allowed. */
static double
gain_of(const Boosted *b, const bool *member, const bool *left)
{
	Side		side[2] = {{0, 0, 0}, {0, 0, 0}};
	Side		all;

	for (int64_t i = 0; i < b->n; i++)
		if (member[i])
		{
			side[left[i]].g += gradient[i];
			side[left[i]].h += curvature[i];
			side[left[i]].n++;
		}
	all = (Side) {side[0].g + side[1].g, side[0].h + side[1].h, 0};
	for (int k = 0; k < 2; k++)
		if (side[k].n < b->options.min_leaf ||
			side[k].h < b->options.min_hessian)
			return -1;
	return side_score(side[0], b->options.lambda) +
		side_score(side[1], b->options.lambda) -
		side_score(all, b->options.lambda);
}

static double
best_threshold(const Boosted *b, int j, const bool *member, bool *left)
{
	double		best = -1;

	for (int64_t k = 0; k < b->n; k++)
	{
		double		threshold = *boosted_value(b, k, j);

		if (!member[k] || isnan(threshold))
			continue;
		for (int missing = 0; missing < 2; missing++)
		{
			for (int64_t i = 0; i < b->n; i++)
			{
				double		x = *boosted_value(b, i, j);

				left[i] = isnan(x) ? missing : x <= threshold;
			}
			best = fmax(best, gain_of(b, member, left));
		}
	}
	return best;
}

static double
best_subset(const Boosted *b, int j, const bool *member, bool *left)
{
	int			nbins = b->binning[j].nbins;
	double		best = -1;

	for (int mask = 0; mask < 1 << nbins; mask++)
	{
		for (int64_t i = 0; i < b->n; i++)
			left[i] = mask >> b->bins[i * b->stride + j] & 1;
		best = fmax(best, gain_of(b, member, left));
	}
	return best;
}

static double
best_gain(const Boosted *b, const bool *member, bool *left)
{
	double		best = -1;

	for (int j = 0; j < b->features; j++)
		best = fmax(best, b->kind[j] == SI_FEATURE_CATEGORY ?
					best_subset(b, j, member, left) :
					best_threshold(b, j, member, left));
	return best;
}

/* Check node `at` of the grown tree and those below it. */
static int
faults_below(const Boosted *b, int at, int depth, const bool *member)
{
	const SiTreeNode *node = &b->boost.tree.node[at];
	bool	   *left = cleared(b->n, sizeof(bool));
	bool	   *right = cleared(b->n, sizeof(bool));
	Side		sum = {0, 0, 0};
	int			faults = 0;
	double		best;

	for (int64_t i = 0; i < b->n; i++)
		if (member[i])
			sum = (Side) {sum.g + gradient[i], sum.h + curvature[i],
			sum.n + 1};
	faults += node->cover != sum.n;
	best = depth < b->options.depth ? best_gain(b, member, left) : -1;
	if (node->left == 0)
	{
		faults += best > TOLERANCE;
		faults += fabs(node->value + b->options.learning_rate * sum.g /
					   (sum.h + b->options.lambda)) > TOLERANCE;
	}
	else
	{
		for (int64_t i = 0; i < b->n; i++)
		{
			left[i] = si_bins_contain(node->left_bins,
									  b->bins[i * b->stride + node->feature]);
			right[i] = member[i] && !left[i];
		}
		faults += fabs(node->gain - best) > TOLERANCE * fmax(1, best);
		faults += fabs(node->gain - gain_of(b, member, left)) >
			TOLERANCE * fmax(1, best);
		for (int64_t i = 0; i < b->n; i++)
			left[i] &= member[i];
		faults += faults_below(b, node->left, depth + 1, left);
		faults += faults_below(b, node->left + 1, depth + 1, right);
	}
	free(left);
	free(right);
	return faults;
}

/* Two trees, each checked at the margins before it. */
static void
test_twin(int n, int features, int categories, int depth, double lambda,
		  int min_leaf)
{
	Boosted		b;
	bool	   *all = cleared(n, sizeof(bool));
	int			faults = 0;
	int			nodes = 0;

	boosted_open(&b, n, features);
	boosted_fill(&b, categories, 5);
	boosted_bin(&b, SI_MAX_VALUE_BINS, 6);
	b.options.depth = depth;
	b.options.lambda = lambda;
	b.options.min_leaf = min_leaf;
	b.options.min_hessian = 0.1;
	b.options.category_l2 = b.options.category_smooth = 0;
	gradient = cleared(n, sizeof(double));
	curvature = cleared(n, sizeof(double));
	boosted_start(&b, 2);
	memset(all, 1, n);
	for (int64_t i = 0; i < n; i++)
		b.margin[i] = random_unit() - 0.5;
	for (int t = 0; t < 2; t++)
	{
		for (int64_t i = 0; i < n; i++)
		{
			double		p = 1 / (1 + exp(-b.margin[i]));

			gradient[i] = p - b.positive[i];
			curvature[i] = p * (1 - p);
		}
		boosted_grow(&b, 1);
		faults += faults_below(&b, 0, 0, all);
		nodes += b.boost.tree.nnodes;
	}
	ok(faults == 0, "%d rows, %d features (%d categories), depth %d: "
	   "%d nodes as by exhaustion (%d faults)", n, features, categories, depth,
	   nodes, faults);
	boosted_close(&b);
	free(all);
	free(gradient);
	free(curvature);
}

int
main(void)
{
	test_twin(40, 2, 0, 3, 1, 1);
	test_twin(200, 3, 0, 4, 1, 1);
	test_twin(200, 3, 0, 5, 0.1, 7);
	test_twin(200, 1, 1, 4, 0, 1);
	test_twin(150, 3, 1, 3, 0, 3);
	test_twin(150, 4, 2, 4, 0, 1);
	test_twin(30, 1, 0, 6, 1, 1);
	return done_testing();
}
