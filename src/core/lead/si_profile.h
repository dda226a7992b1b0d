/*
 * si_profile.h
 *	  How numbers are spread: bins of about equal counts, and rows in them.
 *
 * The structure is in si_lead_model.h; its arrays belong to the caller, who
 * has room for SI_PROFILE_BINS bins.  NaN stands for a missing value, which is
 * in no bin.
 */
#ifndef SI_PROFILE_H
#define SI_PROFILE_H

#include "core/stats/score/si_scored.h"
#include "core/trees/si_bins.h"

/* Work memory of si_profile_find for n rows. */
static inline size_t
si_profile_work_size(int64_t n)
{
	return si_bins_work_size(n);
}

/*
 * Chooses the edges by a sample and sets all rows to zero: the sample is not
 * counted.  Up to SI_PROFILE_BINS distinct values have a bin each, a single
 * one empty bins on both sides; otherwise bins hold about equal shares.
 */
extern void si_profile_find(const SiBinSample *sample, void *work,
							SiProfile *profile, SiPulse pulse);

/* The bin of a number; 0, which may not exist, where nothing was present. */
static inline int
si_profile_bin(const SiProfile *profile, double value)
{
	return si_bins_below(profile->edge, profile->nbins - 1, value);
}

/*
 * Counts value[i * stride] of n rows; returns how many are missing.  Values
 * where the sample had none open a single bin for all of them.
 */
extern int64_t si_profile_add(SiProfile *profile, int64_t n,
							  const double *value, int64_t stride,
							  SiPulse pulse);

/*
 * The profile of n out-of-fold scores, ascending, of nfolds models, in rows
 * per model.  A single model's rows may have any fold.  work holds 2 * nfolds
 * numbers.
 */
extern void si_profile_folds(int64_t n, const SiScored *scored, int nfolds,
							 int64_t *work, SiProfile *profile, SiPulse pulse);

#endif							/* SI_PROFILE_H */
