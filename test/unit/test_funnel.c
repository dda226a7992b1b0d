/*
 * test_funnel.c
 *
 * Funnels whose answers are known: the manual and tests of ClickHouse's
 * windowFunnel (00632_aggregation_window_funnel, read as of 2026), the
 * undercounts that were reported against single scans, and extremes.
 */
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "core/sequence/funnel/si_funnel.h"

#define LONG_WINDOW	86400
#define MAX_ROWS	16

static void
pulse(void)
{
}

/* Events "A0 B1 C1": step by letter, lower case for no step, and the time. */
static int64_t
parse_rows(const char *text, SiFunnelRow *rows)
{
	int64_t		n = 0;

	while (*text != '\0')
	{
		char		letter = *text++;
		char	   *end;

		rows[n].steps = letter >= 'a' ? 0 : UINT64_C(1) << (letter - 'A');
		rows[n++].time = strtol(text, &end, 10);
		text = *end == ' ' ? end + 1 : end;
	}
	return n;
}

static void
is_level(int want, int steps, uint32_t modes, uint64_t within,
		 const char *text)
{
	SiFunnelRule rule = {steps, modes, within};
	SiFunnelRow rows[MAX_ROWS];
	int64_t		times[SI_FUNNEL_STEPS];
	int64_t		n = parse_rows(text, rows);
	int			level = si_funnel_scan(&rule, n, rows, NULL, times, pulse);

	ok(level == want, "%s, modes %u: level %d", text, modes, level);
}

static void
test_default(void)
{
	is_level(3, 3, 0, LONG_WINDOW, "A1 B2 C3");
	is_level(3, 3, 0, LONG_WINDOW, "A1 d2 B3 C4");
	is_level(3, 3, 0, LONG_WINDOW, "A1 A2 B3 B4 d5 C6 C7");
	is_level(1, 3, 0, LONG_WINDOW, "C1 C2 B3 B4 A5 A6");
	is_level(0, 3, 0, LONG_WINDOW, "C1 B2");
	is_level(3, 5, 0, 2, "A3 B4 C5 D6 E7");
	is_level(4, 5, 0, 3, "A3 B4 C5 D6 E7");
	is_level(5, 5, 0, 4, "A3 B4 C5 D6 E7");
	is_level(5, 5, 0, LONG_WINDOW, "A0 B1 C1 D1 E2");
	is_level(2, 2, 0, 5, "A0 A4 B9");
	is_level(1, 2, 0, 4, "A0 A4 B9");
}

/* Pull request 9773 of ClickHouse, and its test. */
static void
test_strict_order(void)
{
	is_level(3, 3, SI_STRICT_ORDER, LONG_WINDOW, "A1 B2 C3");
	is_level(2, 3, SI_STRICT_ORDER, LONG_WINDOW, "A1 B2 d3 C4");
	is_level(1, 3, SI_STRICT_ORDER, LONG_WINDOW, "A1 d2 B3 C4");
	is_level(3, 3, SI_STRICT_ORDER, LONG_WINDOW, "A1 A2 B3 B4 C5 C6");
	is_level(3, 3, SI_STRICT_ORDER, LONG_WINDOW, "A1 A2 A3 A4 B5 B6 C7 C8");
	is_level(2, 3, SI_STRICT_ORDER, LONG_WINDOW, "A1 A2 B3 B4 d5 C6 C7");
	is_level(1, 3, SI_STRICT_ORDER, LONG_WINDOW, "C1 C2 B3 B4 A5 A6");
	is_level(1, 3, SI_STRICT_ORDER, 10, "A1 C2 B3");
	is_level(1, 3, SI_STRICT_ORDER | SI_ALLOW_REENTRY, 10, "A1 C2");
	is_level(3, 3, SI_STRICT_ORDER | SI_ALLOW_REENTRY, LONG_WINDOW, "A1 C2 B3 C4");
	is_level(3, 3, SI_STRICT_ORDER | SI_ALLOW_REENTRY, LONG_WINDOW, "A1 B2 A3 C4");
	is_level(3, 3, SI_STRICT_ORDER | SI_ALLOW_REENTRY, LONG_WINDOW, "A1 A2 B3 C4");
	is_level(3, 3, SI_STRICT_ORDER | SI_ALLOW_REENTRY, 600, "A100 B200 B250 A300 C400");
	is_level(4, 4, SI_STRICT_ORDER | SI_ALLOW_REENTRY, LONG_WINDOW, "A1 B2 C3 A4 B5 C6 D7");
}

static void
test_strict_deduplication(void)
{
	const uint32_t both = SI_STRICT_DEDUPLICATION | SI_STRICT_ORDER;

	is_level(6, 7, SI_STRICT_DEDUPLICATION, LONG_WINDOW,
			 "A0 B10 C20 D30 E40 F50 F51 G60");
	is_level(3, 4, SI_STRICT_DEDUPLICATION, LONG_WINDOW, "A1 B2 C3 B4 D5");
	is_level(3, 3, SI_STRICT_DEDUPLICATION, LONG_WINDOW, "A1 A2 A3 B4 C5");
	is_level(3, 3, both, LONG_WINDOW, "A1 B2 C3");
	is_level(1, 3, both, LONG_WINDOW, "A1 d2 B3 C4");
	is_level(2, 3, both, LONG_WINDOW, "A1 A2 B3 B4 C5 C6");
	is_level(2, 3, both, LONG_WINDOW, "A1 A2 B3 B4 d5 C6 C7");
}

/* Issue 52844 of ClickHouse, pull request 68093 of Doris, and the test. */
static void
test_strict_increase(void)
{
	is_level(4, 4, SI_STRICT_INCREASE, LONG_WINDOW,
			 "A0 B2 C2 D2 B3 C3 D3 B4 C4 D4");
	is_level(3, 3, SI_STRICT_INCREASE, LONG_WINDOW, "A0 B1 B2 C2");
	is_level(2, 2, SI_STRICT_INCREASE, LONG_WINDOW, "A0 A1 B1");
	is_level(2, 5, SI_STRICT_INCREASE, LONG_WINDOW, "A0 B1 C1 D1 E2");
}

/* Rows that satisfy several steps. */
static void
test_sets(void)
{
	const SiFunnelRow one[] = {{5, 7}};
	const SiFunnelRow two[] = {{5, 7}, {5, 1}};
	const SiFunnelRow failures[] = {{180, 3}, {220, 3}, {250, 4}};
	SiFunnelRule rule = {3, 0, LONG_WINDOW};
	int64_t		times[3];

	ok(si_funnel_scan(&rule, 1, one, NULL, times, pulse) == 3,
	   "a row may serve for all its steps");
	rule.modes = SI_STRICT_INCREASE;
	ok(si_funnel_scan(&rule, 1, one, NULL, times, pulse) == 1,
	   "not if times must grow");
	rule.modes = SI_STRICT_ONCE;
	ok(si_funnel_scan(&rule, 1, one, NULL, times, pulse) == 1,
	   "nor if it may serve only once");
	ok(si_funnel_scan(&rule, 2, two, NULL, times, pulse) == 2,
	   "two rows serve for two steps, whichever can");
	ok(si_funnel_scan(&rule, 3, failures, NULL, times, pulse) == 3 &&
	   times[0] == 180 && times[1] == 220 && times[2] == 250,
	   "two failures, then success");
}

static void
test_times(void)
{
	SiFunnelRule rule = {3, 0, 10};
	SiFunnelRow rows[MAX_ROWS];
	int64_t		times[SI_FUNNEL_STEPS];
	int64_t		n = parse_rows("A0 B1 A5 A7 B8 B9 C14 C15 A20 B21 C22", rows);

	ok(si_funnel_scan(&rule, n, rows, NULL, times, pulse) == 3 &&
	   times[0] == 5 && times[1] == 8 && times[2] == 14,
	   "the earliest of the deepest chains, not the latest start");
	n = parse_rows("A0 B1 A20 B21", rows);
	ok(si_funnel_scan(&rule, n, rows, NULL, times, pulse) == 2 &&
	   times[0] == 0 && times[1] == 1, "incomplete chains have times too");
}

/* All steps, all of time, many rows at once. */
static void
test_extremes(void)
{
	SiFunnelRule rule = {SI_FUNNEL_STEPS, 0, UINT64_MAX};
	SiFunnelRow *rows = calloc(70000, sizeof(SiFunnelRow));
	int64_t		times[SI_FUNNEL_STEPS];

	for (int i = 0; i < 128; i++)
	{
		rows[i].time = i < 64 ? INT64_MIN + i : INT64_MAX - 128 + i;
		rows[i].steps = UINT64_C(1) << i / 2;
	}
	ok(si_funnel_scan(&rule, 128, rows, NULL, times, pulse) == 64 &&
	   times[0] == INT64_MIN && times[63] == INT64_MAX - 2,
	   "64 steps over all of time");
	rule.within = UINT64_MAX - 130;
	ok(si_funnel_scan(&rule, 128, rows, NULL, times, pulse) == 32,
	   "and in a little less than that");
	rule.within = 1;
	rule.modes = SI_STRICT_ONCE;
	for (int i = 0; i < 70000; i++)
	{
		rows[i].time = 3;
		rows[i].steps = UINT64_MAX;
	}
	ok(si_funnel_scan(&rule, 70000, rows, NULL, times, pulse) == 64,
	   "70,000 rows at once, each fit for all steps");
	ok(si_funnel_scan(&rule, 63, rows, NULL, times, pulse) == 63,
	   "63 of them are one too few");
	for (int i = 0; i < 64; i++)
		rows[i].steps = UINT64_MAX >> i;
	ok(si_funnel_scan(&rule, 64, rows, NULL, times, pulse) == 64,
	   "64 rows of which only one pairing fits");
	free(rows);
}

int
main(void)
{
	test_default();
	test_strict_order();
	test_strict_deduplication();
	test_strict_increase();
	test_sets();
	test_times();
	test_extremes();
	return done_testing();
}
