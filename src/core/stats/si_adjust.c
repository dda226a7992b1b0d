/*
 * si_adjust.c
 *	  p-values of many tests, adjusted for their number.
 *
 * With the p-values in ascending order, p_1 to p_n:
 *
 * Bonferroni: n p_i.
 * Holm: the largest of (n - k + 1) p_k for k up to i.
 * Benjamini and Hochberg: the smallest of n p_k / k for k from i on.
 * Benjamini and Yekutieli: the same times 1 + 1/2 + ... + 1/n.
 *
 * The first two bound the chance of any false discovery; the others the
 * expected share of false ones among the discoveries, for tests that are
 * independent or positively dependent, and for any.
 *
 * Special cases: results are at most 1; equal p-values get equal results.
 *
 * Accuracy: a few roundings; equal to p.adjust in R.
 *
 * Reference: Holm, Scand. J. Stat. 6 (1979), 65-70; Benjamini and Hochberg,
 * J. Roy. Stat. Soc. B 57 (1995), 289-300; Benjamini and Yekutieli, Ann.
 * Stat. 29 (2001), 1165-1188.
 */
#include "core/stats/si_adjust.h"

#include <math.h>

#include "core/stats/si_sum.h"

#define BLOCK_TESTS		65536	/* between pulses */

static void
beat(int64_t i, SiPulse pulse)
{
	if (i % BLOCK_TESTS == 0)
		pulse();
}

/* From the smallest p-value on, never falling. */
static void
step_down(int64_t n, bool holm, const SiKeyed *items, double *adjusted,
		  SiPulse pulse)
{
	double		reached = 0.0;

	for (int64_t i = 0; i < n; i++)
	{
		double		tests = (double) (holm ? n - i : n);

		beat(i, pulse);
		reached = fmax(reached, tests * si_sort_value(items[i].key));
		adjusted[items[i].item] = fmin(reached, 1.0);
	}
}

/* From the largest p-value on, never rising. */
static void
step_up(int64_t n, double factor, const SiKeyed *items, double *adjusted,
		SiPulse pulse)
{
	double		reached = 1.0;

	for (int64_t i = n; i-- > 0;)
	{
		double		share = (double) n / (double) (i + 1);

		beat(i, pulse);
		reached = fmin(reached, factor * share * si_sort_value(items[i].key));
		adjusted[items[i].item] = reached;
	}
}

static double
harmonic(int64_t n, SiPulse pulse)
{
	SiSum		sum = {0.0, 0.0};

	for (int64_t i = n; i > 0; i--)
	{
		beat(i, pulse);
		si_sum_add(&sum, 1.0 / (double) i);
	}
	return si_sum_value(&sum);
}

void
si_adjust(SiAdjustment method, int64_t n, SiKeyed *items, SiKeyed *scratch,
		  double *adjusted, SiPulse pulse)
{
	si_sort_keyed(n, items, scratch, pulse);
	switch (method)
	{
		case SI_ADJUST_BONFERRONI:
		case SI_ADJUST_HOLM:
			step_down(n, method == SI_ADJUST_HOLM, items, adjusted, pulse);
			break;
		case SI_ADJUST_BH:
			step_up(n, 1.0, items, adjusted, pulse);
			break;
		case SI_ADJUST_BY:
			step_up(n, harmonic(n, pulse), items, adjusted, pulse);
			break;
	}
}
