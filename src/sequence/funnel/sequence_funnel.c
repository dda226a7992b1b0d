/*
 * sequence_funnel.c
 *	  The type funnel: how far one entity got; from a sequence, and read.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_pulse.h"
#include "sequence/funnel/sequence_funnel.h"
#include "sequence/funnel/sequence_plan.h"
#include "sequence/sequence.h"

#define SHORT_ROWS	32			/* insertion beats a radix sort below this */

static bool
is_funnel(const void *bytes, Size size)
{
	SiFunnel	funnel;

	return si_funnel_open(bytes, size, &funnel) == SI_OK &&
		sequence_plan_valid(&funnel.plan);
}

const SiValueType funnel_type = {"funnel", is_funnel};

static SiFunnel
funnel_argument(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiFunnel	funnel;

	if (si_funnel_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
					   &funnel) != SI_OK)
		si_value_damaged(&funnel_type);
	return funnel;
}

/* ----- Rows ----- */

static int64
ordered_rows(int64 n, const SiFunnelRow *rows)
{
	int64		i;

	for (i = 1; i < n && rows[i - 1].time <= rows[i].time; i++)
		si_pulse_every(i);
	return i;
}

static void
insert_rows(int64 sorted, int64 n, SiFunnelRow *rows)
{
	for (int64 i = sorted; i < n; i++)
	{
		SiFunnelRow row = rows[i];
		int64		k;

		for (k = i; k > 0 && rows[k - 1].time > row.time; k--)
			rows[k] = rows[k - 1];
		rows[k] = row;
	}
}

void
sequence_sort_rows(int64 n, SiFunnelRow *rows)
{
	const uint64 sign = UINT64CONST(1) << 63;
	int64		sorted = ordered_rows(n, rows);
	SiKeyed    *items;
	SiKeyed    *scratch;

	if (sorted >= n)
		return;
	if (n <= SHORT_ROWS)
	{
		insert_rows(sorted, n, rows);
		return;
	}
	items = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(SiKeyed));
	scratch = MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(SiKeyed));
	for (int64 i = 0; i < n; i++)
	{
		si_pulse_every(i);
		items[i].key = (uint64) rows[i].time ^ sign;
		items[i].item = rows[i].steps;
	}
	si_sort_keyed(n, items, scratch, si_pulse);
	for (int64 i = 0; i < n; i++)
	{
		si_pulse_every(i);
		rows[i].time = (int64) (items[i].key ^ sign);
		rows[i].steps = items[i].item;
	}
	pfree(items);
	pfree(scratch);
}

struct varlena *
sequence_pack_funnel(const SiFunnelPlan *plan, int64 n,
					 const SiFunnelRow *rows, const uint8_t *apart)
{
	SiFunnel	funnel;
	struct varlena *value;

	funnel.plan = *plan;
	funnel.level = si_funnel_scan(&plan->rule, n, rows, apart, funnel.times,
								  si_pulse);
	value = si_value_create(si_funnel_size(&funnel), &funnel_type);
	si_funnel_encode(&funnel, (uint8_t *) VARDATA(value));
	return value;
}

/* ----- Input and output ----- */

SI_VALUE_FUNCTIONS(sequence_funnel, &funnel_type);

/* ----- From a sequence ----- */

/* The steps of each name of a sequence. */
static uint64 *
steps_of_names(const SequencePlan *plan, const SiSequence *sequence)
{
	Size		names = sequence->names;
	SiText	   *name = MemoryContextAllocHuge(CurrentMemoryContext,
											  names * sizeof(SiText));
	uint64	   *steps = MemoryContextAllocHuge(CurrentMemoryContext,
											   names * sizeof(uint64));

	si_sequence_names(sequence, name);
	for (Size i = 0; i < names; i++)
		steps[i] = sequence_plan_steps(plan, name[i]);
	return steps;
}

/*
 * The rows of a sequence that matter.  Moments are told apart even where the
 * events between are left out.
 */
PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_of);
Datum
sales_intel_sequence_funnel_of(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	SequencePlan *plan = sequence_plan_create(fcinfo, 1, true,
											  CurrentMemoryContext);
	uint64	   *steps = steps_of_names(plan, &sequence);
	Size		length = sequence.length;
	SiFunnelRow *rows = MemoryContextAllocHuge(CurrentMemoryContext,
											   length * sizeof(SiFunnelRow));
	uint8_t    *apart = MemoryContextAllocHuge(CurrentMemoryContext, length);
	bool		all = si_funnel_needs_all(&plan->funnel.rule);
	SiSequenceCursor cursor = si_sequence_cursor(&sequence, si_pulse);
	bool		moved = true;
	int64		n = 0;
	SiSequenceEvent event;

	while (si_sequence_next(&cursor, &event))
	{
		moved |= !event.together;
		if (steps[event.code] == 0 && !all)
			continue;
		rows[n].time = event.time;
		rows[n].steps = steps[event.code];
		apart[n++] = moved;
		moved = false;
	}
	PG_RETURN_POINTER(sequence_pack_funnel(&plan->funnel, n, rows, apart));
}

/* ----- Accessors ----- */

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_level);
Datum
sales_intel_sequence_funnel_level(PG_FUNCTION_ARGS)
{
	SiFunnel	funnel = funnel_argument(fcinfo, 0);

	PG_RETURN_INT32(funnel.level);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_funnel_times);
Datum
sales_intel_sequence_funnel_times(PG_FUNCTION_ARGS)
{
	SiFunnel	funnel = funnel_argument(fcinfo, 0);

	return sequence_times_array(funnel.times, funnel.level);
}
