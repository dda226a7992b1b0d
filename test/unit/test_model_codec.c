/*
 * test_model_codec.c
 *	  A lead model comes back from its bytes; what is no model is refused.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "model_compare.h"

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
