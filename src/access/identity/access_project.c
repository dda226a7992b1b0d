/*
 * access_project.c
 *	  Projects: members and accounts.
 *
 * Which accounts a project has counts as the statement sees it.  The first
 * calls of a statement ask the index; one that goes on asking reads all
 * accounts of the project, which come in order, and searches among them.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "access/access_moment.h"
#include "access/access_store.h"
#include "access/identity/access_identity.h"
#include "access/identity/access_project.h"

#define FEW_CALLS	64
#define COLUMNS		3			/* keys and valid_during */
#define RANGE		2			/* which is the third in each table */

/* What a call site has asked, in one snapshot. */
typedef struct Accounts
{
	MemoryContext context;		/* of what follows; reset for another one */
	AccessMoment moment;
	char	   *project;
	TimestampTz at;
	int			calls;
	int			count;			/* -1: not read */
	char	  **account;
} Accounts;

static bool
any_valid(const char *table, int keys, const char *const *key, TimestampTz at)
{
	AccessScan	scan = access_scan_text(table, keys, key);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	bool		valid = false;

	while (!valid && access_next(&scan, values, nulls))
		valid = access_valid_at(values[RANGE], at);
	access_end(&scan);
	return valid;
}

bool
access_is_member(const AccessPrincipal *principal, const char *project)
{
	const char *key[2] = {project, principal->name};

	return any_valid("project", 1, key, principal->at) &&
		any_valid("project_member", 2, key, principal->at);
}

/* ----- Accounts ----- */

/* What the call site has asked in this snapshot for this project so far. */
static Accounts *
open_accounts(FmgrInfo *site, const AccessIdentity *identity)
{
	Accounts   *accounts = site->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	MemoryContext old;

	if (accounts != NULL && accounts->at == identity->principal->at &&
		strcmp(accounts->project, identity->project) == 0 &&
		access_moment_is(&accounts->moment, snapshot))
		return accounts;
	if (accounts == NULL)
	{
		accounts = MemoryContextAllocZero(site->fn_mcxt, sizeof(Accounts));
		accounts->context = AllocSetContextCreate(site->fn_mcxt,
												  "accounts of a project",
												  ALLOCSET_SMALL_SIZES);
		site->fn_extra = accounts;
	}
	MemoryContextReset(accounts->context);
	old = MemoryContextSwitchTo(accounts->context);
	accounts->moment = access_moment(snapshot);
	accounts->project = pstrdup(identity->project);
	accounts->at = identity->principal->at;
	accounts->calls = 0;
	accounts->count = -1;
	MemoryContextSwitchTo(old);
	return accounts;
}

static void
read_accounts(Accounts *accounts)
{
	const char *key = accounts->project;
	MemoryContext old = MemoryContextSwitchTo(accounts->context);
	AccessScan	scan = access_scan_text("project_account", 1, &key);
	int			room = 256;
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	accounts->count = 0;
	accounts->account = palloc((Size) room * sizeof(char *));
	while (access_next(&scan, values, nulls))
	{
		if (!access_valid_at(values[RANGE], accounts->at))
			continue;
		if (accounts->count == room)
		{
			room *= 2;
			accounts->account = repalloc_huge(accounts->account,
											  (Size) room * sizeof(char *));
		}
		accounts->account[accounts->count++] = TextDatumGetCString(values[1]);
	}
	access_end(&scan);
	MemoryContextSwitchTo(old);
}

static int
compare_accounts(const void *key, const void *entry)
{
	return strcmp(key, *(char *const *) entry);
}

static bool
has_account(Accounts *accounts, const char *account)
{
	const char *key[2] = {accounts->project, account};

	if (accounts->count < 0 && accounts->calls++ < FEW_CALLS)
		return any_valid("project_account", 2, key, accounts->at);
	if (accounts->count < 0)
		read_accounts(accounts);
	return bsearch(account, accounts->account, accounts->count,
				   sizeof(char *), compare_accounts) != NULL;
}

/* in_current_project(account text) -> boolean */
PG_FUNCTION_INFO_V1(sales_intel_access_in_current_project);
Datum
sales_intel_access_in_current_project(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;

	if (!access_identity(&identity))
		PG_RETURN_NULL();
	if (identity.project == NULL)
		PG_RETURN_BOOL(false);
	PG_RETURN_BOOL(has_account(open_accounts(fcinfo->flinfo, &identity),
							   text_to_cstring(PG_GETARG_TEXT_PP(0))));
}
