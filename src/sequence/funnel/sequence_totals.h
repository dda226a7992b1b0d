/*
 * sequence_totals.h
 *	  Funnels summed up over entities, on their way into a funnel_summary.
 */
#ifndef SEQUENCE_TOTALS_H
#define SEQUENCE_TOTALS_H

#include "postgres.h"

#include "core/sequence/funnel/si_funnel_codec.h"
#include "pg/si_value.h"

extern const SiValueType summary_type;

/* The waits before one step, in any order until they are settled. */
typedef struct SequenceWaits
{
	int64		count;
	int64		capacity;
	int64		settle_at;
	int			digits;
	SiKeyed    *waits;
} SequenceWaits;

typedef struct SequenceTotals
{
	SiFunnelPlan plan;			/* its bytes follow the steps */
	int64		reached[SI_FUNNEL_STEPS];
	SequenceWaits step[FLEXIBLE_ARRAY_MEMBER];
} SequenceTotals;

extern SequenceTotals *sequence_totals_create(const SiFunnelPlan *plan,
											  MemoryContext context);

/* One entity more. */
extern void sequence_totals_add(SequenceTotals *totals, int level,
								const int64 *times, MemoryContext context);

/* All entities of a value, or of another state; plans are compared. */
extern void sequence_totals_add_summary(SequenceTotals *totals,
										const SiFunnelSummary *summary,
										MemoryContext context);
extern void sequence_totals_add_totals(SequenceTotals *totals,
									   const SequenceTotals *from,
									   MemoryContext context);

/* The value; settles the waits in place. */
extern struct varlena *sequence_totals_pack(SequenceTotals *totals);

#endif							/* SEQUENCE_TOTALS_H */
