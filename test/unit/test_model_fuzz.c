/*
 * test_model_fuzz.c
 *	  Damaged and forged model bytes: refused, or a model that is safe to use.
 *
 * Mutants come from a fixed seed.  As they are, the hash refuses them; with
 * the hash repaired, as a forger would, only the rules stand.  What decodes
 * is read to the last byte, under sanitizers and in memory of exactly its
 * size, and must encode to the very bytes it came from.  Trees score and
 * explain rows.
 */
#include "core/trees/si_treeshap.h"
#include "forest_samples.h"
#include "mutants.h"
#include "tap.h"

#define ROUNDS		20000

/* ---------- using what decoded ---------- */

static uint64_t
walk_text(SiText text, uint64_t hash)
{
	return si_hash_bytes(text.data, text.length < 0 ? 0 : text.length, hash);
}

static uint64_t
walk_profile(const SiProfile *profile, uint64_t hash)
{
	for (int i = 0; i < profile->nbins; i++)
	{
		hash = si_hash_mix(hash, (uint64_t) profile->rows[i]);
		if (i > 0)
			hash = si_hash_mix(hash, si_double_bits(profile->edge[i - 1]));
	}
	return hash;
}

/* Read every text and level and score through every knot. */
static uint64_t
walk_model(const SiLeadModel *model)
{
	uint64_t	hash = walk_profile(&model->margins, 0);
	int			i;
	int			j;

	for (i = 0; i < model->nfeatures; i++)
	{
		const SiFeature *feature = &model->features[i];

		hash = walk_profile(&feature->profile, walk_text(feature->column,
														hash));
		for (j = 0; j < feature->nlevels; j++)
			hash = si_hash_mix(walk_text(feature->levels[j].text, hash),
							   si_double_bits(feature->levels[j].effect.share));
		if (feature->reference >= 0 && feature->nlevels > 0)
			hash = walk_text(feature->levels[feature->reference].text, hash);
	}
	for (i = 0; i < model->nwarnings; i++)
		hash = walk_text(model->warnings[i].message,
						 walk_text(model->warnings[i].feature, hash));
	return hash;
}

/* Calibrated scores are probabilities that rise with the margin. */
static bool
calibrates(const SiCalibration *calibration)
{
	static const double margin[] = {
		-1e308, -40, -1, -1e-300, 0, 0.25, 3, 40, 1e308
	};
	double		last = 0;
	bool		fine = true;
	size_t		i;

	for (i = 0; i < sizeof(margin) / sizeof(margin[0]); i++)
	{
		double		p = si_calibrate(calibration, margin[i]);

		fine = fine && p > 0 && p >= last && p < 1;
		last = p;
	}
	for (i = 0; i < (size_t) calibration->nknots; i++)
	{
		double		p = si_calibrate(calibration, calibration->margin[i]);

		fine = fine && p > 0 && p < 1;
	}
	return fine;
}

/* Some values of a feature, by turns; a number, or the bin of a category. */
static double
value_of(const SiFeature *feature, int turn)
{
	static const double number[] = {NAN, -1e300, -0.0, 0.5, 3, 1e300};

	if (feature->kind == SI_FEATURE_CATEGORY)
		return turn % (feature->nlevels + 2);
	return number[turn % (int) (sizeof(number) / sizeof(number[0]))];
}

/*
 * The forest is well formed, margins are finite, and contributions add up to
 * them within what rounding may do to values of their size.
 */
static bool
explains(const SiLeadModel *model)
{
	const SiForest *forest = model->forest;
	int32_t		nnodes = forest->start[forest->ntrees];
	SiFeatureKind *kind = malloc(model->nfeatures * sizeof(SiFeatureKind));
	double	   *row = malloc(model->nfeatures * sizeof(double));
	double	   *contribution = malloc(model->nfeatures * sizeof(double));
	void	   *work = malloc(si_treeshap_work_size(forest));
	double		size = fabs(forest->base);
	bool		fine;

	for (int j = 0; j < model->nfeatures; j++)
		kind[j] = model->features[j].kind;
	fine = si_forest_check(forest, nnodes, kind);
	for (int32_t k = 0; k < nnodes; k++)
		if (forest->node[k].left == 0)
			size += fabs(forest->node[k].at.value);
	for (int turn = 0; turn < 3; turn++)
	{
		double		sum = si_treeshap_expected(forest, pulse);

		for (int j = 0; j < model->nfeatures; j++)
			row[j] = value_of(&model->features[j], 7 * turn + 5 * j);
		si_treeshap(forest, row, contribution, work, pulse);
		for (int j = 0; j < model->nfeatures; j++)
			sum += contribution[j];
		fine = fine && fabs(sum - si_forest_margin(forest, row)) <=
			1e-11 * size;
	}
	free(work);
	free(contribution);
	free(row);
	free(kind);
	return fine;
}

typedef struct Tally
{
	int			decoded;
	int			unequal;		/* encoded to other bytes */
	int			uncalibrated;
	int			explained;
	int			unexplained;
	uint64_t	walked;
} Tally;

static void
judge(const Bytes *bytes, Tally *tally)
{
	SiLeadModel model;
	size_t		arena_size;
	size_t		size;
	void	   *arena;
	uint8_t    *again;

	if (si_lead_model_measure(bytes->data, bytes->size, &arena_size) != SI_OK)
		return;
	tally->decoded++;
	arena = malloc(arena_size);
	memset(arena, 0xff, arena_size);
	tally->unequal += si_lead_model_decode(bytes->data, bytes->size, arena,
										   &model) != SI_OK;
	tally->walked ^= walk_model(&model);
	tally->uncalibrated += !calibrates(&model.calibration);
	if (model.forest != NULL)
	{
		tally->explained++;
		tally->unexplained += !explains(&model);
	}
	again = encoded(&model, &size);
	tally->unequal += size != bytes->size ||
		memcmp(again, bytes->data, size) != 0;
	free(again);
	free(arena);
}

static void
fuzz(const SiLeadModel *model, const char *name, size_t kind, bool repair)
{
	Tally		tally = {0};
	size_t		size;
	uint8_t    *original = encoded(model, &size);
	int			same = 0;
	int			i;

	for (i = 0; i < ROUNDS; i++)
	{
		Bytes		mutant = {malloc(size), size};

		memcpy(mutant.data, original, size);
		mutations[kind].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if (mutant.size == size && memcmp(mutant.data, original, size) == 0)
			same++;
		else
			judge(&mutant, &tally);
		free(mutant.data);
	}
	ok(repair ? tally.decoded < ROUNDS : tally.decoded == 0,
	   "%s, %s%s: %d of %d decode", name, mutations[kind].name,
	   repair ? ", hash repaired" : "", tally.decoded, ROUNDS - same);
	ok(tally.unequal == 0, "those encode to the same bytes again");
	ok(tally.uncalibrated == 0, "those calibrate to probabilities");
	ok(tally.unexplained == 0, "%d score and explain", tally.explained);
	printf("# walked: %016llx\n", (unsigned long long) tally.walked);
	free(original);
}

int
main(void)
{
	SampleModel full;
	SampleModel unfitted;
	GrownModel	trees;
	HandModel	hand;

	sample_full(&full);
	sample_unfitted(&unfitted);
	grow_model(&trees, 300, SAMPLE_FEATURES, 4, 5);
	hand_model(&hand);
	for (size_t kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(&full.model, "full model", kind, false);
		fuzz(&full.model, "full model", kind, true);
		fuzz(&unfitted.model, "unfitted model", kind, true);
		fuzz(&trees.sample.model, "model of trees", kind, true);
		fuzz(&hand.sample.model, "one tree", kind, true);
	}
	boosted_close(&trees.boosted);
	return done_testing();
}
