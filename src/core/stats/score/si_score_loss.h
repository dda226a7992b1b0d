/*
 * si_score_loss.h
 *	  How far probabilities are from outcomes: log loss, Brier score,
 *	  calibration error.
 */
#ifndef SI_SCORE_LOSS_H
#define SI_SCORE_LOSS_H

#include "core/stats/score/si_scored.h"

#define SI_CALIBRATION_BINS		10

typedef struct SiScoreLoss
{
	double		log_loss;
	double		brier_score;
	double		calibration_error;	/* over SI_CALIBRATION_BINS bins */
} SiScoreLoss;

typedef struct SiScoreBin
{
	int64_t		rows;
	double		weight;
	double		mean_score;
	double		observed;		/* share of positives */
} SiScoreBin;

/* One row's terms; score in [0,1]. */
extern double si_log_loss_term(double score, bool positive);
extern double si_brier_term(double score, bool positive);

/*
 * All three of rows sorted ascending by score, scores in [0,1].
 * SI_EMPTY if there is no weight.
 */
extern SiStatus si_score_loss_sorted(int64_t n, const SiScored *rows,
									 SiScoreLoss *out, SiPulse pulse);

/*
 * Bins of equal counts of rows sorted ascending by score; fills at most nbins
 * and returns how many (fewer only if there are fewer rows with weight).
 */
extern int	si_score_bins_sorted(int64_t n, const SiScored *rows, int nbins,
								 SiScoreBin *bins, SiPulse pulse);

/* The weighted mean of |mean_score - observed|; nbins >= 1. */
extern double si_calibration_error(int nbins, const SiScoreBin *bins);

#endif							/* SI_SCORE_LOSS_H */
