/*
 * lead_validate.c
 *	  The ridge of a logistic fit, and its out-of-fold margins.
 *
 * Every fold's model is one Newton step from the model of all rows: the sums
 * of the other folds are those of all rows less those of the fold.  The step
 * is taken from cached sums; only where it is so long that another step could
 * matter are the fold's training rows read again.  The ridge with the smallest
 * out-of-fold log loss is kept.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "core/si_tolerance.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

/* Ridges to choose from for rows of weight one, smallest first. */
static const double ridges[] = {0.1, 1, 10, 100, 1000};

/* Held-out rows of a fold that are enough to choose among them. */
#define RIDGE_ROWS		20000

typedef struct Validation
{
	SiSums		rest;			/* sums of all folds but one */
	double	   *step;
	double	   *fold_beta;		/* folds * columns */
	double	   *margin;			/* of the rows of one fold */
	double	   *moved;			/* by its Newton step */
} Validation;

static double
log_loss_of(const LeadFit *fit, int64 r, double margin)
{
	double		w = lead_row_weight(fit, r);
	double		signed_margin = fit->positive[r] ? margin : -margin;

	return w * (log1p(exp(-fabs(signed_margin))) + Max(-signed_margin, 0));
}

/* Iterate on the training rows of a fold until it has settled. */
static void
settle_fold(LeadFit *fit, Validation *v, int fold, double *beta)
{
	SiLogistic	logistic = fit->logistic;
	SiRange    *others = palloc(fit->folds * sizeof(SiRange));
	int			n = 0;

	for (int k = 0; k < fit->folds; k++)
		if (k != fold)
			others[n++] = fit->fold[k];
	logistic.enough_gain = SI_FOLD_GAIN;
	(void) si_logistic_fit(&logistic, n, others, NULL, &v->rest, beta);
	pfree(others);
}

/*
 * What another Newton step could still gain.  After a step that moves the
 * margin of row i by d_i, the gradient that is left is, to leading order,
 * X'W u with u_i = (1 - 2 p_i) d_i^2 / 2, so that the next gain is at most
 * u'W u / 2.  It is estimated from the held-out rows, a random sample.
 */
static double
gain_left(const LeadFit *fit, const Validation *v, SiRange held)
{
	int64		n = held.last - held.first;
	double		sum = 0;

	for (int64 i = 0; i < n; i++)
	{
		double		p = si_logistic(v->margin[i]);
		double		u = (1 - 2 * p) * v->moved[i] * v->moved[i] / 2;

		si_pulse_every(i);
		if (!(fabs(v->moved[i]) < 1))
			return INFINITY;	/* too far for the leading order */
		sum += lead_row_weight(fit, held.first + i) * p * (1 - p) * u * u / 2;
	}
	return n > 0 ? sum * fit->rows / n : 0;
}

/*
 * The model of all folds but one, and its margins on the first rows of that
 * one.
 */
static void
fit_fold(LeadFit *fit, Validation *v, int fold, int64 limit, double *beta)
{
	int			p = fit->design.columns;
	SiRange		held = fit->fold[fold];
	double		gain;

	held.last = Min(held.last, held.first + limit);
	memcpy(beta, fit->beta, p * sizeof(double));
	si_sums_clear(&v->rest, p);
	si_sums_add(&v->rest, 1, &fit->total, p);
	si_sums_add(&v->rest, -1, &fit->parts[fold], p);
	if (si_newton_step(&fit->logistic, &v->rest, beta, v->step, &gain) == SI_OK)
	{
		for (int j = 0; j < p; j++)
			beta[j] += v->step[j];
		si_logistic_margins(&fit->logistic, held, beta, v->margin,
							v->step, v->moved);
		if (gain_left(fit, v, held) < SI_FOLD_GAIN)
			return;
	}
	settle_fold(fit, v, fold, beta);
	si_logistic_margins(&fit->logistic, held, beta, v->margin, NULL, NULL);
}

/* Mean log loss of the first held-out rows of every fold. */
static double
ridge_loss(LeadFit *fit, Validation *v, double l2)
{
	SiPenalty	kept = fit->logistic.penalty;
	double		loss = 0;

	fit->logistic.penalty.l2 = l2;
	for (int k = 0; k < fit->folds; k++)
	{
		int64		first = fit->fold[k].first;
		int64		n = Min(fit->fold[k].last - first, RIDGE_ROWS);

		fit_fold(fit, v, k, RIDGE_ROWS, v->fold_beta);
		for (int64 i = 0; i < n; i++)
			loss += log_loss_of(fit, first + i, v->margin[i]);
	}
	fit->logistic.penalty = kept;
	return loss;
}

static void
choose_ridge(LeadFit *fit, Validation *v)
{
	double		best_loss = INFINITY;
	double		best = fit->logistic.penalty.l2;

	for (int i = 0; i < (int) lengthof(ridges); i++)
	{
		double		ridge = ridges[i] * fit->mean_weight;
		double		loss;

		lead_progress(fit, psprintf("trying a ridge of %g", ridge));
		loss = ridge_loss(fit, v, ridge);
		if (loss <= best_loss)
		{
			best_loss = loss;
			best = ridge;
		}
	}
	if (best != fit->logistic.penalty.l2)
		lead_refit_or_more(fit, best);
}

LeadHeldOut
lead_validate(LeadFit *fit)
{
	Validation	v;
	LeadHeldOut held = {fit->rows, fit->folds, NULL};
	int			p = fit->design.columns;

	si_sums_place(&v.rest, p, lead_alloc(fit, 1, si_sums_size(p), "Validation"));
	v.step = lead_alloc(fit, p, sizeof(double), "Validation");
	v.fold_beta = lead_alloc(fit, p, sizeof(double), "Validation");
	v.margin = lead_alloc_raw(fit, fit->rows, sizeof(double), "Validation");
	v.moved = lead_alloc_raw(fit, fit->rows, sizeof(double), "Validation");
	if (fit->options->l2 < 0 && fit->options->l1 == 0)
		choose_ridge(fit, &v);
	held.margin = lead_alloc_raw(fit, fit->rows, sizeof(double), "Out-of-fold scores");
	for (int k = 0; k < fit->folds; k++)
	{
		int64		first = fit->fold[k].first;
		int64		n = fit->fold[k].last - first;

		lead_progress(fit, psprintf("scoring fold %d of %d", k + 1, fit->folds));
		fit_fold(fit, &v, k, n, v.fold_beta);
		memcpy(held.margin + first, v.margin, n * sizeof(double));
	}
	pfree(v.margin);
	pfree(v.moved);
	si_claim_less(fit->claim, 2 * fit->rows * sizeof(double));
	return held;
}
