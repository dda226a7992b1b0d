/*
 * lead_auc_compare.c
 *	  Champion against challenger: two scores of the same rows.
 *
 * The state collects the pairs of scores, by class, in any order; the final
 * function needs them all at once and leaves them as they are.  The value
 * auc_comparison holds the result: counts, AUCs, variances.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/memutils.h"

#include "core/si_bytes.h"
#include "core/stats/score/si_auc_pair.h"
#include "lead/quality/lead_scores.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "pg/si_value.h"

#define FIRST_ROWS		8
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */
#define PULSE_ROWS		65536
#define SERIAL_VERSION	1
#define SERIAL_HEADER	(1 + 1 + 8 + 8) /* version, flags, two counts */

/* What the final function needs for a row beside the state. */
#define WORK_SIZE		(2 * sizeof(SiKeyed) + sizeof(int64))

static bool
is_comparison(const void *bytes, Size size)
{
	SiAucPair	pair;

	return si_auc_pair_decode(bytes, size, &pair) == SI_OK;
}

static const SiValueType comparison_type = {"auc_comparison", is_comparison};

/* ----- Input and output ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_comparison_in);
Datum
sales_intel_lead_auc_comparison_in(PG_FUNCTION_ARGS)
{
	return si_value_in(fcinfo, &comparison_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_comparison_out);
Datum
sales_intel_lead_auc_comparison_out(PG_FUNCTION_ARGS)
{
	return si_value_out(fcinfo, &comparison_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_comparison_recv);
Datum
sales_intel_lead_auc_comparison_recv(PG_FUNCTION_ARGS)
{
	return si_value_recv(fcinfo, &comparison_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_comparison_send);
Datum
sales_intel_lead_auc_comparison_send(PG_FUNCTION_ARGS)
{
	return si_value_send(fcinfo);
}

/* ----- The state ----- */

/* The rows of one class. */
typedef struct Pairs
{
	int64		count;
	int64		capacity;
	SiPair	   *row;
} Pairs;

/* of[1] is the positives. */
typedef struct PairState
{
	Pairs		of[2];
} PairState;

static PairState *
create_state(MemoryContext context)
{
	PairState  *state = MemoryContextAlloc(context, sizeof(PairState));

	for (int class = 0; class < 2; class++)
	{
		Pairs	   *pairs = &state->of[class];

		pairs->count = 0;
		pairs->capacity = FIRST_ROWS;
		pairs->row = MemoryContextAlloc(context, FIRST_ROWS * sizeof(SiPair));
	}
	return state;
}

static PairState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (PairState *) PG_GETARG_POINTER(n);
}

/*
 * Room for more rows of a class, and for what the final function will need for
 * all of them.
 */
static void
reserve_rows(PairState *state, int class, int64 more, MemoryContext context)
{
	Pairs	   *pairs = &state->of[class];
	int64		capacity = pairs->capacity;
	int64		need = pairs->count + more;

	if (need <= capacity)
		return;
	capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	capacity = Max(capacity, need);
	(void) si_check_memory(
		context,
		(capacity - pairs->capacity) * sizeof(SiPair) +
			(capacity + state->of[1 - class].count) * WORK_SIZE,
		"scores", false);
	pairs->row = repalloc_huge(pairs->row, capacity * sizeof(SiPair));
	pairs->capacity = capacity;
}

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_compare_trans);
Datum
sales_intel_lead_auc_compare_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	PairState  *state = state_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && !PG_ARGISNULL(3))
	{
		int			class = PG_GETARG_BOOL(3);
		SiPair	   *row;

		lead_refuse_nan(PG_GETARG_FLOAT8(1));
		lead_refuse_nan(PG_GETARG_FLOAT8(2));
		if (state == NULL)
			state = create_state(context);
		reserve_rows(state, class, 1, context);
		row = &state->of[class].row[state->of[class].count++];
		row->a = si_sort_key(PG_GETARG_FLOAT8(1));
		row->b = si_sort_key(PG_GETARG_FLOAT8(2));
	}
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* The right-hand state may be gone after this call: it is always copied. */
PG_FUNCTION_INFO_V1(sales_intel_lead_auc_compare_combine);
Datum
sales_intel_lead_auc_compare_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	PairState  *into = state_argument(fcinfo, 0);
	PairState  *from = state_argument(fcinfo, 1);

	if (from != NULL && into == NULL)
		into = create_state(context);
	for (int class = 0; from != NULL && class < 2; class++)
	{
		int64		count = from->of[class].count;

		reserve_rows(into, class, count, context);
		memcpy(into->of[class].row + into->of[class].count,
			   from->of[class].row, count * sizeof(SiPair));
		into->of[class].count += count;
	}
	if (into == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(into);
}

/*
 * Version, flags, the counts of positive and of negative rows, then both keys
 * of these and of those: 16 bytes a row, no label.
 */
PG_FUNCTION_INFO_V1(sales_intel_lead_auc_compare_serial);
Datum
sales_intel_lead_auc_compare_serial(PG_FUNCTION_ARGS)
{
	PairState  *state = (PairState *) PG_GETARG_POINTER(0);
	Size		size = SERIAL_HEADER +
		(state->of[0].count + state->of[1].count) * sizeof(SiPair);
	SiWriter	writer = {NULL, 0};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	si_check_serial(size, "scores");
	bytes = palloc(VARHDRSZ + size);
	SET_VARSIZE(bytes, VARHDRSZ + size);
	writer.out = (uint8_t *) VARDATA(bytes);
	si_write_u8(&writer, SERIAL_VERSION);
	si_write_u8(&writer, 0);
	si_write_i64(&writer, state->of[1].count);
	si_write_i64(&writer, state->of[0].count);
	for (int class = 1; class >= 0; class--)
	{
		const Pairs *pairs = &state->of[class];

		for (int64 i = 0; i < pairs->count; i++)
		{
			if (i % PULSE_ROWS == 0)
				si_pulse();
			si_write_u64(&writer, pairs->row[i].a);
			si_write_u64(&writer, pairs->row[i].b);
		}
	}
	Assert(writer.size == size);
	PG_RETURN_BYTEA_P(bytes);
}

static void
read_rows(SiReader *reader, Pairs *pairs, int64 count)
{
	for (int64 i = 0; i < count; i++)
	{
		SiPair	   *row = &pairs->row[pairs->count++];

		if (i % PULSE_ROWS == 0)
			si_pulse();
		row->a = si_read_u64(reader);
		row->b = si_read_u64(reader);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_compare_deserial);
Datum
sales_intel_lead_auc_compare_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	reader = si_reader(VARDATA_ANY(bytes),
								   VARSIZE_ANY_EXHDR(bytes));
	uint8		version = si_read_u8(&reader);
	uint8		flags = si_read_u8(&reader);
	uint64		positives = si_read_u64(&reader);
	uint64		negatives = si_read_u64(&reader);
	uint64		rows = reader.left / sizeof(SiPair);
	PairState  *state;

	(void) si_aggregate_context(fcinfo);
	if (reader.bad || version != SERIAL_VERSION || flags != 0 ||
		reader.left % sizeof(SiPair) != 0 ||
		positives > rows || negatives != rows - positives)
		elog(ERROR, "damaged state of auc_compare_agg");
	state = create_state(CurrentMemoryContext);
	reserve_rows(state, 1, positives, CurrentMemoryContext);
	reserve_rows(state, 0, negatives, CurrentMemoryContext);
	read_rows(&reader, &state->of[1], positives);
	read_rows(&reader, &state->of[0], negatives);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_compare_final);
Datum
sales_intel_lead_auc_compare_final(PG_FUNCTION_ARGS)
{
	PairState  *state = (PairState *) PG_GETARG_POINTER(0);
	Size		rows = state->of[0].count + state->of[1].count;
	MemoryContext here = CurrentMemoryContext;
	SiAucPairWork work;
	SiAucPair	pair;
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	work.items = MemoryContextAllocHuge(here, rows * sizeof(SiKeyed));
	work.scratch = MemoryContextAllocHuge(here, rows * sizeof(SiKeyed));
	work.gap = MemoryContextAllocHuge(here, rows * sizeof(int64));
	si_auc_pair(state->of[1].count, state->of[1].row,
				state->of[0].count, state->of[0].row, &work, &pair, si_pulse);
	pfree(work.items);
	pfree(work.scratch);
	pfree(work.gap);
	value = si_value_create(SI_AUC_PAIR_SIZE, &comparison_type);
	si_auc_pair_encode(&pair, (uint8 *) VARDATA(value));
	PG_RETURN_POINTER(value);
}

/* ----- Accessor ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_auc_compare);
Datum
sales_intel_lead_auc_compare(PG_FUNCTION_ARGS)
{
	struct varlena *value;
	SiAucPair	pair;
	SiAucPairTest test;
	Datum		values[6];
	bool		nulls[6];

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		PG_RETURN_NULL();
	value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(0));
	if (si_auc_pair_decode(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						   &pair) != SI_OK)
		si_value_damaged(&comparison_type);
	test = si_auc_pair_test(&pair, si_level_argument(fcinfo, 1));
	si_value_number(values, nulls, 0, pair.auc_a);
	si_value_number(values, nulls, 1, pair.auc_b);
	si_value_number(values, nulls, 2, test.difference);
	si_value_number(values, nulls, 3, test.low);
	si_value_number(values, nulls, 4, test.high);
	si_value_number(values, nulls, 5, test.p_value);
	return si_value_row(fcinfo, values, nulls);
}
