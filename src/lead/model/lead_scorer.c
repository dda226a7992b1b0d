/*
 * lead_scorer.c
 *	  A decoded model made ready to score, cached per call site.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "utils/memutils.h"

#include "core/si_hash.h"
#include "core/trees/si_treeshap.h"
#include "lead/model/lead_scorer.h"
#include "pg/si_compat.h"
#include "pg/si_pulse.h"

/* ----- What a model consists of ----- */

/* Columns in the order of the features, elements of an array together. */
static void
list_columns(LeadScorer *scorer)
{
	const SiLeadModel *model = scorer->model;

	scorer->columns = palloc0(model->nfeatures * sizeof(SiColumn) + 1);
	scorer->levels = palloc0(model->nfeatures * sizeof(LeadLevels) + 1);
	scorer->steps = palloc0(model->nfeatures * sizeof(LeadStep) + 1);
	scorer->cells = palloc(model->nfeatures * sizeof(double) + 1);
	for (int i = 0; i < model->nfeatures; i++)
	{
		const SiFeature *feature = &model->features[i];
		SiColumn   *column = &scorer->columns[scorer->ncolumns];

		if (feature->element > 1)
			continue;
		column->name = pnstrdup(feature->column.data, feature->column.length);
		column->kind = feature->kind;
		column->array = feature->element > 0;
		column->width = feature->width;
		column->cells = Max(feature->width, 1);
		column->first_cell = i;
		if (feature->kind == SI_FEATURE_CATEGORY)
			lead_levels_fill(&scorer->levels[scorer->ncolumns], feature);
		scorer->ncolumns++;
	}
}

/* What each bin of a category adds. */
static double *
effects_of(const SiFeature *feature, double mean)
{
	double	   *effect = palloc((feature->nlevels + 2) * sizeof(double));
	double		unseen = feature->rare.share > 0 ?
		feature->rare.coefficient - mean : 0;

	effect[0] = feature->missing.share > 0 ?
		feature->missing.coefficient - mean : unseen;
	for (int k = 0; k < feature->nlevels; k++)
		effect[1 + k] = feature->levels[k].effect.coefficient - mean;
	effect[1 + feature->nlevels] = unseen;
	return effect;
}

static void
list_terms(LeadScorer *scorer)
{
	const SiLeadModel *model = scorer->model;

	scorer->terms = palloc0(model->nfeatures * sizeof(LeadTerm) + 1);
	for (int i = 0; i < model->nfeatures; i++)
	{
		const SiFeature *feature = &model->features[i];
		LeadTerm   *term = &scorer->terms[i];
		double		mean = lead_model_mean_effect(feature);

		term->slope = feature->slope;
		term->center = feature->center;
		term->shift = -mean;
		term->missing = feature->missing.coefficient - mean;
		if (feature->kind == SI_FEATURE_CATEGORY)
			term->effect = effects_of(feature, mean);
	}
}

/* What explaining a row needs, beside the cells. */
static void
prepare_reasons(LeadScorer *scorer)
{
	const SiLeadModel *model = scorer->model;

	scorer->names = palloc(model->nfeatures * sizeof(char *) + 1);
	for (int i = 0; i < model->nfeatures; i++)
		scorer->names[i] = lead_model_feature_name(&model->features[i]);
	scorer->contributions = palloc(model->nfeatures * sizeof(double) + 1);
	scorer->baseline = model->baseline;
	if (model->forest == NULL)
		return;
	scorer->baseline = si_treeshap_expected(model->forest, si_pulse);
	scorer->work = palloc(si_treeshap_work_size(model->forest) + 1);
}

/* ----- The same model again? ----- */

static const char *
digest_of(struct varlena *model)
{
	return VARDATA_ANY(model) + VARSIZE_ANY_EXHDR(model) - sizeof(uint64);
}

/*
 * A stored model is recognised by its toast pointer without being read; any
 * other by its size and the 64-bit digest at its end.
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

static void
keep_toast(LeadScorer *scorer, struct varlena *given)
{
	if (scorer->toast == NULL)
		scorer->toast = MemoryContextAlloc(scorer->context,
										   VARSIZE_EXTERNAL(given));
	memcpy(scorer->toast, given, VARSIZE_EXTERNAL(given));
}

/* The same model stored a second time has the same size and digest. */
static bool
is_copy(const LeadScorer *scorer, struct varlena *given)
{
	Size		size = toast_raw_datum_size(PointerGetDatum(given)) - VARHDRSZ;
	struct varlena *digest;

	if (size != VARSIZE_ANY_EXHDR(scorer->bytes))
		return false;
	digest = detoast_attr_slice(given, size - sizeof(uint64), sizeof(uint64));
	return memcmp(VARDATA_ANY(digest), digest_of(scorer->bytes),
				  sizeof(uint64)) == 0;
}

bool
lead_scorer_is_of(LeadScorer *scorer, struct varlena *given)
{
	if (VARATT_IS_EXTENDED(given) && !VARATT_IS_EXTERNAL_ONDISK(given))
		given = PG_DETOAST_DATUM_PACKED(PointerGetDatum(given));
	if (is_same(scorer, given))
		return true;
	if (!VARATT_IS_EXTERNAL_ONDISK(given) || !is_copy(scorer, given))
		return false;
	keep_toast(scorer, given);
	return true;
}

LeadScorer *
lead_scorer_create(struct varlena *given)
{
	LeadScorer *scorer = palloc0(sizeof(LeadScorer));

	scorer->context = CurrentMemoryContext;
	if (VARATT_IS_EXTERNAL_ONDISK(given))
		keep_toast(scorer, given);
	scorer->bytes = (struct varlena *) PG_DETOAST_DATUM_COPY(
		PointerGetDatum(given));
	scorer->model = lead_model_decode(scorer->bytes);
	list_columns(scorer);
	if (scorer->model->forest == NULL)
		list_terms(scorer);
	prepare_reasons(scorer);
	if (scorer->model->calibration.nknots > 1)
	{
		scorer->guide = palloc(SI_GUIDE_CELLS * sizeof(uint16));
		si_calibration_guide(&scorer->model->calibration, scorer->guide);
	}
	scorer->reader = si_row_reader(CurrentMemoryContext, scorer->ncolumns,
								   scorer->columns);
	return scorer;
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
	LeadScorer *scorer = lead_scorer_create(given);

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
