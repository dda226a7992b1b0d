/*
 * sequence_event.c
 *	  The type event_sequence: input and output, accessors, and what follows
 *	  an event.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/sequence/si_follow.h"
#include "pg/si_guc.h"
#include "pg/si_pulse.h"
#include "sequence/sequence.h"

#define UNSIGNED_SAFE	1e18	/* beyond, microseconds are added unsigned */
#define UNSIGNED_LIMIT	1.8e19	/* longer than all of time */

bool
sequence_valid_texts(SiReader texts, uint32 count)
{
	int			encoding = GetDatabaseEncoding();

	for (uint32 i = 0; i < count; i++)
	{
		SiText		text = si_read_text(&texts);

		si_pulse_every(i);
		if (!pg_verify_mbstr(encoding, text.data, text.length, true))
			return false;
	}
	return true;
}

static bool
is_sequence(const void *bytes, Size size)
{
	SiSequence	sequence;

	return si_sequence_open(bytes, size, &sequence, si_pulse) == SI_OK &&
		sequence_valid_texts(sequence.name_text, sequence.names);
}

const SiValueType sequence_type = {"event_sequence", is_sequence};

/* ----- Arguments ----- */

SiSequence
sequence_argument(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiSequence	sequence;

	if (si_sequence_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						 &sequence, si_pulse) != SI_OK)
		si_value_damaged(&sequence_type);
	return sequence;
}

SiText
sequence_text(FunctionCallInfo fcinfo, int n)
{
	text	   *value = PG_GETARG_TEXT_PP(n);
	SiText		text = {VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)};

	return text;
}

int64
sequence_time(FunctionCallInfo fcinfo, int n)
{
	int64		time = PG_GETARG_TIMESTAMPTZ(n);

	if (unlikely(!IS_VALID_TIMESTAMP(time)))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("event time is infinite"),
				 errdetail("Only events that happened at some time can be put in order."),
				 errhint("Use NULL for a time that is not known; the event is skipped.")));
	return time;
}

uint64
sequence_within(const Interval *within)
{
	double		rough = (double) within->day * USECS_PER_DAY + within->time;

	if (INTERVAL_NOT_FINITE(within))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window is infinite"),
				 errdetail("A window is a length of time."),
				 errhint("Write a window longer than the data, such as interval '36500 days'.")));
	if (within->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window has months"),
				 errdetail("A window is a length of time, and months differ in length."),
				 errhint("Write it in days: interval '30 days'. A day is 24 hours.")));
	if (rough <= 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("window is not positive"),
				 errdetail("A step counts within the window after the first one."),
				 errhint("Write interval '7 days', for example.")));
	if (rough >= UNSIGNED_LIMIT)
		return UINT64_MAX;
	if (rough >= UNSIGNED_SAFE)
		return (uint64) within->day * USECS_PER_DAY + (uint64) within->time;
	return (uint64) (within->day * USECS_PER_DAY + within->time);
}

/* ----- Results ----- */

Datum
sequence_times_array(const int64 *time, int64 count)
{
	Datum	   *elements = MemoryContextAllocHuge(CurrentMemoryContext,
												  (count + 1) * sizeof(Datum));

	for (int64 i = 0; i < count; i++)
	{
		si_pulse_every(i);
		elements[i] = TimestampTzGetDatum(time[i]);
	}
	return PointerGetDatum(construct_array(elements, count, TIMESTAMPTZOID,
										   sizeof(TimestampTz),
										   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE));
}

Datum
sequence_texts_array(const SiText *text, const uint32 *code, int64 count)
{
	Datum	   *elements = MemoryContextAllocHuge(CurrentMemoryContext,
												  (count + 1) * sizeof(Datum));

	for (int64 i = 0; i < count; i++)
	{
		SiText		t = text[code[i]];

		si_pulse_every(i);
		elements[i] = PointerGetDatum(cstring_to_text_with_len(t.data,
															   t.length));
	}
	return PointerGetDatum(construct_array(elements, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

void
sequence_check_room(Size bytes, const char *doing, const char *remedy)
{
	if (bytes > (Size) si_fit_memory_kb * 1024)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("%s needs more memory than \"sales_intel.fit_memory\" allows", doing),
				 errdetail("It needs %zu kB, the limit is %d kB.", bytes / 1024 + 1, si_fit_memory_kb),
				 errhint("Raise the setting with SET sales_intel.fit_memory, or %s.", remedy)));
}

Datum
sequence_text_datum(SiText text)
{
	return PointerGetDatum(cstring_to_text_with_len(text.data, text.length));
}

/* Days and time, as a difference of two timestamps has them. */
Datum
sequence_wait(uint64 wait)
{
	Interval   *interval = palloc0(sizeof(Interval));

	interval->day = (int32) (wait / USECS_PER_DAY);
	interval->time = (TimeOffset) (wait % USECS_PER_DAY);
	return IntervalPGetDatum(interval);
}

/* ----- Input and output ----- */

SI_VALUE_FUNCTIONS(sequence_event, &sequence_type);

/* ----- Accessors ----- */

PG_FUNCTION_INFO_V1(sales_intel_sequence_event_length);
Datum
sales_intel_sequence_event_length(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);

	PG_RETURN_INT64(sequence.length);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_event_events);
Datum
sales_intel_sequence_event_events(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	SiText	   *name = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence.names * sizeof(SiText));
	uint32	   *code = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence.length * sizeof(uint32));

	si_sequence_names(&sequence, name);
	for (int64 i = 0; i < sequence.length; i++)
	{
		si_pulse_every(i);
		code[i] = si_sequence_code(&sequence, i);
	}
	return sequence_texts_array(name, code, sequence.length);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_event_times);
Datum
sales_intel_sequence_event_times(PG_FUNCTION_ARGS)
{
	SiSequence	sequence = sequence_argument(fcinfo, 0);
	SiSequenceCursor cursor = si_sequence_cursor(&sequence, si_pulse);
	int64	   *time = MemoryContextAllocHuge(CurrentMemoryContext,
											  sequence.length * sizeof(int64));
	SiSequenceEvent event;

	while (si_sequence_next(&cursor, &event))
		time[cursor.position - 1] = event.time;
	return sequence_times_array(time, sequence.length);
}

PG_FUNCTION_INFO_V1(sales_intel_sequence_event_followed);
Datum
sales_intel_sequence_event_followed(PG_FUNCTION_ARGS)
{
	SiSequence	sequence;
	SiSequenceEvent *event;
	SiSequenceCursor cursor;
	SiFollowed	is;
	Datum		values[2];
	bool		nulls[2] = {false};

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1) || PG_ARGISNULL(2) ||
		PG_ARGISNULL(3))
		PG_RETURN_NULL();
	sequence = sequence_argument(fcinfo, 0);
	cursor = si_sequence_cursor(&sequence, si_pulse);
	event = MemoryContextAllocHuge(CurrentMemoryContext,
								   sequence.length * sizeof(SiSequenceEvent));
	while (si_sequence_next(&cursor, &event[cursor.position]))
		;
	is = si_follow_count(sequence.length, event,
						 si_sequence_find(&sequence, sequence_text(fcinfo, 1)),
						 si_sequence_find(&sequence, sequence_text(fcinfo, 2)),
						 sequence_within(PG_GETARG_INTERVAL_P(3)), si_pulse);
	values[0] = Int64GetDatum(is.occurrences);
	values[1] = Int64GetDatum(is.followed);
	return si_value_row(fcinfo, values, nulls);
}
