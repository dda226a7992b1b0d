/*
 * test_clustered.c
 *
 * The odds ratio of clustered rows against statsmodels, and its rules.
 */
#include "tap.h"

#include "core/si_hash.h"
#include "core/stats/table/si_clustered.h"
#include "keyed.h"

#define ROWS	600
#define KEYS	23

/* Rows by a formula, in clusters that differ. */
static void
formula_cells(SiContingency cells[KEYS])
{
	memset(cells, 0, KEYS * sizeof(SiContingency));
	for (int i = 1; i <= ROWS; i++)
	{
		int			g = (i * i * 7 + i) % KEYS;
		bool		exposed = i * 37 % 11 < 5;
		bool		outcome = (i * 53 + g * 17) % 19 < 6 + 4 * exposed + g % 5;

		si_contingency_count(&cells[g], exposed, outcome);
	}
}

/*
 * statsmodels 0.13.5: Logit(outcome, [1, exposed]).fit(cov_type="cluster",
 * use_t=True), standard error, p-value and exp(conf_int()) of the slope.
 */
static void
test_golden(void)
{
	SiContingency cells[KEYS];
	Keyed		keyed;
	SiClustered all;
	SiInterval	interval;

	formula_cells(cells);
	keyed = keyed_tables(SI_CLUSTERS, KEYS, cells);
	all = si_clustered(&keyed.tables, pulse);
	interval = si_clustered_interval(&all, 0.95);
	ok(all.clusters == 12 && all.total.a == 166 && all.total.b == 107 &&
	   all.total.c == 145 && all.total.d == 182, "600 rows, 12 clusters");
	is_close(sqrt(all.variance), 0.0961529735625421, 1e-12, "standard error");
	is_close(si_clustered_p_value(&all) / 2.4843163953137903e-05, 1, 1e-10,
			 "p-value");
	is_close(interval.low, 1.5758591736811896, 1e-12, "low");
	is_close(interval.high, 2.4062347141190092, 1e-12, "high");
	free(keyed.bytes);
}

/* A cluster for each row: Woolf's variance, but for the factor. */
static void
test_single_rows(void)
{
	SiContingency cells[40] = {{0, 0, 0, 0}};
	SiContingency copies[80];
	Keyed		keyed;
	SiClustered all;

	for (int i = 0; i < 40; i++)
		si_contingency_count(&cells[i], i % 2 == 0, i % 3 == 0);
	keyed = keyed_tables(SI_CLUSTERS, 40, cells);
	all = si_clustered(&keyed.tables, pulse);
	is_close(all.design_effect, 40.0 / 39 * 39 / 38, 1e-14, "a row to each");
	free(keyed.bytes);

	/* every row twice, in its cluster: nothing is learned from the copies */
	for (int i = 0; i < 40; i++)
	{
		copies[i] = cells[i];
		(void) si_contingency_merge(&copies[i], &cells[i]);
	}
	keyed = keyed_tables(SI_CLUSTERS, 40, copies);
	is_close(si_clustered(&keyed.tables, pulse).variance / all.variance,
			 79.0 / 78 / (39.0 / 38), 1e-14, "copies within a cluster");
	free(keyed.bytes);
}

static void
test_effective_counts(void)
{
	SiClustered all = {{100, 200, 301, 400}, 50, 49, 0.01, 2.0};
	SiContingency t = si_clustered_effective(&all);

	ok(t.a == 50 && t.b == 100 && t.c == 151 && t.d == 200, "halved");
	all.design_effect = 0.5;
	t = si_clustered_effective(&all);
	ok(t.a == 100 && t.d == 400, "never more than there are");
}

static void
test_special_cases(void)
{
	const SiContingency alike[] = {{2, 4, 6, 3}, {2, 4, 6, 3}, {4, 8, 12, 6}};
	const SiContingency apart[] = {{11, 9, 0, 0}, {0, 0, 9, 11}, {0, 0, 8, 9}};
	const SiContingency zero[] = {{2, 0, 6, 3}, {2, 0, 6, 3}};
	Keyed		keyed = keyed_tables(SI_CLUSTERS, 3, alike);
	SiClustered all = si_clustered(&keyed.tables, pulse);

	ok(isnan(all.variance) && isnan(si_clustered_interval(&all, 0.9).low) &&
	   isnan(si_clustered_p_value(&all)), "clusters that are all alike");
	free(keyed.bytes);

	keyed = keyed_tables(SI_CLUSTERS, 3, apart);
	all = si_clustered(&keyed.tables, pulse);
	ok(isnan(all.variance) && isnan(all.design_effect) &&
	   isnan(si_clustered_interval(&all, 0.9).low) &&
	   isnan(si_clustered_p_value(&all)), "the exposed in one cluster");
	free(keyed.bytes);

	keyed = keyed_tables(SI_CLUSTERS, 1, alike);
	all = si_clustered(&keyed.tables, pulse);
	ok(isnan(all.variance) && isnan(si_clustered_interval(&all, 0.9).high) &&
	   isnan(si_clustered_p_value(&all)), "a single cluster");
	free(keyed.bytes);

	keyed = keyed_tables(SI_CLUSTERS, 2, zero);
	all = si_clustered(&keyed.tables, pulse);
	ok(isnan(all.variance) && isnan(all.design_effect) &&
	   isnan(si_clustered_p_value(&all)), "a zero cell");
	free(keyed.bytes);
}

/* ----- By chance: no effect, clusters that differ in success ----- */

#define CHANCE_KEYS		20
#define CHANCE_ROWS		30		/* of a cluster */

static double
draw(void)
{
	static uint64_t state = 0;

	return (double) (si_hash_mix(UINT64_C(29), ++state) >> 11) * 0x1p-53;
}

/* Exposed are most rows of the first cluster and `other` of the next k - 1. */
static double
false_alarms(int k, int other)
{
	int			alarms = 0;

	for (int set = 0; set < 2000; set++)
	{
		SiContingency cells[CHANCE_KEYS] = {{0, 0, 0, 0}};
		SiClustered all;
		Keyed		keyed;

		for (int g = 0; g < CHANCE_KEYS; g++)
		{
			double		p = 0.2 + 0.4 * draw();
			int			exposed = g == 0 ? CHANCE_ROWS : g < k ? other : 0;

			for (int i = 0; i < CHANCE_ROWS; i++)
				si_contingency_count(&cells[g], i < exposed, draw() < p);
		}
		keyed = keyed_tables(SI_CLUSTERS, CHANCE_KEYS, cells);
		all = si_clustered(&keyed.tables, pulse);
		alarms += si_clustered_p_value(&all) < 0.05;
		free(keyed.bytes);
	}
	return alarms / 2000.0;
}

/* The bars are 4 standard errors above 0.05. */
static void
test_chance(void)
{
	static const int clusters[] = {1, 2, 3, 5, 10, 18};

	for (int i = 0; i < 6; i++)
	{
		double		whole = false_alarms(clusters[i], CHANCE_ROWS);
		double		uneven = false_alarms(clusters[i], 1);

		ok(whole < 0.07 && uneven < 0.07,
		   "exposed in %d of 20 clusters: %g of 0.05, mostly in one: %g",
		   clusters[i], whole, uneven);
	}
}

int
main(void)
{
	test_chance();
	test_golden();
	test_single_rows();
	test_effective_counts();
	test_special_cases();
	return done_testing();
}
