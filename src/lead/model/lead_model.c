/*
 * lead_model.c
 *	  The lead_model type: input, output, hash.
 *
 * The text form is "lead_model:" and base64 of the binary form; both are
 * checked to the last byte on their way in.
 */
#include "postgres.h"

#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "lead/model/lead_model.h"
#include "pg/si_value.h"

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

struct varlena *
lead_model_create(Size size)
{
	return si_value_create(size, &model_type);
}

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
