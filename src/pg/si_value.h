/*
 * si_value.h
 *	  Typed values that are a varlena around checked bytes: their input and
 *	  output, their results.
 *
 * The binary form is the bytes, the text form the type's name, a colon and the
 * bytes in base64.  What comes in is checked to the last byte by the type's own
 * decoder; what is stored is checked again where it is used.
 */
#ifndef SI_VALUE_H
#define SI_VALUE_H

#include "fmgr.h"

#include "core/si_core.h"
#include "pg/si_compat.h"

typedef struct SiValueType
{
	const char *name;			/* the SQL type */
	bool		(*valid) (const void *bytes, Size size);
} SiValueType;

/* The bodies of the four functions of such a type. */
extern Datum si_value_in(FunctionCallInfo fcinfo, const SiValueType *type);
extern Datum si_value_out(FunctionCallInfo fcinfo, const SiValueType *type);
extern Datum si_value_recv(FunctionCallInfo fcinfo, const SiValueType *type);
extern Datum si_value_send(FunctionCallInfo fcinfo);

/*
 * The four functions themselves: for SI_VALUE_FUNCTIONS(stats_thing, type)
 * they are sales_intel_stats_thing_in, _out, _recv and _send.
 */
#define SI_VALUE_FUNCTION(symbol, body) \
	PG_FUNCTION_INFO_V1(symbol); \
	Datum \
	symbol(PG_FUNCTION_ARGS) \
	{ \
		return body; \
	}
#define SI_VALUE_FUNCTIONS(name, type) \
	SI_VALUE_FUNCTION(sales_intel_ ## name ## _in, \
					  si_value_in(fcinfo, type)) \
	SI_VALUE_FUNCTION(sales_intel_ ## name ## _out, \
					  si_value_out(fcinfo, type)) \
	SI_VALUE_FUNCTION(sales_intel_ ## name ## _recv, \
					  si_value_recv(fcinfo, type)) \
	SI_VALUE_FUNCTION(sales_intel_ ## name ## _send, \
					  si_value_send(fcinfo)) \
	extern int	si_value_ ## name	/* takes the semicolon */

/* Room for a value of size bytes; an error past 1 GB. */
extern struct varlena *si_value_create(Size size, const SiValueType *type);

/* The error for stored bytes that their decoder refuses. */
pg_noreturn extern void si_value_damaged(const SiValueType *type);

/*
 * The row that a function with OUT parameters returns; a column is NULL where
 * nulls says so.
 */
extern Datum si_value_row(FunctionCallInfo fcinfo, Datum *values, bool *nulls);

/* Sets a column of text; NULL is NULL. */
extern void si_value_text(Datum *values, bool *nulls, int column,
						  const char *string);

/* Sets a column of float8; NaN, which stands for "unknown", becomes NULL. */
extern void si_value_number(Datum *values, bool *nulls, int column,
							double number);

#endif							/* SI_VALUE_H */
