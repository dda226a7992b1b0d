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

#include "core/stats/score/si_auc_gap.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

#define PURPOSE	"Comparing algorithms"

/*
 * Trees learn from more rows than a trial gives them, but what is worse by
 * more standard errors than this will not be better by one.
 */
#define CLEARLY_WORSE	3

/* AUCs a of trees and b of coefficients, on the rows that both have scored. */
static SiAucGap
compare(LeadFit *fit, const LeadHeldOut *trees, const LeadHeldOut *linear)
{
	int64		n = Min(trees->rows, linear->rows);
	SiAucGapRows rows = {n, trees->margin, linear->margin, fit->weight,
	fit->positive};
	SiAucGap	gap = {NAN, NAN, NAN};
	SiAucGapWork work;

	work.items = lead_alloc_raw(fit, n, sizeof(SiKeyed), PURPOSE);
	work.scratch = lead_alloc_raw(fit, n, sizeof(SiKeyed), PURPOSE);
	work.gap = lead_alloc_raw(fit, n, sizeof(double), PURPOSE);
	(void) si_auc_gap(&rows, &work, &gap, si_pulse);	/* else NaN */
	pfree(work.items);
	pfree(work.scratch);
	pfree(work.gap);
	si_claim_less(fit->claim, n * (2 * sizeof(SiKeyed) + sizeof(double)));
	return gap;
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
		SiAucGap	gap = compare(fit, &trial, linear);

		if (gap.auc_a - gap.auc_b < -CLEARLY_WORSE * gap.std_error)
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
	SiAucGap	gap = compare(fit, &trees, &linear);
	double		gain = gap.auc_a - gap.auc_b;
	bool		boosted = gain > gap.std_error;

	fit->algorithm = boosted ? SI_ALGORITHM_BOOSTED_TREES :
		SI_ALGORITHM_LOGISTIC;
	fit->held = boosted ? trees : linear;
	drop(fit, boosted ? &linear : &trees);
	if (isnan(gain) || isnan(gap.std_error))
		return;
	fit->choice.loser = boosted ? SI_ALGORITHM_LOGISTIC :
		SI_ALGORITHM_BOOSTED_TREES;
	fit->choice.loser_auc = boosted ? gap.auc_b : gap.auc_a;
	fit->choice.difference = boosted ? gain : -gain;
	fit->choice.std_error = gap.std_error;
}
