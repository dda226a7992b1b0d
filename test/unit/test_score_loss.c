/*
 * test_score_loss.c
 *
 * Log loss, Brier score and calibration error against scikit-learn 1.2.1 and
 * against bins made one row at a time.
 */
#include "tap.h"

#include "core/stats/score/si_score_loss.h"
#include "scored.h"

#define ROWS	137

static void
car_scores(bool weighted, SiScored *rows)
{
	car_rows(car_mpg, weighted, rows);
	for (int i = 0; i < CARS; i++)
		rows[i].score /= 40.0;
}

static void
test_golden(void)
{
	SiScored	rows[CARS];
	SiScoreLoss loss;

	car_scores(false, rows);
	ok(si_score_loss_sorted(CARS, rows, &loss, pulse) == SI_OK, "cars by mpg");
	is_close(loss.log_loss, 0.5540950377590343, 1e-15, "as log_loss()");
	is_close(loss.brier_score, 0.1850451171875, 1e-15,
			 "as brier_score_loss()");
	car_scores(true, rows);
	si_score_loss_sorted(CARS, rows, &loss, pulse);
	is_close(loss.log_loss, 0.5592271886200384, 1e-15,
			 "as log_loss(sample_weight)");
	is_close(loss.brier_score, 0.18685318291533917, 1e-15,
			 "as brier_score_loss(sample_weight)");
}

/* Without ties and weights: ntile() by counting, plain means. */
static double
error_by_ntile(int n, const SiScored *rows, int nbins)
{
	double		error = 0.0;
	int			i = 0;

	for (int b = 0; b < nbins; b++)
	{
		int			size = n / nbins + (b < n % nbins);
		double		gap = 0.0;

		for (int k = 0; k < size; k++, i++)
			gap += rows[i].score - (rows[i].positive ? 1.0 : 0.0);
		error += fabs(gap);
	}
	return error / n;
}

static void
test_bins(void)
{
	SiScored	rows[ROWS];
	SiScoreBin	bins[ROWS];
	const int	numbers[] = {1, 2, 3, 10, 100, ROWS};

	random_rows(ROWS, 1 << 30, 1, rows);
	for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
	{
		int			nbins = numbers[k];
		int			filled;

		filled = si_score_bins_sorted(ROWS, rows, nbins, bins, pulse);
		ok(filled == nbins && bins[0].rows == (ROWS + nbins - 1) / nbins &&
		   bins[nbins - 1].rows == ROWS / nbins, "sizes of %d bins", nbins);
		is_close(si_calibration_error(filled, bins),
				 error_by_ntile(ROWS, rows, nbins), 1e-14,
				 "calibration error over %d bins", nbins);
	}
	ok(si_score_bins_sorted(3, rows, 10, bins, pulse) == 3,
	   "no more bins than rows");
	ok(si_score_bins_sorted(0, rows, 10, bins, pulse) == 0, "no rows, no bins");
}

/* A tie over a border gives each bin its share. */
static void
test_ties(void)
{
	SiScored	rows[6] = {
		{0.1, 1, false, 0}, {0.5, 1, true, 0}, {0.5, 1, false, 0},
		{0.5, 1, true, 0}, {0.5, 1, true, 0}, {0.9, 1, true, 0}
	};
	SiScored	many[ROWS];
	SiScoreBin	bins[2];
	SiScoreLoss first;
	SiScoreLoss loss;
	int			same = 0;

	si_score_bins_sorted(6, rows, 2, bins, pulse);
	is_close(bins[0].observed, 1.5 / 3.0, 1e-15, "half of the tie on the left");
	is_close(bins[1].observed, 2.5 / 3.0, 1e-15, "half of it on the right");
	is_close(bins[0].mean_score, 1.1 / 3.0, 1e-15, "mean score on the left");
	is_close(bins[1].mean_score, 1.9 / 3.0, 1e-15, "mean score on the right");

	random_rows(ROWS, 6, 1, many);
	si_score_loss_sorted(ROWS, many, &first, pulse);
	for (int round = 0; round < 50; round++)
	{
		shuffle_rows(ROWS, many);
		sort_rows(ROWS, many);
		si_score_loss_sorted(ROWS, many, &loss, pulse);
		same += loss.log_loss == first.log_loss &&
			loss.brier_score == first.brier_score &&
			loss.calibration_error == first.calibration_error;
	}
	ok(same == 50, "the order within ties does not matter (%d)", same);

	for (int i = 0; i < ROWS; i++)
		many[i].score = 0.25;
	si_score_loss_sorted(ROWS, many, &loss, pulse);
	is_close(loss.calibration_error, error_by_ntile(ROWS, many, 1), 1e-14,
			 "constant scores: the error of one bin");
}

static void
test_weights(void)
{
	SiScored	rows[ROWS];
	SiScored	copies[ROWS * 5];
	SiScoreLoss first;
	SiScoreLoss loss;
	int			count;

	random_rows(ROWS, 30, 5, rows);
	si_score_loss_sorted(ROWS, rows, &first, pulse);
	count = replicate(ROWS, rows, copies);
	si_score_loss_sorted(count, copies, &loss, pulse);
	is_close(loss.log_loss, first.log_loss, 1e-15,
			 "log loss of weights is that of repeated rows");
	is_close(loss.brier_score, first.brier_score, 1e-15,
			 "Brier score of weights is that of repeated rows");
	scale_weights(ROWS, 1e-3, rows);
	si_score_loss_sorted(ROWS, rows, &loss, pulse);
	is_close(loss.log_loss, first.log_loss, 1e-14, "scaled weights, log loss");
	is_close(loss.calibration_error, first.calibration_error, 1e-14,
			 "scaled weights, calibration error");
	scale_weights(ROWS, 0.0, rows);
	ok(si_score_loss_sorted(ROWS, rows, &loss, pulse) == SI_EMPTY, "no weight");
}

static void
test_special(void)
{
	SiScored	sure[2] = {{0.0, 1.0, false, 0}, {1.0, 1.0, true, 0}};
	SiScored	wrong[2] = {{0.0, 1.0, true, 0}, {0.5, 1.0, true, 0}};
	SiScored	tiny[1] = {{0x1p-1074, 1.0, true, 0}};
	SiScoreLoss loss;

	ok(si_score_loss_sorted(0, NULL, &loss, pulse) == SI_EMPTY, "no rows");
	ok(si_score_loss_sorted(2, sure, &loss, pulse) == SI_OK &&
	   loss.log_loss == 0.0 && !signbit(loss.log_loss) &&
	   loss.brier_score == 0.0 && loss.calibration_error == 0.0,
	   "sure and right is zero, not negative zero");
	si_score_loss_sorted(2, wrong, &loss, pulse);
	ok(loss.log_loss == INFINITY, "sure and wrong is infinite log loss");
	is_close(loss.brier_score, 0.625, 1e-15, "and a finite Brier score");
	si_score_loss_sorted(1, tiny, &loss, pulse);
	is_close(loss.log_loss, 1074 * log(2.0), 1e-15, "the smallest score");
	is_close(si_log_loss_term(1e-20, false), 1e-20, 0.0,
			 "a small score of a negative row is not rounded away");
}

int
main(void)
{
	test_golden();
	test_bins();
	test_ties();
	test_weights();
	test_special();
	return done_testing();
}
