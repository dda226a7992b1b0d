/*
 * sequence_pattern.c
 *	  Patterns: sequence_match, sequence_count, sequence_find.
 *
 * The pattern used last is kept compiled at its call site, with the matcher.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/sequence/pattern/si_matcher.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"

#define NEAR_BYTES		20		/* of a pattern shown after a fault */

/* The compiled pattern of a call site; its texts are in its own context. */
typedef struct PatternSite
{
	MemoryContext context;		/* of the texts */
	text	   *source;			/* NULL: nothing is compiled */
	ArrayType  *events;			/* NULL: not the numbered spelling */
	SiPattern	pattern;
	SiMatcher	matcher;
} PatternSite;

/* The events of a sequence as a matcher takes them. */
typedef struct PatternEvents
{
	int64		n;
	uint16	   *symbol;
	int64	   *time;
	int32	   *position;		/* in the sequence, from 1 */
} PatternEvents;

/* ----- Faults ----- */

typedef struct FaultText
{
	int			sqlstate;
	const char *what;
	const char *hint;
} FaultText;

#define BAD_SYNTAX	ERRCODE_INVALID_REGULAR_EXPRESSION

static const FaultText fault_text[] = {
	[SI_PATTERN_NOTHING] = {BAD_SYNTAX,
		"There is no event where one is needed",
	"Write the name of an event, or . for any event."},
	[SI_PATTERN_CHARACTER] = {BAD_SYNTAX,
		"There is a character that means nothing here",
	"Put names that are not identifiers in double quotes; with the events in a third argument, write (?1), (?2) and so on."},
	[SI_PATTERN_QUOTE] = {BAD_SYNTAX,
		"A quoted name is not closed",
	"A quote within a name is doubled."},
	[SI_PATTERN_OPEN] = {BAD_SYNTAX,
		"A parenthesis is not closed",
	"Close it, or put it in double quotes if it is part of a name."},
	[SI_PATTERN_CLOSE] = {BAD_SYNTAX,
		"A parenthesis closes nothing",
	"Open it, or put it in double quotes if it is part of a name."},
	[SI_PATTERN_TOO_DEEP] = {ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		"Groups lie too deep in one another",
	"64 levels is the limit."},
	[SI_PATTERN_REPEAT] = {BAD_SYNTAX,
		"There is nothing that can be repeated",
	"A repetition follows an event or a group, once; ... stands for any number of events as it is."},
	[SI_PATTERN_BOUNDS] = {BAD_SYNTAX,
		"A repetition has no sensible bounds",
	"Write {3}, {2,} or {2,5}."},
	[SI_PATTERN_NEGATION] = {BAD_SYNTAX,
		"An exclamation mark is not followed by names",
	"Write !a, or !(a|b)."},
	[SI_PATTERN_DOTS] = {BAD_SYNTAX,
		"There are more than three dots",
	"Separate ... (anything between) and . (any event) by a blank."},
	[SI_PATTERN_GATE] = {BAD_SYNTAX,
		"A condition on time is malformed",
	"Write [<= 90s], or [> 2d]; with the events in a third argument, (?t<=90)."},
	[SI_PATTERN_UNIT] = {BAD_SYNTAX,
		"A condition on time has an unknown unit",
	"Units are us, ms, s, min, h, d and w."},
	[SI_PATTERN_TIME] = {ERRCODE_DATETIME_VALUE_OUT_OF_RANGE,
		"A time is too long, or finer than a microsecond",
	"All of time is 109203528 days."},
	[SI_PATTERN_GATE_FIRST] = {BAD_SYNTAX,
		"A condition on time has no event before it",
	"It stands between two events: a ... [<= 90s] b."},
	[SI_PATTERN_GATE_LAST] = {BAD_SYNTAX,
		"A condition on time has no event after it",
	"It stands between two events: a ... [<= 90s] b."},
	[SI_PATTERN_NEVER] = {BAD_SYNTAX,
		"No time meets the conditions",
	"Conditions between the same two events must all hold."},
	[SI_PATTERN_LARGE] = {ERRCODE_PROGRAM_LIMIT_EXCEEDED,
		"The pattern is too large",
	"It may have 512 events, repetitions written out, and 4096 pairs of them with a condition on the time between, four for a pair. Use *, + or {m,} in place of large bounds."},
	[SI_PATTERN_NUMBER] = {BAD_SYNTAX,
		"There is no event of this number",
	"(?1) is the first of the events in the third argument."}
};

pg_noreturn static void
refuse_pattern(SiText source, SiPatternFault fault, int64 place)
{
	const FaultText *is = &fault_text[fault];
	int64		left = source.length - place;
	char	   *near;

	if (left <= 0)
		ereport(ERROR,
				(errcode(is->sqlstate),
				 errmsg("invalid sequence pattern"),
				 errdetail("%s, at its end.", is->what),
				 errhint("%s", is->hint)));
	near = pnstrdup(source.data + place,
					pg_mbcliplen(source.data + place, left, NEAR_BYTES));
	ereport(ERROR,
			(errcode(is->sqlstate),
			 errmsg("invalid sequence pattern"),
			 errdetail("%s, at byte " INT64_FORMAT ": \"%s\".", is->what,
					   place + 1, near),
			 errhint("%s", is->hint)));
}

/* ----- Compiling ----- */

/* The names in an array; an error unless it is a list without NULLs. */
static int
numbered_names(ArrayType *events, SiText **name)
{
	Datum	   *element;
	bool	   *null;
	int			count;

	deconstruct_array(events, TEXTOID, -1, false, TYPALIGN_INT, &element,
					  &null, &count);
	if (ARR_NDIM(events) > 1 || ARR_HASNULL(events))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("events of a pattern are not a list of names"),
				 errdetail("They must be an array of one dimension without NULL."),
				 errhint("Write ARRAY['call', 'offer'], for example.")));
	*name = palloc((count + 1) * sizeof(SiText));
	for (int i = 0; i < count; i++)
	{
		(*name)[i].data = VARDATA_ANY(DatumGetPointer(element[i]));
		(*name)[i].length = VARSIZE_ANY_EXHDR(DatumGetPointer(element[i]));
	}
	return count;
}

static void
compile(PatternSite *site, SiText source, ArrayType *events)
{
	SiPatternCode *code = palloc(si_pattern_code_size());
	SiPatternFault fault;
	SiText	   *name;
	int64		place;

	if (events == NULL)
		fault = si_pattern_compile(source, code, &site->pattern, &place);
	else
	{
		int			count = numbered_names(events, &name);

		fault = si_pattern_compile_numbered(source, count, name, code,
											&site->pattern, &place);
	}
	pfree(code);
	if (fault != SI_PATTERN_FINE)
		refuse_pattern(source, fault, place);
}

static void *
copy_value(const void *value)
{
	void	   *copy = palloc(VARSIZE_ANY(value));

	memcpy(copy, value, VARSIZE_ANY(value));
	return copy;
}

static bool
same_value(const void *a, const void *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE_ANY(a) == VARSIZE_ANY(b) &&
		memcmp(a, b, VARSIZE_ANY(a)) == 0;
}

static PatternSite *
create_site(MemoryContext parent)
{
	PatternSite *site = MemoryContextAllocHuge(parent, sizeof(PatternSite));

	site->context = AllocSetContextCreate(parent, "sequence pattern",
										  ALLOCSET_SMALL_SIZES);
	site->source = NULL;
	return site;
}

/* Compiles the pattern in arguments 1 and 2, unless that has been done. */
static PatternSite *
pattern_argument(FunctionCallInfo fcinfo)
{
	PatternSite *site = fcinfo->flinfo->fn_extra;
	text	   *source = PG_GETARG_TEXT_PP(1);
	ArrayType  *events = PG_NARGS() > 2 ? PG_GETARG_ARRAYTYPE_P(2) : NULL;
	MemoryContext caller;
	SiText		slice;

	if (site == NULL)
		site = fcinfo->flinfo->fn_extra =
			create_site(fcinfo->flinfo->fn_mcxt);
	if (site->source != NULL && same_value(site->source, source) &&
		same_value(site->events, events))
		return site;
	site->source = NULL;
	MemoryContextReset(site->context);
	caller = MemoryContextSwitchTo(site->context);
	source = copy_value(source);
	site->events = events != NULL ? copy_value(events) : NULL;
	slice.data = VARDATA_ANY(source);
	slice.length = VARSIZE_ANY_EXHDR(source);
	compile(site, slice, site->events);
	MemoryContextSwitchTo(caller);
	site->source = source;
	return site;
}

/* ----- Binding ----- */

/* By name of the sequence, the pattern's symbol. */
static uint16 *
bind_names(const SiPattern *pattern, const SiSequence *sequence)
{
	uint16	   *symbol = MemoryContextAllocHuge(CurrentMemoryContext,
												sequence->names *
												sizeof(uint16));
	SiReader	text = sequence->name_text;

	for (uint32 code = 0; code < sequence->names; code++)
	{
		SiText		name = si_read_text(&text);
		int			s = pattern->symbols;

		si_pulse_every(code);
		while (s > 0 && !si_pattern_is_name(pattern, s, name))
			s--;
		symbol[code] = s;
	}
	return symbol;
}

/* Room for the events of a sequence, and for the rows of the matcher. */
static void
make_room(PatternSite *site, PatternEvents *events, int64 n, bool times)
{
	SiMatcher  *matcher = &site->matcher;
	Size		rows;

	matcher->n = n;
	rows = si_matcher_rows(matcher) * site->pattern.words * sizeof(uint64);
	sequence_check_room(rows + n * (sizeof(uint16) +
									(times ? sizeof(int64) : 0) +
									(matcher->keep ? sizeof(int32) : 0)),
						"matching a pattern",
						"use a shorter sequence or pattern");
	matcher->row = MemoryContextAllocHuge(CurrentMemoryContext, rows);
	events->symbol = MemoryContextAllocHuge(CurrentMemoryContext,
											n * sizeof(uint16));
	events->time = !times ? NULL :
		MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(int64));
	events->position = !matcher->keep ? NULL :
		MemoryContextAllocHuge(CurrentMemoryContext, n * sizeof(int32));
}

/* The events that the pattern looks at: in the numbered spelling, its own. */
static void
bind_events(PatternSite *site, const SiSequence *sequence,
			PatternEvents *events, bool times)
{
	uint16	   *symbol = bind_names(&site->pattern, sequence);
	SiSequenceCursor cursor = si_sequence_cursor(sequence, si_pulse);
	SiSequenceEvent event;
	int64		n = 0;

	for (int64 i = 0; i < sequence->length; i++)
	{
		uint16		s = symbol[si_sequence_code(sequence, i)];

		si_pulse_every(i);
		if (times)
			(void) si_sequence_next(&cursor, &event);
		if (s == 0 && site->events != NULL)
			continue;
		events->symbol[n] = s;
		if (times)
			events->time[n] = event.time;
		if (events->position != NULL)
			events->position[n] = (int32) i + 1;
		n++;
	}
	events->n = n;
	pfree(symbol);
}

/* The matcher of a call, before its first match. */
static SiMatcher *
start_matcher(FunctionCallInfo fcinfo, PatternEvents *events, bool keep)
{
	PatternSite *site = pattern_argument(fcinfo);
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	SiMatcher  *matcher = &site->matcher;
	bool		times = keep || site->pattern.gated > 0;

	matcher->pattern = &site->pattern;
	matcher->keep = keep;
	make_room(site, events, sequence.length, times);
	bind_events(site, &sequence, events, times);
	matcher->n = events->n;
	matcher->symbol = events->symbol;
	matcher->time = events->time;
	matcher->pulse = si_pulse;
	matcher->begin = 0;
	return matcher;
}

/* ----- Functions ----- */

PG_FUNCTION_INFO_V1(sales_intel_sequence_pattern_match);
Datum
sales_intel_sequence_pattern_match(PG_FUNCTION_ARGS)
{
	PatternEvents events;
	SiMatcher  *matcher = start_matcher(fcinfo, &events, false);

	PG_RETURN_BOOL(si_matcher_next(matcher));
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_pattern_count);
Datum
sales_intel_sequence_pattern_count(PG_FUNCTION_ARGS)
{
	PatternEvents events;
	SiMatcher  *matcher = start_matcher(fcinfo, &events, false);
	int64		count = 0;

	while (si_matcher_next(matcher))
		count++;
	PG_RETURN_INT64(count);
}

static Datum
positions_array(const PatternEvents *events, const int64 *event, int64 count)
{
	Datum	   *element = MemoryContextAllocHuge(CurrentMemoryContext,
												 count * sizeof(Datum));
	ArrayType  *array;

	for (int64 i = 0; i < count; i++)
		element[i] = Int32GetDatum(events->position[event[i]]);
	array = construct_array(element, count, INT4OID, sizeof(int32), true,
							TYPALIGN_INT);
	pfree(element);
	return PointerGetDatum(array);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_pattern_find);
Datum
sales_intel_sequence_pattern_find(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	PatternEvents events;
	SiMatcher  *matcher = start_matcher(fcinfo, &events, true);
	int64	   *event = MemoryContextAllocHuge(CurrentMemoryContext,
											   (events.n + 1) * sizeof(int64));

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int32 match = 1; si_matcher_next(matcher); match++)
	{
		int64		count = si_matcher_positions(matcher, event);
		Datum		values[4];
		bool		nulls[4] = {false};

		si_pulse();
		values[0] = Int32GetDatum(match);
		values[1] = TimestampTzGetDatum(events.time[event[0]]);
		values[2] = TimestampTzGetDatum(events.time[event[count - 1]]);
		values[3] = positions_array(&events, event, count);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
		pfree(DatumGetPointer(values[3]));
	}
	return (Datum) 0;
}
