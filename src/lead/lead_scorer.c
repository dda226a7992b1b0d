/*
 * lead_scorer.c
 *	  A decoded model made ready to score, cached per call site.
 */
#include "postgres.h"

#include <math.h>

#include "access/detoast.h"
#include "utils/memutils.h"

#include "core/si_hash.h"
#include "lead/lead_scorer.h"
#include "pg/si_compat.h"

/* ----- The terms of a model ----- */

static void
fill_slots(LeadTerm *term, double mean)
{
	const SiFeature *feature = term->feature;

	term->nslots = 4;
	while (term->nslots < 2 * feature->nlevels)
		term->nslots *= 2;
	term->slots = palloc0(term->nslots * sizeof(LeadSlot));
	for (int i = 0; i < feature->nlevels; i++)
	{
		const SiLevel *level = &feature->levels[i];
		SiText		text = level->text;
		uint64		hash = si_hash_bytes(text.data, text.length, 0);
		int			at = hash & (term->nslots - 1);

		while (term->slots[at].level != NULL)
			at = (at + 1) & (term->nslots - 1);
		term->slots[at].hash = hash;
		term->slots[at].level = level;
		term->slots[at].contribution = level->effect.coefficient - mean;
	}
}

static void
fill_term(LeadTerm *term, const SiFeature *feature)
{
	double		mean = lead_model_mean_effect(feature);

	term->feature = feature;
	term->slope = feature->slope;
	term->center = feature->center;
	term->shift = -mean;
	term->missing = feature->missing.coefficient - mean;
	term->unseen = feature->rare.share > 0 ? feature->rare.coefficient - mean :
											 0;
	if (feature->kind == SI_FEATURE_CATEGORY)
	{
		if (feature->missing.share == 0)
			term->missing = term->unseen;
		fill_slots(term, mean);
	}
}

/* Columns in the order of the features, elements of an array together. */
static void
list_columns(LeadScorer *scorer)
{
	const SiLeadModel *model = scorer->model;

	scorer->columns = palloc0(model->nfeatures * sizeof(SiColumn) + 1);
	scorer->terms = palloc0(model->nfeatures * sizeof(LeadTerm) + 1);
	scorer->steps = palloc0(model->nfeatures * sizeof(LeadStep) + 1);
	for (int i = 0; i < model->nfeatures; i++)
	{
		const SiFeature *feature = &model->features[i];
		SiColumn   *column;

		fill_term(&scorer->terms[i], feature);
		if (feature->element > 1)
			continue;
		column = &scorer->columns[scorer->ncolumns++];
		column->name = pnstrdup(feature->column.data, feature->column.length);
		column->kind = feature->kind;
		column->array = feature->element > 0;
		column->width = feature->width;
		column->cells = Max(feature->width, 1);
		column->first_cell = i;
	}
	scorer->nterms = model->nfeatures;
}

void
lead_scorer_bind(LeadScorer *scorer, const int *places)
{
	for (int i = 0; i < scorer->ncolumns; i++)
	{
		const SiColumn *column = &scorer->columns[i];
		const LeadTerm *term = &scorer->terms[column->first_cell];
		SiRead		read = scorer->reader->types[i].read;
		LeadStep   *step = &scorer->steps[i];

		step->fast = column->array ? LEAD_FAST_NONE :
			read == SI_READ_FLOAT8 ? LEAD_FAST_FLOAT8 :
			read == SI_READ_INT4 ? LEAD_FAST_INT4 : LEAD_FAST_NONE;
		step->place = places[i];
		step->slope = term->slope;
		step->center = term->center;
		step->shift = term->shift;
	}
}

/* ----- The cache ----- */

/*
 * Models of one call site, such as those of segments joined in any order, in
 * an open-addressing table that is at most half full.
 */
#define CACHE_SLOTS		128
#define CACHE_MODELS	64

typedef struct Cache
{
	LeadScorer *last;
	int			count;
	LeadScorer *slot[CACHE_SLOTS];
} Cache;

static const char *
digest_of(struct varlena *model)
{
	return VARDATA_ANY(model) + VARSIZE_ANY_EXHDR(model) - sizeof(uint64);
}

/*
 * The same model again?  A stored model is recognised by its toast pointer
 * without being read; any other by its size and the 64-bit digest at its end.
 */
static bool
is_same(const LeadScorer *scorer, struct varlena *given)
{
	if (VARATT_IS_EXTERNAL_ONDISK(given))
		return scorer->toast != NULL &&
			memcmp(scorer->toast, given, VARSIZE_EXTERNAL(given)) == 0;
	return VARSIZE_ANY_EXHDR(given) >= sizeof(uint64) &&
		VARSIZE_ANY_EXHDR(given) == VARSIZE_ANY_EXHDR(scorer->bytes) &&
		memcmp(digest_of(given), digest_of(scorer->bytes), sizeof(uint64)) == 0;
}

/* The slot of the cache where the search for a model starts. */
static int
first_slot(struct varlena *given)
{
	uint64		key = 0;

	if (VARATT_IS_EXTERNAL_ONDISK(given))
	{
		struct varatt_external pointer;

		VARATT_EXTERNAL_GET_POINTER(pointer, given);
		key = pointer.va_valueid;
	}
	else if (VARSIZE_ANY_EXHDR(given) >= sizeof(uint64))
		memcpy(&key, digest_of(given), sizeof(uint64));
	return si_hash_mix(key, 0) % CACHE_SLOTS;
}

static LeadScorer *
build_scorer(MemoryContext parent, struct varlena *given)
{
	MemoryContext context = AllocSetContextCreate(parent, "lead model scorer",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	LeadScorer *scorer = palloc0(sizeof(LeadScorer));

	scorer->context = context;
	if (VARATT_IS_EXTERNAL_ONDISK(given))
	{
		scorer->toast = palloc(VARSIZE_EXTERNAL(given));
		memcpy(scorer->toast, given, VARSIZE_EXTERNAL(given));
	}
	scorer->bytes = (struct varlena *) PG_DETOAST_DATUM_COPY(
		PointerGetDatum(given));
	scorer->model = lead_model_decode(scorer->bytes);
	list_columns(scorer);
	if (scorer->model->calibration.nknots > 1)
	{
		scorer->guide = palloc(SI_GUIDE_CELLS * sizeof(uint16));
		si_calibration_guide(&scorer->model->calibration, scorer->guide);
	}
	scorer->reader = si_row_reader(context, scorer->ncolumns, scorer->columns);
	MemoryContextSwitchTo(old);
	return scorer;
}

/* Forget all models; a query that reads so many reads each for a while. */
static void
empty_cache(Cache *cache)
{
	for (int i = 0; i < CACHE_SLOTS; i++)
		if (cache->slot[i] != NULL)
			MemoryContextDelete(cache->slot[i]->context);
	memset(cache, 0, sizeof(Cache));
}

static LeadScorer *
find_or_build(Cache *cache, MemoryContext context, struct varlena *given)
{
	int			at = first_slot(given);

	while (cache->slot[at] != NULL)
	{
		if (is_same(cache->slot[at], given))
			return cache->slot[at];
		at = (at + 1) % CACHE_SLOTS;
	}
	if (cache->count == CACHE_MODELS)
	{
		empty_cache(cache);
		at = first_slot(given);
	}
	cache->slot[at] = build_scorer(context, given);
	cache->count++;
	return cache->slot[at];
}

LeadScorer *
lead_scorer(FunctionCallInfo fcinfo, int n)
{
	struct varlena *given = (struct varlena *) PG_GETARG_POINTER(n);
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Cache	   *cache = fcinfo->flinfo->fn_extra;

	if (VARATT_IS_EXTENDED(given) && !VARATT_IS_EXTERNAL_ONDISK(given))
		given = PG_DETOAST_DATUM_PACKED(PointerGetDatum(given));
	if (cache == NULL)
		cache = fcinfo->flinfo->fn_extra =
			MemoryContextAllocZero(context, sizeof(Cache));
	if (cache->last == NULL || !is_same(cache->last, given))
	{
		cache->last = NULL;		/* building may fail */
		cache->last = find_or_build(cache, context, given);
	}
	return cache->last;
}

/* ----- One column ----- */

static double
category_margin(const LeadTerm *term, SiText text)
{
	uint64		hash = si_hash_bytes(text.data, text.length, 0);
	int			at = hash & (term->nslots - 1);

	while (term->slots[at].level != NULL)
	{
		const LeadSlot *slot = &term->slots[at];

		if (slot->hash == hash && slot->level->text.length == text.length &&
			memcmp(slot->level->text.data, text.data, text.length) == 0)
			return slot->contribution;
		at = (at + 1) & (term->nslots - 1);
	}
	return term->unseen;
}

static inline double
number_margin(const LeadTerm *term, double value)
{
	return term->slope * (value - term->center) + term->shift;
}

static double
array_margin(LeadScorer *scorer, int i, Datum value, bool isnull,
			 double *contributions)
{
	const SiColumn *column = &scorer->columns[i];
	const LeadTerm *term = &scorer->terms[column->first_cell];
	double	   *cells = palloc(column->cells * sizeof(double));
	double		sum = 0;

	if (!isnull)
		si_read_array(column, &scorer->reader->types[i], value, cells);
	for (int k = 0; k < column->cells; k++, term++)
	{
		double		add = isnull || isnan(cells[k]) ? term->missing :
												 number_margin(term, cells[k]);

		if (contributions != NULL)
			contributions[k] = add;
		sum += add;
	}
	pfree(cells);
	return sum;
}

double
lead_column_margin(LeadScorer *scorer, int i, Datum value, bool isnull,
				   double *contributions)
{
	const SiColumn *column = &scorer->columns[i];
	const SiColumnType *type = &scorer->reader->types[i];
	const LeadTerm *term = &scorer->terms[column->first_cell];
	double		margin;

	if (column->array)
		return array_margin(scorer, i, value, isnull, contributions);
	if (isnull)
		margin = term->missing;
	else if (column->kind == SI_FEATURE_CATEGORY)
		margin = category_margin(term,
								 si_read_category(type->read, value,
												  &scorer->reader->labels[i],
												  scorer->context));
	else
	{
		double		number = si_read_number(type->read, value);

		si_check_number(column->name, 0, number);
		margin = number_margin(term, number);
	}
	if (contributions != NULL)
		contributions[0] = margin;
	return margin;
}
