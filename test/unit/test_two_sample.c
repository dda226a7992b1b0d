/*
 * test_two_sample.c
 *
 * Two samples against R 4.2.2 and statsmodels, and by their definitions.
 */
#include "tap.h"

#include "core/stats/distribution/si_beta.h"
#include "core/stats/sample/si_two_sample.h"
#include "samples.h"

#define ROWS	200

static double work[SI_RANK_WORK];

/* Cluster, or 0, and success of a row by a formula, and its number. */
static double
formula_row(int i, bool *success)
{
	*success = i * 37 % 10 < 4;
	return (i * i * 31 + i * 17) % 97 / 7.0 + (*success ? 2.5 : 0) +
		i * 7 % 13 * 0.25 * (i % 8 - 3);
}

static void
formula_items(bool clustered, SiKeyed *items)
{
	for (int i = 1; i <= ROWS; i++)
	{
		bool		success;
		double		value = formula_row(i, &success);

		items[i - 1] = sample_row(value, (uint64_t)
								  (2 * (clustered ? i % 8 : 0) + success));
	}
}

static SiTwoSample
test_of(int names, int n, SiKeyed *items)
{
	Sampled		sampled = sample_of(SI_TWO_SAMPLE, names, n, items);
	SiClusterSums clusters[8] = {{{0, 0}, {0, 0}, {0, 0}}};
	SiTwoSample out;

	si_two_sample(&sampled.sample, 0.95, clusters, work, &out, pulse);
	free(sampled.bytes);
	return out;
}

/* R: t.test(x, y), wilcox.test(x, y), sd(), and Cohen's d from these. */
static void
test_independent(void)
{
	SiKeyed		items[ROWS];
	SiTwoSample is;

	formula_items(false, items);
	is = test_of(0, ROWS, items);
	ok(is.successes == 80 && is.failures == 120, "rows");
	is_close(is.mean_success, 9.6723214285714292, 1e-14, "mean");
	is_close(is.mean_failure, 6.9794642857142861, 1e-14, "mean of the others");
	is_close(is.sd_success, 5.2608579793749115, 1e-14, "deviation");
	is_close(is.sd_failure, 5.7816050027274457, 1e-14, "that of the others");
	is_close(is.low, 1.1334841273862479, 1e-12, "low");
	is_close(is.high, 4.2522301583280386, 1e-12, "high");
	is_close(is.t_p / 0.00080871869546584555, 1, 1e-11, "Welch");
	is_close(is.rank_p / 0.00069492144353489927, 1, 1e-11, "ranks, with ties");
	is_close(is.effect_size, 0.48262008184759658, 1e-13, "Cohen's d");
	is_close(is.larger, 6160.5 / 80 / 120, 1e-14, "chance to be larger");
}

/*
 * statsmodels 0.13.5: OLS(value, [1, success]).fit(cov_type="cluster",
 * use_t=True), standard error and p-value of the slope; the quantile is R's
 * qt(0.975, 7), since scipy's is right to 1e-10 only.
 */
static void
test_clustered(void)
{
	SiKeyed		items[ROWS];
	SiTwoSample is;

	formula_items(true, items);
	is = test_of(8, ROWS, items);
	is_close(is.difference, 2.6928571428571431, 1e-13, "difference");
	is_close(is.high - is.difference, 0.8046932886542565 * 2.3646242515927844,
			 1e-12, "robust, high");
	is_close(is.difference - is.low, is.high - is.difference, 1e-13, "low");
	is_close(is.t_p / 0.012310620962841738, 1, 1e-11, "p-value");
	is_close(is.effect_size, 0.48262008184759658, 1e-13, "d is that of rows");
}

/* The rank test with clusters: the sandwich, summed pair by pair. */
static void
test_clustered_ranks(void)
{
	SiKeyed		items[ROWS];
	double		value[ROWS];
	bool		success[ROWS];
	double		v[8] = {0};
	double		larger = 6160.5 / 80 / 120;
	double		sum = 0;

	for (int i = 1; i <= ROWS; i++)
		value[i - 1] = formula_row(i, &success[i - 1]);
	for (int i = 0; i < ROWS; i++)
	{
		double		won = 0;

		for (int j = 0; j < ROWS; j++)
			won += success[i] == success[j] ? 0 : value[i] > value[j] ? 1 :
				value[i] == value[j] ? 0.5 : 0;
		v[(i + 1) % 8] += success[i] ? (won / 120 - larger) / 80 :
			(1 - won / 80 - larger) / 120;
	}
	for (int g = 0; g < 8; g++)
		sum += v[g] * v[g];
	formula_items(true, items);
	is_close(test_of(8, ROWS, items).rank_p /
			 si_t_p_value(7, (larger - 0.5) / sqrt(sum * 8 / 7)), 1, 1e-11,
			 "ranks with clusters");
}

/* R: 2 * pwilcox(u, m, n) */
static void
test_exact_ranks(void)
{
	is_close(si_rank_sum_exact(5, 6, 24, work), 0.12554112554112554, 1e-14,
			 "exact ranks");
	is_close(si_rank_sum_exact(30, 49, 400, work) / 0.00057413730132742531,
			 1, 1e-12, "30 and 49, 400 won");
	is_close(si_rank_sum_exact(49, 49, 1000, work) / 0.15593632404685517,
			 1, 1e-12, "49 and 49, 1000 won");
	is_close(si_rank_sum_exact(49, 49, 0, work) / 7.8500291929632906e-29,
			 1, 1e-12, "49 and 49, 0 won");
	is_close(si_rank_sum_exact(2, 9, 3, work) / 0.21818181818181817,
			 1, 1e-12, "2 and 9, 3 won");
	is_close(si_rank_sum_exact(49, 30, 900, work) / 0.096741452249167845,
			 1, 1e-12, "49 and 30, 900 won");
	ok(si_rank_sum_exact(4, 5, 10, work) == 1, "in the middle");
	ok(si_rank_sum_exact(1, 1, 0, work) == 1, "one against one");
}

/* Every choice of ranks, one by one. */
static void
test_exact_twin(void)
{
	double		worst = 0;

	for (int m = 1; m <= 5; m++)
	{
		for (int n = 1; n <= 6; n++)
		{
			double		count[31] = {0};
			double		all = 0;

			for (int set = 0; set < 1 << (m + n); set++)
			{
				int			chosen = 0;
				int			u = 0;

				for (int r = 0; r < m + n; r++)
				{
					if (set >> r & 1)
						u += r - chosen++;
				}
				if (chosen != m)
					continue;
				count[u]++;
				all++;
			}
			for (int u = 0; u <= m * n; u++)
			{
				int			least = u < m * n - u ? u : m * n - u;
				double		tail = 0;

				for (int i = 0; i <= least; i++)
					tail += count[i];
				worst = fmax(worst, fabs(si_rank_sum_exact(m, n, u, work) -
										 fmin(1, 2 * tail / all)));
			}
		}
	}
	ok(worst < 1e-14, "all choices of ranks, within %.2g", worst);
}

static void
test_special_cases(void)
{
	SiKeyed		same[4] = {sample_row(0.1, 0), sample_row(0.1, 1),
	sample_row(0.1, 1), sample_row(0.1, 0)};
	SiKeyed		side[2] = {sample_row(1, 1), sample_row(2, 1)};
	SiKeyed		single[3] = {sample_row(1, 1), sample_row(2, 0),
	sample_row(3, 0)};
	SiKeyed		huge[4] = {sample_row(1e140, 1), sample_row(-1e140, 1),
	sample_row(9e139, 0), sample_row(0, 0)};
	SiTwoSample is = test_of(0, 4, same);

	ok(is.difference == 0 && isnan(is.t_p) && isnan(is.rank_p) &&
	   isnan(is.effect_size) && isnan(is.low), "all alike");
	is = test_of(0, 2, side);
	ok(is.mean_success == 1.5 && isnan(is.mean_failure) &&
	   isnan(is.difference) && isnan(is.t_p) && isnan(is.rank_p) &&
	   isnan(is.sd_failure), "one side");
	is = test_of(0, 3, single);
	ok(isnan(is.t_p) && is.rank_p > 0.6 && isnan(is.sd_success) &&
	   is.difference == -1.5, "a single success");
	is = test_of(0, 4, huge);
	ok(isfinite(is.t_p) && isfinite(is.effect_size), "numbers of 1e140");
	is = test_of(1, 3, single);
	ok(isnan(is.t_p) && isnan(is.rank_p) && is.difference == -1.5,
	   "a single cluster");
}

/* No spread on either side; far from zero, where means are rounded. */
static void
test_spread(void)
{
	SiKeyed		flat[6] = {sample_row(0.1, 1), sample_row(0.1, 1),
	sample_row(0.1, 1), sample_row(0.7, 0), sample_row(0.7, 0),
	sample_row(0.7, 0)};
	SiKeyed		items[2][14];
	SiTwoSample near;
	SiTwoSample far;
	SiTwoSample is = test_of(0, 6, flat);

	ok(isnan(is.t_p) && isnan(is.low) && isnan(is.effect_size) &&
	   is.sd_success == 0 && is.sd_failure == 0 && is.rank_p > 0.01,
	   "groups that are constant");
	for (int i = 0; i < 14; i++)
	{
		items[0][i] = sample_row(i * i % 11, i % 2);
		items[1][i] = sample_row(1e6 + i * i % 11 * 0x1p-20, i % 2);
	}
	near = test_of(0, 14, items[0]);
	far = test_of(0, 14, items[1]);
	is_close(far.difference * 0x1p20, near.difference, 1e-14, "difference");
	is_close(far.t_p, near.t_p, 1e-13, "a million away, the same p-value");
	is_close(far.effect_size, near.effect_size, 1e-13, "and effect size");
}

/* What a side within one cluster, or clusters all alike, cannot tell. */
static void
test_few_clusters(void)
{
	SiKeyed		apart[6] = {sample_row(1, 0), sample_row(2, 0),
	sample_row(2.5, 0), sample_row(3, 3), sample_row(4, 3), sample_row(1.5, 3)};
	SiKeyed		alike[4] = {sample_row(1, 0), sample_row(2, 2),
	sample_row(3, 1), sample_row(4, 3)};
	SiKeyed		lone[6] = {sample_row(0.1, 0), sample_row(0.7, 2),
	sample_row(0.4, 4), sample_row(0.3, 5), sample_row(0.9, 5),
	sample_row(0.7, 5)};
	SiTwoSample is = test_of(2, 6, apart);

	ok(isnan(is.t_p) && isnan(is.rank_p) && isnan(is.low) && isnan(is.high) &&
	   is.difference > 0.9, "a cluster to each side");
	is = test_of(2, 4, alike);
	ok(isnan(is.t_p) && isnan(is.rank_p) && isnan(is.low) &&
	   is.difference == 2, "clusters that are all alike");
	is = test_of(3, 6, lone);
	ok(isnan(is.t_p) && isnan(is.rank_p) && isnan(is.high),
	   "successes in one of three");
}

int
main(void)
{
	test_spread();
	test_few_clusters();
	test_independent();
	test_clustered();
	test_clustered_ranks();
	test_exact_ranks();
	test_exact_twin();
	test_special_cases();
	return done_testing();
}
