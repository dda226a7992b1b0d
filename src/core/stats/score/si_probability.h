/*
 * si_probability.h
 *	  How far probabilities are from outcomes, from a table of scores.
 */
#ifndef SI_PROBABILITY_H
#define SI_PROBABILITY_H

#include "core/stats/score/si_score_loss.h"
#include "core/stats/score/si_score_table.h"

/* Means over the rows; the table's scores must be in [0,1]. */
extern double si_probability_log_loss(const SiScoreTable *table,
									  SiPulse pulse);
extern double si_probability_brier(const SiScoreTable *table, SiPulse pulse);

/*
 * nbins >= 1 bins of equal counts by ascending score; returns how many there
 * are, fewer only if there are fewer rows.
 */
extern int	si_probability_bins(const SiScoreTable *table, int nbins,
								SiScoreBin *bins, SiPulse pulse);

#endif							/* SI_PROBABILITY_H */
