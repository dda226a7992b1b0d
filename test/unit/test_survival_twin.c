/*
 * test_survival_twin.c
 *
 * Survival curves and the log-rank test of random rows with many ties, beside
 * the same by definition, row by row.
 */
#include "tap.h"

#include "core/stats/survival/si_log_rank.h"
#include "core/stats/survival/si_survival.h"
#include "samples.h"

#define MOST	120
#define GROUPS	4

typedef struct Row
{
	int			time;
	bool		event;
	int			group;
} Row;

static int
random_data(Row *row, int groups)
{
	int			n = 12 + random_below(MOST - 12);
	int			times = 1 + random_below(40);

	for (int i = 0; i < n; i++)
	{
		row[i].time = random_below(times);
		row[i].event = random_unit() < 0.6;
		row[i].group = random_below(groups);
	}
	return n;
}

static Sampled
sample_rows(int n, const Row *row, bool groups)
{
	SiKeyed		items[MOST];

	for (int i = 0; i < n; i++)
		items[i] = sample_row(row[i].time, (uint64_t)
							  (groups ? 2 * row[i].group : 0) + row[i].event);
	return sample_of(groups ? SI_LOG_RANK : SI_DURATIONS, groups ? GROUPS : 0,
					 n, items);
}

static double
count_rows(int n, const Row *row, int from, bool only_events, int group)
{
	double		count = 0;

	for (int i = 0; i < n; i++)
		count += (only_events ? row[i].time == from && row[i].event :
				  row[i].time >= from) && (group < 0 || row[i].group == group);
	return count;
}

static void
test_curves(void)
{
	double		worst = 0;

	for (int round = 0; round < 300; round++)
	{
		Row			row[MOST];
		int			n = random_data(row, 1);
		Sampled		sampled = sample_rows(n, row, false);
		double		survival = 1;
		int			last = 0;

		for (int i = 0; i < n; i++)
			last = row[i].time > last ? row[i].time : last;
		for (int t = 0; t <= last; t++)
		{
			double		events = count_rows(n, row, t, true, -1);

			if (events > 0)
				survival *= 1 - events / count_rows(n, row, t, false, -1);
			worst = fmax(worst, fabs(si_survival_at(&sampled.sample, t, pulse) -
									 survival));
		}
		free(sampled.bytes);
	}
	ok(worst < 1e-13, "shares by definition, within %.2g", worst);
}

/* x with a x = b, by elimination with the largest pivot. */
static void
eliminate(int k, long double a[GROUPS][GROUPS], long double *b)
{
	for (int p = 0; p < k; p++)
	{
		int			best = p;

		for (int i = p; i < k; i++)
			best = fabsl(a[i][p]) > fabsl(a[best][p]) ? i : best;
		for (int j = 0; j < k; j++)
		{
			long double swap = a[p][j];

			a[p][j] = a[best][j];
			a[best][j] = swap;
		}
		{
			long double swap = b[p];

			b[p] = b[best];
			b[best] = swap;
		}
		for (int i = 0; i < k; i++)
		{
			long double factor = i == p ? 0 : a[i][p] / a[p][p];

			for (int j = 0; j < k; j++)
				a[i][j] -= factor * a[p][j];
			b[i] -= factor * b[p];
		}
	}
	for (int p = 0; p < k; p++)
		b[p] /= a[p][p];
}

/* The statistic with the first group left out; the kernel leaves the last. */
static double
by_definition(int n, const Row *row)
{
	long double apart[GROUPS] = {0};
	long double v[GROUPS][GROUPS] = {{0}};
	long double a[GROUPS][GROUPS];
	long double b[GROUPS];
	double		sum = 0;

	for (int t = 0; t < 40; t++)
	{
		long double d = count_rows(n, row, t, true, -1);
		long double all = count_rows(n, row, t, false, -1);
		long double factor = all > 1 ? d * (all - d) / (all - 1) : 0;

		for (int i = 0; i < GROUPS && d > 0; i++)
		{
			long double share = count_rows(n, row, t, false, i) / all;

			apart[i] += count_rows(n, row, t, true, i) - d * share;
			for (int j = 0; j < GROUPS; j++)
				v[i][j] += factor * share *
					((i == j) - count_rows(n, row, t, false, j) / all);
		}
	}
	for (int i = 1; i < GROUPS; i++)
	{
		for (int j = 1; j < GROUPS; j++)
			a[i - 1][j - 1] = v[i][j];
		b[i - 1] = apart[i];
	}
	eliminate(GROUPS - 1, a, b);
	for (int i = 1; i < GROUPS; i++)
		sum += (double) (b[i - 1] * apart[i]);
	return sum;
}

static void
test_log_ranks(void)
{
	double		worst = 0;
	int			tested = 0;

	for (int round = 0; round < 300; round++)
	{
		Row			row[MOST];
		double		work[SI_LOG_RANK_WORK(GROUPS)];
		int			n = random_data(row, GROUPS);
		Sampled		sampled = sample_rows(n, row, true);
		SiLogRank	is;
		double		want;

		si_log_rank(&sampled.sample, work, &is, pulse);
		free(sampled.bytes);
		if (is.df != GROUPS - 1)
			continue;
		want = by_definition(n, row);
		worst = fmax(worst, fabs(is.statistic - want) / (1 + fabs(want)));
		tested++;
	}
	ok(tested > 200, "%d samples of four groups", tested);
	ok(worst < 1e-9, "statistics by definition, within %.2g", worst);
}

int
main(void)
{
	test_curves();
	test_log_ranks();
	return done_testing();
}
