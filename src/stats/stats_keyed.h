/*
 * stats_keyed.h
 *	  2x2 tables by cluster or stratum, gathered by an aggregate.
 */
#ifndef STATS_KEYED_H
#define STATS_KEYED_H

#include "postgres.h"

#include "core/stats/table/si_tables.h"
#include "pg/si_dictionary.h"
#include "pg/si_value.h"

typedef struct StatsKeyed
{
	MemoryContext context;
	SiDictionary *keys;
	int			capacity;
	SiContingency *table;		/* by code of the key */
	SiContingency total;
} StatsKeyed;

/* What tells clusters from strata. */
typedef struct StatsKeyedKind
{
	SiValueType type;
	SiTablesKind kind;
} StatsKeyedKind;

/* The check behind a type of the kind: bytes and the encoding of keys. */
extern bool stats_keyed_valid(SiTablesKind kind, const void *bytes, Size size);

/* A value of the kind in an argument. */
extern SiTables stats_keyed_tables(FunctionCallInfo fcinfo, int n,
								   const StatsKeyedKind *kind);

/*
 * Bodies of the support functions that know the kind; combine is the same for
 * both.  key, exposed and outcome are the arguments that hold them.
 */
extern Datum stats_keyed_trans(FunctionCallInfo fcinfo, int key, int exposed,
							   int outcome);
extern Datum stats_keyed_pack(FunctionCallInfo fcinfo,
							  const StatsKeyedKind *kind);
extern Datum stats_keyed_unpack(FunctionCallInfo fcinfo,
								const StatsKeyedKind *kind);
extern Datum stats_keyed_rollup(FunctionCallInfo fcinfo,
								const StatsKeyedKind *kind);

#endif							/* STATS_KEYED_H */
