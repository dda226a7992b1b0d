/*
 * access_release.c
 *	  The gate for money: who asks, who approves.
 *
 * Who it is counts by the identity of the role that calls, before any function
 * acts with other rights: a stranger's SECURITY DEFINER function approves
 * nothing for whoever calls it.  What follows is in PL/pgSQL, as the owner of
 * the tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/sequence.h"
#include "utils/builtins.h"

#include "access/access_store.h"
#include "access/identity/access_identity.h"
#include "pg/si_value.h"

#define RELEASE		"release"
#define MOST_VALUES	5

/* Nobody's transaction moves money. */
static void
check_identity(void)
{
	AccessIdentity identity;

	if (!access_identity(&identity))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("a release needs an identity"),
				 errdetail("Nobody is known to ask for it, or to decide."),
				 errhint("SELECT * FROM sales_intel.whoami() says why.")));
}

/* The statement of an inner function, with the arguments after those given. */
static void
call_inner(FunctionCallInfo fcinfo, const char *sql, int count, Oid *types,
		   Datum *values)
{
	check_identity();
	for (int i = 0; i < PG_NARGS(); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("an argument of a release is NULL"),
					 errdetail("It is number %d of %d.", i + 1, PG_NARGS()),
					 errhint("Pass a value; a comment may be ''.")));
		values[count + i] = PG_GETARG_DATUM(i);
	}
	access_execute(RELEASE, sql, count + PG_NARGS(), types, values);
}

/* release_author() -> text: the principal; NULL: nobody */
PG_FUNCTION_INFO_V1(sales_intel_access_release_author);
Datum
sales_intel_access_release_author(PG_FUNCTION_ARGS)
{
	AccessIdentity author;

	if (!access_find_author(&author))
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(author.principal->name));
}

/*
 * request_release(kind text, subject text, amount numeric, body jsonb) ->
 * bigint: the release's number
 */
PG_FUNCTION_INFO_V1(sales_intel_access_request_release);
Datum
sales_intel_access_request_release(PG_FUNCTION_ARGS)
{
	Oid			types[] = {INT8OID, TEXTOID, TEXTOID, NUMERICOID, JSONBOID};
	Datum		values[MOST_VALUES];
	int64		id;

	check_identity();
	id = nextval_internal(access_table(RELEASE "_id_seq"), false);
	values[0] = Int64GetDatum(id);
	call_inner(fcinfo, "SELECT sales_intel.enter_release($1, $2, $3, $4, $5)",
			   1, types, values);
	PG_RETURN_INT64(id);
}

static void
decide(FunctionCallInfo fcinfo, const char *state)
{
	Oid			types[] = {TEXTOID, INT8OID, TEXTOID};
	Datum		values[MOST_VALUES] = {CStringGetTextDatum(state)};

	call_inner(fcinfo, "SELECT sales_intel.decide_release($1, $2, $3)", 1,
			   types, values);
}

/* approve_release(id bigint, comment text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_approve_release);
Datum
sales_intel_access_approve_release(PG_FUNCTION_ARGS)
{
	decide(fcinfo, "approved");
	PG_RETURN_VOID();
}

/* reject_release(id bigint, comment text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_reject_release);
Datum
sales_intel_access_reject_release(PG_FUNCTION_ARGS)
{
	decide(fcinfo, "rejected");
	PG_RETURN_VOID();
}

/* set_release_health(kind text, level text, reason text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_set_release_health);
Datum
sales_intel_access_set_release_health(PG_FUNCTION_ARGS)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID};
	Datum		values[MOST_VALUES];

	call_inner(fcinfo, "SELECT sales_intel.enter_health($1, $2, $3)", 0,
			   types, values);
	PG_RETURN_VOID();
}
