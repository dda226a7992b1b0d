/*
 * sequence_contrast_agg.c
 *	  The aggregates that make a contrast: contrast_agg, rollup.
 *
 * The state collects words, outcomes and clusters in any order, and is never
 * sorted, so that a running window works.  Packing sorts a copy; between
 * processes the state travels as the contrast that it makes.
 */
#include "postgres.h"

#include <math.h>

#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_options.h"
#include "pg/si_pulse.h"
#include "sequence/contrast/sequence_contrast.h"
#include "sequence/sequence.h"
#include "sequence/sequence_names.h"

#define FIRST_ROWS	16
#define WHAT		"contrasts"

typedef struct ContrastState
{
	SiContrastPlan plan;
	struct varlena *options;	/* as last given; NULL: not, or by a part */
	SequenceNames names;
	SequenceNames clusters;
	SiContrastRows rows;
	int64		row_capacity;
	int64		code_capacity;
	SiContrastSeen *seen;		/* by name */
	uint32		seen_capacity;
} ContrastState;

/* ----- Options ----- */

typedef struct GatherOptions
{
	bool		triples;
	double		min_support;
} GatherOptions;

static const SiOption gather_options[] = {
	{"triples", SI_OPTION_BOOL, offsetof(GatherOptions, triples), 0, 0, NULL},
	{"min_support", SI_OPTION_FLOAT, offsetof(GatherOptions, min_support), 1e-9, SI_MAX_CONTRAST_ROWS, NULL},
};

static SiContrastPlan
read_plan(Jsonb *options, bool clustered)
{
	GatherOptions given = {false, 1};
	SiContrastPlan plan;

	si_options_read(options, gather_options, lengthof(gather_options), &given);
	plan.triples = given.triples;
	plan.clustered = clustered;
	plan.support = given.min_support;
	return plan;
}

static void
check_plan(const SiContrastPlan *a, const SiContrastPlan *b)
{
	if (a->triples != b->triples || a->clustered != b->clustered ||
		a->support != b->support)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options differ between the rows of one contrast"),
				 errdetail("Options, and whether there are clusters, must be the same in all rows."),
				 errhint("Aggregate the rows in groups of equal options.")));
}

/* ----- The state ----- */

static ContrastState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (ContrastState *) PG_GETARG_POINTER(n);
}

static void *
enlarge(void *array, Size size, MemoryContext context)
{
	return array == NULL ? MemoryContextAllocHuge(context, size) :
		repalloc_huge(array, size);
}

static ContrastState *
create_state(const SiContrastPlan *plan, MemoryContext context)
{
	ContrastState *state = MemoryContextAllocZero(context,
												  sizeof(ContrastState));

	state->plan = *plan;
	return state;
}

static void
reserve_rows(ContrastState *state, int64 more, MemoryContext context)
{
	SiContrastRows *rows = &state->rows;
	int64		capacity = Max(state->row_capacity, FIRST_ROWS);

	if (rows->n + more <= state->row_capacity)
		return;
	if (rows->n + more > SI_MAX_CONTRAST_ROWS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many sequences for one contrast"),
				 errdetail("The limit is %d.", SI_MAX_CONTRAST_ROWS),
				 errhint("Use a sample of the sequences.")));
	while (capacity < rows->n + more)
		capacity += capacity;
	si_check_memory(context, capacity * (sizeof(int64) + sizeof(uint32) + 1),
					WHAT, false);
	rows->start = enlarge(rows->start, (capacity + 1) * sizeof(int64),
						  context);
	rows->success = enlarge(rows->success, capacity, context);
	if (state->plan.clustered)
		rows->cluster = enlarge(rows->cluster, capacity * sizeof(uint32),
								context);
	if (rows->n == 0)
		rows->start[0] = 0;
	state->row_capacity = capacity;
}

static void
reserve_codes(ContrastState *state, int64 more, MemoryContext context)
{
	int64		used = state->rows.start[state->rows.n];
	int64		capacity = Max(state->code_capacity, FIRST_ROWS);

	if (used + more <= state->code_capacity)
		return;
	while (capacity < used + more)
		capacity += capacity;
	si_check_memory(context, capacity * sizeof(uint32), WHAT, false);
	state->rows.code = enlarge(state->rows.code, capacity * sizeof(uint32),
							   context);
	state->code_capacity = capacity;
}

/* An entry of zeroes for each name. */
static void
reserve_seen(ContrastState *state, MemoryContext context)
{
	uint32		capacity = state->names.capacity;

	if (state->seen_capacity >= capacity)
		return;
	si_check_memory(context, capacity * sizeof(SiContrastSeen), WHAT, false);
	if (state->seen != NULL)
		pfree(state->seen);
	state->seen = MemoryContextAllocExtended(context, capacity *
											 sizeof(SiContrastSeen),
											 MCXT_ALLOC_HUGE |
											 MCXT_ALLOC_ZERO);
	state->seen_capacity = capacity;
}

static uint32
name_code(SequenceNames *names, SiText text, MemoryContext context)
{
	return sequence_names_add(names, text, context, WHAT);
}

/* The codes of names in the state, in the current context. */
static uint32 *
translate_names(SequenceNames *names, uint32 count, const SiText *text,
				MemoryContext context)
{
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  (Size) (count + 1) *
											  sizeof(uint32));

	for (uint32 i = 0; i < count; i++)
	{
		si_pulse_every(i);
		code[i] = name_code(names, text[i], context);
	}
	return code;
}

static SiText *
text_room(uint32 count)
{
	return MemoryContextAllocHuge(CurrentMemoryContext,
								  (Size) (count + 1) * sizeof(SiText));
}

/* The caller has made room for the row, and put its codes in place. */
static void
append_row(ContrastState *state, int64 length, bool success, uint32 cluster)
{
	SiContrastRows *rows = &state->rows;

	rows->success[rows->n] = success;
	if (state->plan.clustered)
		rows->cluster[rows->n] = cluster;
	rows->start[rows->n + 1] = rows->start[rows->n] + length;
	rows->n++;
}

static void
add_sequence(ContrastState *state, const SiSequence *sequence, bool success,
			 const SiText *cluster, MemoryContext context)
{
	SiText	   *name = text_room(sequence->names);
	uint32		cluster_code = 0;
	uint32	   *code;
	uint32	   *word;

	si_sequence_names(sequence, name);
	code = translate_names(&state->names, sequence->names, name, context);
	if (cluster != NULL)
		cluster_code = name_code(&state->clusters, *cluster, context);
	reserve_rows(state, 1, context);
	reserve_codes(state, sequence->length, context);
	reserve_seen(state, context);
	word = state->rows.code + state->rows.start[state->rows.n];
	for (int64 i = 0; i < sequence->length; i++)
	{
		si_pulse_every(i);
		word[i] = code[si_sequence_code(sequence, i)];
	}
	append_row(state, si_contrast_word(state->plan.triples, sequence->length,
									   word, state->seen, si_pulse),
			   success, cluster_code);
	pfree(name);
	pfree(code);
}

/* Rows whose codes are to be translated. */
static void
add_rows(ContrastState *state, const SiContrastRows *rows,
		 const uint32 *code, const uint32 *cluster, MemoryContext context)
{
	reserve_rows(state, rows->n, context);
	reserve_codes(state, rows->start[rows->n], context);
	for (int64 i = 0; i < rows->n; i++)
	{
		int64		length = rows->start[i + 1] - rows->start[i];
		uint32	   *word = state->rows.code + state->rows.start[state->rows.n];

		si_pulse_every(i);
		for (int64 k = 0; k < length; k++)
		{
			si_pulse_every(k + 1);
			word[k] = code[rows->code[rows->start[i] + k]];
		}
		append_row(state, length, rows->success[i], state->plan.clustered ?
				   cluster[rows->cluster[i]] : 0);
	}
}

static ContrastState *
add_contrast(ContrastState *state, const SiContrast *contrast,
			 MemoryContext context)
{
	SiText	   *name = text_room(contrast->names);
	SiText	   *cluster = text_room(contrast->clusters);
	SiContrastRows rows;

	if (state == NULL)
		state = create_state(&contrast->plan, context);
	check_plan(&state->plan, &contrast->plan);
	si_contrast_texts(contrast->name_text, contrast->names, name);
	si_contrast_texts(contrast->cluster_text, contrast->clusters, cluster);
	rows.start = palloc_extended((contrast->rows + 1) * sizeof(int64),
								 MCXT_ALLOC_HUGE);
	rows.code = palloc_extended(contrast->codes * sizeof(uint32),
								MCXT_ALLOC_HUGE);
	rows.cluster = palloc_extended(contrast->rows * sizeof(uint32),
								   MCXT_ALLOC_HUGE);
	rows.success = palloc_extended(contrast->rows, MCXT_ALLOC_HUGE);
	si_contrast_read(contrast, &rows, si_pulse);
	add_rows(state, &rows,
			 translate_names(&state->names, contrast->names, name, context),
			 translate_names(&state->clusters, contrast->clusters, cluster,
							 context), context);
	pfree(rows.start);
	pfree(rows.code);
	pfree(rows.cluster);
	pfree(rows.success);
	return state;
}

/* The right-hand state is copied; its names get codes of the left one. */
static ContrastState *
add_state(ContrastState *state, const ContrastState *from,
		  MemoryContext context)
{
	SiText	   *name = text_room(from->names.count);
	SiText	   *cluster = text_room(from->clusters.count);

	if (state == NULL)
		state = create_state(&from->plan, context);
	check_plan(&state->plan, &from->plan);
	for (uint32 i = 0; i < from->names.count; i++)
		name[i] = sequence_name(&from->names, i);
	for (uint32 i = 0; i < from->clusters.count; i++)
		cluster[i] = sequence_name(&from->clusters, i);
	add_rows(state, &from->rows,
			 translate_names(&state->names, from->names.count, name, context),
			 translate_names(&state->clusters, from->clusters.count, cluster,
							 context), context);
	return state;
}

/* ----- Bytes ----- */

/* A copy of the rows, with codes by rank. */
static SiContrastRows
ranked_rows(const SiContrastRows *rows, const uint32 *name_rank,
			const uint32 *cluster_rank)
{
	SiContrastRows copy = *rows;
	int64		codes = rows->start[rows->n];

	copy.code = palloc_extended(codes * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < codes; i++)
	{
		si_pulse_every(i);
		copy.code[i] = name_rank[rows->code[i]];
	}
	if (rows->cluster == NULL)
		return copy;
	copy.cluster = palloc_extended(rows->n * sizeof(uint32), MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < rows->n; i++)
	{
		si_pulse_every(i);
		copy.cluster[i] = cluster_rank[rows->cluster[i]];
	}
	return copy;
}

static int
compare_rows(const void *a, const void *b, void *arg)
{
	CHECK_FOR_INTERRUPTS();
	return si_contrast_compare(arg, *(const int64 *) a, *(const int64 *) b);
}

static SiContrastRows
sorted_rows(SiContrastRows *rows)
{
	int64	   *order = palloc_extended(rows->n * sizeof(int64),
										MCXT_ALLOC_HUGE);
	SiContrastRows to;
	int64		at = 0;

	to.n = rows->n;
	to.start = palloc_extended((rows->n + 1) * sizeof(int64),
							   MCXT_ALLOC_HUGE);
	to.code = palloc_extended(rows->start[rows->n] * sizeof(uint32),
							  MCXT_ALLOC_HUGE);
	to.cluster = rows->cluster == NULL ? NULL :
		palloc_extended(rows->n * sizeof(uint32), MCXT_ALLOC_HUGE);
	to.success = palloc_extended(rows->n, MCXT_ALLOC_HUGE);
	for (int64 i = 0; i < rows->n; i++)
	{
		si_pulse_every(i);
		order[i] = i;
	}
	qsort_arg(order, rows->n, sizeof(int64), compare_rows, rows);
	for (int64 i = 0; i < rows->n; i++)
	{
		int64		from = rows->start[order[i]];
		int64		length = rows->start[order[i] + 1] - from;

		si_pulse_every(i);
		to.start[i] = at;
		memcpy(to.code + at, rows->code + from, length * sizeof(uint32));
		to.success[i] = rows->success[order[i]];
		if (rows->cluster != NULL)
			to.cluster[i] = rows->cluster[order[i]];
		at += length;
	}
	to.start[rows->n] = at;
	pfree(order);
	return to;
}

static struct varlena *
pack_contrast(const ContrastState *state, bool pass_on)
{
	uint32	   *rank;
	uint32	   *cluster_rank;
	SiText	   *name = sequence_names_order(&state->names, &rank);
	SiText	   *cluster = sequence_names_order(&state->clusters,
											   &cluster_rank);
	SiContrastRows ranked = ranked_rows(&state->rows, rank, cluster_rank);
	SiContrastRows rows = sorted_rows(&ranked);
	struct varlena *value;
	Size		size = si_contrast_size(&state->plan, &rows,
										state->names.count, name,
										state->clusters.count, cluster,
										si_pulse);

	if (pass_on)
		si_check_serial(size, WHAT);
	value = si_value_create(size, &contrast_type);
	si_contrast_encode(&state->plan, &rows, state->names.count, name,
					   state->clusters.count, cluster,
					   (uint8 *) VARDATA(value), si_pulse);
	pfree(rows.start);
	pfree(rows.code);
	pfree(rows.success);
	pfree(ranked.code);
	if (state->plan.clustered)
	{
		pfree(rows.cluster);
		pfree(ranked.cluster);
	}
	return value;
}

/* ----- Support functions ----- */

static Datum
return_state(FunctionCallInfo fcinfo, ContrastState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* The state, made if there is none, whose options are those of argument n. */
static ContrastState *
planned_state(FunctionCallInfo fcinfo, int n, bool clustered,
			  MemoryContext context)
{
	ContrastState *state = state_argument(fcinfo, 0);
	Jsonb	   *options = n > 0 && !PG_ARGISNULL(n) ? PG_GETARG_JSONB_P(n) :
		NULL;
	SiContrastPlan plan;

	if (state != NULL && options == NULL && n < 0)
		return state;
	if (state != NULL && options != NULL && state->options != NULL &&
		VARSIZE(options) == VARSIZE(state->options) &&
		memcmp(options, state->options, VARSIZE(options)) == 0)
		return state;
	plan = read_plan(options, clustered);
	if (state == NULL)
		state = create_state(&plan, context);
	check_plan(&state->plan, &plan);
	if (options != NULL && state->options == NULL)
	{
		state->options = MemoryContextAlloc(context, VARSIZE(options));
		memcpy(state->options, options, VARSIZE(options));
	}
	return state;
}

/* A row with its options and cluster in these arguments, -1 where not. */
static Datum
add_row(FunctionCallInfo fcinfo, int options, int cluster)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ContrastState *state = state_argument(fcinfo, 0);
	SiText		cluster_text;
	SiSequence	sequence;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		(cluster > 0 && PG_ARGISNULL(cluster)))
		return return_state(fcinfo, state);
	state = planned_state(fcinfo, options, cluster > 0, context);
	sequence = sequence_argument(fcinfo, 1);
	if (cluster > 0)
		cluster_text = sequence_text(fcinfo, cluster);
	add_sequence(state, &sequence, PG_GETARG_BOOL(2),
				 cluster > 0 ? &cluster_text : NULL, context);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_trans);
Datum
sales_intel_sequence_contrast_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, -1, -1);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_options_trans);
Datum
sales_intel_sequence_contrast_options_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, 3, -1);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_cluster_trans);
Datum
sales_intel_sequence_contrast_cluster_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, 4, 3);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_rollup_trans);
Datum
sales_intel_sequence_contrast_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ContrastState *state = state_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiContrast	contrast = contrast_argument(fcinfo, 1);

		state = add_contrast(state, &contrast, context);
	}
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_combine);
Datum
sales_intel_sequence_contrast_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ContrastState *state = state_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
		state = add_state(state, state_argument(fcinfo, 1), context);
	return return_state(fcinfo, state);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_serial);
Datum
sales_intel_sequence_contrast_serial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(pack_contrast(state_argument(fcinfo, 0), true));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_deserial);
Datum
sales_intel_sequence_contrast_deserial(PG_FUNCTION_ARGS)
{
	SiContrast	contrast;

	(void) si_aggregate_context(fcinfo);
	contrast = contrast_argument(fcinfo, 0);
	PG_RETURN_POINTER(add_contrast(NULL, &contrast, CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_contrast_final);
Datum
sales_intel_sequence_contrast_final(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(pack_contrast(state_argument(fcinfo, 0), false));
}
