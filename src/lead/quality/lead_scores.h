/*
 * lead_scores.h
 *	  Scores with their outcomes, gathered by an aggregate.
 */
#ifndef LEAD_SCORES_H
#define LEAD_SCORES_H

#include "postgres.h"

#include "fmgr.h"

#include "core/stats/si_score_table.h"
#include "pg/si_compat.h"

typedef struct LeadScores
{
	int64		rows;
	int64		count;			/* items, one row each until merged */
	int64		capacity;
	int64		merge_at;		/* from so many items on merging may pay */
	bool		sorted;
	SiKeyed    *item;			/* see si_score_table.h */
} LeadScores;

/* The aggregate's context; an error outside one. */
extern MemoryContext lead_aggregate_context(FunctionCallInfo fcinfo);

/* An error for a score that is NaN. */
extern void lead_refuse_nan(double score);

/* The error for a score outside [0,1] where only a probability will do. */
pg_noreturn extern void lead_refuse_score(void);

/* The confidence level in an argument; an error unless in (0,1). */
extern double lead_level_argument(FunctionCallInfo fcinfo, int n);

/*
 * An error if the aggregates of a context, with more bytes, would hold more
 * than sales_intel.fit_memory; false instead if quiet.
 */
extern bool lead_check_memory(MemoryContext context, Size more, bool quiet);

/* An error if a worker's state of size bytes cannot be passed on. */
extern void lead_check_serial(Size size);

/* The state in an argument, NULL when there is none yet. */
extern LeadScores *lead_scores_argument(FunctionCallInfo fcinfo, int n);

/*
 * Add rows; from a table all of them.  scores may be NULL and comes back made
 * in the context.
 */
extern LeadScores *lead_scores_add(LeadScores *scores, double score,
								   bool label, MemoryContext context);
extern LeadScores *lead_scores_add_table(LeadScores *scores,
										 const SiScoreTable *table,
										 MemoryContext context);

/* Sort the items and merge equal scores. */
extern void lead_scores_settle(LeadScores *scores);

#endif							/* LEAD_SCORES_H */
