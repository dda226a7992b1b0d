/*
 * forecast_conformal.c
 *	  The type conformal: errors of many models where they could not see, pooled
 *	  by step.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "forecast/forecast_conformal.h"
#include "forecast/forecast_model.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define FIRST_ERRORS	256
#define DOUBLING_ERRORS	65536	/* larger arrays grow by half */
#define WHAT			"pooled errors"

typedef struct ErrorPool
{
	int64		count;
	int64		capacity;
	SiKeyed    *error;
} ErrorPool;

static bool
is_conformal(const void *bytes, Size size)
{
	SiConformal conformal;

	return si_conformal_open(bytes, size, &conformal, si_pulse) == SI_OK;
}

static const SiValueType conformal_type = {"conformal", is_conformal};

SI_VALUE_FUNCTIONS(forecast_conformal, &conformal_type);

static SiConformal
open_value(struct varlena *value)
{
	SiConformal conformal;

	if (si_conformal_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						  &conformal, si_pulse) != SI_OK)
		si_value_damaged(&conformal_type);
	return conformal;
}

SiConformal
forecast_conformal_argument(FunctionCallInfo fcinfo, int n)
{
	return open_value(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n)));
}

/* ----- The pool ----- */

static ErrorPool *
pool_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (ErrorPool *) PG_GETARG_POINTER(n);
}

static Datum
return_pool(FunctionCallInfo fcinfo, ErrorPool *pool)
{
	if (pool == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(pool);
}

/* The pool, made if there is none yet, with room for more errors. */
static ErrorPool *
reserve_errors(ErrorPool *pool, int64 more, MemoryContext context)
{
	int64		capacity;

	if (pool == NULL)
		pool = MemoryContextAllocZero(context, sizeof(ErrorPool));
	if (pool->count + more <= pool->capacity)
		return pool;
	capacity = Max(pool->capacity, FIRST_ERRORS);
	while (capacity < pool->count + more)
		capacity += capacity < DOUBLING_ERRORS ? capacity : capacity / 2;
	si_check_memory(context, capacity * sizeof(SiKeyed), WHAT, false);
	pool->error = pool->error == NULL ?
		MemoryContextAllocHuge(context, capacity * sizeof(SiKeyed)) :
		repalloc_huge(pool->error, capacity * sizeof(SiKeyed));
	pool->capacity = capacity;
	return pool;
}

/*
 * Of the latest origin only: times change, and what models erred by lately is
 * most like what they will.
 */
static void
add_model(ErrorPool *pool, const SiForecast *forecast)
{
	for (int step = 0; step < forecast->steps; step++)
	{
		double		size = fabs(forecast->held[step]);

		if (isnan(size) || step >= SI_CONFORMAL_STEPS)
			continue;
		pool->error[pool->count].key = (uint64) step;
		memcpy(&pool->error[pool->count].item, &size, sizeof(size));
		pool->count++;
	}
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_conformal_trans);
Datum
sales_intel_forecast_conformal_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ErrorPool  *pool = pool_argument(fcinfo, 0);
	SiForecast *forecast;

	if (PG_ARGISNULL(1))
		return return_pool(fcinfo, pool);
	forecast = forecast_argument(fcinfo, 1);
	pool = reserve_errors(pool, forecast->steps, context);
	add_model(pool, forecast);
	PG_RETURN_POINTER(pool);
}

static ErrorPool *
add_value(ErrorPool *pool, struct varlena *value, MemoryContext context)
{
	SiConformal conformal = open_value(value);

	pool = reserve_errors(pool, conformal.errors, context);
	si_conformal_unpack(&conformal, pool->error + pool->count, si_pulse);
	pool->count += conformal.errors;
	return pool;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_conformal_rollup_trans);
Datum
sales_intel_forecast_conformal_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ErrorPool  *pool = pool_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
		pool = add_value(pool, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)),
						 context);
	return return_pool(fcinfo, pool);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_conformal_combine);
Datum
sales_intel_forecast_conformal_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ErrorPool  *pool = pool_argument(fcinfo, 0);
	ErrorPool  *from = pool_argument(fcinfo, 1);

	if (from == NULL)
		return return_pool(fcinfo, pool);
	pool = reserve_errors(pool, from->count, context);
	if (from->count > 0)
		memcpy(pool->error + pool->count, from->error,
			   from->count * sizeof(SiKeyed));
	pool->count += from->count;
	PG_RETURN_POINTER(pool);
}

/* The value; NULL if no model had an error to tell. */
static struct varlena *
pack_pool(const ErrorPool *pool, bool pass_on)
{
	Size		bytes = pool->count * sizeof(SiKeyed);
	SiKeyed    *error;
	SiKeyed    *scratch;
	struct varlena *value;
	Size		size;

	if (pool->count == 0)
		return NULL;
	error = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	scratch = MemoryContextAllocHuge(CurrentMemoryContext, bytes);
	memcpy(error, pool->error, bytes);
	si_sort_pairs(pool->count, error, scratch, si_pulse);
	size = si_conformal_size(pool->count, error);
	if (pass_on)
		si_check_serial(size, WHAT);
	value = si_value_create(size, &conformal_type);
	si_conformal_encode(pool->count, error, (uint8_t *) VARDATA(value),
						si_pulse);
	pfree(error);
	pfree(scratch);
	return value;
}

static Datum
return_value(FunctionCallInfo fcinfo, struct varlena *value)
{
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(value);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_conformal_serial);
Datum
sales_intel_forecast_conformal_serial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	return return_value(fcinfo, pack_pool(pool_argument(fcinfo, 0), true));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_conformal_deserial);
Datum
sales_intel_forecast_conformal_deserial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(add_value(NULL, PG_GETARG_BYTEA_PP(0),
								CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_conformal_final);
Datum
sales_intel_forecast_conformal_final(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	return return_value(fcinfo, pack_pool(pool_argument(fcinfo, 0), false));
}
