/*
 * si_isotonic.c
 *	  Centred isotonic regression of outcomes on margins.
 *
 * Method: pool adjacent violators.  Rows of one margin are one block; while a
 * block's win rate is not above that of the block before, the two are merged.
 * The rates are then the isotonic least-squares (and maximum likelihood) fit.
 * Each block becomes one knot at its weighted mean margin, so that the map
 * rises between blocks in straight lines instead of jumping at their edges.
 *
 * More than SI_MAX_KNOTS blocks, possible only with very many rows, are
 * thinned: those whose middles lie in the same of SI_MAX_KNOTS equal parts of
 * the weight are merged.
 *
 * Special cases: no weight gives no knot; constant margins, or rates that only
 * fall, give one; margins are finite.  The order of tied rows does not matter
 * beyond the last bit, and not at all for unit weights.
 *
 * Accuracy: a knot lies inside the margins it stands for, whatever rounding
 * does, hence knots are strictly increasing and rates never fall.
 *
 * Reference: Ayer et al., Ann. Math. Stat. 26 (1955), 641-647; Oron and
 * Flournoy, "Centered isotonic regression: point and interval estimation for
 * dose-response studies", Statistics in Biopharmaceutical Research 9 (2017).
 */
#include <math.h>
#include <string.h>

#include "core/lead/si_calibration.h"

#define BLOCK_ROWS		16384	/* between pulses */

/* The blocks found so far, in the caller's arrays. */
typedef struct Blocks
{
	int64_t		count;
	double	   *margin;
	double	   *wins;			/* weight of the positives */
	double	   *weight;
} Blocks;

/* Merges block from into block to, which lies before it. */
static void
merge(Blocks *blocks, int64_t to, int64_t from)
{
	double		left = blocks->margin[to];
	double		right = blocks->margin[from];
	double		total = blocks->weight[to] + blocks->weight[from];
	double		mean = left * (blocks->weight[to] / total) +
		right * (blocks->weight[from] / total);

	blocks->margin[to] = fmin(fmax(mean, left), right);
	blocks->wins[to] += blocks->wins[from];
	blocks->weight[to] = total;
}

static void
append(Blocks *blocks, double margin, double wins, double weight)
{
	int64_t		last = blocks->count++;

	blocks->margin[last] = margin;
	blocks->wins[last] = wins;
	blocks->weight[last] = weight;
}

/* Is the win rate of the last block not above that of the one before? */
static bool
last_violates(const Blocks *blocks)
{
	int64_t		a = blocks->count - 2;
	int64_t		b = blocks->count - 1;

	return a >= 0 &&
		blocks->wins[a] * blocks->weight[b] >=
		blocks->wins[b] * blocks->weight[a];
}

static void
pool(int64_t n, const SiScored *rows, int skip_fold, Blocks *blocks,
	 SiPulse pulse)
{
	int64_t		i = 0;

	while (i < n)
	{
		double		margin = rows[i].score;
		double		wins = 0.0;
		double		weight = 0.0;

		for (; i < n && rows[i].score == margin; i++)
		{
			if (i % BLOCK_ROWS == 0)
				pulse();
			if (skip_fold >= 0 && rows[i].fold == skip_fold)
				continue;
			weight += rows[i].weight;
			if (rows[i].positive)
				wins += rows[i].weight;
		}
		if (!(weight > 0.0))
			continue;
		append(blocks, margin, wins, weight);
		for (; last_violates(blocks); blocks->count--)
			merge(blocks, blocks->count - 2, blocks->count - 1);
	}
}

/* Which of SI_MAX_KNOTS equal parts of the weight a block's middle is in. */
static int
part_of(double before, double weight, double total)
{
	int			part = (int) (SI_MAX_KNOTS * ((before + 0.5 * weight) / total));

	return part < SI_MAX_KNOTS ? part : SI_MAX_KNOTS - 1;
}

static void
thin(Blocks *blocks, SiPulse pulse)
{
	int64_t		count = blocks->count;
	double		total = 0.0;
	double		before = 0.0;
	int			last_part = -1;
	int64_t		i;

	for (i = 0; i < count; i++)
		total += blocks->weight[i];
	blocks->count = 0;
	for (i = 0; i < count; i++)
	{
		double		weight = blocks->weight[i];
		int			part = part_of(before, weight, total);

		if (i % BLOCK_ROWS == 0)
			pulse();
		if (part == last_part)
			merge(blocks, blocks->count - 1, i);
		else
			append(blocks, blocks->margin[i], blocks->wins[i], weight);
		last_part = part;
		before += weight;
	}
}

/* Merge the blocks at either end until those weigh enough. */
static void
widen_ends(Blocks *blocks, double least)
{
	int64_t		first = 0;

	while (first + 1 < blocks->count && blocks->weight[first] < least)
	{
		merge(blocks, first, first + 1);
		blocks->margin[first + 1] = blocks->margin[first];
		blocks->wins[first + 1] = blocks->wins[first];
		blocks->weight[first + 1] = blocks->weight[first];
		first++;
	}
	blocks->count -= first;
	memmove(blocks->margin, blocks->margin + first,
			blocks->count * sizeof(double));
	memmove(blocks->wins, blocks->wins + first,
			blocks->count * sizeof(double));
	memmove(blocks->weight, blocks->weight + first,
			blocks->count * sizeof(double));
	while (blocks->count > 1 && blocks->weight[blocks->count - 1] < least)
	{
		merge(blocks, blocks->count - 2, blocks->count - 1);
		blocks->count--;
	}
}

/* Move the rates of both ends towards the rate of all rows. */
static void
shrink_ends(Blocks *blocks, double prior)
{
	int64_t		last = blocks->count - 1;
	double		wins = 0.0;
	double		weight = 0.0;

	for (int64_t i = 0; i <= last; i++)
	{
		wins += blocks->wins[i];
		weight += blocks->weight[i];
	}
	if (last < 1)
		return;
	blocks->wins[0] += prior * wins / weight;
	blocks->weight[0] += prior;
	blocks->wins[last] += prior * wins / weight;
	blocks->weight[last] += prior;
}

int64_t
si_isotonic_fit(int64_t n, const SiScored *rows, int skip_fold,
				const SiIsotonicEnds *ends, double *margin,
				double *probability, double *weight, SiPulse pulse)
{
	Blocks		blocks = {0, margin, probability, weight};
	double		floor = 0.0;
	int64_t		i;

	pool(n, rows, skip_fold, &blocks, pulse);
	if (blocks.count > SI_MAX_KNOTS)
		thin(&blocks, pulse);
	if (ends != NULL)
	{
		widen_ends(&blocks, ends->least);
		shrink_ends(&blocks, ends->prior);
	}
	for (i = 0; i < blocks.count; i++)
	{
		floor = fmin(fmax(probability[i] / weight[i], floor), 1.0);
		probability[i] = floor;
	}
	return blocks.count;
}
