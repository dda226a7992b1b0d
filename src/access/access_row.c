/*
 * access_row.c
 *	  A row as texts that depend on no setting, and the digest of them.
 *
 * Two equal rows give the same digest in any session and after a restore, in
 * whatever order a table has its columns.  So the settings that change how
 * values are written are pinned while they are: for the server's own types by
 * assignment to the variables behind them, which costs nothing a row; for types
 * whose output may look names up, or that nobody here knows, through the
 * settings themselves.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/bytea.h"
#include "utils/float.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "access/access_digest.h"
#include "access/access_row.h"
#include "pg/si_value.h"

typedef struct Column
{
	int			number;			/* from 0 */
	NameData	name;
	FmgrInfo	out;
} Column;

struct AccessRow
{
	TupleDesc	desc;
	bool		any_strange;	/* type among them */
	pg_tz	   *zone;
	StringInfoData message;
	Datum	   *values;
	bool	   *nulls;
	int			columns;
	Column		column[FLEXIBLE_ARRAY_MEMBER];	/* by name */
};

/* ----- Types ----- */

/* Does the type's output look at more than the pinned variables? */
static bool
is_strange(Oid type)
{
	Oid			base = getBaseType(type);
	Oid			element = get_element_type(base);

	if (OidIsValid(element))
		return is_strange(element);
	if (type_is_enum(base))
		return false;
	if (type_is_range(base))
		return is_strange(get_range_subtype(base));
	switch (base)
	{
		case MONEYOID:
		case REGPROCOID:
		case REGPROCEDUREOID:
		case REGOPEROID:
		case REGOPERATOROID:
		case REGCLASSOID:
		case REGCOLLATIONOID:
		case REGTYPEOID:
		case REGCONFIGOID:
		case REGDICTIONARYOID:
		case REGROLEOID:
		case REGNAMESPACEOID:
			return true;
	}
	return base >= FirstGenbkiObjectId || get_typtype(base) != TYPTYPE_BASE;
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(NameStr(((const Column *) a)->name),
				  NameStr(((const Column *) b)->name));
}

AccessRow *
access_row_create(TupleDesc desc, MemoryContext context)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	AccessRow  *row = palloc0(offsetof(AccessRow, column) +
							  desc->natts * sizeof(Column));

	row->desc = CreateTupleDescCopyConstr(desc);
	row->zone = pg_tzset("GMT");
	row->values = palloc(desc->natts * sizeof(Datum));
	row->nulls = palloc(desc->natts * sizeof(bool));
	initStringInfo(&row->message);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		Column	   *column = &row->column[row->columns];
		Oid			out;
		bool		varlena;

		if (attribute->attisdropped)
			continue;
		getTypeOutputInfo(attribute->atttypid, &out, &varlena);
		fmgr_info(out, &column->out);
		column->number = i;
		column->name = attribute->attname;
		row->any_strange |= is_strange(attribute->atttypid);
		row->columns++;
	}
	qsort(row->column, row->columns, sizeof(Column), compare_names);
	MemoryContextSwitchTo(old);
	return row;
}

/* ----- Texts ----- */

static void
pin(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

static void
write_columns(AccessRow *row, char **texts)
{
	for (int i = 0; i < row->columns; i++)
	{
		Column	   *column = &row->column[i];
		int			number = column->number;

		if (!row->nulls[number])
			texts[number] = OutputFunctionCall(&column->out,
											   row->values[number]);
	}
}

static void
write_strange_columns(AccessRow *row, char **texts)
{
	int			level = NewGUCNestLevel();

	pin("search_path", "pg_catalog");
	pin("lc_monetary", "C");
	pin("quote_all_identifiers", "off");
	write_columns(row, texts);
	AtEOXact_GUC(true, level);
}

/* The variables behind settings, while values are written. */
typedef struct Settings
{
	int			date_style;
	int			interval_style;
	int			float_digits;
	int			bytea_style;
	pg_tz	   *zone;
} Settings;

static Settings
exchange(Settings new)
{
	Settings	old = {DateStyle, IntervalStyle, extra_float_digits,
	bytea_output, session_timezone};

	DateStyle = new.date_style;
	IntervalStyle = new.interval_style;
	extra_float_digits = new.float_digits;
	bytea_output = new.bytea_style;
	session_timezone = new.zone;
	return old;
}

char **
access_row_texts(AccessRow *row, HeapTuple tuple)
{
	char	  **texts = palloc0(row->desc->natts * sizeof(char *));
	Settings	old;

	heap_deform_tuple(tuple, row->desc, row->values, row->nulls);
	old = exchange((Settings) {USE_ISO_DATES, INTSTYLE_POSTGRES, 1,
				   BYTEA_OUTPUT_HEX, row->zone});
	PG_TRY();
	{
		if (row->any_strange)
			write_strange_columns(row, texts);
		else
			write_columns(row, texts);
	}
	PG_FINALLY();
	{
		(void) exchange(old);
	}
	PG_END_TRY();
	return texts;
}

void
access_row_digest(AccessRow *row, char **texts,
				  uint8 digest[PG_SHA256_DIGEST_LENGTH])
{
	StringInfo	message = &row->message;

	resetStringInfo(message);
	appendStringInfoString(message, "sales_intel/row/1");
	for (int i = 0; i < row->columns; i++)
	{
		const char *name = NameStr(row->column[i].name);
		const char *text = texts[row->column[i].number];

		access_append_text(message, name, strlen(name));
		pq_sendbyte(message, text != NULL);
		if (text != NULL)
			access_append_text(message, text, strlen(text));
	}
	access_sha256(message, digest);
}

/* ----- SQL ----- */

/* The row's type may change from call to call. */
static AccessRow *
row_of(FunctionCallInfo fcinfo, HeapTupleHeader header)
{
	AccessRow  *row = fcinfo->flinfo->fn_extra;
	TupleDesc	desc = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(header),
											  HeapTupleHeaderGetTypMod(header));

	if (row == NULL || !equalTupleDescs(row->desc, desc))
		row = fcinfo->flinfo->fn_extra =
			access_row_create(desc, fcinfo->flinfo->fn_mcxt);
	ReleaseTupleDesc(desc);
	return row;
}

/* row_hash(record) -> bytea */
PG_FUNCTION_INFO_V1(sales_intel_access_row_hash);
Datum
sales_intel_access_row_hash(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	AccessRow  *row = row_of(fcinfo, header);
	bytea	   *hash = palloc(VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(header),
	.t_data = header};

	SET_VARSIZE(hash, VARHDRSZ + PG_SHA256_DIGEST_LENGTH);
	access_row_digest(row, access_row_texts(row, &tuple),
					  (uint8 *) VARDATA(hash));
	PG_RETURN_BYTEA_P(hash);
}
