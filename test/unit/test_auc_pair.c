/*
 * test_auc_pair.c
 *
 * Paired DeLong test against the definition of the structural components and
 * R's pROC 1.18.0 (roc.test, paired).
 */
#include "tap.h"

#include "core/stats/score/si_auc.h"
#include "core/stats/score/si_auc_pair.h"
#include "tables.h"

#define ROWS	150

typedef struct Row
{
	double		score[2];
	bool		positive;
} Row;

static SiAucPair
compare(int n, const Row *rows)
{
	SiPair	   *pairs[2];
	int64_t		count[2] = {0, 0};
	SiAucPairWork work;
	SiAucPair	pair;

	pairs[0] = malloc((n + 1) * sizeof(SiPair));
	pairs[1] = malloc((n + 1) * sizeof(SiPair));
	work.items = malloc((n + 1) * sizeof(SiKeyed));
	work.scratch = malloc((n + 1) * sizeof(SiKeyed));
	work.gap = malloc((n + 1) * sizeof(int64_t));
	for (int i = 0; i < n; i++)
	{
		SiPair	   *row = &pairs[rows[i].positive][count[rows[i].positive]++];

		row->a = si_sort_key(rows[i].score[0]);
		row->b = si_sort_key(rows[i].score[1]);
	}
	si_auc_pair(count[1], pairs[1], count[0], pairs[0], &work, &pair, pulse);
	free(pairs[0]);
	free(pairs[1]);
	free(work.items);
	free(work.scratch);
	free(work.gap);
	return pair;
}

/* ---------- by definition ---------- */

/* The share of the other class on the right side of a row. */
static double
component(int n, const Row *rows, int at, int s)
{
	double		wins = 0.0;
	int			others = 0;

	for (int i = 0; i < n; i++)
	{
		double		gap = rows[at].score[s] - rows[i].score[s];

		if (rows[i].positive == rows[at].positive)
			continue;
		others++;
		if (!rows[at].positive)
			gap = -gap;
		wins += gap > 0.0 ? 1.0 : gap == 0.0 ? 0.5 : 0.0;
	}
	return wins / others;
}

/* Covariance of the mean components of scores s and t, over both classes. */
static double
covariance(int n, const Row *rows, int s, int t)
{
	double		sum = 0.0;

	for (int class = 0; class < 2; class++)
	{
		double		mean[2] = {0.0, 0.0};
		double		product = 0.0;
		int			m = 0;

		for (int i = 0; i < n; i++)
			m += rows[i].positive == class;
		for (int i = 0; i < n; i++)
		{
			if (rows[i].positive != class)
				continue;
			mean[0] += component(n, rows, i, s) / m;
			mean[1] += component(n, rows, i, t) / m;
		}
		for (int i = 0; i < n; i++)
			if (rows[i].positive == class)
				product += (component(n, rows, i, s) - mean[0]) *
					(component(n, rows, i, t) - mean[1]);
		sum += product / (m - 1) / m;
	}
	return sum;
}

static void
test_twin(int levels_a, int levels_b)
{
	SiScored	a[ROWS];
	Row			rows[ROWS];
	SiAucPair	got;
	SiAuc		auc;
	double		var_a;
	double		var_b;

	random_rows(ROWS, levels_a, 1, a);
	for (int i = 0; i < ROWS; i++)
	{
		rows[i].score[0] = a[i].score;
		rows[i].positive = a[i].positive;
		rows[i].score[1] = floor((random_unit() + 0.3 * a[i].positive) *
								 levels_b);
	}
	got = compare(ROWS, rows);
	si_auc_sorted(ROWS, a, &auc, pulse);
	ok(got.auc_a == auc.auc, "%d and %d levels: AUC as alone", levels_a, levels_b);
	var_a = covariance(ROWS, rows, 0, 0);
	var_b = covariance(ROWS, rows, 1, 1);
	is_close(got.variance_a * 1e4, var_a * 1e4, 1e-13, "variance of a");
	is_close(got.variance_b * 1e4, var_b * 1e4, 1e-13, "variance of b");
	is_close(got.variance_difference * 1e4,
			 1e4 * (var_a + var_b - 2 * covariance(ROWS, rows, 0, 1)), 1e-12,
			 "variance of the difference");
}

static void
check_golden(int n, const Row *rows, const char *name, double auc_b,
			 double error_b, double p_value, double low, double high)
{
	SiAucPair	pair = compare(n, rows);
	SiAucPairTest test = si_auc_pair_test(&pair, 0.95);

	is_close(pair.auc_b, auc_b, 1e-15, "%s: AUC of b as pROC", name);
	is_close(sqrt(pair.variance_b), error_b, 1e-15, "its standard error");
	is_close(test.p_value, p_value, 1e-13, "p-value as roc.test()");
	is_close(test.low, low, 1e-14, "interval as roc.test(), low");
	is_close(test.high, high, 1e-14, "high");
}

static void
test_golden(void)
{
	Row			rows[FORMULA_ROWS];

	for (int i = 0; i < FORMULA_ROWS; i++)
	{
		rows[i].score[0] = formula_score(i + 1, false);
		rows[i].score[1] = formula_score(i + 1, true);
		rows[i].positive = formula_positive(i + 1);
	}
	check_golden(FORMULA_ROWS, rows, "formula", 0.8152761399371069,
				 0.018304044876148569, 1.4688186506561892e-05,
				 -0.189327725175435835, -0.071400131218694152);
	for (int i = 0; i < CARS; i++)
	{
		rows[i].score[0] = car_mpg[i];
		rows[i].score[1] = -car_cylinders[i];
		rows[i].positive = car_manual[i] == '1';
	}
	check_golden(CARS, rows, "mpg and cylinders", 0.78542510121457487,
				 0.080735147158682991, 0.12710221176619213,
				 -0.012678597877633167, 0.101747423788564523);
	for (int i = 0; i < CARS; i++)
		rows[i].score[1] = -car_weight[i];
	check_golden(CARS, rows, "mpg and weight", 0.9331983805668016,
				 0.048112128124091463, 0.036152997225409739,
				 -0.1998140004029184125, -0.0066637323906037077);
}

static void
test_order(void)
{
	Row			rows[ROWS];
	SiAucPair	first;
	int			same = 0;

	for (int i = 0; i < ROWS; i++)
	{
		rows[i].positive = random_below(3) == 0;
		rows[i].score[0] = random_below(20);
		rows[i].score[1] = random_below(50) + 5 * rows[i].positive;
	}
	first = compare(ROWS, rows);
	for (int round = 0; round < 50; round++)
	{
		SiAucPair	again;

		for (int i = ROWS - 1; i > 0; i--)
		{
			int			k = random_below(i + 1);
			Row			row = rows[i];

			rows[i] = rows[k];
			rows[k] = row;
		}
		again = compare(ROWS, rows);
		same += memcmp(&again, &first, sizeof(first)) == 0;
	}
	ok(same == 50, "the order of the rows leaves no trace (%d)", same);
}

static void
test_special(void)
{
	Row			rows[4] = {
		{{1, 1}, false}, {{2, 1}, false}, {{3, 1}, true}, {{4, 1}, true}
	};
	SiAucPair	pair = compare(4, rows);
	SiAucPairTest test = si_auc_pair_test(&pair, 0.95);

	ok(pair.auc_a == 1.0 && pair.auc_b == 0.5 && test.p_value == 0.0 &&
	   test.low == 0.5 && test.high == 0.5,
	   "perfect and constant: a difference without variance, as roc.test()");
	for (int i = 0; i < 4; i++)
		rows[i].score[1] = exp(rows[i].score[0]);
	pair = compare(4, rows);
	test = si_auc_pair_test(&pair, 0.95);
	ok(test.difference == 0.0 && test.p_value == 1.0 && test.low == 0.0 &&
	   test.high == 0.0, "scores that rank alike: no difference, p 1");
	rows[1].score[0] = INFINITY;
	rows[2].score[1] = -INFINITY;
	pair = compare(4, rows);
	ok(pair.auc_a == 0.5 && pair.auc_b == 0.5, "infinite scores rank");
	test = si_auc_pair_test(&pair, 0.999999999);
	ok(test.low == -1.0 && test.high == 1.0, "the interval is cut to [-1,1]");
	pair = compare(3, rows);
	test = si_auc_pair_test(&pair, 0.95);
	ok(pair.auc_b == 0.0 && isnan(test.p_value) && isnan(test.low) &&
	   test.difference == 0.5, "a single positive: no test");
	pair = compare(2, rows);
	test = si_auc_pair_test(&pair, 0.95);
	ok(isnan(pair.auc_a) && isnan(test.difference) && isnan(test.high),
	   "one class: nothing");
}

int
main(void)
{
	test_twin(1000000, 1000000);
	test_twin(1000000, 4);
	test_twin(7, 7);
	test_twin(2, 3);
	test_golden();
	test_order();
	test_special();
	return done_testing();
}
