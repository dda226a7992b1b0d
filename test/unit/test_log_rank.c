/*
 * test_log_rank.c
 *
 * The log-rank test against R 4.2.2, package survival 3.5.3.
 */
#include "tap.h"

#include "core/stats/survival/si_log_rank.h"
#include "leukemia.h"

static double work[SI_LOG_RANK_WORK(8)];

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
	Sampled		sampled = aml(true);
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
	test_log_rank();
	test_log_rank_ends();
	return done_testing();
}
