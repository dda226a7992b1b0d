/*
 * si_profile.c
 *	  How numbers are spread: bins of about equal counts, and rows in them.
 *
 * Ten bins of equal counts are what the population stability index is usually
 * taken over (Siddiqi 2006, "Credit Risk Scorecards"), and what keeps every
 * expected count away from zero, which its distribution relies on.
 *
 * Accuracy: counts are exact.  Bins cut by a sample hold about equal shares of
 * all rows, no more; nothing that is reported assumes that they are equal.
 */
#include "core/lead/si_profile.h"

#include <math.h>

#define PULSE_ROWS	16384

void
si_profile_find(const SiBinSample *sample, void *work, SiProfile *profile,
				SiPulse pulse)
{
	profile->nbins = si_bins_find(sample, SI_PROFILE_BINS, work,
								  profile->edge, pulse) - 1;
	for (int b = 0; b < SI_PROFILE_BINS; b++)
		profile->rows[b] = 0;
}

int64_t
si_profile_add(SiProfile *profile, int64_t n, const double *value,
			   int64_t stride, SiPulse pulse)
{
	int64_t		missing = 0;

	for (int64_t i = 0; i < n; i++)
	{
		double		x = value[i * stride];

		if (i % PULSE_ROWS == 0)
			pulse();
		missing += isnan(x);
		profile->rows[si_profile_bin(profile, x)] += !isnan(x);
	}
	if (profile->nbins == 0 && missing < n)
		profile->nbins = 1;
	return missing;
}
