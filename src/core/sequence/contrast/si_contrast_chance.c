/*
 * si_contrast_chance.c
 *	  What chance alone would show in many patterns at once (Westfall, Young).
 *
 * The p-value of a pattern among many, adjusted so that any false discovery
 * has at most the chance asked for, is the share of draws in which the best of
 * all patterns does as well (single-step; what was seen counts as a draw).
 * Patterns that go together are drawn together, hence nothing is given away
 * for their dependence, and no assumption made about it.
 *
 * Rows that are independent: a draw deals the successes out to the rows anew.
 * The null is that successes have nothing to do with sequences.  The best is
 * the least of Fisher's p-values (min-p): rare patterns, which reach no small
 * ones, do not stand in the way of others.
 *
 * Clusters: rows of a cluster may have their outcomes in common, so that they
 * cannot be dealt out; a draw turns the scores of whole clusters around (see
 * si_cluster_score.c).  The null is that a pattern has nothing to do with
 * success, whatever goes on within a cluster, and that scores are as likely to
 * be positive as negative.  The best is the largest statistic, which for a
 * pattern of few clusters is at most the root of their number; what was seen is
 * compared by the normal quantile of its p-value, which is bounded where scores
 * are skewed.  This holds for outcomes that differ within a cluster (the calls
 * of a representative) and for those that do not (the calls of a deal) alike.
 *
 * Draws come from a counter and the seed by hash (twice, see si_hash.h), in
 * the order of the rows or clusters: equal for any order of the input.
 *
 * Accuracy: p-values within 1e-7 of one another, and statistics within 1e-9,
 * count as equal.  With B draws the result is a multiple of 1/(B + 1).
 *
 * Reference: Westfall and Young, Resampling-Based Multiple Testing (1993);
 * Winkler et al., NeuroImage 92 (2014), 381-397, for signs.
 */
#include "core/sequence/contrast/si_contrast_chance.h"

#include <math.h>

#include "core/sequence/si_overlap.h"
#include "core/si_hash.h"

#define CHUNK_DRAWS		64		/* that stay in the first cache */
#define CHUNK_WORDS		65536	/* between pulses */
#define EQUAL_P			(1 + 1e-7)
#define EQUAL_STATISTIC	(1 - 1e-9)

/* ---------- draws ---------- */

static uint64_t
word_of(uint64_t seed, uint64_t draw, uint64_t i)
{
	return si_hash_mix(si_hash_mix(seed, draw), i);
}

/* Below limit, evenly but for 2^-32. */
static uint64_t
below(uint64_t word, uint64_t limit)
{
	uint64_t	high;

	(void) si_hash_multiply(word, limit, &high);
	return high;
}

static void
set_bits(int64_t n, bool on, uint64_t *bits)
{
	for (int64_t i = 0; i < (n + 63) / 64; i++)
		bits[i] = on ? UINT64_MAX : 0;
	if (on && n % 64 > 0)
		bits[n / 64] = (UINT64_C(1) << n % 64) - 1;
}

/*
 * The rarer outcome goes to the first cards of the deck, which is shuffled as
 * far as that, on and on.
 */
void
si_chance_deal(int64_t n, int64_t k, uint64_t seed, int64_t count,
			   uint32_t *deck, uint64_t *bits, SiPulse pulse)
{
	bool		rare = k <= n - k;
	int64_t		cards = rare ? k : n - k;

	for (int64_t i = 0; i < n; i++)
		deck[i] = (uint32_t) i;
	for (int64_t draw = 0; draw < count; draw++)
	{
		uint64_t   *to = bits + draw * ((n + 63) / 64);

		set_bits(n, !rare, to);
		for (int64_t i = 0; i < cards; i++)
		{
			uint64_t	word = word_of(seed, (uint64_t) draw, (uint64_t) i);
			int64_t		from = i + (int64_t) below(word, (uint64_t) (n - i));
			uint32_t	card = deck[from];

			if (i % CHUNK_WORDS == 0)
				pulse();
			deck[from] = deck[i];
			deck[i] = card;
			to[card / 64] ^= UINT64_C(1) << card % 64;
		}
	}
}

void
si_chance_toss(int64_t n, uint64_t seed, int64_t count, uint64_t *bits,
			   SiPulse pulse)
{
	int64_t		words = (n + 63) / 64;

	for (int64_t draw = 0; draw < count; draw++)
	{
		if (draw % CHUNK_DRAWS == 0)
			pulse();
		for (int64_t i = 0; i < words; i++)
			bits[draw * words + i] = word_of(seed, (uint64_t) draw,
											 (uint64_t) i);
		if (n % 64 > 0)
			bits[draw * words + words - 1] &= (UINT64_C(1) << n % 64) - 1;
	}
}

/* ---------- rows ---------- */

static void
lower(const SiDraws *draws, int64_t from, int64_t to, const SiDealt *pattern,
	  SiOverlap overlap, double *least)
{
	for (int64_t draw = from; draw < to; draw++)
	{
		int64_t		a = overlap(draws->words, pattern->bits,
								draws->bits + draw * draws->words);
		double		p = pattern->table.value[a - pattern->table.low];

		if (p < least[draw])
			least[draw] = p;
	}
}

/* Chunks of draws, so that each is fetched once for many patterns. */
void
si_chance_least(const SiDraws *draws, int64_t n, const SiDealt *pattern,
				double *least)
{
	SiOverlap	overlap = si_overlap_best();
	int64_t		step = CHUNK_DRAWS;

	if (step * draws->words > CHUNK_WORDS)
		step = 1 + CHUNK_WORDS / draws->words;
	for (int64_t from = 0; from < draws->count; from += step)
	{
		int64_t		to = from + step < draws->count ? from + step :
			draws->count;

		for (int64_t j = 0; j < n; j++)
		{
			if (j % SI_CHANCE_BLOCK == 0)
				draws->pulse();
			lower(draws, from, to, &pattern[j], overlap, least);
		}
	}
}

/* ---------- clusters ---------- */

/* What the clusters that the draw turns around add up to. */
static void
add_turned(const uint64_t *bits, int64_t words, const double *part,
		   double *turned)
{
	for (int j = 0; j < SI_CHANCE_BLOCK; j++)
		turned[j] = 0;
	for (int64_t i = 0; i < words; i++)
	{
		for (uint64_t word = bits[i]; word != 0; word &= word - 1)
		{
			int64_t		g = i * 64 + __builtin_ctzll(word);

			for (int j = 0; j < SI_CHANCE_BLOCK; j++)
				turned[j] += part[g * SI_CHANCE_BLOCK + j];
		}
	}
}

void
si_chance_most(const SiDraws *draws, int64_t clusters, const double *part,
			   double *most)
{
	double		sum[SI_CHANCE_BLOCK] = {0};
	double		turned[SI_CHANCE_BLOCK];
	int64_t		pulse_every = 1 + CHUNK_WORDS / (clusters + 1);

	for (int64_t g = 0; g < clusters; g++)
	{
		for (int j = 0; j < SI_CHANCE_BLOCK; j++)
			sum[j] += part[g * SI_CHANCE_BLOCK + j];
	}
	for (int64_t draw = 0; draw < draws->count; draw++)
	{
		if (draw % pulse_every == 0)
			draws->pulse();
		add_turned(draws->bits + draw * draws->words, draws->words, part,
				   turned);
		for (int j = 0; j < SI_CHANCE_BLOCK; j++)
		{
			double		statistic = fabs(sum[j] - 2 * turned[j]);

			if (statistic > most[draw])
				most[draw] = statistic;
		}
	}
}

/* ---------- results ---------- */

/* How many of the ascending values are at most a limit. */
static int64_t
count_below(int64_t n, const double *value, double limit)
{
	int64_t		low = 0;
	int64_t		high = n;

	while (low < high)
	{
		int64_t		middle = low + (high - low) / 2;

		if (value[middle] <= limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

double
si_chance_below(int64_t n, const double *least, double seen)
{
	return (double) (1 + count_below(n, least, seen * EQUAL_P)) /
		(double) (n + 1);
}

/* Those below the limit are counted: at most the double before it. */
double
si_chance_above(int64_t n, const double *most, double seen)
{
	double		limit = nextafter(seen * EQUAL_STATISTIC, -INFINITY);

	return (double) (1 + n - count_below(n, most, limit)) / (double) (n + 1);
}
