/*
 * test_model_rules.c
 *	  Each rule of the model's encoding: one thing broken, nothing accepted.
 *
 * The writer checks nothing, so a broken structure gives well-hashed bytes
 * that only the rule in question can refuse.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "model_samples.h"
#include "tap.h"

static SiStatus
measure(const SiLeadModel *model)
{
	size_t		size;
	size_t		arena_size;
	uint8_t    *bytes = encoded(model, &size);
	SiStatus	status = si_lead_model_measure(bytes, size, &arena_size);

	free(bytes);
	return status;
}

/* The full sample with one statement applied to it, as m or as s. */
#define AFTER(statement, want, name) \
	do \
	{ \
		SampleModel s; \
		SiLeadModel *m = &s.model; \
		sample_full(&s); \
		(void) m; \
		statement; \
		ok(measure(&s.model) == (want), "%s", name); \
	} while (0)

#define REFUSED(statement)	AFTER(statement, SI_CORRUPT, "refused: " #statement)
#define ACCEPTED(statement) AFTER(statement, SI_OK, "accepted: " #statement)

static void
test_head(void)
{
	REFUSED(m->algorithm = 0);
	REFUSED(m->algorithm = 3);
	REFUSED(m->fitted = false);
	ACCEPTED(m->fitted = m->usable = false);
	REFUSED(m->positives = m->rows + 1);
	ACCEPTED(m->positives = m->rows);
	REFUSED(m->positives = -1);
	REFUSED(m->skipped = -1);
	REFUSED(m->folds = -1);
	REFUSED(m->l1 = -1);
	REFUSED(m->l1 = NAN);
	REFUSED(m->l2 = INFINITY);
	REFUSED(m->quality.roc_auc = INFINITY);
	REFUSED(m->quality.calibration_error = -INFINITY);
	REFUSED(m->band[1] = 0.8);
	ACCEPTED(m->band[1] = 0.75);
	ACCEPTED(m->band[0] = NAN);
	REFUSED(m->baseline = NAN);
	REFUSED(m->intercept = INFINITY);
	ACCEPTED(m->intercept_std_error = NAN);
	REFUSED(m->intercept_std_error = -1);
}

static void
test_choice(void)
{
	REFUSED(m->choice.loser = SI_ALGORITHM_LOGISTIC);
	REFUSED(m->choice.loser = 3);
	REFUSED(m->choice.loser = -1);
	REFUSED(m->choice.loser_auc = -0.1);
	REFUSED(m->choice.loser_auc = 1.1);
	ACCEPTED(m->choice.loser_auc = 1);
	REFUSED(m->choice.loser_auc = NAN);
	REFUSED(m->choice.difference = INFINITY);
	REFUSED(m->choice.difference = -1.5);
	ACCEPTED(m->choice.difference = -0.5);
	REFUSED(m->choice.std_error = -0.1);
	ACCEPTED(m->choice.std_error = 0);
	REFUSED(m->choice.std_error = NAN);
}

/* Rows of 5e9, of which 4294967296 + 33041 are in the bins of the profile. */
static void
test_profiles(void)
{
	REFUSED(s.edge[0] = -INFINITY);
	REFUSED(s.edge[8] = INFINITY);
	REFUSED(s.edge[3] = NAN);
	REFUSED(s.edge[3] = s.edge[2]);
	REFUSED(s.edge[3] = -3);
	REFUSED(s.rows[0] = -1);
	REFUSED(s.rows[6] = INT64_MAX);
	ACCEPTED(s.rows[6] = m->rows - 33041);
	REFUSED(s.rows[6] = m->rows - 33040);
	REFUSED(m->margins = ((SiProfile) {SI_PROFILE_BINS + 1, s.edge, s.rows}));
	ACCEPTED(m->margins = profile_of(&s, SI_PROFILE_BINS));
	ACCEPTED(m->margins = profile_of(&s, 1));
	ACCEPTED(s.feature[0].missing_rows = m->rows - INT64_C(4295000337));
	REFUSED(s.feature[0].missing_rows = m->rows - INT64_C(4295000336));
	REFUSED(s.feature[0].missing_rows = -1);
	REFUSED(s.feature[5].rare_rows = -1);
	ACCEPTED(s.feature[5].rare_rows = m->rows - 1005);
	REFUSED(s.feature[5].rare_rows = m->rows - 1004);
	REFUSED(s.level[3].rows = -1);
	ACCEPTED(s.level[3].rows = INT64_C(1000000000) - 1304);
	REFUSED(s.level[3].rows = INT64_C(1000000000) - 1303);
}

static void
test_calibration(void)
{
	REFUSED(m->calibration.kind = 3);
	REFUSED(m->calibration.intercept = NAN);
	REFUSED(m->calibration.slope = -0.5);
	ACCEPTED(m->calibration.slope = 0);
	REFUSED(m->calibration.nknots = 0);
	ACCEPTED(m->calibration.nknots = 1);
	REFUSED(s.margin[1] = s.margin[0]);
	REFUSED(s.margin[0] = -INFINITY);
	REFUSED(s.margin[4] = NAN);
	REFUSED(s.probability[0] = -1e-300);
	REFUSED(s.probability[4] = 1.0000001);
	REFUSED(s.probability[2] = 0.2);
	REFUSED(s.probability[3] = NAN);
}

static void
test_features(void)
{
	REFUSED(s.feature[0].kind = 3);
	REFUSED(s.feature[0].column = text_of(""));
	REFUSED(s.feature[0].column = s.feature[6].column);
	REFUSED(s.feature[0].column = s.feature[1].column);
	REFUSED(s.feature[0].column.length++);
	REFUSED(s.feature[0].element = 1);
	REFUSED(s.feature[0].width = 1);
	REFUSED(s.feature[0].width = -1);
	REFUSED(s.feature[1].element = 2);
	REFUSED(s.feature[2].element = 3);
	REFUSED(s.feature[2].width = 4);
	REFUSED(s.feature[2].column = text_of("other"));
	REFUSED(m->nfeatures = 3);
	ACCEPTED(m->nfeatures = 4);
	REFUSED(sample_category(&s, 2, "embedding", 0, -1));
	REFUSED(s.feature[4].width = s.feature[4].element = 1);
	REFUSED(s.feature[0].importance = -1);
	REFUSED(s.feature[0].importance = NAN);
	REFUSED(s.feature[0].importance = INFINITY);
	REFUSED(s.feature[0].missing.share = 1.001);
	REFUSED(s.feature[0].missing.share = -1e-9);
	REFUSED(s.feature[0].missing.share = NAN);
	REFUSED(s.feature[0].missing.coefficient = NAN);
	REFUSED(s.feature[0].missing.std_error = INFINITY);
	REFUSED(s.feature[0].missing.std_error = -1);
	REFUSED(s.feature[0].center = NAN);
	REFUSED(s.feature[0].slope = INFINITY);
	REFUSED(s.feature[0].std_error = -1);
	ACCEPTED(s.feature[0].std_error = NAN);
}

static void
test_categories(void)
{
	REFUSED(s.feature[4].reference = SAMPLE_LEVELS);
	REFUSED(s.feature[4].reference = -3);
	REFUSED(s.feature[5].reference = 0);
	ACCEPTED(s.feature[4].reference = SAMPLE_LEVELS - 1);
	REFUSED(s.feature[4].rare.share = 2);
	REFUSED(s.feature[4].rare.coefficient = INFINITY);
	REFUSED(s.level[1].text = s.level[2].text);
	REFUSED(s.level[2].text = text_of("Referra"));
	REFUSED(s.level[3].text = text_of("A"));
	REFUSED(s.level[3].text = ((SiText) {"x\0y", 3}));
	REFUSED(s.level[1].effect.share = NAN);
}

static void
test_warnings(void)
{
	REFUSED(s.warning[0].code = 0);
	REFUSED(s.warning[0].code = SI_WARN_LAST + 1);
	REFUSED(s.warning[1].feature = ((SiText) {"\0", 1}));
	REFUSED(s.warning[1].message = ((SiText) {"\0", 1}));
}

/* One u32 or byte of the encoding replaced, the hash repaired. */
static SiStatus
measure_patched(size_t at, uint32_t value)
{
	SampleModel sample;
	size_t		size;
	size_t		arena_size;
	uint8_t    *bytes;
	SiStatus	status;

	sample_full(&sample);
	bytes = encoded(&sample.model, &size);
	si_store_u32(bytes + at, value);
	si_store_u64(bytes + size - 8, si_hash_bytes(bytes, size - 8, 0));
	status = si_lead_model_measure(bytes, size, &arena_size);
	free(bytes);
	return status;
}

static void
test_envelope(void)
{
	const size_t quality_nan = 4 * 4 + 3 * 8 + 4 + 3 * 8 + 5 * 8;

	ok(measure_patched(0, UINT32_C(0x4d4c4953)) == SI_OK, "the magic bytes");
	ok(measure_patched(0, UINT32_C(0x4d4c4954)) == SI_CORRUPT, "other magic");
	ok(measure_patched(4, SI_LEAD_MODEL_VERSION + 1) == SI_CORRUPT,
	   "a later version");
	ok(measure_patched(4, 0) == SI_CORRUPT, "version 0");
	ok(measure_patched(8, 7) == SI_CORRUPT, "an unknown flag");
	ok(measure_patched(quality_nan, 0) == SI_OK, "the NaN that is written");
	ok(measure_patched(quality_nan, 1) == SI_CORRUPT, "another NaN");
	ok(si_lead_model_digest(NULL, 0) == 0, "no digest of nothing");
}

int
main(void)
{
	test_envelope();
	test_head();
	test_choice();
	test_profiles();
	test_calibration();
	test_features();
	test_categories();
	test_warnings();
	return done_testing();
}
