/*
 * si_auc.h
 *	  Area under the ROC curve with its standard error.
 */
#ifndef SI_AUC_H
#define SI_AUC_H

#include "core/stats/score/si_scored.h"
#include "core/stats/si_sum.h"

typedef struct SiAuc
{
	double		auc;
	double		std_error;		/* NaN if a class has a single row */
} SiAuc;

/*
 * AUC and DeLong's standard error of rows sorted ascending by score.
 * SI_EMPTY if either class is missing.
 */
extern SiStatus si_auc_sorted(int64_t n, const SiScored *rows, SiAuc *out,
							  SiPulse pulse);

/* Normal interval cut to [0,1]; level in (0,1). */
extern void si_auc_interval(const SiAuc *auc, double level,
							double *low, double *high);

/*
 * The AUC alone, from rows that are fed in ascending order of key, any value
 * that is equal for equal scores.  Start from a zeroed tally.
 */
typedef struct SiAucTally
{
	uint64_t	key;			/* of the tie being collected */
	SiSum		tie_positive;	/* weight at that key */
	SiSum		tie_negative;
	SiSum		positive;		/* weight below that key */
	SiSum		negative;
	SiSum		wins;			/* pairs won below it; a tie wins half */
} SiAucTally;

extern void si_auc_tally(SiAucTally *tally, uint64_t key, double weight,
						 bool positive);
extern SiStatus si_auc_tally_finish(SiAucTally *tally, double *auc);

#endif							/* SI_AUC_H */
