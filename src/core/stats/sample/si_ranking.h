/*
 * si_ranking.h
 *	  How well scores rank positives above negatives.
 */
#ifndef SI_RANKING_H
#define SI_RANKING_H

#include "core/stats/score/si_auc.h"
#include "core/stats/score/si_score_table.h"

/* A row counts as predicted positive if its score reaches the threshold. */
typedef struct SiConfusion
{
	int64_t		true_positives;
	int64_t		false_positives;
	int64_t		true_negatives;
	int64_t		false_negatives;
} SiConfusion;

typedef struct SiRocPoint
{
	double		threshold;		/* Inf: no row reaches it */
	double		false_positive_rate;
	double		true_positive_rate;
} SiRocPoint;

/* The AUC and DeLong's standard error; SI_EMPTY if either class is missing. */
extern SiStatus si_ranking_auc(const SiScoreTable *table, SiAuc *out,
							   SiPulse pulse);

/* SI_EMPTY if there are no positives. */
extern SiStatus si_ranking_average_precision(const SiScoreTable *table,
											 double *out, SiPulse pulse);

/* SI_EMPTY if either class is missing. */
extern SiStatus si_ranking_ks(const SiScoreTable *table, double *out,
							  SiPulse pulse);

/* fraction in (0,1]; SI_EMPTY if there are no positives. */
extern SiStatus si_ranking_lift(const SiScoreTable *table, double fraction,
								double *out, SiPulse pulse);

/* The threshold may be infinite, not NaN. */
extern SiConfusion si_ranking_confusion(const SiScoreTable *table,
										double threshold, SiPulse pulse);

/*
 * At most limit >= 2 points of the ROC curve, from (1,1) to (0,0), by ascending
 * threshold; returns how many, 0 if either class is missing.  All of them if
 * they fit: si_ranking_roc_size says how many there are.
 */
extern int64_t si_ranking_roc_size(const SiScoreTable *table);
extern int64_t si_ranking_roc(const SiScoreTable *table, int64_t limit,
							  SiRocPoint *points, SiPulse pulse);

#endif							/* SI_RANKING_H */
