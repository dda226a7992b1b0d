/*
 * access_once.c
 *	  What a rule's condition asks of who looks is asked once, not for each row.
 *
 * Getters whose arguments hold nothing of the row become uncorrelated scalar
 * subqueries, so that plans stay parallel and indexes are used.  A search in an
 * array of theirs becomes one in an array that is in order.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "parser/parse_func.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"

#include "access/rule/access_condition.h"
#include "access/rule/access_trust.h"

/*
 * Does it hold something of the row?  The value that CASE compares, too; that
 * of an array's coercion is its own.
 */
static bool
holds_row(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Var) || IsA(node, CaseTestExpr))
		return true;
	if (IsA(node, ArrayCoerceExpr))
		return holds_row((Node *) ((ArrayCoerceExpr *) node)->arg, context);
	return expression_tree_walker(node, holds_row, context);
}

static bool
holds_getter(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncExpr) && access_is_getter(((FuncExpr *) node)->funcid))
		return true;
	return expression_tree_walker(node, holds_getter, context);
}

/* A call of a function of the extension's. */
Node *
access_call(const char *name, List *arguments, Oid result)
{
	List	   *function = list_make2(makeString("sales_intel"),
									  makeString(pstrdup(name)));
	Oid			types[4];
	ListCell   *cell;

	Assert(list_length(arguments) <= lengthof(types));

	foreach(cell, arguments)
		types[foreach_current_index(cell)] = exprType(lfirst(cell));
	return (Node *) makeFuncExpr(LookupFuncName(function,
												list_length(arguments), types,
												false),
								 result, arguments, InvalidOid, InvalidOid,
								 COERCE_EXPLICIT_CALL);
}

Node *
access_condition_subquery(Node *node)
{
	Query	   *query = makeNode(Query);
	SubLink    *link = makeNode(SubLink);

	query->commandType = CMD_SELECT;
	query->canSetTag = true;
	query->jointree = makeFromExpr(NIL, NULL);
	query->targetList = list_make1(makeTargetEntry((Expr *) node, 1,
												   pstrdup("once"), false));
	link->subLinkType = EXPR_SUBLINK;
	link->subselect = (Node *) query;
	link->location = -1;
	return (Node *) link;
}

static Node *once(Node *node, void *context);

/*
 * Is it value = ANY (array), the array that of who looks?  Then it is among()
 * what is put in order once, or, of texts that are equal as bytes, as it is.
 */
static Node *
as_among(ScalarArrayOpExpr *any)
{
	Node	   *value = linitial(any->args);
	Node	   *array = lsecond(any->args);
	bool		text = any->opfuncid == F_TEXTEQ &&
	OidIsValid(any->inputcollid) &&
	get_collation_isdeterministic(any->inputcollid);

	if (!any->useOr ||
		(any->opfuncid != F_INT8EQ && any->opfuncid != F_INT48EQ && !text) ||
		!holds_getter(array, NULL) || holds_row(array, NULL) ||
		holds_getter(value, NULL))
		return NULL;
	if (!text)
		array = access_call("ascending", list_make1(array), INT8ARRAYOID);
	return access_call("among",
					   list_make2(value, access_condition_subquery(array)),
					   BOOLOID);
}

/*
 * Is it consent_allows() of the row?  Then it is consent_live(), which workers
 * may call, with a ticket that is asked for once.
 */
static Node *
as_consent_live(FuncExpr *call)
{
	List	   *arguments;
	Node	   *ticket;

	if (!access_is_consent(call->funcid))
		return NULL;
	arguments = (List *) once((Node *) call->args, NULL);
	if (list_length(arguments) == 2)
		arguments = lappend(arguments, makeNullConst(TEXTOID, -1,
													 DEFAULT_COLLATION_OID));
	ticket = access_call("consent_ticket", NIL, BYTEAOID);
	return access_call("consent_live",
					   lappend(arguments, access_condition_subquery(ticket)),
					   BOOLOID);
}

static Node *
once(Node *node, void *context)
{
	Node	   *fast = NULL;

	if (node == NULL)
		return NULL;
	if (!IsA(node, List) && !IsA(node, CaseWhen) &&
		holds_getter(node, NULL) && !holds_row(node, NULL))
		return access_condition_subquery(node);
	if (IsA(node, ScalarArrayOpExpr))
		fast = as_among((ScalarArrayOpExpr *) node);
	if (IsA(node, FuncExpr))
		fast = as_consent_live((FuncExpr *) node);
	if (fast != NULL)
		return fast;
	return expression_tree_mutator(node, once, context);
}

Node *
access_condition_once(Node *condition)
{
	return once(condition, NULL);
}
