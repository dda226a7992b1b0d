/*
 * test_cox_fuzz.c
 *
 * Models of proportional hazards, damaged and forged; their hazard.
 */
#include "tap.h"

#include <string.h>

#include "codec_fuzz.h"
#include "core/stats/survival/si_cox_model.h"

static const SiCoxModel *
sample_model(void)
{
	static SiCoxTerm terms[8] = {
		{SI_COX_SLOPE, 0, {NULL, 0}, 90, 41.5, 0.25, 0.5},
		{SI_COX_MISSING, 0, {NULL, 0}, 10, 0.1, -1, 0.25},
		{SI_COX_LEVEL, 0, {"north", 5}, 60, 0.6, 0, NAN},
		{SI_COX_LEVEL, 0, {"south", 5}, 30, 0.3, 1, 0.1},
		{SI_COX_MISSING, 0, {NULL, 0}, 10, 0.1, 2, 0.2},
		{SI_COX_SLOPE, 1, {NULL, 0}, 100, 0, 0, NAN},
		{SI_COX_SLOPE, 2, {NULL, 0}, 99, 1, 3, 0.3},
		{SI_COX_MISSING, 2, {NULL, 0}, 1, 0.01, 4, 0.4}
	};
	static SiCoxFeature features[3] = {
		{{"age", 3}, SI_FEATURE_NUMERIC, 0, 2, terms},
		{{"area", 4}, SI_FEATURE_CATEGORY, 0, 3, terms + 2},
		{{"list", 4}, SI_FEATURE_NUMERIC, 2, 3, terms + 5}
	};
	static SiCoxWarning warnings[2] = {
		{SI_COX_FEW_EVENTS, -1}, {SI_COX_CONSTANT, 5}
	};
	static double at[4] = {1, 2, 4, 8};
	static double hazard[4] = {0.5, 0.5, 1, 3};
	static const SiCoxModel model = {
		true, true, true, 100, 40, 3, 6, 0.5, -10, -20, 0.75, 9, 3, 8, 2, 4,
		features, terms, warnings, at, hazard
	};

	return &model;
}

static bool
recode(const uint8_t *bytes, size_t size, bool *same)
{
	SiCoxModel	model;
	size_t		arena;
	void	   *memory;
	bool		opens;

	if (si_cox_model_measure(bytes, size, &arena) != SI_OK)
		return false;
	memory = malloc(arena + 1);
	opens = si_cox_model_decode(bytes, size, memory, &model) == SI_OK;
	if (opens)
	{
		uint8_t    *again = malloc(size);

		*same = si_cox_model_size(&model) == size;
		if (*same)
			si_cox_model_encode(&model, again);
		*same = *same && memcmp(again, bytes, size) == 0;
		free(again);
	}
	free(memory);
	return opens;
}

static void
test_hazard(void)
{
	SiCoxModel	model = *sample_model();

	is_close(si_cox_model_hazard(&model, 3), 0.5, 0, "between steps");
	is_close(si_cox_model_hazard(&model, 4), 1, 0, "at a step");
	is_close(si_cox_model_hazard(&model, 0.5), 0, 0, "before the first");
	is_close(si_cox_model_hazard(&model, -INFINITY), 0, 0, "long before");
	is_close(si_cox_model_hazard(&model, 9), 3, 0, "after the last");
	is_close(si_cox_model_hazard(&model, 9.5), NAN, 0, "beyond all rows");
	is_close(si_cox_model_hazard(&model, NAN), NAN, 0, "at no time");
}

/* What each rule refuses: a model that breaks just that one. */
static bool
refuses(const SiCoxModel *model)
{
	size_t		size = si_cox_model_size(model);
	uint8_t    *bytes = malloc(size);
	bool		same;
	bool		opens;

	si_cox_model_encode(model, bytes);
	opens = recode(bytes, size, &same);
	free(bytes);
	return !opens;
}

#define REFUSES(change, what) \
	do { \
		SiCoxModel	m = *sample_model(); \
		SiCoxTerm	t[8]; \
		SiCoxFeature f[3]; \
		double		h[4] = {0.5, 0.5, 1, 3}; \
		memcpy(t, m.terms, sizeof(t)); \
		memcpy(f, m.features, sizeof(f)); \
		m.terms = t; \
		m.features = f; \
		m.hazard = h; \
		ok(!refuses(&m), "fine before"); \
		change; \
		ok(refuses(&m), what); \
	} while (0)

static void
test_rules(void)
{
	REFUSES(m.events = 101, "more events than rows");
	REFUSES(m.fitted = false, "no fit in spite of events");
	REFUSES(m.concordance = 1.5, "concordance above one");
	REFUSES(m.df = 9, "more coefficients than terms");
	REFUSES(t[3].level.data = "nevis", "levels out of order");
	REFUSES(t[2].kind = SI_COX_MISSING, "a gap before a level");
	REFUSES(t[0].element = 1, "an element of a scalar");
	REFUSES(t[6].element = 1, "an element twice");
	REFUSES(t[5].kind = SI_COX_LEVEL, "a level in a list");
	REFUSES(t[0].std_error = -1, "a negative error");
	REFUSES(t[0].coefficient = INFINITY, "an infinite coefficient");
	REFUSES(t[1].rows = 101, "more gaps than rows");
	REFUSES(f[1].name.data = "abba", "columns out of order");
	REFUSES(f[1].width = 1, "a list of categories");
	REFUSES(f[0].nterms = 1, "terms that nobody owns");
	REFUSES(h[2] = 0.25, "a hazard that falls");
	REFUSES(m.last = 7, "a step past the last row");
}

/* A list so long that fewer bytes follow its last place than its number. */
static void
test_long_list(void)
{
	static SiCoxTerm terms[900];
	SiCoxFeature list = {{"list", 4}, SI_FEATURE_NUMERIC, 900, 900, terms};
	SiCoxModel	model = {.rows = 9,.nfeatures = 1,.nterms = 900,
		.features = &list,.terms = terms
	};

	for (int i = 0; i < 900; i++)
		terms[i] = (SiCoxTerm) {SI_COX_SLOPE, i + 1, {NULL, 0}, 9, 0, 0, NAN};
	ok(!refuses(&model), "a long list");
	terms[899].element = 1001;
	ok(refuses(&model), "an element that no list has");
}

int
main(void)
{
	size_t		size = si_cox_model_size(sample_model());
	uint8_t    *bytes = malloc(size);

	si_cox_model_encode(sample_model(), bytes);
	fuzz_codec("cox_model", bytes, size, recode);
	free(bytes);
	test_hazard();
	test_rules();
	test_long_list();
	return done_testing();
}
