/*
 * lead_fit.c
 *	  A training run, and the model it makes.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/lead/si_lead_model.h"
#include "lead/fit/lead_fit.h"
#include "lead/model/lead_model.h"

/* Fewer rows of either class than this make no model unless forced. */
#define MIN_CLASS_ROWS	40

/* A fit speaks of its progress once in this many milliseconds, at most. */
#define QUIET_MS		5000

/* ----- The model ----- */

static struct varlena *
encode(const SiLeadModel *model)
{
	Size		size = si_lead_model_encoded_size(model);
	struct varlena *result = lead_model_create(size);
	size_t		arena;

	si_lead_model_encode(model, (uint8_t *) VARDATA(result));
	if (si_lead_model_measure((uint8_t *) VARDATA(result), size, &arena) !=
		SI_OK)
		elog(ERROR, "training has made a model that cannot be read");
	return result;
}

static void
describe_run(const LeadFit *fit, SiLeadModel *model)
{
	ListCell   *cell;
	int			n = 0;

	model->algorithm = fit->algorithm;
	model->rows = fit->rows;
	model->positives = fit->positives;
	model->skipped = fit->intake->skipped;
	model->folds = fit->folds;
	model->seed = fit->options->seed;
	model->l1 = fit->logistic.penalty.l1;
	model->l2 = fit->algorithm == SI_ALGORITHM_LOGISTIC ?
		fit->logistic.penalty.l2 : fit->trees.options.lambda;
	model->quality = fit->quality;
	model->calibration = fit->calibration;
	model->margins = fit->margins;
	model->choice = fit->choice;
	memcpy(model->band, fit->band, sizeof(model->band));
	model->warnings = palloc0(list_length(fit->warnings) * sizeof(SiWarning) +
							  1);
	foreach(cell, fit->warnings)
		model->warnings[n++] = *(SiWarning *) lfirst(cell);
	model->nwarnings = n;
}

static struct varlena *
fitted_model(LeadFit *fit)
{
	SiLeadModel model;

	memset(&model, 0, sizeof(model));
	describe_run(fit, &model);
	model.fitted = true;
	model.usable = fit->options->folds == 0 ||
		fit->quality.auc_low > LEAD_USABLE_AUC;
	lead_describe_features(fit, &model);
	return encode(&model);
}

/* A model that only says why there is none. */
static struct varlena *
unfitted_model(LeadFit *fit)
{
	SiLeadModel model;
	int64		lost = fit->rows - fit->positives;

	if (fit->positives == 0 || lost == 0)
		lead_warn(fit, SI_WARN_ONE_CLASS, NULL,
				  "all " INT64_FORMAT " leads are %s; a model needs both outcomes",
				  fit->rows, lost == 0 ? "won" : "lost");
	else
		lead_warn(fit, SI_WARN_TOO_FEW_ROWS, NULL,
				  INT64_FORMAT " won and " INT64_FORMAT " lost leads; at least %d of each are needed, or option \"force\"",
				  fit->positives, lost, MIN_CLASS_ROWS);
	memset(&model, 0, sizeof(model));
	describe_run(fit, &model);
	model.intercept_std_error = NAN;
	return encode(&model);
}

static bool
is_thin(const LeadFit *fit)
{
	int64		rare = lead_rarer_class(fit);

	return rare == 0 || (rare < MIN_CLASS_ROWS && !fit->options->force);
}

static void
check_calibration_option(const LeadFit *fit)
{
	if (fit->options->folds == 0 &&
		fit->options->calibration != LEAD_CALIBRATION_AUTO &&
		fit->options->calibration != LEAD_CALIBRATION_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"calibration\" needs folds"),
				 errdetail("A calibration is learned from out-of-fold scores, never from training scores."),
				 errhint("Use 2 or more folds, or \"calibration\": \"none\".")));
}

void
lead_progress(LeadFit *fit, const char *step)
{
	TimestampTz now = GetCurrentTimestamp();

	if (!TimestampDifferenceExceeds(fit->spoke, now, QUIET_MS))
		return;
	fit->spoke = now;
	ereport(NOTICE,
			(errmsg("training on " INT64_FORMAT " rows and %d features: %s",
					fit->rows, fit->nfeatures, step)));
}

/* Which algorithms to fit, before any row is ordered. */
static void
plan(LeadFit *fit)
{
	int			asked = fit->options->algorithm;
	bool		both = asked == LEAD_ALGORITHM_AUTO &&
		fit->options->monotone == NIL;

	fit->boosted = asked != LEAD_ALGORITHM_LOGISTIC && fit->nfeatures > 0;
	fit->linear = !fit->boosted || both;
	if (fit->design.columns <= SI_MAX_DESIGN || !fit->linear)
		return;
	if (!fit->boosted)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("features need too many coefficients"),
				 errdetail("They need %d, the limit is %d.", fit->design.columns, SI_MAX_DESIGN),
				 errhint("Exclude columns with many levels, lower option \"max_levels\", or grow \"boosted_trees\".")));
	fit->linear = false;
}

/* Rows in the forms that the algorithms want. */
static void
gather(LeadFit *fit)
{
	lead_progress(fit, "ordering the rows");
	lead_order_rows(fit);
	if (fit->linear && fit->folds == 0)
		fit->boosted = false;	/* nothing to choose by */
	lead_gather_design(fit, fit->linear);
	fit->positive = fit->design.positive;
	fit->weight = fit->design.weight;
	if (fit->boosted)
		lead_bin_rows(fit);
	lead_progress(fit, "looking at single features");
	lead_warn_features(fit);
	lead_release_rows(fit);
}

static void
fit_linear(LeadFit *fit)
{
	lead_progress(fit, "solving for the coefficients");
	fit->algorithm = SI_ALGORITHM_LOGISTIC;
	lead_solve(fit);
	if (fit->folds > 0)
		fit->held = lead_validate(fit);
}

static void
fit_boosted(LeadFit *fit)
{
	fit->algorithm = SI_ALGORITHM_BOOSTED_TREES;
	lead_trees_start(fit);
	if (fit->linear)
		lead_choose(fit, fit->held);
	else if (fit->folds > 0)
		fit->held = lead_trees_validate(fit);
	if (fit->algorithm == SI_ALGORITHM_BOOSTED_TREES)
		lead_trees_grow(fit);
}

static void
run(LeadFit *fit)
{
	check_calibration_option(fit);
	lead_prepare(fit);
	plan(fit);
	gather(fit);
	if (fit->linear)
		fit_linear(fit);
	if (fit->boosted)
		fit_boosted(fit);
	lead_judge(fit);
	if (fit->algorithm == SI_ALGORITHM_LOGISTIC)
	{
		lead_progress(fit, "standard errors");
		lead_finish_solution(fit);
	}
	lead_warn_fit(fit);
}

/* All work memory lies in one context, deleted before returning. */
struct varlena *
lead_fit_model(LeadIntake *intake, bool keep_rows)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "lead model fit",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	LeadFit    *fit = palloc0(sizeof(LeadFit));
	struct varlena *model;
	struct varlena *result;

	fit->intake = intake;
	fit->keep_rows = keep_rows;
	fit->algorithm = SI_ALGORITHM_LOGISTIC;
	fit->options = intake->options;
	fit->claim = si_claim_open(work);
	fit->spoke = GetCurrentTimestamp();
	fit->rows = intake->rows;
	fit->positives = intake->positives;
	for (double *q = &fit->quality.roc_auc;
		 q <= &fit->quality.calibration_error; q++)
		*q = NAN;
	for (int i = 0; i < SI_BANDS; i++)
		fit->band[i] = NAN;
	if (is_thin(fit))
		model = unfitted_model(fit);
	else
	{
		run(fit);
		model = fitted_model(fit);
	}
	MemoryContextSwitchTo(old);
	result = palloc(VARSIZE(model));
	memcpy(result, model, VARSIZE(model));
	MemoryContextDelete(work);
	return result;
}
