/*
 * si_two_sample.c
 *	  A number among successes against the same among failures.
 *
 * Means: Welch's t-test, for unequal variances, with the degrees of freedom of
 * Satterthwaite.  With clusters the difference is the slope of a regression on
 * success, with the sandwich variance over clusters: for a cluster g
 *
 *	u_g = sum over its successes (x - m1)/n1 - over its failures (x - m0)/n0
 *
 * and V = G/(G - 1) (n - 1)/(n - 2) sum u_g^2 (Stata, statsmodels), tested by
 * Student's distribution with the degrees of freedom of si_cluster_side.h.
 *
 * Ranks: the test of Wilcoxon, Mann and Whitney, as wilcox.test in R: exact
 * without ties and with fewer than 50 rows on each side, else normal with
 * corrections for ties and continuity.  With clusters: the chance that a
 * success has the larger number, its variance from the placements of rows
 * (DeLong) summed by cluster (Obuchowski), V = G/(G - 1) sum v_g^2, with the
 * same degrees of freedom.
 *
 * Effect size: Cohen's d, the difference over the pooled standard deviation.
 *
 * Special cases: fewer than two rows on a side, or no spread at all, leave the
 * t-test and the effect size unknown (NaN); all numbers alike leave the rank
 * test unknown, and so does a missing side; fewer than two clusters on a side
 * leave both, clusters that are all alike the one in which they are.
 *
 * Accuracy: means and squares are compensated sums over sorted rows, of
 * distances from the least number of a side and from the mean: order leaves no
 * trace, rows far from zero and near to one another lose no digits, and rows
 * that are all alike have a spread of exactly zero.
 *
 * Reference: Welch, Biometrika 34 (1947), 28-35; Mann and Whitney, Ann. Math.
 * Stat. 18 (1947), 50-60; Obuchowski, Biometrics 53 (1997), 567-578; Cohen,
 * "Statistical power analysis for the behavioral sciences", 2nd ed. (1988).
 */
#include "core/stats/sample/si_two_sample.h"

#include <math.h>
#include <string.h>

#include "core/stats/distribution/si_beta.h"
#include "core/stats/distribution/si_normal.h"
#include "core/stats/si_cluster_side.h"

#define BLOCK_CLUSTERS	65536	/* between pulses */

/* Rows of one number: of[1] successes, of[0] failures. */
typedef struct Tie
{
	uint64_t	key;
	double		of[2];
} Tie;

/* Reads ahead to the end of each tie. */
typedef struct TieCursor
{
	SiSampleCursor cursor;
	SiSampleRun next;
	bool		more;
} TieCursor;

typedef struct Summary
{
	double		n[2];
	double		pivot[2];		/* the least number of a side, and how far */
	double		shift[2];		/* above it the mean is */
	double		squares[2];		/* around the means */
	double		won;			/* pairs in which the success is larger */
	double		ties;			/* sum of t^3 - t */
	bool		tied;
	bool		alike;			/* all rows */
} Summary;

static TieCursor
tie_cursor(const SiSample *sample, SiPulse pulse)
{
	TieCursor	ties;

	ties.cursor = si_sample_cursor(sample, pulse);
	ties.more = si_sample_next(&ties.cursor, &ties.next);
	return ties;
}

static bool
next_tie(TieCursor *ties, Tie *tie)
{
	if (!ties->more)
		return false;
	tie->key = ties->next.key;
	tie->of[0] = tie->of[1] = 0;
	while (ties->more && ties->next.key == tie->key)
	{
		tie->of[ties->next.item & 1] += (double) ties->next.count;
		ties->more = si_sample_next(&ties->cursor, &ties->next);
	}
	return true;
}

/* A mean may be rounded; distances from it are not those from the rounded. */
static double
mean_of(const Summary *s, int side)
{
	return s->pivot[side] + s->shift[side];
}

static double
from_mean(const Summary *s, int side, double x)
{
	return x - s->pivot[side] - s->shift[side];
}

/* Adds what rows of one number are above the pivot, without rounding. */
static void
add_rows(Summary *s, int side, double count, double x, SiSum *sum)
{
	if (count > 0 && s->n[side] == 0)
		s->pivot[side] = x;
	si_sum_add_product(sum, count, x);
	si_sum_add_product(sum, -count, s->pivot[side]);
	s->n[side] += count;
}

/* Counts, means, pairs won. */
static void
first_pass(const SiSample *sample, Summary *s, SiPulse pulse)
{
	TieCursor	ties = tie_cursor(sample, pulse);
	SiSum		sum[2] = {{0, 0}, {0, 0}};
	SiSum		won = {0, 0};
	SiSum		cubes = {0, 0};
	Tie			tie;

	memset(s, 0, sizeof(*s));
	while (next_tie(&ties, &tie))
	{
		double		x = si_sort_value(tie.key);
		double		t = tie.of[0] + tie.of[1];

		s->alike = s->n[0] + s->n[1] == 0;
		si_sum_add_product(&won, tie.of[1], s->n[0] + 0.5 * tie.of[0]);
		si_sum_add(&cubes, (t * t - 1) * t);
		s->tied |= t > 1;
		add_rows(s, 0, tie.of[0], x, &sum[0]);
		add_rows(s, 1, tie.of[1], x, &sum[1]);
	}
	s->won = si_sum_value(&won);
	s->ties = si_sum_value(&cubes);
	for (int side = 0; side < 2; side++)
		s->shift[side] = si_sum_value(&sum[side]) / s->n[side];
}

/* Squares around the means. */
static void
second_pass(const SiSample *sample, Summary *s, SiPulse pulse)
{
	SiSampleCursor cursor = si_sample_cursor(sample, pulse);
	SiSum		sum[2] = {{0, 0}, {0, 0}};
	SiSampleRun run;

	while (si_sample_next(&cursor, &run))
	{
		int			side = run.item & 1;
		double		away = from_mean(s, side, si_sort_value(run.key));

		si_sum_add(&sum[side], (double) run.count * away * away);
	}
	s->squares[0] = si_sum_value(&sum[0]);
	s->squares[1] = si_sum_value(&sum[1]);
}

/* ----- Independent rows ----- */

static void
welch(const Summary *s, double level, SiTwoSample *out)
{
	double		v1 = s->squares[1] / (s->n[1] - 1) / s->n[1];
	double		v0 = s->squares[0] / (s->n[0] - 1) / s->n[0];
	double		v = v1 + v0;
	double		df = 1 / (v1 / v * (v1 / v) / (s->n[1] - 1) +
						  v0 / v * (v0 / v) / (s->n[0] - 1));
	double		reach;

	if (!(s->n[0] > 1 && s->n[1] > 1 && v > 0))
		return;
	reach = sqrt(v) * si_t_two_sided(df, 1 - level);
	out->low = out->difference - reach;
	out->high = out->difference + reach;
	out->t_p = si_t_p_value(df, out->difference / sqrt(v));
}

/*
 * Chosen are m of m + n ranks; counted, by dynamic programming over the ranks
 * upwards, are the choices that win s pairs: the k-th chosen, at rank r, wins
 * r - k + 1 of them.
 */
double
si_rank_sum_exact(int m, int n, int u, double *work)
{
	int			few = m < n ? m : n;
	int			most = u < m * n - u ? u : m * n - u;
	int			width = most + 1;
	double		all = 1;
	double		sum = 0;

	for (int i = 0; i < (few + 1) * width; i++)
		work[i] = i == 0;
	for (int r = 0; r < m + n; r++)
	{
		int			top = r + 1 < few ? r + 1 : few;

		for (int k = top; k > 0; k--)
		{
			double	   *into = work + k * width;
			const double *from = into - width;
			int			shift = r - k + 1;

			for (int s = most; s >= shift; s--)
				into[s] += from[s - shift];
		}
	}
	for (int s = 0; s <= most; s++)
		sum += work[few * width + s];
	for (int i = 1; i <= few; i++)
		all = all * (m + n - few + i) / i;
	return fmin(1, 2 * sum / all);
}

/* Normal, with corrections for ties and continuity. */
static double
rank_normal(const Summary *s)
{
	double		pairs = s->n[0] * s->n[1];
	double		n = s->n[0] + s->n[1];
	double		away = fabs(s->won - pairs / 2);
	double		variance = pairs / 12 * (n + 1 - s->ties / (n * (n - 1)));

	if (away > 0)
		away -= 0.5;
	return si_normal_p_value(fmax(away, 0) / sqrt(variance));
}

static double
rank_p_value(const Summary *s, double *work)
{
	if (s->alike)
		return NAN;
	if (!s->tied && s->n[0] <= SI_RANK_EXACT && s->n[1] <= SI_RANK_EXACT)
		return si_rank_sum_exact((int) s->n[1], (int) s->n[0], (int) s->won,
								 work);
	return rank_normal(s);
}

/* ----- Clusters ----- */

/*
 * A second cursor stays behind the ties, so that the placement of each row is
 * known when it is added to its cluster.
 */
static void
sum_clusters(const SiSample *sample, const Summary *s, SiClusterSums *clusters,
			 SiPulse pulse)
{
	TieCursor	ties = tie_cursor(sample, pulse);
	SiSampleCursor cursor = si_sample_cursor(sample, pulse);
	double		larger = s->won / s->n[0] / s->n[1];
	double		below[2] = {0, 0};
	Tie			tie;

	while (next_tie(&ties, &tie))
	{
		double		left = tie.of[0] + tie.of[1];

		while (left > 0)
		{
			SiSampleRun run;
			SiClusterSums *sums;
			int			side;
			double		weight;
			double		placement;

			(void) si_sample_next(&cursor, &run);
			sums = &clusters[run.item >> 1];
			side = run.item & 1;
			weight = (double) run.count / s->n[side];
			placement = (below[1 - side] + 0.5 * tie.of[1 - side]) /
				s->n[1 - side];
			si_sum_add(&sums->mean, (side ? weight : -weight) *
					   from_mean(s, side, si_sort_value(tie.key)));
			si_sum_add(&sums->rank, weight *
					   (side ? placement - larger : 1 - placement - larger));
			sums->rows[side] += (double) run.count;
			left -= (double) run.count;
		}
		below[0] += tie.of[0];
		below[1] += tie.of[1];
	}
}

/* Squares over clusters, and how many they rest on. */
typedef struct Squares
{
	SiSum		mean;
	SiSum		rank;
	SiClusterSide side[2];
} Squares;

static Squares
square_clusters(int64_t n, const SiClusterSums *clusters, SiPulse pulse)
{
	Squares		out = {{0, 0}, {0, 0}, {SI_NO_CLUSTERS, SI_NO_CLUSTERS}};

	for (int64_t i = 0; i < n; i++)
	{
		double		u = si_sum_value(&clusters[i].mean);
		double		v = si_sum_value(&clusters[i].rank);

		if (i % BLOCK_CLUSTERS == 0)
			pulse();
		si_sum_add_product(&out.mean, u, u);
		si_sum_add_product(&out.rank, v, v);
		for (int side = 0; side < 2; side++)
			si_cluster_side_add(&out.side[side], clusters[i].rows[side]);
	}
	return out;
}

/*
 * The variances of independent rows, to compare with: of ranks about what it
 * is without an effect, since rounding is no smaller where they do not vary.
 */
static void
robust(const SiSample *sample, const Summary *s, double level,
	   SiClusterSums *clusters, SiTwoSample *out, SiPulse pulse)
{
	double		n = s->n[0] + s->n[1];
	double		g = (double) sample->names;
	Squares		squares;
	double		df;
	double		variance;
	double		reach;

	if (s->n[0] == 0 || s->n[1] == 0)
		return;
	sum_clusters(sample, s, clusters, pulse);
	squares = square_clusters(sample->names, clusters, pulse);
	df = si_cluster_degrees(squares.side);
	if (isnan(df))
		return;
	variance = si_cluster_variance(si_sum_value(&squares.mean), g,
								   s->squares[0] / s->n[0] / s->n[0] +
								   s->squares[1] / s->n[1] / s->n[1]) *
		((n - 1) / (n - 2));
	reach = sqrt(variance) * si_t_two_sided(df, 1 - level);
	out->low = out->difference - reach;
	out->high = out->difference + reach;
	out->t_p = si_t_p_value(df, out->difference / sqrt(variance));
	variance = si_cluster_variance(si_sum_value(&squares.rank), g,
								   1 / s->n[0] + 1 / s->n[1]);
	out->rank_p = si_t_p_value(df, (out->larger - 0.5) / sqrt(variance));
}

/* ----- Either ----- */

static double
deviation(const Summary *s, int side)
{
	return s->n[side] > 1 ? sqrt(s->squares[side] / (s->n[side] - 1)) : NAN;
}

static void
describe(const Summary *s, SiTwoSample *out)
{
	double		pooled = sqrt((s->squares[0] + s->squares[1]) /
							  (s->n[0] + s->n[1] - 2));

	out->successes = s->n[1];
	out->failures = s->n[0];
	out->mean_success = mean_of(s, 1);
	out->mean_failure = mean_of(s, 0);
	out->sd_success = deviation(s, 1);
	out->sd_failure = deviation(s, 0);
	out->difference = (s->pivot[1] - s->pivot[0]) +
		(s->shift[1] - s->shift[0]);
	out->low = out->high = out->t_p = out->rank_p = NAN;
	out->effect_size = pooled > 0 ? out->difference / pooled : NAN;
	out->larger = s->won / s->n[0] / s->n[1];
}

void
si_two_sample(const SiSample *sample, double level, SiClusterSums *clusters,
			  double *work, SiTwoSample *out, SiPulse pulse)
{
	Summary		s;

	first_pass(sample, &s, pulse);
	second_pass(sample, &s, pulse);
	describe(&s, out);
	if (sample->names > 0)
		robust(sample, &s, level, clusters, out, pulse);
	else
	{
		welch(&s, level, out);
		if (s.n[0] > 0 && s.n[1] > 0)
			out->rank_p = rank_p_value(&s, work);
	}
}
