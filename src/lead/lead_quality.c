/*
 * lead_quality.c
 *	  Quality of scores against outcomes: roc_auc, log_loss, brier_score.
 *
 * roc_auc needs all scores at once: its state collects (score, label) pairs in
 * any order and the final function sorts them, behind a flag, so that more
 * rows may follow (a running window).  The other two are means, whose states
 * are compensated sums in a float8[].  All three give the same result for any
 * order of the rows and any split into workers; see core/stats/si_auc.c and
 * core/stats/si_sum.h.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "core/si_bytes.h"
#include "core/stats/si_auc.h"
#include "core/stats/si_score_loss.h"
#include "core/stats/si_sort.h"
#include "core/stats/si_sum.h"
#include "pg/si_compat.h"
#include "pg/si_guc.h"
#include "pg/si_pulse.h"

#define FIRST_ROWS		8
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */
#define PULSE_ROWS		65536
#define SERIAL_VERSION	1
#define SERIAL_HEADER	(1 + 1 + 8 + 8) /* version, flags, two counts */

static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "aggregate support function called outside an aggregate");
	return context;
}

static void
refuse_nan(double score)
{
	if (isnan(score))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("score is NaN"),
				 errdetail("NaN cannot be ranked or compared with an outcome."),
				 errhint("Use NULL for a row without a score; it is skipped.")));
}

/* ----- roc_auc: scores are collected ----- */

/* The state: the score's sort key, and the label as item. */
typedef struct Scores
{
	int64		count;
	int64		capacity;
	bool		sorted;
	SiKeyed    *row;
} Scores;

static Scores *
scores_create(MemoryContext context, int64 capacity)
{
	Scores	   *scores = MemoryContextAlloc(context, sizeof(Scores));

	scores->count = 0;
	scores->capacity = capacity;
	scores->sorted = true;
	scores->row = MemoryContextAllocHuge(context, capacity * sizeof(SiKeyed));
	return scores;
}

/*
 * Room for count rows.  The limit applies to all groups that the context
 * holds, and counts the sort's copy of this one, so that what was collected
 * can be finished.
 */
static void
scores_reserve(Scores *scores, int64 count, MemoryContext context)
{
	Size		limit = (Size) si_fit_memory_kb * 1024;
	int64		capacity = scores->capacity;
	Size		used;
	Size		more;

	if (count <= capacity)
		return;
	used = MemoryContextMemAllocated(context, true);
	capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	capacity = Max(capacity, count);
	more = (2 * capacity - scores->capacity) * sizeof(SiKeyed);
	if (used + more > limit)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("scores need more memory than \"sales_intel.fit_memory\" allows"),
				 errdetail("This aggregate holds %zu kB and needs %zu kB more; the limit is %d kB.",
						   used / 1024, more / 1024 + 1, si_fit_memory_kb),
				 errhint("Raise the setting with SET sales_intel.fit_memory, or use a sample of the rows.")));
	scores->row = repalloc_huge(scores->row, capacity * sizeof(SiKeyed));
	scores->capacity = capacity;
}

static Scores *
scores_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (Scores *) PG_GETARG_POINTER(n);
}

static void
scores_append(Scores *scores, uint64 key, bool label)
{
	SiKeyed    *row = &scores->row[scores->count++];

	row->key = key;
	row->item = label;
	scores->sorted = false;
}

static void
scores_sort(Scores *scores)
{
	SiKeyed    *scratch;

	if (scores->sorted)
		return;
	scratch = MemoryContextAllocHuge(CurrentMemoryContext,
									 scores->count * sizeof(SiKeyed));
	si_sort_keyed(scores->count, scores->row, scratch, si_pulse);
	pfree(scratch);
	scores->sorted = true;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_roc_auc_trans);
Datum
sales_intel_lead_roc_auc_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Scores	   *scores = scores_argument(fcinfo, 0);
	double		score;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
	{
		if (scores == NULL)
			PG_RETURN_NULL();
		PG_RETURN_POINTER(scores);
	}
	score = PG_GETARG_FLOAT8(1);
	refuse_nan(score);
	if (scores == NULL)
		scores = scores_create(context, FIRST_ROWS);
	scores_reserve(scores, scores->count + 1, context);
	scores_append(scores, si_sort_key(score), PG_GETARG_BOOL(2));
	PG_RETURN_POINTER(scores);
}

/* The right-hand state may be gone after this call: it is always copied. */
PG_FUNCTION_INFO_V1(sales_intel_lead_roc_auc_combine);
Datum
sales_intel_lead_roc_auc_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Scores	   *into = scores_argument(fcinfo, 0);
	Scores	   *from = scores_argument(fcinfo, 1);

	if (from != NULL)
	{
		if (into == NULL)
			into = scores_create(context, FIRST_ROWS);
		scores_reserve(into, into->count + from->count, context);
		memcpy(into->row + into->count, from->row,
			   from->count * sizeof(SiKeyed));
		into->count += from->count;
		into->sorted = false;
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

static int64
scores_positives(const Scores *scores)
{
	int64		positives = 0;

	for (int64 i = 0; i < scores->count; i++)
	{
		if (i % PULSE_ROWS == 0)
			si_pulse();
		positives += scores->row[i].item;
	}
	return positives;
}

static void
write_keys(SiWriter *writer, const Scores *scores, bool label)
{
	for (int64 i = 0; i < scores->count; i++)
	{
		if (i % PULSE_ROWS == 0)
			si_pulse();
		if ((bool) scores->row[i].item == label)
			si_write_u64(writer, scores->row[i].key);
	}
}

/*
 * Version, flags, the counts of positive and of negative rows, then the keys
 * of these and of those: eight bytes a row, no label.
 */
PG_FUNCTION_INFO_V1(sales_intel_lead_roc_auc_serial);
Datum
sales_intel_lead_roc_auc_serial(PG_FUNCTION_ARGS)
{
	Scores	   *scores = (Scores *) PG_GETARG_POINTER(0);
	Size		size = SERIAL_HEADER + scores->count * sizeof(uint64);
	SiWriter	writer = {NULL, 0};
	int64		positives = scores_positives(scores);
	bytea	   *bytes;

	(void) aggregate_context(fcinfo);
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("scores of one worker are too large to pass on"),
				 errdetail("They take %zu kB, the limit is 1 GB.", size / 1024),
				 errhint("Aggregate without workers: SET max_parallel_workers_per_gather = 0.")));
	bytes = palloc(VARHDRSZ + size);
	SET_VARSIZE(bytes, VARHDRSZ + size);
	writer.out = (uint8_t *) VARDATA(bytes);
	si_write_u8(&writer, SERIAL_VERSION);
	si_write_u8(&writer, 0);
	si_write_i64(&writer, positives);
	si_write_i64(&writer, scores->count - positives);
	write_keys(&writer, scores, true);
	write_keys(&writer, scores, false);
	Assert(writer.size == size);
	PG_RETURN_BYTEA_P(bytes);
}

static void
read_keys(SiReader *reader, Scores *scores, int64 count, bool label)
{
	for (int64 i = 0; i < count; i++)
	{
		if (i % PULSE_ROWS == 0)
			si_pulse();
		scores_append(scores, si_read_u64(reader), label);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_lead_roc_auc_deserial);
Datum
sales_intel_lead_roc_auc_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	reader = si_reader(VARDATA_ANY(bytes),
								   VARSIZE_ANY_EXHDR(bytes));
	uint8		version = si_read_u8(&reader);
	uint8		flags = si_read_u8(&reader);
	uint64		positives = si_read_u64(&reader);
	uint64		negatives = si_read_u64(&reader);
	uint64		rows = reader.left / sizeof(uint64);
	Scores	   *scores;

	(void) aggregate_context(fcinfo);
	if (reader.bad || version != SERIAL_VERSION || flags != 0 ||
		reader.left % sizeof(uint64) != 0 ||
		positives > rows || negatives != rows - positives)
		elog(ERROR, "damaged state of roc_auc");
	scores = scores_create(CurrentMemoryContext, rows);
	read_keys(&reader, scores, positives, true);
	read_keys(&reader, scores, negatives, false);
	PG_RETURN_POINTER(scores);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_roc_auc_final);
Datum
sales_intel_lead_roc_auc_final(PG_FUNCTION_ARGS)
{
	Scores	   *scores = (Scores *) PG_GETARG_POINTER(0);
	SiAucTally	tally = {0};
	double		auc;

	(void) aggregate_context(fcinfo);
	scores_sort(scores);
	for (int64 i = 0; i < scores->count; i++)
	{
		if (i % PULSE_ROWS == 0)
			si_pulse();
		si_auc_tally(&tally, scores->row[i].key, 1.0, scores->row[i].item);
	}
	if (si_auc_tally_finish(&tally, &auc) != SI_OK)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(auc);
}

/* ----- log_loss and brier_score: means of one term a row ----- */

/* The state as it lies in the float8[]. */
typedef struct LossState
{
	double		rows;
	SiSum		sum;
} LossState;

#define LOSS_ITEMS	(sizeof(LossState) / sizeof(float8))

static LossState *
loss_state(ArrayType *array)
{
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != LOSS_ITEMS ||
		ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID)
		elog(ERROR, "state is not a float8 array of %zu elements", LOSS_ITEMS);
	return (LossState *) ARR_DATA_PTR(array);
}

/*
 * Adds a row's term to the state, in place: inside an aggregate the state is
 * the aggregate's own.
 */
static Datum
loss_trans(FunctionCallInfo fcinfo, double (*term) (double, bool))
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	LossState  *state = loss_state(array);
	double		score = PG_GETARG_FLOAT8(1);

	(void) aggregate_context(fcinfo);
	refuse_nan(score);
	if (score < 0.0 || score > 1.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("score is not a probability"),
				 errdetail("Log loss and Brier score compare probabilities, from 0 to 1, with outcomes."),
				 errhint("Turn log-odds x into a probability with 1 / (1 + exp(-x)), or judge the ranking with roc_auc().")));
	state->rows += 1.0;
	si_sum_add(&state->sum, term(score, PG_GETARG_BOOL(2)));
	PG_RETURN_ARRAYTYPE_P(array);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_log_loss_trans);
Datum
sales_intel_lead_log_loss_trans(PG_FUNCTION_ARGS)
{
	return loss_trans(fcinfo, si_log_loss_term);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_brier_score_trans);
Datum
sales_intel_lead_brier_score_trans(PG_FUNCTION_ARGS)
{
	return loss_trans(fcinfo, si_brier_term);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_loss_combine);
Datum
sales_intel_lead_score_loss_combine(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	LossState  *into = loss_state(array);
	LossState  *from = loss_state(PG_GETARG_ARRAYTYPE_P(1));

	(void) aggregate_context(fcinfo);
	into->rows += from->rows;
	si_sum_merge(&into->sum, &from->sum);
	PG_RETURN_ARRAYTYPE_P(array);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_score_loss_final);
Datum
sales_intel_lead_score_loss_final(PG_FUNCTION_ARGS)
{
	LossState  *state = loss_state(PG_GETARG_ARRAYTYPE_P(0));

	(void) aggregate_context(fcinfo);
	if (state->rows == 0.0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(si_sum_value(&state->sum) / state->rows);
}
