/*
 * si_clustered.c
 *	  The odds ratio of rows that come in clusters.
 *
 * Method: logistic regression on exposure, whose estimate is the sample odds
 * ratio, with the sandwich variance over clusters.  With one binary covariate
 * the sandwich has a closed form: with a, b, c, d the cells of all rows and
 * a_g, ... those of cluster g,
 *
 *	V = f sum_g u_g^2,	u_g = a_g/a - b_g/b - c_g/c + d_g/d,
 *	f = G/(G - 1) (n - 1)/(n - 2) for G clusters of n rows,
 *
 * the factor of Stata and statsmodels.  With a row to a cluster and f = 1 it
 * is Woolf's 1/a + 1/b + 1/c + 1/d.  Intervals and p-values are by Student's
 * distribution, with the degrees of freedom of si_cluster_side.h.
 *
 * The design effect is V over Woolf's variance.  Effective counts are the
 * cells divided by it, or the cells where it is below 1.
 *
 * Special cases: fewer than two clusters on a side, a zero cell, or clusters
 * that are all alike, leave the variance unknown (NaN).
 *
 * Accuracy: a compensated sum of squares, each within a few roundings of its
 * terms; equal for any order of the clusters.
 *
 * Reference: Liang and Zeger, Biometrika 73 (1986), 13-22; Cameron and Miller,
 * "A practitioner's guide to cluster-robust inference", J. Human Resources 50
 * (2015), 317-372.
 */
#include "core/stats/table/si_clustered.h"

#include <math.h>

#include "core/stats/distribution/si_beta.h"
#include "core/stats/si_cluster_side.h"

static double
share(int64_t part, int64_t whole)
{
	return (double) part / (double) whole;
}

double
si_cluster_influence(const SiContingency *cluster, const SiContingency *total)
{
	return (share(cluster->a, total->a) - share(cluster->b, total->b)) -
		(share(cluster->c, total->c) - share(cluster->d, total->d));
}

static double
woolf(const SiContingency *t)
{
	return share(1, t->a) + share(1, t->b) + share(1, t->c) + share(1, t->d);
}

double
si_cluster_sandwich(const SiContingency *total, double g, double squares)
{
	double		n = (double) si_contingency_rows(total);

	return si_cluster_variance(squares, g, woolf(total)) *
		((n - 1.0) / (n - 2.0));
}

/* Squares over clusters; side: the exposed, and the others. */
static double
sum_of_squares(const SiTables *tables, SiClusterSide side[2], SiPulse pulse)
{
	const SiContingency *all = &tables->total;
	SiTablesCursor cursor = si_tables_cursor(tables, pulse);
	SiSum		sum = {0.0, 0.0};
	SiKeyedTable cluster;

	while (si_tables_next(&cursor, &cluster))
	{
		const SiContingency *t = &cluster.table;
		double		u = si_cluster_influence(t, all);

		si_sum_add_product(&sum, u, u);
		si_cluster_side_add(&side[0], (double) (t->a + t->b));
		si_cluster_side_add(&side[1], (double) (t->c + t->d));
	}
	return si_sum_value(&sum);
}

SiClustered
si_clustered(const SiTables *tables, SiPulse pulse)
{
	const SiContingency *t = &tables->total;
	SiClustered out = {*t, tables->count, NAN, NAN, NAN};
	SiClusterSide side[2] = {SI_NO_CLUSTERS, SI_NO_CLUSTERS};
	double		squares;

	if (t->a == 0 || t->b == 0 || t->c == 0 || t->d == 0)
		return out;
	squares = sum_of_squares(tables, side, pulse);
	out.df = si_cluster_degrees(side);
	if (isnan(out.df))
		return out;
	out.variance = si_cluster_sandwich(t, (double) tables->count, squares);
	out.design_effect = out.variance / woolf(t);
	return out;
}

SiInterval
si_clustered_interval(const SiClustered *clustered, double level)
{
	double		ratio = si_odds_ratio(&clustered->total);
	double		reach = sqrt(clustered->variance) *
		si_t_two_sided(clustered->df, 1.0 - level);
	SiInterval	interval = {ratio * exp(-reach), ratio * exp(reach)};

	return interval;
}

double
si_clustered_p_value(const SiClustered *clustered)
{
	double		log_ratio = log(si_odds_ratio(&clustered->total));

	return si_t_p_value(clustered->df, log_ratio / sqrt(clustered->variance));
}

SiContingency
si_clustered_effective(const SiClustered *clustered)
{
	SiContingency t = clustered->total;
	double		effect = clustered->design_effect;

	if (effect > 1.0)
	{
		t.a = llround((double) t.a / effect);
		t.b = llround((double) t.b / effect);
		t.c = llround((double) t.c / effect);
		t.d = llround((double) t.d / effect);
	}
	return t;
}
