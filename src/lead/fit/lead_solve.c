/*
 * lead_solve.c
 *	  Coefficients on all rows, and their covariance.
 *
 * The rows are in a random order (see lead_order.c), so a first slice of them
 * gives a good start at a fraction of the cost; two or three passes over all
 * rows then suffice.
 */
#include "postgres.h"

#include <math.h>

#include "core/si_tolerance.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

#define START_SHARE		16		/* the start uses one row in this many */
#define START_ROWS		2000	/* but no fewer than this */
#define START_GAIN		1e-2

/*
 * The ridge while none is chosen, and where separation forces one, for rows of
 * weight one; a ridge goes with the mean weight, so that only the proportions
 * of weights matter.
 */
#define FIRST_RIDGE		1.0
#define LARGEST_RIDGE	1e15

static void
allocate(LeadFit *fit)
{
	int			p = fit->design.columns;
	int			parts = Max(fit->folds, 1);
	const char *purpose = "Solving for the coefficients";

	fit->logistic.design = &fit->design;
	fit->logistic.pulse = si_pulse;
	fit->logistic.work = lead_alloc(fit, 1, si_logistic_work_size(p), purpose);
	fit->beta = lead_alloc(fit, p, sizeof(double), purpose);
	fit->parts = palloc0(parts * sizeof(SiSums));
	for (int k = 0; k < parts; k++)
		si_sums_place(&fit->parts[k], p,
					  lead_alloc(fit, 1, si_sums_size(p), purpose));
	si_sums_place(&fit->total, p, lead_alloc(fit, 1, si_sums_size(p), purpose));
}

/* Start from the base rate, then from a fit to the first rows. */
static void
start(LeadFit *fit)
{
	SiLogistic	rough = fit->logistic;
	SiRange		range = {0, fit->rows / START_SHARE};
	double		positives = 0;
	double		total = 0;

	for (int64 r = 0; r < fit->rows; r++)
	{
		double		w = lead_row_weight(fit, r);

		si_pulse_every(r);
		total += w;
		positives += fit->positive[r] ? w : 0;
	}
	fit->mean_weight = total / fit->rows;
	memset(fit->beta, 0, fit->design.columns * sizeof(double));
	fit->beta[0] = log(positives / (total - positives));
	if (range.last < START_ROWS)
		return;
	rough.enough_gain = START_GAIN;
	if (rough.penalty.l2 == 0)	/* a slice may lack a level */
		rough.penalty.l2 = FIRST_RIDGE * fit->mean_weight;
	if (si_logistic_fit(&rough, 1, &range, NULL, &fit->total, fit->beta) !=
		SI_OK)
	{
		memset(fit->beta, 0, fit->design.columns * sizeof(double));
		fit->beta[0] = log(positives / (total - positives));
	}
}

/* Without a ridge, columns that follow from others are held at zero. */
static void
fix_collinear(LeadFit *fit)
{
	int			p = fit->design.columns;
	bool	   *fixed = palloc0(p * sizeof(bool));
	double	   *work = lead_alloc(fit, (Size) p * p, sizeof(double), "Looking for collinear columns");
	SiRange		all = {0, fit->rows};

	si_sums_clear(&fit->total, p);
	si_logistic_accumulate(&fit->logistic, all, fit->beta, &fit->total);
	si_collinear_columns(p, fit->total.hessian, fixed, work, si_pulse);
	for (int j = 0; j < p; j++)
		if (fixed[j])
			fit->beta[j] = 0;
	fit->logistic.fixed = fixed;
	pfree(work);
	si_claim_less(fit->claim, (Size) p * p * sizeof(double));
}

/* Fit all rows from the present coefficients with another ridge. */
SiStatus
lead_refit(LeadFit *fit, double l2)
{
	fit->logistic.penalty.l2 = l2;
	return si_logistic_fit(&fit->logistic, Max(fit->folds, 1), fit->fold,
						   fit->parts, &fit->total, fit->beta);
}

/* Fit all rows with at least this ridge, more where that does not settle. */
void
lead_refit_or_more(LeadFit *fit, double l2)
{
	while (lead_refit(fit, l2) != SI_OK)
	{
		l2 *= 10;
		if (!(l2 < LARGEST_RIDGE * fit->mean_weight))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("logistic regression does not converge"),
					 errdetail("No ridge up to %g makes it settle.", l2),
					 errhint("Check the row weights: they should be of one order of magnitude.")));
		start(fit);
	}
}

/*
 * Without enough of a ridge there may be no solution: features that follow
 * from each other are dealt with first, then a ridge is added and owned up to
 * (see lead_warn_fit).
 */
void
lead_solve(LeadFit *fit)
{
	double		l2 = fit->options->l2;
	SiStatus	status;

	allocate(fit);
	fit->logistic.penalty.l1 = fit->options->l1;
	start(fit);
	if (l2 < 0)
		l2 = fit->options->l1 > 0 ? 0 : FIRST_RIDGE * fit->mean_weight;
	fit->logistic.penalty.l2 = l2;
	if (l2 == 0 && fit->options->l1 == 0)
		fix_collinear(fit);
	status = lead_refit(fit, l2);
	if (status == SI_SINGULAR && fit->logistic.fixed == NULL)
	{
		start(fit);
		fix_collinear(fit);
		status = lead_refit(fit, l2);
	}
	if (status == SI_OK)
		return;
	fit->unsettled = status;
	start(fit);
	lead_refit_or_more(fit, Max(FIRST_RIDGE * fit->mean_weight, 10 * l2));
}

/* Covariance of the coefficients; with l1 there is none to speak of. */
void
lead_finish_solution(LeadFit *fit)
{
	int			p = fit->design.columns;

	if (fit->logistic.penalty.l1 > 0)
		return;
	fit->covariance = lead_alloc(fit, (Size) p * p, sizeof(double), "Standard errors");
	if (si_logistic_covariance(&fit->logistic, &fit->total, fit->covariance) !=
		SI_OK)
		fit->covariance = NULL;
}
