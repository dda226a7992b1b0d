/*
 * access_trust.c
 *	  Whose code a rule may run.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#include "access/rule/access_trust.h"

#define CONSENT	"consent_allows"

/* Functions of the extension that ask who looks. */
static const char *const getters[] = {
	"current_principal", "current_project", "current_purpose", "attr",
	"attr_is", "attr_has", "attrs", "attr_number", "attr_bigint",
	"attrs_bigint", "in_current_project", CONSENT
};

/* Said to be immutable, but their results follow settings of the session. */
static const Oid settable[] = {
	F_BYTEAOUT, F_FLOAT4OUT, F_FLOAT8OUT, F_INTERVAL_OUT, F_QUOTE_IDENT,
	F_BOX_OUT, F_CIRCLE_OUT, F_LINE_OUT, F_LSEG_OUT, F_PATH_OUT, F_POINT_OUT,
	F_POLY_OUT
};

bool
access_is_trusted(Oid class, Oid object, Oid owner)
{
	return object < FirstNormalObjectId ||
		(OidIsValid(getExtensionOfObject(class, object)) &&
		 superuser_arg(owner));
}

bool
access_function_is_trusted(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		trusted = HeapTupleIsValid(tuple) &&
		access_is_trusted(ProcedureRelationId, function,
						  ((Form_pg_proc) GETSTRUCT(tuple))->proowner);

	if (HeapTupleIsValid(tuple))
		ReleaseSysCache(tuple);
	return trusted;
}

/* Its name, if it is the extension's; NULL: it is not. */
static const char *
name_of_ours(Oid function)
{
	if (get_func_namespace(function) != get_namespace_oid("sales_intel", true) ||
		!OidIsValid(getExtensionOfObject(ProcedureRelationId, function)))
		return NULL;
	return get_func_name(function);
}

bool
access_is_getter(Oid function)
{
	const char *name = name_of_ours(function);

	for (size_t i = 0; name != NULL && i < lengthof(getters); i++)
	{
		if (strcmp(name, getters[i]) == 0)
			return true;
	}
	return false;
}

bool
access_is_consent(Oid function)
{
	const char *name = name_of_ours(function);

	return name != NULL && strcmp(name, CONSENT) == 0;
}

bool
access_is_watchful(Oid function)
{
	const char *name = name_of_ours(function);

	return name != NULL && (strcmp(name, "consent_live") == 0 ||
							strcmp(name, "consent_masked") == 0);
}

static bool
is_settable(Oid function)
{
	for (size_t i = 0; i < lengthof(settable); i++)
	{
		if (function == settable[i])
			return true;
	}
	return false;
}

static bool
pins_search_path(Datum settings)
{
	Datum	   *setting;
	int			count;

	deconstruct_array(DatumGetArrayTypeP(settings), TEXTOID, -1, false,
					  TYPALIGN_INT, &setting, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		if (strncmp(TextDatumGetCString(setting[i]), "search_path=", 12) == 0)
			return true;
	}
	return false;
}

/* Is it text whose names mean what the search_path of a session says? */
static bool
follows_search_path(HeapTuple tuple)
{
	Oid			language = ((Form_pg_proc) GETSTRUCT(tuple))->prolang;
	bool		unparsed;
	bool		unset;
	Datum		settings = SysCacheGetAttr(PROCOID, tuple,
										   Anum_pg_proc_proconfig, &unset);

	(void) SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosqlbody,
						   &unparsed);
	return language != INTERNALlanguageId && language != ClanguageId &&
		unparsed && (unset || !pins_search_path(settings));
}

const char *
access_function_fault(HeapTuple tuple)
{
	Form_pg_proc function = (Form_pg_proc) GETSTRUCT(tuple);
	Oid			oid = function->oid;

	if (!access_is_trusted(ProcedureRelationId, oid, function->proowner))
		return "belongs neither to PostgreSQL nor, by a superuser, to an extension";
	if (function->prosecdef)
		return "is SECURITY DEFINER";
	if (oid == F_NOW || oid == F_TRANSACTION_TIMESTAMP ||
		oid == F_STATEMENT_TIMESTAMP || access_is_getter(oid))
		return NULL;
	if (function->provolatile == PROVOLATILE_VOLATILE)
		return "is VOLATILE";
	if (function->provolatile == PROVOLATILE_STABLE || is_settable(oid))
		return "depends on more than its arguments, such as settings that anybody may change";
	if (follows_search_path(tuple))
		return "is text that is read anew, with the search_path of whoever asks";
	return NULL;
}
