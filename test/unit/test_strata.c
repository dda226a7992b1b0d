/*
 * test_strata.c
 *
 * Common odds ratio and homogeneity of strata: golden values and rules.
 */
#include "tap.h"

#include "core/stats/table/si_strata.h"
#include "keyed.h"

/* Admission by sex in six departments, Berkeley 1973 (UCBAdmissions in R). */
static const SiContingency berkeley[] = {
	{512, 313, 89, 19}, {353, 207, 17, 8}, {120, 205, 202, 391},
	{138, 279, 131, 244}, {53, 138, 94, 299}, {22, 351, 24, 317}
};

/* Smoking and lung cancer in eight Chinese cities (Liu 1992). */
static const SiContingency cities[] = {
	{126, 100, 35, 61}, {908, 688, 497, 807}, {913, 747, 336, 598},
	{235, 172, 58, 121}, {402, 308, 121, 215}, {182, 156, 72, 98},
	{60, 99, 11, 43}, {104, 89, 21, 36}
};

/* statsmodels 0.13.5, StratifiedTable, and R 4.2.2, mantelhaen.test */
typedef struct Golden
{
	const char *name;
	int			count;
	const SiContingency *cells;
	double		odds_ratio;
	double		low;
	double		high;
	double		statistic;
	double		p_value;
	double		breslow_day;
	double		breslow_day_p;
	double		tarone;
	double		tarone_p;
} Golden;

static const Golden golden[] = {
	{"Berkeley", 6, berkeley, 0.9046968282586231, 0.7719073617593505,
	1.0603297644366556, 1.4269462285866883, 0.23226346281704802,
	18.825513705236514, 0.0020713903499175457, 18.82550125205323,
	0.0020714013978808676},
	{"cities", 8, cities, 2.1744819199793692, 1.984001974284674,
	2.383249453177568, 279.3757404638534, 1.0271494518990926e-62,
	5.199704846953475, 0.6356068213712622, 5.19967117263887,
	0.635610923061713}
};

static void
test_golden(const Golden *g)
{
	Keyed		keyed = keyed_tables(SI_STRATA, g->count, g->cells);
	SiMantelHaenszel common = si_mantel_haenszel(&keyed.tables, 0.95, true,
												 pulse);
	SiBreslowDay is = si_breslow_day(&keyed.tables, pulse);

	is_close(common.odds_ratio, g->odds_ratio, 1e-13, "%s", g->name);
	is_close(common.interval.low, g->low, 1e-13, "low");
	is_close(common.interval.high, g->high, 1e-13, "high");
	is_close(common.test.statistic, g->statistic, 1e-12, "test");
	is_close(common.test.p_value / g->p_value, 1, 1e-11, "its p-value");
	is_close(is.test.statistic, g->breslow_day, 1e-11, "Breslow-Day");
	is_close(is.test.p_value / g->breslow_day_p, 1, 1e-11, "its p-value");
	is_close(is.tarone.statistic, g->tarone, 1e-11, "Tarone");
	is_close(is.tarone.p_value / g->tarone_p, 1, 1e-11, "its p-value");
	ok(is.df == g->count - 1, "degrees of freedom");
	free(keyed.bytes);
}

/* R: mantelhaen.test(UCBAdmissions, correct = FALSE) */
static void
test_uncorrected(void)
{
	Keyed		keyed = keyed_tables(SI_STRATA, 6, berkeley);
	SiMantelHaenszel common = si_mantel_haenszel(&keyed.tables, 0.95, false,
												 pulse);

	is_close(common.test.statistic, 1.5246066604434356, 1e-12, "uncorrected");
	is_close(common.test.p_value, 0.21692369705551837, 1e-12, "its p-value");
	free(keyed.bytes);
}

/* A stratum that compares nothing changes nothing. */
static void
test_silent_strata(void)
{
	SiContingency more[9];
	Keyed		keyed;
	SiMantelHaenszel common;
	SiBreslowDay is;

	memcpy(more, berkeley, sizeof(berkeley));
	more[6] = (SiContingency) {50, 60, 0, 0};
	more[7] = (SiContingency) {0, 60, 0, 70};
	more[8] = (SiContingency) {1, 0, 0, 0};
	keyed = keyed_tables(SI_STRATA, 9, more);
	common = si_mantel_haenszel(&keyed.tables, 0.95, true, pulse);
	is = si_breslow_day(&keyed.tables, pulse);
	is_close(common.odds_ratio, golden[0].odds_ratio, 1e-13, "silent strata");
	is_close(common.test.statistic, golden[0].statistic, 1e-12, "test");
	is_close(is.test.p_value, golden[0].breslow_day_p, 1e-12, "homogeneity");
	ok(is.df == 5, "nor do they count");
	free(keyed.bytes);
}

/* One table: the common odds ratio is its own, n - 1 for n in the test. */
static void
test_one_stratum(void)
{
	const SiContingency t = {10, 20, 41, 93};
	Keyed		keyed = keyed_tables(SI_STRATA, 1, &t);
	SiMantelHaenszel common = si_mantel_haenszel(&keyed.tables, 0.9, false,
												 pulse);
	SiInterval	wald = si_odds_ratio_wald(&t, 0.9);

	is_close(common.odds_ratio, si_odds_ratio(&t), 1e-15, "one stratum");
	is_close(common.interval.low, wald.low, 1e-14, "its Wald interval, low");
	is_close(common.interval.high, wald.high, 1e-14, "high");
	is_close(common.test.statistic,
			 si_chi_square_test(&t, false).statistic * 163 / 164, 1e-14,
			 "its test");
	ok(isnan(si_breslow_day(&keyed.tables, pulse).test.p_value),
	   "nothing to compare it with");
	free(keyed.bytes);
}

static void
test_extremes(void)
{
	const SiContingency never[] = {{0, 5, 7, 4}, {0, 6, 2, 9}};
	const SiContingency nothing[] = {{3, 5, 0, 0}, {0, 0, 2, 9}};
	Keyed		keyed = keyed_tables(SI_STRATA, 2, never);
	SiMantelHaenszel common = si_mantel_haenszel(&keyed.tables, 0.95, true,
												 pulse);

	ok(common.odds_ratio == 0 && isnan(common.interval.low) &&
	   common.test.p_value < 0.1 &&
	   isnan(si_breslow_day(&keyed.tables, pulse).df), "zero everywhere");
	free(keyed.bytes);
	keyed = keyed_tables(SI_STRATA, 2, nothing);
	common = si_mantel_haenszel(&keyed.tables, 0.95, true, pulse);
	ok(isnan(common.odds_ratio) && isnan(common.interval.high) &&
	   isnan(common.test.statistic) && isnan(common.test.p_value) &&
	   isnan(si_breslow_day(&keyed.tables, pulse).tarone.statistic),
	   "nothing to compare");
	free(keyed.bytes);
}

static void
test_verdicts(void)
{
	const SiContingency more = {40, 10, 20, 30};
	const SiContingency less = {10, 40, 30, 20};
	const SiContingency few = {9, 0, 1, 8};

	ok(si_stratum_verdict(&more, 0.01, 0.95, 2) == SI_VERDICT_HOLDS &&
	   si_stratum_verdict(&less, 0.01, 0.95, 0.5) == SI_VERDICT_HOLDS, "holds");
	ok(si_stratum_verdict(&more, 0.01, 0.95, 0.5) == SI_VERDICT_REVERSED &&
	   si_stratum_verdict(&less, 0.01, 0.95, 2) == SI_VERDICT_REVERSED,
	   "reversed");
	ok(si_stratum_verdict(&more, 0.01, 0.95, 1) == SI_VERDICT_REVERSED &&
	   si_stratum_verdict(&less, 0.01, 0.95, 1) == SI_VERDICT_REVERSED &&
	   si_stratum_verdict(&less, 0.01, 0.95, NAN) == SI_VERDICT_REVERSED,
	   "without a common side none is on it");
	ok(si_stratum_verdict(&more, 0.06, 0.95, 2) == SI_VERDICT_NO_EVIDENCE &&
	   si_stratum_verdict(&more, 0.06, 0.9, 2) == SI_VERDICT_HOLDS,
	   "no evidence at the level");
	ok(si_stratum_verdict(&few, 0.001, 0.95, 2) == SI_VERDICT_TOO_FEW,
	   "too few");
}

/* The fitted cell by bisection, sums in the open. */
static double
breslow_day_twin(int n, const SiContingency *cells, double odds)
{
	double		sum = 0;

	for (int i = 0; i < n; i++)
	{
		const SiContingency *t = &cells[i];
		double		row = (double) (t->a + t->b);
		double		column = (double) (t->a + t->c);
		double		rest = (double) (t->d - t->a);
		double		low = rest < 0 ? -rest : 0;
		double		high = row < column ? row : column;

		for (int k = 0; k < 200; k++)
		{
			double		x = low / 2 + high / 2;

			if (x * (rest + x) < odds * (row - x) * (column - x))
				low = x;
			else
				high = x;
		}
		sum += ((double) t->a - low) * ((double) t->a - low) *
			(1 / low + 1 / (row - low) + 1 / (column - low) + 1 / (rest + low));
	}
	return sum;
}

static void
test_random(void)
{
	double		worst = 0;

	for (int round = 0; round < 300; round++)
	{
		int			n = 2 + random_below(6);
		SiContingency cells[8];
		Keyed		keyed;
		double		r = 0;
		double		s = 0;
		double		got;

		for (int i = 0; i < n; i++)
		{
			SiContingency t = {1 + random_below(90), 1 + random_below(300),
			1 + random_below(90), 1 + random_below(20)};
			double		rows = (double) si_contingency_rows(&t);

			cells[i] = t;
			r += (double) t.a * (double) t.d / rows;
			s += (double) t.b * (double) t.c / rows;
		}
		keyed = keyed_tables(SI_STRATA, n, cells);
		got = si_breslow_day(&keyed.tables, pulse).test.statistic;
		worst = fmax(worst, fabs(si_strata_odds_ratio(&keyed.tables, pulse) *
								 s / r - 1));
		worst = fmax(worst, fabs(got / breslow_day_twin(n, cells, r / s) - 1));
		free(keyed.bytes);
	}
	ok(worst < 1e-9, "random strata by definition, within %.2g", worst);
}

int
main(void)
{
	test_golden(&golden[0]);
	test_golden(&golden[1]);
	test_uncorrected();
	test_silent_strata();
	test_one_stratum();
	test_extremes();
	test_verdicts();
	test_random();
	return done_testing();
}
