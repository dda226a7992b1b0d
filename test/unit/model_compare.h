/*
 * model_compare.h
 *	  Whether a lead model comes back from its bytes, part by part.
 */
#ifndef MODEL_COMPARE_H
#define MODEL_COMPARE_H

#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "core/trees/si_forest.h"
#include "model_samples.h"
#include "tap.h"

#define SAME(field) is_close(b->field, a->field, 0, #field)

static inline bool
same_text(SiText a, SiText b)
{
	return a.length == b.length &&
		(a.length <= 0 || memcmp(a.data, b.data, a.length) == 0);
}

static inline bool
same_double(double a, double b)
{
	return si_double_bits(a) == si_double_bits(b);
}

static inline bool
same_effect(SiEffect a, SiEffect b)
{
	return same_double(a.share, b.share) &&
		same_double(a.coefficient, b.coefficient) &&
		same_double(a.std_error, b.std_error);
}

static inline void
compare_numbers(const SiLeadModel *a, const SiLeadModel *b)
{
	SAME(algorithm);
	SAME(fitted);
	SAME(usable);
	SAME(rows);
	SAME(positives);
	SAME(skipped);
	SAME(folds);
	SAME(seed);
	SAME(l1);
	SAME(l2);
	SAME(quality.roc_auc);
	SAME(quality.auc_low);
	SAME(quality.auc_high);
	SAME(quality.log_loss);
	SAME(quality.brier_score);
	SAME(quality.calibration_error);
	SAME(band[0]);
	SAME(band[1]);
	SAME(band[2]);
	SAME(learning_rate);
	SAME(choice.loser);
	SAME(choice.loser_auc);
	SAME(choice.difference);
	SAME(choice.std_error);
	SAME(baseline);
	SAME(intercept);
	SAME(intercept_std_error);
	SAME(nfeatures);
	SAME(nwarnings);
}

static inline void
compare_calibration(const SiCalibration *a, const SiCalibration *b)
{
	SAME(kind);
	SAME(intercept);
	SAME(slope);
	if (!SAME(nknots))
		return;
	for (int i = 0; i < a->nknots; i++)
		ok(same_double(a->margin[i], b->margin[i]) &&
		   same_double(a->probability[i], b->probability[i]), "knot %d", i);
}

static inline void
compare_profile(const SiProfile *a, const SiProfile *b)
{
	if (!SAME(nbins))
		return;
	for (int i = 0; i < a->nbins; i++)
		ok(a->rows[i] == b->rows[i] &&
		   (i == 0 || same_double(a->edge[i - 1], b->edge[i - 1])),
		   "bin %d of a profile", i);
}

static inline void
compare_category(const SiFeature *a, const SiFeature *b)
{
	ok(same_effect(a->rare, b->rare), "rare");
	SAME(rare_rows);
	SAME(reference);
	if (!SAME(nlevels))
		return;
	for (int i = 0; i < a->nlevels; i++)
		ok(same_text(a->levels[i].text, b->levels[i].text) &&
		   a->levels[i].rows == b->levels[i].rows &&
		   same_effect(a->levels[i].effect, b->levels[i].effect),
		   "level \"%.*s\"", (int) a->levels[i].text.length,
		   a->levels[i].text.data);
}

static inline void
compare_feature(const SiFeature *a, const SiFeature *b)
{
	ok(same_text(a->column, b->column), "feature \"%.*s\"",
	   (int) a->column.length, a->column.data);
	SAME(width);
	SAME(element);
	SAME(kind);
	SAME(importance);
	SAME(missing_rows);
	ok(same_effect(a->missing, b->missing), "missing");
	SAME(center);
	SAME(slope);
	SAME(std_error);
	compare_profile(&a->profile, &b->profile);
	compare_category(a, b);
}

/* Of categories the bins that a row can be in. */
static inline bool
same_node(const SiLeadModel *a, const SiLeadModel *b, int32_t k)
{
	const SiNode *x = &a->forest->node[k];
	const SiNode *y = &b->forest->node[k];
	int			bins = a->features[x->feature].nlevels + 2;
	bool		same = x->kind == y->kind && x->left == y->left &&
		x->feature == y->feature && x->missing_right == y->missing_right;

	if (x->kind != SI_NODE_CATEGORY)
		return same && same_double(x->at.value, y->at.value);
	for (int bin = 0; bin < SI_BINS; bin++)
	{
		bool		in = si_bins_contain(b->forest->set[y->at.set].bits, bin);

		same = same && in == (bin < bins &&
							  si_bins_contain(a->forest->set[x->at.set].bits,
											  bin));
	}
	return same;
}

/* Covers of leaves to the bit, of others within rounding. */
static inline void
compare_forest(const SiLeadModel *a, const SiLeadModel *b)
{
	const SiForest *x = a->forest;
	const SiForest *y = b->forest;
	int			differ = 0;

	if (!ok((x == NULL) == (y == NULL), "a forest or none") || x == NULL)
		return;
	ok(same_double(x->base, y->base) && x->nfeatures == y->nfeatures &&
	   x->ntrees == y->ntrees && x->depth == y->depth &&
	   x->nsets == y->nsets &&
	   memcmp(x->start, y->start, (x->ntrees + 1) * sizeof(int32_t)) == 0,
	   "%d trees, %d sets", x->ntrees, x->nsets);
	for (int32_t k = 0; k < x->start[x->ntrees]; k++)
	{
		double		slack = x->node[k].left == 0 ? 0 : 1e-12 * x->cover[k];

		differ += !same_node(a, b, k) ||
			!(fabs(x->cover[k] - y->cover[k]) <= slack);
	}
	ok(differ == 0, "%d nodes", x->start[x->ntrees]);
}

/* The bytes are gone from the encoder's view once copied: decode a copy. */
static inline void
test_round_trip(const SiLeadModel *model, const char *name)
{
	size_t		size;
	size_t		again_size;
	size_t		arena_size;
	uint8_t    *bytes = encoded(model, &size);
	uint8_t    *again;
	void	   *arena;
	SiLeadModel back;

	if (!ok(si_lead_model_measure(bytes, size, &arena_size) == SI_OK,
			"%s: %zu bytes are accepted", name, size))
	{
		free(bytes);
		return;
	}
	arena = malloc(arena_size);
	memset(arena, 0xff, arena_size);
	ok(si_lead_model_decode(bytes, size, arena, &back) == SI_OK, "decodes");
	compare_numbers(model, &back);
	compare_calibration(&model->calibration, &back.calibration);
	compare_profile(&model->margins, &back.margins);
	for (int i = 0; i < model->nfeatures; i++)
		compare_feature(&model->features[i], &back.features[i]);
	compare_forest(model, &back);
	for (int i = 0; i < model->nwarnings; i++)
		ok(model->warnings[i].code == back.warnings[i].code &&
		   same_text(model->warnings[i].feature, back.warnings[i].feature) &&
		   same_text(model->warnings[i].message, back.warnings[i].message),
		   "warning %d", i);
	again = encoded(&back, &again_size);
	ok(size == again_size && memcmp(bytes, again, size) == 0,
	   "encodes to the same bytes");
	ok(si_lead_model_digest(bytes, size) == si_hash_bytes(bytes, size - 8, 0),
	   "the digest is the hash of the bytes before");
	free(again);
	free(arena);
	free(bytes);
}

#endif							/* MODEL_COMPARE_H */
