/*
 * stats_cox.c
 *	  The aggregate that fits proportional hazards.
 */
#include "stats/cox/stats_cox.h"

#include "fmgr.h"

#include "pg/si_aggregate.h"
#include "pg/si_options.h"
#include "stats/stats_duration.h"

#define SERIAL_VERSION	1

static const char *const ties[] = {"efron", "breslow", NULL};

#define FIELD(name) offsetof(CoxOptions, name)

static const SiOption table[] = {
	{"ties", SI_OPTION_CHOICE, FIELD(ties), 0, 0, ties},
	{"l2", SI_OPTION_FLOAT, FIELD(l2), 0, 1e12, NULL},
	{"include", SI_OPTION_NAMES, FIELD(include), 1, 0, NULL},
	{"exclude", SI_OPTION_NAMES, FIELD(exclude), 0, 0, NULL},
};

static CoxState *
create_state(MemoryContext context, Jsonb *options, bool seconds)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	CoxState   *state = palloc0(sizeof(CoxState));

	state->seconds = seconds;
	si_options_read(options, table, lengthof(table), &state->options);
	state->rows = si_collect_create(context, COX_HEADS, options);
	state->rows->include = state->options.include;
	state->rows->exclude = state->options.exclude;
	MemoryContextSwitchTo(old);
	return state;
}

static CoxState *
state_arg(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (CoxState *) PG_GETARG_POINTER(n);
}

/* (state, duration, event, features [, options]) */
static Datum
add_row(FunctionCallInfo fcinfo, bool seconds)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	CoxState   *state = state_arg(fcinfo, 0);
	Jsonb	   *options = PG_NARGS() > 4 && !PG_ARGISNULL(4) ?
		PG_GETARG_JSONB_P(4) : NULL;
	double		heads[COX_HEADS];

	if (state == NULL)
		state = create_state(context, options, seconds);
	else
		si_collect_check_options(state->rows, options);
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
	{
		state->rows->skipped++;
		PG_RETURN_POINTER(state);
	}
	heads[COX_DURATION] = stats_duration(fcinfo, 1, seconds);
	heads[COX_EVENT] = PG_GETARG_BOOL(2);
	si_collect_add(state->rows, heads, PG_GETARG_HEAPTUPLEHEADER(3));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_trans);
Datum
sales_intel_stats_cox_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, false);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_interval_trans);
Datum
sales_intel_stats_cox_interval_trans(PG_FUNCTION_ARGS)
{
	return add_row(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_combine);
Datum
sales_intel_stats_cox_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	CoxState   *into = state_arg(fcinfo, 0);
	CoxState   *from = state_arg(fcinfo, 1);

	if (from == NULL && into == NULL)
		PG_RETURN_NULL();
	if (from == NULL)
		PG_RETURN_POINTER(into);
	if (into == NULL)
		into = create_state(context, from->rows->raw_options, from->seconds);
	si_collect_merge(into->rows, from->rows);
	PG_RETURN_POINTER(into);
}

/* Version, whether in seconds, options, rows. */
static void
write_state(SiWriter *out, const CoxState *state)
{
	const Jsonb *raw = state->rows->raw_options;
	SiText		options = {(const char *) raw, raw ? VARSIZE(raw) : 0};

	si_write_u32(out, SERIAL_VERSION);
	si_write_u8(out, state->seconds);
	si_write_text(out, options);
	si_collect_write(out, state->rows);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_serial);
Datum
sales_intel_stats_cox_serial(PG_FUNCTION_ARGS)
{
	CoxState   *state = (CoxState *) PG_GETARG_POINTER(0);
	SiWriter	writer = {NULL, 0};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	write_state(&writer, state);
	si_check_serial(writer.size, "training rows");
	bytes = palloc(VARHDRSZ + writer.size);
	SET_VARSIZE(bytes, VARHDRSZ + writer.size);
	writer.out = (uint8 *) VARDATA(bytes);
	writer.size = 0;
	write_state(&writer, state);
	PG_RETURN_BYTEA_P(bytes);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_deserial);
Datum
sales_intel_stats_cox_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	in = si_reader(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	uint32		version = si_read_u32(&in);
	uint8		seconds = si_read_u8(&in);
	SiText		options = si_read_text(&in);
	Jsonb	   *aligned = NULL;
	CoxState   *state;

	(void) si_aggregate_context(fcinfo);
	if (options.length > 0)
	{
		aligned = palloc(options.length);
		memcpy(aligned, options.data, options.length);
		si_read_check(&in, options.length >= (int) sizeof(Jsonb) &&
					  VARSIZE(aligned) == (Size) options.length);
	}
	if (in.bad || version != SERIAL_VERSION || seconds > 1)
		elog(ERROR, "damaged state of cox_agg");
	state = create_state(CurrentMemoryContext, aligned, seconds);
	si_collect_read(&in, state->rows);
	if (in.bad || in.left != 0)
		elog(ERROR, "damaged state of cox_agg");
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(sales_intel_stats_cox_final);
Datum
sales_intel_stats_cox_final(PG_FUNCTION_ARGS)
{
	CoxState   *state = (CoxState *) PG_GETARG_POINTER(0);

	(void) si_aggregate_context(fcinfo);
	if (state->rows->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(cox_fit(state));
}
