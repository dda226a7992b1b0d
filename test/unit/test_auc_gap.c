/*
 * test_auc_gap.c
 *
 * Paired comparison of weighted AUCs: with unit weights against si_auc_pair,
 * whose golden values are R's (test_auc_pair); with others against si_auc and
 * the definition, pair by pair.
 */
#include "tap.h"

#include "core/stats/score/si_auc.h"
#include "core/stats/score/si_auc_gap.h"
#include "core/stats/score/si_auc_pair.h"
#include "scored.h"

#define ROWS	400

static double a[ROWS];
static double b[ROWS];
static double weight[ROWS];
static uint8_t positive[ROWS];
static SiKeyed items[ROWS];
static SiKeyed scratch[ROWS];
static double gaps[ROWS];

static SiAucGap
compare(int n, const double *weights, SiStatus *status)
{
	SiAucGapRows rows = {n, a, b, weights, positive};
	SiAucGapWork work = {items, scratch, gaps};
	SiAucGap	gap = {0, 0, 0};

	*status = si_auc_gap(&rows, &work, &gap, pulse);
	return gap;
}

/* Scores with many ties: better ones for positives. */
static void
fill(int n)
{
	for (int i = 0; i < n; i++)
	{
		positive[i] = random_unit() < 0.4;
		a[i] = floor(8 * (random_unit() + 0.5 * positive[i]));
		b[i] = floor(8 * (random_unit() + 0.3 * positive[i]));
		weight[i] = floor(4 * random_unit());
	}
}

static void
test_unit_weights(void)
{
	SiPair		pairs[2][ROWS];
	int64_t		count[2] = {0, 0};
	int64_t		gap_work[ROWS];
	SiAucPairWork work = {items, scratch, gap_work};
	SiAucPair	pair;
	SiStatus	status;
	SiAucGap	gap;

	fill(ROWS);
	for (int i = 0; i < ROWS; i++)
	{
		SiPair	   *to = &pairs[positive[i]][count[positive[i]]++];

		to->a = si_sort_key(a[i]);
		to->b = si_sort_key(b[i]);
	}
	si_auc_pair(count[1], pairs[1], count[0], pairs[0], &work, &pair, pulse);
	gap = compare(ROWS, NULL, &status);
	ok(status == SI_OK, "unit weights: done");
	is_close(gap.auc_a, pair.auc_a, 1e-14, "unit weights: first AUC");
	is_close(gap.auc_b, pair.auc_b, 1e-14, "unit weights: second AUC");
	is_close(gap.std_error, sqrt(pair.variance_difference), 1e-13,
			 "unit weights: DeLong's error");
}

static double
wins(double high, double low)
{
	return high > low ? 1 : high == low ? 0.5 : 0;
}

/* Component of row i by definition. */
static double
component(int n, const double *score, int i, const double total[2])
{
	double		sum = 0;

	for (int j = 0; j < n; j++)
		if (positive[j] != positive[i])
			sum += weight[j] * (positive[i] ? wins(score[i], score[j]) :
								wins(score[j], score[i]));
	return sum / total[!positive[i]];
}

static void
test_definition(void)
{
	double		total[2] = {0, 0};
	double		m[2] = {0, 0};
	double		auc[2] = {0, 0};
	double		sum[2] = {0, 0};
	SiStatus	status;
	SiAucGap	gap = compare(ROWS, weight, &status);

	for (int i = 0; i < ROWS; i++)
	{
		total[positive[i]] += weight[i];
		m[positive[i]] += weight[i] > 0;
	}
	for (int i = 0; i < ROWS; i++)
		if (positive[i])
		{
			auc[0] += weight[i] * component(ROWS, a, i, total) / total[1];
			auc[1] += weight[i] * component(ROWS, b, i, total) / total[1];
		}
	for (int i = 0; i < ROWS; i++)
	{
		double		d = component(ROWS, a, i, total) -
			component(ROWS, b, i, total) - (auc[0] - auc[1]);
		double		w = weight[i] / total[positive[i]];

		sum[positive[i]] += w * w * d * d;
	}
	is_close(gap.auc_a, auc[0], 1e-13, "weights: first AUC by pairs");
	is_close(gap.auc_b, auc[1], 1e-13, "weights: second AUC by pairs");
	is_close(gap.std_error, sqrt(sum[0] * m[0] / (m[0] - 1) +
								 sum[1] * m[1] / (m[1] - 1)), 1e-12,
			 "weights: error by definition");
}

/* The same figure as si_auc gives a single score. */
static void
test_single(void)
{
	SiScored	rows[ROWS];
	SiStatus	status;
	SiAucGap	gap = compare(ROWS, weight, &status);
	SiAuc		auc;
	int			n = 0;

	for (double score = 0; score < 20; score++)
		for (int i = 0; i < ROWS; i++)
			if (a[i] == score)
				rows[n++] = (SiScored) {a[i], weight[i], positive[i], 0};
	ok(n == ROWS && si_auc_sorted(n, rows, &auc, pulse) == SI_OK,
	   "the rows in order");
	is_close(gap.auc_a, auc.auc, 1e-14, "weights: AUC of si_auc");
}

static void
test_edges(void)
{
	SiStatus	status;
	SiAucGap	gap;

	memcpy(b, a, sizeof(b));
	gap = compare(ROWS, weight, &status);
	ok(gap.auc_a == gap.auc_b && gap.std_error == 0, "a score and itself");
	for (int i = 0; i < ROWS; i++)
		weight[i] *= 3.7;
	is_close(compare(ROWS, weight, &status).auc_a, gap.auc_a, 1e-14,
			 "only proportions of weights matter");
	memset(positive, 0, sizeof(positive));
	(void) compare(ROWS, NULL, &status);
	ok(status == SI_EMPTY, "one class");
	(void) compare(0, NULL, &status);
	ok(status == SI_EMPTY, "no rows");
	positive[3] = 1;
	ok(isnan(compare(ROWS, NULL, &status).std_error), "a class of one row");
}

int
main(void)
{
	test_unit_weights();
	test_definition();
	test_single();
	test_edges();
	return done_testing();
}
