/*
 * lead_support.c
 *	  Planner support: scores over columns instead of records.
 *
 * lead_score(model, row) builds a record for every row and takes it apart
 * again, and on the way fetches every toasted column, read or not.  Where row
 * is a whole-row reference or a row expression the planner knows its columns,
 * and the call becomes lead_score_columns(model, names, column, ...).
 *
 * The one difference between a row and its columns is a row that is NULL as a
 * whole, the empty side of an outer join, whose score must be NULL: rows of
 * such relations keep the record form.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "parser/parse_func.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

#include "pg/si_compat.h"

/* Functions take 100 arguments at most; two are the model and the names. */
#define MAX_COLUMNS		96

/* ----- Is a relation on the empty side of an outer join? ----- */

static bool
contains_relation(Node *node, int varno)
{
	ListCell   *cell;

	if (IsA(node, RangeTblRef))
		return ((RangeTblRef *) node)->rtindex == varno;
	if (IsA(node, JoinExpr))
		return contains_relation(((JoinExpr *) node)->larg, varno) ||
			contains_relation(((JoinExpr *) node)->rarg, varno);
	foreach(cell, castNode(FromExpr, node)->fromlist)
		if (contains_relation(lfirst(cell), varno))
			return true;
	return false;
}

static bool
is_nullable(Node *node, int varno)
{
	ListCell   *cell;

	if (IsA(node, RangeTblRef))
		return false;
	if (IsA(node, JoinExpr))
	{
		JoinExpr   *join = (JoinExpr *) node;

		if ((join->jointype == JOIN_LEFT || join->jointype == JOIN_FULL) &&
			contains_relation(join->rarg, varno))
			return true;
		if ((join->jointype == JOIN_RIGHT || join->jointype == JOIN_FULL) &&
			contains_relation(join->larg, varno))
			return true;
		return is_nullable(join->larg, varno) || is_nullable(join->rarg, varno);
	}
	foreach(cell, castNode(FromExpr, node)->fromlist)
		if (is_nullable(lfirst(cell), varno))
			return true;
	return false;
}

/* ----- The columns of a row ----- */

/*
 * Columns of a whole-row reference.  Only plain tables and subqueries: their
 * rows are never NULL as a whole unless an outer join makes them so.
 */
static bool
columns_of_var(PlannerInfo *root, Var *var, List **names, List **values)
{
	RangeTblEntry *rte;

	if (root == NULL || var->varattno != 0 || var->varlevelsup != 0)
		return false;
	rte = rt_fetch(var->varno, root->parse->rtable);
	if ((rte->rtekind != RTE_RELATION && rte->rtekind != RTE_SUBQUERY) ||
		root->parse->jointree == NULL ||
		is_nullable((Node *) root->parse->jointree, var->varno))
		return false;
	si_expand_rte(rte, var->varno, names, values);
	return true;
}

static void
columns_of_row(RowExpr *row, List **names, List **values)
{
	TupleDesc	desc = NULL;
	int			i = 0;
	ListCell   *cell;

	if (row->row_typeid != RECORDOID)
		desc = lookup_rowtype_tupdesc(row->row_typeid, -1);
	foreach(cell, row->args)
	{
		if (desc == NULL)
		{
			*names = lappend(*names, list_nth(row->colnames, i));
			*values = lappend(*values, lfirst(cell));
		}
		else if (!TupleDescAttr(desc, i)->attisdropped)
		{
			*names = lappend(
				*names,
				makeString(pstrdup(NameStr(TupleDescAttr(desc, i)->attname))));
			*values = lappend(*values, lfirst(cell));
		}
		i++;
	}
	if (desc != NULL)
		ReleaseTupleDesc(desc);
}

static Node *
strip_relabel(Node *node)
{
	while (node != NULL && IsA(node, RelabelType))
		node = (Node *) ((RelabelType *) node)->arg;
	if (node != NULL && IsA(node, ConvertRowtypeExpr))
		return NULL;
	return node;
}

static bool
columns_of(PlannerInfo *root, Node *row, List **names, List **values)
{
	row = strip_relabel(row);
	if (row == NULL)
		return false;
	if (IsA(row, Var))
		return columns_of_var(root, (Var *) row, names, values);
	if (!IsA(row, RowExpr))
		return false;
	if (((RowExpr *) row)->row_typeid == RECORDOID &&
		list_length(((RowExpr *) row)->colnames) !=
			list_length(((RowExpr *) row)->args))
		return false;
	columns_of_row((RowExpr *) row, names, values);
	return true;
}

/* ----- The rewritten call ----- */

static Const *
names_constant(List *names)
{
	int			n = list_length(names);
	Datum	   *texts = palloc(n * sizeof(Datum));
	ArrayType  *array;

	for (int i = 0; i < n; i++)
		texts[i] = CStringGetTextDatum(strVal(list_nth(names, i)));
	array = construct_array(texts, n, TEXTOID, -1, false, TYPALIGN_INT);
	return makeConst(TEXTARRAYOID, -1, DEFAULT_COLLATION_OID, -1,
					 PointerGetDatum(array), false, false);
}

/* lead_score_columns in the schema of lead_score, or InvalidOid. */
static Oid
columns_function(FuncExpr *call)
{
	char	   *schema = get_namespace_name(get_func_namespace(call->funcid));
	char	   *name = psprintf("%s_columns", get_func_name(call->funcid));
	Oid			model = exprType(linitial(call->args));
	Oid			args[3] = {model, TEXTARRAYOID, ANYOID};

	return LookupFuncName(list_make2(makeString(schema), makeString(name)), 3,
						  args, true);
}

static Node *
rewrite(PlannerInfo *root, FuncExpr *call)
{
	List	   *names = NIL;
	List	   *values = NIL;
	Oid			function;

	if (list_length(call->args) != 2 ||
		!columns_of(root, lsecond(call->args), &names, &values) ||
		names == NIL || list_length(names) > MAX_COLUMNS)
		return NULL;
	function = columns_function(call);
	if (!OidIsValid(function))
		return NULL;
	return (Node *) makeFuncExpr(
		function, call->funcresulttype,
		list_concat(list_make2(linitial(call->args), names_constant(names)),
					values),
		InvalidOid, InvalidOid, COERCE_EXPLICIT_CALL);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_support);
Datum
sales_intel_lead_score_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (!IsA(request, SupportRequestSimplify))
		PG_RETURN_POINTER(NULL);
	PG_RETURN_POINTER(rewrite(((SupportRequestSimplify *) request)->root,
							  ((SupportRequestSimplify *) request)->fcall));
}
