/*
 * si_cluster_score.c
 *	  Whether exposure and outcome go together in rows that come in clusters,
 *	  also where few clusters have the exposure.
 *
 * The sandwich variance of an odds ratio (si_clustered.c) vanishes where the
 * exposure is found in one cluster only, for that cluster fits itself: what is
 * seen in one cluster would be surer than anything else.  Where thousands of
 * exposures are tried, such ones come first.  The score test has no such
 * flaw, since it looks at the clusters as they would be without an effect.
 *
 * Method: the score of cluster g for the odds ratio 1, with x and y the
 * shares of exposed and successful rows of all, is
 *
 *	s_g = sum over its rows of (x_i - x)(y_i - y)
 *		= (a_g - y e_g) - x (k_g - y n_g)
 *
 * for n_g rows, e_g exposed, k_g successes, a_g both.  Scores of clusters are
 * independent with mean zero when there is no effect, whatever goes on inside
 * a cluster.  The statistic is sum s / sqrt(v), v the larger of sum s^2 and the
 * variance n^2/(n - 1) x (1-x) y (1-y) that independent rows would have: thirty
 * failures of one exposure have scores that are all alike, and a sum of squares
 * that is far too small.  The p-value is the largest of three:
 *
 *	- that of the normal distribution;
 *	- 2^(1 - E), the chance that E scores of one size have the same sign, where
 *	  E = (sum s^2)^2 / sum s^4 is the number of clusters that the sum of
 *	  squares rests on: with few of them the tail is no normal one;
 *	- Fisher's: clusters never make a table surer than independent rows would.
 *
 * Tried on sets without any effect, of 127 clusters that differ in exposure
 * and success (test_cluster_score.c, test_contrast_error.c).
 *
 * The variance of the log odds ratio is that of Liang and Zeger or, where
 * larger, that of the score, sum s^2 / (n x (1-x) y (1-y))^2; its interval is
 * by Student's distribution with a degree of freedom less than clusters.
 *
 * Special cases: an empty margin leaves nothing to test, p = 1; a zero cell
 * leaves the variance unknown.
 *
 * Accuracy: compensated sums; the sum of scores is exact but for one rounding.
 *
 * Reference: Rao, Proc. Cambridge Phil. Soc. 44 (1948), 50-57; Kline and
 * Santos, J. Econometric Methods 1 (2012), 23-41; Carter, Schnepel and
 * Steigerwald, Rev. Econ. Stat. 99 (2017), 698-709, for effective clusters.
 */
#include "core/stats/table/si_cluster_score.h"

#include <math.h>

#include "core/stats/distribution/si_normal.h"
#include "core/stats/si_sum.h"
#include "core/stats/table/si_clustered.h"

#define BLOCK_CLUSTERS	65536	/* between pulses */

static SiContingency
table_of(const SiClusterCells *c)
{
	SiContingency t;

	t.a = c->with_success;
	t.b = c->with - c->with_success;
	t.c = c->success - c->with_success;
	t.d = (int64_t) c->rows - c->success - t.b;
	return t;
}

/* x and y, the shares of exposed and of successful rows. */
static void
find_shares(const SiContingency *t, double *x, double *y)
{
	double		n = (double) si_contingency_rows(t);

	*x = (double) (t->a + t->b) / n;
	*y = (double) (t->a + t->c) / n;
}

static double
score_of(const SiClusterCells *c, double x, double y)
{
	return (c->with_success - y * c->with) - x * (c->success - y * c->rows);
}

static bool
has_empty_cell(const SiContingency *t)
{
	return t->a == 0 || t->b == 0 || t->c == 0 || t->d == 0;
}

/* The larger of the two variances; square is the sum of squared scores. */
static double
find_variance(const SiClusterScore *score, double influence, double square)
{
	double		n = (double) si_contingency_rows(&score->total);
	double		x;
	double		y;
	double		information;

	if (has_empty_cell(&score->total) || score->clusters < 2)
		return NAN;
	find_shares(&score->total, &x, &y);
	information = n * x * (1 - x) * y * (1 - y);
	return fmax(si_cluster_sandwich(&score->total, (double) score->clusters,
									influence),
				square / information / information);
}

/* Of the sum of scores, if rows were independent: hypergeometric. */
static double
chance_variance(const SiContingency *t)
{
	double		n = (double) si_contingency_rows(t);
	double		x;
	double		y;

	find_shares(t, &x, &y);
	return n * x * (1 - x) * y * (1 - y) * (n / (n - 1));
}

SiClusterScore
si_cluster_score(int64_t n, const SiClusterCells *cells, SiPulse pulse)
{
	SiClusterScore out = {{0, 0, 0, 0}, 0, 0.0, 0.0, 0.0, NAN};
	SiSum		square = {0.0, 0.0};
	SiSum		fourth = {0.0, 0.0};
	SiSum		influence = {0.0, 0.0};
	double		x;
	double		y;

	for (int64_t g = 0; g < n; g++)
	{
		SiContingency t = table_of(&cells[g]);

		(void) si_contingency_merge(&out.total, &t);
		out.clusters += cells[g].rows > 0;
	}
	find_shares(&out.total, &x, &y);
	for (int64_t g = 0; g < n; g++)
	{
		double		s = score_of(&cells[g], x, y);
		SiContingency t = table_of(&cells[g]);
		double		u = si_cluster_influence(&t, &out.total);

		if (g % BLOCK_CLUSTERS == 0)
			pulse();
		if (cells[g].rows == 0)
			continue;
		si_sum_add_product(&square, s, s);
		si_sum_add_product(&fourth, s * s, s * s);
		si_sum_add_product(&influence, u, u);
	}
	if (!(x > 0 && x < 1 && y > 0 && y < 1))
		return out;
	out.norm = sqrt(si_sum_value(&square));
	out.variance = find_variance(&out, si_sum_value(&influence),
								 si_sum_value(&square));
	if (out.norm > 0)
	{
		out.effective = si_sum_value(&square) * si_sum_value(&square) /
			si_sum_value(&fourth);
		out.norm = fmax(out.norm, sqrt(chance_variance(&out.total)));
		out.statistic = si_determinant(&out.total) /
			(double) si_contingency_rows(&out.total) / out.norm;
	}
	return out;
}

double
si_cluster_score_p_value(const SiClusterScore *score, SiPulse pulse)
{
	double		p = fmax(si_normal_p_value(score->statistic),
						 exp2(1 - score->effective));

	if (score->norm == 0 || p >= 1)
		return 1;
	return fmax(p, si_fisher_p_value(&score->total, pulse));
}

SiInterval
si_cluster_score_interval(const SiClusterScore *score, double level)
{
	SiClustered clustered = {score->total, score->clusters,
	(double) score->clusters - 1, score->variance, NAN};

	return si_clustered_interval(&clustered, level);
}

void
si_cluster_score_parts(const SiClusterScore *score, int64_t n,
					   const SiClusterCells *cells, double *part)
{
	double		x;
	double		y;

	find_shares(&score->total, &x, &y);
	for (int64_t g = 0; g < n; g++)
		part[g] = score_of(&cells[g], x, y) / score->norm;
}
