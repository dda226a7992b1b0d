/*
 * test_contrast_chance.c
 *
 * Draws of chance: even, and as their definition says, against doing it by
 * hand; counting of common bits.
 */
#include "tap.h"

#include "contrast_study.h"
#include "core/sequence/si_overlap.h"

#define ROWS	150
#define DRAWS	400
#define WORDS	3

static void
test_overlap(void)
{
	uint64_t	a[67];
	uint64_t	b[67];
	SiOverlap	best = si_overlap_best();
	int			different = 0;

	for (int64_t words = 0; words <= 67; words++)
	{
		int64_t		bits = 0;

		for (int64_t i = 0; i < words; i++)
		{
			a[i] = si_hash_mix(si_hash_mix(1, (uint64_t) i), 1);
			b[i] = si_hash_mix(si_hash_mix(2, (uint64_t) i), 1);
			for (int k = 0; k < 64; k++)
				bits += (a[i] & b[i]) >> k & 1;
		}
		different += best(words, a, b) != bits;
		different += si_overlap_plain(words, a, b) != bits;
	}
	ok(different == 0, "bits in common, one by one");
}

static bool
has_bit(const uint64_t *bits, int64_t draw, int64_t i)
{
	return bits[draw * WORDS + i / 64] >> i % 64 & 1;
}

/* Chances are 4 standard errors wide, over rows 5. */
static void
test_deal(int64_t k)
{
	static uint64_t bits[DRAWS * WORDS];
	uint32_t	deck[ROWS];
	int			uneven = 0;
	double		furthest = 0;
	double		share = (double) k / ROWS;

	si_chance_deal(ROWS, k, 5, DRAWS, deck, bits, pulse);
	for (int64_t draw = 0; draw < DRAWS; draw++)
	{
		int64_t		dealt = 0;

		for (int64_t i = 0; i < WORDS * 64; i++)
			dealt += has_bit(bits, draw, i) * (i < ROWS ? 1 : ROWS);
		uneven += dealt != k;
	}
	ok(uneven == 0, "%d successes in each draw", (int) k);
	for (int64_t i = 0; i < ROWS; i++)
	{
		double		seen = 0;

		for (int64_t draw = 0; draw < DRAWS; draw++)
			seen += has_bit(bits, draw, i);
		furthest = fmax(furthest, fabs(seen - share * DRAWS));
	}
	ok(furthest <= 5 * sqrt(DRAWS * share * (1 - share)),
	   "rows alike: at most %g from %g", furthest, share * DRAWS);
}

static void
test_toss(void)
{
	static uint64_t bits[DRAWS * WORDS];
	double		furthest = 0;

	si_chance_toss(ROWS, 5, DRAWS, bits, pulse);
	for (int64_t i = 0; i < ROWS; i++)
	{
		double		seen = 0;

		for (int64_t draw = 0; draw < DRAWS; draw++)
			seen += has_bit(bits, draw, i);
		furthest = fmax(furthest, fabs(seen - DRAWS / 2.0));
	}
	ok(furthest < 5 * sqrt(DRAWS / 4.0), "coins: at most %g off", furthest);
	ok(!has_bit(bits, 7, ROWS), "none past the last");
}

/* The least p-value in each draw, by the test of one table at a time. */
static void
test_least(void)
{
	Contrasted	c = random_contrast(ROWS, 5, 4, 1);
	StudyPlan	plan = {false, 3, DRAWS, 9};
	Study		study;
	uint64_t	bits[DRAWS * WORDS];
	uint32_t	deck[ROWS];
	double		best[DRAWS];
	SiContrastWhole whole;
	double		worst = 0;

	make_words(&c, false);
	whole = study_whole(&c);
	study = make_study(&c, plan);
	si_chance_deal(ROWS, whole.successes, 9, DRAWS, deck, bits, pulse);
	for (int64_t draw = 0; draw < DRAWS; draw++)
	{
		best[draw] = 1;
		for (int64_t row = 0; row < ROWS; row++)
			c.rows.success[row] = has_bit(bits, draw, row);
		c.walk.depth = -1;
		while (si_contrast_next(&c.walk))
		{
			for (uint32_t name = 0; name < c.names; name++)
			{
				if (si_contrast_support(&c.walk, name) >= 3)
					best[draw] = fmin(best[draw],
									  si_contrast_judge(&c.walk, &whole, name,
														NULL).p_value);
			}
		}
	}
	qsort(best, DRAWS, sizeof(double), compare_doubles);
	for (int64_t draw = 0; draw < DRAWS; draw++)
		worst = fmax(worst, fabs(study.best[draw] / best[draw] - 1));
	ok(worst < 1e-12, "least p-values, draw by draw: %g", worst);
	free_study(&study);
	free_contrast(&c);
}

/* Four clusters, two patterns: all sixteen signs by hand. */
static void
test_most(void)
{
	const double one[4] = {0.5, -0.5, 0.5, 0.5};
	const double two[4] = {0.1, 0.7, 0.7, 0.1};
	double		part[4 * SI_CHANCE_BLOCK] = {0};
	uint64_t	bits[16];
	double		most[16] = {0};
	SiDraws		draws = {16, 1, bits, pulse};
	double		worst = 0;

	for (int g = 0; g < 4; g++)
	{
		part[g * SI_CHANCE_BLOCK] = one[g];
		part[g * SI_CHANCE_BLOCK + 15] = two[g];
	}
	for (uint64_t draw = 0; draw < 16; draw++)
		bits[draw] = draw;
	si_chance_most(&draws, 4, part, most);
	for (int draw = 0; draw < 16; draw++)
	{
		double		sum[2] = {0, 0};

		for (int g = 0; g < 4; g++)
		{
			double		sign = draw >> g & 1 ? -1 : 1;

			sum[0] += sign * one[g];
			sum[1] += sign * two[g];
		}
		worst = fmax(worst, fabs(most[draw] -
								 fmax(fabs(sum[0]), fabs(sum[1]))));
	}
	ok(worst < 1e-15, "signs of clusters, each by hand");
}

static void
test_shares(void)
{
	const double value[] = {0.01, 0.02, 0.02, 0.5, 1};

	is_close(si_chance_below(5, value, 0.005), 1 / 6.0, 1e-15, "none below");
	is_close(si_chance_below(5, value, 0.02 * (1 - 1e-10)), 4 / 6.0, 1e-15,
			 "equal ones count, but for rounding");
	is_close(si_chance_above(5, value, 0.5 * (1 + 1e-12)), 3 / 6.0, 1e-15,
			 "from above too");
	is_close(si_chance_above(5, value, 2), 1 / 6.0, 1e-15, "none above");
}


static void
test_seed(void)
{
	uint64_t	bits[3][4];
	uint32_t	deck[64];

	for (int i = 0; i < 3; i++)
		si_chance_deal(64, 20, i == 2 ? 8 : 7, 4, deck, bits[i], pulse);
	ok(memcmp(bits[0], bits[1], sizeof(bits[0])) == 0, "equal seeds");
	ok(memcmp(bits[0], bits[2], sizeof(bits[0])) != 0, "different seeds");
}

int
main(void)
{
	test_overlap();
	test_deal(30);
	test_deal(120);
	test_deal(0);
	test_toss();
	test_least();
	test_most();
	test_shares();
	test_seed();
	return done_testing();
}
