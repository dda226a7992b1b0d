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

#include "access/access_identity.h"
#include "access/access_project.h"
#include "access/access_store.h"

#define FEW_CALLS	64
#define COLUMNS		3			/* keys and valid_during */
#define RANGE		2			/* which is the third in each table */

/* What a call site has asked, in one snapshot. */
typedef struct Accounts
{
	MemoryContext context;		/* of what follows; reset for another one */
	Snapshot	snapshot;		/* a copy */
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

static bool
same_list(uint32 n, const TransactionId *a, uint32 m, const TransactionId *b)
{
	return n == m && (n == 0 || memcmp(a, b, n * sizeof(TransactionId)) == 0);
}

static bool
same_snapshot(Snapshot a, Snapshot b)
{
	return a->xmin == b->xmin && a->xmax == b->xmax &&
		a->curcid == b->curcid && a->suboverflowed == b->suboverflowed &&
		same_list(a->xcnt, a->xip, b->xcnt, b->xip) &&
		same_list(a->subxcnt, a->subxip, b->subxcnt, b->subxip);
}

static Snapshot
copy_snapshot(Snapshot snapshot)
{
	Snapshot	copy = palloc(sizeof(SnapshotData));
	Size		xids = snapshot->xcnt * sizeof(TransactionId);
	Size		subxids = snapshot->subxcnt * sizeof(TransactionId);

	*copy = *snapshot;
	copy->xip = memcpy(palloc(xids + 1), snapshot->xip, xids);
	copy->subxip = memcpy(palloc(subxids + 1), snapshot->subxip, subxids);
	return copy;
}

/* What the call site has asked in this snapshot for this project so far. */
static Accounts *
open_accounts(FmgrInfo *site, const AccessIdentity *identity)
{
	Accounts   *accounts = site->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	MemoryContext old;

	if (accounts != NULL && accounts->at == identity->principal->at &&
		strcmp(accounts->project, identity->project) == 0 &&
		same_snapshot(accounts->snapshot, snapshot))
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
	accounts->snapshot = copy_snapshot(snapshot);
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
