/*
 * lead_model.c
 *	  The lead_model type: input, output and what can be read off it.
 *
 * The text form is "lead_model:" and base64 of the binary form; both are
 * checked to the last byte on their way in.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "core/stats/si_normal.h"
#include "lead/lead_model.h"
#include "pg/si_compat.h"
#include "pg/si_value.h"

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

text *
lead_text(SiText slice)
{
	return cstring_to_text_with_len(slice.data, slice.length);
}

char *
lead_model_feature_name(const SiFeature *feature)
{
	if (feature->element == 0)
		return pnstrdup(feature->column.data, feature->column.length);
	return psprintf("%.*s[%d]", feature->column.length, feature->column.data,
					feature->element);
}

double
lead_model_mean_effect(const SiFeature *feature)
{
	double		sum = feature->missing.share * feature->missing.coefficient +
		feature->rare.share * feature->rare.coefficient;

	for (int i = 0; i < feature->nlevels; i++)
		sum += feature->levels[i].effect.share *
			   feature->levels[i].effect.coefficient;
	return sum;
}

/* ----- Decoding ----- */

/* NULL when the bytes are not a well-formed model. */
static SiLeadModel *
try_decode(const void *bytes, Size size)
{
	size_t		arena;
	SiLeadModel *model;

	if (si_lead_model_measure(bytes, size, &arena) != SI_OK)
		return NULL;
	model = palloc(sizeof(SiLeadModel));
	if (si_lead_model_decode(bytes, size, palloc(arena + 1), model) != SI_OK)
		return NULL;
	return model;
}

SiLeadModel *
lead_model_decode(struct varlena *bytes)
{
	SiLeadModel *model = try_decode(VARDATA_ANY(bytes),
									VARSIZE_ANY_EXHDR(bytes));

	if (model == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("stored lead model is damaged"),
				 errdetail("Its bytes do not match their checksum or format."),
				 errhint("Train the model again, or restore it from a dump.")));
	return model;
}

static bool
is_valid_text(SiText slice)
{
	return slice.length < 0 ||
		pg_verify_mbstr(GetDatabaseEncoding(), slice.data, slice.length, true);
}

/* Texts inside a model must be valid in this database's encoding. */
static bool
has_valid_texts(const SiLeadModel *model)
{
	bool		valid = true;

	for (int i = 0; i < model->nfeatures && valid; i++)
	{
		valid = is_valid_text(model->features[i].column);
		for (int k = 0; k < model->features[i].nlevels && valid; k++)
			valid = is_valid_text(model->features[i].levels[k].text);
	}
	for (int i = 0; i < model->nwarnings && valid; i++)
		valid = is_valid_text(model->warnings[i].feature) &&
			is_valid_text(model->warnings[i].message);
	return valid;
}

static bool
is_model(const void *bytes, Size size)
{
	SiLeadModel *model = try_decode(bytes, size);

	return model != NULL && has_valid_texts(model);
}

/* ----- Input and output ----- */

static const SiValueType model_type = {"lead_model", is_model};

PG_FUNCTION_INFO_V1(sales_intel_lead_model_in);
Datum
sales_intel_lead_model_in(PG_FUNCTION_ARGS)
{
	return si_value_in(fcinfo, &model_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_out);
Datum
sales_intel_lead_model_out(PG_FUNCTION_ARGS)
{
	return si_value_out(fcinfo, &model_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_recv);
Datum
sales_intel_lead_model_recv(PG_FUNCTION_ARGS)
{
	return si_value_recv(fcinfo, &model_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_send);
Datum
sales_intel_lead_model_send(PG_FUNCTION_ARGS)
{
	return si_value_send(fcinfo);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_model_hash);
Datum
sales_intel_lead_model_hash(PG_FUNCTION_ARGS)
{
	Datum		digest = DirectFunctionCall1(
		sha256_bytea,
		PointerGetDatum(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0))));
	bytea	   *bytes = DatumGetByteaPP(digest);
	char		hex[2 * 32 + 1];

	hex_encode(VARDATA_ANY(bytes), 32, hex);
	hex[2 * 32] = '\0';
	PG_RETURN_TEXT_P(cstring_to_text(hex));
}

/* ----- Accessors ----- */

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
	values[0] = CStringGetTextDatum("logistic");
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

	InitMaterializedSRF(fcinfo, 0);
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

	InitMaterializedSRF(fcinfo, 0);
	if (!model->fitted)
		return (Datum) 0;
	put_coefficient(result, "(intercept)", NULL, model->intercept, model->intercept_std_error);
	for (int i = 0; i < model->nfeatures; i++)
		put_feature(result, &model->features[i]);
	return (Datum) 0;
}
