/*
 * test_auc.c
 *
 * AUC against all pairs, its standard error against the definition of DeLong's
 * structural components, both against R's pROC 1.18.0 and scikit-learn 1.2.1.
 */
#include "tap.h"

#include <float.h>

#include "core/stats/score/si_auc.h"
#include "scored.h"

#define ROWS	120

static double
win(const SiScored *positive, const SiScored *negative)
{
	if (positive->score == negative->score)
		return 0.5;
	return positive->score > negative->score ? 1.0 : 0.0;
}

/* The share of the other class, by weight, on the right side of a row. */
static double
component(int n, const SiScored *rows, const SiScored *row)
{
	double		wins = 0.0;
	double		weight = 0.0;

	for (int i = 0; i < n; i++)
	{
		if (rows[i].positive == row->positive)
			continue;
		weight += rows[i].weight;
		wins += rows[i].weight *
			(row->positive ? win(row, &rows[i]) : win(&rows[i], row));
	}
	return wins / weight;
}

static double
variance_of_mean(int n, const SiScored *rows, bool positive, double *mean)
{
	double		weight = 0.0;
	double		total = 0.0;
	double		variance = 0.0;
	int			m = 0;

	for (int i = 0; i < n; i++)
	{
		if (rows[i].positive != positive || rows[i].weight == 0.0)
			continue;
		m++;
		weight += rows[i].weight;
		total += rows[i].weight * component(n, rows, &rows[i]);
	}
	*mean = total / weight;
	for (int i = 0; i < n; i++)
	{
		double		part = rows[i].weight / weight *
			(component(n, rows, &rows[i]) - *mean);

		if (rows[i].positive == positive)
			variance += part * part;
	}
	return variance * m / (m - 1);
}

static SiAuc
auc_by_definition(int n, const SiScored *rows)
{
	SiAuc		auc;
	double		of_negatives;
	double		variance = variance_of_mean(n, rows, true, &auc.auc);

	variance += variance_of_mean(n, rows, false, &of_negatives);
	auc.std_error = sqrt(variance);
	return auc;
}

static void
test_twin(int n, int levels, int heaviest)
{
	SiScored	rows[ROWS];
	SiAuc		got;
	SiAuc		want;

	do
		random_rows(n, levels, heaviest, rows);
	while (si_auc_sorted(n, rows, &got, pulse) != SI_OK);
	want = auc_by_definition(n, rows);
	is_close(got.auc, want.auc, 1e-14, "AUC, %d rows, %d levels, weights to %d",
			 n, levels, heaviest);
	is_close(got.std_error, want.std_error, 1e-14, "its standard error");
}

static void
test_golden(void)
{
	SiScored	rows[CARS];
	SiAuc		auc;
	double		low;
	double		high;

	car_rows(car_mpg, false, rows);
	ok(si_auc_sorted(CARS, rows, &auc, pulse) == SI_OK, "cars by mpg");
	is_close(auc.auc, 0.8299595141700404, 1e-15, "AUC as roc_auc_score()");
	is_close(auc.std_error, 0.077358370149703662, 1e-14,
			 "standard error as var(roc, method = \"delong\")");
	si_auc_interval(&auc, 0.90, &low, &high);
	is_close(low, 0.70271631845424598, 1e-14, "as ci(conf.level = .9), low");
	is_close(high, 0.95720270988583511, 1e-14, "as ci(conf.level = .9), high");
	si_auc_interval(&auc, 0.95, &low, &high);
	is_close(low, 0.67833989477390300, 1e-14, "as ci(), low");
	is_close(high, 0.98157913356617810, 1e-14, "as ci(), high");

	car_rows(car_cylinders, false, rows);
	si_auc_sorted(CARS, rows, &auc, pulse);
	is_close(auc.auc, 0.2145748987854251, 1e-15, "many ties, as pROC");
	is_close(auc.std_error, 0.080735147158682991, 1e-14,
			 "standard error with many ties, as pROC");

	car_rows(car_mpg, true, rows);
	si_auc_sorted(CARS, rows, &auc, pulse);
	is_close(auc.auc, 0.8083932161052277, 1e-14,
			 "weighted AUC as roc_auc_score(sample_weight)");
}

static void
test_invariance(void)
{
	SiScored	rows[ROWS];
	SiScored	copies[ROWS * 4];
	SiAuc		first;
	SiAuc		auc;
	int			same = 0;
	int			count;

	random_rows(ROWS, 10, 1, rows);
	si_auc_sorted(ROWS, rows, &first, pulse);
	for (int round = 0; round < 50; round++)
	{
		shuffle_rows(ROWS, rows);
		sort_rows(ROWS, rows);
		si_auc_sorted(ROWS, rows, &auc, pulse);
		same += auc.auc == first.auc &&
			fabs(auc.std_error - first.std_error) < 1e-15;
	}
	ok(same == 50, "the order within ties does not matter (%d)", same);

	random_rows(ROWS, 50, 4, rows);
	si_auc_sorted(ROWS, rows, &first, pulse);
	count = replicate(ROWS, rows, copies);
	si_auc_sorted(count, copies, &auc, pulse);
	ok(auc.auc == first.auc, "AUC of weights is AUC of repeated rows");
	scale_weights(ROWS, 1e-100, rows);
	si_auc_sorted(ROWS, rows, &auc, pulse);
	is_close(auc.std_error, first.std_error, 1e-14,
			 "the scale of weights does not matter, down");
	scale_weights(ROWS, 1e200, rows);
	si_auc_sorted(ROWS, rows, &auc, pulse);
	is_close(auc.std_error, first.std_error, 1e-14,
			 "the scale of weights does not matter, up");
	is_close(auc.auc, first.auc, 1e-14, "nor for the AUC");

	for (int i = 0; i < ROWS; i++)
		rows[i].positive = !rows[i].positive;
	si_auc_sorted(ROWS, rows, &auc, pulse);
	is_close(auc.auc, 1.0 - first.auc, 1e-14, "swapped labels mirror the AUC");
	is_close(auc.std_error, first.std_error, 1e-14, "and keep its error");
}

static void
test_special(void)
{
	SiScored	rows[4] = {
		{-INFINITY, 1.0, false, 0}, {-0.0, 1.0, false, 0},
		{0.0, 1.0, true, 0}, {INFINITY, 1.0, true, 0}
	};
	SiAuc		auc = {0.0, 0.0};
	double		low;
	double		high;

	ok(si_auc_sorted(0, NULL, &auc, pulse) == SI_EMPTY, "no rows");
	ok(si_auc_sorted(2, rows, &auc, pulse) == SI_EMPTY, "negatives only");
	ok(si_auc_sorted(2, rows + 2, &auc, pulse) == SI_EMPTY, "positives only");
	ok(si_auc_sorted(4, rows, &auc, pulse) == SI_OK && auc.auc == 0.875,
	   "infinite scores rank, negative zero ties with zero");
	ok(si_auc_sorted(2, rows + 1, &auc, pulse) == SI_OK && auc.auc == 0.5 &&
	   isnan(auc.std_error), "one row a class has no standard error");
	si_auc_interval(&auc, 0.95, &low, &high);
	ok(isnan(low) && isnan(high), "hence no interval");

	rows[2].score = 1.0;
	si_auc_sorted(4, rows, &auc, pulse);
	ok(auc.auc == 1.0 && auc.std_error == 0.0, "perfect ranking");
	si_auc_interval(&auc, 0.95, &low, &high);
	ok(low == 1.0 && high == 1.0, "its interval is a point");
	for (int i = 0; i < 4; i++)
		rows[i].score = DBL_MAX;
	si_auc_sorted(4, rows, &auc, pulse);
	ok(auc.auc == 0.5 && auc.std_error == 0.0, "constant scores");

	auc.auc = 0.9;
	auc.std_error = 0.1;
	si_auc_interval(&auc, 0.99, &low, &high);
	ok(high == 1.0, "an interval is cut at 1");
	auc.auc = 0.1;
	si_auc_interval(&auc, 0.99, &low, &high);
	ok(low == 0.0, "and at 0");

	rows[2].weight = rows[3].weight = 0.0;
	ok(si_auc_sorted(4, rows, &auc, pulse) == SI_EMPTY,
	   "a class without weight is missing");
}

int
main(void)
{
	test_golden();
	test_twin(ROWS, 1000000, 1);
	test_twin(ROWS, 12, 1);
	test_twin(ROWS, 2, 1);
	test_twin(ROWS, 1000000, 9);
	test_twin(ROWS, 12, 9);
	test_twin(6, 5, 1);
	test_invariance();
	test_special();
	return done_testing();
}
