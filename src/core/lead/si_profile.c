/*
 * si_profile.c
 *	  How numbers are spread: bins of about equal counts, and rows in them.
 *
 * Ten bins of equal counts are what the population stability index is usually
 * taken over (Siddiqi 2006, "Credit Risk Scorecards"), and what keeps every
 * expected count away from zero, which its distribution relies on.
 *
 * Scores out of fold come from several models, and those of today from yet
 * another.  Trees give the same score to many rows at once, and the models give
 * it to them slightly off each other, so that an edge amid such rows would
 * show a shift where there is none.  Edges are therefore laid where the models
 * agree on the share of rows below, by the chi-square test of homogeneity, near
 * each tenth where they agree best; a tenth without such a place has no edge.
 * Rows are counted per model, because what the models differ by does not fade
 * with the number of rows in them: each is a cluster of its own.
 *
 * Accuracy: counts are exact.  Bins cut by a sample hold about equal shares of
 * all rows, no more; nothing that is reported assumes that they are equal.
 */
#include "core/lead/si_profile.h"

#include <float.h>
#include <math.h>

#include "core/si_tolerance.h"
#include "core/stats/distribution/si_gamma.h"

#define PULSE_ROWS	16384

/* The folds of a sweep over ascending scores. */
typedef struct Folds
{
	int			count;
	int64_t		n;
	int64_t    *rows;
	int64_t    *below;			/* up to where the sweep is */
} Folds;

/* The best edge near a tenth so far. */
typedef struct Place
{
	double		chi_square;		/* of homogeneity */
	double		edge;
} Place;

/* A single value gets empty bins below and above: it may not stay alone. */
static void
surround(const SiBinSample *sample, SiProfile *profile)
{
	double		value = NAN;

	for (int64_t i = 0; i < sample->n && isnan(value); i++)
		value = sample->value[i * sample->stride];
	profile->edge[0] = nextafter(value, -INFINITY);
	profile->edge[1] = value;
	profile->nbins = 3;
}

void
si_profile_find(const SiBinSample *sample, void *work, SiProfile *profile,
				SiPulse pulse)
{
	profile->nbins = si_bins_find(sample, SI_PROFILE_BINS, work,
								  profile->edge, pulse) - 1;
	if (profile->nbins == 1)
		surround(sample, profile);
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

/* ---------- scores out of fold ---------- */

static void
count_folds(Folds *folds, const SiScored *scored, SiPulse pulse)
{
	for (int k = 0; k < folds->count; k++)
		folds->rows[k] = folds->below[k] = 0;
	for (int64_t i = 0; i < folds->n; i++)
	{
		if (i % PULSE_ROWS == 0)
			pulse();
		if (folds->count > 1)
			folds->rows[scored[i].fold]++;
	}
}

/* Whether the folds have the same share below, as a chi-square statistic. */
static double
heterogeneity(const Folds *folds, double share)
{
	double		sum = 0;

	for (int k = 0; k < folds->count; k++)
	{
		double		rows = (double) folds->rows[k];
		double		excess = (double) folds->below[k] - rows * share;

		sum += rows > 0 ? excess * excess / rows : 0;
	}
	return sum / (share * (1 - share));
}

/*
 * The best place near each tenth.  A single model agrees with itself anywhere:
 * what is nearest to the tenth then counts.
 */
static void
find_places(const Folds *folds, const SiScored *scored, Place *places,
			SiPulse pulse)
{
	for (int j = 0; j < SI_PROFILE_BINS; j++)
		places[j].chi_square = INFINITY;
	for (int64_t i = 0; i + 1 < folds->n; i++)
	{
		double		share = (double) (i + 1) / (double) folds->n;
		int			near = (int) rint(share * SI_PROFILE_BINS);
		double		statistic;

		if (i % PULSE_ROWS == 0)
			pulse();
		if (folds->count > 1)
			folds->below[scored[i].fold]++;
		if (near == 0 || near == SI_PROFILE_BINS ||
			!(scored[i].score < scored[i + 1].score))
			continue;
		statistic = folds->count > 1 ? heterogeneity(folds, share) :
			fabs(share * SI_PROFILE_BINS - near);
		if (statistic < places[near].chi_square)
		{
			places[near].chi_square = statistic;
			places[near].edge = si_bins_edge(scored[i].score,
											 scored[i + 1].score);
		}
	}
}

/*
 * The largest statistic of models that agree; or the least there is, if they
 * agree nowhere, so that there is one edge at least.
 */
static double
agreement(const Folds *folds, const Place *places)
{
	double		least = DBL_MAX;

	for (int j = 1; j < SI_PROFILE_BINS; j++)
		least = fmin(least, places[j].chi_square);
	if (folds->count < 2)
		return DBL_MAX;
	return fmax(least, si_chi_square_quantile(folds->count - 1,
											  1 - SI_FOLDS_AGREE));
}

void
si_profile_folds(int64_t n, const SiScored *scored, int nfolds, int64_t *work,
				 SiProfile *profile, SiPulse pulse)
{
	Folds		folds = {nfolds, n, work, work + nfolds};
	Place		places[SI_PROFILE_BINS];
	double		limit;
	int64_t		counted = 0;
	int64_t		i = 0;
	int			b = 0;

	count_folds(&folds, scored, pulse);
	find_places(&folds, scored, places, pulse);
	limit = agreement(&folds, places);
	for (int j = 1; j < SI_PROFILE_BINS; j++)
		if (places[j].chi_square <= limit)
			profile->edge[b++] = places[j].edge;
	profile->nbins = n > 0 ? b + 1 : 0;
	for (b = 0; b < profile->nbins; b++)
	{
		while (i < n && (b == profile->nbins - 1 ||
						 scored[i].score <= profile->edge[b]))
			if (i++ % PULSE_ROWS == 0)
				pulse();
		profile->rows[b] = i / nfolds - counted;
		counted = i / nfolds;
	}
}
