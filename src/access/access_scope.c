/*
 * access_scope.c
 *	  As whom, and under which settings, text about a table is understood.
 *
 * Reading an expression runs input functions of types, and with them the CHECK
 * constraints of domains, which belong to whoever made the table; so it is
 * done with the rights of the table's owner and no others, as REFRESH does it.
 * What is stored was written by deparsing, under settings that are pinned here
 * so that every session reads it back alike.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/guc.h"

#include "access/access_scope.h"

typedef struct Setting
{
	const char *name;
	const char *value;
} Setting;

/* pg_temp last: it would come first if it were not named. */
static const Setting given[] = {
	{"search_path", "pg_catalog, sales_intel, pg_temp"},
	{NULL, NULL}
};

static const Setting stored[] = {
	{"search_path", "pg_catalog, pg_temp"},
	{"array_nulls", "on"},
	{"bytea_output", "hex"},
	{"DateStyle", "ISO, YMD"},
	{"extra_float_digits", "1"},
	{"IntervalStyle", "postgres"},
	{"lc_monetary", "C"},
	{"quote_all_identifiers", "off"},
	{"standard_conforming_strings", "on"},
	{"TimeZone", "UTC"},
	{"transform_null_equals", "off"},
	{"xmloption", "content"},
	{NULL, NULL}
};

void
access_enter(AccessScope *scope, Oid owner, AccessReading reading)
{
	const Setting *setting = reading == ACCESS_GIVEN ? given : stored;

	GetUserIdAndSecContext(&scope->user, &scope->context);
	SetUserIdAndSecContext(owner, scope->context |
						   SECURITY_RESTRICTED_OPERATION);
	scope->nest = NewGUCNestLevel();
	for (; setting->name != NULL; setting++)
		(void) set_config_option(setting->name, setting->value,
								 PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

void
access_leave(const AccessScope *scope)
{
	AtEOXact_GUC(false, scope->nest);
	SetUserIdAndSecContext(scope->user, scope->context);
}
