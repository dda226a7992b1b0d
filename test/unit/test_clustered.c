/*
 * test_clustered.c
 *
 * The odds ratio of clustered rows against statsmodels, and its rules.
 */
#include "tap.h"

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
	SiClustered all = {{100, 200, 301, 400}, 50, 0.01, 2.0};
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
	const SiContingency zero[] = {{2, 0, 6, 3}, {2, 0, 6, 3}};
	Keyed		keyed = keyed_tables(SI_CLUSTERS, 3, alike);
	SiClustered all = si_clustered(&keyed.tables, pulse);

	is_close(all.variance, 0, 1e-30, "clusters that are all alike");
	ok(si_clustered_interval(&all, 0.9).low <= 0.25 &&
	   si_clustered_p_value(&all) < 1e-10, "leave a point");
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

int
main(void)
{
	test_golden();
	test_single_rows();
	test_effective_counts();
	test_special_cases();
	return done_testing();
}
