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
 * distribution with G - 1 degrees of freedom.
 *
 * The design effect is V over Woolf's variance.  Effective counts are the
 * cells divided by it, or the cells where it is below 1.
 *
 * Special cases: fewer than two clusters, or a zero cell, leave the variance
 * unknown (NaN).  A variance of zero can come from clusters that are all
 * alike; the interval is then a point, and the p-value 0, or 1 if the odds
 * ratio is 1.
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
#include "core/stats/si_sum.h"

static double
share(int64_t part, int64_t whole)
{
	return (double) part / (double) whole;
}

static double
sum_of_squares(const SiTables *tables, SiPulse pulse)
{
	const SiContingency *all = &tables->total;
	SiTablesCursor cursor = si_tables_cursor(tables, pulse);
	SiSum		sum = {0.0, 0.0};
	SiKeyedTable cluster;

	while (si_tables_next(&cursor, &cluster))
	{
		const SiContingency *t = &cluster.table;
		double		u = (share(t->a, all->a) - share(t->b, all->b)) -
			(share(t->c, all->c) - share(t->d, all->d));

		si_sum_add_product(&sum, u, u);
	}
	return si_sum_value(&sum);
}

SiClustered
si_clustered(const SiTables *tables, SiPulse pulse)
{
	const SiContingency *t = &tables->total;
	SiClustered out = {*t, tables->count, NAN, NAN};
	double		g = (double) tables->count;
	double		n = (double) si_contingency_rows(t);

	if (t->a == 0 || t->b == 0 || t->c == 0 || t->d == 0 || tables->count < 2)
		return out;
	out.variance = sum_of_squares(tables, pulse) * (g / (g - 1.0)) *
		((n - 1.0) / (n - 2.0));
	out.design_effect = out.variance /
		(share(1, t->a) + share(1, t->b) + share(1, t->c) + share(1, t->d));
	return out;
}

SiInterval
si_clustered_interval(const SiClustered *clustered, double level)
{
	double		ratio = si_odds_ratio(&clustered->total);
	double		reach = sqrt(clustered->variance) *
		si_t_two_sided((double) clustered->clusters - 1.0, 1.0 - level);
	SiInterval	interval = {ratio * exp(-reach), ratio * exp(reach)};

	return interval;
}

double
si_clustered_p_value(const SiClustered *clustered)
{
	double		log_ratio = log(si_odds_ratio(&clustered->total));

	if (clustered->variance == 0.0)
		return log_ratio == 0.0 ? 1.0 : 0.0;
	return si_t_p_value((double) clustered->clusters - 1.0,
						log_ratio / sqrt(clustered->variance));
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
