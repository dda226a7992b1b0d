/*
 * si_measure.h
 *	  How varied a sequence is, and how far two sequences are apart.
 *
 * All measures are about the order of events, not their times: an event counts
 * as one unit of duration, and equal events in a row are one spell of as many
 * units.  With one event a period they are the measures of state sequences.
 */
#ifndef SI_MEASURE_H
#define SI_MEASURE_H

#include "core/sequence/si_sequence.h"

/* A number of any size: value * 2 ^ exponent. */
typedef struct SiScaled
{
	double		value;
	int64_t		exponent;
} SiScaled;

/*
 * Shannon entropy of the shares of the names, in nats; count is room for one
 * number a name.
 */
extern double si_sequence_entropy(const SiSequence *sequence, int64_t *count,
								  SiPulse pulse);

/* How often an event differs from the one before. */
extern int64_t si_sequence_changes(const SiSequence *sequence, SiPulse pulse);

/*
 * Turbulence.  Method: log2(phi (s2max + 1) / (s2 + 1)), where phi is the
 * number of distinct subsequences, the empty one included, of the spells, s2
 * the variance of the lengths of the d spells around their mean t, and
 * s2max = (d - 1) (1 - t)^2.  phi is counted spell by spell: each doubles the
 * number, less what ended in an earlier spell of the same name.  last is room
 * for one number a name.
 *
 * Special cases: one spell gives 1.
 *
 * Accuracy: about 1e-15 relative times the number of spells in phi, of which
 * the logarithm is taken.
 *
 * Reference: Elzinga and Liefbroer, De-standardization of family-life
 * trajectories of young adults, European Journal of Population 23 (2007);
 * TraMineR's seqST.
 */
extern double si_sequence_turbulence(const SiSequence *sequence,
									 SiScaled *last, SiPulse pulse);

/*
 * Length of the longest common subsequence, and the least number of
 * insertions, deletions and substitutions, of two lists of codes.  row is room
 * for m + 1 numbers.  O(n m).
 */
extern int64_t si_distance_common(int64_t n, const uint32_t *a, int64_t m,
								  const uint32_t *b, uint32_t *row,
								  SiPulse pulse);
extern int64_t si_distance_levenshtein(int64_t n, const uint32_t *a,
									   int64_t m, const uint32_t *b,
									   uint32_t *row, SiPulse pulse);

/* In how many places two lists of one length differ. */
extern int64_t si_distance_hamming(int64_t n, const uint32_t *a,
								   const uint32_t *b, SiPulse pulse);

#endif							/* SI_MEASURE_H */
