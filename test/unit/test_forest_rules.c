/*
 * test_forest_rules.c
 *	  Each rule of the encoding of trees: one thing broken, nothing accepted.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "forest_samples.h"
#include "tap.h"

/* What measure says of bytes, of which decode must then make a model. */
static SiStatus
judge(const uint8_t *bytes, size_t size)
{
	size_t		arena_size;
	SiLeadModel model;
	void	   *arena;
	SiStatus	status = si_lead_model_measure(bytes, size, &arena_size);

	if (status != SI_OK)
		return status;
	arena = malloc(arena_size);
	if (si_lead_model_decode(bytes, size, arena, &model) != SI_OK)
		ok(false, "what is measured decodes");
	free(arena);
	return status;
}

static SiStatus
judge_model(const SiLeadModel *model)
{
	size_t		size;
	uint8_t    *bytes = encoded(model, &size);
	SiStatus	status = judge(bytes, size);

	free(bytes);
	return status;
}

/* The model made by hand with one statement applied to it, as m, f or h. */
#define AFTER(statement, want, name) \
	do \
	{ \
		HandModel	h; \
		SiLeadModel *m = &h.sample.model; \
		SiForest   *f = &h.forest; \
		hand_model(&h); \
		(void) m; \
		(void) f; \
		statement; \
		ok(judge_model(&h.sample.model) == (want), "%s", name); \
	} while (0)

#define REFUSED(statement)	AFTER(statement, SI_CORRUPT, "refused: " #statement)
#define ACCEPTED(statement) AFTER(statement, SI_OK, "accepted: " #statement)

static void
test_model(void)
{
	ACCEPTED((void) 0);
	REFUSED(m->learning_rate = 0);
	REFUSED(m->learning_rate = -0.1);
	REFUSED(m->learning_rate = 1.01);
	REFUSED(m->learning_rate = NAN);
	ACCEPTED(m->learning_rate = 1);
	REFUSED(m->choice.loser = SI_ALGORITHM_BOOSTED_TREES);
	ACCEPTED(m->choice.loser = 0);
	ACCEPTED(m->fitted = m->usable = false);
	ACCEPTED((m->nfeatures = 4, f->ntrees = f->nsets = 0));
	REFUSED((m->nfeatures = 0, f->ntrees = f->nsets = 0));
}

static void
test_forest(void)
{
	REFUSED(f->base = NAN);
	REFUSED(f->base = -INFINITY);
	ACCEPTED(f->base = -SI_MAX_MARGIN / 2);
	REFUSED(f->base = -SI_MAX_MARGIN * 1.01);
	REFUSED((f->base = SI_MAX_MARGIN * 0.6, h.node[4].at.value = -f->base));
	REFUSED(f->nsets = 0);
	REFUSED(f->nsets = 2);
	REFUSED(f->ntrees = 0);
	REFUSED(h.start[1] = 4);
	REFUSED(h.start[1] = 6);
	REFUSED((f->ntrees = 2, h.start[2] = 5));
	/* a second tree of one leaf */
	ACCEPTED((f->ntrees = 2, h.start[2] = 6, h.cover[5] = 1));
	REFUSED((f->ntrees = 2, h.start[2] = 6, h.cover[5] = 0));
}

static void
test_nodes(void)
{
	REFUSED(h.node[0].kind = 3);
	REFUSED(h.node[0].feature = SAMPLE_FEATURES);
	REFUSED(h.node[0].feature = UINT16_MAX);
	REFUSED(h.node[0].feature = 4);
	ACCEPTED(h.node[0].feature = 3);
	REFUSED(h.node[0].at.threshold = NAN);
	ACCEPTED(h.node[0].at.threshold = INFINITY);
	ACCEPTED(h.node[0].at.threshold = -INFINITY);
	REFUSED(h.node[1].feature = 0);
	ACCEPTED((h.node[1].feature = 5, h.set[0].bits[0] = 2));
	REFUSED(h.node[1].missing_right = 1);
	REFUSED(h.node[2].missing_right = 1);
	REFUSED(h.node[1].kind = SI_NODE_LEAF);
	REFUSED(h.node[3].kind = SI_NODE_NUMERIC);
	REFUSED(h.node[3].at.value = NAN);
	REFUSED(h.node[3].at.value = INFINITY);
	REFUSED(h.node[3].at.value = -SI_MAX_MARGIN * 1.01);
	ACCEPTED(h.node[3].at.value = -SI_MAX_MARGIN * 0.99);
}

static void
test_covers(void)
{
	REFUSED(h.cover[2] = 0);
	REFUSED(h.cover[2] = -3);
	REFUSED(h.cover[2] = NAN);
	REFUSED(h.cover[2] = INFINITY);
	ACCEPTED(h.cover[2] = h.cover[3] = h.cover[4] = 5e-324);
	ACCEPTED(h.cover[2] = h.cover[3] = h.cover[4] = 5e307);
	REFUSED(h.cover[2] = h.cover[3] = h.cover[4] = 1e308);
	REFUSED(h.cover[2] = h.cover[3] = h.cover[4] = INFINITY);
	ACCEPTED(h.cover[2] = 8 * 0x1p-64);
	REFUSED(h.cover[2] = 6 * 0x1p-64);
	/* inner nodes have what their children have */
	ACCEPTED(h.cover[0] = h.cover[1] = NAN);
}

/*
 * One byte of the trees replaced.  They end before the warnings, of which
 * there are none, and the hash.
 */
static SiStatus
judge_patched(size_t at, uint8_t value)
{
	enum {NODES = 11 + 4 + 3 * 17, HEAD = 8 + 3 * 4, TAIL = 4 + 8};
	HandModel	h;
	size_t		size;
	uint8_t    *bytes;
	SiStatus	status;

	hand_model(&h);
	h.sample.model.nwarnings = 0;
	bytes = encoded(&h.sample.model, &size);
	bytes[size - TAIL - NODES - HEAD + at] = value;
	si_store_u64(bytes + size - 8, si_hash_bytes(bytes, size - 8, 0));
	status = judge(bytes, size);
	free(bytes);
	return status;
}

static void
test_bytes(void)
{
	const size_t trees = 8;
	const size_t sets = 16;
	const size_t root = 20;
	const size_t category = root + 11;
	const size_t leaf = category + 4;

	ok(judge_patched(trees, 1) == SI_OK, "trees");
	ok(judge_patched(trees, 2) == SI_CORRUPT, "a tree too many");
	ok(judge_patched(trees + 3, 1) == SI_CORRUPT, "trees without end");
	ok(judge_patched(trees + 4, 4) == SI_CORRUPT, "a node too few");
	ok(judge_patched(trees + 7, 1) == SI_CORRUPT, "nodes without end");
	ok(judge_patched(sets, 1) == SI_OK, "sets");
	ok(judge_patched(sets, 5) == SI_CORRUPT, "sets too many");
	ok(judge_patched(sets + 3, 1) == SI_CORRUPT, "sets without end");
	ok(judge_patched(root, SI_NODE_NUMERIC) == SI_OK, "missing goes left");
	ok(judge_patched(root, SI_NODE_NUMERIC + 8) == SI_CORRUPT,
	   "a direction out of range");
	ok(judge_patched(root, SI_NODE_NUMERIC + 128) == SI_CORRUPT,
	   "another one");
	ok(judge_patched(category + 2, 1) == SI_CORRUPT,
	   "a category out of range");
	ok(judge_patched(category + 3, 0x3f) == SI_OK, "a set of all bins");
	ok(judge_patched(category + 3, 0x65) == SI_CORRUPT, "a bin out of range");
	ok(judge_patched(leaf, SI_NODE_LEAF + 4) == SI_CORRUPT,
	   "a leaf with a direction");
}

/* A chain of splits of the first feature, so many deep. */
static SiStatus
judge_chain(int depth)
{
	enum {MOST = 2 * (SI_MAX_TREE_DEPTH + 1) + 1};
	SiNode		node[MOST];
	double		cover[MOST];
	int32_t		start[2] = {0, 2 * depth + 1};
	SiForest	f = {0, 1, 1, depth, start, node, cover, 0, NULL};
	SampleModel s;

	memset(node, 0, sizeof(node));
	for (int k = 0; k < MOST; k++)
		cover[k] = 1;
	for (int k = 0; k < depth; k++)
		node[2 * k].kind = SI_NODE_NUMERIC;
	sample_trees(&s, &f);
	return judge_model(&s.model);
}

/* Trees of one leaf. */
static SiStatus
judge_trees(int ntrees)
{
	int32_t    *start = calloc(ntrees + 1, sizeof(int32_t));
	SiNode	   *node = calloc(ntrees, sizeof(SiNode));
	double	   *cover = calloc(ntrees, sizeof(double));
	SiForest	f = {0, 1, ntrees, 0, start, node, cover, 0, NULL};
	SampleModel s;
	SiStatus	status;

	for (int t = 0; t < ntrees; t++)
	{
		start[t + 1] = t + 1;
		cover[t] = 1;
	}
	sample_trees(&s, &f);
	status = judge_model(&s.model);
	free(start);
	free(node);
	free(cover);
	return status;
}

static void
test_limits(void)
{
	for (int depth = 0; depth <= SI_MAX_TREE_DEPTH + 1; depth++)
		ok((judge_chain(depth) == SI_OK) == (depth <= SI_MAX_TREE_DEPTH),
		   "depth %d", depth);
	ok(judge_trees(SI_MAX_TREES) == SI_OK, "as many trees as allowed");
	ok(judge_trees(SI_MAX_TREES + 1) == SI_CORRUPT, "one tree too many");
}

int
main(void)
{
	test_model();
	test_forest();
	test_nodes();
	test_covers();
	test_bytes();
	test_limits();
	return done_testing();
}
