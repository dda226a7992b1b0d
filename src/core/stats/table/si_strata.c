/*
 * si_strata.c
 *	  2x2 tables of several strata: what they say together, and whether they
 *	  say the same.
 *
 * For a stratum of n rows with cells a, b, c, d let R = a d / n, S = b c / n,
 * P = (a + d) / n and Q = (b + c) / n.
 *
 * Common odds ratio, of Mantel and Haenszel: sum R / sum S.  Its logarithm has
 * the variance of Robins, Breslow and Greenland,
 *
 *	sum PR / (2 R^2) + sum (PS + QR) / (2 R S) + sum QS / (2 S^2),
 *
 * with R and S outside of sums being the sums.
 *
 * Test (Cochran, Mantel, Haenszel): (|sum (a - E)| - k)^2 / sum V with E and V
 * the mean and variance of a given the margins, and the continuity correction
 * k = 1/2, or 0 where the distance is less, as in R's mantelhaen.test.
 *
 * Homogeneity, of Breslow and Day: sum (a - A)^2 / W with A the cell that the
 * margins and the common odds ratio make, and W = 1 / (1/A + 1/B + 1/C + 1/D).
 * Tarone's statistic is less by (sum (a - A))^2 / sum W, which makes it exactly
 * chi-square in the limit.
 *
 * Special cases: a stratum with an empty row or column says nothing: it adds
 * nothing to any sum, nor to the degrees of freedom.  If no stratum has R, or
 * none S, the common odds ratio is 0 or Infinity and without interval, and
 * homogeneity is not tested; nor is it with fewer than two strata that say
 * something.
 *
 * Accuracy: compensated sums over the strata in order of their keys.
 *
 * Reference: Mantel and Haenszel, J. Natl. Cancer Inst. 22 (1959); Robins,
 * Breslow and Greenland, Biometrics 42 (1986); Breslow and Day, "Statistical
 * methods in cancer research" 1 (1980), 142; Tarone, Biometrika 72 (1985).
 */
#include "core/stats/table/si_strata.h"

#include <math.h>

#include "core/stats/distribution/si_gamma.h"
#include "core/stats/distribution/si_hypergeometric.h"
#include "core/stats/distribution/si_normal.h"
#include "core/stats/si_sum.h"

typedef struct Sums
{
	SiSum		r;
	SiSum		s;
	SiSum		pr;
	SiSum		mixed;			/* P S + Q R */
	SiSum		qs;
	SiSum		distance;		/* a - E */
	SiSum		variance;
} Sums;

static bool
says_something(const SiContingency *t)
{
	return t->a + t->b > 0 && t->c + t->d > 0 &&
		t->a + t->c > 0 && t->b + t->d > 0;
}

static void
add_stratum(Sums *sums, const SiContingency *t)
{
	double		n = (double) si_contingency_rows(t);
	double		r = (double) t->a * ((double) t->d / n);
	double		s = (double) t->b * ((double) t->c / n);
	double		p = (double) (t->a + t->d) / n;
	double		q = (double) (t->b + t->c) / n;

	si_sum_add(&sums->r, r);
	si_sum_add(&sums->s, s);
	si_sum_add(&sums->pr, p * r);
	si_sum_add(&sums->mixed, p * s + q * r);
	si_sum_add(&sums->qs, q * s);
	si_sum_add(&sums->distance, si_determinant(t) / n);
	si_sum_add(&sums->variance,
			   (double) (t->a + t->b) / n * ((double) (t->c + t->d) / n) *
			   (double) (t->a + t->c) *
			   ((double) (t->b + t->d) / (n - 1.0)));
}

static Sums
sum_strata(const SiTables *strata, SiPulse pulse)
{
	SiTablesCursor cursor = si_tables_cursor(strata, pulse);
	Sums		sums = {{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0},
	{0.0, 0.0}, {0.0, 0.0}, {0.0, 0.0}};
	SiKeyedTable stratum;

	while (si_tables_next(&cursor, &stratum))
	{
		if (says_something(&stratum.table))
			add_stratum(&sums, &stratum.table);
	}
	return sums;
}

static double
common_ratio(double r, double s)
{
	if (s == 0.0)
		return r > 0.0 ? INFINITY : NAN;
	return r / s;
}

double
si_strata_odds_ratio(const SiTables *strata, SiPulse pulse)
{
	Sums		sums = sum_strata(strata, pulse);

	return common_ratio(si_sum_value(&sums.r), si_sum_value(&sums.s));
}

static SiInterval
common_interval(const Sums *sums, double ratio, double level)
{
	double		r = si_sum_value(&sums->r);
	double		s = si_sum_value(&sums->s);
	double		variance = si_sum_value(&sums->pr) / r / r / 2.0 +
		si_sum_value(&sums->mixed) / r / s / 2.0 +
		si_sum_value(&sums->qs) / s / s / 2.0;
	double		reach = si_normal_quantile(0.5 + 0.5 * level) * sqrt(variance);
	SiInterval	interval = {NAN, NAN};

	if (r > 0.0 && s > 0.0)
	{
		interval.low = ratio * exp(-reach);
		interval.high = ratio * exp(reach);
	}
	return interval;
}

SiMantelHaenszel
si_mantel_haenszel(const SiTables *strata, double level, bool correct,
				   SiPulse pulse)
{
	Sums		sums = sum_strata(strata, pulse);
	double		distance = fabs(si_sum_value(&sums.distance));
	double		variance = si_sum_value(&sums.variance);
	SiMantelHaenszel out;

	if (correct && distance >= 0.5)
		distance -= 0.5;
	out.odds_ratio = common_ratio(si_sum_value(&sums.r),
								  si_sum_value(&sums.s));
	out.interval = common_interval(&sums, out.odds_ratio, level);
	out.test.statistic = distance * distance / variance;
	out.test.p_value = si_normal_p_value(distance / sqrt(variance));
	return out;
}

/* ----- Homogeneity ----- */

/*
 * The cells with the table's margins and the given odds ratio, from the smaller
 * of a and d, so that nothing cancels there.
 */
static void
fitted_cells(const SiContingency *t, double odds, double cell[4])
{
	bool		last = t->d < t->a; /* d takes the place of a */
	double		r = (double) (last ? t->c + t->d : t->a + t->b);
	double		s = (double) (last ? t->b + t->d : t->a + t->c);
	double		g = (double) (last ? t->a - t->d : t->d - t->a);
	double		x = si_odds_cell(r, s, g, odds);

	cell[0] = last ? g + x : x;
	cell[1] = last ? s - x : r - x;
	cell[2] = last ? r - x : s - x;
	cell[3] = last ? x : g + x;
}

SiBreslowDay
si_breslow_day(const SiTables *strata, SiPulse pulse)
{
	SiTablesCursor cursor = si_tables_cursor(strata, pulse);
	double		odds = si_strata_odds_ratio(strata, pulse);
	SiSum		statistic = {0.0, 0.0};
	SiSum		distance = {0.0, 0.0};
	SiSum		weight = {0.0, 0.0};
	double		apart;
	SiBreslowDay out = {{NAN, NAN}, -1.0, {NAN, NAN}};
	SiKeyedTable stratum;

	while (si_tables_next(&cursor, &stratum))
	{
		double		cell[4];
		double		w;
		double		away;

		if (!says_something(&stratum.table))
			continue;
		fitted_cells(&stratum.table, odds, cell);
		w = 1.0 / (1.0 / cell[0] + 1.0 / cell[1] + 1.0 / cell[2] +
				   1.0 / cell[3]);
		away = (double) stratum.table.a - cell[0];
		si_sum_add(&statistic, away * away / w);
		si_sum_add(&distance, away);
		si_sum_add(&weight, w);
		out.df++;
	}
	if (out.df < 1.0 || !(odds > 0.0 && odds < INFINITY))
	{
		out.df = NAN;
		return out;
	}
	out.test.statistic = si_sum_value(&statistic);
	apart = si_sum_value(&distance);
	out.tarone.statistic = fmax(0.0, out.test.statistic -
								apart * apart / si_sum_value(&weight));
	out.test.p_value = si_chi_square_sf(out.df, out.test.statistic);
	out.tarone.p_value = si_chi_square_sf(out.df, out.tarone.statistic);
	return out;
}

/* ----- One stratum ----- */

static int
sign(double x)
{
	return (x > 0.0) - (x < 0.0);
}

SiVerdict
si_stratum_verdict(const SiContingency *t, double p_value, double level,
				   double common)
{
	double		n = (double) si_contingency_rows(t);
	double		row = (double) (t->a + t->b < t->c + t->d ?
								t->a + t->b : t->c + t->d);
	double		column = (double) (t->a + t->c < t->b + t->d ?
								   t->a + t->c : t->b + t->d);

	if (row / n * column < SI_VERDICT_EXPECTED)
		return SI_VERDICT_TOO_FEW;
	if (!(p_value < 1.0 - level))
		return SI_VERDICT_NO_EVIDENCE;
	return sign(si_determinant(t)) == sign(common - 1.0) ?
		SI_VERDICT_HOLDS : SI_VERDICT_REVERSED;
}
