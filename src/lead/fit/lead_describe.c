/*
 * lead_describe.c
 *	  What a model says about its features: effects, spread, importance.
 */
#include "postgres.h"

#include <math.h>

#include "core/lead/si_profile.h"
#include "core/trees/si_treeshap.h"
#include "lead/fit/lead_fit.h"
#include "lead/model/lead_model.h"
#include "pg/si_pulse.h"

/* Rows that are enough to judge importance by effects. */
#define IMPORTANCE_ROWS	10000

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
		to->levels[k].rows = from->levels[k].rows;
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

/* ----- Levels of trees: those that have a bin of their own ----- */

static void
list_bin_levels(const LeadFeature *from, SiFeature *to)
{
	to->nlevels = from->bin_levels;
	to->levels = palloc0(from->bin_levels * sizeof(SiLevel) + 1);
	to->rare_rows = from->rare.rows;
	to->reference = -1;
	for (int k = 0; k < from->nlevels; k++)
	{
		const LeadLevel *level = &from->levels[k];

		if (level->bin == 0)
			to->rare_rows += level->rows;
		else
		{
			to->levels[level->bin - 1].text = level->text;
			to->levels[level->bin - 1].rows = level->rows;
		}
	}
}

/* ----- Spread of numbers ----- */

/* The design row after this many others in an even sample. */
static int64
sample_step(const LeadFit *fit, int64 most)
{
	return (fit->design.rows + most - 1) / most;
}

static void
profile_number(LeadFit *fit, const LeadFeature *from, void *work, SiFeature *to)
{
	const SiDesign *design = &fit->design;
	int64		every = sample_step(fit, LEAD_SAMPLE_ROWS);
	int64		n = design->rows / every;
	SiBinSample sample = {n, design->cells + from->design_cell,
						  every * design->ncells, NULL};

	to->profile.edge = palloc(SI_PROFILE_BINS * sizeof(double));
	to->profile.rows = palloc(SI_PROFILE_BINS * sizeof(int64_t));
	si_profile_find(&sample, work, &to->profile, si_pulse);
	to->missing_rows = si_profile_add(&to->profile, n, sample.value,
									  sample.stride, si_pulse);
}

/* ----- Features ----- */

static void
describe_feature(LeadFit *fit, const LeadFeature *from, void *work,
				 SiFeature *to)
{
	bool		linear = fit->algorithm == SI_ALGORITHM_LOGISTIC;

	to->column.data = from->column->name;
	to->column.length = strlen(from->column->name);
	to->width = from->column->array ? from->column->width : 0;
	to->element = from->element;
	to->kind = from->kind;
	to->missing_rows = from->missing.rows;
	to->rare_rows = from->rare.rows;
	to->std_error = NAN;
	to->missing.std_error = NAN;
	to->rare.std_error = NAN;
	to->reference = -1;
	if (linear)
	{
		to->missing = effect_of(fit, &from->missing);
		to->rare = effect_of(fit, &from->rare);
	}
	if (from->kind == SI_FEATURE_NUMERIC)
		profile_number(fit, from, work, to);
	if (from->kind == SI_FEATURE_NUMERIC && linear)
		describe_numeric(fit, from, to);
	else if (from->kind == SI_FEATURE_CATEGORY && linear)
		describe_category(fit, from, to);
	else if (from->kind == SI_FEATURE_CATEGORY)
		list_bin_levels(from, to);
}

/* ----- Importance: the mean size of what a feature adds to the margin ----- */

/* Effects by design column, of the reference at -1. */
static double
cell_effect(const LeadFit *fit, const SiFeature *feature, const SiCell *cell,
			double value)
{
	if (cell->kind == SI_FEATURE_CATEGORY)
		return value >= 0 ? fit->beta[(int) value] : 0;
	if (isnan(value))
		return feature->missing.coefficient;
	return feature->slope * (value - feature->center);
}

static void
weigh_effects(const LeadFit *fit, int64 every, SiFeature *features)
{
	const SiDesign *design = &fit->design;

	for (int i = 0; i < fit->nfeatures; i++)
	{
		int			j = fit->features[i].design_cell;
		double		mean = lead_model_mean_effect(&features[i]);
		double		sum = 0;

		for (int64 r = 0; r < design->rows; r += every)
			sum += fabs(cell_effect(fit, &features[i], &design->cell[j],
									design->cells[r * design->ncells + j]) -
						mean);
		si_pulse();
		features[i].importance = sum;
	}
}

static void
weigh_shapley_values(LeadFit *fit, SiFeature *features)
{
	const LeadTrees *trees = &fit->trees;
	double	   *contribution = palloc(fit->nfeatures * sizeof(double));
	void	   *work = lead_alloc_raw(fit, 1, si_treeshap_work_size(&trees->forest), "Importance");

	for (int64 r = 0; r < trees->nsample; r++)
	{
		si_treeshap(&trees->forest, trees->sample + r * fit->nfeatures,
					contribution, work, si_pulse);
		for (int i = 0; i < fit->nfeatures; i++)
			features[i].importance += fabs(contribution[i]);
	}
}

/* The whole of a model that is about features. */
void
lead_describe_features(LeadFit *fit, SiLeadModel *model)
{
	bool		linear = fit->algorithm == SI_ALGORITHM_LOGISTIC;
	void	   *work = lead_alloc_raw(fit, 1, si_profile_work_size(Min(fit->design.rows, LEAD_SAMPLE_ROWS)), "Profiles");

	model->nfeatures = fit->nfeatures;
	model->features = palloc0(fit->nfeatures * sizeof(SiFeature));
	for (int i = 0; i < fit->nfeatures; i++)
		describe_feature(fit, &fit->features[i], work, &model->features[i]);
	if (linear)
	{
		model->baseline = baseline(fit);
		describe_intercept(fit, model);
		weigh_effects(fit, sample_step(fit, IMPORTANCE_ROWS), model->features);
		return;
	}
	model->forest = &fit->trees.forest;
	model->learning_rate = fit->options->learning_rate;
	model->baseline = si_treeshap_expected(model->forest, si_pulse);
	model->intercept = model->forest->base;
	model->intercept_std_error = NAN;
	weigh_shapley_values(fit, model->features);
}
