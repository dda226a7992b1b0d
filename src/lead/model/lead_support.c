/*
 * lead_support.c
 *	  Planner support: scores over columns instead of records.
 *
 * lead_score(model, row) builds a record for every row and takes it apart
 * again, and on the way fetches every toasted column, read or not.  Where row
 * is a whole-row reference or a row expression the planner knows its columns,
 * and the call becomes lead_score_columns(model, names, column, ...).
 *
 * A row that is NULL as a whole, on the empty side of an outer join or in the
 * totals of grouping sets, is not its columns: its score must be NULL.  Such
 * rows keep the record form.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "parser/parse_relation.h"
#include "parser/parsetree.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
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
 * The names that a row of a named type has: not those of the range table
 * entry, which are aliases, or stale after a rename.
 */
static bool
names_of_type(Oid type, List **names, int count)
{
	TupleDesc	desc = lookup_rowtype_tupdesc(type, -1);

	*names = NIL;
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped)
			*names = lappend(*names,
							 makeString(pstrdup(NameStr(att->attname))));
	}
	ReleaseTupleDesc(desc);
	return list_length(*names) == count;
}

/*
 * Columns of a whole-row reference.  Only plain tables and subqueries: their
 * rows are never NULL as a whole unless an outer join or a grouping set makes
 * them so.
 */
static bool
columns_of_var(PlannerInfo *root, Var *var, List **names, List **values)
{
	RangeTblEntry *rte;

	if (root == NULL || var->varattno != 0 || var->varlevelsup != 0 ||
		root->parse->groupingSets != NIL || si_var_is_returning(var))
		return false;
	rte = rt_fetch(var->varno, root->parse->rtable);
	if ((rte->rtekind != RTE_RELATION && rte->rtekind != RTE_SUBQUERY) ||
		root->parse->jointree == NULL ||
		is_nullable((Node *) root->parse->jointree, var->varno))
		return false;
	si_expand_rte(rte, var->varno, names, values);
	return var->vartype == RECORDOID ||
		names_of_type(var->vartype, names, list_length(*values));
}

/* Columns of a row expression; a named type may have grown since. */
static bool
columns_of_row(RowExpr *row, List **names, List **values)
{
	TupleDesc	desc;
	int			i = 0;
	ListCell   *cell;

	if (row->row_typeid == RECORDOID)
	{
		*names = row->colnames;
		*values = list_copy(row->args);
		return list_length(row->colnames) == list_length(row->args);
	}
	desc = lookup_rowtype_tupdesc(row->row_typeid, -1);
	foreach(cell, row->args)
		if (!TupleDescAttr(desc, i++)->attisdropped)
			*values = lappend(*values, lfirst(cell));
	ReleaseTupleDesc(desc);
	return names_of_type(row->row_typeid, names, list_length(*values));
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
	return IsA(row, RowExpr) && columns_of_row((RowExpr *) row, names, values);
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

/*
 * lead_score_columns in the schema of lead_score; InvalidOid when there is
 * none, or when the user may not call both, so that the call that was written
 * is the one that is checked.
 */
static Oid
columns_function(FuncExpr *call)
{
	char	   *name = psprintf("%s_columns", get_func_name(call->funcid));
	Oid			model = exprType(linitial(call->args));
	Oid			types[3] = {model, TEXTARRAYOID, ANYOID};
	Oid			function =
		GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						CStringGetDatum(name),
						PointerGetDatum(buildoidvector(types, 3)),
						ObjectIdGetDatum(get_func_namespace(call->funcid)));

	if (!OidIsValid(function) || !si_may_execute(function) ||
		!si_may_execute(call->funcid))
		return InvalidOid;
	return function;
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
