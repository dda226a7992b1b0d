/*
 * si_probability.c
 *	  How far probabilities are from outcomes, from a table of scores.
 *
 * The measures and their bins are those of si_score_loss.c, where they are
 * defined, for rows of weight one: n rows in b bins, the first n mod b of which
 * have one row more; a tie that straddles a border is split in proportion.
 *
 * Special cases: a score of exactly 0 (1) with a positive (negative) row makes
 * the log loss infinite.
 *
 * Accuracy: sums are compensated, products with counts included, so that a
 * table gives the same double as its rows one by one.
 */
#include "core/stats/score/si_probability.h"
#include "core/stats/si_sum.h"

static double
mean_term(const SiScoreTable *table, double (*term) (double, bool),
		  SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	SiSum		sum = {0.0, 0.0};
	SiScoreRun	run;

	while (si_score_next(&cursor, &run))
	{
		if (run.positives > 0)
			si_sum_add_product(&sum, (double) run.positives,
							   term(run.score, true));
		if (run.negatives > 0)
			si_sum_add_product(&sum, (double) run.negatives,
							   term(run.score, false));
	}
	return si_sum_value(&sum) / (double) si_score_table_rows(table);
}

double
si_probability_log_loss(const SiScoreTable *table, SiPulse pulse)
{
	return mean_term(table, si_log_loss_term, pulse);
}

double
si_probability_brier(const SiScoreTable *table, SiPulse pulse)
{
	return mean_term(table, si_brier_term, pulse);
}

/* A bin while it is filled. */
typedef struct OpenBin
{
	int64_t		rows;
	SiSum		score;
	SiSum		positives;
} OpenBin;

static void
fill_bin(OpenBin *bin, const SiScoreRun *run, int64_t rows)
{
	int64_t		all = run->positives + run->negatives;

	bin->rows += rows;
	si_sum_add_product(&bin->score, (double) rows, run->score);
	if (rows == all)
		si_sum_add(&bin->positives, (double) run->positives);
	else
		si_sum_add(&bin->positives,
				   (double) rows / (double) all * (double) run->positives);
}

static void
close_bin(const OpenBin *bin, SiScoreBin *out)
{
	out->rows = bin->rows;
	out->weight = (double) bin->rows;
	out->mean_score = si_sum_value(&bin->score) / out->weight;
	out->observed = fmin(si_sum_value(&bin->positives) / out->weight, 1.0);
}

int
si_probability_bins(const SiScoreTable *table, int nbins, SiScoreBin *bins,
					SiPulse pulse)
{
	SiScoreCursor cursor = si_score_cursor(table, pulse);
	const OpenBin empty = {0, {0.0, 0.0}, {0.0, 0.0}};
	OpenBin		open = empty;
	int64_t		total = si_score_table_rows(table);
	int			filled = 0;
	SiScoreRun	run;

	while (si_score_next(&cursor, &run))
	{
		int64_t		left = run.positives + run.negatives;

		while (left > 0)
		{
			int64_t		size = total / nbins + (filled < total % nbins ? 1 : 0);
			int64_t		room = size - open.rows;
			int64_t		take = left < room ? left : room;

			fill_bin(&open, &run, take);
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
