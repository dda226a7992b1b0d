/*
 * test_survival.c
 *
 * Survival curves and the log-rank test against R 4.2.2, package survival
 * 3.5.3, and by their definitions.
 */
#include "tap.h"

#include "core/stats/si_log_rank.h"
#include "core/stats/si_survival.h"
#include "samples.h"

/*
 * Miller, "Survival analysis" (1981): remission in acute myelogenous leukemia
 * in weeks (survival::aml); the first eleven with maintained chemotherapy.
 */
#define PATIENTS	23

static const double aml_time[PATIENTS] = {
	9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161, 5, 5, 8, 8, 12, 16, 23, 27, 30,
	33, 43, 45
};
static const char aml_status[] = "11011011010111110111111";

/* survfit(Surv(time, status) ~ 1, data = aml), all times */
static const double golden[][6] = {
	{5, 23, 2, 0.91304347826086951,
	0.80485479778295776, 1},
	{8, 21, 2, 0.82608695652173914,
	0.68483946807189866, 0.99646660502298201},
	{9, 19, 1, 0.78260869565217384,
	0.63095791059958761, 0.97070875920768129},
	{12, 18, 1, 0.73913043478260865,
	0.57979921796803113, 0.94224652723151947},
	{13, 17, 1, 0.69565217391304346,
	0.53087834162821212, 0.91156845010048149},
	{16, 15, 0, 0.69565217391304346,
	0.53087834162821212, 0.91156845010048149},
	{18, 14, 1, 0.64596273291925466,
	0.47525772470551447, 0.87798226231686283},
	{23, 13, 2, 0.54658385093167705,
	0.37207808724921121, 0.80293335280236955},
	{27, 11, 1, 0.49689440993788819,
	0.32401654568981592, 0.76201063776504074},
	{28, 10, 0, 0.49689440993788819,
	0.32401654568981592, 0.76201063776504074},
	{30, 9, 1, 0.4416839199447895,
	0.27167599539229165, 0.71807847747497544},
	{31, 8, 1, 0.38647342995169082,
	0.22251529774688578, 0.67124244297363078},
	{33, 7, 1, 0.33126293995859213,
	0.17652018258070468, 0.62165772653129403},
	{34, 6, 1, 0.27605244996549344,
	0.13382219562927281, 0.56944929631151486},
	{43, 5, 1, 0.22084195997239475,
	0.09473324056331256, 0.51482637978433587},
	{45, 4, 1, 0.16563146997929606,
	0.059840717810080948, 0.458446770885507},
	{48, 2, 1, 0.082815734989648032,
	0.014834608254847221, 0.46232740656529359},
	{161, 1, 0, 0.082815734989648032,
	0.014834608254847221, 0.46232740656529359}
};

#define TIMES	(sizeof(golden) / sizeof(golden[0]))

static double work[SI_LOG_RANK_WORK(8)];

static Sampled
aml(bool groups, int first, int last)
{
	SiKeyed		items[PATIENTS];

	for (int i = first; i < last; i++)
		items[i - first] = sample_row(
			aml_time[i], (uint64_t) (groups && i >= 11) * 2 +
			(aml_status[i] == '1'));
	return sample_of(groups ? SI_LOG_RANK : SI_DURATIONS, groups ? 2 : 0,
					 last - first, items);
}

static void
test_curve(void)
{
	Sampled		sampled = aml(false, 0, PATIENTS);
	SiSurvivalCursor cursor = si_survival_cursor(&sampled.sample, pulse);
	SiSurvivalStep step;
	double		worst = 0;
	size_t		n = 0;

	while (si_survival_next(&cursor, &step) && n < TIMES)
	{
		const double *want = golden[n++];
		double		low;
		double		high;

		si_survival_interval(&step, 0.95, &low, &high);
		worst = fmax(worst, fabs(step.at - want[0]) +
					 fabs(step.at_risk - want[1]) +
					 fabs(step.events - want[2]) +
					 fabs(step.survival - want[3]) + fabs(low - want[4]) +
					 fabs(high - want[5]));
	}
	ok(n == TIMES && worst < 1e-13, "the curve of aml, within %.2g", worst);
	is_close(si_survival_at(&sampled.sample, 17, pulse), golden[5 - 1][3],
			 1e-14, "between two times");
	ok(si_survival_at(&sampled.sample, -1, pulse) == 1 &&
	   si_survival_at(&sampled.sample, 4.9, pulse) == 1, "before any event");
	is_close(si_survival_at(&sampled.sample, 161, pulse), golden[TIMES - 1][3],
			 1e-14, "at the end");
	ok(isnan(si_survival_at(&sampled.sample, 161.5, pulse)) &&
	   isnan(si_survival_at(&sampled.sample, NAN, pulse)), "past it");
	ok(si_survival_median(&sampled.sample, pulse) == 27, "median");
	free(sampled.bytes);
}

static double
median_of(int n, const double *time, const char *status)
{
	SiKeyed		items[8];
	Sampled		sampled;
	double		median;

	for (int i = 0; i < n; i++)
		items[i] = sample_row(time[i], status[i] == '1');
	sampled = sample_of(SI_DURATIONS, 0, n, items);
	median = si_survival_median(&sampled.sample, pulse);
	free(sampled.bytes);
	return median;
}

/* quantile(survfit(...), 0.5) */
static void
test_medians(void)
{
	const double time[] = {1, 2, 3, 4};
	const double other[] = {1, 2, 2.5, 3.5};

	ok(median_of(4, time, "1111") == 2.5, "exactly half is left");
	ok(median_of(4, time, "1100") == 3, "and stays so to the end");
	ok(median_of(4, other, "1101") == 2.75, "a censored row between");
	ok(isnan(median_of(4, time, "1000")), "not reached");
	ok(isnan(median_of(1, time, "0")) && median_of(1, time, "1") == 1,
	   "one row");
}

static void
test_end(void)
{
	SiKeyed		items[3] = {sample_row(0, 1), sample_row(2, 1),
	sample_row(2, 0)};
	Sampled		sampled = sample_of(SI_DURATIONS, 0, 2, items);
	SiSurvivalCursor cursor = si_survival_cursor(&sampled.sample, pulse);
	SiSurvivalStep step;
	double		low;
	double		high;

	ok(si_survival_next(&cursor, &step) && step.survival == 0.5,
	   "an event at once");
	ok(si_survival_next(&cursor, &step) && step.survival == 0, "all are gone");
	si_survival_interval(&step, 0.9, &low, &high);
	ok(isnan(low) && isnan(high), "without interval");
	ok(si_survival_at(&sampled.sample, 99, pulse) == 0, "for good");
	free(sampled.bytes);
	sampled = sample_of(SI_DURATIONS, 0, 3, items);
	is_close(si_survival_at(&sampled.sample, 2, pulse), 1 / 3.0, 1e-15,
			 "a row censored with an event is at risk of it");
	free(sampled.bytes);
}

/* ----- Log-rank ----- */

static SiLogRank
log_rank_of(Sampled *sampled)
{
	SiLogRank	out;

	si_log_rank(&sampled->sample, work, &out, pulse);
	free(sampled->bytes);
	return out;
}

/* survdiff(Surv(time, status) ~ x, data = aml), and of celltype in veteran */
static void
test_log_rank(void)
{
	static const int veteran[][3] = {
		{72, 1, 1}, {411, 1, 1}, {228, 1, 1}, {126, 1, 1}, {118, 1, 1},
		{10, 1, 1}, {82, 1, 1}, {110, 1, 1}, {314, 1, 1}, {100, 0, 1},
		{42, 1, 1}, {8, 1, 1}, {144, 1, 1}, {25, 0, 1}, {11, 1, 1},
		{30, 1, 2}, {384, 1, 2}, {4, 1, 2}, {54, 1, 2}, {13, 1, 2},
		{123, 0, 2}, {97, 0, 2}, {153, 1, 2}, {59, 1, 2}, {117, 1, 2},
		{16, 1, 2}, {151, 1, 2}, {22, 1, 2}, {56, 1, 2}, {21, 1, 2},
		{18, 1, 2}, {139, 1, 2}, {20, 1, 2}, {31, 1, 2}, {52, 1, 2},
		{287, 1, 2}, {18, 1, 2}, {51, 1, 2}, {122, 1, 2}, {27, 1, 2},
		{54, 1, 2}, {7, 1, 2}, {63, 1, 2}, {392, 1, 2}, {10, 1, 2}, {8, 1, 3},
		{92, 1, 3}, {35, 1, 3}, {117, 1, 3}, {132, 1, 3}, {12, 1, 3},
		{162, 1, 3}, {3, 1, 3}, {95, 1, 3}, {177, 1, 4}, {162, 1, 4},
		{216, 1, 4}, {553, 1, 4}, {278, 1, 4}, {12, 1, 4}, {260, 1, 4},
		{200, 1, 4}, {156, 1, 4}, {182, 0, 4}, {143, 1, 4}, {105, 1, 4},
		{103, 1, 4}, {250, 1, 4}, {100, 1, 4}, {999, 1, 1}, {112, 1, 1},
		{87, 0, 1}, {231, 0, 1}, {242, 1, 1}, {991, 1, 1}, {111, 1, 1},
		{1, 1, 1}, {587, 1, 1}, {389, 1, 1}, {33, 1, 1}, {25, 1, 1},
		{357, 1, 1}, {467, 1, 1}, {201, 1, 1}, {1, 1, 1}, {30, 1, 1},
		{44, 1, 1}, {283, 1, 1}, {15, 1, 1}, {25, 1, 2}, {103, 0, 2},
		{21, 1, 2}, {13, 1, 2}, {87, 1, 2}, {2, 1, 2}, {20, 1, 2}, {7, 1, 2},
		{24, 1, 2}, {99, 1, 2}, {8, 1, 2}, {99, 1, 2}, {61, 1, 2}, {25, 1, 2},
		{95, 1, 2}, {80, 1, 2}, {51, 1, 2}, {29, 1, 2}, {24, 1, 3},
		{18, 1, 3}, {83, 0, 3}, {31, 1, 3}, {51, 1, 3}, {90, 1, 3},
		{52, 1, 3}, {73, 1, 3}, {8, 1, 3}, {36, 1, 3}, {48, 1, 3}, {7, 1, 3},
		{140, 1, 3}, {186, 1, 3}, {84, 1, 3}, {19, 1, 3}, {45, 1, 3},
		{80, 1, 3}, {52, 1, 4}, {164, 1, 4}, {19, 1, 4}, {53, 1, 4},
		{15, 1, 4}, {43, 1, 4}, {340, 1, 4}, {133, 1, 4}, {111, 1, 4},
		{231, 1, 4}, {378, 1, 4}, {49, 1, 4}
	};
	const int	n = sizeof(veteran) / sizeof(veteran[0]);
	SiKeyed		items[sizeof(veteran) / sizeof(veteran[0])];
	Sampled		sampled = aml(true, 0, PATIENTS);
	SiLogRank	is = log_rank_of(&sampled);

	is_close(is.statistic, 3.3963886989776011, 1e-13, "two groups");
	is_close(is.p_value, 0.065339322040505132, 1e-13, "p-value");
	ok(is.df == 1, "one degree of freedom");
	for (int i = 0; i < n; i++)
		items[i] = sample_row(veteran[i][0], (uint64_t)
							  (2 * (veteran[i][2] - 1) + veteran[i][1]));
	sampled = sample_of(SI_LOG_RANK, 4, n, items);
	is = log_rank_of(&sampled);
	is_close(is.statistic, 25.403700345785353, 1e-12, "four groups");
	is_close(is.p_value / 1.2712459390060964e-05, 1, 1e-11, "p-value");
	ok(is.df == 3, "three degrees of freedom");

	/* group numbers turned around, and two groups that are empty or idle */
	for (int i = 0; i < n; i++)
		items[i] = sample_row(veteran[i][0], (uint64_t)
							  (2 * (6 - veteran[i][2]) + veteran[i][1]));
	items[n - 1] = items[n - 2];
	sampled = sample_of(SI_LOG_RANK, 8, n, items);
	is_close(log_rank_of(&sampled).df, 3, 0, "empty groups do not count");
}

static void
test_log_rank_ends(void)
{
	SiKeyed		idle[3] = {sample_row(1, 0), sample_row(2, 3),
	sample_row(3, 2)};
	SiKeyed		none[2] = {sample_row(1, 0), sample_row(2, 2)};
	Sampled		sampled = sample_of(SI_LOG_RANK, 2, 3, idle);

	ok(isnan(log_rank_of(&sampled).statistic), "a group that saw nothing");
	sampled = sample_of(SI_LOG_RANK, 2, 2, none);
	ok(isnan(log_rank_of(&sampled).p_value), "no events");
	sampled = sample_of(SI_LOG_RANK, 1, 2, (SiKeyed[]) {sample_row(1, 1),
						sample_row(2, 1)});
	ok(isnan(log_rank_of(&sampled).df), "one group");
}

int
main(void)
{
	test_curve();
	test_medians();
	test_end();
	test_log_rank();
	test_log_rank_ends();
	return done_testing();
}
