/*
 * si_aggregate.c
 *	  What the support functions of aggregates check, whatever they gather.
 */
#include "postgres.h"

#include <math.h>

#include "utils/float.h"
#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_guc.h"
#include "pg/si_row.h"

MemoryContext
si_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	return context;
}

double
si_level_argument(FunctionCallInfo fcinfo, int n)
{
	double		level = PG_GETARG_FLOAT8(n);

	if (!(level > 0.0 && level < 1.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("confidence level must be between 0 and 1"),
				 errdetail("It is %s.", float8out_internal(level)),
				 errhint("Write 0.95 for 95 percent.")));
	return level;
}

double
si_number_argument(FunctionCallInfo fcinfo, int n, const char *name,
				   const char *skipped)
{
	double		number = PG_GETARG_FLOAT8(n);

	if (!(fabs(number) <= SI_LARGEST_NUMBER))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s is %s", name, isnan(number) ? "NaN" :
						isinf(number) ? "infinite" : "too large"),
				 errdetail("It must be a number up to %g in size.", SI_LARGEST_NUMBER),
				 errhint("Use NULL for a number that is not known; %s.", skipped)));
	return number;
}

bool
si_check_memory(MemoryContext context, Size more, const char *what,
				bool quiet)
{
	Size		limit = (Size) si_fit_memory_kb * 1024;
	Size		used = MemoryContextMemAllocated(context, true);

	if (used <= limit && more <= limit - used)
		return true;
	if (!quiet)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%s need more memory than \"sales_intel.fit_memory\" allows", what),
				 errdetail("This aggregate holds %zu kB and needs %zu kB more; the limit is %d kB.",
						   used / 1024, more / 1024 + 1, si_fit_memory_kb),
				 errhint("Raise the setting with SET sales_intel.fit_memory, or use a sample of the rows.")));
	return false;
}

void
si_check_serial(Size size, const char *what)
{
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s of one worker are too large to pass on", what),
				 errdetail("They take %zu kB, the limit is 1 GB.", size / 1024),
				 errhint("Aggregate without workers: SET max_parallel_workers_per_gather = 0.")));
}
