/*
 * lead_signal.c
 *	  Signals that fade with age: signal_agg, which works as a moving window
 *	  too, its value signal_summary, and signal_decay.
 *
 * The state is an SiSignalWindow, made with the first row, counted or not: a
 * moving aggregate's transition must not return NULL.  When the inverse finds
 * that too little is left to be told from rounding it returns NULL, and the
 * server starts the window afresh.
 */
#include "postgres.h"

#include <math.h>

#include "fmgr.h"
#include "utils/timestamp.h"

#include "core/stats/score/si_signal.h"
#include "pg/si_aggregate.h"
#include "pg/si_interval.h"
#include "pg/si_row.h"
#include "pg/si_value.h"

static bool
is_signal(const void *bytes, Size size)
{
	SiSignal	signal;

	return si_signal_decode(bytes, size, &signal) == SI_OK;
}

static const SiValueType signal_type = {"signal_summary", is_signal};

static SiSignal
signal_arg(FunctionCallInfo fcinfo, int n)
{
	struct varlena *value = PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n));
	SiSignal	signal;

	if (si_signal_decode(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						 &signal) != SI_OK)
		si_value_damaged(&signal_type);
	return signal;
}

/* ----- One signal ----- */

/* The number in an argument; an error unless it is of a sensible size. */
static double
number_arg(FunctionCallInfo fcinfo, int n, const char *name)
{
	double		number = PG_GETARG_FLOAT8(n);

	if (!(fabs(number) <= SI_LARGEST_NUMBER))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("signal %s is %s", name,
						isnan(number) ? "NaN" : isinf(number) ? "infinite" : "too large"),
				 errdetail("It must be a number up to %g in size.", SI_LARGEST_NUMBER),
				 errhint("Use NULL for a %s that is not known; the signal is skipped.", name)));
	return number;
}

static double
weight_arg(FunctionCallInfo fcinfo, int n)
{
	double		weight = number_arg(fcinfo, n, "weight");

	if (weight < 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("signal weight is negative"),
				 errdetail("A weight says how much a signal counts, from 0 up."),
				 errhint("Give a bad sign a negative value instead.")));
	return weight;
}

/* In microseconds. */
static double
interval_arg(FunctionCallInfo fcinfo, int n, const char *name)
{
	const Interval *interval = PG_GETARG_INTERVAL_P(n);

	if (INTERVAL_NOT_FINITE(interval))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is infinite", name),
				 errdetail("Only a finite time can be halved."),
				 errhint("Use NULL for a time that is not known; the signal is skipped.")));
	return si_interval_usecs(interval);
}

static double
age_arg(FunctionCallInfo fcinfo, int n)
{
	double		age = interval_arg(fcinfo, n, "signal age");

	if (age < 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("signal age is negative"),
				 errdetail("The signal lies in the future of the score."),
				 errhint("Leave later signals out, for example with FILTER (WHERE at <= now()).")));
	return age;
}

static double
half_life_arg(FunctionCallInfo fcinfo, int n)
{
	double		half_life = interval_arg(fcinfo, n, "half-life");

	if (!(half_life > 0.0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("half-life is not positive"),
				 errdetail("A signal counts half after each half-life."),
				 errhint("Write interval '7 days', for example.")));
	return half_life;
}

/* The term of arguments n to n + 3, none of them NULL. */
static double
term_args(FunctionCallInfo fcinfo, int n)
{
	double		value = number_arg(fcinfo, n, "value");
	double		weight = weight_arg(fcinfo, n + 1);
	double		age = age_arg(fcinfo, n + 2);

	return si_signal_term(value, weight, age, half_life_arg(fcinfo, n + 3));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_decay);
Datum
sales_intel_lead_signal_decay(PG_FUNCTION_ARGS)
{
	PG_RETURN_FLOAT8(term_args(fcinfo, 0));
}

/* ----- Input and output ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_summary_in);
Datum
sales_intel_lead_signal_summary_in(PG_FUNCTION_ARGS)
{
	return si_value_in(fcinfo, &signal_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_summary_out);
Datum
sales_intel_lead_signal_summary_out(PG_FUNCTION_ARGS)
{
	return si_value_out(fcinfo, &signal_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_summary_recv);
Datum
sales_intel_lead_signal_summary_recv(PG_FUNCTION_ARGS)
{
	return si_value_recv(fcinfo, &signal_type);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_summary_send);
Datum
sales_intel_lead_signal_summary_send(PG_FUNCTION_ARGS)
{
	return si_value_send(fcinfo);
}

/* ----- Aggregates ----- */

/* The state in an argument, made if there is none yet. */
static SiSignalWindow *
window_arg(FunctionCallInfo fcinfo, int n)
{
	MemoryContext context = si_aggregate_context(fcinfo);

	if (!PG_ARGISNULL(n))
		return (SiSignalWindow *) PG_GETARG_POINTER(n);
	return MemoryContextAllocZero(context, sizeof(SiSignalWindow));
}

/* Whether the row counts: nothing about it is NULL. */
static bool
row_counts(FunctionCallInfo fcinfo)
{
	return !(PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3) ||
			 PG_ARGISNULL(4));
}

static void
add_summary(SiSignalWindow *window, const SiSignal *signal)
{
	SiSignal   *total = &window->signal;

	si_signal_merge(total, signal);
	if (!si_signal_valid(total))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("sum of signals is out of range"),
				 errdetail("The limit is %g, from " INT64_FORMAT " signals at most.",
						   SI_SIGNAL_LARGEST, (int64) SI_MAX_SIGNALS),
				 errhint("Roll up each part once.")));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_trans);
Datum
sales_intel_lead_signal_trans(PG_FUNCTION_ARGS)
{
	SiSignalWindow *window = window_arg(fcinfo, 0);

	if (row_counts(fcinfo))
		si_signal_add(window, term_args(fcinfo, 1), PG_GETARG_FLOAT8(2));
	PG_RETURN_POINTER(window);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_inverse);
Datum
sales_intel_lead_signal_inverse(PG_FUNCTION_ARGS)
{
	SiSignalWindow *window = window_arg(fcinfo, 0);

	if (row_counts(fcinfo) &&
		!si_signal_remove(window, term_args(fcinfo, 1), PG_GETARG_FLOAT8(2)))
		PG_RETURN_NULL();
	PG_RETURN_POINTER(window);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_combine);
Datum
sales_intel_lead_signal_combine(PG_FUNCTION_ARGS)
{
	SiSignalWindow *window = window_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiSignalWindow *from = (SiSignalWindow *) PG_GETARG_POINTER(1);

		if (from->signal.rows > 0)
			add_summary(window, &from->signal);
	}
	PG_RETURN_POINTER(window);
}

static struct varlena *
pack_signal(const SiSignal *signal)
{
	struct varlena *value = si_value_create(SI_SIGNAL_SIZE, &signal_type);

	si_signal_encode(signal, (uint8 *) VARDATA(value));
	return value;
}

/* Also the final function; NULL if no row counted. */
PG_FUNCTION_INFO_V1(sales_intel_lead_signal_serial);
Datum
sales_intel_lead_signal_serial(PG_FUNCTION_ARGS)
{
	SiSignalWindow *window = window_arg(fcinfo, 0);

	if (window->signal.rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(pack_signal(&window->signal));
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_deserial);
Datum
sales_intel_lead_signal_deserial(PG_FUNCTION_ARGS)
{
	SiSignalWindow *window = palloc0(sizeof(SiSignalWindow));

	(void) si_aggregate_context(fcinfo);
	window->signal = signal_arg(fcinfo, 0);
	PG_RETURN_POINTER(window);
}

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_rollup_trans);
Datum
sales_intel_lead_signal_rollup_trans(PG_FUNCTION_ARGS)
{
	SiSignalWindow *window = window_arg(fcinfo, 0);

	if (!PG_ARGISNULL(1))
	{
		SiSignal	signal = signal_arg(fcinfo, 1);

		add_summary(window, &signal);
	}
	PG_RETURN_POINTER(window);
}

/* ----- Accessor ----- */

PG_FUNCTION_INFO_V1(sales_intel_lead_signal_score);
Datum
sales_intel_lead_signal_score(PG_FUNCTION_ARGS)
{
	SiSignal	signal = signal_arg(fcinfo, 0);
	double		score = si_signal_score(&signal);

	if (isnan(score))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(score);
}
