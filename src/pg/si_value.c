/*
 * si_value.c
 *	  Typed values that are a varlena around checked bytes: their input and
 *	  output, their results.
 */
#include "postgres.h"

#include <math.h>

#include "common/base64.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "pg/si_value.h"

Datum
si_value_in(FunctionCallInfo fcinfo, const SiValueType *type)
{
	char	   *text = PG_GETARG_CSTRING(0);
	int			prefix = strlen(type->name);
	int			length = (int) strlen(text) - prefix - 1;
	int			room = length > 0 ? pg_b64_dec_len(length) : 0;
	struct varlena *value = palloc(VARHDRSZ + room + 1);
	int			size = -1;

	if (length > 0 && strncmp(text, type->name, prefix) == 0 &&
		text[prefix] == ':')
		size = pg_b64_decode(text + prefix + 1, length,
							 (void *) VARDATA(value), room);
	if (size < 0 || !type->valid(VARDATA(value), size))
		ereturn(fcinfo->context, (Datum) 0,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type %s", type->name),
				 errdetail("The text is not \"%s:\" followed by undamaged bytes in base64.", type->name),
				 errhint("Copy the whole text of a value, as SELECT or COPY prints it.")));
	SET_VARSIZE(value, VARHDRSZ + size);
	PG_RETURN_POINTER(value);
}

Datum
si_value_out(FunctionCallInfo fcinfo, const SiValueType *type)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	int			prefix = strlen(type->name);
	int			room = pg_b64_enc_len(VARSIZE_ANY_EXHDR(value));
	char	   *text = palloc(prefix + 1 + room + 1);
	int			length;

	memcpy(text, type->name, prefix);
	text[prefix++] = ':';
	length = pg_b64_encode((void *) VARDATA_ANY(value),
						   VARSIZE_ANY_EXHDR(value), text + prefix, room);
	if (length < 0)
		elog(ERROR, "could not encode %s", type->name);
	text[prefix + length] = '\0';
	PG_RETURN_CSTRING(text);
}

Datum
si_value_recv(FunctionCallInfo fcinfo, const SiValueType *type)
{
	StringInfo	buffer = (StringInfo) PG_GETARG_POINTER(0);
	int			size = buffer->len - buffer->cursor;
	const char *bytes = pq_getmsgbytes(buffer, size);
	struct varlena *value = palloc(VARHDRSZ + size);

	memcpy(VARDATA(value), bytes, size);
	SET_VARSIZE(value, VARHDRSZ + size);
	if (!type->valid(VARDATA(value), size))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid binary format for type %s", type->name),
				 errdetail("The bytes do not match their checksum or format."),
				 errhint("Send the bytes that %s_send returns.", type->name)));
	PG_RETURN_POINTER(value);
}

Datum
si_value_send(FunctionCallInfo fcinfo)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	StringInfoData buffer;

	pq_begintypsend(&buffer);
	pq_sendbytes(&buffer, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
	PG_RETURN_BYTEA_P(pq_endtypsend(&buffer));
}

struct varlena *
si_value_create(Size size, const SiValueType *type)
{
	struct varlena *value;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s is too large", type->name),
				 errdetail("It takes %zu kB, the limit is 1 GB.", size / 1024),
				 errhint("Use a sample of the rows, or aggregate them in groups.")));
	value = palloc(VARHDRSZ + size);
	SET_VARSIZE(value, VARHDRSZ + size);
	return value;
}

void
si_value_damaged(const SiValueType *type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("stored %s is damaged", type->name),
			 errdetail("Its bytes do not match their checksum or format."),
			 errhint("Aggregate the rows again, or restore it from a dump.")));
}

Datum
si_value_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls)
{
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	PG_RETURN_DATUM(HeapTupleGetDatum(
		heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}

void
si_value_text(Datum *values, bool *nulls, int column, const char *string)
{
	nulls[column] = string == NULL;
	if (string != NULL)
		values[column] = CStringGetTextDatum(string);
}

void
si_value_number(Datum *values, bool *nulls, int column, double number)
{
	values[column] = Float8GetDatum(number);
	nulls[column] = isnan(number);
}
