/*
 * forest_samples.h
 *	  Lead models of boosted trees, grown or made by hand, for the codec's
 *	  tests.
 */
#ifndef FOREST_SAMPLES_H
#define FOREST_SAMPLES_H

#include "boosted.h"
#include "model_samples.h"

#define NUMBERS			4		/* of the sample's features, which are first */
#define HAND_NODES		6		/* one more than is used */

/* A sample whose labels were learned by trees. */
typedef struct GrownModel
{
	SampleModel sample;
	Boosted		boosted;
} GrownModel;

/* A sample with one tree that a test may change. */
typedef struct HandModel
{
	SampleModel sample;
	SiForest	forest;
	int32_t		start[3];
	SiNode		node[HAND_NODES];
	double		cover[HAND_NODES];
	SiBinSet	set[2];
} HandModel;

static inline void
sample_trees(SampleModel *s, SiForest *forest)
{
	sample_full(s);
	s->model.algorithm = SI_ALGORITHM_BOOSTED_TREES;
	s->model.choice.loser = SI_ALGORITHM_LOGISTIC;
	s->model.learning_rate = 0.125;
	s->model.forest = forest;
	s->model.nfeatures = forest->nfeatures;
}

/* Levels past those of the sample are rare. */
static inline void
pool_levels(Boosted *b, const SiLeadModel *model)
{
	for (int64_t i = 0; i < b->n; i++)
		for (int j = NUMBERS; j < b->features; j++)
			if (*boosted_value(b, i, j) > 1 + model->features[j].nlevels)
				*boosted_value(b, i, j) = 1 + model->features[j].nlevels;
}

/*
 * The first features of the sample, all 7 with three categories, and trees
 * for them; depth 0 gives trees of one leaf.
 */
static inline void
grow_model(GrownModel *g, int64_t rows, int features, int depth, int trees)
{
	Boosted    *b = &g->boosted;

	boosted_open(b, rows, features);
	boosted_fill(b, features > NUMBERS ? features - NUMBERS : 0,
				 SAMPLE_LEVELS + 1);
	b->forest.nfeatures = features;
	sample_trees(&g->sample, &b->forest);
	pool_levels(b, &g->sample.model);
	b->options.depth = depth > 0 ? depth : 1;
	b->options.min_leaf = depth > 0 ? 1 : rows;
	boosted_bin(b, SI_MAX_VALUE_BINS, SAMPLE_LEVELS + 2);
	boosted_start(b, trees);
	b->forest.base = -0.25;
	boosted_grow(b, trees);
}

static inline void
hand_node(HandModel *h, int at, int left, int feature, SiNodeKind kind)
{
	h->node[at].left = left;
	h->node[at].feature = feature;
	h->node[at].kind = kind;
}

/* "visits" <= 2.5 ? ("channel" in {missing, 2, 5} ? 1 : -1.5) : 0.5 */
static inline void
hand_model(HandModel *h)
{
	memset(h, 0, sizeof(*h));
	h->forest = (SiForest) {
		.base = 0.25, .nfeatures = SAMPLE_FEATURES, .ntrees = 1, .depth = 2,
		.start = h->start, .node = h->node, .cover = h->cover, .nsets = 1,
		.set = h->set
	};
	h->start[1] = HAND_NODES - 1;
	hand_node(h, 0, 1, 0, SI_NODE_NUMERIC);
	hand_node(h, 1, 3, 4, SI_NODE_CATEGORY);
	h->node[0].at.threshold = 2.5;
	h->node[0].missing_right = 1;
	h->node[1].at.set = 0;
	h->node[2].at.value = 0.5;
	h->node[3].at.value = 1;
	h->node[4].at.value = -1.5;
	h->set[0].bits[0] = 1 << 0 | 1 << 2 | 1 << 5;
	h->cover[0] = 10;
	h->cover[1] = 7;
	h->cover[2] = 3;
	h->cover[3] = 5;
	h->cover[4] = 2;
	sample_trees(&h->sample, &h->forest);
}

/* A row as hard as there are: values of the training rows, edges, anything. */
static inline void
hard_row(const GrownModel *g, double *row)
{
	static const double hard[] = {NAN, INFINITY, -INFINITY, -0.0, 1e300};
	const Boosted *b = &g->boosted;

	for (int j = 0; j < b->features; j++)
	{
		int			nedges = b->binning[j].nbins - 2;

		row[j] = *boosted_value(b, random_below((int) b->n), j);
		if (j >= NUMBERS)
			row[j] = random_below(g->sample.feature[j].nlevels + 2);
		else if (random_below(3) == 0)
			row[j] = hard[random_below(5)];
		else if (random_below(2) == 0 && nedges > 0)
			row[j] = b->edge[j][random_below(nedges)];
		if (random_below(8) == 0)
			row[j] = NAN;
	}
}

#endif							/* FOREST_SAMPLES_H */
