/*
 * test_forest_codec.c
 *	  A model of boosted trees comes back from its bytes and scores to the bit
 *	  as it did, which is what counts.
 */
#include "core/trees/si_treeshap.h"
#include "forest_samples.h"
#include "model_compare.h"

#define ROWS			2000

/* A model decoded, in memory of exactly its size. */
typedef struct Decoded
{
	uint8_t    *bytes;
	size_t		size;
	void	   *arena;
	SiLeadModel model;
} Decoded;

static bool
decode(const SiLeadModel *model, Decoded *d)
{
	size_t		arena_size;
	SiStatus	status;

	d->bytes = encoded(model, &d->size);
	d->arena = NULL;
	status = si_lead_model_measure(d->bytes, d->size, &arena_size);
	if (status == SI_OK)
	{
		d->arena = malloc(arena_size);
		memset(d->arena, 0xff, arena_size);
		status = si_lead_model_decode(d->bytes, d->size, d->arena, &d->model);
	}
	return ok(status == SI_OK, "%zu bytes decode", d->size);
}

static void
forget(Decoded *d)
{
	free(d->arena);
	free(d->bytes);
}

/* Margins to the bit; contributions within the rounding of covers. */
static void
test_scores(const GrownModel *g)
{
	const SiForest *before = g->sample.model.forest;
	const SiForest *after;
	double		row[MAX_FEATURES];
	double		a[MAX_FEATURES];
	double		b[MAX_FEATURES];
	const void *work[MAX_FEATURES];
	double		worst = 0;
	int			differ = 0;
	Decoded		d;

	if (!decode(&g->sample.model, &d))
		return;
	after = d.model.forest;
	for (int i = 0; i < ROWS; i++)
	{
		hard_row(g, row);
		differ += !same_double(si_forest_margin(before, row),
							   si_forest_margin(after, row));
		if (i % 20 != 0)
			continue;
		si_treeshap(before, row, a, work, pulse);
		si_treeshap(after, row, b, work, pulse);
		for (int j = 0; j < before->nfeatures; j++)
			worst = fmax(worst, fabs(a[j] - b[j]));
	}
	ok(differ == 0, "%d margins are the same to the bit", ROWS);
	ok(worst < 1e-12, "contributions are the same (%g)", worst);
	is_close(si_treeshap_expected(after, pulse),
			 si_treeshap_expected(before, pulse), 1e-13, "so is what is expected");
	forget(&d);
}

static void
test_grown(int features, int depth, int trees, int want_depth,
		   const char *name)
{
	GrownModel	g;

	grow_model(&g, 700, features, depth, trees);
	ok(g.boosted.forest.depth == want_depth && g.boosted.forest.ntrees == trees,
	   "%s: %d trees of depth %d", name, trees, want_depth);
	ok((g.boosted.forest.nsets > 0) == (features > NUMBERS && depth > 0),
	   "%d splits by category", g.boosted.forest.nsets);
	test_round_trip(&g.sample.model, name);
	test_scores(&g);
	boosted_close(&g.boosted);
}

/* Weights over many orders of size: covers that need rounding. */
static void
test_weights(void)
{
	GrownModel	g;

	grow_model(&g, 700, SAMPLE_FEATURES, 5, 3);
	for (int64_t i = 0; i < g.boosted.n; i++)
		g.boosted.weight[i] = pow(10, -9 * random_unit());
	g.boosted.data.weight = g.boosted.weight;
	memset(g.boosted.margin, 0, g.boosted.n * sizeof(double));
	si_boost_start(&g.boosted.boost);
	g.boosted.forest.ntrees = g.boosted.forest.nsets = 0;
	boosted_grow(&g.boosted, 3);
	test_round_trip(&g.sample.model, "weighted rows");
	test_scores(&g);
	boosted_close(&g.boosted);
}

static void
test_hand(void)
{
	HandModel	h;
	Decoded		d;
	const SiForest *f;

	hand_model(&h);
	test_round_trip(&h.sample.model, "a tree made by hand");
	if (!decode(&h.sample.model, &d))
		return;
	f = d.model.forest;
	ok(f->cover[0] == 10 && f->cover[1] == 7, "covers of inner nodes");
	ok(f->node[0].missing_right == 1 && f->node[1].left == 3 &&
	   f->set[0].bits[0] == 0x25 && f->set[0].bits[3] == 0,
	   "the rest of it");
	forget(&d);
	h.set[0].bits[0] |= 1 << 6;
	h.set[0].bits[3] = UINT64_MAX;
	decode(&h.sample.model, &d);
	ok(d.model.forest->set[0].bits[0] == 0x25 &&
	   d.model.forest->set[0].bits[3] == 0, "bins past the last are cut off");
	forget(&d);
}

/* A model of trees that was not fitted has none. */
static void
test_unfitted(void)
{
	SampleModel s;

	sample_unfitted(&s);
	s.model.algorithm = SI_ALGORITHM_BOOSTED_TREES;
	s.model.learning_rate = 1;
	test_round_trip(&s.model, "unfitted model of trees");
}

/* A category of as many levels as bins of a byte allow: a set of 32 bytes. */
static void
test_most_levels(int nlevels, bool fits)
{
	SiLevel    *levels = calloc(nlevels, sizeof(SiLevel));
	char	  (*name)[12] = calloc(nlevels, sizeof(*name));
	HandModel	h;
	size_t		size;
	size_t		arena_size;
	uint8_t    *bytes;

	hand_model(&h);
	for (int i = 0; i < nlevels; i++)
	{
		snprintf(name[i], sizeof(*name), "%03d", i);
		levels[i].text = text_of(name[i]);
	}
	h.sample.feature[4].levels = levels;
	h.sample.feature[4].nlevels = nlevels;
	h.sample.feature[4].reference = -1;
	memset(h.set, 0xa5, sizeof(h.set));
	bytes = encoded(&h.sample.model, &size);
	ok((si_lead_model_measure(bytes, size, &arena_size) == SI_OK) == fits,
	   "%d levels", nlevels);
	if (fits)
		test_round_trip(&h.sample.model, "all levels");
	free(bytes);
	free(name);
	free(levels);
}

static void
test_size(void)
{
	GrownModel	g;
	size_t		size;

	grow_model(&g, 5000, SAMPLE_FEATURES, 6, 100);
	size = si_lead_model_encoded_size(&g.sample.model);
	ok(size < 300000 && g.boosted.forest.start[100] > 100 * 80,
	   "100 trees of depth 6 take less than 300 kB");
	boosted_close(&g.boosted);
}

int
main(void)
{
	test_grown(NUMBERS, 4, 7, 4, "numbers");
	test_grown(SAMPLE_FEATURES, 6, 9, 6, "categories and missing values");
	test_grown(SAMPLE_FEATURES, 16, 2, 16, "deep trees");
	test_grown(SAMPLE_FEATURES, 0, 3, 0, "trees of one leaf");
	test_grown(NUMBERS, 4, 0, 0, "no trees");
	test_weights();
	test_hand();
	test_unfitted();
	for (int nlevels = 1; nlevels < 20; nlevels++)
		test_most_levels(nlevels, true);
	test_most_levels(SI_MAX_BIN_LEVELS, true);
	test_most_levels(SI_MAX_BIN_LEVELS + 1, false);
	test_size();
	return done_testing();
}
