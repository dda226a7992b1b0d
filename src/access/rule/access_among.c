/*
 * access_among.c
 *	  Is a number or a text among many, asked for each row?
 *
 * value = ANY (array) compares with one element after the other, by a call for
 * each; only for an array that is constant when it is planned does the server
 * make a hash table.  What a principal may see becomes known later.  Here, the
 * array of numbers is put in order once, and searched by halves for each row;
 * texts are compared one by one, as bytes, without a call.  An index is used as
 * for = ANY.  Results are those of = ANY, NULL and empty arrays, too; of texts,
 * in a deterministic collation.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "pg/si_compat.h"

static int
compare_numbers(const void *a, const void *b)
{
	int64		x = *(const int64 *) a;
	int64		y = *(const int64 *) b;

	return (x > y) - (x < y);
}

/* ascending(bigint[]) -> bigint[]: each number once; NULLs as one, the last */
PG_FUNCTION_INFO_V1(sales_intel_access_ascending);
Datum
sales_intel_access_ascending(PG_FUNCTION_ARGS)
{
	Datum	   *values;
	bool	   *nulls;
	int			given;
	int64	   *number;
	int			numbers = 0;
	int			count = 0;
	int			lower = 1;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), INT8OID, sizeof(int64),
					  FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &values, &nulls,
					  &given);
	number = palloc((given + 1) * sizeof(int64));
	for (int i = 0; i < given; i++)
	{
		if (!nulls[i])
			number[numbers++] = DatumGetInt64(values[i]);
	}
	qsort(number, numbers, sizeof(int64), compare_numbers);
	for (int i = 0; i < numbers; i++)
	{
		nulls[count] = false;
		if (i == 0 || number[i] != number[i - 1])
			values[count++] = Int64GetDatum(number[i]);
	}
	if (numbers < given)
		nulls[count++] = true;
	if (count == 0)
		PG_RETURN_ARRAYTYPE_P(construct_empty_array(INT8OID));
	PG_RETURN_ARRAYTYPE_P(construct_md_array(values, nulls, 1, &count, &lower,
											 INT8OID, sizeof(int64),
											 FLOAT8PASSBYVAL,
											 TYPALIGN_DOUBLE));
}

/* What a subquery returns has a short header and is not aligned: read so. */
typedef struct Numbers
{
	const char *data;
	int			count;			/* without NULLs */
	bool		null;			/* one is among them */
	bool		empty;			/* not even that */
} Numbers;

static int32
field(const char *array, Size offset)
{
	int32		value;

	/* Offsets are those of an ArrayType, after its length word. */
	memcpy(&value, array + offset - VARHDRSZ, sizeof(value));
	return value;
}

static Numbers
open_numbers(struct varlena *given)
{
	const char *array = VARDATA_ANY(given);
	Numbers		numbers = {0};
	int32		dimensions = field(array, offsetof(ArrayType, ndim));
	Size		offset = field(array, offsetof(ArrayType, dataoffset));

	numbers.empty = dimensions == 0;
	if (numbers.empty)
		return numbers;
	if (dimensions != 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("the array must have one dimension"),
				 errdetail("It has %d.", dimensions),
				 errhint("Use what ascending() returns.")));
	numbers.null = offset != 0;
	if (!numbers.null)
		offset = ARR_OVERHEAD_NONULLS(1);
	numbers.data = array + offset - VARHDRSZ;
	numbers.count = (VARSIZE_ANY_EXHDR(given) + VARHDRSZ - offset) /
		sizeof(int64);
	return numbers;
}

static int64
number_at(const char *data, int i)
{
	int64		number;

	memcpy(&number, data + i * sizeof(number), sizeof(number));
	return number;
}

/*
 * Numbers without a gap, as teams often are, are known by their ends; else
 * steps of halves, without a branch, which would be guessed wrong half of the
 * time.
 */
static bool
found(const Numbers *numbers, int64 value)
{
	const char *data = numbers->data;
	int			count = numbers->count;
	uint64		first;
	uint64		range;

	if (count == 0)
		return false;
	first = number_at(data, 0);
	range = number_at(data, count - 1) - first;
	if ((uint64) value - first > range)
		return false;
	if (range == (uint64) count - 1)
		return true;
	while (count > 1)
	{
		int			half = count / 2;

		data += (number_at(data, half - 1) < value) * half * sizeof(int64);
		count -= half;
	}
	return number_at(data, 0) == value;
}

static Datum
among(FunctionCallInfo fcinfo, int64 value)
{
	Numbers		numbers;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	numbers = open_numbers(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	if (numbers.empty)
		PG_RETURN_BOOL(false);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (found(&numbers, value))
		PG_RETURN_BOOL(true);
	if (numbers.null)
		PG_RETURN_NULL();
	PG_RETURN_BOOL(false);
}

/* among(value bigint, ascending bigint[]) -> boolean */
PG_FUNCTION_INFO_V1(sales_intel_access_among_bigint);
Datum
sales_intel_access_among_bigint(PG_FUNCTION_ARGS)
{
	return among(fcinfo, PG_GETARG_INT64(0));
}

/* among(value integer, ascending bigint[]) -> boolean */
PG_FUNCTION_INFO_V1(sales_intel_access_among_integer);
Datum
sales_intel_access_among_integer(PG_FUNCTION_ARGS)
{
	return among(fcinfo, PG_GETARG_INT32(0));
}

/* ----- Texts ----- */

/* Any array: NULLs in it, several dimensions. */
static Datum
among_elements(FunctionCallInfo fcinfo)
{
	text	   *value = PG_GETARG_TEXT_PP(0);
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
					  TYPALIGN_INT, &elements, &nulls, &count);
	for (int i = 0; i < count; i++)
	{
		text	   *element = (text *) DatumGetPointer(elements[i]);

		if (nulls[i])
			fcinfo->isnull = true;
		else if (VARSIZE_ANY_EXHDR(element) == VARSIZE_ANY_EXHDR(value) &&
				 memcmp(VARDATA_ANY(element), VARDATA_ANY(value),
						VARSIZE_ANY_EXHDR(value)) == 0)
		{
			fcinfo->isnull = false;
			return BoolGetDatum(true);
		}
	}
	return BoolGetDatum(false);
}

/* Elements have long headers (construct_md_array), which are not aligned. */
static bool
holds_text(const char *array, int count, const char *value, Size size)
{
	Size		offset = ARR_OVERHEAD_NONULLS(1);

	for (int i = 0; i < count; i++)
	{
		int32		header = field(array, offset);
		Size		whole = VARSIZE(&header);

		if (whole - VARHDRSZ == size &&
			memcmp(array + offset, value, size) == 0)
			return true;
		offset = INTALIGN(offset + whole);
	}
	return false;
}

/* among(value text, texts text[]) -> boolean */
PG_FUNCTION_INFO_V1(sales_intel_access_among_text);
Datum
sales_intel_access_among_text(PG_FUNCTION_ARGS)
{
	const char *array;
	int32		dimensions;
	text	   *value;

	if (PG_ARGISNULL(1))
		PG_RETURN_NULL();
	array = VARDATA_ANY(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)));
	dimensions = field(array, offsetof(ArrayType, ndim));
	if (dimensions == 0)
		PG_RETURN_BOOL(false);
	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	if (dimensions != 1 || field(array, offsetof(ArrayType, dataoffset)) != 0)
		return among_elements(fcinfo);
	value = PG_GETARG_TEXT_PP(0);
	PG_RETURN_BOOL(holds_text(array, field(array, sizeof(ArrayType)),
							  VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)));
}

/* ----- What the planner is told ----- */

/* The call as value = ANY (array), by the operator of a family, if any. */
static Expr *
as_array_operator(const FuncExpr *call, Oid family)
{
	ScalarArrayOpExpr *any;
	Oid			element = get_element_type(exprType(lsecond(call->args)));
	Oid			equal = get_opfamily_member(family,
											exprType(linitial(call->args)),
											element, BTEqualStrategyNumber);

	if (!OidIsValid(equal))
		return NULL;
	any = makeNode(ScalarArrayOpExpr);
	any->opno = equal;
	any->opfuncid = get_opcode(equal);
	any->useOr = true;
	any->inputcollid = call->inputcollid;
	any->args = call->args;
	any->location = -1;
	return (Expr *) any;
}

static Node *
selectivity(SupportRequestSelectivity *request)
{
	FuncExpr	call = {.xpr.type = T_FuncExpr, .args = request->args,
	.inputcollid = request->inputcollid};
	Oid			family = exprType(linitial(request->args)) == TEXTOID ?
	TEXT_BTREE_FAM_OID : INTEGER_BTREE_FAM_OID;

	request->selectivity =
		clause_selectivity(request->root,
						   (Node *) as_array_operator(&call, family),
						   request->varRelid, request->jointype,
						   request->sjinfo);
	return (Node *) request;
}

static Node *
index_condition(SupportRequestIndexCondition *request)
{
	FuncExpr   *call = (FuncExpr *) request->node;
	Expr	   *any;

	if (request->indexarg != 0 || !IsA(call, FuncExpr) ||
		!request->index->amsearcharray ||
		(OidIsValid(request->indexcollation) &&
		 request->indexcollation != call->inputcollid) ||
		!is_pseudo_constant_for_index(request->root, lsecond(call->args),
									  request->index))
		return NULL;
	any = as_array_operator(call, request->opfamily);
	if (any == NULL)
		return NULL;
	request->lossy = false;
	return (Node *) list_make1(any);
}

PG_FUNCTION_INFO_V1(sales_intel_access_among_support);
Datum
sales_intel_access_among_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);
	Node	   *answer = NULL;

	if (IsA(request, SupportRequestSelectivity))
		answer = selectivity((SupportRequestSelectivity *) request);
	else if (IsA(request, SupportRequestIndexCondition))
		answer = index_condition((SupportRequestIndexCondition *) request);
	PG_RETURN_POINTER(answer);
}
