/*
 * si_cox_model.c
 *	  A model of proportional hazards as bytes.
 */
#include "core/stats/survival/si_cox_model.h"

#include <math.h>
#include <string.h>

#include "core/si_bytes.h"
#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x786f4353)	/* "SCox" */
#define VERSION			1
#define HASH_SIZE		sizeof(uint64_t)
#define FEATURE_SIZE	13		/* the least that each takes */
#define TERM_SIZE		41
#define WARNING_SIZE	5
#define STEP_SIZE		16

enum
{
	FITTED = 1,
	BRESLOW = 2,
	SECONDS = 4
};

/* ----- Encoding ----- */

static void
write_term(SiWriter *out, const SiCoxTerm *term)
{
	si_write_u8(out, (uint8_t) term->kind);
	si_write_u32(out, (uint32_t) term->element);
	si_write_text(out, term->level);
	si_write_i64(out, term->rows);
	si_write_f64(out, term->mean);
	si_write_f64(out, term->coefficient);
	si_write_f64(out, term->std_error);
}

static void
write_header(SiWriter *out, const SiCoxModel *model)
{
	si_write_u32(out, MAGIC);
	si_write_u32(out, VERSION);
	si_write_u32(out, (model->fitted ? FITTED : 0) |
				 (model->breslow ? BRESLOW : 0) |
				 (model->seconds ? SECONDS : 0));
	si_write_i64(out, model->rows);
	si_write_i64(out, model->events);
	si_write_i64(out, model->skipped);
	si_write_u32(out, (uint32_t) model->df);
	si_write_f64(out, model->l2);
	si_write_f64(out, model->loglik);
	si_write_f64(out, model->null_loglik);
	si_write_f64(out, model->concordance);
	si_write_f64(out, model->last);
	si_write_u32(out, (uint32_t) model->nfeatures);
	si_write_u32(out, (uint32_t) model->nterms);
	si_write_u32(out, (uint32_t) model->nwarnings);
	si_write_u32(out, (uint32_t) model->nsteps);
}

static void
write_model(SiWriter *out, const SiCoxModel *model)
{
	write_header(out, model);
	for (int i = 0; i < model->nfeatures; i++)
	{
		const SiCoxFeature *feature = &model->features[i];

		si_write_text(out, feature->name);
		si_write_u8(out, (uint8_t) feature->kind);
		si_write_u32(out, (uint32_t) feature->width);
		si_write_u32(out, (uint32_t) feature->nterms);
	}
	for (int i = 0; i < model->nterms; i++)
		write_term(out, &model->terms[i]);
	for (int i = 0; i < model->nwarnings; i++)
	{
		si_write_u8(out, (uint8_t) model->warnings[i].code);
		si_write_u32(out, (uint32_t) model->warnings[i].term);
	}
	for (int i = 0; i < model->nsteps; i++)
	{
		si_write_f64(out, model->at[i]);
		si_write_f64(out, model->hazard[i]);
	}
}

size_t
si_cox_model_size(const SiCoxModel *model)
{
	SiWriter	out = {NULL, 0};

	write_model(&out, model);
	return out.size + HASH_SIZE;
}

void
si_cox_model_encode(const SiCoxModel *model, uint8_t *bytes)
{
	SiWriter	out = {bytes, 0};

	write_model(&out, model);
	si_write_u64(&out, si_hash_bytes(bytes, out.size, 0));
}

/* ----- Decoding ----- */

/* A double that is written as it was read: one NaN only. */
static double
read_number(SiReader *in, bool nan)
{
	uint64_t	bits = si_read_u64(in);
	double		value = si_bits_double(bits);

	si_read_check(in, isfinite(value) || (nan && bits == SI_NAN_BITS));
	return value;
}

static int64_t
read_rows(SiReader *in, int64_t limit)
{
	int64_t		rows = si_read_i64(in);

	si_read_check(in, rows >= 0 && rows <= limit);
	return rows;
}

static void
read_header(SiReader *in, SiCoxModel *model)
{
	uint32_t	flags;

	si_read_check(in, si_read_u32(in) == MAGIC);
	si_read_check(in, si_read_u32(in) == VERSION);
	flags = si_read_u32(in);
	si_read_check(in, flags <= (FITTED | BRESLOW | SECONDS));
	model->fitted = flags & FITTED;
	model->breslow = flags & BRESLOW;
	model->seconds = flags & SECONDS;
	model->rows = read_rows(in, INT64_MAX);
	model->events = read_rows(in, model->rows);
	model->skipped = read_rows(in, INT64_MAX);
	model->df = (int) si_read_count(in, SI_COX_MAX_TERMS, 1);
	model->l2 = read_number(in, false);
	model->loglik = read_number(in, false);
	model->null_loglik = read_number(in, false);
	model->concordance = read_number(in, true);
	model->last = read_number(in, false);
	model->nfeatures = (int) si_read_count(in, SI_MAX_FEATURES, FEATURE_SIZE);
	model->nterms = (int) si_read_count(in, SI_COX_MAX_TERMS, TERM_SIZE);
	model->nwarnings = (int) si_read_count(in, 2 * SI_COX_MAX_TERMS,
										   WARNING_SIZE);
	model->nsteps = (int) si_read_count(in, SI_COX_STEPS, STEP_SIZE);
	si_read_check(in, model->rows > 0 && model->l2 >= 0 && model->last >= 0 &&
				  model->df <= model->nterms &&
				  model->fitted == (model->events > 0) &&
				  !(model->concordance < 0 || model->concordance > 1));
}

/* Its terms are still to be read. */
static void
read_feature(SiReader *in, SiCoxFeature *feature)
{
	feature->name = si_read_text(in);
	feature->kind = si_read_u8(in);
	feature->width = (int) si_read_count(in, SI_MAX_FEATURES, 1);
	feature->nterms = (int) si_read_count(in, SI_COX_MAX_TERMS, 1);
	si_read_check(in, feature->name.length > 0 &&
				  memchr(feature->name.data, 0,
						 (size_t) feature->name.length) == NULL);
	si_read_check(in, feature->kind == SI_FEATURE_NUMERIC ||
				  (feature->kind == SI_FEATURE_CATEGORY &&
				   feature->width == 0));
}

static void
read_term(SiReader *in, const SiCoxModel *model, SiCoxTerm *term)
{
	uint32_t	element;

	term->kind = si_read_u8(in);
	element = si_read_u32(in);
	si_read_check(in, element <= SI_MAX_FEATURES);
	term->element = (int) element;
	term->level = si_read_text(in);
	term->rows = read_rows(in, model->rows);
	term->mean = read_number(in, false);
	term->coefficient = read_number(in, false);
	term->std_error = read_number(in, true);
	si_read_check(in, !(term->std_error < 0));
	si_read_check(in, term->kind == SI_COX_LEVEL || term->level.length == 0);
}

/* Levels ascending, then perhaps one for gaps. */
static bool
is_category(const SiCoxFeature *feature)
{
	for (int i = 0; i < feature->nterms; i++)
	{
		const SiCoxTerm *term = &feature->terms[i];

		if (term->element != 0 || term->kind == SI_COX_SLOPE ||
			(term->kind == SI_COX_MISSING && i + 1 < feature->nterms))
			return false;
		if (i > 0 && term->kind == SI_COX_LEVEL &&
			si_text_compare(term[-1].level, term->level) >= 0)
			return false;
	}
	return true;
}

/* For each element a slope, then perhaps a gap. */
static bool
is_number(const SiCoxFeature *feature)
{
	int			element = feature->width > 0 ? 1 : 0;
	int			i = 0;

	for (; element <= feature->width; element++)
	{
		if (i >= feature->nterms || feature->terms[i].element != element ||
			feature->terms[i++].kind != SI_COX_SLOPE)
			return false;
		if (i < feature->nterms && feature->terms[i].element == element &&
			feature->terms[i].kind == SI_COX_MISSING)
			i++;
	}
	return i == feature->nterms;
}

static void
read_features(SiReader *in, SiCoxModel *model)
{
	SiCoxTerm  *next = model->terms;
	int			left = model->nterms;

	for (int i = 0; i < model->nfeatures; i++)
	{
		SiCoxFeature *feature = &model->features[i];

		read_feature(in, feature);
		si_read_check(in, i == 0 ||
					  si_text_compare(feature[-1].name, feature->name) < 0);
		si_read_check(in, feature->nterms <= left);
		if (in->bad)
			return;
		feature->terms = next;
		next += feature->nterms;
		left -= feature->nterms;
	}
	si_read_check(in, left == 0);
	for (int i = 0; i < model->nterms; i++)
		read_term(in, model, &model->terms[i]);
	for (int i = 0; i < model->nfeatures && !in->bad; i++)
	{
		const SiCoxFeature *feature = &model->features[i];

		si_read_check(in, feature->kind == SI_FEATURE_CATEGORY ?
					  is_category(feature) : is_number(feature));
	}
}

static void
read_steps(SiReader *in, SiCoxModel *model)
{
	for (int i = 0; i < model->nsteps; i++)
	{
		model->at[i] = read_number(in, false);
		model->hazard[i] = read_number(in, false);
		si_read_check(in, model->hazard[i] >= 0 && model->at[i] >= 0 &&
					  model->at[i] <= model->last);
		si_read_check(in, i == 0 ||
					  (model->at[i] > model->at[i - 1] &&
					   model->hazard[i] >= model->hazard[i - 1]));
	}
}

static void
read_warnings(SiReader *in, SiCoxModel *model)
{
	for (int i = 0; i < model->nwarnings; i++)
	{
		SiCoxWarning *warning = &model->warnings[i];

		warning->code = si_read_u8(in);
		warning->term = (int32_t) si_read_u32(in);
		si_read_check(in, warning->code >= 1 &&
					  warning->code <= SI_COX_WARNING_LAST);
		si_read_check(in, warning->term >= -1 &&
					  warning->term < model->nterms);
	}
}

SiStatus
si_cox_model_measure(const void *bytes, size_t size, size_t *arena)
{
	SiReader	in = si_reader_hashed(bytes, size);
	SiCoxModel	model;

	read_header(&in, &model);
	if (in.bad)
		return SI_CORRUPT;
	*arena = (size_t) model.nfeatures * sizeof(SiCoxFeature) +
		(size_t) model.nterms * sizeof(SiCoxTerm) +
		(size_t) model.nwarnings * sizeof(SiCoxWarning) +
		(size_t) model.nsteps * 2 * sizeof(double);
	return SI_OK;
}

SiStatus
si_cox_model_decode(const void *bytes, size_t size, void *arena,
					SiCoxModel *model)
{
	SiReader	in = si_reader_hashed(bytes, size);

	read_header(&in, model);
	if (in.bad)
		return SI_CORRUPT;
	model->features = arena;
	model->terms = (SiCoxTerm *) (model->features + model->nfeatures);
	model->at = (double *) (model->terms + model->nterms);
	model->hazard = model->at + model->nsteps;
	model->warnings = (SiCoxWarning *) (model->hazard + model->nsteps);
	read_features(&in, model);
	read_warnings(&in, model);
	read_steps(&in, model);
	return in.bad || in.left > 0 ? SI_CORRUPT : SI_OK;
}

/* ----- The hazard ----- */

/* Steps at or before a time. */
static int
steps_until(const SiCoxModel *model, double t)
{
	int			low = 0;
	int			high = model->nsteps;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (model->at[middle] <= t)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

double
si_cox_model_hazard(const SiCoxModel *model, double t)
{
	int			n = steps_until(model, t);

	if (!(t <= model->last))
		return NAN;
	return n > 0 ? model->hazard[n - 1] : 0;
}
