/*
 * access_question.c
 *	  What the rules of a table say of a row, for somebody else.
 *
 * The rules' own expressions are evaluated by the executor, on the row, with
 * the other one's identity in force, as the table's owner and in a
 * security-restricted operation.
 *
 * Nothing that the table's owner wrote may run while that identity is in
 * force, or it could read for him whatever the other one may read.  So queries
 * are planned before, which may run functions of his in the predicate of an
 * index; keys are no values of his domains; and policies of his are asked only
 * if they are made of what PostgreSQL and extensions bring, or he is trusted.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "rewrite/rowsecurity.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "access/access_scope.h"
#include "access/access_table.h"
#include "access/explain/access_question.h"
#include "access/rule/access_condition.h"
#include "access/rule/access_policy.h"
#include "access/rule/access_rule.h"
#include "pg/si_compat.h"

/* ----- The row ----- */

/*
 * "column = $1" for the primary key; of several columns $1 is a JSON array.  A
 * domain's CHECK constraint, its maker's code, is not asked.
 */
static char *
key_condition(Relation rel)
{
	Oid			oid = si_primary_key(rel);
	Relation	index;
	StringInfoData text;

	if (!OidIsValid(oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("table \"%s\" has no primary key",
						RelationGetRelationName(rel)),
				 errdetail("Rows are named by it."),
				 errhint("Add one.")));
	index = index_open(oid, AccessShareLock);
	initStringInfo(&text);
	for (int i = 0; i < index->rd_index->indnkeyatts; i++)
	{
		int			column = index->rd_index->indkey.values[i];
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel),
											  column - 1);
		int32		modifier = att->atttypmod;
		Oid			base = getBaseTypeAndTypmod(att->atttypid, &modifier);
		char	   *type = format_type_extended(base, modifier,
												FORMAT_TYPE_TYPEMOD_GIVEN |
												FORMAT_TYPE_FORCE_QUALIFY);
		char	   *value = index->rd_index->indnkeyatts == 1 ? "$1" :
			psprintf("$1::pg_catalog.json OPERATOR(pg_catalog.->>) %d", i);

		if (access_condition_is_strange_type(base))
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("rows of table \"%s\" cannot be named",
							RelationGetRelationName(rel)),
					 errdetail("The key column \"%s\" is of type %s, which is made of others.",
							   NameStr(att->attname), format_type_be(base)),
					 errhint("Explanations are for tables with simple keys.")));
		appendStringInfo(&text, "%s%s OPERATOR(pg_catalog.=) (%s)::%s",
						 i > 0 ? " AND " : "",
						 quote_identifier(NameStr(att->attname)), value, type);
	}
	index_close(index, AccessShareLock);
	return text.data;
}

/* ----- The question ----- */

/* The owner acts; policies, which are part of a plan, bind him or not. */
static void
enter(const AccessQuestion *question, AccessScope *scope, bool under_policies)
{
	access_enter(scope, question->owner, ACCESS_STORED);
	SetUserIdAndSecContext(question->owner, scope->context |
						   SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION |
						   (under_policies ? 0 : SECURITY_NOFORCE_RLS));
}

/* Where the rules' names mean what they mean to the policies. */
static SPIPlanPtr
prepare(const AccessQuestion *question, const char *query, bool under_policies)
{
	Oid			types[1] = {TEXTOID};
	AccessScope scope;
	SPIPlanPtr	plan;

	enter(question, &scope, under_policies);
	plan = SPI_prepare_cursor(query, 1, types, CURSOR_OPT_GENERIC_PLAN);
	access_leave(&scope);
	if (plan == NULL)
		elog(ERROR, "cannot prepare: %s", SPI_result_code_string(SPI_result));
	return plan;
}

/* The rules' expressions as columns, after a constant. */
static char *
rule_columns(const AccessQuestion *question)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	appendStringInfoString(&text, "true");
	foreach(cell, question->rules)
	{
		const AccessRule *rule = lfirst(cell);

		appendStringInfo(&text, ", (%s)",
						 access_rule_expression(question->rel, rule));
	}
	return text.data;
}

AccessQuestion
access_question_open(Oid oid)
{
	Relation	rel = access_rule_table_open(oid, AccessShareLock);
	AccessQuestion question = {.rel = oid};

	question.owner = rel->rd_rel->relowner;
	question.name = quote_qualified_identifier(
		get_namespace_name(RelationGetNamespace(rel)),
		RelationGetRelationName(rel));
	question.where = key_condition(rel);
	question.rules = access_rules(oid);
	question.is_protected = rel->rd_rel->relrowsecurity &&
		access_protection(access_table_root(oid), NULL);
	question.asks_engine = question.is_protected &&
		rel->rd_rel->relforcerowsecurity &&
		!has_bypassrls_privilege(question.owner);
	question.is_strange = question.asks_engine &&
		!access_policies_are_safe(rel) &&
		!access_is_trusted_definer(question.owner);
	table_close(rel, NoLock);
	return question;
}

static uint64
fetch(const AccessQuestion *question, SPIPlanPtr plan, const char *key,
	const AccessIdentity *identity, bool under_policies)
{
	Datum		values[1] = {CStringGetTextDatum(key)};
	AccessScope scope;
	Portal		portal;

	enter(question, &scope, under_policies);
	portal = SPI_cursor_open(NULL, plan, values, NULL, true);
	access_override(identity);
	SPI_cursor_fetch(portal, true, 1);
	access_override(NULL);
	SPI_cursor_close(portal);
	access_leave(&scope);
	return SPI_processed;
}

/*
 * For whom, and under the policies as it was prepared; the result is in
 * SPI_tuptable.  The plan is made as the cursor is opened.  An error says
 * nothing of the query, which shows what the rules are.
 */
static uint64
run(const AccessQuestion *question, SPIPlanPtr plan, const char *key,
	const AccessIdentity *identity, bool under_policies)
{
	MemoryContext context = CurrentMemoryContext;
	volatile uint64 found = 0;

	PG_TRY();
	{
		found = fetch(question, plan, key, identity, under_policies);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		error->context = NULL;
		ThrowErrorData(error);
	}
	PG_END_TRY();
	return found;
}

void
access_question_plan(AccessQuestion *question)
{
	question->outcomes = prepare(question,
								 psprintf("SELECT %s FROM %s WHERE %s",
										  rule_columns(question),
										  question->name, question->where),
								 false);
	question->engine = prepare(question,
							   psprintf("SELECT true FROM %s WHERE %s",
										question->name, question->where),
							   true);
}

/* ----- Answers ----- */

AccessAnswer
access_question_ask(const AccessQuestion *question,
					const AccessIdentity *identity, const char *key)
{
	int			rules = list_length(question->rules);
	AccessAnswer answer = {
		.outcome = palloc0((rules + 1) * sizeof(AccessOutcome))
	};

	answer.exists = run(question, question->outcomes, key, identity,
						false) > 0;
	for (int i = 0; i < rules && answer.exists; i++)
	{
		bool		unknown;
		Datum		value = SPI_getbinval(SPI_tuptable->vals[0],
										  SPI_tuptable->tupdesc, i + 2,
										  &unknown);

		answer.outcome[i] = unknown ? ACCESS_UNKNOWN : DatumGetBool(value);
	}
	if (question->asks_engine && !question->is_strange)
		answer.engine = run(question, question->engine, key, identity,
							true) > 0;
	return answer;
}

bool
access_rules_allow(const AccessQuestion *question,
				   const AccessAnswer *answer, int action,
				   const char **reason)
{
	bool		permitted = false;
	ListCell   *cell;

	foreach(cell, question->rules)
	{
		const AccessRule *rule = lfirst(cell);
		int			i = foreach_current_index(cell);
		AccessOutcome outcome = answer->outcome[i];

		if (!(rule->actions & (1 << action)))
			continue;
		if (rule->permit)
			permitted |= outcome == ACCESS_YES;
		else if (outcome != ACCESS_NO)
		{
			*reason = psprintf("The rule \"%s\" forbids it.", rule->name);
			return false;
		}
	}
	*reason = permitted ? "A rule permits it, and none forbids it." :
		"No rule permits it.";
	return permitted;
}

/* ----- Counts ----- */

/* "(permit OR ...) AND (forbid) IS FALSE ..." for select. */
static char *
visible_condition(const AccessQuestion *question)
{
	StringInfoData permits;
	StringInfoData forbids;
	ListCell   *cell;

	initStringInfo(&permits);
	initStringInfo(&forbids);
	appendStringInfoString(&permits, "(false");
	foreach(cell, question->rules)
	{
		const AccessRule *rule = lfirst(cell);
		char	   *expression = access_rule_expression(question->rel, rule);

		if (!(rule->actions & 1))
			continue;
		if (rule->permit)
			appendStringInfo(&permits, " OR (%s)", expression);
		else
			appendStringInfo(&forbids, " AND (%s) IS FALSE", expression);
	}
	appendStringInfo(&permits, ")%s", forbids.data);
	return permits.data;
}

void
access_question_count(const AccessQuestion *question,
					  const AccessIdentity *identity, int64 *visible,
					  int64 *total)
{
	char	   *query =
		psprintf("SELECT pg_catalog.count(*) FILTER (WHERE %s), pg_catalog.count(*) FROM %s WHERE $1 IS NOT NULL",
				 visible_condition(question), question->name);
	bool		null;

	run(question, prepare(question, query, false), "", identity, false);
	*visible = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										   SPI_tuptable->tupdesc, 1, &null));
	*total = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										 SPI_tuptable->tupdesc, 2, &null));
}
