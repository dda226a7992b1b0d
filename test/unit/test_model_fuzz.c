/*
 * test_model_fuzz.c
 *	  Damaged and forged model bytes: refused, or a model that is safe to use.
 *
 * Mutants come from a fixed seed.  As they are, the hash refuses them; with
 * the hash repaired, as a forger would, only the rules stand.  What decodes
 * is read to the last byte, under sanitizers and in memory of exactly its
 * size, and must encode to the very bytes it came from.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "model_samples.h"
#include "tap.h"

#define ROUNDS		20000
#define SEED		20240607

static uint64_t random_state = SEED;

static uint64_t
random_word(void)
{
	random_state++;
	return si_hash_mix(si_hash_mix(SEED, random_state), 1);
}

static size_t
random_below(size_t limit)
{
	return (size_t) (random_word() % limit);
}

typedef struct Bytes
{
	uint8_t    *data;
	size_t		size;
} Bytes;

/* ---------- mutations: each works in place on a private copy ---------- */

static void
flip_bytes(Bytes *b)
{
	size_t		count = random_below(2) == 0 ? 1 : 1 + random_below(8);

	while (count-- > 0)
		b->data[random_below(b->size)] ^= 1 + random_below(255);
}

/* Counts, lengths, codes and indexes: extremes and near misses. */
static void
inflate_count(Bytes *b)
{
	static const uint32_t extreme[] = {
		0, 1, 2, 3, 0x7f, 0xff, 999, 1000, 1001, 1023, 1024, 9999, 10001,
		0xffff, 0x10000, 0x7ffffff, 0x10000000, 0x7fffffff, 0x80000000,
		0xfffffff8, 0xfffffffe, 0xffffffff
	};
	size_t		at = random_below(b->size - 4);
	size_t		which = random_below(sizeof(extreme) / sizeof(extreme[0]) + 2);

	if (which < sizeof(extreme) / sizeof(extreme[0]))
		si_store_u32(b->data + at, extreme[which]);
	else
		si_store_u32(b->data + at, si_load_u32(b->data + at) +
					 (uint32_t) random_below(9) - 4);
}

static void
plant_double(Bytes *b)
{
	static const double special[] = {
		0, -0.0, 1, -1, 1e-300, 1e300, INFINITY, -INFINITY, NAN, 0.5, -1e-9
	};
	size_t		which = random_below(sizeof(special) / sizeof(special[0]) + 1);
	uint64_t	bits = which < sizeof(special) / sizeof(special[0]) ?
		si_double_bits(special[which]) : UINT64_C(0x7ff0000000000001);

	si_store_u64(b->data + random_below(b->size - 8), bits);
}

/* Copy a run of bytes over another place. */
static void
copy_run(Bytes *b)
{
	size_t		length = 1 + random_below(b->size / 2);

	memmove(b->data + random_below(b->size - length),
			b->data + random_below(b->size - length), length);
}

/* Take a run of bytes out, or put one in that stands elsewhere. */
static void
splice(Bytes *b)
{
	size_t		length = 1 + random_below(64);
	size_t		at = random_below(b->size - length);
	uint8_t    *joined;

	if (random_below(2) == 0)
	{
		memmove(b->data + at, b->data + at + length, b->size - at - length);
		b->size -= length;
		b->data = realloc(b->data, b->size);
		return;
	}
	joined = malloc(b->size + length);
	memcpy(joined, b->data, at);
	memcpy(joined + at, b->data + random_below(b->size - length), length);
	memcpy(joined + at + length, b->data + at, b->size - at);
	free(b->data);
	b->data = joined;
	b->size += length;
}

static void
cut(Bytes *b)
{
	b->size = 8 + random_below(b->size - 8);
	b->data = realloc(b->data, b->size);
}

typedef void (*Mutation) (Bytes *);

static const struct
{
	Mutation	apply;
	const char *name;
}			mutations[] =
{
	{flip_bytes, "flipped bytes"},
	{inflate_count, "inflated counts"},
	{plant_double, "planted doubles"},
	{copy_run, "copied runs"},
	{splice, "splices"},
	{cut, "cuts"}
};

#define MUTATIONS	(sizeof(mutations) / sizeof(mutations[0]))

/* ---------- using what decoded ---------- */

static uint64_t
walk_text(SiText text, uint64_t hash)
{
	return si_hash_bytes(text.data, text.length < 0 ? 0 : text.length, hash);
}

/* Read every text and level and score through every knot. */
static uint64_t
walk_model(const SiLeadModel *model)
{
	uint64_t	hash = 0;
	int			i;
	int			j;

	for (i = 0; i < model->nfeatures; i++)
	{
		const SiFeature *feature = &model->features[i];

		hash = walk_text(feature->column, hash);
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

typedef struct Tally
{
	int			decoded;
	int			unequal;		/* encoded to other bytes */
	int			uncalibrated;
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
	again = encoded(&model, &size);
	tally->unequal += size != bytes->size ||
		memcmp(again, bytes->data, size) != 0;
	free(again);
	free(arena);
}

static void
fuzz(const SiLeadModel *model, const char *name, size_t kind, bool repair)
{
	Tally		tally = {0, 0, 0, 0};
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
			si_store_u64(mutant.data + mutant.size - 8,
						 si_hash_bytes(mutant.data, mutant.size - 8, 0));
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
	printf("# walked: %016llx\n", (unsigned long long) tally.walked);
	free(original);
}

int
main(void)
{
	SampleModel full;
	SampleModel unfitted;
	size_t		kind;

	sample_full(&full);
	sample_unfitted(&unfitted);
	for (kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(&full.model, "full model", kind, false);
		fuzz(&full.model, "full model", kind, true);
		fuzz(&unfitted.model, "unfitted model", kind, true);
	}
	return done_testing();
}
