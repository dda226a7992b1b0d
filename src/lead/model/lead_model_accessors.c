/*
 * lead_model_accessors.c
 *	  What can be read off a lead_model.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"

#include "core/stats/distribution/si_normal.h"
#include "lead/model/lead_model.h"
#include "pg/si_compat.h"
#include "pg/si_value.h"

static const char *const algorithm_names[] = {
	[SI_ALGORITHM_LOGISTIC] = "logistic",
	[SI_ALGORITHM_BOOSTED_TREES] = "boosted_trees"
};

static const char *const warning_names[] = {
	[SI_WARN_NO_SIGNAL] = "no_signal",
	[SI_WARN_TOO_FEW_ROWS] = "too_few_rows",
	[SI_WARN_ONE_CLASS] = "one_class",
	[SI_WARN_LEAK_SUSPECTED] = "leak_suspected",
	[SI_WARN_SEPARATION] = "separation",
	[SI_WARN_FEW_POSITIVES] = "few_positives",
	[SI_WARN_CONSTANT_FEATURE] = "constant_feature",
	[SI_WARN_TOO_MANY_LEVELS] = "too_many_levels",
	[SI_WARN_COLLINEAR] = "collinear",
	[SI_WARN_LOOKS_LIKE_KEY] = "looks_like_key"
};

static SiLeadModel *
model_arg(FunctionCallInfo fcinfo, int n)
{
	return lead_model_decode(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n)));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_summary);
Datum
sales_intel_lead_model_summary(PG_FUNCTION_ARGS)
{
	Datum		values[12];
	bool		nulls[12] = {false};
	SiLeadModel *model;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	model = model_arg(fcinfo, 0);
	values[0] = CStringGetTextDatum(algorithm_names[model->algorithm]);
	nulls[0] = !model->fitted;
	values[1] = Int64GetDatum(model->rows);
	values[2] = Int64GetDatum(model->positives);
	values[3] = Int64GetDatum(model->skipped);
	values[4] = Int32GetDatum(model->nfeatures);
	si_value_number(values, nulls, 5, model->quality.roc_auc);
	si_value_number(values, nulls, 6, model->quality.auc_low);
	si_value_number(values, nulls, 7, model->quality.auc_high);
	si_value_number(values, nulls, 8, model->quality.log_loss);
	si_value_number(values, nulls, 9, model->quality.brier_score);
	si_value_number(values, nulls, 10, model->quality.calibration_error);
	values[11] = BoolGetDatum(model->usable);
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_warnings);
Datum
sales_intel_lead_model_warnings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiLeadModel *model = model_arg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < model->nwarnings; i++)
	{
		const SiWarning *warning = &model->warnings[i];
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = CStringGetTextDatum(warning_names[warning->code]);
		nulls[1] = warning->feature.length < 0;
		if (!nulls[1])
			values[1] = PointerGetDatum(lead_text(warning->feature));
		values[2] = PointerGetDatum(lead_text(warning->message));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* One row of the coefficient table; level may be NULL. */
static void
put_coefficient(ReturnSetInfo *result, const char *feature, text *level,
				double coefficient, double std_error)
{
	double		z = coefficient / std_error;
	Datum		values[7];
	bool		nulls[7] = {false};

	values[0] = CStringGetTextDatum(feature);
	values[1] = PointerGetDatum(level);
	nulls[1] = level == NULL;
	si_value_number(values, nulls, 2, coefficient);
	si_value_number(values, nulls, 3, std_error);
	si_value_number(values, nulls, 4, z);
	si_value_number(values, nulls, 5, isnan(z) ? NAN : si_normal_p_value(z));
	si_value_number(values, nulls, 6, exp(coefficient));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_effect(ReturnSetInfo *result, const char *feature, const char *level,
		   const SiEffect *effect, bool reference)
{
	if (effect->share > 0 || reference)
		put_coefficient(result, feature, cstring_to_text(level),
						effect->coefficient, effect->std_error);
}

static void
put_feature(ReturnSetInfo *result, const SiFeature *feature)
{
	char	   *name = lead_model_feature_name(feature);

	if (feature->kind == SI_FEATURE_NUMERIC)
		put_coefficient(result, name, NULL, feature->slope, feature->std_error);
	for (int i = 0; i < feature->nlevels; i++)
		put_coefficient(result, name, lead_text(feature->levels[i].text),
						feature->levels[i].effect.coefficient,
						feature->levels[i].effect.std_error);
	put_effect(result, name, "(missing)", &feature->missing,
			   feature->kind == SI_FEATURE_CATEGORY &&
				   feature->reference == -1);
	if (feature->kind != SI_FEATURE_CATEGORY)
		return;
	put_effect(result, name, "(rare)", &feature->rare, feature->reference == -2);
	if (feature->rare.share == 0)
		put_coefficient(result, name, cstring_to_text("(unseen)"),
						lead_model_mean_effect(feature), NAN);
	else
		put_coefficient(result, name, cstring_to_text("(unseen)"),
						feature->rare.coefficient, feature->rare.std_error);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_coefficients);
Datum
sales_intel_lead_model_coefficients(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiLeadModel *model = model_arg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (!model->fitted || model->algorithm != SI_ALGORITHM_LOGISTIC)
		return (Datum) 0;
	put_coefficient(result, "(intercept)", NULL, model->intercept, model->intercept_std_error);
	for (int i = 0; i < model->nfeatures; i++)
		put_feature(result, &model->features[i]);
	return (Datum) 0;
}

/* A feature's share of all importance. */
typedef struct Share
{
	char	   *name;
	double		share;
} Share;

/* The largest first, equal ones by name. */
static int
compare_shares(const void *a, const void *b)
{
	const Share *x = a;
	const Share *y = b;

	if (x->share != y->share)
		return x->share > y->share ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Shares of the sum, which by way of the largest cannot overflow. */
static Share *
importance_shares(const SiLeadModel *model)
{
	Share	   *shares = palloc(model->nfeatures * sizeof(Share));
	double		largest = 0;
	double		sum = 0;

	for (int i = 0; i < model->nfeatures; i++)
		largest = Max(largest, model->features[i].importance);
	for (int i = 0; i < model->nfeatures; i++)
	{
		const SiFeature *feature = &model->features[i];

		shares[i].name = lead_model_feature_name(feature);
		shares[i].share = largest > 0 ? feature->importance / largest : 0;
		sum += shares[i].share;
	}
	for (int i = 0; i < model->nfeatures && sum > 0; i++)
		shares[i].share /= sum;
	qsort(shares, model->nfeatures, sizeof(Share), compare_shares);
	return shares;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_importance);
Datum
sales_intel_lead_model_importance(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiLeadModel *model = model_arg(fcinfo, 0);
	Share	   *shares;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (!model->fitted)
		return (Datum) 0;
	shares = importance_shares(model);
	for (int i = 0; i < model->nfeatures; i++)
	{
		Datum		values[2];
		bool		nulls[2] = {false};

		values[0] = CStringGetTextDatum(shares[i].name);
		values[1] = Float8GetDatum(shares[i].share);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_choice);
Datum
sales_intel_lead_model_choice(PG_FUNCTION_ARGS)
{
	Datum		values[6];
	bool		nulls[6] = {true, true, true, true, true, true};
	SiLeadModel *model;
	const SiChoice *choice;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	model = model_arg(fcinfo, 0);
	choice = &model->choice;
	if (choice->loser == 0)
		return si_value_row(fcinfo, values, nulls);
	memset(nulls, false, sizeof(nulls));
	values[0] = CStringGetTextDatum(algorithm_names[model->algorithm]);
	values[1] = CStringGetTextDatum(algorithm_names[choice->loser]);
	values[2] = Float8GetDatum(choice->loser_auc + choice->difference);
	values[3] = Float8GetDatum(choice->loser_auc);
	values[4] = Float8GetDatum(choice->difference);
	values[5] = Float8GetDatum(choice->std_error);
	return si_value_row(fcinfo, values, nulls);
}
