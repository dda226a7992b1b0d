/*
 * si_feature_codec.c
 *	  Features, their levels and their profiles to bytes and back.
 *
 * Layout, after a u32 count of features: column, width u32, element u32, kind
 * u8, importance, rows and effect of missing values, and then
 *
 *	number: center, slope and its error, profile;
 *	category: rows and effect of rare levels, reference u32, levels, each of
 *	text, rows and effect.
 *
 * A profile is its number of bins as u8, its edges and the rows of its bins;
 * rows are varints.
 */
#include "core/lead/si_model_codec.h"
#include "core/si_hash.h"
#include "core/si_tolerance.h"
#include "core/trees/si_bins.h"

/* The fewest bytes that one list item takes. */
#define LEVEL_SIZE		(4 + 1 + 3 * sizeof(double))
#define FEATURE_SIZE	(3 * 4 + 1 + 1 + 7 * sizeof(double) + 1)

/* Twice the number of columns at most, and a power of two. */
#define NAME_SLOTS		2048

/* The column names met so far, as an open-addressing table. */
typedef struct NameTable
{
	SiText		slot[NAME_SLOTS];
} NameTable;

/* ---------- writing ---------- */

static void
write_rows(SiWriter *out, int64_t rows)
{
	si_write_varint(out, (uint64_t) rows);
}

void
si_profile_write(SiWriter *out, const SiProfile *profile)
{
	si_write_u8(out, (uint8_t) profile->nbins);
	si_write_doubles(out, profile->edge, profile->nbins - 1);
	for (int i = 0; i < profile->nbins; i++)
		write_rows(out, profile->rows[i]);
}

static void
write_effect(SiWriter *out, const SiEffect *effect)
{
	si_write_f64(out, effect->share);
	si_write_f64(out, effect->coefficient);
	si_write_f64(out, effect->std_error);
}

static void
write_number(SiWriter *out, const SiFeature *feature)
{
	si_write_f64(out, feature->center);
	si_write_f64(out, feature->slope);
	si_write_f64(out, feature->std_error);
	si_profile_write(out, &feature->profile);
}

static void
write_category(SiWriter *out, const SiFeature *feature)
{
	write_rows(out, feature->rare_rows);
	write_effect(out, &feature->rare);
	si_write_u32(out, (uint32_t) feature->reference);
	si_write_u32(out, (uint32_t) feature->nlevels);
	for (int i = 0; i < feature->nlevels; i++)
	{
		si_write_text(out, feature->levels[i].text);
		write_rows(out, feature->levels[i].rows);
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
	si_write_f64(out, feature->importance);
	write_rows(out, feature->missing_rows);
	write_effect(out, &feature->missing);
	if (feature->kind == SI_FEATURE_CATEGORY)
		write_category(out, feature);
	else
		write_number(out, feature);
}

void
si_features_write(SiWriter *out, const SiLeadModel *model)
{
	si_write_u32(out, (uint32_t) model->nfeatures);
	for (int i = 0; i < model->nfeatures; i++)
		write_feature(out, &model->features[i]);
}

/* ---------- reading a feature ---------- */

static double *
read_edges(SiWalk *walk, int count)
{
	double	   *edges = si_walk_take(walk, count, sizeof(double));
	double		last = -INFINITY;

	for (int i = 0; i < count; i++)
	{
		double		edge = si_read_finite(&walk->in);

		si_read_check(&walk->in, edge > last);
		if (edges != NULL)
			edges[i] = edge;
		last = edge;
	}
	return edges;
}

void
si_profile_read(SiWalk *walk, int64_t *rows_left, SiProfile *profile)
{
	int			nbins = si_read_u8(&walk->in);

	si_read_check(&walk->in, nbins <= SI_PROFILE_BINS);
	if (nbins == 0 || walk->in.bad)
		return;
	profile->nbins = nbins;
	profile->edge = read_edges(walk, nbins - 1);
	profile->rows = si_walk_take(walk, nbins, sizeof(int64_t));
	for (int i = 0; i < nbins; i++)
	{
		int64_t		rows = si_read_rows(&walk->in, rows_left);

		if (profile->rows != NULL)
			profile->rows[i] = rows;
	}
}

static void
read_effect(SiReader *in, SiEffect *effect)
{
	effect->share = si_read_not_negative(in);
	si_read_check(in, effect->share <= 1 + SI_SHARE_EXCESS);
	effect->coefficient = si_read_finite(in);
	effect->std_error = si_read_std_error(in);
}

static void
read_number(SiWalk *walk, int64_t *rows_left, SiFeature *feature)
{
	feature->center = si_read_finite(&walk->in);
	feature->slope = si_read_finite(&walk->in);
	feature->std_error = si_read_std_error(&walk->in);
	si_profile_read(walk, rows_left, &feature->profile);
}

/* Trees see the levels of a category as bins, of which a byte has so many. */
static void
read_levels(SiWalk *walk, bool binned, int64_t *rows_left, SiFeature *feature)
{
	SiLevel		level = {{NULL, 0}, 0, {0, 0, 0}};

	feature->nlevels = si_read_count(&walk->in, binned ? SI_MAX_BIN_LEVELS :
									 SI_MAX_LEVELS, LEVEL_SIZE);
	feature->levels = si_walk_take(walk, feature->nlevels, sizeof(SiLevel));
	for (int i = 0; i < feature->nlevels && !walk->in.bad; i++)
	{
		SiText		last = level.text;

		level.text = si_read_clean_text(&walk->in);
		si_read_check(&walk->in, i == 0 ||
					  si_text_compare(last, level.text) < 0);
		level.rows = si_read_rows(&walk->in, rows_left);
		read_effect(&walk->in, &level.effect);
		if (feature->levels != NULL)
			feature->levels[i] = level;
	}
}

static void
read_category(SiWalk *walk, bool binned, int64_t *rows_left,
			  SiFeature *feature)
{
	feature->rare_rows = si_read_rows(&walk->in, rows_left);
	read_effect(&walk->in, &feature->rare);
	feature->reference = si_read_between(&walk->in, -2, SI_MAX_LEVELS - 1);
	read_levels(walk, binned, rows_left, feature);
	si_read_check(&walk->in, feature->reference < feature->nlevels);
}

static void
read_feature(SiWalk *walk, const SiLeadModel *model, SiFeature *feature)
{
	bool		binned = model->algorithm == SI_ALGORITHM_BOOSTED_TREES;
	int64_t		rows_left = model->rows;
	SiReader   *in = &walk->in;

	feature->column = si_read_clean_text(in);
	feature->width = si_read_between(in, 0, SI_MAX_FEATURES);
	feature->element = si_read_between(in, 0, SI_MAX_FEATURES);
	feature->kind = si_read_u8(in);
	feature->importance = si_read_not_negative(in);
	feature->missing_rows = si_read_rows(in, &rows_left);
	read_effect(in, &feature->missing);
	if (feature->kind == SI_FEATURE_NUMERIC)
		read_number(walk, &rows_left, feature);
	else if (feature->kind == SI_FEATURE_CATEGORY)
		read_category(walk, binned, &rows_left, feature);
	else
		si_read_fail(in);
}

/* ---------- reading all of them ---------- */

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

void
si_features_read(SiWalk *walk, SiLeadModel *model)
{
	SiFeature	feature = {0};
	NameTable	names;

	memset(&names, 0, sizeof(names));
	model->nfeatures = si_read_count(&walk->in, SI_MAX_FEATURES, FEATURE_SIZE);
	model->features = si_walk_take(walk, model->nfeatures, sizeof(SiFeature));
	for (int i = 0; i < model->nfeatures && !walk->in.bad; i++)
	{
		SiFeature	last = feature;

		memset(&feature, 0, sizeof(feature));
		read_feature(walk, model, &feature);
		if (walk->in.bad)
			return;
		si_read_check(&walk->in, feature_in_place(&last, &feature, &names));
		walk->kind[i] = feature.kind;
		walk->nlevels[i] = feature.nlevels;
		if (model->features != NULL)
			model->features[i] = feature;
	}
	si_read_check(&walk->in, feature.element == feature.width);
}
