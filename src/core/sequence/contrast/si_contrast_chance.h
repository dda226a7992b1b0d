/*
 * si_contrast_chance.h
 *	  What chance alone would show in many patterns at once (Westfall, Young).
 */
#ifndef SI_CONTRAST_CHANCE_H
#define SI_CONTRAST_CHANCE_H

#include "core/stats/si_sort.h"
#include "core/stats/table/si_fisher_table.h"

#define SI_CHANCE_BLOCK		16	/* patterns tried together */

/* Draws of chance: successes dealt out anew, or signs of clusters. */
typedef struct SiDraws
{
	int64_t		count;
	int64_t		words;			/* of a draw: bits for rows, or clusters */
	const uint64_t *bits;
	SiPulse		pulse;
} SiDraws;

/*
 * Deals k successes to n rows, count times; deck has room for n.  Bits has
 * count draws of (n + 63) / 64 words.
 */
extern void si_chance_deal(int64_t n, int64_t k, uint64_t seed, int64_t count,
						   uint32_t *deck, uint64_t *bits, SiPulse pulse);

/* Tosses a coin for each of n clusters, count times. */
extern void si_chance_toss(int64_t n, uint64_t seed, int64_t count,
						   uint64_t *bits, SiPulse pulse);

/* A pattern: the rows that have it, and the p-values of its margins. */
typedef struct SiDealt
{
	const uint64_t *bits;
	SiFisherTable table;
} SiDealt;

/* Lowers least[draw] to the least p-value of these patterns in the draw. */
extern void si_chance_least(const SiDraws *draws, int64_t n,
							const SiDealt *pattern, double *least);

/*
 * Raises most[draw] to the largest statistic of these patterns, at most
 * SI_CHANCE_BLOCK.  The part of pattern j in cluster g, which the draw may
 * turn around, is part[g * SI_CHANCE_BLOCK + j], 0 for patterns that are not.
 */
extern void si_chance_most(const SiDraws *draws, int64_t clusters,
						   const double *part, double *most);

/*
 * The share of draws, and of what was seen, that are at least as extreme; of
 * draws in ascending order.
 */
extern double si_chance_below(int64_t n, const double *least, double seen);
extern double si_chance_above(int64_t n, const double *most, double seen);

#endif							/* SI_CONTRAST_CHANCE_H */
