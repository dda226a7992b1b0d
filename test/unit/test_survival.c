/*
 * test_survival.c
 *
 * Survival curves against R 4.2.2, package survival 3.5.3.
 */
#include "tap.h"

#include "core/stats/survival/si_survival.h"
#include "leukemia.h"

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

static void
test_curve(void)
{
	Sampled		sampled = aml(false);
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

/* A curve that ends at 0 is known for ever, but not at no time. */
static void
test_ended(void)
{
	SiKeyed		items[2] = {sample_row(1, 1), sample_row(2, 1)};
	Sampled		sampled = sample_of(SI_DURATIONS, 0, 2, items);

	ok(si_survival_at(&sampled.sample, 3, pulse) == 0 &&
	   si_survival_at(&sampled.sample, INFINITY, pulse) == 0 &&
	   isnan(si_survival_at(&sampled.sample, NAN, pulse)), "at no time");
	free(sampled.bytes);
}

int
main(void)
{
	test_ended();
	test_curve();
	test_medians();
	test_end();
	return done_testing();
}
