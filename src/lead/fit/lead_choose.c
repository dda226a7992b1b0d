/*
 * lead_choose.c
 *	  Coefficients or trees, where both are asked for.
 *
 * Trees have to be better out of fold by more than one standard error of the
 * difference in AUC (paired DeLong), on the same rows: else the plainer model
 * is kept.
 */
#include "postgres.h"

#include <math.h>

#include "core/stats/si_auc_pair.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

#define PURPOSE	"Comparing algorithms"

/*
 * Trees learn from more rows than a trial gives them, but what is worse by
 * more standard errors than this will not be better by one.
 */
#define CLEARLY_WORSE	3

/* Both margins of n rows, by outcome, as sort keys. */
static void
split_pairs(const LeadFit *fit, const double *a, const double *b, int64 n,
			SiPair *pairs, int64 positives)
{
	int64		next[2] = {positives, 0};

	for (int64 r = 0; r < n; r++)
	{
		SiPair	   *pair = &pairs[next[fit->positive[r]]++];

		si_pulse_every(r);
		pair->a = si_sort_key(a[r]);
		pair->b = si_sort_key(b[r]);
	}
}

/* AUCs a of trees and b of coefficients, on the rows that both have scored. */
static SiAucPair
compare(LeadFit *fit, const LeadHeldOut *trees, const LeadHeldOut *linear)
{
	int64		n = Min(trees->rows, linear->rows);
	int64		positives = 0;
	SiPair	   *pairs = lead_alloc_raw(fit, n, sizeof(SiPair), PURPOSE);
	SiAucPairWork work;
	SiAucPair	result;

	for (int64 r = 0; r < n; r++)
		positives += fit->positive[r];
	split_pairs(fit, trees->margin, linear->margin, n, pairs, positives);
	work.items = lead_alloc_raw(fit, n, sizeof(SiKeyed), PURPOSE);
	work.scratch = lead_alloc_raw(fit, n, sizeof(SiKeyed), PURPOSE);
	work.gap = lead_alloc_raw(fit, n, sizeof(int64), PURPOSE);
	si_auc_pair(positives, pairs, n - positives, pairs + positives, &work,
				&result, si_pulse);
	pfree(work.items);
	pfree(work.scratch);
	pfree(work.gap);
	pfree(pairs);
	si_claim_less(fit->claim, n * (sizeof(SiPair) + 2 * sizeof(SiKeyed) +
								   sizeof(int64)));
	return result;
}

static void
drop(LeadFit *fit, LeadHeldOut *held)
{
	pfree(held->margin);
	si_claim_less(fit->claim, held->rows * sizeof(double));
}

/*
 * Out-of-fold margins of trees that are worth comparing: with many rows a
 * trial may show that they are not.
 */
static LeadHeldOut
validate_trees(LeadFit *fit, const LeadHeldOut *linear)
{
	if (lead_trees_can_try(fit))
	{
		LeadHeldOut trial = lead_trees_try(fit);
		SiAucPair	pair = compare(fit, &trial, linear);

		if (pair.auc_a - pair.auc_b <
			-CLEARLY_WORSE * sqrt(pair.variance_difference))
			return trial;
		drop(fit, &trial);
	}
	return lead_trees_validate(fit);
}

/* Compare, keep the winner's margins, and note by how much it won. */
void
lead_choose(LeadFit *fit, LeadHeldOut linear)
{
	LeadHeldOut trees = validate_trees(fit, &linear);
	SiAucPair	pair = compare(fit, &trees, &linear);
	double		gain = pair.auc_a - pair.auc_b;
	double		error = sqrt(pair.variance_difference);
	bool		boosted = gain > error;

	fit->algorithm = boosted ? SI_ALGORITHM_BOOSTED_TREES :
		SI_ALGORITHM_LOGISTIC;
	fit->held = boosted ? trees : linear;
	drop(fit, boosted ? &linear : &trees);
	if (isnan(gain) || isnan(error))
		return;
	fit->choice.loser = boosted ? SI_ALGORITHM_LOGISTIC :
		SI_ALGORITHM_BOOSTED_TREES;
	fit->choice.loser_auc = boosted ? pair.auc_b : pair.auc_a;
	fit->choice.difference = boosted ? gain : -gain;
	fit->choice.std_error = error;
}
