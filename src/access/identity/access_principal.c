/*
 * access_principal.c
 *	  Principals and their attributes, each read once per transaction.
 *
 * What was read is kept until the transaction ends, so that all statements of
 * one decide alike; a change is in force from the first transaction after it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "storage/proc.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/identity/access_principal.h"
#include "pg/si_compat.h"

#define COLUMNS		6

/* What this transaction has read; of another one, it is stale. */
typedef struct Known
{
	LocalTransactionId transaction;
	List	   *principals;
	List	   *logins;			/* of no principal among them */
} Known;

static Known known;

static void
forget_other_transactions(void)
{
	if (known.transaction == si_local_transaction())
		return;
	known.transaction = si_local_transaction();
	known.principals = NIL;
	known.logins = NIL;
}

/* The next of a scan; without a name if there is none. */
static AccessPrincipal *
read_next(AccessScan *scan, TimestampTz at)
{
	AccessPrincipal *principal = palloc0(sizeof(AccessPrincipal));
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	principal->at = at;
	principal->attributes = -1;
	if (access_next(scan, values, nulls))
	{
		char	   *kind = TextDatumGetCString(values[2]);

		principal->name = TextDatumGetCString(values[0]);
		principal->login = nulls[1] ? InvalidOid : DatumGetObjectId(values[1]);
		principal->impersonator = strcmp(kind, "impersonator") == 0;
		principal->active = DatumGetBool(values[3]);
		principal->token_only = DatumGetBool(values[4]);
		principal->valid = access_valid_at(values[5], at);
	}
	return principal;
}

static AccessPrincipal *
keep(AccessScan *scan, TimestampTz at)
{
	MemoryContext old = MemoryContextSwitchTo(TopTransactionContext);
	AccessPrincipal *principal = read_next(scan, at);

	known.principals = lappend(known.principals, principal);
	MemoryContextSwitchTo(old);
	access_end(scan);
	return principal;
}

AccessPrincipal *
access_principal_named(const char *name, TimestampTz at)
{
	AccessScan	scan;
	ListCell   *cell;

	forget_other_transactions();
	foreach(cell, known.principals)
	{
		AccessPrincipal *principal = lfirst(cell);

		if (principal->name != NULL && principal->at == at &&
			strcmp(principal->name, name) == 0)
			return principal;
	}
	scan = access_scan_text("principal", 1, &name);
	return keep(&scan, at);
}

AccessPrincipal *
access_principal_of_login(Oid role)
{
	TimestampTz at = GetCurrentTransactionStartTimestamp();
	AccessPrincipal *principal;
	AccessScan	scan;
	ListCell   *cell;

	forget_other_transactions();
	foreach(cell, known.principals)
	{
		principal = lfirst(cell);
		if (principal->login == role && principal->at == at)
			return principal;
	}
	scan = access_scan_oid("principal", "principal_login_role_key", 2, role);
	principal = keep(&scan, at);
	principal->login = role;
	return principal;
}

List *
access_principals(TimestampTz at)
{
	AccessScan	scan = access_scan_all("principal");
	AccessPrincipal *principal;
	List	   *found = NIL;

	while ((principal = read_next(&scan, at))->name != NULL)
	{
		if (principal->active && principal->valid)
			found = lappend(found, principal);
	}
	access_end(&scan);
	return found;
}

/* Rows come in order; one value may be valid by several of them. */
static bool
is_last(const AccessPrincipal *principal, int found, const Datum *values)
{
	const AccessAttribute *last = &principal->attribute[found - 1];

	return found > 0 &&
		strcmp(last->name, TextDatumGetCString(values[1])) == 0 &&
		strcmp(last->value, TextDatumGetCString(values[2])) == 0;
}

void
access_principal_attributes(AccessPrincipal *principal)
{
	MemoryContext old;
	AccessScan	scan;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	int			room = 8;
	int			found = 0;

	if (principal->attributes >= 0)
		return;
	old = MemoryContextSwitchTo(TopTransactionContext);
	principal->attribute = palloc(room * sizeof(AccessAttribute));
	scan = access_scan_text("principal_attribute", 1,
							(const char *const *) &principal->name);
	while (access_next(&scan, values, nulls))
	{
		if (!access_valid_at(values[3], principal->at) ||
			is_last(principal, found, values))
			continue;
		if (found == room)
		{
			room *= 2;
			principal->attribute = repalloc(principal->attribute,
											room * sizeof(AccessAttribute));
		}
		principal->attribute[found].name = TextDatumGetCString(values[1]);
		principal->attribute[found++].value = TextDatumGetCString(values[2]);
	}
	access_end(&scan);
	principal->attributes = found;
	MemoryContextSwitchTo(old);
}
