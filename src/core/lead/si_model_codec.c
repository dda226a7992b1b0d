/*
 * si_model_codec.c
 *	  The lead model to bytes and back.
 *
 * Layout, all little-endian, texts and lists preceded by a u32 count:
 *
 *	magic, version u32, flags u32, algorithm u32, rows, positives, skipped,
 *	folds u32, seed, l1, l2, of trees the learning rate, quality, bands,
 *	calibration, profile of margins, choice, baseline, intercept and its error,
 *	features, of fitted trees the forest, warnings, hash u64 of all bytes
 *	before.
 *
 * A choice is its loser as u32 and, if that is not zero, its three numbers.
 */
#include "core/lead/si_model_codec.h"
#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x4d4c4953)	/* "SILM" */
#define FLAG_FITTED		1u
#define FLAG_USABLE		2u
#define HASH_SIZE		sizeof(uint64_t)

/* The fewest bytes that one list item takes. */
#define KNOT_SIZE		(2 * sizeof(double))
#define WARNING_SIZE	(4 + 4 + 1)

/* ---------- writing ---------- */

static void
write_quality(SiWriter *out, const SiQuality *quality)
{
	si_write_f64(out, quality->roc_auc);
	si_write_f64(out, quality->auc_low);
	si_write_f64(out, quality->auc_high);
	si_write_f64(out, quality->log_loss);
	si_write_f64(out, quality->brier_score);
	si_write_f64(out, quality->calibration_error);
}

static void
write_calibration(SiWriter *out, const SiCalibration *calibration)
{
	int			nknots = 0;

	if (calibration->kind == SI_CALIBRATION_ISOTONIC)
		nknots = calibration->nknots;
	si_write_u32(out, calibration->kind);
	si_write_f64(out, calibration->intercept);
	si_write_f64(out, calibration->slope);
	si_write_u32(out, (uint32_t) nknots);
	si_write_doubles(out, calibration->margin, nknots);
	si_write_doubles(out, calibration->probability, nknots);
}

static void
write_choice(SiWriter *out, const SiChoice *choice)
{
	si_write_u32(out, (uint32_t) choice->loser);
	if (choice->loser == 0)
		return;
	si_write_f64(out, choice->loser_auc);
	si_write_f64(out, choice->difference);
	si_write_f64(out, choice->std_error);
}

static void
write_warning(SiWriter *out, const SiWarning *warning)
{
	si_write_u32(out, warning->code);
	si_write_u8(out, warning->feature.length >= 0);
	if (warning->feature.length >= 0)
		si_write_text(out, warning->feature);
	si_write_text(out, warning->message);
}

static bool
has_forest(const SiLeadModel *model)
{
	return model->fitted && model->algorithm == SI_ALGORITHM_BOOSTED_TREES;
}

static void
write_head(SiWriter *out, const SiLeadModel *model)
{
	si_write_u32(out, MAGIC);
	si_write_u32(out, SI_LEAD_MODEL_VERSION);
	si_write_u32(out, (model->fitted ? FLAG_FITTED : 0) |
				 (model->usable ? FLAG_USABLE : 0));
	si_write_u32(out, model->algorithm);
	si_write_i64(out, model->rows);
	si_write_i64(out, model->positives);
	si_write_i64(out, model->skipped);
	si_write_u32(out, (uint32_t) model->folds);
	si_write_i64(out, model->seed);
	si_write_f64(out, model->l1);
	si_write_f64(out, model->l2);
	if (model->algorithm == SI_ALGORITHM_BOOSTED_TREES)
		si_write_f64(out, model->learning_rate);
}

/* Everything but the hash. */
static void
write_model(SiWriter *out, const SiLeadModel *model)
{
	write_head(out, model);
	write_quality(out, &model->quality);
	si_write_doubles(out, model->band, SI_BANDS);
	write_calibration(out, &model->calibration);
	si_profile_write(out, &model->margins);
	write_choice(out, &model->choice);
	si_write_f64(out, model->baseline);
	si_write_f64(out, model->intercept);
	si_write_f64(out, model->intercept_std_error);
	si_features_write(out, model);
	if (has_forest(model))
		si_forest_write(out, model);
	si_write_u32(out, (uint32_t) model->nwarnings);
	for (int i = 0; i < model->nwarnings; i++)
		write_warning(out, &model->warnings[i]);
}

size_t
si_lead_model_encoded_size(const SiLeadModel *model)
{
	SiWriter	out = {NULL, 0};

	write_model(&out, model);
	return out.size + HASH_SIZE;
}

/* Fill out, of the size that si_lead_model_encoded_size gives. */
void
si_lead_model_encode(const SiLeadModel *model, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	write_model(&writer, model);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ---------- reading ---------- */

static bool
read_bool(SiReader *in)
{
	uint8_t		value = si_read_u8(in);

	si_read_check(in, value <= 1);
	return value == 1;
}

/* What trees alone have is zero without them, and not written. */
static double
read_learning_rate(SiReader *in, SiAlgorithm algorithm)
{
	double		rate;

	if (algorithm != SI_ALGORITHM_BOOSTED_TREES)
		return 0;
	rate = si_read_finite(in);
	si_read_check(in, rate > 0 && rate <= 1);
	return rate;
}

static void
read_head(SiReader *in, SiLeadModel *model)
{
	uint32_t	flags;

	si_read_check(in, si_read_u32(in) == MAGIC);
	si_read_check(in, si_read_u32(in) == SI_LEAD_MODEL_VERSION);
	flags = si_read_u32(in);
	si_read_check(in, (flags & ~(FLAG_FITTED | FLAG_USABLE)) == 0);
	model->fitted = (flags & FLAG_FITTED) != 0;
	model->usable = (flags & FLAG_USABLE) != 0;
	si_read_check(in, model->fitted || !model->usable);
	model->algorithm = si_read_between(in, SI_ALGORITHM_LOGISTIC,
									   SI_ALGORITHM_BOOSTED_TREES);
	model->rows = si_read_i64(in);
	model->positives = si_read_i64(in);
	model->skipped = si_read_i64(in);
	si_read_check(in, model->rows >= model->positives &&
				  model->positives >= 0 && model->skipped >= 0);
	model->folds = si_read_between(in, 0, INT32_MAX);
	model->seed = si_read_i64(in);
	model->l1 = si_read_not_negative(in);
	model->l2 = si_read_not_negative(in);
	model->learning_rate = read_learning_rate(in, model->algorithm);
}

/* From 0 to 1, or the NaN of what is not known. */
static double
read_share(SiReader *in)
{
	double		value = si_read_optional(in);

	si_read_check(in, !(value < 0 || value > 1));
	return value;
}

static void
read_quality(SiReader *in, SiQuality *quality)
{
	quality->roc_auc = read_share(in);
	quality->auc_low = read_share(in);
	quality->auc_high = read_share(in);
	quality->log_loss = si_read_optional(in);
	si_read_check(in, !(quality->log_loss < 0));
	quality->brier_score = read_share(in);
	quality->calibration_error = read_share(in);
}

static void
read_bands(SiReader *in, double *band)
{
	for (int i = 0; i < SI_BANDS; i++)
	{
		band[i] = si_read_optional(in);
		si_read_check(in, i == 0 || !(band[i] > band[i - 1]));
	}
}

/*
 * A list of knot values: margins strictly increasing, or probabilities
 * between 0 and 1 that never decrease.
 */
static double *
read_knots(SiWalk *walk, int nknots, bool margins)
{
	double	   *values = si_walk_take(walk, nknots, sizeof(double));
	double		last = margins ? -INFINITY : 0;

	for (int i = 0; i < nknots && !walk->in.bad; i++)
	{
		double		value = si_read_finite(&walk->in);

		si_read_check(&walk->in, margins ? value > last :
					  value >= last && value <= 1);
		if (values != NULL)
			values[i] = value;
		last = value;
	}
	return values;
}

static void
read_calibration(SiWalk *walk, SiCalibration *calibration)
{
	SiReader   *in = &walk->in;

	calibration->kind = si_read_between(in, SI_CALIBRATION_NONE,
										SI_CALIBRATION_ISOTONIC);
	calibration->intercept = si_read_finite(in);
	calibration->slope = si_read_not_negative(in);
	calibration->nknots = si_read_count(in, SI_MAX_KNOTS, KNOT_SIZE);
	si_read_check(in, (calibration->nknots > 0) ==
				  (calibration->kind == SI_CALIBRATION_ISOTONIC));
	if (in->bad)
		return;
	calibration->margin = read_knots(walk, calibration->nknots, true);
	calibration->probability = read_knots(walk, calibration->nknots, false);
}

static void
read_margins(SiWalk *walk, SiLeadModel *model)
{
	int64_t		rows_left = model->rows;

	si_profile_read(walk, &rows_left, &model->margins);
}

static void
read_choice(SiReader *in, SiAlgorithm winner, SiChoice *choice)
{
	choice->loser = si_read_between(in, 0, SI_ALGORITHM_BOOSTED_TREES);
	if (choice->loser == 0)
		return;
	choice->loser_auc = si_read_not_negative(in);
	choice->difference = si_read_finite(in);
	choice->std_error = si_read_not_negative(in);
	si_read_check(in, choice->loser != (int) winner &&
				  choice->loser_auc <= 1 && fabs(choice->difference) <= 1);
}

static void
read_warnings(SiWalk *walk, SiLeadModel *model)
{
	SiReader   *in = &walk->in;

	model->nwarnings = si_read_count(in, SI_MAX_WARNINGS, WARNING_SIZE);
	model->warnings = si_walk_take(walk, model->nwarnings, sizeof(SiWarning));
	for (int i = 0; i < model->nwarnings && !in->bad; i++)
	{
		SiWarning	warning = {0, {NULL, -1}, {NULL, 0}};

		warning.code = si_read_between(in, SI_WARN_NO_SIGNAL, SI_WARN_LAST);
		if (read_bool(in))
			warning.feature = si_read_clean_text(in);
		warning.message = si_read_clean_text(in);
		if (model->warnings != NULL)
			model->warnings[i] = warning;
	}
}

static SiStatus
read_model(SiWalk *walk, SiLeadModel *model)
{
	SiReader   *in = &walk->in;

	memset(model, 0, sizeof(*model));
	read_head(in, model);
	read_quality(in, &model->quality);
	read_bands(in, model->band);
	read_calibration(walk, &model->calibration);
	read_margins(walk, model);
	read_choice(in, model->algorithm, &model->choice);
	model->baseline = si_read_finite(in);
	model->intercept = si_read_finite(in);
	model->intercept_std_error = si_read_std_error(in);
	if (!in->bad)
		si_features_read(walk, model);
	if (!in->bad && has_forest(model))
		si_forest_read(walk, model);
	if (!in->bad)
		read_warnings(walk, model);
	return in->bad || in->left > 0 ? SI_CORRUPT : SI_OK;
}

/* The hash at the end of encoded bytes, which measure has accepted. */
uint64_t
si_lead_model_digest(const uint8_t *bytes, size_t size)
{
	return size < HASH_SIZE ? 0 : si_load_u64(bytes + size - HASH_SIZE);
}

SiStatus
si_lead_model_measure(const uint8_t *bytes, size_t size, size_t *arena_size)
{
	size_t		body = size - HASH_SIZE;
	SiWalk		walk = {.in = {bytes, body, false}};
	SiLeadModel model;

	*arena_size = 0;
	if (size < HASH_SIZE ||
		si_hash_bytes(bytes, body, 0) != si_lead_model_digest(bytes, size) ||
		read_model(&walk, &model) != SI_OK)
		return SI_CORRUPT;
	*arena_size = walk.used;
	return SI_OK;
}

/*
 * Build the model of bytes that measure has accepted.  arena has the size that
 * measure gave and is aligned for a double and a pointer.  What a feature's
 * kind does not use is zero.
 */
SiStatus
si_lead_model_decode(const uint8_t *bytes, size_t size, void *arena,
					 SiLeadModel *model)
{
	SiWalk		walk = {.in = {bytes, size - HASH_SIZE, false},
	.arena = arena};

	return size < HASH_SIZE ? SI_CORRUPT : read_model(&walk, model);
}
