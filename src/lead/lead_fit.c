/*
 * lead_fit.c
 *	  A training run, and the model it makes.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/lead/si_lead_model.h"
#include "lead/lead_fit.h"

/* Fewer rows of either class than this make no model unless forced. */
#define MIN_CLASS_ROWS	40

/* A fit says nothing about its progress before this many milliseconds. */
#define QUIET_MS		3000

/* ----- From design columns to effects ----- */

static double
coefficient(const LeadFit *fit, int column)
{
	return column >= 0 ? fit->beta[column] : 0;
}

static bool
is_fixed(const LeadFit *fit, int column)
{
	return fit->logistic.fixed != NULL && fit->logistic.fixed[column];
}

static double
std_error(const LeadFit *fit, int column)
{
	if (column < 0 || fit->covariance == NULL || is_fixed(fit, column))
		return NAN;
	return sqrt(fit->covariance[(Size) column * fit->design.columns + column]);
}

static SiEffect
effect_of(const LeadFit *fit, const LeadLevel *level)
{
	SiEffect	effect;

	effect.share = level->column >= 0 ? Min(fit->share[level->column], 1) : 0;
	effect.coefficient = coefficient(fit, level->column);
	effect.std_error = std_error(fit, level->column);
	return effect;
}

static void
describe_numeric(const LeadFit *fit, const LeadFeature *from, SiFeature *to)
{
	to->center = from->center;
	to->slope = coefficient(fit, from->design_column) * from->scale;
	to->std_error = from->scale > 0 ?
						std_error(fit, from->design_column) * from->scale :
						NAN;
	to->reference = -1;
}

/* The reference has what the other levels leave of the rows. */
static void
describe_category(const LeadFit *fit, const LeadFeature *from, SiFeature *to)
{
	double		others = to->missing.share + to->rare.share;
	double		left;

	to->nlevels = from->nlevels;
	to->levels = palloc0(from->nlevels * sizeof(SiLevel) + 1);
	for (int k = 0; k < from->nlevels; k++)
	{
		to->levels[k].text = from->levels[k].text;
		to->levels[k].effect = effect_of(fit, &from->levels[k]);
		others += to->levels[k].effect.share;
	}
	left = Max(1 - others, 0);
	if (from->reference == &from->missing)
	{
		to->reference = -1;
		to->missing.share = left;
	}
	else if (from->reference == &from->rare)
	{
		to->reference = -2;
		to->rare.share = left;
	}
	else
	{
		to->reference = from->reference - from->levels;
		to->levels[to->reference].effect.share = left;
	}
}

static void
describe_feature(const LeadFit *fit, const LeadFeature *from, SiFeature *to)
{
	to->column.data = from->column->name;
	to->column.length = strlen(from->column->name);
	to->width = from->column->array ? from->column->width : 0;
	to->element = from->element;
	to->kind = from->kind;
	to->missing = effect_of(fit, &from->missing);
	to->rare = effect_of(fit, &from->rare);
	to->std_error = NAN;
	if (from->kind == SI_FEATURE_NUMERIC)
		describe_numeric(fit, from, to);
	else
		describe_category(fit, from, to);
}

/* The margin of the average row: standardised columns average to zero. */
static double
baseline(const LeadFit *fit)
{
	double		sum = fit->beta[0];

	for (int j = 1; j < fit->design.columns; j++)
		sum += fit->beta[j] * fit->share[j];
	return sum;
}

/*
 * The intercept where every number is zero: a linear combination a'b of the
 * standardised coefficients, hence with variance a'Va.
 */
static void
describe_intercept(const LeadFit *fit, SiLeadModel *model)
{
	int			p = fit->design.columns;
	double	   *a = palloc0(p * sizeof(double));
	double		value = 0;
	double		variance = 0;

	a[0] = 1;
	for (int i = 0; i < fit->nfeatures; i++)
	{
		const LeadFeature *feature = &fit->features[i];

		if (feature->kind == SI_FEATURE_NUMERIC &&
			!is_fixed(fit, feature->design_column))
			a[feature->design_column] = -feature->center * feature->scale;
	}
	for (int j = 0; j < p; j++)
		value += a[j] * fit->beta[j];
	model->intercept = value;
	model->intercept_std_error = NAN;
	if (fit->covariance == NULL)
		return;
	for (int i = 0; i < p; i++)
		for (int j = 0; j < p; j++)
			variance += a[i] * a[j] * fit->covariance[(Size) i * p + j];
	model->intercept_std_error = sqrt(Max(variance, 0));
}

/* ----- The model ----- */

static struct varlena *
encode(const SiLeadModel *model)
{
	Size		size = VARHDRSZ + si_lead_model_encoded_size(model);
	struct varlena *result = palloc(size);

	SET_VARSIZE(result, size);
	si_lead_model_encode(model, (uint8_t *) VARDATA(result));
	return result;
}

static void
describe_run(const LeadFit *fit, SiLeadModel *model)
{
	ListCell   *cell;
	int			n = 0;

	model->algorithm = SI_ALGORITHM_LOGISTIC;
	model->rows = fit->rows;
	model->positives = fit->positives;
	model->skipped = fit->intake->skipped;
	model->folds = fit->folds;
	model->seed = fit->options->seed;
	model->l1 = fit->logistic.penalty.l1;
	model->l2 = fit->logistic.penalty.l2;
	model->quality = fit->quality;
	model->calibration = fit->calibration;
	memcpy(model->band, fit->band, sizeof(model->band));
	model->warnings = palloc0(list_length(fit->warnings) * sizeof(SiWarning) +
							  1);
	foreach(cell, fit->warnings)
		model->warnings[n++] = *(SiWarning *) lfirst(cell);
	model->nwarnings = n;
}

static struct varlena *
fitted_model(const LeadFit *fit)
{
	SiLeadModel model;

	memset(&model, 0, sizeof(model));
	describe_run(fit, &model);
	model.fitted = true;
	model.usable = !(fit->quality.auc_low <= LEAD_USABLE_AUC);
	model.baseline = baseline(fit);
	describe_intercept(fit, &model);
	model.nfeatures = fit->nfeatures;
	model.features = palloc0(fit->nfeatures * sizeof(SiFeature));
	for (int i = 0; i < fit->nfeatures; i++)
		describe_feature(fit, &fit->features[i], &model.features[i]);
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
lead_progress(const LeadFit *fit, const char *step)
{
	if (TimestampDifferenceExceeds(fit->started, GetCurrentTimestamp(),
								   QUIET_MS))
		ereport(NOTICE,
				(errmsg("training on " INT64_FORMAT " rows and %d coefficients: %s",
						fit->rows, fit->design.columns, step)));
}

static void
run(LeadFit *fit)
{
	check_calibration_option(fit);
	lead_prepare(fit);
	lead_progress(fit, "ordering the rows");
	lead_order_rows(fit);
	lead_progress(fit, "looking at single features");
	lead_warn_features(fit);
	lead_progress(fit, "solving for the coefficients");
	lead_solve(fit);
	lead_validate(fit);
	lead_progress(fit, "standard errors");
	lead_finish_solution(fit);
	lead_grade_bands(fit);
	lead_warn_fit(fit);
}

/* All work memory lies in one context, deleted before returning. */
struct varlena *
lead_fit_model(const LeadIntake *intake)
{
	MemoryContext work = AllocSetContextCreate(CurrentMemoryContext,
											   "lead model fit",
											   ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(work);
	LeadFit    *fit = palloc0(sizeof(LeadFit));
	struct varlena *model;
	struct varlena *result;

	fit->intake = intake;
	fit->options = intake->options;
	fit->claim = si_claim_open(work);
	fit->started = GetCurrentTimestamp();
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
