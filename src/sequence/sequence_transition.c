/*
 * sequence_transition.c
 *	  The type transition_matrix: transition_agg, rollup, transitions.
 *
 * A transition's mean value is over sequences: each counts once however often
 * it makes the transition.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"
#include "sequence/sequence_cells.h"
#include "sequence/sequence_names.h"

#define WHAT			SEQUENCE_CELLS_WHAT

typedef struct TransitionState
{
	int64		sequences;
	SequenceNames names;
	SequenceCells cells;
} TransitionState;

static bool
is_matrix(const void *bytes, Size size)
{
	SiTransitions matrix;

	return si_transitions_open(bytes, size, &matrix, si_pulse) == SI_OK &&
		sequence_valid_texts(matrix.name_text, matrix.names);
}

const SiValueType transition_type = {"transition_matrix", is_matrix};

static SiTransitions
matrix_argument(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiTransitions matrix;

	if (si_transitions_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
							&matrix, si_pulse) != SI_OK)
		si_value_damaged(&transition_type);
	return matrix;
}

/* ----- Input and output ----- */

SI_VALUE_FUNCTIONS(sequence_transition, &transition_type);

/* ----- Aggregates ----- */

static TransitionState *
state_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (TransitionState *) PG_GETARG_POINTER(n);
}

static TransitionState *
create_state(MemoryContext context)
{
	TransitionState *state = MemoryContextAllocZero(context,
													sizeof(TransitionState));

	state->cells.context = context;
	return state;
}

static Datum
return_state(FunctionCallInfo fcinfo, TransitionState *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* Places of names that are given as texts one after another. */
static uint32 *
places_of(TransitionState *state, SiReader text, uint32 names)
{
	uint32	   *place = MemoryContextAllocHuge(CurrentMemoryContext,
											   (names + 1) * sizeof(uint32));

	place[0] = 0;
	for (uint32 i = 0; i < names; i++)
	{
		SiText		name = si_read_text(&text);

		si_pulse_every(i);
		place[i + 1] = sequence_names_add(&state->names, name,
										  state->cells.context, WHAT) + 1;
	}
	return place;
}

/* The sequence's value counts for a cell once; NaN: it has none. */
static inline SequenceCell *
count_one(TransitionState *state, uint32 from, uint32 to, double value)
{
	SequenceCell *cell = sequence_cell(&state->cells, from, to);

	sequence_cell_count(cell, 1);
	if (cell->last != state->sequences && !isnan(value))
	{
		si_sum_add(&cell->values, value);
		cell->valued++;
	}
	cell->last = state->sequences;
	return cell;
}

static void
add_sequence(TransitionState *state, const SiSequence *sequence, double value)
{
	uint32	   *place = places_of(state, sequence->name_text, sequence->names);
	SiSequenceCursor cursor = si_sequence_cursor(sequence, si_pulse);
	SiSequenceEvent event;
	int64		last = 0;
	uint32		from = 0;

	while (si_sequence_next(&cursor, &event))
	{
		uint32		to = place[event.code + 1];
		SequenceCell *cell = count_one(state, from, to, value);

		if (from > 0)
			sequence_cell_wait(&state->cells, cell,
							   (uint64) event.time - (uint64) last);
		from = to;
		last = event.time;
	}
	(void) count_one(state, from, 0, value);
	state->sequences++;
	pfree(place);
}

/* The value in an argument, NaN if it is NULL. */
static double
value_argument(FunctionCallInfo fcinfo, int n)
{
	double		value;

	if (PG_ARGISNULL(n))
		return NAN;
	value = PG_GETARG_FLOAT8(n);
	if (!(fabs(value) <= SI_LARGEST_VALUE))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("value of a sequence is %s",
						isnan(value) ? "NaN" : isinf(value) ? "infinite" : "too large"),
				 errdetail("It must be a number up to %g in size.", SI_LARGEST_VALUE),
				 errhint("Use NULL for a value that is not known; the transitions count all the same.")));
	return value;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_trans);
Datum
sales_intel_sequence_transition_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	TransitionState *state = state_argument(fcinfo, 0);
	SiSequence	sequence;

	if (PG_ARGISNULL(1))
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(context);
	sequence = sequence_argument(fcinfo, 1);
	add_sequence(state, &sequence,
				 PG_NARGS() > 2 ? value_argument(fcinfo, 2) : NAN);
	PG_RETURN_POINTER(state);
}

static TransitionState *
add_matrix(TransitionState *state, const SiTransitions *matrix,
		   MemoryContext context)
{
	SiReader	body = matrix->cell_body;
	SiTransition from;
	uint32	   *place;

	if (state == NULL)
		state = create_state(context);
	place = places_of(state, matrix->name_text, matrix->names);
	while (si_transitions_next(&body, &from, si_pulse))
		sequence_cell_merge(&state->cells,
							sequence_cell(&state->cells, place[from.from],
										  place[from.to]), &from);
	pfree(place);
	return state;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_rollup_trans);
Datum
sales_intel_sequence_transition_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	TransitionState *state = state_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiTransitions matrix = matrix_argument(fcinfo, 1);

		state = add_matrix(state, &matrix, context);
	}
	return return_state(fcinfo, state);
}

/* The right-hand state is copied; its names get codes of the left one. */
static void
add_state(TransitionState *state, const TransitionState *from)
{
	uint32	   *place = MemoryContextAllocHuge(CurrentMemoryContext,
											   (from->names.count + 1) *
											   sizeof(uint32));

	place[0] = 0;
	for (uint32 i = 0; i < from->names.count; i++)
	{
		SiText		name = sequence_name(&from->names, i);

		place[i + 1] = sequence_names_add(&state->names, name,
										  state->cells.context, WHAT) + 1;
	}
	for (uint32 i = 0; i < from->cells.count; i++)
	{
		const SequenceCell *cell = &from->cells.cell[i];
		SiTransition it = {
			.count = cell->count,
			.valued = cell->valued,
			.values = cell->values,
			.digits = cell->digits,
			.n = cell->waiting,
			.waits = cell->waits
		};

		si_pulse_every(i);
		sequence_cell_merge(&state->cells,
							sequence_cell(&state->cells, place[cell->from],
										  place[cell->to]), &it);
	}
	pfree(place);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_combine);
Datum
sales_intel_sequence_transition_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	TransitionState *state = state_argument(fcinfo, 0);
	TransitionState *from = state_argument(fcinfo, 1);

	if (from == NULL)
		return return_state(fcinfo, state);
	if (state == NULL)
		state = create_state(context);
	add_state(state, from);
	PG_RETURN_POINTER(state);
}

/* Also the final function. */
PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_serial);
Datum
sales_intel_sequence_transition_serial(PG_FUNCTION_ARGS)
{
	TransitionState *state = state_argument(fcinfo, 0);
	struct varlena *value;
	SiText	   *name;
	uint32	   *rank;

	(void) si_aggregate_context(fcinfo);
	name = sequence_names_order(&state->names, &rank);
	value = sequence_cells_pack(&state->cells, state->names.count, name, rank);
	pfree(name);
	pfree(rank);
	PG_RETURN_POINTER(value);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_deserial);
Datum
sales_intel_sequence_transition_deserial(PG_FUNCTION_ARGS)
{
	SiTransitions matrix;

	(void) si_aggregate_context(fcinfo);
	matrix = matrix_argument(fcinfo, 0);
	PG_RETURN_POINTER(add_matrix(NULL, &matrix, CurrentMemoryContext));
}

/* ----- The table ----- */

static Datum *
place_texts(const SiTransitions *matrix, const char *outside)
{
	Datum	   *text = MemoryContextAllocHuge(CurrentMemoryContext,
											  (matrix->names + 1) *
											  sizeof(Datum));
	SiReader	names = matrix->name_text;

	text[0] = CStringGetTextDatum(outside);
	for (uint32 i = 1; i <= matrix->names; i++)
	{
		SiText		name = si_read_text(&names);

		si_pulse_every(i);
		text[i] = PointerGetDatum(cstring_to_text_with_len(name.data,
														   name.length));
	}
	return text;
}

/* How often each place is left: exact unless forged counts are huge. */
static double *
place_totals(const SiTransitions *matrix)
{
	double	   *total = MemoryContextAllocExtended(CurrentMemoryContext,
												   (matrix->names + 1) *
												   sizeof(double),
												   MCXT_ALLOC_HUGE |
												   MCXT_ALLOC_ZERO);
	SiReader	body = matrix->cell_body;
	SiTransition cell;

	while (si_transitions_next(&body, &cell, si_pulse))
		total[cell.from] += (double) cell.count;
	return total;
}

static void
put_transition(ReturnSetInfo *result, const SiTransition *cell, Datum *values,
			   double total, SiKeyed *waits)
{
	bool		nulls[6] = {false};

	values[2] = Int64GetDatum(cell->count);
	values[3] = Float8GetDatum((double) cell->count / total);
	nulls[4] = cell->n == 0;
	if (!nulls[4])
	{
		si_transition_waits(cell, waits, si_pulse);
		values[4] = sequence_wait(si_waits_quantile(cell->n, waits,
													(uint64) cell->count,
													cell->digits, 0.5));
	}
	nulls[5] = cell->valued == 0;
	if (!nulls[5])
		values[5] = Float8GetDatum(si_sum_value(&cell->values) /
								   (double) cell->valued);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	if (!nulls[4])
		pfree(DatumGetPointer(values[4]));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_transition_table);
Datum
sales_intel_sequence_transition_table(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiTransitions matrix = matrix_argument(fcinfo, 0);
	SiKeyed    *waits = palloc(SI_TRANSITION_WAITS * sizeof(SiKeyed));
	Datum	   *from = place_texts(&matrix, "(start)");
	Datum	   *to = place_texts(&matrix, "(end)");
	double	   *total = place_totals(&matrix);
	SiReader	body = matrix.cell_body;
	SiTransition cell;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	while (si_transitions_next(&body, &cell, si_pulse))
	{
		Datum		values[6];

		si_pulse();
		values[0] = from[cell.from];
		values[1] = to[cell.to];
		put_transition(result, &cell, values, total[cell.from], waits);
	}
	return (Datum) 0;
}
