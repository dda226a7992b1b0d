/*
 * si_row.c
 *	  Feature rows: records whose columns are matched by name.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/syscache.h"

#include "pg/si_compat.h"
#include "pg/si_row.h"

/* Fill read and kind for a scalar base type; false when it is no feature. */
static bool
scalar_type(Oid base, SiColumnType *out)
{
	out->kind = SI_FEATURE_NUMERIC;
	switch (base)
	{
		case BOOLOID:
			out->read = SI_READ_BOOL;
			return true;
		case INT2OID:
			out->read = SI_READ_INT2;
			return true;
		case INT4OID:
			out->read = SI_READ_INT4;
			return true;
		case INT8OID:
			out->read = SI_READ_INT8;
			return true;
		case FLOAT4OID:
			out->read = SI_READ_FLOAT4;
			return true;
		case FLOAT8OID:
			out->read = SI_READ_FLOAT8;
			return true;
		case NUMERICOID:
			out->read = SI_READ_NUMERIC;
			return true;
	}
	out->kind = SI_FEATURE_CATEGORY;
	switch (base)
	{
		case TEXTOID:
		case VARCHAROID:
			out->read = SI_READ_TEXT;
			return true;
		case BPCHAROID:
			out->read = SI_READ_BPCHAR;
			return true;
	}
	out->read = SI_READ_ENUM;
	return type_is_enum(base);
}

bool
si_column_type(Oid type, SiColumnType *out)
{
	Oid			base = getBaseType(type);

	out->element = get_element_type(base);
	out->array = OidIsValid(out->element);
	if (!out->array)
		return scalar_type(base, out);
	return scalar_type(getBaseType(out->element), out) &&
		out->kind == SI_FEATURE_NUMERIC;
}

static const char *
type_hint(Oid base)
{
	switch (base)
	{
		case DATEOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return "Turn a point in time into an age, for example extract(epoch FROM scored_at - created_at) / 86400, or exclude the column.";
		case INTERVALOID:
		case TIMEOID:
		case TIMETZOID:
			return "Turn it into a number with extract(epoch FROM ...), or exclude the column.";
		case UUIDOID:
		case OIDOID:
			return "A key says nothing about the next lead: exclude the column.";
		case JSONOID:
		case JSONBOID:
			return "Extract the fields that matter with ->> and a cast, or exclude the column.";
		case MONEYOID:
			return "Cast it to numeric, or exclude the column.";
	}
	return "Cast it to a number or to text in a subquery, or name it in option \"exclude\".";
}

void
si_reject_column(const char *name, Oid type)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of type %s cannot be a feature", name, format_type_be(type)),
			 errdetail("Features are boolean, numeric, text and enum columns, their domains, and arrays of numbers."),
			 errhint("%s", type_hint(getBaseType(type)))));
}

void
si_reject_number(const char *name, int element, double value)
{
	const char *feature = element ? psprintf("%s[%d]", name, element) : name;

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("feature \"%s\" is %s", feature,
					isnan(value) ? "NaN" : isinf(value) ? "infinite" : "too large"),
			 errdetail("Feature values must be numbers from %g to %g.", -SI_LARGEST_NUMBER, SI_LARGEST_NUMBER),
			 errhint("Write NULL for a value that is not known: NULLIF(%s, 'NaN').", quote_identifier(name))));
}

void
si_reject_missing(const char *name, char *present)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("feature row has no column \"%s\"", name),
			 errdetail("Its columns are: %s.", present),
			 errhint("Columns match by name: pass a table row or a subquery row that has the column; ROW(...) has no names.")));
}

static const char *
kind_name(SiFeatureKind kind, bool array)
{
	return kind == SI_FEATURE_CATEGORY ? "a category" :
		array ? "an array of numbers" : "a number";
}

void
si_check_kind(const SiColumn *column, const SiColumnType *type)
{
	if (column->kind != type->kind || column->array != type->array)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" is %s here", column->name, kind_name(type->kind, type->array)),
				 errdetail("In training it is %s.", kind_name(column->kind, column->array)),
				 errhint("Cast the column to the type it had in training.")));
}

char *
si_column_names(TupleDesc desc)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && names.len < 1000)
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 NameStr(att->attname));
	}
	return names.data;
}

SiRowReader *
si_row_reader(MemoryContext context, int ncolumns, const SiColumn *columns)
{
	SiRowReader *reader = MemoryContextAllocZero(context, sizeof(SiRowReader));

	reader->context = context;
	reader->ncolumns = ncolumns;
	reader->columns = columns;
	reader->types = MemoryContextAllocZero(context,
										   ncolumns * sizeof(SiColumnType) + 1);
	reader->place = MemoryContextAllocZero(context, ncolumns * sizeof(int) + 1);
	reader->labels = MemoryContextAllocZero(
		context, ncolumns * sizeof(SiEnumLabels) + 1);
	return reader;
}

int
si_find_column(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), name) == 0)
			return i;
	}
	return -1;
}

static void
bind_columns(SiRowReader *reader, TupleDesc desc)
{
	for (int i = 0; i < reader->ncolumns; i++)
	{
		const SiColumn *column = &reader->columns[i];
		int			place = si_find_column(desc, column->name);
		Oid			type;

		if (place < 0)
			si_reject_missing(column->name, si_column_names(desc));
		type = TupleDescAttr(desc, place)->atttypid;
		if (!si_column_type(type, &reader->types[i]))
			si_reject_column(column->name, type);
		si_check_kind(column, &reader->types[i]);
		reader->labels[i].count = 0;
		reader->place[i] = place;
	}
}

/* Keep a copy of the record type: the cached one may go away under us. */
static void
keep_descriptor(SiRowReader *reader, TupleDesc desc)
{
	MemoryContext old = MemoryContextSwitchTo(reader->context);

	if (reader->desc != NULL)
	{
		FreeTupleDesc(reader->desc);
		reader->desc = NULL;
		pfree(reader->values);
		pfree(reader->nulls);
	}
	reader->desc = CreateTupleDescCopy(desc);
	reader->values = palloc(desc->natts * sizeof(Datum) + 1);
	reader->nulls = palloc(desc->natts * sizeof(bool) + 1);
	MemoryContextSwitchTo(old);
}

/*
 * An anonymous record type never changes once registered.  A named one may:
 * its identifier in the type cache then changes too.
 */
bool
si_row_bind(SiRowReader *reader, HeapTupleHeader record)
{
	Oid			type = HeapTupleHeaderGetTypeId(record);
	int32		typmod = HeapTupleHeaderGetTypMod(record);
	TupleDesc	desc;

	if (type == reader->type && typmod == reader->typmod &&
		(type == RECORDOID ||
		 (reader->entry->tupDesc != NULL &&
		  reader->entry->tupDesc_identifier == reader->identifier)))
		return false;
	reader->type = InvalidOid;	/* stays so if binding fails */
	desc = lookup_rowtype_tupdesc(type, typmod);
	bind_columns(reader, desc);
	keep_descriptor(reader, desc);
	ReleaseTupleDesc(desc);
	if (type != RECORDOID)
	{
		reader->entry = lookup_type_cache(type, TYPECACHE_TUPDESC |
										  TYPECACHE_DOMAIN_BASE_INFO);
		if (reader->entry->tupDesc == NULL) /* a domain over a composite */
			reader->entry = lookup_type_cache(getBaseType(type),
											  TYPECACHE_TUPDESC);
		reader->identifier = reader->entry->tupDesc_identifier;
	}
	reader->typmod = typmod;
	reader->type = type;
	return true;
}

void
si_row_deform(SiRowReader *reader, HeapTupleHeader record)
{
	HeapTupleData tuple;

	tuple.t_len = HeapTupleHeaderGetDatumLength(record);
	ItemPointerSetInvalid(&tuple.t_self);
	tuple.t_tableOid = InvalidOid;
	tuple.t_data = record;
	heap_deform_tuple(&tuple, reader->desc, reader->values, reader->nulls);
}

double
si_read_number(SiRead read, Datum value)
{
	switch (read)
	{
		case SI_READ_BOOL:
			return DatumGetBool(value) ? 1 : 0;
		case SI_READ_INT2:
			return DatumGetInt16(value);
		case SI_READ_INT4:
			return DatumGetInt32(value);
		case SI_READ_INT8:
			return (double) DatumGetInt64(value);
		case SI_READ_FLOAT4:
			return DatumGetFloat4(value);
		case SI_READ_FLOAT8:
			return DatumGetFloat8(value);
		case SI_READ_NUMERIC:
			return DatumGetFloat8(
				DirectFunctionCall1(numeric_float8_no_overflow, value));
		default:
			elog(ERROR, "value is not a number");
	}
}

static SiText
enum_label(Oid value, SiEnumLabels *labels, MemoryContext context)
{
	HeapTuple	tuple;
	Name		label;
	SiText	   *text;

	for (int i = 0; i < labels->count; i++)
		if (labels->value[i] == value)
			return labels->label[i];
	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for enum value %u", value);
	if (labels->count == labels->capacity)
	{
		int			capacity = Max(16, 2 * labels->capacity);
		Oid		   *values = MemoryContextAlloc(context,
												capacity * sizeof(Oid));
		SiText	   *texts = MemoryContextAlloc(context,
											   capacity * sizeof(SiText));

		if (labels->count > 0)
		{
			memcpy(values, labels->value, labels->count * sizeof(Oid));
			memcpy(texts, labels->label, labels->count * sizeof(SiText));
		}
		labels->value = values;
		labels->label = texts;
		labels->capacity = capacity;
	}
	label = &((Form_pg_enum) GETSTRUCT(tuple))->enumlabel;
	text = &labels->label[labels->count];
	text->data = MemoryContextStrdup(context, NameStr(*label));
	text->length = strlen(text->data);
	labels->value[labels->count++] = value;
	ReleaseSysCache(tuple);
	return *text;
}

SiText
si_read_category(SiRead read, Datum value, SiEnumLabels *labels,
				 MemoryContext context)
{
	SiText		text;
	struct varlena *packed;

	if (read == SI_READ_ENUM)
		return enum_label(DatumGetObjectId(value), labels, context);
	packed = PG_DETOAST_DATUM_PACKED(value);
	text.data = VARDATA_ANY(packed);
	text.length = VARSIZE_ANY_EXHDR(packed);
	if (read == SI_READ_BPCHAR)
		text.length = bpchartruelen((char *) text.data, text.length);
	return text;
}

int
si_array_width(const char *name, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);

	if (ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("array feature \"%s\" has %d dimensions", name, ARR_NDIM(array)),
				 errdetail("An array feature is a list of numbers, of the same length in every row."),
				 errhint("Write NULL for a row that has no list.")));
	return ARR_DIMS(array)[0];
}

void
si_reject_width(const SiColumn *column, int width)
{
	ereport(ERROR,
			(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
			 errmsg("array feature \"%s\" has %d elements", column->name, width),
			 errdetail("The rows that the model learns or learned from have %d.", column->width),
			 errhint("Give every row a list of the same length, or NULL.")));
}

void
si_read_array(const SiColumn *column, const SiColumnType *type, Datum value,
			  double *cells)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	int			width = si_array_width(column->name, PointerGetDatum(array));
	Oid			element = ARR_ELEMTYPE(array);
	int16		length;
	bool		byval;
	char		align;
	Datum	   *items;
	bool	   *nulls;
	int			count;

	if (width != column->width)
		si_reject_width(column, width);
	get_typlenbyvalalign(element, &length, &byval, &align);
	deconstruct_array(array, element, length, byval, align, &items, &nulls,
					  &count);
	for (int i = 0; i < count; i++)
	{
		cells[i] = nulls[i] ? NAN : si_read_number(type->read, items[i]);
		if (!nulls[i])
			si_check_number(column->name, i + 1, cells[i]);
	}
}
