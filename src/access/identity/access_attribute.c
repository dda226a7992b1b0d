/*
 * access_attribute.c
 *	  What is true of whoever looks.
 *
 * Every function returns NULL without an identity.  With one, an attribute that
 * is not there is NULL, false or an empty array.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "access/identity/access_identity.h"

typedef struct Found
{
	const AccessAttribute *attribute;	/* those of the name stand together */
	int			count;			/* of different values */
} Found;

/* False: there is no identity. */
static bool
find_attributes(FunctionCallInfo fcinfo, Found *found)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	AccessIdentity identity;

	found->count = 0;
	if (!access_identity(&identity))
		return false;
	access_principal_attributes(identity.principal);
	for (int i = 0; i < identity.principal->attributes; i++)
	{
		AccessAttribute *attribute = &identity.principal->attribute[i];

		if (strcmp(attribute->name, name) != 0)
			continue;
		if (found->count++ == 0)
			found->attribute = attribute;
	}
	return true;
}

/* The only value; NULL: there is no identity, or no value. */
static const char *
only_value(FunctionCallInfo fcinfo)
{
	Found		found;

	if (!find_attributes(fcinfo, &found) || found.count == 0)
		return NULL;
	if (found.count > 1)
		ereport(ERROR,
				(errcode(ERRCODE_CARDINALITY_VIOLATION),
				 errmsg("the attribute \"%s\" has several values",
						found.attribute->name),
				 errdetail("It has %d.", found.count),
				 errhint("Use attrs() or attr_has() where there may be several.")));
	return found.attribute->value;
}

/* attr(name text) -> text */
PG_FUNCTION_INFO_V1(sales_intel_access_attr);
Datum
sales_intel_access_attr(PG_FUNCTION_ARGS)
{
	const char *value = only_value(fcinfo);

	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(value));
}

static Datum
among(FunctionCallInfo fcinfo, const Found *found)
{
	char	   *wanted = text_to_cstring(PG_GETARG_TEXT_PP(1));

	for (int i = 0; i < found->count; i++)
	{
		if (strcmp(found->attribute[i].value, wanted) == 0)
			PG_RETURN_BOOL(true);
	}
	PG_RETURN_BOOL(false);
}

/* attr_is(name text, value text) -> boolean: its only value is that */
PG_FUNCTION_INFO_V1(sales_intel_access_attr_is);
Datum
sales_intel_access_attr_is(PG_FUNCTION_ARGS)
{
	Found		found;

	if (!find_attributes(fcinfo, &found))
		PG_RETURN_NULL();
	if (found.count != 1)
		PG_RETURN_BOOL(false);
	return among(fcinfo, &found);
}

/* attr_has(name text, value text) -> boolean: that is one of its values */
PG_FUNCTION_INFO_V1(sales_intel_access_attr_has);
Datum
sales_intel_access_attr_has(PG_FUNCTION_ARGS)
{
	Found		found;

	if (!find_attributes(fcinfo, &found))
		PG_RETURN_NULL();
	return among(fcinfo, &found);
}

/* attrs(name text) -> text[], ascending by bytes */
PG_FUNCTION_INFO_V1(sales_intel_access_attrs);
Datum
sales_intel_access_attrs(PG_FUNCTION_ARGS)
{
	Found		found;
	Datum	   *values;

	if (!find_attributes(fcinfo, &found))
		PG_RETURN_NULL();
	values = palloc((found.count + 1) * sizeof(Datum));
	for (int i = 0; i < found.count; i++)
		values[i] = CStringGetTextDatum(found.attribute[i].value);
	PG_RETURN_ARRAYTYPE_P(construct_array(values, found.count, TEXTOID, -1,
										  false, TYPALIGN_INT));
}
