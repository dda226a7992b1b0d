/*
 * test_ranking.c
 *
 * Measures of ranking against their definitions over all rows, against
 * scikit-learn 1.2.1, SciPy 1.10.1 and R's pROC 1.18.0.
 */
#include "tap.h"

#include "core/stats/sample/si_ranking.h"
#include "tables.h"

#define ROWS	200

/* ---------- by definition; rows sorted ascending by score ---------- */

static double
precision_by_definition(int n, const SiScored *rows)
{
	double		all = reaching(n, rows, -INFINITY, true);
	double		sum = 0.0;

	for (int i = 0; i < n; i++)
	{
		double		tp = reaching(n, rows, rows[i].score, true);

		if (rows[i].positive)
			sum += tp / (tp + reaching(n, rows, rows[i].score, false)) / all;
	}
	return sum;
}

static double
ks_by_definition(int n, const SiScored *rows)
{
	double		positives = reaching(n, rows, -INFINITY, true);
	double		negatives = reaching(n, rows, -INFINITY, false);
	double		most = 0.0;

	for (int i = 0; i < n; i++)
		most = fmax(most, fabs(
			reaching(n, rows, rows[i].score, true) / positives -
			reaching(n, rows, rows[i].score, false) / negatives));
	return most;
}

/* The mean over random orders of tied rows, of which top are taken. */
static double
lift_by_definition(int n, const SiScored *rows, int top)
{
	double		cut = rows[n - top].score;
	double		above = 0.0;
	double		above_positive = 0.0;
	double		tied = 0.0;
	double		tied_positive = 0.0;
	double		base = reaching(n, rows, -INFINITY, true) / n;

	for (int i = 0; i < n; i++)
	{
		above += rows[i].score > cut;
		above_positive += rows[i].score > cut && rows[i].positive;
		tied += rows[i].score == cut;
		tied_positive += rows[i].score == cut && rows[i].positive;
	}
	return (above_positive + (top - above) * tied_positive / tied) / top / base;
}

static void
test_twin(int levels)
{
	SiScored	rows[ROWS];
	Encoded		encoded;
	SiAuc		got;
	SiAuc		want;
	double		number = 0.0;

	random_rows(ROWS, levels, 1, rows);
	encoded = encode_rows(ROWS, rows);
	si_auc_sorted(ROWS, rows, &want, pulse);
	si_ranking_auc(&encoded.table, &got, pulse);
	ok(got.auc == want.auc, "%d levels: AUC as of the rows", levels);
	is_close(got.std_error, want.std_error, 1e-14, "its standard error");
	si_ranking_average_precision(&encoded.table, &number, pulse);
	is_close(number, precision_by_definition(ROWS, rows), 1e-14,
			 "average precision");
	si_ranking_ks(&encoded.table, &number, pulse);
	is_close(number, ks_by_definition(ROWS, rows), 1e-15, "KS");
	for (int top = 1; top <= ROWS; top += 33)
	{
		si_ranking_lift(&encoded.table, (double) top / ROWS, &number, pulse);
		is_close(number, lift_by_definition(ROWS, rows, top), 1e-13,
				 "lift of the top %d", top);
	}
	free(encoded.bytes);
}

static void
check_golden(int n, const SiScored *rows, const char *name, double auc,
			 double std_error, double precision, double ks)
{
	Encoded		encoded = encode_rows(n, rows);
	SiAuc		got = {0.0, 0.0};
	double		number = 0.0;

	si_ranking_auc(&encoded.table, &got, pulse);
	is_close(got.auc, auc, 1e-15, "%s: AUC as roc_auc_score()", name);
	is_close(got.std_error, std_error, 1e-15, "standard error as pROC");
	si_ranking_average_precision(&encoded.table, &number, pulse);
	is_close(number, precision, 1e-15, "as average_precision_score()");
	si_ranking_ks(&encoded.table, &number, pulse);
	is_close(number, ks, 1e-15, "KS as ks_2samp()");
	free(encoded.bytes);
}

static void
test_golden(void)
{
	SiScored	rows[FORMULA_ROWS];

	car_rows(car_mpg, false, rows);
	check_golden(CARS, rows, "cars by mpg", 0.82995951417004055,
				 0.077358370149703662, 0.81612075525118999,
				 0.63562753036437247);
	car_rows(car_cylinders, false, rows);
	check_golden(CARS, rows, "cars by cylinders", 0.21457489878542513,
				 0.080735147158682991, 0.32692307692307693,
				 0.47773279352226722);
	formula_rows(false, false, rows);
	check_golden(FORMULA_ROWS, rows, "formula A", 0.68491221174004191,
				 0.023819033743637502, 0.62134220264191442,
				 0.27260220125786161);
	formula_rows(true, false, rows);
	check_golden(FORMULA_ROWS, rows, "formula B", 0.8152761399371069,
				 0.018304044876148569, 0.79534741869050429,
				 0.40775681341719078);
}

static void
test_special(void)
{
	SiScored	rows[4] = {
		{-INFINITY, 1.0, false, 0}, {-0.0, 1.0, false, 0},
		{0.0, 1.0, true, 0}, {INFINITY, 1.0, true, 0}
	};
	Encoded		encoded = encode_rows(4, rows);
	SiRocPoint	points[5];
	SiAuc		auc = {0.0, 0.0};
	double		number = 0.0;

	ok(si_ranking_auc(&encoded.table, &auc, pulse) == SI_OK &&
	   auc.auc == 0.875, "infinite scores rank, negative zero ties with zero");
	ok(si_ranking_roc(&encoded.table, 5, points, pulse) == 4,
	   "an infinite score and the point above it");
	free(encoded.bytes);

	encoded = encode_rows(2, rows + 1);
	ok(si_ranking_auc(&encoded.table, &auc, pulse) == SI_OK &&
	   auc.auc == 0.5 && isnan(auc.std_error), "a class of one has no error");
	free(encoded.bytes);

	encoded = encode_rows(2, rows);
	ok(si_ranking_auc(&encoded.table, &auc, pulse) == SI_EMPTY &&
	   si_ranking_ks(&encoded.table, &number, pulse) == SI_EMPTY &&
	   si_ranking_average_precision(&encoded.table, &number,
									pulse) == SI_EMPTY &&
	   si_ranking_lift(&encoded.table, 0.5, &number, pulse) == SI_EMPTY &&
	   si_ranking_roc(&encoded.table, 5, points, pulse) == 0,
	   "negatives only: nothing to rank");
	free(encoded.bytes);

	encoded = encode_rows(2, rows + 2);
	ok(si_ranking_auc(&encoded.table, &auc, pulse) == SI_EMPTY &&
	   si_ranking_ks(&encoded.table, &number, pulse) == SI_EMPTY &&
	   si_ranking_roc(&encoded.table, 5, points, pulse) == 0,
	   "positives only: nothing to rank against");
	ok(si_ranking_average_precision(&encoded.table, &number, pulse) == SI_OK &&
	   number == 1.0, "precision is 1");
	ok(si_ranking_lift(&encoded.table, 0.25, &number, pulse) == SI_OK &&
	   number == 1.0, "lift is 1");
	free(encoded.bytes);
}

/* A hundred thousand million rows on three scores. */
static void
test_large(void)
{
	const uint32_t million = 1000000;
	SiKeyed		small[3];
	SiKeyed		large[3];
	uint32_t	counts[3][2] = {{1, 9}, {4, 6}, {8, 2}};
	Encoded		encoded[2];
	SiAuc		auc[2];

	for (int i = 0; i < 3; i++)
	{
		small[i].key = large[i].key = si_sort_key(i);
		small[i].item = si_score_counts(counts[i][0], counts[i][1]);
		large[i].item = si_score_counts(counts[i][0] * million * 100,
										counts[i][1] * million * 100);
	}
	encoded[0] = encode_items(3, small);
	encoded[1] = encode_items(3, large);
	for (int i = 0; i < 2; i++)
		si_ranking_auc(&encoded[i].table, &auc[i], pulse);
	is_close(auc[1].auc, auc[0].auc, 1e-15, "AUC does not depend on size");
	is_close(auc[1].std_error * 1e4 / auc[0].std_error, sqrt(12.0 / 13.0), 3e-2,
			 "its error falls with the root of the size, but for n - 1");
	free(encoded[0].bytes);
	free(encoded[1].bytes);
}

int
main(void)
{
	test_twin(1000000);
	test_twin(12);
	test_twin(2);
	test_golden();
	test_special();
	test_large();
	return done_testing();
}
