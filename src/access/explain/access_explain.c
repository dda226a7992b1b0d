/*
 * access_explain.c
 *	  Why a principal may, or may not, do something with a row.
 *
 * The decision on a protected table is that of the engine, where it can be
 * asked: whether a query under the table's policies finds the row.  Whoever is
 * not a governor, that is, may not read the table principal, may ask about
 * himself only, and is told of a hidden row what he would be told of no row.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "access/access_store.h"
#include "access/explain/access_question.h"
#include "access/identity/access_identity.h"
#include "access/identity/access_project.h"
#include "access/rule/access_rule.h"
#include "pg/si_options.h"
#include "pg/si_value.h"

/* ----- Who may ask ----- */

static bool
is_governor(void)
{
	return pg_class_aclcheck(access_table("principal"), GetUserId(),
							 ACL_SELECT) == ACLCHECK_OK;
}

static void
require_governor(const char *what)
{
	if (is_governor())
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to %s", what),
			 errdetail("That is for governors."),
			 errhint("Ask a governor, or have the profile granted: grant_role('security_admin', role).")));
}

static AccessIdentity
override_by(AccessPrincipal *principal)
{
	AccessIdentity identity = {.source = "override",
		.principal = principal,
	.expires = DT_NOEND};

	return identity;
}

static AccessIdentity
identity_of(const char *name, TimestampTz at)
{
	AccessPrincipal *principal = access_principal_named(name, at);

	if (principal->name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no principal \"%s\"", name),
				 errdetail("The table principal has no such row."),
				 errhint("Names are compared exactly, by case, too.")));
	return override_by(principal);
}

/* ----- explain_access ----- */

typedef struct ExplainOptions
{
	char	   *at;
	char	   *project;
	char	   *purpose;
	int			action;
} ExplainOptions;

typedef struct Report
{
	ReturnSetInfo *result;
	const char *action;
} Report;

static void
put_row(const Report *report, const char *rule, const char *effect,
		AccessOutcome outcome, const char *reason)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = CStringGetTextDatum(rule);
	nulls[1] = effect == NULL;
	if (effect != NULL)
		values[1] = CStringGetTextDatum(effect);
	values[2] = CStringGetTextDatum(report->action);
	values[3] = BoolGetDatum(outcome == ACCESS_YES);
	nulls[3] = outcome == ACCESS_UNKNOWN;
	values[4] = CStringGetTextDatum(reason);
	tuplestore_putvalues(report->result->setResult, report->result->setDesc,
						 values, nulls);
}

static ExplainOptions
read_options(Jsonb *jsonb)
{
	static const SiOption table[] = {
		{"at", SI_OPTION_TEXT, offsetof(ExplainOptions, at),
		0, 0, NULL},
		{"project", SI_OPTION_TEXT, offsetof(ExplainOptions, project),
		0, 0, NULL},
		{"purpose", SI_OPTION_TEXT, offsetof(ExplainOptions, purpose),
		0, 0, NULL},
		{"action", SI_OPTION_CHOICE, offsetof(ExplainOptions, action), 0, 0,
		access_action_names}
	};
	ExplainOptions options = {0};

	si_options_read(jsonb, table, lengthof(table), &options);
	return options;
}

static TimestampTz
time_option(const char *text)
{
	if (text == NULL)
		return GetCurrentTransactionStartTimestamp();
	return DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												   CStringGetDatum(text),
												   ObjectIdGetDatum(InvalidOid),
												   Int32GetDatum(-1)));
}

/* Whether the login of the principal has the privilege; it may have none. */
static AccessOutcome
explain_grant(const Report *report, const AccessQuestion *question,
			  const AccessPrincipal *principal, int action)
{
	static const AclMode mode[] = {
		ACL_SELECT, ACL_INSERT, ACL_UPDATE, ACL_DELETE
	};
	AccessOutcome outcome = ACCESS_UNKNOWN;
	const char *reason = "It has no login: the privilege is that of the login it comes through.";

	if (OidIsValid(principal->login))
	{
		outcome = pg_class_aclcheck(question->rel, principal->login,
									mode[action]) == ACLCHECK_OK ?
			ACCESS_YES : ACCESS_NO;
		reason = outcome == ACCESS_YES ?
			"Its login has the privilege on the table." :
			"Its login lacks the privilege on the table.";
	}
	put_row(report, "(grant)", NULL, outcome, reason);
	return outcome;
}

static bool
explain_identity(const Report *report, const AccessIdentity *identity)
{
	const AccessPrincipal *principal = identity->principal;
	const char *reason = "The principal is active and valid.";
	bool		valid = false;

	if (!principal->active)
		reason = "The principal is not active.";
	else if (!principal->valid)
		reason = "The principal is not valid at this time.";
	else if (identity->project != NULL &&
			 !access_is_member(principal, identity->project))
		reason = "The principal is no member of the project at this time.";
	else
		valid = true;
	put_row(report, "(identity)", NULL, valid, reason);
	return valid;
}

static const char *
rule_reason(const AccessRule *rule, AccessOutcome outcome)
{
	if (outcome == ACCESS_UNKNOWN)
		return rule->permit ? "Its condition is unknown, which does not permit." :
			"Its condition is unknown, which forbids.";
	if (outcome == ACCESS_NO)
		return "Its condition does not hold.";
	return "Its condition holds.";
}

static void
explain_rules(const Report *report, const AccessQuestion *question,
			  const AccessAnswer *answer, int action)
{
	ListCell   *cell;

	foreach(cell, question->rules)
	{
		const AccessRule *rule = lfirst(cell);
		AccessOutcome outcome = answer->outcome[foreach_current_index(cell)];

		if (rule->actions & (1 << action))
			put_row(report, rule->name, rule->permit ? "permit" : "forbid",
					outcome, rule_reason(rule, outcome));
	}
}

/*
 * A statement that updates or deletes the row of a key has to read that, so
 * that PostgreSQL applies what the table says of select, too.
 */
static bool
reads_row(int action)
{
	return action == ACCESS_UPDATE || action == ACCESS_DELETE;
}

/* The answer, with its reason, given a valid identity. */
static AccessOutcome
decide(const AccessQuestion *question, const AccessAnswer *answer, int action,
	   const char **reason)
{
	bool		allowed;

	if (!answer->exists)
	{
		*reason = "There is no such row.";
		return ACCESS_NO;
	}
	if (!question->is_protected)
	{
		*reason = "The table is not protected: the privilege alone decides.";
		return ACCESS_YES;
	}
	allowed = access_rules_allow(question, answer, action, reason);
	if (allowed && reads_row(action))
	{
		const char *unseen;
		AccessOutcome seen = decide(question, answer, ACCESS_SELECT, &unseen);

		if (seen != ACCESS_YES)
			*reason = psprintf("A statement that names the row selects it, too. %s",
							   unseen);
		return seen;
	}
	if (action != ACCESS_SELECT || !question->asks_engine)
		return allowed;
	if (question->is_strange && allowed)
	{
		*reason = "The rules show it; another policy of the table runs code that may not act for others: see trusted_definer.";
		return ACCESS_UNKNOWN;
	}
	if (!question->is_strange && answer->engine != allowed)
	{
		*reason = answer->engine ?
			"The engine shows it, against the rules: were the policies changed by hand?" :
			"Another policy of the table hides it.";
		return answer->engine;
	}
	return allowed;
}

static void
explain(const Report *report, const AccessIdentity *identity, Oid rel,
		const char *key, int action)
{
	AccessQuestion question = access_question_open(rel);
	bool		tells_all = is_governor();
	AccessOutcome grant = explain_grant(report, &question, identity->principal,
										action);
	bool		valid = explain_identity(report, identity);
	const char *reason = "Nobody is looking.";
	AccessOutcome allowed = ACCESS_NO;
	AccessAnswer answer;

	SPI_connect();
	access_question_plan(&question);
	answer = access_question_ask(&question, identity, key);
	if (valid)
		allowed = decide(&question, &answer, action, &reason);
	if (!tells_all && allowed != ACCESS_YES)
	{
		allowed = ACCESS_NO;
		reason = "No such row is within reach.";
	}
	else if (answer.exists)
		explain_rules(report, &question, &answer, action);
	if (allowed != ACCESS_NO && grant == ACCESS_NO)
	{
		allowed = ACCESS_NO;
		reason = "The privilege is missing.";
	}
	put_row(report, "(decision)", NULL, allowed, reason);
	SPI_finish();
}

static void
reject_null(bool null, const char *what)
{
	if (null)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be NULL", what),
				 errdetail("The question is about one principal, one table and one row."),
				 errhint("Say whom, which table and which key it is about.")));
}

/*
 * Who is no governor asks about himself as he looks now, and about a table that
 * he may read: there are answers to anything else in who gets which one.
 */
static AccessIdentity
own_identity(const char *name, Oid rel, const ExplainOptions *options)
{
	AccessIdentity own;

	if (!access_identity(&own) || strcmp(own.principal->name, name) != 0)
		require_governor("explain the access of others");
	if (options->at != NULL || options->project != NULL ||
		options->purpose != NULL)
		require_governor("explain access at another time, or for another project or purpose");
	if (pg_class_aclcheck(rel, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(rel, GetUserId(), ACL_SELECT,
								  ACLMASK_ANY) != ACLCHECK_OK)
		require_governor("explain access to a table that is not granted to you");
	return own;
}

static AccessIdentity
other_identity(const char *name, const ExplainOptions *options)
{
	AccessIdentity identity = identity_of(name, time_option(options->at));

	identity.project = options->project;
	identity.purpose = options->purpose;
	return identity;
}

/* explain_access(principal, rel, key, options) */
PG_FUNCTION_INFO_V1(sales_intel_access_explain);
Datum
sales_intel_access_explain(PG_FUNCTION_ARGS)
{
	Report		report = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	ExplainOptions options;
	AccessIdentity identity;
	char	   *name;

	reject_null(PG_ARGISNULL(0), "principal");
	reject_null(PG_ARGISNULL(1), "rel");
	reject_null(PG_ARGISNULL(2), "key");
	name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	options = read_options(PG_ARGISNULL(3) ? NULL : PG_GETARG_JSONB_P(3));
	identity = is_governor() ? other_identity(name, &options) :
		own_identity(name, PG_GETARG_OID(1), &options);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	report.action = access_action_names[options.action];
	explain(&report, &identity, PG_GETARG_OID(1),
			text_to_cstring(PG_GETARG_TEXT_PP(2)), options.action);
	return (Datum) 0;
}

/* ----- who_could_access ----- */

/* A row for each action and permit rule that lets the principal. */
static void
put_permits(ReturnSetInfo *result, const AccessQuestion *question,
			const AccessAnswer *answer, const char *principal)
{
	for (int action = 0; access_action_names[action] != NULL; action++)
	{
		const char *reason;
		ListCell   *cell;

		if (!answer->exists ||
			!access_rules_allow(question, answer, action, &reason) ||
			(reads_row(action) &&
			 !access_rules_allow(question, answer, ACCESS_SELECT,
								 &reason)))
			continue;
		foreach(cell, question->rules)
		{
			const AccessRule *rule = lfirst(cell);
			Datum		values[3];
			bool		nulls[3] = {false};

			if (!rule->permit || !(rule->actions & (1 << action)) ||
				answer->outcome[foreach_current_index(cell)] != ACCESS_YES)
				continue;
			values[0] = CStringGetTextDatum(principal);
			values[1] = CStringGetTextDatum(access_action_names[action]);
			values[2] = CStringGetTextDatum(rule->name);
			tuplestore_putvalues(result->setResult, result->setDesc, values,
								 nulls);
		}
	}
}

/* who_could_access(rel, key, at) */
PG_FUNCTION_INFO_V1(sales_intel_access_who_could);
Datum
sales_intel_access_who_could(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	TimestampTz at = PG_ARGISNULL(2) ? GetCurrentTransactionStartTimestamp() :
		PG_GETARG_TIMESTAMPTZ(2);
	AccessQuestion question;
	ListCell   *cell;

	require_governor("ask who could access a row");
	reject_null(PG_ARGISNULL(0), "rel");
	reject_null(PG_ARGISNULL(1), "key");
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	question = access_question_open(PG_GETARG_OID(0));
	question.asks_engine = false;
	SPI_connect();
	access_question_plan(&question);
	foreach(cell, access_principals(at))
	{
		AccessIdentity identity = override_by(lfirst(cell));
		AccessAnswer answer;

		CHECK_FOR_INTERRUPTS();
		answer = access_question_ask(&question, &identity,
					 text_to_cstring(PG_GETARG_TEXT_PP(1)));
		put_permits(result, &question, &answer, identity.principal->name);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_finish();
	return (Datum) 0;
}

/* ----- preview_access ----- */

/* preview_access(principal, rel) -> (visible, total) */
PG_FUNCTION_INFO_V1(sales_intel_access_preview);
Datum
sales_intel_access_preview(PG_FUNCTION_ARGS)
{
	AccessIdentity identity;
	AccessQuestion question;
	int64		visible;
	int64		total;
	Datum		values[2];
	bool		nulls[2] = {false};

	require_governor("preview the access of others");
	reject_null(PG_ARGISNULL(0), "principal");
	reject_null(PG_ARGISNULL(1), "rel");
	identity = identity_of(text_to_cstring(PG_GETARG_TEXT_PP(0)),
						   GetCurrentTransactionStartTimestamp());
	question = access_question_open(PG_GETARG_OID(1));
	SPI_connect();
	access_question_count(&question, &identity, &visible, &total);
	SPI_finish();
	if (!identity.principal->active || !identity.principal->valid)
		visible = 0;
	values[0] = Int64GetDatum(visible);
	values[1] = Int64GetDatum(total);
	return si_value_row(fcinfo, values, nulls);
}
