/*
 * sequence_totals.c
 *	  Funnels summed up over entities, on their way into a funnel_summary.
 *
 * Waits are collected as they come and settled (sorted, merged, cut to as many
 * digits as the format allows) whenever they have grown fourfold, so that a
 * state never holds many more than the value will.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/funnel/sequence_plan.h"
#include "sequence/funnel/sequence_totals.h"

#define FIRST_WAITS		8
#define SETTLE_WAITS	4096	/* fewer are not worth settling */
#define WHAT			"funnel summaries"

SequenceTotals *
sequence_totals_create(const SiFunnelPlan *plan, MemoryContext context)
{
	Size		size = offsetof(SequenceTotals, step) +
		plan->rule.steps * sizeof(SequenceWaits);
	SequenceTotals *totals = MemoryContextAllocZero(context,
													size + plan->size);
	uint8_t    *bytes = (uint8_t *) totals + size;
	SiReader	reader = si_reader(bytes, plan->size);

	memcpy(bytes, plan->bytes, plan->size);
	si_funnel_plan_read(&reader, &totals->plan);
	for (int i = 0; i < plan->rule.steps; i++)
	{
		totals->step[i].digits = SI_WAIT_DIGITS;
		totals->step[i].settle_at = SETTLE_WAITS;
	}
	return totals;
}

static void
settle_waits(SequenceWaits *step)
{
	SiKeyed    *scratch = MemoryContextAllocHuge(CurrentMemoryContext,
												 (step->count + 1) *
												 sizeof(SiKeyed));

	si_sort_keyed(step->count, step->waits, scratch, si_pulse);
	pfree(scratch);
	step->count = si_waits_settle(step->count, step->waits, &step->digits,
								  si_pulse);
	step->settle_at = Max(4 * step->count, SETTLE_WAITS);
}

static void
reserve_waits(SequenceWaits *step, int64 more, MemoryContext context)
{
	int64		capacity = Max(step->capacity, FIRST_WAITS);

	if (step->count >= step->settle_at)
		settle_waits(step);
	if (step->count + more <= step->capacity)
		return;
	while (capacity < step->count + more)
		capacity *= 2;
	si_check_memory(context, capacity * sizeof(SiKeyed), WHAT, false);
	if (step->waits == NULL)
		step->waits = MemoryContextAllocHuge(context,
											 capacity * sizeof(SiKeyed));
	else
		step->waits = repalloc_huge(step->waits, capacity * sizeof(SiKeyed));
	step->capacity = capacity;
}

static void
count_entities(SequenceTotals *totals, int step, int64 entities)
{
	if (entities > SI_MAX_ENTITIES - totals->reached[step])
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many entities in a funnel summary"),
				 errdetail("The limit is " INT64_FORMAT ".", (int64) SI_MAX_ENTITIES),
				 errhint("Roll up each part once.")));
	totals->reached[step] += entities;
}

void
sequence_totals_add(SequenceTotals *totals, int level, const int64 *times,
					MemoryContext context)
{
	for (int i = 0; i < level; i++)
	{
		SequenceWaits *step = &totals->step[i];
		SiKeyed    *wait;

		count_entities(totals, i, 1);
		if (i == 0)
			continue;
		if (step->count == step->capacity)
			reserve_waits(step, 1, context);
		wait = &step->waits[step->count++];
		wait->key = (uint64) times[i] - (uint64) times[i - 1];
		wait->item = 1;
	}
}

void
sequence_totals_add_summary(SequenceTotals *totals,
							const SiFunnelSummary *summary,
							MemoryContext context)
{
	sequence_plan_check_same(&totals->plan, &summary->plan);
	for (int i = 0; i < totals->plan.rule.steps; i++)
	{
		SequenceWaits *step = &totals->step[i];

		count_entities(totals, i, summary->reached[i]);
		if (i == 0 || summary->step[i].n == 0)
			continue;
		reserve_waits(step, summary->step[i].n, context);
		si_funnel_summary_waits(summary, i, step->waits + step->count,
								si_pulse);
		step->count += summary->step[i].n;
		step->digits = Min(step->digits, summary->step[i].digits);
	}
}

void
sequence_totals_add_totals(SequenceTotals *totals, const SequenceTotals *from,
						   MemoryContext context)
{
	sequence_plan_check_same(&totals->plan, &from->plan);
	for (int i = 0; i < totals->plan.rule.steps; i++)
	{
		SequenceWaits *step = &totals->step[i];

		count_entities(totals, i, from->reached[i]);
		if (from->step[i].count == 0)
			continue;
		reserve_waits(step, from->step[i].count, context);
		memcpy(step->waits + step->count, from->step[i].waits,
			   from->step[i].count * sizeof(SiKeyed));
		step->count += from->step[i].count;
		step->digits = Min(step->digits, from->step[i].digits);
	}
}

struct varlena *
sequence_totals_pack(SequenceTotals *totals)
{
	SiFunnelSummary summary;
	struct varlena *value;

	summary.plan = totals->plan;
	memcpy(summary.reached, totals->reached, sizeof(summary.reached));
	for (int i = 1; i < totals->plan.rule.steps; i++)
	{
		SequenceWaits *step = &totals->step[i];

		settle_waits(step);
		summary.step[i].n = step->count;
		summary.step[i].digits = step->digits;
		summary.step[i].waits = step->waits;
	}
	value = si_value_create(si_funnel_summary_size(&summary, si_pulse),
							&summary_type);
	si_funnel_summary_encode(&summary, (uint8_t *) VARDATA(value), si_pulse);
	return value;
}
