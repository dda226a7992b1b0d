/*
 * si_score_loss.c
 *	  How far probabilities are from outcomes.
 *
 * log loss = mean of -log(probability given to what happened); natural log.
 * Brier score = mean of (score - outcome)^2.
 * Calibration error = weighted mean over bins of |mean score - observed rate|
 * (Naeini, Cooper and Hauskrecht's expected calibration error, on bins of
 * equal counts).
 *
 * Bins are made as SQL's ntile() makes them: n rows in b bins, the first
 * n mod b of which have one row more.  Tied rows that straddle a border are
 * split in proportion: each counts with the tie's mean weight and mean
 * outcome.  So the result does not depend on the order within ties, and
 * constant scores have the same error in any number of bins.
 *
 * Special cases: no weight is SI_EMPTY; a score of exactly 0 (1) for a row
 * that is positive (negative) makes the log loss infinite; rows of weight
 * zero are left out.  NaN and scores outside [0,1] are not allowed.
 *
 * Accuracy: sums are compensated.
 *
 * Reference: Brier, Monthly Weather Review 78 (1950), 1-3; Naeini, Cooper and
 * Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
 * binning", AAAI 2015.
 */
#include <math.h>

#include "core/stats/score/si_score_loss.h"
#include "core/stats/si_sum.h"

#define BLOCK_ROWS		16384	/* between pulses */

double
si_log_loss_term(double score, bool positive)
{
	/* a difference, because -log(1) would be -0 */
	return 0.0 - (positive ? log(score) : log1p(-score));
}

double
si_brier_term(double score, bool positive)
{
	double		miss = positive ? 1.0 - score : score;

	return miss * miss;
}

SiStatus
si_score_loss_sorted(int64_t n, const SiScored *rows, SiScoreLoss *out,
					 SiPulse pulse)
{
	SiScoreBin	bins[SI_CALIBRATION_BINS];
	SiSum		weight = {0.0, 0.0};
	SiSum		log_loss = {0.0, 0.0};
	SiSum		brier = {0.0, 0.0};
	int			nbins;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		double		w = rows[i].weight;
		double		score = rows[i].score;
		bool		positive = rows[i].positive;

		if (i % BLOCK_ROWS == 0)
			pulse();
		if (!(w > 0.0))
			continue;
		si_sum_add(&weight, w);
		si_sum_add(&log_loss, w * si_log_loss_term(score, positive));
		si_sum_add(&brier, w * si_brier_term(score, positive));
	}
	if (!(si_sum_value(&weight) > 0.0))
		return SI_EMPTY;

	nbins = si_score_bins_sorted(n, rows, SI_CALIBRATION_BINS, bins, pulse);
	out->log_loss = si_sum_value(&log_loss) / si_sum_value(&weight);
	out->brier_score = si_sum_value(&brier) / si_sum_value(&weight);
	out->calibration_error = si_calibration_error(nbins, bins);
	return SI_OK;
}

typedef struct Tie
{
	int64_t		rows;
	double		score;
	double		weight;
	double		positive;		/* weight of the positives */
} Tie;

/* The tie that starts at row i, without rows of no weight; returns its end. */
static int64_t
collect_tie(int64_t i, int64_t n, const SiScored *rows, Tie *tie,
			SiPulse pulse)
{
	int64_t		first = i;
	SiSum		weight = {0.0, 0.0};
	SiSum		positive = {0.0, 0.0};

	tie->rows = 0;
	tie->score = rows[i].score;
	for (; i < n && (i == first || rows[i].score == tie->score); i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		if (!(rows[i].weight > 0.0))
			continue;
		tie->rows++;
		si_sum_add(&weight, rows[i].weight);
		if (rows[i].positive)
			si_sum_add(&positive, rows[i].weight);
	}
	tie->weight = si_sum_value(&weight);
	tie->positive = si_sum_value(&positive);
	return i;
}

/* A bin while it is filled. */
typedef struct OpenBin
{
	int64_t		rows;
	SiSum		weight;
	SiSum		score;
	SiSum		positive;
} OpenBin;

static void
fill_bin(OpenBin *bin, const Tie *tie, int64_t rows)
{
	double		share = (double) rows / (double) tie->rows;

	bin->rows += rows;
	si_sum_add(&bin->weight, share * tie->weight);
	si_sum_add(&bin->score, share * tie->weight * tie->score);
	si_sum_add(&bin->positive, share * tie->positive);
}

static void
close_bin(const OpenBin *bin, SiScoreBin *out)
{
	out->rows = bin->rows;
	out->weight = si_sum_value(&bin->weight);
	out->mean_score = si_sum_value(&bin->score) / out->weight;
	out->observed = si_sum_value(&bin->positive) / out->weight;
}

static int64_t
weighted_rows(int64_t n, const SiScored *rows, SiPulse pulse)
{
	int64_t		count = 0;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		if (rows[i].weight > 0.0)
			count++;
	}
	return count;
}

int
si_score_bins_sorted(int64_t n, const SiScored *rows, int nbins,
					 SiScoreBin *bins, SiPulse pulse)
{
	const OpenBin empty = {0};
	OpenBin		open = empty;
	int64_t		total = weighted_rows(n, rows, pulse);
	int			filled = 0;
	int64_t		i = 0;

	while (i < n)
	{
		Tie			tie;
		int64_t		left;

		i = collect_tie(i, n, rows, &tie, pulse);
		for (left = tie.rows; left > 0;)
		{
			int64_t		size = total / nbins + (filled < total % nbins ? 1 : 0);
			int64_t		room = size - open.rows;
			int64_t		take = left < room ? left : room;

			fill_bin(&open, &tie, take);
			left -= take;
			if (open.rows == size)
			{
				close_bin(&open, &bins[filled++]);
				open = empty;
			}
		}
	}
	return filled;
}

double
si_calibration_error(int nbins, const SiScoreBin *bins)
{
	SiSum		weight = {0.0, 0.0};
	SiSum		error = {0.0, 0.0};
	int			b;

	for (b = 0; b < nbins; b++)
	{
		si_sum_add(&weight, bins[b].weight);
		si_sum_add(&error, bins[b].weight *
				   fabs(bins[b].mean_score - bins[b].observed));
	}
	return si_sum_value(&error) / si_sum_value(&weight);
}
