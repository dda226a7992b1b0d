/*
 * stats_adjust.c
 *	  adjust_p_values: p-values of many tests, adjusted for their number.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/float.h"
#include "utils/memutils.h"

#include "core/stats/si_adjust.h"
#include "pg/si_pulse.h"

static const char *const methods[] = {"bonferroni", "holm", "bh", "by"};

static SiAdjustment
method_arg(FunctionCallInfo fcinfo, int n)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(n));

	for (int method = 0; method < (int) lengthof(methods); method++)
	{
		if (strcmp(name, methods[method]) == 0)
			return (SiAdjustment) method;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown method \"%s\" of adjusting p-values", name),
			 errdetail("Known methods are bonferroni, holm, bh and by."),
			 errhint("Use 'bh' to bound the share of false discoveries, 'holm' to avoid any.")));
}

/* The items of the p-values that are not NULL; count becomes how many. */
static SiKeyed *
collect_items(const Datum *values, const bool *nulls, int *count)
{
	SiKeyed    *items = MemoryContextAllocHuge(
		CurrentMemoryContext, (*count + 1) * sizeof(SiKeyed));
	int			found = 0;

	for (int i = 0; i < *count; i++)
	{
		double		p = nulls[i] ? 0.0 : DatumGetFloat8(values[i]);

		si_pulse_every(i);
		if (!(p >= 0.0 && p <= 1.0))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("p-value is outside 0 to 1"),
					 errdetail("Element %d is %s.", i + 1, float8out_internal(p)),
					 errhint("Use NULL for a test without a p-value; it does not count.")));
		if (nulls[i])
			continue;
		items[found].key = si_sort_key(p);
		items[found++].item = i;
	}
	*count = found;
	return items;
}

static void
check_shape(const ArrayType *array)
{
	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("p-values must be a one-dimensional array"),
				 errdetail("It has %d dimensions.", ARR_NDIM(array)),
				 errhint("Gather them with array_agg().")));
}

PG_FUNCTION_INFO_V1(sales_intel_stats_adjust_p_values);
Datum
sales_intel_stats_adjust_p_values(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	SiAdjustment method = method_arg(fcinfo, 1);
	Datum	   *values;
	bool	   *nulls;
	SiKeyed    *items;
	double	   *adjusted;
	int			length;
	int			count;

	check_shape(array);
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
					  TYPALIGN_DOUBLE, &values, &nulls, &length);
	count = length;
	items = collect_items(values, nulls, &count);
	adjusted = MemoryContextAllocHuge(CurrentMemoryContext,
									  (length + 1) * sizeof(double));
	si_adjust(method, count, items,
			  MemoryContextAllocHuge(CurrentMemoryContext,
									 (count + 1) * sizeof(SiKeyed)),
			  adjusted, si_pulse);
	for (int i = 0; i < length; i++)
	{
		if (!nulls[i])
			values[i] = Float8GetDatum(adjusted[i]);
	}
	PG_RETURN_ARRAYTYPE_P(construct_md_array(
		values, nulls, ARR_NDIM(array), ARR_DIMS(array), ARR_LBOUND(array),
		FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}
