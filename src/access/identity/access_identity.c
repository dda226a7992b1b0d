/*
 * access_identity.c
 *	  Who looks, in this transaction.
 *
 * Three sources, in this order: a token begun in the transaction; a login that
 * may become others by SET ROLE, for which the role it has become decides; the
 * login itself.  An identity counts while the role that it belongs to is the
 * current one: not in a SECURITY DEFINER function of a stranger, whose owner
 * could otherwise read what the caller may see.  Roles in trusted_definer are
 * no strangers.  It never counts in a security-restricted operation, where
 * functions of a table's owner run for somebody else.
 *
 * Nothing here can be set by a parameter.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/supportnodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "access/access_store.h"
#include "access/identity/access_cursor.h"
#include "access/identity/access_identity.h"
#include "access/identity/access_token.h"
#include "pg/si_compat.h"
#include "pg/si_value.h"

/* The one identity of the transaction, and the override. */
typedef struct Begun
{
	bool		begun;
	bool		used;			/* something was decided by it */
	bool		overridden;
	Oid			role;			/* that began it */
	int			serial;			/* which of the session's it is */
	SubTransactionId subxact;	/* in which it was begun */
	SubTransactionId override_subxact;
	AccessIdentity identity;
	AccessIdentity override;
	uint64		overrides;		/* so far */
	TimestampTz deadline;		/* of whoever was last found to count */
	Oid			deadline_role;
	AccessReader reader;
} Begun;

static Begun state;
static bool watching;

/* ----- The end of transactions ----- */

pg_noreturn static void
refuse_holdable_cursor(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_CURSOR_DEFINITION),
			 errmsg("a cursor WITH HOLD cannot read with an identity"),
			 errdetail("It would outlive the transaction, and the identity does not."),
			 errhint("Declare it WITHOUT HOLD.")));
}

static void
at_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_PRE_PREPARE && state.begun)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot prepare a transaction with an identity"),
				 errdetail("An identity ends with the transaction that began it."),
				 errhint("COMMIT it in this session instead.")));
	if (event == XACT_EVENT_PRE_COMMIT && state.used &&
		access_drop_held_cursors())
		refuse_holdable_cursor();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		memset(&state, 0, sizeof(state));
}

static void
at_subtransaction_end(SubXactEvent event, SubTransactionId mine,
					  SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_COMMIT_SUB)
	{
		if (state.subxact == mine)
			state.subxact = parent;
		if (state.override_subxact == mine)
			state.override_subxact = parent;
	}
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	if (state.overridden && state.override_subxact == mine)
		state.overridden = false;
	if (state.begun && state.subxact == mine)
		state.begun = false;
	state.deadline_role = InvalidOid;
}

static void
watch_transactions(void)
{
	if (watching)
		return;
	RegisterXactCallback(at_transaction_end, NULL);
	RegisterSubXactCallback(at_subtransaction_end, NULL);
	watching = true;
}

/* ----- Whose identity counts ----- */

bool
access_is_trusted_definer(Oid role)
{
	AccessScan	scan = access_scan_oid("trusted_definer", NULL, 1, role);
	Datum		values[2];
	bool		nulls[2];
	bool		found = access_next(&scan, values, nulls);

	access_end(&scan);
	return found;
}

/* Is the current role the one that an identity belongs to, or acts for it? */
static bool
acts_for(Oid role, char **problem)
{
	Oid			current = GetUserId();

	if (InSecurityRestrictedOperation())
		*problem = "No identity counts in a security-restricted operation.";
	else if (current == role ||
			 (GetOuterUserId() == role && access_is_trusted_definer(current)))
		return true;
	else
		*problem = psprintf("The current role is \"%s\", the identity is that of \"%s\"; the owner of a SECURITY DEFINER function acts for its caller only if it is in trusted_definer.",
							GetUserNameFromId(current, true),
							GetUserNameFromId(role, true));
	return false;
}

static bool
may_look(const AccessPrincipal *principal, char **problem)
{
	if (!principal->active)
		*problem = psprintf("The principal \"%s\" is not active.",
							principal->name);
	else if (!principal->valid)
		*problem = psprintf("The principal \"%s\" is not valid at this time.",
							principal->name);
	else
		return true;
	return false;
}

static bool
find_token_identity(AccessIdentity *identity, char **problem)
{
	if (!acts_for(state.role, problem))
		return false;
	*identity = state.identity;
	return true;
}

/* Who the session is without a token, whatever role is the current one. */
static bool
login_identity(AccessIdentity *identity, char **problem)
{
	Oid			session = GetSessionUserId();
	Oid			outer = GetOuterUserId();
	AccessPrincipal *login = access_principal_of_login(session);
	AccessPrincipal *principal = login;

	identity->source = "login";
	if (login->impersonator && outer != session)
	{
		principal = access_principal_of_login(outer);
		identity->source = "impersonator";
	}
	if (principal != login && !may_look(login, problem))
		return false;
	if (principal->name == NULL)
		*problem = psprintf("No token was begun in this transaction, and no principal has the login \"%s\".",
							GetUserNameFromId(principal->login, true));
	else if (principal->impersonator)
		*problem = psprintf("The login \"%s\" is nobody until it becomes somebody by SET ROLE.",
							GetUserNameFromId(principal->login, true));
	else if (principal->token_only)
		*problem = psprintf("The login \"%s\" is nobody without a token, and none was begun in this transaction.",
							GetUserNameFromId(principal->login, true));
	else if (may_look(principal, problem))
	{
		identity->principal = principal;
		identity->expires = DT_NOEND;
		return true;
	}
	return false;
}

static bool
find_login_identity(AccessIdentity *identity, char **problem)
{
	if (login_identity(identity, problem) &&
		acts_for(identity->principal->login, problem))
		return true;
	identity->principal = NULL;
	return false;
}

/*
 * Who counts here and now.  False, with the reason, if nobody does; one who is
 * past his time is still found.
 */
static bool
find_identity(AccessIdentity *identity, char **problem)
{
	memset(identity, 0, sizeof(*identity));
	if (IsParallelWorker())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("the identity is not known in a parallel worker"),
				 errhint("Mark the function that asks for it PARALLEL RESTRICTED.")));
	if (state.overridden)
	{
		*identity = state.override;
		return identity->principal != NULL;
	}
	if (state.begun)
		return find_token_identity(identity, problem);
	return find_login_identity(identity, problem);
}

bool
access_find_author(AccessIdentity *identity)
{
	char	   *problem;

	memset(identity, 0, sizeof(*identity));
	if (!state.begun)
		return login_identity(identity, &problem);
	*identity = state.identity;
	return true;
}

const char *
access_author_name(void)
{
	AccessIdentity author;

	return access_find_author(&author) ? author.principal->name :
		GetUserNameFromId(GetSessionUserId(), false);
}

pg_noreturn static void
reject_expired(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
			 errmsg("the identity has expired"),
			 errdetail("The token's time is over."),
			 errhint("Begin a new transaction with a new token.")));
}

/*
 * Does a trigger run that was put off until the transaction ends, or until SET
 * CONSTRAINTS?  It runs as whoever does that, though a stranger's SECURITY
 * DEFINER function may have set it off.  Then there is a trigger, but no
 * statement: the client's portal does not run, or has no snapshot, as during
 * COMMIT in a procedure.
 */
static bool
in_deferred_trigger(void)
{
#if SI_DEFERRED_TRIGGERS_LOSE_ROLE
	Portal		client;
	PlannedStmt *statement;

	if (DatumGetInt32(pg_trigger_depth(NULL)) == 0)
		return false;
	client = GetPortalByName("");
	if (!PortalIsValid(client) || client->status != PORTAL_ACTIVE)
		return true;
	statement = PortalGetPrimaryStmt(client);
	return client->portalSnapshot == NULL && statement != NULL &&
		statement->utilityStmt != NULL &&
		!IsA(statement->utilityStmt, FetchStmt);
#else
	return false;
#endif
}

/* Deadlines from here on are those of logins, by role. */
#define NO_DEADLINE	(END_TIMESTAMP - PG_UINT32_MAX - 1)

/* And before them, those of overrides. */
#define NO_OVERRIDE	(NO_DEADLINE - PG_UINT32_MAX - 1)

/*
 * When the identity expires, with which one it is in what is left of the
 * second: a cursor that goes on under another one is noticed.
 */
TimestampTz
access_deadline(const AccessIdentity *identity)
{
	if (state.overridden)
		return NO_OVERRIDE + state.overrides;
	if (state.begun)
		return identity->expires + state.serial;
	return NO_DEADLINE + identity->principal->login;
}

bool
access_identity(AccessIdentity *identity)
{
	char	   *problem;

	if (!find_identity(identity, &problem))
		return false;
	if (in_deferred_trigger())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("no identity counts in a deferred trigger"),
				 errdetail("It runs as whoever ends the transaction, and may have been set off by somebody else."),
				 errhint("Make the trigger NOT DEFERRABLE.")));
	if (identity->expires <= GetCurrentTimestamp())
		reject_expired();
	if (state.overridden)
		return true;
	access_watch_cursor(access_deadline(identity));
	if (!state.begun)
		return true;
	if (access_reads_for_held_cursor(&state.reader))
		refuse_holdable_cursor();
	state.used = true;
	return true;
}

void
access_override(const AccessIdentity *identity)
{
	watch_transactions();
	state.deadline_role = InvalidOid;
	state.overridden = identity != NULL;
	if (identity != NULL)
	{
		state.overrides++;
		state.override = *identity;
		state.override_subxact = GetCurrentSubTransactionId();
	}
}

/* ----- SQL: beginning ----- */

static void
check_may_begin(void)
{
	if (IsParallelWorker() || InSecurityRestrictedOperation() ||
		GetUserId() != GetOuterUserId() || state.overridden)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("an identity cannot begin here"),
				 errdetail("A SECURITY DEFINER function, or a security-restricted operation, is running."),
				 errhint("Call begin_identity in a statement of its own.")));
	if (state.begun)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_STATE),
				 errmsg("this transaction has an identity already"),
				 errdetail("One transaction reads for one principal."),
				 errhint("End it, and begin the next identity in a new transaction.")));
}

/* begin_identity(token text) -> text: the principal */
PG_FUNCTION_INFO_V1(sales_intel_access_begin_identity);
Datum
sales_intel_access_begin_identity(PG_FUNCTION_ARGS)
{
	static int	serial;
	AccessIdentity identity = {.source = "token"};

	check_may_begin();
	/* A key or principal that is gone is gone for old transactions, too. */
	PushActiveSnapshot(GetLatestSnapshot());
	access_token_accept(PG_ARGISNULL(0) ? NULL : PG_GETARG_TEXT_PP(0),
						&identity);
	PopActiveSnapshot();
	watch_transactions();
	state.identity = identity;
	state.serial = serial++ % USECS_PER_SEC;
	state.role = GetUserId();
	state.subxact = GetCurrentSubTransactionId();
	state.begun = true;
	PG_RETURN_TEXT_P(cstring_to_text(identity.principal->name));
}

/* ----- SQL: asking ----- */

static Datum
text_or_null(FunctionCallInfo fcinfo, const char *string)
{
	if (string == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TEXT_P(cstring_to_text(string));
}

/* whoami() -> (principal, source, project, purpose, expires_at, problem) */
PG_FUNCTION_INFO_V1(sales_intel_access_whoami);
Datum
sales_intel_access_whoami(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;
	char	   *problem = NULL;
	bool		found = find_identity(&identity, &problem);
	Datum		values[6];
	bool		nulls[6] = {false};

	if (found && identity.expires <= GetCurrentTimestamp())
		problem = "The identity has expired.";
	if (has_bypassrls_privilege(GetUserId()))
		problem = psprintf("No rule binds the role \"%s\": it is a superuser or has BYPASSRLS.",
						   GetUserNameFromId(GetUserId(), false));
	si_value_text(values, nulls, 0, found ? identity.principal->name : NULL);
	si_value_text(values, nulls, 1, found ? identity.source : NULL);
	si_value_text(values, nulls, 2, identity.project);
	si_value_text(values, nulls, 3, identity.purpose);
	values[4] = TimestampTzGetDatum(identity.expires);
	nulls[4] = !found || identity.expires == DT_NOEND;
	si_value_text(values, nulls, 5, problem);
	return si_value_row(fcinfo, values, nulls);
}

PG_FUNCTION_INFO_V1(sales_intel_access_current_principal);
Datum
sales_intel_access_current_principal(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;

	return text_or_null(fcinfo, access_identity(&identity) ?
						identity.principal->name : NULL);
}

PG_FUNCTION_INFO_V1(sales_intel_access_current_project);
Datum
sales_intel_access_current_project(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;

	return text_or_null(fcinfo, access_identity(&identity) ?
						identity.project : NULL);
}

PG_FUNCTION_INFO_V1(sales_intel_access_current_purpose);
Datum
sales_intel_access_current_purpose(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;

	return text_or_null(fcinfo, access_identity(&identity) ?
						identity.purpose : NULL);
}

/* current_author() -> text: the principal, or the login's role */
PG_FUNCTION_INFO_V1(sales_intel_access_current_author);
Datum
sales_intel_access_current_author(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(access_author_name()));
}

/* ----- SQL: expiry ----- */

/* identity_deadline() -> timestamptz; NULL: there is no identity to watch */
PG_FUNCTION_INFO_V1(sales_intel_access_identity_deadline);
Datum
sales_intel_access_identity_deadline(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;

	if (!access_identity(&identity) || state.overridden)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(access_deadline(&identity));
}

/*
 * Does the identity with that deadline count here and now?  Asked for each row
 * of a query that began with it, which may be a cursor from before a SET ROLE
 * or a ROLLBACK TO, or one that a stranger's SECURITY DEFINER function reads.
 */
bool
access_still_counts(TimestampTz deadline)
{
	AccessIdentity identity;
	char	   *problem;
	Oid			role;
	int			context;

	GetUserIdAndSecContext(&role, &context);
	if (state.deadline == deadline && state.deadline_role == role &&
		!(context & SECURITY_RESTRICTED_OPERATION) && !in_deferred_trigger())
		return true;
	if (in_deferred_trigger() || !find_identity(&identity, &problem) ||
		access_deadline(&identity) != deadline)
		return false;
	watch_transactions();
	state.deadline = deadline;
	state.deadline_role = role;
	return true;
}

/*
 * Is a deadline past?  It says so to some milliseconds, at a tenth of the price
 * of the exact clock.
 */
static bool
is_past(TimestampTz deadline)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return deadline / USECS_PER_SEC <= now.tv_sec -
		(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * (TimestampTz) SECS_PER_DAY;
}

/* A worker knows the clock only, but cursors have none. */
void
access_check_deadline(TimestampTz deadline)
{
	if (!IsParallelWorker() && !access_still_counts(deadline))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION),
				 errmsg("the query began with another identity"),
				 errdetail("Its rows are for that one only, and for the role that it counts for."),
				 errhint("Close the cursor, and begin the query anew.")));
	if (deadline < NO_OVERRIDE && is_past(deadline))
		reject_expired();
}

/* identity_lives(deadline) -> boolean: true or an error */
PG_FUNCTION_INFO_V1(sales_intel_access_identity_lives);
Datum
sales_intel_access_identity_lives(PG_FUNCTION_ARGS)
{
	access_check_deadline(PG_GETARG_TIMESTAMPTZ(0));
	PG_RETURN_BOOL(true);
}

/* Planner support: it takes no row away. */
PG_FUNCTION_INFO_V1(sales_intel_access_identity_lives_support);
Datum
sales_intel_access_identity_lives_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSelectivity))
		PG_RETURN_POINTER(NULL);
	((SupportRequestSelectivity *) request)->selectivity = 1.0;
	PG_RETURN_POINTER(request);
}
