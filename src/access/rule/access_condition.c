/*
 * access_condition.c
 *	  The condition of a rule: one expression over the columns of a table.
 *
 * The server's parser reads the text as one expression, so that no text can
 * end it and begin something else; what it may consist of is a list of nodes,
 * and what is not on the list is refused.  A condition may look at the row, at
 * constants, and at who looks, and compute with immutable functions that only
 * a superuser can have made: no function of a stranger runs in somebody else's
 * query, and no setting of a session, which anybody may change, decides.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_clause.h"
#include "parser/parse_collate.h"
#include "parser/parse_func.h"
#include "parser/parse_relation.h"
#include "parser/parser.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/regproc.h"
#include "utils/rel.h"
#include "utils/ruleutils.h"
#include "utils/syscache.h"

#include "access/rule/access_condition.h"
#include "access/rule/access_trust.h"
#include "pg/si_compat.h"

typedef struct Check
{
	ParseState *pstate;
	Node	   *node;			/* whose functions are looked at */
} Check;

#define MAY_USE \
	"It may use columns of the table, constants, who looks (current_principal(), attr(), ...), now(), and immutable functions of PostgreSQL and its extensions."

pg_noreturn static void
refuse(ParseState *pstate, int location, const char *what, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_OBJECT_DEFINITION),
			 errmsg("the condition of a rule cannot use %s", what),
			 errdetail("%s", detail),
			 errhint(MAY_USE),
			 parser_errposition(pstate, location)));
}

/* ----- Whose is it ----- */

static bool
check_function(Oid oid, void *context)
{
	Check	   *check = context;
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(oid));
	const char *fault;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for function %u", oid);
	fault = access_function_fault(tuple);
	ReleaseSysCache(tuple);
	if (fault != NULL)
		refuse(check->pstate, exprLocation(check->node), "this function",
			   psprintf("%s %s.", format_procedure(oid), fault));
	return false;
}

/*
 * An operator's function is checked, but its maker also names a negator, which
 * the planner may put in its place.
 */
static bool
is_trusted_operator(Oid oid)
{
	HeapTuple	tuple = SearchSysCache1(OPEROID, ObjectIdGetDatum(oid));
	bool		trusted;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for operator %u", oid);
	trusted = access_is_trusted(OperatorRelationId, oid,
						 ((Form_pg_operator) GETSTRUCT(tuple))->oprowner);
	ReleaseSysCache(tuple);
	return trusted;
}

/* The first of a node's own operators that is not; InvalidOid: none. */
static Oid
strange_operator(Node *node)
{
	List	   *operators = NIL;
	ListCell   *cell;

	if (IsA(node, OpExpr) || IsA(node, DistinctExpr) || IsA(node, NullIfExpr))
		operators = list_make1_oid(((OpExpr *) node)->opno);
	else if (IsA(node, ScalarArrayOpExpr))
		operators = list_make1_oid(((ScalarArrayOpExpr *) node)->opno);
	else if (IsA(node, RowCompareExpr))
		operators = ((RowCompareExpr *) node)->opnos;
	foreach(cell, operators)
	{
		if (!is_trusted_operator(lfirst_oid(cell)))
			return lfirst_oid(cell);
	}
	return InvalidOid;
}

static void
check_operators(Check *check, Node *node)
{
	Oid			strange = strange_operator(node);

	if (OidIsValid(strange))
		refuse(check->pstate, exprLocation(node), "this operator",
			   psprintf("%s belongs neither to PostgreSQL nor, by a superuser, to an extension.",
						format_operator(strange)));
}

/* ----- Of what is it made ----- */

/*
 * A value of a domain, or a row or range of them, comes to be by its maker's
 * CHECK constraint.
 */
static const char *
type_fault(Oid oid)
{
	Oid			element = get_element_type(oid);
	HeapTuple	tuple;
	Form_pg_type type;
	const char *fault = NULL;

	if (OidIsValid(element))
		return type_fault(element);
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for type %u", oid);
	type = (Form_pg_type) GETSTRUCT(tuple);
	if (isAnyTempNamespace(type->typnamespace))
		fault = "is temporary";
	else if (type->typtype == TYPTYPE_DOMAIN)
		fault = "is a domain, or made of one";
	else if (type->typtype == TYPTYPE_COMPOSITE || oid == RECORDOID)
		fault = "is a row type, or made of one";
	else if (type->typtype == TYPTYPE_PSEUDO && oid != UNKNOWNOID)
		fault = "is no type of values";
	ReleaseSysCache(tuple);
	if (fault == NULL && OidIsValid(get_range_subtype(oid)))
		return type_fault(get_range_subtype(oid));
	if (fault == NULL && OidIsValid(get_multirange_range(oid)))
		return type_fault(get_multirange_range(oid));
	return fault;
}

/* Columns and their parts are what they are; what is made of them is not. */
static void
check_type(Check *check, Node *node)
{
	const char *fault;

	if (IsA(node, List) || IsA(node, CaseWhen) || IsA(node, FieldSelect) ||
		IsA(node, SubscriptingRef))
		return;
	fault = type_fault(exprType(node));
	if (fault != NULL)
		refuse(check->pstate, exprLocation(node), "a value of this type",
			   psprintf("%s %s.", format_type_be(exprType(node)), fault));
}

static void
check_column(Check *check, Var *var)
{
	if (var->varattno == InvalidAttrNumber)
		refuse(check->pstate, var->location, "a whole row",
			   "A function of the row would see columns that come later.");
	if (var->varattno < 0)
		refuse(check->pstate, var->location, "a system column",
			   "It says where a row is kept, not what it is.");
}

static bool
check_node(Node *node, void *context)
{
	Check	   *check = context;

	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Var:
			check_column(check, (Var *) node);
			return false;
		case T_List:
		case T_Const:
		case T_FuncExpr:
		case T_NamedArgExpr:
		case T_OpExpr:
		case T_DistinctExpr:
		case T_NullIfExpr:
		case T_ScalarArrayOpExpr:
		case T_RowCompareExpr:
		case T_BoolExpr:
		case T_NullTest:
		case T_BooleanTest:
		case T_SubscriptingRef:
		case T_FieldSelect:
		case T_RelabelType:
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
		case T_CollateExpr:
		case T_CaseExpr:
		case T_CaseWhen:
		case T_CaseTestExpr:
		case T_ArrayExpr:
		case T_CoalesceExpr:
		case T_MinMaxExpr:
			break;
		case T_CoerceToDomain:
			check_type(check, node);	/* says which */
			break;
		default:
			refuse(check->pstate, exprLocation(node), "this expression",
				   IsA(node, SQLValueFunction) ?
				   "It follows the session, which anybody may change." :
				   "It is of a kind that rules have no need of.");
	}
	check_type(check, node);
	check->node = node;
	check_operators(check, node);
	check_functions_in_node(node, check_function, check);
	return expression_tree_walker(node, check_node, context);
}

/* ----- What the policies of others are made of ----- */

static bool
is_strange_function(Oid oid, void *context)
{
	return !access_function_is_trusted(oid);
}

static bool
is_strange(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return ((Query *) node)->rtable != NIL ||
			query_tree_walker((Query *) node, is_strange, context, 0);
	if (IsA(node, CoerceToDomain) ||
		(IsA(node, CoerceViaIO) && type_fault(exprType(node)) != NULL) ||
		OidIsValid(strange_operator(node)) ||
		check_functions_in_node(node, is_strange_function, context))
		return true;
	return expression_tree_walker(node, is_strange, context);
}

bool
access_condition_is_strange(Node *condition)
{
	return is_strange(condition, NULL);
}

bool
access_condition_is_strange_type(Oid type)
{
	return type_fault(type) != NULL;
}

/* ----- Text to expression ----- */

pg_noreturn static void
not_one_expression(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR),
			 errmsg("the condition of a rule must be one expression"),
			 errdetail("It is what could stand after WHERE, and nothing before or after that."),
			 errhint("For example: owner_id = ANY(attrs_bigint('team')).")));
}

/* Before anything is looked up: a subquery is none of our business. */
static bool
refuse_subquery(Node *node, void *pstate)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubLink))
		refuse(pstate, ((SubLink *) node)->location, "a subquery",
			   "What other tables say belongs into attributes or projects.");
	return raw_expression_tree_walker(node, refuse_subquery, pstate);
}

/* Is it a SELECT of nothing but one unnamed expression? */
static bool
is_bare(const SelectStmt *select)
{
	SelectStmt *bare = makeNode(SelectStmt);
	ResTarget  *target;

	if (list_length(select->targetList) != 1)
		return false;
	bare->targetList = select->targetList;
	bare->limitOption = select->limitOption;
	target = linitial_node(ResTarget, select->targetList);
	return equal(bare, select) && target->name == NULL &&
		target->indirection == NIL;
}

static bool
is_star(Node *node)
{
	return IsA(node, ColumnRef) &&
		IsA(llast(((ColumnRef *) node)->fields), A_Star);
}

static Node *
raw_expression(ParseState *pstate, const char *text)
{
	List	   *statements = raw_parser(text, RAW_PARSE_PLPGSQL_EXPR);
	SelectStmt *select;
	Node	   *expression;

	if (list_length(statements) != 1)
		not_one_expression();
	select = (SelectStmt *) linitial_node(RawStmt, statements)->stmt;
	if (!IsA(select, SelectStmt) || !is_bare(select))
		not_one_expression();
	expression = linitial_node(ResTarget, select->targetList)->val;
	if (is_star(expression))
		not_one_expression();
	refuse_subquery(expression, pstate);
	return expression;
}

/* Places in the text are not places in the statement that called us. */
static void
place_in_text(void *text)
{
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(text);
	}
}

Node *
access_condition_parse(const char *text, Relation rel)
{
	ParseState *pstate = make_parsestate(NULL);
	ErrorContextCallback place = {error_context_stack, place_in_text,
	unconstify(char *, text)};
	Check		check = {pstate, NULL};
	Node	   *condition;

	error_context_stack = &place;
	pstate->p_sourcetext = text;
	addNSItemToQuery(pstate,
					 addRangeTableEntryForRelation(pstate, rel,
												   AccessShareLock, NULL,
												   false, false),
					 false, true, true);
	condition = transformWhereClause(pstate, raw_expression(pstate, text),
									 EXPR_KIND_POLICY, "condition");
	assign_expr_collations(pstate, condition);
	check_node(condition, &check);
	error_context_stack = place.previous;
	free_parsestate(pstate);
	return condition;
}

char *
access_condition_text(Node *condition, Relation rel)
{
	return deparse_expression(condition,
							  deparse_context_for(RelationGetRelationName(rel),
												  RelationGetRelid(rel)),
							  false, false);
}
