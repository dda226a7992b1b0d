/*
 * si_hypergeometric.h
 *	  Fisher's noncentral hypergeometric distribution: the first cell of a
 *	  2x2 table whose margins are given, for any odds ratio.
 */
#ifndef SI_HYPERGEOMETRIC_H
#define SI_HYPERGEOMETRIC_H

#include "core/si_core.h"

/*
 * Margins of a table a b / c d: row = a + b, column = a + c, and the total,
 * at most 2^53.  The first cell is from low to high.
 */
typedef struct SiMargins
{
	double		row;
	double		column;
	double		total;
	double		low;
	double		high;
} SiMargins;

extern SiMargins si_margins(int64_t a, int64_t b, int64_t c, int64_t d);

/*
 * Chances of at most, and of at least, x in the first cell; and its mean, as a
 * distance from x, which may be far larger.
 */
typedef struct SiHypergeometric
{
	double		lower;
	double		upper;
	double		mean;
} SiHypergeometric;

/* x is from low to high, log_odds the logarithm of the odds ratio. */
extern SiHypergeometric si_hypergeometric(const SiMargins *margins, double x,
										  double log_odds, SiPulse pulse);

/*
 * The chance, for odds ratio 1, of a first cell that is at most as likely as
 * x: Fisher's two-sided p-value.
 */
extern double si_hypergeometric_two_sided(const SiMargins *margins, double x,
										  SiPulse pulse);

/*
 * Logarithms of odds ratios: that of which x is the mean (the conditional
 * maximum-likelihood estimate), and those with P(X >= x) = p or P(X <= x) = p.
 * x is inside low and high for the first, above low for the second, below
 * high for the third.
 */
extern double si_hypergeometric_estimate(const SiMargins *margins, double x,
										 SiPulse pulse);
extern double si_hypergeometric_low(const SiMargins *margins, double x,
									double p, SiPulse pulse);
extern double si_hypergeometric_high(const SiMargins *margins, double x,
									 double p, SiPulse pulse);

/*
 * The first cell, any real number, of a table with row and column sums r and s
 * and the given odds ratio, whose last cell is g >= 0 larger than the first.
 */
extern double si_odds_cell(double r, double s, double g, double odds);

#endif							/* SI_HYPERGEOMETRIC_H */
