/*
 * lead_judge.c
 *	  From margins to a model's quality: ranking, calibration, grades.
 *
 * Calibration is learned from out-of-fold margins, and judged part by part
 * with a map learned from the other parts, so that no figure comes from rows
 * that a model or map was fitted to.  Parts are the folds; where a single fold
 * was held out, it is cut into parts.  What was chosen by these rows, the
 * ridge, the number of trees and the algorithm, is a handful of choices: it
 * flatters the figures by less than their error.
 */
#include "postgres.h"

#include <math.h>

#include "core/lead/si_profile.h"
#include "core/si_tolerance.h"
#include "core/stats/score/si_auc.h"
#include "core/stats/score/si_score_loss.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

/* Isotonic calibration needs this many rows of the rarer class. */
#define ISOTONIC_ROWS	1000

/* Rows in the first and last step of an isotonic map, and a few more. */
#define END_ROWS		50
#define END_PRIOR		2

/* Rows that are enough for Platt's curve inside an isotonic map. */
#define PLATT_ROWS		5000

/* Rows that give the grade bounds of a model without folds. */
#define BAND_ROWS		100000

/* Parts of a single held-out fold. */
#define FEW_PARTS		5

/* ----- Scored rows ----- */

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

/* The first n rows with these margins, ascending. */
static void
score_rows(LeadFit *fit, int64 n, const double *margin)
{
	SiScored   *rows = lead_alloc_raw(fit, n, sizeof(SiScored), "Out-of-fold scores");
	int			fold = 0;

	for (int64 r = 0; r < n; r++)
	{
		si_pulse_every(r);
		while (fold + 1 < fit->held.folds && r >= fit->fold[fold].last)
			fold++;
		rows[r].score = margin[r];
		rows[r].weight = lead_row_weight(fit, r);
		rows[r].positive = fit->positive[r];
		rows[r].fold = fit->held.folds > 1 ? fold : r % fit->nparts;
	}
	fit->nscored = n;
	fit->scored = sort_scored(fit, rows, n);
}

/* ----- Calibration ----- */

/* Scored rows of the rarer outcome. */
static int64
rarer_scored(const LeadFit *fit)
{
	int64		positives = 0;

	for (int64 r = 0; r < fit->nscored; r++)
	{
		si_pulse_every(r);
		positives += fit->scored[r].positive;
	}
	return Min(positives, fit->nscored - positives);
}

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
	if (rarer_scored(fit) < ISOTONIC_ROWS ||
		fit->quality.auc_low <= LEAD_USABLE_AUC)
		return SI_CALIBRATION_PLATT;
	return SI_CALIBRATION_ISOTONIC;
}

static double
mean_scored_weight(const LeadFit *fit)
{
	double		sum = 0;

	if (fit->weight == NULL)
		return 1;
	for (int64 r = 0; r < fit->nscored; r++)
	{
		si_pulse_every(r);
		sum += fit->scored[r].weight;
	}
	return sum / fit->nscored;
}

/* work holds three times as many doubles as there are rows. */
static void
fit_calibration(const LeadFit *fit, SiCalibrationKind kind, int skip_part,
				double *work, SiCalibration *out)
{
	int64		n = fit->nscored;
	double		row = mean_scored_weight(fit);
	SiIsotonicEnds ends = {END_ROWS * row, END_PRIOR * row};

	memset(out, 0, sizeof(*out));
	if (kind == SI_CALIBRATION_PLATT)
		(void) si_platt_fit(n, fit->scored, skip_part, out, si_pulse);
	if (kind == SI_CALIBRATION_ISOTONIC)
	{
		(void) si_platt_fit(fit->nsample, fit->sample, skip_part, out,
							si_pulse);
		out->nknots = si_isotonic_fit(n, fit->scored, skip_part, &ends, work,
									  work + n, work + 2 * n, si_pulse);
		out->margin = work;
		out->probability = work + n;
	}
	out->kind = kind;
}

/* Calibrate each part with a map from the other parts, and judge that. */
static void
judge_calibration(LeadFit *fit, SiCalibrationKind kind, double *work)
{
	SiScored   *rows = lead_alloc_raw(fit, fit->nscored, sizeof(SiScored), "Calibrated scores");
	SiScoreLoss loss;

	memcpy(rows, fit->scored, fit->nscored * sizeof(SiScored));
	for (int k = 0; k < fit->nparts; k++)
	{
		SiCalibration map;

		fit_calibration(fit, kind, k, work, &map);
		for (int64 r = 0; r < fit->nscored; r++)
		{
			si_pulse_every(r);
			if (rows[r].fold == k)
				rows[r].score = si_calibrate(&map, rows[r].score);
		}
	}
	rows = sort_scored(fit, rows, fit->nscored);
	if (si_score_loss_sorted(fit->nscored, rows, &loss, si_pulse) == SI_OK)
	{
		fit->quality.log_loss = loss.log_loss;
		fit->quality.brier_score = loss.brier_score;
		fit->quality.calibration_error = loss.calibration_error;
	}
	pfree(rows);
	si_claim_less(fit->claim, fit->nscored * sizeof(SiScored));
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
	int64		every = (fit->nscored + PLATT_ROWS - 1) / PLATT_ROWS;

	fit->sample = palloc((fit->nscored / every + 1) * sizeof(SiScored));
	for (int64 r = every / 2; r < fit->nscored; r += every)
	{
		si_pulse();
		fit->sample[fit->nsample++] = fit->scored[r];
	}
}

static void
calibrate(LeadFit *fit)
{
	SiCalibrationKind kind = calibration_kind(fit);
	double	   *work = lead_alloc_raw(fit, fit->nscored, 3 * sizeof(double), "Calibration");
	SiCalibration map;

	sample_scored(fit);
	judge_calibration(fit, kind, work);
	fit_calibration(fit, kind, -1, work, &map);
	keep_calibration(fit, &map);
	pfree(work);
	si_claim_less(fit->claim, fit->nscored * 3 * sizeof(double));
}

static void
measure_ranking(LeadFit *fit)
{
	SiAuc		auc;

	if (si_auc_sorted(fit->nscored, fit->scored, &auc, si_pulse) != SI_OK)
		return;
	fit->quality.roc_auc = auc.auc;
	si_auc_interval(&auc, 0.95, &fit->quality.auc_low, &fit->quality.auc_high);
}

/* ----- The profile of margins, for drift ----- */

static void
profile_margins(LeadFit *fit)
{
	int			models = fit->held.folds;
	int64_t    *work = palloc(2 * models * sizeof(int64_t));

	fit->margins.edge = palloc(SI_PROFILE_BINS * sizeof(double));
	fit->margins.rows = palloc(SI_PROFILE_BINS * sizeof(int64_t));
	si_profile_folds(fit->nscored, fit->scored, models, work, &fit->margins,
					 si_pulse);
	pfree(work);
}

/* ----- Grades ----- */

/* Margins of training rows, where there are none out of fold. */
static void
score_training_rows(LeadFit *fit)
{
	int64		n = Min(fit->rows, BAND_ROWS);
	double	   *margin = fit->trees.margin;
	SiRange		range = {0, n};

	if (fit->algorithm == SI_ALGORITHM_LOGISTIC)
	{
		margin = lead_alloc(fit, n, sizeof(double), "Grade bounds");
		si_logistic_margins(&fit->logistic, range, fit->beta, margin, NULL,
							NULL);
	}
	score_rows(fit, n, margin);
}

static void
set_grade_bounds(LeadFit *fit)
{
	int64		n = fit->nscored;
	double		share = 0;

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
lead_judge(LeadFit *fit)
{
	fit->nparts = fit->held.folds > 1 ? fit->held.folds : FEW_PARTS;
	if (fit->folds == 0)
		score_training_rows(fit);
	else
	{
		lead_progress(fit, "calibration");
		score_rows(fit, fit->held.rows, fit->held.margin);
		measure_ranking(fit);
		calibrate(fit);
		profile_margins(fit);
	}
	set_grade_bounds(fit);
}
