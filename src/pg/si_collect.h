/*
 * si_collect.h
 *	  Feature rows gathered by an aggregate, for a fit that needs them all.
 *
 * What a row says beside its features comes first: `heads` numbers, such as a
 * duration and an event.  Rows come in any order; a fit puts them into an
 * order of its own, so that neither order nor workers leave a trace.
 */
#ifndef SI_COLLECT_H
#define SI_COLLECT_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "core/si_bytes.h"
#include "pg/si_dictionary.h"
#include "pg/si_memory.h"
#include "pg/si_row.h"

typedef struct SiCollect
{
	MemoryContext context;
	SiClaim    *claim;
	Jsonb	   *raw_options;	/* as given, to notice a change; or NULL */
	List	   *include;		/* names of columns; NIL: all */
	List	   *exclude;
	int			heads;
	int			ncolumns;		/* -1 before any row */
	SiColumn   *columns;		/* ascending by name */
	SiDictionary **dictionaries;	/* per column; NULL unless a category */
	int			open_arrays;	/* array columns of unknown length */
	int			stride;			/* numbers of a row: heads and cells */
	int64		rows;
	int64		skipped;
	int64		capacity;
	double	   *row;			/* NaN where missing; codes of categories */
	double	   *scratch;		/* one row */
	SiRowReader *reader;
} SiCollect;

/*
 * In a context of aggregates.  include and exclude are the caller's to set,
 * in that context too.
 */
extern SiCollect *si_collect_create(MemoryContext context, int heads,
									Jsonb *options);

/* An error unless options are those of the first row. */
extern void si_collect_check_options(const SiCollect *rows, Jsonb *options);

extern void si_collect_add(SiCollect *rows, const double *heads,
						   HeapTupleHeader record);

/* Steps of adding that merging shares (si_collect_merge.c). */
extern void si_collect_prepare(SiCollect *rows);
extern void si_collect_append(SiCollect *rows, const double *row);
extern void si_collect_widen(SiCollect *rows, SiColumn *column, int width);

/* from may be widened, but is otherwise left as it is. */
extern void si_collect_merge(SiCollect *into, SiCollect *from);
extern void si_collect_write(SiWriter *out, const SiCollect *rows);
/* Of rows that have their options and nothing else yet. */
extern void si_collect_read(SiReader *in, SiCollect *rows);

#endif							/* SI_COLLECT_H */
