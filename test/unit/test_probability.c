/*
 * test_probability.c
 *
 * Losses and bins of a table against those of its rows (si_score_loss.c) and
 * scikit-learn 1.2.1; Wilson's interval against R 4.2.2.
 */
#include "tap.h"

#include "core/stats/score/si_probability.h"
#include "core/stats/table/si_wilson.h"
#include "tables.h"

#define ROWS	257

static void
test_bins(int levels, int nbins)
{
	SiScored	rows[ROWS];
	SiScoreBin	want[ROWS];
	SiScoreBin	got[ROWS];
	Encoded		encoded;
	int			count;
	int			same = 0;

	random_rows(ROWS, levels, 1, rows);
	encoded = encode_rows(ROWS, rows);
	count = si_probability_bins(&encoded.table, nbins, got, pulse);
	ok(count == si_score_bins_sorted(ROWS, rows, nbins, want, pulse),
	   "%d levels in %d bins: as many as of the rows", levels, nbins);
	for (int i = 0; i < count; i++)
		same += got[i].rows == want[i].rows &&
			fabs(got[i].mean_score - want[i].mean_score) < 1e-15 &&
			fabs(got[i].observed - want[i].observed) < 1e-15;
	ok(same == count, "and the same (%d)", same);
	free(encoded.bytes);
}

static void
test_losses(void)
{
	SiScored	rows[FORMULA_ROWS];
	SiScoreLoss loss;
	Encoded		encoded;

	for (int levels = 3; levels < 1000; levels *= 5)
	{
		random_rows(ROWS, levels, 1, rows);
		encoded = encode_rows(ROWS, rows);
		si_score_loss_sorted(ROWS, rows, &loss, pulse);
		ok(si_probability_log_loss(&encoded.table, pulse) == loss.log_loss &&
		   si_probability_brier(&encoded.table, pulse) == loss.brier_score,
		   "%d levels: losses as of the rows, to the last bit", levels);
		free(encoded.bytes);
	}
	formula_rows(false, true, rows);
	encoded = encode_rows(FORMULA_ROWS, rows);
	is_close(si_probability_log_loss(&encoded.table, pulse),
			 0.70289398032079198, 1e-15, "as log_loss()");
	is_close(si_probability_brier(&encoded.table, pulse),
			 0.24298486328124999, 1e-15, "as brier_score_loss()");
	free(encoded.bytes);
}

static void
test_special(void)
{
	SiScored	rows[4] = {
		{0.0, 1.0, false, 0}, {0.0, 1.0, false, 0},
		{1.0, 1.0, true, 0}, {1.0, 1.0, true, 0}
	};
	SiScoreBin	bins[4];
	Encoded		encoded = encode_rows(4, rows);

	ok(si_score_table_probabilities(&encoded.table), "0 and 1 are probabilities");
	ok(si_probability_log_loss(&encoded.table, pulse) == 0.0 &&
	   si_probability_brier(&encoded.table, pulse) == 0.0,
	   "being certain and right costs nothing");
	free(encoded.bytes);
	rows[3].positive = false;
	encoded = encode_rows(4, rows);
	ok(si_probability_log_loss(&encoded.table, pulse) == INFINITY,
	   "being certain and wrong costs all");
	ok(si_probability_bins(&encoded.table, 4, bins, pulse) == 4 &&
	   bins[2].observed == 0.5 && bins[3].observed == 0.5,
	   "bins within a tie share its outcomes");
	free(encoded.bytes);
	rows[0].score = -0.1;
	encoded = encode_rows(4, rows);
	ok(!si_score_table_probabilities(&encoded.table), "-0.1 is none");
	free(encoded.bytes);
	rows[0].score = 1.1;
	encoded = encode_rows(4, rows);
	ok(!si_score_table_probabilities(&encoded.table), "nor is 1.1");
	free(encoded.bytes);
}

static void
check_wilson(double share, double n, double level, double want_low,
			 double want_high)
{
	double		low;
	double		high;

	si_wilson_interval(share, n, level, &low, &high);
	is_close(low, want_low, 1e-15, "%g of %g at %g as prop.test(correct = "
			 "FALSE), low", share * n, n, level);
	is_close(high, want_high, 1e-15, "high");
}

static void
test_wilson(void)
{
	double		low;
	double		high;

	check_wilson(0.3, 10, 0.95, 0.10779126740630104, 0.60322185253885452);
	check_wilson(0.0, 20, 0.95, 0.0, 0.1611251580528193);
	check_wilson(1.0, 20, 0.95, 1.0 - 0.1611251580528193, 1.0);
	check_wilson(0.037, 1000, 0.90, 0.028364863423138147,
				 0.048133709816880074);
	si_wilson_interval(0.0, 1.0, 0.5, &low, &high);
	ok(low == 0.0, "none gives exactly 0");
	si_wilson_interval(1.0, 1.0, 0.5, &low, &high);
	ok(high == 1.0, "all give exactly 1");
}

int
main(void)
{
	test_bins(1000000, 10);
	test_bins(1000000, 1);
	test_bins(1000000, 256);
	test_bins(1000000, 257);
	test_bins(1000000, 1000);
	test_bins(7, 10);
	test_bins(2, 100);
	test_losses();
	test_special();
	test_wilson();
	return done_testing();
}
