/*
 * boosted.h
 *
 * Training rows for the tests of boosted trees, and all memory that binning,
 * growing and scoring them needs.
 */
#ifndef BOOSTED_H
#define BOOSTED_H

#include <math.h>

#include "core/trees/si_forest.h"
#include "scored.h"

#define MAX_FEATURES	10

typedef struct Boosted
{
	int64_t		n;
	int			features;
	int			stride;
	double	   *value;			/* row by row; a category's bin as number */
	uint8_t    *positive;
	double	   *weight;
	uint64_t   *hash;
	uint8_t    *bins;
	SiFeatureKind kind[MAX_FEATURES];
	double		edge[MAX_FEATURES][SI_BINS];
	SiBinning	binning[MAX_FEATURES];
	int8_t		monotone[MAX_FEATURES];
	SiBoostData data;
	SiBoostOptions options;
	SiBoost		boost;
	double	   *margin;
	SiForest	forest;
	SiForestRoom room;
} Boosted;

static inline void *
cleared(size_t count, size_t size)
{
	return calloc(count + 1, size);
}

/* Margins of n rows, row i at rows[i * stride]. */
static inline void
forest_margins(const SiForest *forest, int64_t n, const double *rows,
			   int64_t stride, double *margin)
{
	for (int64_t i = 0; i < n; i++)
		margin[i] = si_forest_margin(forest, rows + i * stride);
}

static inline void
boosted_open(Boosted *b, int64_t n, int features)
{
	memset(b, 0, sizeof(*b));
	b->n = n;
	b->features = features;
	b->stride = si_bins_stride(features);
	b->value = cleared(n * features, sizeof(double));
	b->positive = cleared(n, 1);
	b->weight = cleared(n, sizeof(double));
	b->hash = cleared(n, sizeof(uint64_t));
	b->bins = cleared(n, b->stride);
	b->margin = cleared(n, sizeof(double));
	for (int j = 0; j < features; j++)
	{
		b->kind[j] = SI_FEATURE_NUMERIC;
		b->binning[j].edge = b->edge[j];
	}
	for (int64_t i = 0; i < n; i++)
		b->weight[i] = 1;
	b->options = (SiBoostOptions) {
		.depth = 4, .learning_rate = 0.1, .lambda = 1, .min_leaf = 1,
		.subsample = 1, .category_smooth = 10, .category_l2 = 10
	};
	b->data = (SiBoostData) {
		n, features, b->binning, b->bins, NULL, b->positive, NULL
	};
}

static inline void
boosted_close(Boosted *b)
{
	free(b->value);
	free(b->positive);
	free(b->weight);
	free(b->hash);
	free(b->bins);
	free(b->margin);
	free(b->boost.work);
	free(b->forest.start);
	free(b->forest.node);
	free(b->forest.cover);
	free(b->forest.set);
}

static inline double *
boosted_value(const Boosted *b, int64_t i, int j)
{
	return &b->value[i * b->features + j];
}

/* Edges and bins of all features; a category has the given number of bins. */
static inline void
boosted_bin(Boosted *b, int max_bins, int category_bins)
{
	void	   *work = malloc(si_bins_work_size(b->n + 1));

	for (int j = 0; j < b->features; j++)
	{
		SiBinSample sample = {b->n, b->value + j, b->features,
		b->data.weight};
		SiBinning  *binning = &b->binning[j];

		binning->kind = b->kind[j];
		binning->nbins = b->kind[j] == SI_FEATURE_CATEGORY ? category_bins :
			si_bins_find(&sample, max_bins, work, b->edge[j], pulse);
		si_bins_encode(binning, b->n, b->value + j, b->features,
					   b->bins + j, b->stride, pulse);
	}
	free(work);
}

/* Memory for so many trees; margins are left as they are. */
static inline SiStatus
boosted_start(Boosted *b, int trees)
{
	int64_t		nodes = si_boost_max_nodes(&b->options, b->n);

	b->room.trees = trees;
	b->room.nodes = (int32_t) (nodes * trees);
	b->room.sets = b->room.nodes;
	b->forest.nfeatures = b->features;
	b->forest.start = cleared(trees + 1, sizeof(int32_t));
	b->forest.node = cleared(b->room.nodes, sizeof(SiNode));
	b->forest.cover = cleared(b->room.nodes, sizeof(double));
	b->forest.set = cleared(b->room.sets, sizeof(SiBinSet));
	b->boost.data = &b->data;
	b->boost.options = &b->options;
	b->boost.ntrain = b->n;
	b->boost.margin = b->margin;
	b->boost.pulse = pulse;
	b->boost.work = malloc(si_boost_work_size(&b->data, &b->options, b->n));
	return si_boost_start(&b->boost);
}

static inline void
boosted_grow(Boosted *b, int trees)
{
	for (int t = 0; t < trees; t++)
	{
		si_boost_grow_tree(&b->boost);
		si_forest_append(&b->forest, &b->room, &b->boost.tree, b->binning);
	}
}

static inline int32_t
boosted_nodes(const Boosted *b)
{
	return b->forest.start[b->forest.ntrees];
}

/* The leaf of the last tree that a row of raw values reaches. */
static inline uint32_t
boosted_leaf(const Boosted *b, int tree, const double *row)
{
	const SiNode *node = b->forest.node + b->forest.start[tree];
	uint32_t	at = 0;

	while (node[at].left != 0)
		at = node[at].left + si_node_goes_right(&b->forest, &node[at],
												row[node[at].feature]);
	return at;
}

/*
 * Numbers with ties, gaps and a category, labels that depend on them; the
 * last `categories` features are categories of so many levels.
 */
static inline void
boosted_fill(Boosted *b, int categories, int levels)
{
	for (int j = b->features - categories; j < b->features; j++)
		b->kind[j] = SI_FEATURE_CATEGORY;
	for (int64_t i = 0; i < b->n; i++)
	{
		double		margin = -0.5;

		for (int j = 0; j < b->features; j++)
		{
			double		x = random_below(j % 2 == 0 ? 12 : 100000) / 12.0;

			if (b->kind[j] == SI_FEATURE_CATEGORY)
				x = 1 + random_below(levels);
			if (j > 0 && random_below(6) == 0)
				x = NAN;
			*boosted_value(b, i, j) = x;
			if (b->kind[j] == SI_FEATURE_CATEGORY)
				margin += isnan(x) ? 1 : sin(7 * x);
			else
				margin += isnan(x) ? 0.7 : cos(j + x);
		}
		b->positive[i] = random_unit() < 1 / (1 + exp(-margin));
		b->hash[i] = (uint64_t) (random_unit() * 9e15) * 1021;
	}
}

/* AUC of margins against labels. */
static inline double
boosted_auc(int64_t n, const double *margin, const uint8_t *positive)
{
	SiKeyed    *item = malloc((2 * n + 1) * sizeof(SiKeyed));
	double		wins = 0;
	double		negatives = 0;

	for (int64_t i = 0; i < n; i++)
	{
		item[i].key = si_sort_key(margin[i]);
		item[i].item = positive[i];
	}
	si_sort_keyed(n, item, item + n, pulse);
	for (int64_t i = 0; i < n;)
	{
		double		of[2] = {0, 0};
		uint64_t	key = item[i].key;

		for (; i < n && item[i].key == key; i++)
			of[item[i].item]++;
		wins += of[1] * (negatives + of[0] / 2);
		negatives += of[0];
	}
	free(item);
	return wins / negatives / (n - negatives);
}

#endif							/* BOOSTED_H */
