/*
 * si_log_rank.c
 *	  Whether durations until an event differ between groups.
 *
 * Method: at each duration with d events among n rows at risk, group j, with
 * n_j of them, would have d n_j / n by chance.  The differences of events seen
 * and expected, O - E, have the covariances
 *
 *	sum d (n - d) / (n - 1) (n_j [j = k] / n - n_j n_k / n^2)
 *
 * and (O - E)' V^-1 (O - E), one group left out, is chi-square.
 *
 * Special cases: a group that was never at risk when something happened is
 * left out; with fewer than two others there is no test (NaN).
 *
 * Accuracy: plain sums over the durations in ascending order, a Cholesky
 * factorisation; relative error about 1e-12.
 *
 * Reference: Mantel, Cancer Chemotherapy Reports 50 (1966), 163-170; Peto and
 * Peto, J. Roy. Stat. Soc. A 135 (1972), 185-207.
 */
#include "core/stats/survival/si_log_rank.h"

#include <math.h>

#include "core/linalg/si_blas.h"
#include "core/stats/distribution/si_gamma.h"

typedef struct Tally
{
	int			groups;
	double		all_at_risk;
	double	   *at_risk;
	double	   *leaving;		/* at the present duration */
	double	   *observed;
	double	   *expected;
	double	   *share;			/* of those at risk */
	double	   *apart;			/* observed - expected of kept groups */
	double	   *covariance;		/* lower triangle, by rows */
} Tally;

static Tally
start_tally(const SiSample *sample, double *work, SiPulse pulse)
{
	int			k = (int) sample->names;
	SiSampleCursor cursor = si_sample_cursor(sample, pulse);
	Tally		t = {k, (double) sample->rows, work, work + k, work + 2 * k,
	work + 3 * k, work + 4 * k, work + 5 * k, work + 6 * k};
	SiSampleRun run;

	memset(work, 0, SI_LOG_RANK_WORK(k) * sizeof(double));
	while (si_sample_next(&cursor, &run))
		t.at_risk[run.item >> 1] += (double) run.count;
	return t;
}

/* The events of one duration. */
static void
tally_events(Tally *t, double events, SiPulse pulse)
{
	double		n = t->all_at_risk;
	double		factor = n > 1.0 ? events * ((n - events) / (n - 1.0)) : 0.0;

	pulse();
	for (int i = 0; i < t->groups; i++)
	{
		double		share = t->at_risk[i] / n;
		double	   *row = t->covariance + (size_t) i * t->groups;

		t->share[i] = share;
		t->expected[i] += events * share;
		for (int j = 0; j <= i && share > 0.0; j++)
			row[j] -= factor * share * t->share[j];
		row[i] += factor * share;
	}
}

/* Rows leave after the events of their duration. */
static void
leave(Tally *t)
{
	for (int j = 0; j < t->groups; j++)
	{
		t->at_risk[j] -= t->leaving[j];
		t->all_at_risk -= t->leaving[j];
		t->leaving[j] = 0.0;
	}
}

static void
tally_durations(const SiSample *sample, Tally *t, SiPulse pulse)
{
	SiSampleCursor cursor = si_sample_cursor(sample, pulse);
	SiSampleRun run;
	bool		more = si_sample_next(&cursor, &run);

	while (more)
	{
		uint64_t	key = run.key;
		double		events = 0.0;

		while (more && run.key == key)
		{
			t->leaving[run.item >> 1] += (double) run.count;
			if (run.item & 1)
			{
				t->observed[run.item >> 1] += (double) run.count;
				events += (double) run.count;
			}
			more = si_sample_next(&cursor, &run);
		}
		if (events > 0.0)
			tally_events(t, events, pulse);
		leave(t);
	}
}

/* Closes the gaps of groups left out; returns how many there are, less one. */
static int
keep_groups(Tally *t)
{
	int			kept = 0;

	for (int i = 0; i < t->groups; i++)
	{
		const double *from = t->covariance + (size_t) i * t->groups;
		double	   *row = t->covariance + (size_t) kept * t->groups;
		int			column = 0;

		if (t->expected[i] == 0.0)
			continue;
		t->apart[kept++] = t->observed[i] - t->expected[i];
		for (int j = 0; j <= i; j++)
		{
			if (t->expected[j] > 0.0)
				row[column++] = from[j];
		}
	}
	return kept - 1;
}

void
si_log_rank(const SiSample *sample, double *work, SiLogRank *out,
			SiPulse pulse)
{
	Tally		t = start_tally(sample, work, pulse);
	int			df;
	double		sum = 0.0;

	out->statistic = out->df = out->p_value = NAN;
	tally_durations(sample, &t, pulse);
	df = keep_groups(&t);
	if (df < 1 || si_blas_cholesky(df, t.covariance, t.groups) != 0)
		return;
	memcpy(t.observed, t.apart, (size_t) df * sizeof(double));
	si_blas_cholesky_solve(df, t.covariance, t.groups, t.observed);
	for (int j = 0; j < df; j++)
		sum += t.apart[j] * t.observed[j];
	out->statistic = sum;
	out->df = df;
	out->p_value = si_chi_square_sf(df, sum);
}
