/*
 * sequence.h
 *	  What the functions of behaviour share: arguments, the type
 *	  event_sequence, windows of time.
 */
#ifndef SEQUENCE_H
#define SEQUENCE_H

#include "postgres.h"

#include "datatype/timestamp.h"
#include "fmgr.h"

#include "core/sequence/si_sequence.h"
#include "pg/si_value.h"

extern const SiValueType sequence_type;

/* Whether so many texts are valid in this database's encoding. */
extern bool sequence_valid_texts(SiReader texts, uint32 count);

/* The sequence in an argument; its bytes live in the current context. */
extern SiSequence sequence_argument(FunctionCallInfo fcinfo, int n);

/* The text in an argument, in place unless it was compressed. */
extern SiText sequence_text(FunctionCallInfo fcinfo, int n);

/* The time in an argument; an error unless it is finite. */
extern int64 sequence_time(FunctionCallInfo fcinfo, int n);

/*
 * The length of an interval in microseconds, a day being 24 hours; an error
 * for one with months, and for one that is not positive.  Longer than all of
 * time becomes UINT64_MAX.
 */
extern uint64 sequence_within(const Interval *within);

/* An array of timestamptz, or of text, in the current context. */
extern Datum sequence_times_array(const int64 *time, int64 count);
extern Datum sequence_texts_array(const SiText *text, const uint32 *code,
								  int64 count);

extern Datum sequence_text_datum(SiText text);

/*
 * An error if bytes, which doing (comparing sequences) takes, are more than
 * sales_intel.fit_memory; remedy is what else would help.
 */
extern void sequence_check_room(Size bytes, const char *doing,
								const char *remedy);

/* A wait in microseconds as an interval of days and time. */
extern Datum sequence_wait(uint64 wait);

#endif							/* SEQUENCE_H */
