/*
 * stats_cox_model.c
 *	  The cox_model type: its input and output, and what can be read off it.
 */
#include "stats/cox/stats_cox.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"

#include "core/stats/distribution/si_gamma.h"
#include "core/stats/distribution/si_normal.h"
#include "mb/pg_wchar.h"
#include "pg/si_aggregate.h"

static bool
texts_are_encoded(const SiCoxModel *model)
{
	for (int i = 0; i < model->nfeatures; i++)
		if (!pg_verifymbstr(model->features[i].name.data,
							model->features[i].name.length, true))
			return false;
	for (int i = 0; i < model->nterms; i++)
		if (!pg_verifymbstr(model->terms[i].level.data,
							model->terms[i].level.length, true))
			return false;
	return true;
}

static bool
is_model(const void *bytes, Size size)
{
	SiCoxModel	model;
	size_t		arena;

	return si_cox_model_measure(bytes, size, &arena) == SI_OK &&
		si_cox_model_decode(bytes, size, palloc(arena + 1), &model) == SI_OK &&
		texts_are_encoded(&model);
}

const SiValueType cox_type = {"cox_model", is_model};

SI_VALUE_FUNCTIONS(stats_cox, &cox_type);

SiCoxModel *
cox_decode(struct varlena *value)
{
	SiCoxModel *model = palloc(sizeof(SiCoxModel));
	Size		size = VARSIZE_ANY_EXHDR(value);
	size_t		arena;

	if (si_cox_model_measure(VARDATA_ANY(value), size, &arena) != SI_OK ||
		si_cox_model_decode(VARDATA_ANY(value), size, palloc(arena + 1),
							model) != SI_OK ||
		!texts_are_encoded(model))
		si_value_damaged(&cox_type);
	return model;
}

static SiCoxModel *
model_arg(FunctionCallInfo fcinfo, int n)
{
	return cox_decode(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n)));
}

/* Twice the gain in log-likelihood is chi-square, unless penalised. */
static double
likelihood_ratio_p(const SiCoxModel *model)
{
	if (!model->fitted || model->df == 0 || model->l2 > 0)
		return NAN;
	return si_chi_square_sf(model->df,
							2 * (model->loglik - model->null_loglik));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_summary);
Datum
sales_intel_stats_cox_summary(PG_FUNCTION_ARGS)
{
	Datum		values[10];
	bool		nulls[10] = {false};
	SiCoxModel *model;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	model = model_arg(fcinfo, 0);
	values[0] = Int64GetDatum(model->rows);
	values[1] = Int64GetDatum(model->events);
	values[2] = Int64GetDatum(model->skipped);
	values[3] = CStringGetTextDatum(model->breslow ? "breslow" : "efron");
	values[4] = Float8GetDatum(model->l2);
	values[5] = Int64GetDatum(model->df);
	si_value_number(values, nulls, 6, model->concordance);
	si_value_number(values, nulls, 7, model->fitted ? model->loglik : NAN);
	si_value_number(values, nulls, 8, model->fitted ? model->null_loglik : NAN);
	si_value_number(values, nulls, 9, likelihood_ratio_p(model));
	return si_value_row(fcinfo, values, nulls);
}

/* ----- Coefficients ----- */

static text *
feature_name(const SiCoxFeature *feature, const SiCoxTerm *term)
{
	if (term->element == 0)
		return cstring_to_text_with_len(feature->name.data,
										feature->name.length);
	return cstring_to_text(psprintf("%.*s[%d]", feature->name.length,
									feature->name.data, term->element));
}

static void
put_term(ReturnSetInfo *result, const SiCoxFeature *feature,
		 const SiCoxTerm *term, double reach)
{
	double		z = term->coefficient / term->std_error;
	Datum		values[9];
	bool		nulls[9] = {false};

	values[0] = PointerGetDatum(feature_name(feature, term));
	nulls[1] = term->kind == SI_COX_SLOPE;
	values[1] = nulls[1] ? (Datum) 0 : PointerGetDatum(
		term->kind == SI_COX_MISSING ? cstring_to_text("(missing)") :
		cstring_to_text_with_len(term->level.data, term->level.length));
	values[2] = Float8GetDatum(term->coefficient);
	si_value_number(values, nulls, 3, term->std_error);
	si_value_number(values, nulls, 4, z);
	si_value_number(values, nulls, 5, isnan(z) ? NAN : si_normal_p_value(z));
	values[6] = Float8GetDatum(exp(term->coefficient));
	si_value_number(values, nulls, 7,
					exp(term->coefficient - reach * term->std_error));
	si_value_number(values, nulls, 8,
					exp(term->coefficient + reach * term->std_error));
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_coefficients);
Datum
sales_intel_stats_cox_coefficients(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiCoxModel *model = model_arg(fcinfo, 0);
	double		beyond = 1 - si_level_argument(fcinfo, 1);
	double		reach = -si_normal_quantile(beyond / 2);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < model->nfeatures && model->fitted; i++)
		for (int k = 0; k < model->features[i].nterms; k++)
			put_term(result, &model->features[i],
					 &model->features[i].terms[k], reach);
	return (Datum) 0;
}

/* ----- Warnings ----- */

static const struct
{
	const char *code;
	const char *message;
}			warnings[] = {
	[SI_COX_NO_EVENTS] = {"no_events", "no row has the event: there are no coefficients, and risks are NULL"},
	[SI_COX_FEW_EVENTS] = {"few_events", "there are fewer than ten events for each coefficient: they may be far off"},
	[SI_COX_MONOTONE] = {"monotone", "the likelihood grows without end: some rows always come first; a ridge (l2) holds the coefficients, which are no estimates of an effect"},
	[SI_COX_CONSTANT] = {"constant_feature", "every row has the same value: there is no coefficient"},
	[SI_COX_COLLINEAR] = {"collinear", "the events cannot tell it from other features, or say nothing about it: its coefficient is 0"},
};

static const SiCoxFeature *
feature_of(const SiCoxModel *model, int term)
{
	const SiCoxFeature *feature = model->features;

	while (feature->terms + feature->nterms <= model->terms + term)
		feature++;
	return feature;
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_warnings);
Datum
sales_intel_stats_cox_warnings(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiCoxModel *model = model_arg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < model->nwarnings; i++)
	{
		SiCoxWarningCode code = model->warnings[i].code;
		int			at = model->warnings[i].term;
		const SiCoxTerm *term = at < 0 ? NULL : &model->terms[at];
		Datum		values[4];
		bool		nulls[4] = {false};

		nulls[1] = term == NULL;
		nulls[2] = term == NULL || term->kind == SI_COX_SLOPE;
		values[0] = CStringGetTextDatum(warnings[code].code);
		values[1] = nulls[1] ? (Datum) 0 :
			PointerGetDatum(feature_name(feature_of(model, at), term));
		values[2] = nulls[2] ? (Datum) 0 : PointerGetDatum(
			term->kind == SI_COX_MISSING ? cstring_to_text("(missing)") :
			cstring_to_text_with_len(term->level.data, term->level.length));
		values[3] = CStringGetTextDatum(warnings[code].message);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/* ----- The average row's hazard ----- */

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_baseline);
Datum
sales_intel_stats_cox_baseline(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiCoxModel *model = model_arg(fcinfo, 0);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int i = 0; i < model->nsteps; i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false};

		values[0] = Float8GetDatum(model->at[i]);
		values[1] = Float8GetDatum(model->hazard[i]);
		values[2] = Float8GetDatum(exp(-model->hazard[i]));
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}
