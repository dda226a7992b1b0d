/*
 * si_options.c
 *	  Reads jsonb options into a structure, guided by a table.
 *
 * An unknown option, a value of the wrong type or out of range is an error
 * that says what would be right; nothing falls back to a default silently.
 */
#include "postgres.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

#include "pg/si_compat.h"
#include "pg/si_options.h"

static char *
known_names(const SiOption *table, int count)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; i < count; i++)
		appendStringInfo(&names, "%s%s", i ? ", " : "", table[i].name);
	return names.data;
}

static char *
known_choices(const char *const *choices)
{
	StringInfoData names;

	initStringInfo(&names);
	for (int i = 0; choices[i] != NULL; i++)
		appendStringInfo(&names, "%s%s", i ? ", " : "", choices[i]);
	return names.data;
}

pg_noreturn static void
wrong_value(const SiOption *option, const char *expected)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" has a wrong value", option->name),
			 errdetail("The value must be %s.", expected),
			 errhint("Options are one JSON object: '{\"%s\": ...}'.", option->name)));
}

static double
read_number(const SiOption *option, const JsonbValue *value)
{
	double		number;

	if (value->type != jbvNumeric)
		wrong_value(option, psprintf("a number from %.15g to %.15g",
									 option->low, option->high));
	number = DatumGetFloat8(DirectFunctionCall1(
		numeric_float8_no_overflow, NumericGetDatum(value->val.numeric)));
	if (!(number >= option->low && number <= option->high))
		wrong_value(option, psprintf("a number from %.15g to %.15g",
									 option->low, option->high));
	return number;
}

static int
read_int(const SiOption *option, const JsonbValue *value)
{
	double		number = read_number(option, value);

	if (number != floor(number))
		wrong_value(option, psprintf("a whole number from %.15g to %.15g",
									 option->low, option->high));
	return (int) number;
}

static List *
read_ints(const SiOption *option, const JsonbValue *value)
{
	List	   *ints = NIL;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	item;

	if (value->type == jbvNumeric)
		return list_make1_int(read_int(option, value));
	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		wrong_value(option, "a whole number or a list of them");
	it = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &item, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			ints = lappend_int(ints, read_int(option, &item));
	return ints;
}

static char *
read_name(const SiOption *option, const JsonbValue *value, const char *expected)
{
	if (value->type != jbvString)
		wrong_value(option, expected);
	return pnstrdup(value->val.string.val, value->val.string.len);
}

static char *
read_scalar(const SiOption *option, const JsonbValue *value)
{
	if (value->type != jbvNumeric)
		return read_name(option, value, "a text or a number");
	return DatumGetCString(DirectFunctionCall1(
		numeric_out, NumericGetDatum(value->val.numeric)));
}

static int
read_choice(const SiOption *option, const JsonbValue *value)
{
	char	   *expected = psprintf("one of %s", known_choices(option->choices));
	char	   *name = read_name(option, value, expected);

	for (int i = 0; option->choices[i] != NULL; i++)
		if (strcmp(option->choices[i], name) == 0)
			return i;
	wrong_value(option, expected);
}

static List *
read_list(const SiOption *option, const JsonbValue *value,
		  const char *expected)
{
	List	   *names = NIL;
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	item;

	if (value->type != jbvBinary ||
		!JsonContainerIsArray(value->val.binary.data))
		wrong_value(option, expected);
	it = JsonbIteratorInit(value->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &item, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			names = lappend(names, read_name(option, &item, expected));
	return names;
}

static List *
read_names(const SiOption *option, const JsonbValue *value)
{
	const char *expected = option->low > 0 ?
		"a list of one or more column names" : "a list of column names";
	List	   *names = read_list(option, value, expected);

	if (list_length(names) < option->low)
		wrong_value(option, expected);
	return names;
}

static List *
read_texts(const SiOption *option, const JsonbValue *value)
{
	const char *expected = "a text or a list of texts";

	if (value->type == jbvString)
		return list_make1(read_name(option, value, expected));
	return read_list(option, value, expected);
}

static void
read_numbers(const SiOption *option, const JsonbValue *value, double *numbers)
{
	char	   *expected = psprintf("an object with numbers for %s",
									known_choices(option->choices));
	int			seen = 0;
	int			wanted = 0;

	if (value->type != jbvBinary ||
		!JsonContainerIsObject(value->val.binary.data))
		wrong_value(option, expected);
	for (; option->choices[wanted] != NULL; wanted++)
	{
		const char *key = option->choices[wanted];
		JsonbValue	item;

		if (getKeyJsonValueFromContainer(value->val.binary.data, key,
										 strlen(key), &item) == NULL)
			continue;
		numbers[wanted] = read_number(option, &item);
		seen++;
	}
	if (seen != wanted ||
		(uint32) seen != JsonContainerSize(value->val.binary.data))
		wrong_value(option, expected);
}

static List *
read_signs(const SiOption *option, const JsonbValue *value)
{
	const char *expected = "an object with 1, 0 or -1 for column names";
	List	   *signs = NIL;
	JsonbIterator *it;
	JsonbValue	key;
	JsonbValue	item;

	if (value->type != jbvBinary ||
		!JsonContainerIsObject(value->val.binary.data))
		wrong_value(option, expected);
	it = JsonbIteratorInit(value->val.binary.data);
	(void) JsonbIteratorNext(&it, &key, true);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		SiSign	   *sign = palloc(sizeof(SiSign));
		double		number = 2;

		(void) JsonbIteratorNext(&it, &item, true);
		if (item.type == jbvNumeric)
			number = DatumGetFloat8(DirectFunctionCall1(
				numeric_float8_no_overflow, NumericGetDatum(item.val.numeric)));
		if (number != -1 && number != 0 && number != 1)
			wrong_value(option, expected);
		sign->name = pnstrdup(key.val.string.val, key.val.string.len);
		sign->sign = (int) number;
		signs = lappend(signs, sign);
	}
	return signs;
}

static void
read_some(const SiOption *option, const JsonbValue *value, SiSome *some)
{
	if (value->type == jbvBool)
		some->all = value->val.boolean;
	else
		some->names = read_list(option, value,
								"true, false or a list of column names");
}

static void
read_value(const SiOption *option, const JsonbValue *value, char *field)
{
	switch (option->type)
	{
		case SI_OPTION_BOOL:
			if (value->type != jbvBool)
				wrong_value(option, "true or false");
			*(bool *) field = value->val.boolean;
			break;
		case SI_OPTION_INT:
			*(int *) field = read_int(option, value);
			break;
		case SI_OPTION_SWITCH:
			if (value->type != jbvBool)
				*(int *) field = read_int(option, value);
			else if (!value->val.boolean)
				*(int *) field = 0;
			break;
		case SI_OPTION_FLOAT:
			*(double *) field = read_number(option, value);
			break;
		case SI_OPTION_CHOICE:
			*(int *) field = read_choice(option, value);
			break;
		case SI_OPTION_INTS:
			*(List **) field = read_ints(option, value);
			break;
		case SI_OPTION_TEXT:
			*(char **) field = read_name(option, value, "a text");
			break;
		case SI_OPTION_SCALAR:
			*(char **) field = read_scalar(option, value);
			break;
		case SI_OPTION_NAME:
			*(char **) field = read_name(option, value, "a column name");
			break;
		case SI_OPTION_NAMES:
			*(List **) field = read_names(option, value);
			break;
		case SI_OPTION_TEXTS:
			*(List **) field = read_texts(option, value);
			break;
		case SI_OPTION_NUMBERS:
			read_numbers(option, value, (double *) field);
			break;
		case SI_OPTION_SIGNS:
			*(List **) field = read_signs(option, value);
			break;
		case SI_OPTION_SOME:
			read_some(option, value, (SiSome *) field);
			break;
	}
}

static const SiOption *
find_option(const SiOption *table, int count, const JsonbValue *key)
{
	for (int i = 0; i < count; i++)
		if ((int) strlen(table[i].name) == key->val.string.len &&
			memcmp(table[i].name, key->val.string.val, key->val.string.len) ==
				0)
			return &table[i];
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown option \"%.*s\"", key->val.string.len, key->val.string.val),
			 errdetail("Known options are: %s.", known_names(table, count)),
			 errhint("Option names are lower case; check the spelling.")));
}

void
si_options_read(Jsonb *options, const SiOption *table, int count, void *target)
{
	JsonbIterator *it;
	JsonbValue	key;
	JsonbValue	value;

	if (options == NULL)
		return;
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errdetail("Known options are: %s.", known_names(table, count)),
				 errhint("Write '{}' for no options.")));
	it = JsonbIteratorInit(&options->root);
	(void) JsonbIteratorNext(&it, &key, true);
	while (JsonbIteratorNext(&it, &key, true) == WJB_KEY)
	{
		const SiOption *option = find_option(table, count, &key);

		(void) JsonbIteratorNext(&it, &value, true);
		read_value(option, &value, (char *) target + option->offset);
	}
}
