/*
 * lead_scores.c
 *	  Scores with their outcomes, gathered by an aggregate: the state behind
 *	  roc_auc and score_quality_agg.
 *
 * The state collects items of a score and its counts in any order.  Before it
 * grows, equal scores are merged if that may pay: a hundred million rows on a
 * hundred distinct scores take a few kB.  Final functions sort in place, which
 * changes nothing that a later row could see (a running window).  Between
 * processes the state travels as the table of core/stats/si_score_table.h:
 * workers sort, and the leader merges what is in order.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "lead/quality/lead_scores.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define FIRST_ITEMS		8
#define MERGE_ITEMS		1024	/* fewer are not worth merging */
#define DOUBLING_ITEMS	65536	/* larger arrays grow by half */
#define PULSE_ITEMS		65536
#define MERGE_SHARE		8		/* a smaller state is appended, not merged */

void
lead_refuse_nan(double score)
{
	if (isnan(score))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("score is NaN"),
				 errdetail("NaN cannot be ranked or compared with an outcome."),
				 errhint("Use NULL for a row without a score; it is skipped.")));
}

void
lead_refuse_score(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("score is not a probability"),
			 errdetail("Log loss, Brier score and calibration compare probabilities, from 0 to 1, with outcomes."),
			 errhint("Turn log-odds x into a probability with 1 / (1 + exp(-x)), or judge the ranking with roc_auc().")));
}

/* ----- The state ----- */

LeadScores *
lead_scores_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (LeadScores *) PG_GETARG_POINTER(n);
}

static LeadScores *
create_scores(MemoryContext context, int64 capacity)
{
	LeadScores *scores = MemoryContextAlloc(context, sizeof(LeadScores));

	scores->rows = 0;
	scores->count = 0;
	scores->capacity = capacity;
	scores->merge_at = MERGE_ITEMS;
	scores->sorted = true;
	scores->item = MemoryContextAllocHuge(context, capacity * sizeof(SiKeyed));
	return scores;
}

void
lead_scores_settle(LeadScores *scores)
{
	SiKeyed    *scratch;

	if (!scores->sorted)
	{
		scratch = MemoryContextAllocHuge(CurrentMemoryContext,
										 scores->count * sizeof(SiKeyed));
		si_sort_keyed(scores->count, scores->item, scratch, si_pulse);
		pfree(scratch);
		scores->sorted = true;
	}
	scores->count = si_score_items_merge(scores->count, scores->item, si_pulse);
	scores->merge_at = Max(4 * scores->count, MERGE_ITEMS);
}

/*
 * Room for more items.  The limit applies to all groups that the context
 * holds, and counts the sort's copy of this one, so that what was collected
 * can be finished.
 */
static void
reserve_items(LeadScores *scores, int64 more, MemoryContext context)
{
	int64		capacity = scores->capacity;
	int64		need = scores->count + more;
	Size		bytes;

	if (need <= capacity)
		return;
	if (scores->count >= scores->merge_at)
	{
		lead_scores_settle(scores);
		need = scores->count + more;
		if (need <= capacity / 2)
			return;
	}
	capacity += capacity < DOUBLING_ITEMS ? capacity : capacity / 2;
	capacity = Max(capacity, need);
	bytes = (2 * capacity - scores->capacity) * sizeof(SiKeyed);
	if (!si_check_memory(context, bytes, "scores", true))
	{
		lead_scores_settle(scores);
		if (scores->count + more <= scores->capacity / 2)
			return;
		si_check_memory(context, bytes, "scores", false);
	}
	scores->item = repalloc_huge(scores->item, capacity * sizeof(SiKeyed));
	scores->capacity = capacity;
}

static void
append_item(LeadScores *scores, uint64 key, uint64 counts)
{
	SiKeyed    *item = &scores->item[scores->count++];

	item->key = key;
	item->item = counts;
	if (scores->count > 1 && item[-1].key > key)
		scores->sorted = false;
}

static void
count_rows(LeadScores *scores, int64 rows)
{
	if (rows > SI_MAX_SCORE_ROWS - scores->rows)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many scores"),
				 errdetail("The limit is " INT64_FORMAT " rows.", (int64) SI_MAX_SCORE_ROWS),
				 errhint("Roll up each part once.")));
	scores->rows += rows;
}

LeadScores *
lead_scores_add(LeadScores *scores, double score, bool label,
				MemoryContext context)
{
	if (scores == NULL)
		scores = create_scores(context, FIRST_ITEMS);
	reserve_items(scores, 1, context);
	append_item(scores, si_sort_key(score), si_score_counts(label, !label));
	scores->rows++;
	return scores;
}

/* A run takes an item, or several if its counts do not fit into one. */
static void
append_run(LeadScores *scores, const SiScoreRun *run, MemoryContext context)
{
	uint64		key = si_sort_key(run->score);
	int64		positives = run->positives;
	int64		negatives = run->negatives;

	while (positives > 0 || negatives > 0)
	{
		uint32		p = Min(positives, SI_MAX_ITEM_COUNT);
		uint32		n = Min(negatives, SI_MAX_ITEM_COUNT);

		reserve_items(scores, 1, context);
		append_item(scores, key, si_score_counts(p, n));
		positives -= p;
		negatives -= n;
	}
}

LeadScores *
lead_scores_add_table(LeadScores *scores, const SiScoreTable *table,
					  MemoryContext context)
{
	SiScoreCursor cursor = si_score_cursor(table, si_pulse);
	SiScoreRun	run;

	if (scores == NULL)
		scores = create_scores(context, FIRST_ITEMS);
	count_rows(scores, si_score_table_rows(table));
	reserve_items(scores, table->runs, context);
	while (si_score_next(&cursor, &run))
		append_run(scores, &run, context);
	return scores;
}

static void
append_items(LeadScores *into, const LeadScores *from)
{
	for (int64 i = 0; i < from->count; i++)
	{
		if (i % PULSE_ITEMS == 0)
			si_pulse();
		append_item(into, from->item[i].key, from->item[i].item);
	}
}

/*
 * Both are in order: merged from behind, in place.  The caller has made room.
 */
static void
merge_items(LeadScores *into, const LeadScores *from)
{
	int64		i = into->count - 1;
	int64		k = from->count - 1;

	into->count += from->count;
	for (int64 at = into->count - 1; k >= 0; at--)
	{
		if (at % PULSE_ITEMS == 0)
			si_pulse();
		if (i >= 0 && into->item[i].key > from->item[k].key)
			into->item[at] = into->item[i--];
		else
			into->item[at] = from->item[k--];
	}
}

/* ----- Support functions of the aggregates ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_trans);
Datum
sales_intel_lead_score_quality_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	LeadScores *scores = lead_scores_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		lead_refuse_nan(PG_GETARG_FLOAT8(1));
		scores = lead_scores_add(scores, PG_GETARG_FLOAT8(1),
								 PG_GETARG_BOOL(2), context);
	}
	if (scores == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(scores);
}

/* The right-hand state may be gone after this call: it is always copied. */
PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_combine);
Datum
sales_intel_lead_score_quality_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	LeadScores *into = lead_scores_argument(fcinfo, 0);
	LeadScores *from = lead_scores_argument(fcinfo, 1);

	if (from != NULL)
	{
		if (into == NULL)
			into = create_scores(context, FIRST_ITEMS);
		count_rows(into, from->rows);
		reserve_items(into, from->count, context);
		if (into->sorted && from->sorted &&
			from->count >= into->count / MERGE_SHARE)
			merge_items(into, from);
		else
			append_items(into, from);
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_serial);
Datum
sales_intel_lead_score_quality_serial(PG_FUNCTION_ARGS)
{
	LeadScores *scores = (LeadScores *) PG_GETARG_POINTER(0);
	Size		size;
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	lead_scores_settle(scores);
	size = si_score_table_size(scores->count, scores->item, si_pulse);
	si_check_serial(size, "scores");
	bytes = palloc(VARHDRSZ + size);
	SET_VARSIZE(bytes, VARHDRSZ + size);
	si_score_table_encode(scores->count, scores->item,
						  (uint8 *) VARDATA(bytes), si_pulse);
	PG_RETURN_BYTEA_P(bytes);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_quality_deserial);
Datum
sales_intel_lead_score_quality_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiScoreTable table;

	(void) si_aggregate_context(fcinfo);
	if (si_score_table_open(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes),
							&table, si_pulse) != SI_OK)
		elog(ERROR, "damaged state of score_quality_agg");
	PG_RETURN_POINTER(lead_scores_add_table(NULL, &table,
											CurrentMemoryContext));
}
