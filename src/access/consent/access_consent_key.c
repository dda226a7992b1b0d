/*
 * access_consent_key.c
 *	  Keys of subjects: values of a column, and the texts that stand for them.
 *
 * A subject is known by text.  Of a number that is its decimal form, of a uuid
 * the lower-case one with hyphens; a text is itself.  Any other spelling of the
 * same value is no subject of the column's.
 */
#include "postgres.h"

#include <errno.h>

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "access/consent/access_consent_key.h"

bool
access_consent_is_key(Oid type)
{
	switch (getBaseType(type))
	{
		case INT4OID:
		case INT8OID:
		case UUIDOID:
		case TEXTOID:
		case VARCHAROID:
			return true;
		default:
			return false;
	}
}

void
access_uuid_text(const pg_uuid_t *uuid, char *text)
{
	static const char digit[] = "0123456789abcdef";

	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*text++ = '-';
		*text++ = digit[uuid->data[i] >> 4];
		*text++ = digit[uuid->data[i] & 15];
	}
}

char *
access_consent_subject(Oid type, Datum key)
{
	switch (getBaseType(type))
	{
		case INT4OID:
			return psprintf("%d", DatumGetInt32(key));
		case INT8OID:
			return psprintf(INT64_FORMAT, DatumGetInt64(key));
		case UUIDOID:
			return DatumGetCString(DirectFunctionCall1(uuid_out, key));
		default:
			return TextDatumGetCString(key);
	}
}

/* The number, if it fits; whether it is its own canonical text is not seen. */
static bool
read_number(const char *text, int64 least, int64 most, int64 *number)
{
	char	   *end;

	errno = 0;
	*number = strtoi64(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *number >= least &&
		*number <= most;
}

static bool
looks_like_uuid(const char *text)
{
	return strlen(text) == ACCESS_UUID_TEXT &&
		strspn(text, "0123456789abcdef-") == ACCESS_UUID_TEXT &&
		strcspn(text, "-") == 8 && strcspn(text + 9, "-") == 4 &&
		strcspn(text + 14, "-") == 4 && strcspn(text + 19, "-") == 4 &&
		strcspn(text + 24, "-") == 12;
}

bool
access_consent_key(Oid type, const char *subject, Datum *key)
{
	int64		number;

	switch (getBaseType(type))
	{
		case INT4OID:
			if (!read_number(subject, PG_INT32_MIN, PG_INT32_MAX, &number))
				return false;
			*key = Int32GetDatum((int32) number);
			break;
		case INT8OID:
			if (!read_number(subject, PG_INT64_MIN, PG_INT64_MAX, &number))
				return false;
			*key = Int64GetDatum(number);
			break;
		case UUIDOID:
			if (!looks_like_uuid(subject))
				return false;
			*key = DirectFunctionCall1(uuid_in, CStringGetDatum(subject));
			break;
		default:
			*key = CStringGetTextDatum(subject);
	}
	return strcmp(access_consent_subject(type, *key), subject) == 0;
}
