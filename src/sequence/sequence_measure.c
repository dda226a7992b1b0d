/*
 * sequence_measure.c
 *	  Measures of sequences: entropy, complexity, turbulence; distances of two,
 *	  and how well one follows a list of events.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "core/sequence/si_measure.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"

#define NO_CODE			UINT32_MAX	/* of an event the other list lacks */

/* ----- Measures of one ----- */

/*
 * Of the names of the sequence, or of so many events as argument 1 says there
 * are, the share of the largest entropy.
 */
static double
entropy(FunctionCallInfo fcinfo, const SiSequence *sequence)
{
	int64		states = PG_NARGS() > 1 ? (int64) PG_GETARG_INT32(1) :
		(int64) sequence->names;
	int64	   *count;

	if (states < sequence->names)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sequence has more different events than there are said to be"),
				 errdetail("It has %u, and argument \"states\" is " INT64_FORMAT ".", sequence->names, states),
				 errhint("Give the number of different events that sequences can have, or leave it out.")));
	if (sequence->names == 1)
		return 0.0;
	count = MemoryContextAllocHuge(CurrentMemoryContext,
								   sequence->names * sizeof(int64));
	return si_sequence_entropy(sequence, count, si_pulse) /
		log((double) states);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_measure_entropy);
Datum
sales_intel_sequence_measure_entropy(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);

	PG_RETURN_FLOAT8(entropy(fcinfo, &sequence));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_measure_complexity);
Datum
sales_intel_sequence_measure_complexity(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	double		share = entropy(fcinfo, &sequence);

	if (sequence.length == 1)
		PG_RETURN_FLOAT8(0.0);
	PG_RETURN_FLOAT8(sqrt((double) si_sequence_changes(&sequence, si_pulse) /
						  (double) (sequence.length - 1) * share));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_measure_turbulence);
Datum
sales_intel_sequence_measure_turbulence(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	SiScaled   *last = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence.names *
											  sizeof(SiScaled));

	PG_RETURN_FLOAT8(si_sequence_turbulence(&sequence, last, si_pulse));
}

/* ----- Two lists ----- */

static void
check_room(Size bytes)
{
	sequence_check_room(bytes, "comparing sequences",
						"compare shorter sequences");
}

static uint32 *
numbers(int64 count)
{
	return MemoryContextAllocHuge(CurrentMemoryContext,
								  (count + 1) * sizeof(uint32));
}

/* The sequence's codes, translated if there is a translation. */
static uint32 *
codes_of(const SiSequence *sequence, const uint32 *translation)
{
	uint32	   *code = numbers(sequence->length);

	for (int64 i = 0; i < sequence->length; i++)
	{
		uint32		c = si_sequence_code(sequence, i);

		si_pulse_every(i);
		code[i] = translation != NULL ? translation[c] : c;
	}
	return code;
}

/* The codes that b's names have in a; both are ascending. */
static uint32 *
translate_names(const SiSequence *a, const SiSequence *b)
{
	uint32	   *translation = numbers(b->names);
	SiReader	a_names = a->name_text;
	SiReader	b_names = b->name_text;
	SiText		a_name = si_read_text(&a_names);
	uint32		i = 0;

	for (uint32 j = 0; j < b->names; j++)
	{
		SiText		b_name = si_read_text(&b_names);

		si_pulse_every(j);
		while (i < a->names && si_text_compare(a_name, b_name) < 0)
		{
			if (++i < a->names)
				a_name = si_read_text(&a_names);
		}
		translation[j] = i < a->names &&
			si_text_compare(a_name, b_name) == 0 ? i : NO_CODE;
	}
	return translation;
}

static int64
hamming(const SiSequence *a, const uint32 *a_code, const SiSequence *b,
		const uint32 *b_code)
{
	if (a->length != b->length)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sequences of different length have no hamming distance"),
				 errdetail("They have " INT64_FORMAT " and " INT64_FORMAT " events.", a->length, b->length),
				 errhint("Use \"lcs\", \"om\" or \"levenshtein\".")));
	return si_distance_hamming(a->length, a_code, b_code, si_pulse);
}

/*
 * lcs, and om, which with its customary costs (1 for an insertion or deletion,
 * 2 for a substitution) is the same: what neither has in common with the
 * other.
 */
static int64
distance(const char *method, const SiSequence *a, const uint32 *a_code,
		 const SiSequence *b, const uint32 *b_code)
{
	if (strcmp(method, "hamming") == 0)
		return hamming(a, a_code, b, b_code);
	if (strcmp(method, "levenshtein") == 0)
		return si_distance_levenshtein(a->length, a_code, b->length, b_code,
									   numbers(b->length), si_pulse);
	if (strcmp(method, "lcs") == 0 || strcmp(method, "om") == 0)
		return a->length + b->length -
			2 * si_distance_common(a->length, a_code, b->length, b_code,
								   numbers(b->length), si_pulse);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown distance \"%s\"", method),
			 errdetail("Known are lcs, om, levenshtein and hamming."),
			 errhint("See the page on patterns and measures of sequences.")));
	pg_unreachable();
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_measure_distance);
Datum
sales_intel_sequence_measure_distance(PG_FUNCTION_ARGS)
{
	SiSequence	a = sequence_argument(fcinfo, 0);
	SiSequence	b = sequence_argument(fcinfo, 1);
	SiText		name = sequence_text(fcinfo, 2);
	char	   *method = pnstrdup(name.data, name.length);
	uint32	   *a_code;
	uint32	   *b_code;

	check_room((a.length + 2 * b.length + b.names) * sizeof(uint32));
	a_code = codes_of(&a, NULL);
	b_code = codes_of(&b, translate_names(&a, &b));
	PG_RETURN_FLOAT8((double) distance(method, &a, a_code, &b, b_code));
}

/* The codes of the events in an array. */
static int
wanted_codes(const SiSequence *sequence, ArrayType *wanted, uint32 **code)
{
	Datum	   *element;
	bool	   *null;
	int			count;

	deconstruct_array(wanted, TEXTOID, -1, false, TYPALIGN_INT, &element,
					  &null, &count);
	if (ARR_NDIM(wanted) != 1 || ARR_HASNULL(wanted))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("events to compare with are not a list of names"),
				 errdetail("They must be an array of one dimension, not empty, without NULL."),
				 errhint("Write ARRAY['greet', 'ask', 'offer'], for example.")));
	*code = numbers(count);
	for (int i = 0; i < count; i++)
	{
		struct varlena *value = (struct varlena *) DatumGetPointer(element[i]);
		SiText		name = {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};
		int64		found = si_sequence_find(sequence, name);

		si_pulse();
		(*code)[i] = found >= 0 ? (uint32) found : NO_CODE;
	}
	return count;
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_measure_similarity);
Datum
sales_intel_sequence_measure_similarity(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	uint32	   *wanted;
	int			count = wanted_codes(&sequence, PG_GETARG_ARRAYTYPE_P(1),
									 &wanted);
	int64		common;

	check_room((sequence.length + 2 * (Size) count) * sizeof(uint32));
	common = si_distance_common(sequence.length, codes_of(&sequence, NULL),
								count, wanted, numbers(count), si_pulse);
	PG_RETURN_FLOAT8(100.0 * (double) common / count);
}
