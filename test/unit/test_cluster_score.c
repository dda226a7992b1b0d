/*
 * test_cluster_score.c
 *
 * The score test of clustered rows: against its definition, row by row, and
 * against chance, where the exposure is spread and where few clusters have it.
 */
#include "tap.h"

#include <stdlib.h>
#include <string.h>

#include "core/si_hash.h"
#include "core/stats/distribution/si_normal.h"
#include "core/stats/table/si_cluster_score.h"

#define CLUSTERS	127
#define ROWS		30			/* of a cluster */

static uint64_t state = 1;

static void
pulse(void)
{
}

static double
uniform(void)
{
	uint64_t	word = si_hash_mix(si_hash_mix(UINT64_C(77), state++), 1);

	return (double) (word >> 11) * 0x1p-53;
}

typedef struct Rows
{
	bool		with[CLUSTERS * ROWS];
	bool		success[CLUSTERS * ROWS];
	SiClusterCells cells[CLUSTERS];
} Rows;

static void
count_rows(Rows *r)
{
	memset(r->cells, 0, sizeof(r->cells));
	for (int i = 0; i < CLUSTERS * ROWS; i++)
	{
		SiClusterCells *c = &r->cells[i / ROWS];

		c->rows++;
		c->success += r->success[i];
		c->with += r->with[i];
		c->with_success += r->with[i] && r->success[i];
	}
}

/* Clusters succeed, and expose, to different degrees; no effect. */
static void
random_rows(Rows *r, double exposing, double share)
{
	for (int g = 0; g < CLUSTERS; g++)
	{
		double		y = uniform() * 0.8;
		double		x = uniform() < exposing ? 2 * share * uniform() : 0;

		for (int i = g * ROWS; i < (g + 1) * ROWS; i++)
		{
			r->success[i] = uniform() < y;
			r->with[i] = uniform() < x;
		}
	}
	count_rows(r);
}

static void
test_definition(void)
{
	static Rows r;
	SiClusterScore score;
	double		part[CLUSTERS];
	double		n = CLUSTERS * ROWS;
	double		x = 0;
	double		y = 0;
	double		sum = 0;
	double		square = 0;
	double		fourth = 0;

	random_rows(&r, 1, 0.3);
	for (int i = 0; i < CLUSTERS * ROWS; i++)
	{
		x += r.with[i] / n;
		y += r.success[i] / n;
	}
	for (int g = 0; g < CLUSTERS; g++)
	{
		double		s = 0;

		for (int i = g * ROWS; i < (g + 1) * ROWS; i++)
			s += (r.with[i] - x) * (r.success[i] - y);
		sum += s;
		square += s * s;
		fourth += s * s * s * s;
	}
	score = si_cluster_score(CLUSTERS, r.cells, pulse);
	is_close(score.statistic, sum / sqrt(square), 1e-11, "statistic");
	is_close(score.effective, square * square / fourth, 1e-11, "clusters");
	is_close(si_cluster_score_p_value(&score, pulse),
			 si_normal_p_value(sum / sqrt(square)), 1e-11, "p-value");
	si_cluster_score_parts(&score, CLUSTERS, r.cells, part);
	square = sum = 0;
	for (int g = 0; g < CLUSTERS; g++)
	{
		square += part[g] * part[g];
		sum += part[g];
	}
	is_close(square, 1, 1e-12, "parts have norm 1");
	is_close(sum, score.statistic, 1e-11, "and the statistic as their sum");
}

typedef struct Shares
{
	double		score;
	double		naive;
	double		covered;
} Shares;

static Shares
try_chance(int sets, double exposing, double share)
{
	static Rows r;
	Shares		out = {0, 0, 0};

	for (int i = 0; i < sets; i++)
	{
		SiClusterScore score;
		SiInterval	interval;

		random_rows(&r, exposing, share);
		score = si_cluster_score(CLUSTERS, r.cells, pulse);
		interval = si_cluster_score_interval(&score, 0.95);
		out.score += (si_cluster_score_p_value(&score, pulse) < 0.05) * 1.0 /
			sets;
		out.naive += (si_fisher_p_value(&score.total, pulse) < 0.05) * 1.0 /
			sets;
		out.covered += !(interval.low > 1 || interval.high < 1) * 1.0 / sets;
	}
	return out;
}

/* The bars are 4 standard errors of 2,000 sets wide. */
static void
test_chance(void)
{
	Shares		all = try_chance(2000, 1, 0.3);
	Shares		few = try_chance(2000, 0.05, 0.4);

	ok(all.score > 0.02 && all.score < 0.07, "spread: %g of 0.05", all.score);
	ok(all.covered > 0.93, "intervals cover %g of 0.95", all.covered);
	ok(few.score < 0.07 && few.covered > 0.93,
	   "few clusters: %g of 0.05, intervals cover %g", few.score, few.covered);
	ok(all.naive > 0.1 && few.naive > 0.2,
	   "rows taken for independent: %g and %g", all.naive, few.naive);
}

static void
test_special_cases(void)
{
	SiClusterCells one[3] = {{20, 10, 0, 0}, {20, 10, 12, 11}, {20, 10, 0, 0}};
	SiClusterCells zero[2] = {{20, 10, 5, 5}, {20, 10, 6, 6}};
	SiClusterCells none[2] = {{20, 10, 0, 0}, {20, 8, 0, 0}};
	SiClusterScore score = si_cluster_score(3, one, pulse);

	ok(si_cluster_score_p_value(&score, pulse) > 0.3,
	   "one cluster alone shows nothing");
	ok(si_cluster_score_interval(&score, 0.95).low < 1, "nor its interval");
	score = si_cluster_score(2, zero, pulse);
	ok(isnan(si_cluster_score_interval(&score, 0.95).low),
	   "a zero cell leaves no interval");
	score = si_cluster_score(2, none, pulse);
	ok(si_cluster_score_p_value(&score, pulse) == 1, "no exposure, no test");
}

int
main(void)
{
	test_definition();
	test_chance();
	test_special_cases();
	return done_testing();
}
