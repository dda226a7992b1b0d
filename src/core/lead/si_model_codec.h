/*
 * si_model_codec.h
 *	  What the files that encode and decode a lead model share.
 *
 *	  si_model_codec.c		the model as a whole, and its small parts
 *	  si_feature_codec.c	features, levels, profiles
 *	  si_forest_codec.c		trees
 *
 * Writing is one walk, run once to count and once to store.  Reading is one
 * walk too, run once without an arena to validate and measure, and once to
 * build.  Only what the writer can produce is accepted, to the byte: a model
 * that decodes encodes to the same bytes again.
 */
#ifndef SI_MODEL_CODEC_H
#define SI_MODEL_CODEC_H

#include <math.h>

#include "core/lead/si_lead_model.h"
#include "core/si_bytes.h"

/*
 * The walk over encoded bytes; without an arena it only adds up its size.
 * What trees must know of the features is kept here, since then there are
 * none.
 */
typedef struct SiWalk
{
	SiReader	in;
	uint8_t    *arena;
	size_t		used;
	SiFeatureKind kind[SI_MAX_FEATURES];
	int			nlevels[SI_MAX_FEATURES];
} SiWalk;

extern void si_profile_write(SiWriter *out, const SiProfile *profile);
extern void si_features_write(SiWriter *out, const SiLeadModel *model);
extern void si_forest_write(SiWriter *out, const SiLeadModel *model);

/* rows_left is what the rows read may add up to; it goes down by them. */
extern void si_profile_read(SiWalk *walk, int64_t *rows_left,
							SiProfile *profile);

/* The rows and the algorithm of the model are read before its features. */
extern void si_features_read(SiWalk *walk, SiLeadModel *model);
extern void si_forest_read(SiWalk *walk, SiLeadModel *model);

/* Room for count items in the arena, NULL while measuring. */
static inline void *
si_walk_take(SiWalk *walk, size_t count, size_t item_size)
{
	void	   *room = walk->arena != NULL ? walk->arena + walk->used : NULL;

	walk->used += (count * item_size + 7) / 8 * 8;
	return room;
}

static inline void
si_write_doubles(SiWriter *out, const double *values, int count)
{
	for (int i = 0; i < count; i++)
		si_write_f64(out, values[i]);
}

/* ---------- values with a rule ---------- */

static inline double
si_read_finite(SiReader *in)
{
	double		value = si_read_f64(in);

	si_read_check(in, isfinite(value));
	return value;
}

static inline double
si_read_not_negative(SiReader *in)
{
	double		value = si_read_finite(in);

	si_read_check(in, value >= 0);
	return value;
}

/* Finite, or the one NaN that the writer knows. */
static inline double
si_read_optional(SiReader *in)
{
	uint64_t	bits = si_read_u64(in);
	double		value = si_bits_double(bits);

	si_read_check(in, isfinite(value) || bits == SI_NAN_BITS);
	return value;
}

static inline double
si_read_std_error(SiReader *in)
{
	double		value = si_read_optional(in);

	si_read_check(in, !(value < 0));
	return value;
}

/* A number from low to high; a value outside gives a fault and low. */
static inline int
si_read_between(SiReader *in, int low, int high)
{
	int64_t		value = (int32_t) si_read_u32(in);

	si_read_check(in, value >= low && value <= high);
	return in->bad ? low : (int) value;
}

static inline SiText
si_read_clean_text(SiReader *in)
{
	SiText		text = si_read_text(in);

	if (text.length > 0)
		si_read_check(in, memchr(text.data, 0, text.length) == NULL);
	return text;
}

/* A count of rows, at most those left, from which it is taken. */
static inline int64_t
si_read_rows(SiReader *in, int64_t *left)
{
	uint64_t	rows = si_read_varint(in);

	si_read_check(in, rows <= (uint64_t) *left);
	if (in->bad)
		return 0;
	*left -= (int64_t) rows;
	return (int64_t) rows;
}

#endif							/* SI_MODEL_CODEC_H */
