/*
 * si_aggregate.h
 *	  What the support functions of aggregates check, whatever they gather.
 */
#ifndef SI_AGGREGATE_H
#define SI_AGGREGATE_H

#include "fmgr.h"

/* The aggregate's context; an error outside one. */
extern MemoryContext si_aggregate_context(FunctionCallInfo fcinfo);

/* The confidence level in an argument; an error unless in (0,1). */
extern double si_level_argument(FunctionCallInfo fcinfo, int n);

/*
 * The number in an argument; an error, by its name, for NaN or where its square
 * would not be finite.  skipped says what becomes of NULL.
 */
extern double si_number_argument(FunctionCallInfo fcinfo, int n,
								 const char *name, const char *skipped);

/*
 * An error if the aggregates of a context, with more bytes of what (a plural),
 * would hold more than sales_intel.fit_memory; false instead if quiet.
 */
extern bool si_check_memory(MemoryContext context, Size more,
							const char *what, bool quiet);

/* An error if a worker's state of size bytes cannot be passed on. */
extern void si_check_serial(Size size, const char *what);

#endif							/* SI_AGGREGATE_H */
