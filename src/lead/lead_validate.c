/*
 * lead_validate.c
 *	  Out-of-fold margins, ridge, calibration, quality.
 *
 * Every fold's model is one Newton step from the model of all rows: the sums
 * of the other folds are those of all rows less those of the fold.  The step
 * is taken from cached sums; only where it is so long that another step could
 * matter are the fold's training rows read again.  The ridge with the smallest
 * out-of-fold log loss is kept.  Calibration is learned from out-of-fold
 * margins, and its quality is judged fold by fold with a map learned from the
 * other folds, so no reported figure comes from rows that it was fitted to.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "core/si_tolerance.h"
#include "core/stats/si_auc.h"
#include "core/stats/si_score_loss.h"
#include "lead/lead_fit.h"
#include "pg/si_pulse.h"

/* Ridges to choose from for rows of weight one, smallest first. */
static const double ridges[] = {0.1, 1, 10, 100, 1000};

/* Held-out rows of a fold that are enough to choose among them. */
#define RIDGE_ROWS		20000

/* Isotonic calibration needs this many rows of the rarer class. */
#define ISOTONIC_ROWS	1000

/* Rows that are enough for Platt's curve inside an isotonic map. */
#define PLATT_ROWS		5000

/* Rows that give the grade bounds of a model without folds. */
#define BAND_ROWS		100000

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
	double		signed_margin = fit->design.positive[r] ? margin : -margin;

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

/* ----- Out-of-fold margins ----- */

/* Sort scored rows ascending by score. */
static SiScored *
sort_scored(LeadFit *fit, SiScored *rows, int64 n)
{
	SiKeyed    *items = lead_alloc_raw(fit, n, sizeof(SiKeyed), "Ordering the scores");
	SiKeyed    *scratch = lead_alloc_raw(fit, n, sizeof(SiKeyed), "Ordering the scores");
	SiScored   *sorted = lead_alloc_raw(fit, n, sizeof(SiScored), "Ordering the scores");

	for (int64 r = 0; r < n; r++)
	{
		si_pulse_every(r);
		items[r].key = si_sort_key(rows[r].score);
		items[r].item = r;
	}
	si_sort_keyed(n, items, scratch, si_pulse);
	for (int64 r = 0; r < n; r++)
	{
		si_pulse_every(r);
		sorted[r] = rows[items[r].item];
	}
	pfree(items);
	pfree(scratch);
	pfree(rows);
	si_claim_less(fit->claim, n * (2 * sizeof(SiKeyed) + sizeof(SiScored)));
	return sorted;
}

static void
score_rows(LeadFit *fit, SiScored *out, int64 first, int64 n, int fold,
		   const double *margin)
{
	for (int64 i = 0; i < n; i++)
	{
		si_pulse_every(i);
		out[i].score = margin[i];
		out[i].weight = lead_row_weight(fit, first + i);
		out[i].positive = fit->design.positive[first + i];
		out[i].fold = fold;
	}
}

static void
score_folds(LeadFit *fit, Validation *v)
{
	SiScored   *rows = lead_alloc_raw(fit, fit->rows, sizeof(SiScored), "Out-of-fold scores");

	for (int k = 0; k < fit->folds; k++)
	{
		int64		first = fit->fold[k].first;
		int64		n = fit->fold[k].last - first;

		lead_progress(fit, psprintf("scoring fold %d of %d", k + 1, fit->folds));
		fit_fold(fit, v, k, n, v->fold_beta);
		score_rows(fit, rows + first, first, n, k, v->margin);
	}
	fit->scored = sort_scored(fit, rows, fit->rows);
}

/* ----- Calibration ----- */

static SiCalibrationKind
calibration_kind(const LeadFit *fit)
{
	switch ((LeadCalibration) fit->options->calibration)
	{
		case LEAD_CALIBRATION_NONE:
			return SI_CALIBRATION_NONE;
		case LEAD_CALIBRATION_PLATT:
			return SI_CALIBRATION_PLATT;
		case LEAD_CALIBRATION_ISOTONIC:
			return SI_CALIBRATION_ISOTONIC;
		case LEAD_CALIBRATION_AUTO:
			break;
	}
	/* Without signal Platt's flat line stays close to the base rate. */
	if (lead_rarer_class(fit) < ISOTONIC_ROWS ||
		fit->quality.auc_low <= LEAD_USABLE_AUC)
		return SI_CALIBRATION_PLATT;
	return SI_CALIBRATION_ISOTONIC;
}

/* work holds three times as many doubles as there are rows. */
static void
fit_calibration(const LeadFit *fit, SiCalibrationKind kind, int skip_fold,
				double *work, SiCalibration *out)
{
	int64		n = fit->rows;

	memset(out, 0, sizeof(*out));
	if (kind == SI_CALIBRATION_PLATT)
		(void) si_platt_fit(n, fit->scored, skip_fold, out, si_pulse);
	if (kind == SI_CALIBRATION_ISOTONIC)
	{
		(void) si_platt_fit(fit->nsample, fit->sample, skip_fold, out,
							si_pulse);
		out->nknots = si_isotonic_fit(n, fit->scored, skip_fold, work, work + n,
									  work + 2 * n, si_pulse);
		out->margin = work;
		out->probability = work + n;
	}
	out->kind = kind;
}

/* Calibrate each fold with a map from the other folds, and judge that. */
static void
judge_calibration(LeadFit *fit, SiCalibrationKind kind, double *work)
{
	SiScored   *rows = lead_alloc_raw(fit, fit->rows, sizeof(SiScored), "Calibrated scores");
	SiScoreLoss loss;

	memcpy(rows, fit->scored, fit->rows * sizeof(SiScored));
	for (int k = 0; k < fit->folds; k++)
	{
		SiCalibration map;

		fit_calibration(fit, kind, k, work, &map);
		for (int64 r = 0; r < fit->rows; r++)
		{
			si_pulse_every(r);
			if (rows[r].fold == k)
				rows[r].score = si_calibrate(&map, rows[r].score);
		}
	}
	rows = sort_scored(fit, rows, fit->rows);
	if (si_score_loss_sorted(fit->rows, rows, &loss, si_pulse) == SI_OK)
	{
		fit->quality.log_loss = loss.log_loss;
		fit->quality.brier_score = loss.brier_score;
		fit->quality.calibration_error = loss.calibration_error;
	}
	pfree(rows);
	si_claim_less(fit->claim, fit->rows * sizeof(SiScored));
}

static void
keep_calibration(LeadFit *fit, const SiCalibration *map)
{
	fit->calibration = *map;
	if (map->nknots == 0)
		return;
	fit->calibration.margin = palloc(2 * map->nknots * sizeof(double));
	fit->calibration.probability = fit->calibration.margin + map->nknots;
	memcpy(fit->calibration.margin, map->margin, map->nknots * sizeof(double));
	memcpy(fit->calibration.probability, map->probability,
		   map->nknots * sizeof(double));
}

/*
 * An isotonic map takes a thousandth part of Platt's curve, for which an even
 * sample of the rows is enough.
 */
static void
sample_scored(LeadFit *fit)
{
	int64		every = (fit->rows + PLATT_ROWS - 1) / PLATT_ROWS;

	fit->sample = palloc((fit->rows / every + 1) * sizeof(SiScored));
	for (int64 r = every / 2; r < fit->rows; r += every)
	{
		si_pulse();
		fit->sample[fit->nsample++] = fit->scored[r];
	}
}

static void
calibrate(LeadFit *fit)
{
	SiCalibrationKind kind = calibration_kind(fit);
	double	   *work = lead_alloc_raw(fit, fit->rows, 3 * sizeof(double), "Calibration");
	SiCalibration map;

	sample_scored(fit);
	judge_calibration(fit, kind, work);
	fit_calibration(fit, kind, -1, work, &map);
	keep_calibration(fit, &map);
	pfree(work);
	si_claim_less(fit->claim, fit->rows * 3 * sizeof(double));
}

static void
measure_ranking(LeadFit *fit)
{
	SiAuc		auc;

	if (si_auc_sorted(fit->rows, fit->scored, &auc, si_pulse) != SI_OK)
		return;
	fit->quality.roc_auc = auc.auc;
	si_auc_interval(&auc, 0.95, &fit->quality.auc_low, &fit->quality.auc_high);
}

/* ----- Grades ----- */

/* Without folds, the bounds come from the margins of the training rows. */
static void
score_training_rows(LeadFit *fit)
{
	int64		n = Min(fit->rows, BAND_ROWS);
	SiScored   *rows = lead_alloc_raw(fit, n, sizeof(SiScored), "Grade bounds");
	double	   *margin = lead_alloc(fit, n, sizeof(double), "Grade bounds");
	SiRange		range = {0, n};

	si_logistic_margins(&fit->logistic, range, fit->beta, margin, NULL, NULL);
	score_rows(fit, rows, 0, n, 0, margin);
	fit->scored = sort_scored(fit, rows, n);
}

void
lead_grade_bands(LeadFit *fit)
{
	int64		n = fit->rows;
	double		share = 0;

	if (fit->folds == 0)
	{
		score_training_rows(fit);
		n = Min(n, BAND_ROWS);
	}
	for (int i = 0; i < SI_BANDS; i++)
	{
		int64		at;

		share += fit->options->bands[i];
		at = n - (int64) rint(share * n);
		fit->band[i] = at >= n ? 1 : (1 - SI_BAND_SLACK) *
			si_calibrate(&fit->calibration, fit->scored[Max(at, 0)].score);
	}
}

void
lead_validate(LeadFit *fit)
{
	Validation	v;
	int			p = fit->design.columns;

	if (fit->folds == 0)
		return;
	si_sums_place(&v.rest, p, lead_alloc(fit, 1, si_sums_size(p), "Validation"));
	v.step = lead_alloc(fit, p, sizeof(double), "Validation");
	v.fold_beta = lead_alloc(fit, p, sizeof(double), "Validation");
	v.margin = lead_alloc_raw(fit, fit->rows, sizeof(double), "Validation");
	v.moved = lead_alloc_raw(fit, fit->rows, sizeof(double), "Validation");
	if (fit->options->l2 < 0 && fit->options->l1 == 0)
		choose_ridge(fit, &v);
	score_folds(fit, &v);
	lead_progress(fit, "calibration");
	measure_ranking(fit);
	calibrate(fit);
}
