/*
 * stats_rows.h
 *	  Rows of a number and something beside it, gathered by an aggregate: the
 *	  state behind two_sample, correlation, survival_curve and log_rank.
 */
#ifndef STATS_ROWS_H
#define STATS_ROWS_H

#include "postgres.h"

#include "fmgr.h"

#include "core/stats/sample/si_sample.h"
#include "pg/si_dictionary.h"
#include "pg/si_value.h"

typedef struct StatsRowsKind
{
	SiValueType type;
	SiSampleKind kind;
} StatsRowsKind;

typedef struct StatsRows
{
	MemoryContext context;
	SiDictionary *names;		/* of clusters or groups; NULL: none */
	int64		count;
	int64		capacity;
	SiKeyed    *item;			/* see si_sample.h; names by their codes */
	bool		seconds;		/* durations are, or will be */
} StatsRows;

/* The check behind a type of the kind: bytes and the encoding of names. */
extern bool stats_rows_valid(SiSampleKind kind, const void *bytes, Size size);

/* A value of the kind in an argument. */
extern SiSample stats_rows_sample(FunctionCallInfo fcinfo, int n,
								  const StatsRowsKind *kind);

/* A number in an argument; an error unless it is of a sensible size. */
extern double stats_rows_number(FunctionCallInfo fcinfo, int n,
								const char *name);

/* Room for count things of a size in the current context, if it may be. */
extern void *stats_rows_room(int64 count, Size size);

/*
 * Add a row to the state in argument 0, made if there is none yet; with a name
 * the item is 2 * its number + flag, else the flag.
 */
extern StatsRows *stats_rows_add(FunctionCallInfo fcinfo, double number,
								 const SiText *name, uint64 flag);

/* What a transition function returns: the state, be there one or not. */
extern Datum stats_rows_return(FunctionCallInfo fcinfo, StatsRows *rows);

/*
 * Bodies of the support functions that know the kind; combine, serial and
 * deserial are the same for all.
 */
extern Datum stats_rows_final(FunctionCallInfo fcinfo,
							  const StatsRowsKind *kind);
extern Datum stats_rows_rollup(FunctionCallInfo fcinfo,
							   const StatsRowsKind *kind);

#endif							/* STATS_ROWS_H */
