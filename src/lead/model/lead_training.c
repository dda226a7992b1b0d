/*
 * lead_training.c
 *	  From the query of a training call to the statement that trains.
 *
 * The query is a text of the caller, run with the caller's rights, so the
 * point is a clear error before a long run rather than defence: it must be one
 * SELECT that writes nothing and has the label among its columns.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "parser/analyze.h"
#include "parser/parser.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

#include "lead/model/lead_registry.h"
#include "pg/si_compat.h"

static const char *const argument_names[] = {"name", "query", "label", "options"};

static void
check_arguments(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < PG_NARGS(); i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("argument \"%s\" of train_lead_model is NULL", argument_names[i]),
					 errdetail("All arguments are stored with the model."),
					 errhint("Leave the options out, or write '{}', for the defaults.")));
}

/* Training may take long: find out now that its result cannot be stored. */
static void
check_rights(FunctionCallInfo fcinfo)
{
	static const char *const written[] = {
		"name", "version", "model", "label", "query", "options"
	};
	static const char *const read[] = {"name", "version"};
	Relation	table = lead_registry_open(fcinfo);

	PreventCommandIfReadOnly("train_lead_model()");
	lead_registry_check(table, ACL_INSERT, lengthof(written), written);
	lead_registry_check(table, ACL_SELECT, lengthof(read), read);
	table_close(table, NoLock);
}

/* ----- The query ----- */

/* Say where in the query, not where in the statement that called. */
static void
point_into_query(void *query)
{
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(query);
	}
	errcontext("query to train a lead model on");
}

pg_noreturn static void
reject_query(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the query to train on must be one SELECT"),
			 errdetail_internal("%s", detail),
			 errhint("It returns the closed leads, one row each: the label and the columns to learn from.")));
}

static RawStmt *
parse_query(const char *query)
{
	List	   *statements = raw_parser(query, RAW_PARSE_DEFAULT);
	RawStmt    *statement;

	if (list_length(statements) != 1)
		reject_query(psprintf("It has %d statements.",
							  list_length(statements)));
	statement = linitial_node(RawStmt, statements);
	if (!IsA(statement->stmt, SelectStmt))
		reject_query(psprintf("It is of kind %s.",
							  CreateCommandName((Node *) statement)));
	return statement;
}

static Query *
analyze_query(RawStmt *statement, const char *query)
{
	Query	   *analyzed = parse_analyze_fixedparams(statement, query, NULL, 0,
													 NULL);

	if (analyzed->commandType != CMD_SELECT)
		reject_query("It is of kind SELECT INTO.");
	if (analyzed->hasModifyingCTE)
		reject_query("It writes, in a WITH clause.");
	return analyzed;
}

/* The statement without what follows its semicolon. */
static char *
text_of(const RawStmt *statement, const char *query)
{
	const char *start = query + Max(statement->stmt_location, 0);

	if (statement->stmt_len == 0)
		return pstrdup(start);
	return pnstrdup(start, statement->stmt_len);
}

/* ----- The label ----- */

static char *
column_names(const Query *query)
{
	StringInfoData names;
	ListCell   *cell;

	initStringInfo(&names);
	foreach(cell, query->targetList)
	{
		TargetEntry *column = lfirst_node(TargetEntry, cell);

		if (column->resjunk)
			continue;
		if (names.len > 1000)
		{
			appendStringInfoString(&names, " and more");
			break;
		}
		appendStringInfo(&names, "%s%s", names.len > 0 ? ", " : "",
						 column->resname);
	}
	return names.data;
}

static TargetEntry *
find_column(const Query *query, const char *name)
{
	ListCell   *cell;

	foreach(cell, query->targetList)
	{
		TargetEntry *column = lfirst_node(TargetEntry, cell);

		if (!column->resjunk && strcmp(column->resname, name) == 0)
			return column;
	}
	return NULL;
}

/* The column that says whose row it is, if the options name one. */
static char *
subject_key(Jsonb *options)
{
	JsonbValue	value;

	if (!JB_ROOT_IS_OBJECT(options) ||
		getKeyJsonValueFromContainer(&options->root, "subject_key", 11,
									 &value) == NULL)
		return NULL;
	if (value.type != jbvString)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"subject_key\" must be the name of a column"),
				 errdetail("Its values say whose data the model has learned from."),
				 errhint("Pass a string, for example {\"subject_key\": \"customer_id\"}.")));
	return pnstrdup(value.val.string.val, value.val.string.len);
}

static void
check_subject_key(const Query *query, const char *key)
{
	if (find_column(query, key) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the query to train on has no column \"%s\"", key),
				 errdetail("Its columns are: %s.", column_names(query)),
				 errhint("The option subject_key names the column with the customer's key.")));
}

static void
check_label(const Query *query, const char *label)
{
	TargetEntry *column = find_column(query, label);
	Oid			type;

	if (column == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("the query to train on has no column \"%s\"", label),
				 errdetail("Its columns are: %s.", column_names(query)),
				 errhint("The label is the boolean column that tells won from lost leads, spelled as the query returns it.")));
	type = exprType((Node *) column->expr);
	if (getBaseType(type) != BOOLOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("label \"%s\" is not boolean", label),
				 errdetail("It is of type %s.", format_type_be(type)),
				 errhint("Make it a condition in the query, for example status = 'won' AS won, that is NULL while the lead is open.")));
}

/* ----- The statement ----- */

/* The subjects, each once; in one statement with what trains. */
static char *
subjects_of(const char *key)
{
	if (key == NULL)
		return "NULL";
	return psprintf("pg_catalog.array_agg(DISTINCT q.%s::pg_catalog.text)",
					quote_identifier(key));
}

/*
 * A line end keeps a comment at the end of the query from hiding what follows;
 * "q.*" is the whole row even if one of its columns is named q.
 */
static char *
training_statement(FunctionCallInfo fcinfo, const char *query,
				   const char *label, const char *key)
{
	Oid			schema = get_func_namespace(fcinfo->flinfo->fn_oid);

	return psprintf("SELECT %s.lead_model_agg(q.%s, q.*, $1), %s "
					"FROM (%s\n) AS q",
					quote_identifier(get_namespace_name(schema)),
					quote_identifier(label), subjects_of(key), query);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_training_query);
Datum
sales_intel_lead_training_query(PG_FUNCTION_ARGS)
{
	ErrorContextCallback position;
	char	   *query;
	char	   *label;
	char	   *key;
	RawStmt    *statement;
	Query	   *analyzed;

	check_arguments(fcinfo);
	check_rights(fcinfo);
	key = subject_key(PG_GETARG_JSONB_P(3));
	query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	label = NameStr(*PG_GETARG_NAME(2));

	position.previous = error_context_stack;
	position.callback = point_into_query;
	position.arg = query;
	error_context_stack = &position;
	statement = parse_query(query);
	analyzed = analyze_query(statement, query);
	check_label(analyzed, label);
	if (key != NULL)
		check_subject_key(analyzed, key);
	error_context_stack = position.previous;
	PG_RETURN_TEXT_P(cstring_to_text(
		training_statement(fcinfo, text_of(statement, query), label, key)));
}
