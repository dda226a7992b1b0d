/*
 * model_samples.h
 *	  Lead models that use every part of the structure, for the codec's tests.
 */
#ifndef MODEL_SAMPLES_H
#define MODEL_SAMPLES_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/lead/si_lead_model.h"

#define SAMPLE_FEATURES		7
#define SAMPLE_WARNINGS		3
#define SAMPLE_KNOTS		5
#define SAMPLE_LEVELS		4

/* A model with room of its own, so that a test may change any part. */
typedef struct SampleModel
{
	SiLeadModel model;
	SiFeature	feature[SAMPLE_FEATURES];
	SiLevel		level[SAMPLE_LEVELS];
	SiWarning	warning[SAMPLE_WARNINGS];
	double		margin[SAMPLE_KNOTS];
	double		probability[SAMPLE_KNOTS];
	double		edge[SI_PROFILE_BINS];	/* one more than is used, as below */
	int64_t		rows[SI_PROFILE_BINS + 1];
} SampleModel;

static inline SiText
text_of(const char *string)
{
	SiText		text = {string, (int32_t) strlen(string)};

	return text;
}

static inline SiEffect
effect_of(double share, double coefficient, double std_error)
{
	SiEffect	effect = {share, coefficient, std_error};

	return effect;
}

/* Profiles of the sample share edges and rows, and differ in their number. */
static inline void
sample_profiles(SampleModel *s)
{
	static const double edge[SI_PROFILE_BINS] =
	{-1e300, -2.5, -0.0, 1e-300, 1, 2, 3, 4, 1e300, 2e300};
	static const int64_t rows[SI_PROFILE_BINS] =
	{0, 1, 127, 128, 16383, 16384, INT64_C(4294967296), 5, 6, 7};

	memcpy(s->edge, edge, sizeof(edge));
	memcpy(s->rows, rows, sizeof(rows));
}

static inline SiProfile
profile_of(SampleModel *s, int nbins)
{
	SiProfile	none = {0, NULL, NULL};
	SiProfile	profile = {nbins, s->edge, s->rows};

	return nbins > 0 ? profile : none;
}

static inline void
sample_levels(SampleModel *s)
{
	static const char *const name[SAMPLE_LEVELS] =
	{"", "Referral", "Referral call", "\xc3\x84rzte"};
	int			i;

	for (i = 0; i < SAMPLE_LEVELS; i++)
	{
		s->level[i].text = text_of(name[i]);
		s->level[i].rows = 100 * i;
		s->level[i].effect = effect_of(0.1 * i, i - 1.5, i == 1 ? NAN : 0.2);
	}
}

static inline void
sample_feature(SampleModel *s, int at, const char *column, int width,
			   int element)
{
	SiFeature  *feature = &s->feature[at];

	feature->column = text_of(column);
	feature->width = width;
	feature->element = element;
	feature->kind = SI_FEATURE_NUMERIC;
	feature->importance = at == 1 ? 0 : 0.125 * at + 0.5;
	feature->missing_rows = at == 0 ? 0 : INT64_C(400000000) * at;
	feature->profile = profile_of(s, at == 0 ? SI_PROFILE_BINS : at - 1);
	feature->missing = effect_of(0.01 * at, -0.25 * at, at == 0 ? NAN : 0.5);
	feature->center = 12.5 * at;
	feature->slope = 0.75 - at;
	feature->std_error = at == 2 ? NAN : 0.125;
}

static inline void
sample_category(SampleModel *s, int at, const char *column, int nlevels,
				int reference)
{
	SiFeature  *feature = &s->feature[at];

	memset(feature, 0, sizeof(*feature));
	feature->column = text_of(column);
	feature->kind = SI_FEATURE_CATEGORY;
	feature->importance = 1e-300;
	feature->missing_rows = 1000 + at;
	feature->missing = effect_of(0.02, 0.5, 0.75);
	feature->rare_rows = INT64_C(4000000000);
	feature->rare = effect_of(1 + 1e-12, -1e300, 0);
	feature->reference = reference;
	feature->nlevels = nlevels;
	feature->levels = nlevels > 0 ? s->level : NULL;
}

static inline void
sample_warning(SampleModel *s, int at, SiWarningCode code,
			   const char *feature, const char *message)
{
	s->warning[at].code = code;
	s->warning[at].feature.data = NULL;
	s->warning[at].feature.length = -1;
	if (feature != NULL)
		s->warning[at].feature = text_of(feature);
	s->warning[at].message = text_of(message);
}

static inline void
sample_knots(SampleModel *s)
{
	static const double margin[SAMPLE_KNOTS] = {-1e10, -1, 0, 1e-300, 7.5};
	static const double probability[SAMPLE_KNOTS] = {0, 0.25, 0.25, 0.5, 1};

	memcpy(s->margin, margin, sizeof(margin));
	memcpy(s->probability, probability, sizeof(probability));
	s->model.calibration.kind = SI_CALIBRATION_ISOTONIC;
	s->model.calibration.intercept = -0.125;
	s->model.calibration.slope = 0.875;
	s->model.calibration.nknots = SAMPLE_KNOTS;
	s->model.calibration.margin = s->margin;
	s->model.calibration.probability = s->probability;
}

/* A scalar, an array column of three, three categories, all warnings' forms. */
static inline void
sample_full(SampleModel *s)
{
	memset(s, 0, sizeof(*s));
	s->model = (SiLeadModel) {
		.algorithm = SI_ALGORITHM_LOGISTIC, .fitted = true, .usable = true,
		.rows = INT64_C(5000000000), .positives = 12345, .skipped = 67,
		.folds = 5, .seed = -1, .l1 = 0, .l2 = 1e-6,
		.quality = {0.8125, 0.75, 0.875, 0.5, 0.1875, NAN},
		.band = {0.75, 0.5, NAN},
		.choice = {SI_ALGORITHM_BOOSTED_TREES, 0.75, 0.0625, 0.015625},
		.baseline = -2.5, .intercept = -3.5, .intercept_std_error = 0.0625,
		.nfeatures = SAMPLE_FEATURES, .features = s->feature,
		.nwarnings = SAMPLE_WARNINGS, .warnings = s->warning
	};
	sample_knots(s);
	sample_profiles(s);
	s->model.margins = profile_of(s, 4);
	sample_levels(s);
	sample_feature(s, 0, "visits", 0, 0);
	sample_feature(s, 1, "embedding", 3, 1);
	sample_feature(s, 2, "embedding", 3, 2);
	sample_feature(s, 3, "embedding", 3, 3);
	sample_category(s, 4, "channel", SAMPLE_LEVELS, 2);
	sample_category(s, 5, "region", 0, -2);
	sample_category(s, 6, "Stra\xc3\x9f" "e", 1, -1);
	sample_warning(s, 0, SI_WARN_NO_SIGNAL, NULL, "no signal");
	sample_warning(s, 1, SI_WARN_LOOKS_LIKE_KEY, "visits", "is \"a\" key");
	sample_warning(s, 2, SI_WARN_COLLINEAR, "", "");
}

/* What one class only leaves: nothing fitted, nothing known. */
static inline void
sample_unfitted(SampleModel *s)
{
	memset(s, 0, sizeof(*s));
	s->model.algorithm = SI_ALGORITHM_LOGISTIC;
	s->model.quality = (SiQuality) {NAN, NAN, NAN, NAN, NAN, NAN};
	s->model.band[0] = s->model.band[1] = s->model.band[2] = NAN;
	s->model.intercept_std_error = NAN;
}

/* Platt's calibration and two plain features. */
static inline void
sample_platt(SampleModel *s)
{
	sample_full(s);
	s->model.calibration.kind = SI_CALIBRATION_PLATT;
	s->model.calibration.nknots = 0;
	s->model.margins = profile_of(s, 0);
	memset(&s->model.choice, 0, sizeof(SiChoice));
	s->model.usable = false;
	s->model.nwarnings = 0;
	sample_feature(s, 1, "calls", 0, 0);
	s->model.nfeatures = 2;
}

/* The encoding, in memory of exactly its size. */
static inline uint8_t *
encoded(const SiLeadModel *model, size_t *size)
{
	uint8_t    *bytes;

	*size = si_lead_model_encoded_size(model);
	bytes = malloc(*size);
	si_lead_model_encode(model, bytes);
	return bytes;
}

#endif							/* MODEL_SAMPLES_H */
