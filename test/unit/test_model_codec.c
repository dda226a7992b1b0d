/*
 * test_model_codec.c
 *	  A lead model comes back from its bytes; what is no model is refused.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "model_samples.h"
#include "tap.h"

#define SAME(field) is_close(b->field, a->field, 0, #field)

static bool
same_text(SiText a, SiText b)
{
	return a.length == b.length &&
		(a.length <= 0 || memcmp(a.data, b.data, a.length) == 0);
}

static bool
same_double(double a, double b)
{
	return si_double_bits(a) == si_double_bits(b);
}

static bool
same_effect(SiEffect a, SiEffect b)
{
	return same_double(a.share, b.share) &&
		same_double(a.coefficient, b.coefficient) &&
		same_double(a.std_error, b.std_error);
}

static void
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
	SAME(baseline);
	SAME(intercept);
	SAME(intercept_std_error);
	SAME(nfeatures);
	SAME(nwarnings);
}

static void
compare_calibration(const SiCalibration *a, const SiCalibration *b)
{
	int			i;

	SAME(kind);
	SAME(intercept);
	SAME(slope);
	if (!SAME(nknots))
		return;
	for (i = 0; i < a->nknots; i++)
		ok(same_double(a->margin[i], b->margin[i]) &&
		   same_double(a->probability[i], b->probability[i]), "knot %d", i);
}

static void
compare_category(const SiFeature *a, const SiFeature *b)
{
	int			i;

	ok(same_effect(a->rare, b->rare), "rare");
	SAME(reference);
	if (!SAME(nlevels))
		return;
	for (i = 0; i < a->nlevels; i++)
		ok(same_text(a->levels[i].text, b->levels[i].text) &&
		   same_effect(a->levels[i].effect, b->levels[i].effect),
		   "level \"%.*s\"", (int) a->levels[i].text.length,
		   a->levels[i].text.data);
}

static void
compare_feature(const SiFeature *a, const SiFeature *b)
{
	ok(same_text(a->column, b->column), "feature \"%.*s\"",
	   (int) a->column.length, a->column.data);
	SAME(width);
	SAME(element);
	SAME(kind);
	ok(same_effect(a->missing, b->missing), "missing");
	SAME(center);
	SAME(slope);
	SAME(std_error);
	compare_category(a, b);
}

/* The bytes are gone from the encoder's view once copied: decode a copy. */
static void
test_round_trip(const SiLeadModel *model, const char *name)
{
	size_t		size;
	size_t		again_size;
	size_t		arena_size;
	uint8_t    *bytes = encoded(model, &size);
	uint8_t    *again;
	void	   *arena;
	SiLeadModel back;
	int			i;

	ok(si_lead_model_measure(bytes, size, &arena_size) == SI_OK,
	   "%s: %zu bytes are accepted", name, size);
	arena = malloc(arena_size);
	memset(arena, 0xff, arena_size);
	ok(si_lead_model_decode(bytes, size, arena, &back) == SI_OK, "decodes");
	compare_numbers(model, &back);
	compare_calibration(&model->calibration, &back.calibration);
	for (i = 0; i < model->nfeatures; i++)
		compare_feature(&model->features[i], &back.features[i]);
	for (i = 0; i < model->nwarnings; i++)
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

/* The first length bytes, with or without a hash that fits them. */
static SiStatus
measure_prefix(const uint8_t *bytes, size_t length, bool repair)
{
	uint8_t    *part = malloc(length);
	size_t		arena_size;
	SiStatus	status;

	memcpy(part, bytes, length);
	if (repair && length >= 8)
		si_store_u64(part + length - 8, si_hash_bytes(part, length - 8, 0));
	status = si_lead_model_measure(part, length, &arena_size);
	free(part);
	return status;
}

static void
test_truncation(const SiLeadModel *model)
{
	size_t		size;
	uint8_t    *bytes = encoded(model, &size);
	uint8_t    *longer = calloc(1, size + 9);
	size_t		accepted = 0;
	size_t		length;

	for (length = 0; length < size; length++)
		accepted += measure_prefix(bytes, length, false) == SI_OK ||
			measure_prefix(bytes, length, true) == SI_OK;
	ok(accepted == 0, "no truncation is accepted, hash repaired or not");
	memcpy(longer, bytes, size - 8);
	for (length = size + 1; length <= size + 9; length++)
		accepted += measure_prefix(longer, length, true) == SI_OK;
	ok(accepted == 0, "bytes after the end are not accepted");
	free(longer);
	free(bytes);
}

/* The largest model: all features, one of them with all levels. */
static SiStatus
measure_large(int nfeatures, int nlevels, int nwarnings)
{
	SampleModel sample;
	SiFeature  *features = calloc(nfeatures, sizeof(SiFeature));
	SiLevel    *levels = calloc(nlevels, sizeof(SiLevel));
	SiWarning  *warnings = calloc(nwarnings, sizeof(SiWarning));
	char	  (*name)[12] = calloc(nfeatures + nlevels, sizeof(*name));
	size_t		size;
	uint8_t    *bytes;
	SiStatus	status;
	int			i;

	sample_full(&sample);
	for (i = 0; i < nfeatures + nlevels; i++)
		snprintf(name[i], sizeof(*name), "%06d", i);
	for (i = 0; i < nfeatures; i++)
	{
		features[i] = sample.feature[i == 0 ? 5 : 0];
		features[i].column = text_of(name[i]);
	}
	for (i = 0; i < nlevels; i++)
		levels[i].text = text_of(name[nfeatures + i]);
	for (i = 0; i < nwarnings; i++)
		warnings[i] = sample.warning[0];
	features[0].nlevels = nlevels;
	features[0].levels = levels;
	sample.model.nfeatures = nfeatures;
	sample.model.features = features;
	sample.model.nwarnings = nwarnings;
	sample.model.warnings = warnings;
	bytes = encoded(&sample.model, &size);
	status = measure_prefix(bytes, size, false);
	free(bytes);
	free(name);
	free(warnings);
	free(levels);
	free(features);
	return status;
}

static void
test_limits(void)
{
	ok(measure_large(SI_MAX_FEATURES, SI_MAX_LEVELS, SI_MAX_WARNINGS) == SI_OK,
	   "as much as allowed");
	ok(measure_large(SI_MAX_FEATURES + 1, 1, 1) == SI_CORRUPT,
	   "one feature too many");
	ok(measure_large(1, SI_MAX_LEVELS + 1, 1) == SI_CORRUPT,
	   "one level too many");
	ok(measure_large(1, 1, SI_MAX_WARNINGS + 1) == SI_CORRUPT,
	   "one warning too many");
}

int
main(void)
{
	SampleModel sample;

	sample_full(&sample);
	test_round_trip(&sample.model, "full model");
	test_truncation(&sample.model);
	sample_platt(&sample);
	test_round_trip(&sample.model, "model with Platt's calibration");
	sample_unfitted(&sample);
	test_round_trip(&sample.model, "unfitted model");
	test_truncation(&sample.model);
	test_limits();
	return done_testing();
}
