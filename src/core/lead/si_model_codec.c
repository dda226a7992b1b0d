/*
 * si_model_codec.c
 *	  The lead model to bytes and back.
 *
 * Layout, all little-endian, texts and lists preceded by a u32 count:
 *
 *	magic, version u32, flags u32, algorithm u32, rows, positives, skipped,
 *	folds u32, seed, l1, l2, quality, bands, calibration, baseline, intercept
 *	and its error, features, warnings, hash u64 of all bytes before.
 *
 * Writing is one walk, run once to count and once to store.  Reading is one
 * walk too, run once without an arena to validate and measure, and once to
 * build.  Only what the writer can produce is accepted, to the byte: a model
 * that decodes encodes to the same bytes again.
 */
#include <math.h>

#include "core/lead/si_lead_model.h"
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "core/si_tolerance.h"

#define MAGIC			UINT32_C(0x4d4c4953)	/* "SILM" */
#define FLAG_FITTED		1u
#define FLAG_USABLE		2u
#define HASH_SIZE		sizeof(uint64_t)

/* The fewest bytes that one list item takes. */
#define KNOT_SIZE		(2 * sizeof(double))
#define LEVEL_SIZE		(4 + 3 * sizeof(double))
#define FEATURE_SIZE	(3 * 4 + 1 + 6 * sizeof(double))
#define WARNING_SIZE	(4 + 4 + 1)

/* Twice the number of columns at most, and a power of two. */
#define NAME_SLOTS		2048

/* The walk over encoded bytes; without an arena it only adds up its size. */
typedef struct Walk
{
	SiReader	in;
	uint8_t    *arena;
	size_t		used;
} Walk;

/* The column names met so far, as an open-addressing table. */
typedef struct NameTable
{
	SiText		slot[NAME_SLOTS];
} NameTable;

/* ---------- writing ---------- */

static void
write_doubles(SiWriter *out, const double *values, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		si_write_f64(out, values[i]);
}

static void
write_effect(SiWriter *out, const SiEffect *effect)
{
	si_write_f64(out, effect->share);
	si_write_f64(out, effect->coefficient);
	si_write_f64(out, effect->std_error);
}

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
	write_doubles(out, calibration->margin, nknots);
	write_doubles(out, calibration->probability, nknots);
}

static void
write_category(SiWriter *out, const SiFeature *feature)
{
	int			i;

	write_effect(out, &feature->rare);
	si_write_u32(out, (uint32_t) feature->reference);
	si_write_u32(out, (uint32_t) feature->nlevels);
	for (i = 0; i < feature->nlevels; i++)
	{
		si_write_text(out, feature->levels[i].text);
		write_effect(out, &feature->levels[i].effect);
	}
}

static void
write_feature(SiWriter *out, const SiFeature *feature)
{
	si_write_text(out, feature->column);
	si_write_u32(out, (uint32_t) feature->width);
	si_write_u32(out, (uint32_t) feature->element);
	si_write_u8(out, feature->kind);
	write_effect(out, &feature->missing);
	if (feature->kind == SI_FEATURE_CATEGORY)
		write_category(out, feature);
	else
	{
		si_write_f64(out, feature->center);
		si_write_f64(out, feature->slope);
		si_write_f64(out, feature->std_error);
	}
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
}

/* Everything but the hash. */
static void
write_model(SiWriter *out, const SiLeadModel *model)
{
	int			i;

	write_head(out, model);
	write_quality(out, &model->quality);
	write_doubles(out, model->band, SI_BANDS);
	write_calibration(out, &model->calibration);
	si_write_f64(out, model->baseline);
	si_write_f64(out, model->intercept);
	si_write_f64(out, model->intercept_std_error);
	si_write_u32(out, (uint32_t) model->nfeatures);
	for (i = 0; i < model->nfeatures; i++)
		write_feature(out, &model->features[i]);
	si_write_u32(out, (uint32_t) model->nwarnings);
	for (i = 0; i < model->nwarnings; i++)
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

/* ---------- reading values ---------- */

/* Room for count items in the arena, NULL while measuring. */
static void *
take(Walk *walk, size_t count, size_t item_size)
{
	void	   *room = walk->arena != NULL ? walk->arena + walk->used : NULL;

	walk->used += (count * item_size + 7) / 8 * 8;
	return room;
}

static double
read_finite(Walk *walk)
{
	double		value = si_read_f64(&walk->in);

	si_read_check(&walk->in, isfinite(value));
	return value;
}

static double
read_not_negative(Walk *walk)
{
	double		value = read_finite(walk);

	si_read_check(&walk->in, value >= 0);
	return value;
}

/* Finite, or the one NaN that the writer knows. */
static double
read_optional(Walk *walk)
{
	uint64_t	bits = si_read_u64(&walk->in);
	double		value = si_bits_double(bits);

	si_read_check(&walk->in, isfinite(value) || bits == SI_NAN_BITS);
	return value;
}

static double
read_std_error(Walk *walk)
{
	double		value = read_optional(walk);

	si_read_check(&walk->in, !(value < 0));
	return value;
}

static bool
read_bool(Walk *walk)
{
	uint8_t		value = si_read_u8(&walk->in);

	si_read_check(&walk->in, value <= 1);
	return value == 1;
}

/* A number from low to high; a value outside gives a fault and low. */
static int
read_between(Walk *walk, int low, int high)
{
	int64_t		value = (int32_t) si_read_u32(&walk->in);

	si_read_check(&walk->in, value >= low && value <= high);
	return walk->in.bad ? low : (int) value;
}

static SiText
read_text(Walk *walk)
{
	SiText		text = si_read_text(&walk->in);

	if (text.length > 0)
		si_read_check(&walk->in, memchr(text.data, 0, text.length) == NULL);
	return text;
}

static void
read_effect(Walk *walk, SiEffect *effect)
{
	effect->share = read_not_negative(walk);
	si_read_check(&walk->in, effect->share <= 1 + SI_SHARE_EXCESS);
	effect->coefficient = read_finite(walk);
	effect->std_error = read_std_error(walk);
}

/* ---------- reading parts ---------- */

static void
read_head(Walk *walk, SiLeadModel *model)
{
	SiReader   *in = &walk->in;
	uint32_t	flags;

	si_read_check(in, si_read_u32(in) == MAGIC);
	si_read_check(in, si_read_u32(in) == SI_LEAD_MODEL_VERSION);
	flags = si_read_u32(in);
	si_read_check(in, (flags & ~(FLAG_FITTED | FLAG_USABLE)) == 0);
	model->fitted = (flags & FLAG_FITTED) != 0;
	model->usable = (flags & FLAG_USABLE) != 0;
	si_read_check(in, model->fitted || !model->usable);
	model->algorithm = read_between(walk, SI_ALGORITHM_LOGISTIC,
									SI_ALGORITHM_LOGISTIC);
	model->rows = si_read_i64(in);
	model->positives = si_read_i64(in);
	model->skipped = si_read_i64(in);
	si_read_check(in, model->rows >= model->positives &&
				  model->positives >= 0 && model->skipped >= 0);
	model->folds = read_between(walk, 0, INT32_MAX);
	model->seed = si_read_i64(in);
	model->l1 = read_not_negative(walk);
	model->l2 = read_not_negative(walk);
}

static void
read_quality(Walk *walk, SiQuality *quality)
{
	quality->roc_auc = read_optional(walk);
	quality->auc_low = read_optional(walk);
	quality->auc_high = read_optional(walk);
	quality->log_loss = read_optional(walk);
	quality->brier_score = read_optional(walk);
	quality->calibration_error = read_optional(walk);
}

static void
read_bands(Walk *walk, double *band)
{
	int			i;

	for (i = 0; i < SI_BANDS; i++)
	{
		band[i] = read_optional(walk);
		si_read_check(&walk->in, i == 0 || !(band[i] > band[i - 1]));
	}
}

/*
 * A list of knot values: margins strictly increasing, or probabilities
 * between 0 and 1 that never decrease.
 */
static double *
read_knots(Walk *walk, int nknots, bool margins)
{
	double	   *values = take(walk, nknots, sizeof(double));
	double		last = margins ? -INFINITY : 0;
	int			i;

	for (i = 0; i < nknots && !walk->in.bad; i++)
	{
		double		value = read_finite(walk);

		si_read_check(&walk->in, margins ? value > last :
					  value >= last && value <= 1);
		if (values != NULL)
			values[i] = value;
		last = value;
	}
	return values;
}

static void
read_calibration(Walk *walk, SiCalibration *calibration)
{
	calibration->kind = read_between(walk, SI_CALIBRATION_NONE,
									 SI_CALIBRATION_ISOTONIC);
	calibration->intercept = read_finite(walk);
	calibration->slope = read_not_negative(walk);
	calibration->nknots = si_read_count(&walk->in, SI_MAX_KNOTS, KNOT_SIZE);
	si_read_check(&walk->in, (calibration->nknots > 0) ==
				  (calibration->kind == SI_CALIBRATION_ISOTONIC));
	if (walk->in.bad)
		return;
	calibration->margin = read_knots(walk, calibration->nknots, true);
	calibration->probability = read_knots(walk, calibration->nknots, false);
}

static void
read_levels(Walk *walk, SiFeature *feature)
{
	SiLevel		level = {{NULL, 0}, {0, 0, 0}};
	int			i;

	feature->nlevels = si_read_count(&walk->in, SI_MAX_LEVELS, LEVEL_SIZE);
	feature->levels = take(walk, feature->nlevels, sizeof(SiLevel));
	for (i = 0; i < feature->nlevels && !walk->in.bad; i++)
	{
		SiText		last = level.text;

		level.text = read_text(walk);
		si_read_check(&walk->in, i == 0 ||
					  si_text_compare(last, level.text) < 0);
		read_effect(walk, &level.effect);
		if (feature->levels != NULL)
			feature->levels[i] = level;
	}
}

static void
read_feature(Walk *walk, SiFeature *feature)
{
	feature->column = read_text(walk);
	feature->width = read_between(walk, 0, SI_MAX_FEATURES);
	feature->element = read_between(walk, 0, SI_MAX_FEATURES);
	feature->kind = si_read_u8(&walk->in);
	si_read_check(&walk->in, feature->kind == SI_FEATURE_NUMERIC ||
				  feature->kind == SI_FEATURE_CATEGORY);
	read_effect(walk, &feature->missing);
	if (feature->kind == SI_FEATURE_NUMERIC)
	{
		feature->center = read_finite(walk);
		feature->slope = read_finite(walk);
		feature->std_error = read_std_error(walk);
		return;
	}
	read_effect(walk, &feature->rare);
	feature->reference = read_between(walk, -2, SI_MAX_LEVELS - 1);
	read_levels(walk, feature);
	si_read_check(&walk->in, feature->reference < feature->nlevels);
}

/* Whether the name is new to the table, which then keeps it. */
static bool
name_is_new(NameTable *names, SiText name)
{
	uint64_t	at = si_hash_bytes(name.data, name.length, 0);

	for (;; at++)
	{
		SiText	   *slot = &names->slot[at % NAME_SLOTS];

		if (slot->data == NULL)
		{
			*slot = name;
			return true;
		}
		if (si_text_compare(*slot, name) == 0)
			return false;
	}
}

/*
 * A scalar column, or the first element of an array column, brings a new
 * name; the other elements follow theirs directly, in order and in full.
 */
static bool
feature_in_place(const SiFeature *last, const SiFeature *feature,
				 NameTable *names)
{
	if (last->element < last->width)
		return feature->element == last->element + 1 &&
			feature->width == last->width &&
			feature->kind == SI_FEATURE_NUMERIC &&
			si_text_compare(feature->column, last->column) == 0;
	return feature->element == (feature->width > 0) &&
		(feature->width == 0 || feature->kind == SI_FEATURE_NUMERIC) &&
		feature->column.length > 0 && name_is_new(names, feature->column);
}

static void
read_features(Walk *walk, SiLeadModel *model)
{
	SiFeature	feature = {0};
	NameTable	names;
	int			i;

	memset(&names, 0, sizeof(names));
	model->nfeatures = si_read_count(&walk->in, SI_MAX_FEATURES, FEATURE_SIZE);
	model->features = take(walk, model->nfeatures, sizeof(SiFeature));
	for (i = 0; i < model->nfeatures && !walk->in.bad; i++)
	{
		SiFeature	last = feature;

		memset(&feature, 0, sizeof(feature));
		read_feature(walk, &feature);
		if (walk->in.bad)
			return;
		si_read_check(&walk->in, feature_in_place(&last, &feature, &names));
		if (model->features != NULL)
			model->features[i] = feature;
	}
	si_read_check(&walk->in, feature.element == feature.width);
}

static void
read_warnings(Walk *walk, SiLeadModel *model)
{
	int			i;

	model->nwarnings = si_read_count(&walk->in, SI_MAX_WARNINGS, WARNING_SIZE);
	model->warnings = take(walk, model->nwarnings, sizeof(SiWarning));
	for (i = 0; i < model->nwarnings && !walk->in.bad; i++)
	{
		SiWarning	warning = {0, {NULL, -1}, {NULL, 0}};

		warning.code = read_between(walk, SI_WARN_NO_SIGNAL, SI_WARN_LAST);
		if (read_bool(walk))
			warning.feature = read_text(walk);
		warning.message = read_text(walk);
		if (model->warnings != NULL)
			model->warnings[i] = warning;
	}
}

/* ---------- reading a model ---------- */

static SiStatus
read_model(Walk *walk, SiLeadModel *model)
{
	memset(model, 0, sizeof(*model));
	read_head(walk, model);
	read_quality(walk, &model->quality);
	read_bands(walk, model->band);
	read_calibration(walk, &model->calibration);
	model->baseline = read_finite(walk);
	model->intercept = read_finite(walk);
	model->intercept_std_error = read_std_error(walk);
	if (!walk->in.bad)
		read_features(walk, model);
	if (!walk->in.bad)
		read_warnings(walk, model);
	return walk->in.bad || walk->in.left > 0 ? SI_CORRUPT : SI_OK;
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
	Walk		walk = {{bytes, body, false}, NULL, 0};
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
	Walk		walk = {{bytes, size - HASH_SIZE, false}, arena, 0};

	return size < HASH_SIZE ? SI_CORRUPT : read_model(&walk, model);
}
