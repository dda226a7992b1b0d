/*
 * lead_scores.h
 *	  Scores with their outcomes, gathered by an aggregate.
 */
#ifndef LEAD_SCORES_H
#define LEAD_SCORES_H

#include "postgres.h"

#include "fmgr.h"

#include "core/stats/score/si_score_table.h"
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

/* An error for a score that is NaN. */
extern void lead_refuse_nan(double score);

/* The error for a score outside [0,1] where only a probability will do. */
pg_noreturn extern void lead_refuse_score(void);

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
