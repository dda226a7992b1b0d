/*
 * forecast_intake.c
 *	  Rows on their way to a series: the state behind forecast_agg and
 *	  backtest_agg.
 *
 * Rows are kept in any order, sixteen bytes each.  A row whose value or time is
 * not finite, or larger than can be reckoned with, is counted and left out: it
 * would be a gap in the series.
 */
#include "postgres.h"

#include <math.h>

#include "datatype/timestamp.h"
#include "utils/date.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/si_bytes.h"
#include "forecast/forecast_intake.h"
#include "forecast/forecast_options.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define FIRST_ROWS		16
#define DOUBLING_ROWS	65536	/* larger arrays grow by half */
#define STATE_VERSION	1
#define MAX_FOLDS		1000
#define MAX_HORIZON		1000000
#define WHAT			"series"

ForecastIntake *
forecast_intake_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (ForecastIntake *) PG_GETARG_POINTER(n);
}

/* ----- What the first row says ----- */

static int32
count_argument(FunctionCallInfo fcinfo, int n, const char *name, int32 limit)
{
	int32		count = PG_ARGISNULL(n) ? 0 : PG_GETARG_INT32(n);

	if (count < 1 || count > limit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be from 1 to %d", name, limit),
				 PG_ARGISNULL(n) ? errdetail("It is NULL.") :
				 errdetail("It is %d.", count),
				 errhint("Write backtest_agg(at, value, 3, 8) for eight times the next three periods.")));
	return count;
}

static Jsonb *
options_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_NARGS() > n && !PG_ARGISNULL(n) ? PG_GETARG_JSONB_P(n) : NULL;
}

static ForecastIntake *
create_intake(FunctionCallInfo fcinfo, ForecastKind kind, bool backtest,
			  MemoryContext context)
{
	ForecastIntake *intake = MemoryContextAllocZero(context,
													sizeof(ForecastIntake));
	Jsonb	   *options = options_argument(fcinfo, backtest ? 5 : 3);

	(void) forecast_options(options, kind);
	intake->kind = kind;
	if (backtest)
	{
		intake->horizon = count_argument(fcinfo, 3, "horizon", MAX_HORIZON);
		intake->folds = count_argument(fcinfo, 4, "folds", MAX_FOLDS);
	}
	if (options != NULL)
	{
		intake->options = MemoryContextAlloc(context, VARSIZE(options));
		memcpy(intake->options, options, VARSIZE(options));
	}
	return intake;
}

static void
reject_change(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("arguments of a forecast differ between rows"),
			 errdetail("Options, horizon and folds must be the same in all rows of a series."),
			 errhint("Write them as constants, or aggregate in groups of equal options.")));
}

static bool
same_options(const Jsonb *a, const Jsonb *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

static void
check_same(FunctionCallInfo fcinfo, const ForecastIntake *intake,
		   bool backtest)
{
	if (!same_options(intake->options,
					  options_argument(fcinfo, backtest ? 5 : 3)) ||
		(backtest && (PG_ARGISNULL(3) || PG_ARGISNULL(4) ||
					  PG_GETARG_INT32(3) != intake->horizon ||
					  PG_GETARG_INT32(4) != intake->folds)))
		reject_change();
}

/* ----- Rows ----- */

static void
reserve_rows(ForecastIntake *intake, int64 more, MemoryContext context)
{
	int64		capacity = Max(intake->capacity, FIRST_ROWS);

	if (intake->count + more <= intake->capacity)
		return;
	while (capacity < intake->count + more)
		capacity += capacity < DOUBLING_ROWS ? capacity : capacity / 2;
	si_check_memory(context, capacity * sizeof(SiKeyed), WHAT, false);
	if (intake->row == NULL)
		intake->row = MemoryContextAllocHuge(context,
											 capacity * sizeof(SiKeyed));
	else
		intake->row = repalloc_huge(intake->row, capacity * sizeof(SiKeyed));
	intake->capacity = capacity;
}

/* The time in an argument in microseconds, or a position; false: infinite. */
static inline bool
time_argument(FunctionCallInfo fcinfo, ForecastKind kind, int64 *time)
{
	switch (kind)
	{
		case FORECAST_TIMES:
			*time = PG_GETARG_TIMESTAMPTZ(1);
			return IS_VALID_TIMESTAMP(*time);
		case FORECAST_DATES:
			*time = PG_GETARG_DATEADT(1) * USECS_PER_DAY;
			return !DATE_NOT_FINITE(PG_GETARG_DATEADT(1)) &&
				IS_VALID_TIMESTAMP(*time);
		default:
			*time = PG_GETARG_INT64(1);
			return true;
	}
}

static void
check_position(int64 position)
{
	if (!forecast_is_position(position))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("position is out of range"),
				 errdetail("It is " INT64_FORMAT ".", position),
				 errhint("Number the periods of a series from 1.")));
}

ForecastIntake *
forecast_intake_add(FunctionCallInfo fcinfo, ForecastKind kind, bool backtest)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ForecastIntake *intake = forecast_intake_argument(fcinfo, 0);
	double		value;
	int64		time;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return intake;
	if (intake == NULL)
		intake = create_intake(fcinfo, kind, backtest, context);
	else
		check_same(fcinfo, intake, backtest);
	value = PG_GETARG_FLOAT8(2);
	if (!time_argument(fcinfo, kind, &time) ||
		!(fabs(value) <= FORECAST_MAX_VALUE))
	{
		intake->skipped++;
		return intake;
	}
	if (kind == FORECAST_POSITIONS)
		check_position(time);
	reserve_rows(intake, 1, context);
	intake->row[intake->count].key = (uint64) time ^ FORECAST_TIME_SIGN;
	memcpy(&intake->row[intake->count].item, &value, sizeof(value));
	intake->count++;
	return intake;
}

/* ----- Support functions ----- */

static Datum
return_intake(FunctionCallInfo fcinfo, ForecastIntake *intake)
{
	if (intake == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(intake);
}

#define FORECAST_TRANS(name, kind, backtest) \
	PG_FUNCTION_INFO_V1(sales_intel_forecast_ ## name ## _trans); \
	Datum \
	sales_intel_forecast_ ## name ## _trans(PG_FUNCTION_ARGS) \
	{ \
		return return_intake(fcinfo, forecast_intake_add(fcinfo, kind, \
														 backtest)); \
	} \
	extern int	forecast_trans_ ## name /* takes the semicolon */

FORECAST_TRANS(times, FORECAST_TIMES, false);
FORECAST_TRANS(dates, FORECAST_DATES, false);
FORECAST_TRANS(positions, FORECAST_POSITIONS, false);
FORECAST_TRANS(backtest_times, FORECAST_TIMES, true);
FORECAST_TRANS(backtest_dates, FORECAST_DATES, true);
FORECAST_TRANS(backtest_positions, FORECAST_POSITIONS, true);

static ForecastIntake *
copy_head(const ForecastIntake *from, MemoryContext context)
{
	ForecastIntake *intake = MemoryContextAllocZero(context,
													sizeof(ForecastIntake));

	intake->kind = from->kind;
	intake->horizon = from->horizon;
	intake->folds = from->folds;
	if (from->options != NULL)
	{
		intake->options = MemoryContextAlloc(context, VARSIZE(from->options));
		memcpy(intake->options, from->options, VARSIZE(from->options));
	}
	return intake;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_combine);
Datum
sales_intel_forecast_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	ForecastIntake *intake = forecast_intake_argument(fcinfo, 0);
	ForecastIntake *from = forecast_intake_argument(fcinfo, 1);

	if (from == NULL)
		return return_intake(fcinfo, intake);
	if (intake == NULL)
		intake = copy_head(from, context);
	else if (!same_options(intake->options, from->options) ||
			 intake->horizon != from->horizon || intake->folds != from->folds)
		reject_change();
	reserve_rows(intake, from->count, context);
	if (from->count > 0)
		memcpy(intake->row + intake->count, from->row,
			   from->count * sizeof(SiKeyed));
	intake->count += from->count;
	intake->skipped += from->skipped;
	PG_RETURN_POINTER(intake);
}

static void
write_intake(SiWriter *out, const ForecastIntake *intake)
{
	Size		options = intake->options == NULL ? 0 :
		VARSIZE(intake->options);

	si_write_u8(out, STATE_VERSION);
	si_write_u8(out, (uint8_t) intake->kind);
	si_write_u32(out, (uint32_t) intake->horizon);
	si_write_u32(out, (uint32_t) intake->folds);
	si_write_i64(out, intake->skipped);
	si_write_u32(out, (uint32_t) options);
	si_write_raw(out, intake->options, options);
	si_write_i64(out, intake->count);
	for (int64 i = 0; i < intake->count; i++)
	{
		si_pulse_every(i);
		si_write_u64(out, intake->row[i].key);
		si_write_u64(out, intake->row[i].item);
	}
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_serial);
Datum
sales_intel_forecast_serial(PG_FUNCTION_ARGS)
{
	ForecastIntake *intake = forecast_intake_argument(fcinfo, 0);
	SiWriter	writer = {NULL, VARHDRSZ};
	bytea	   *bytes;

	(void) si_aggregate_context(fcinfo);
	write_intake(&writer, intake);
	si_check_serial(writer.size, WHAT);
	bytes = palloc(writer.size);
	SET_VARSIZE(bytes, writer.size);
	writer.out = (uint8_t *) bytes;
	writer.size = VARHDRSZ;
	write_intake(&writer, intake);
	PG_RETURN_BYTEA_P(bytes);
}

/* Options come from a worker, so their bytes are a jsonb of that size. */
static Jsonb *
read_options(SiReader *in)
{
	uint32		size = si_read_count(in, PG_INT32_MAX, 1);
	const uint8_t *bytes = si_read_raw(in, size);
	Jsonb	   *options;

	if (in->bad || size == 0)
		return NULL;
	options = palloc(size);
	memcpy(options, bytes, size);
	si_read_check(in, size >= VARHDRSZ + sizeof(JsonbContainer) &&
				  VARSIZE(options) == size);
	return options;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_deserial);
Datum
sales_intel_forecast_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	SiReader	in = si_reader(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
	ForecastIntake *intake = palloc0(sizeof(ForecastIntake));
	int64		count;

	(void) si_aggregate_context(fcinfo);
	si_read_check(&in, si_read_u8(&in) == STATE_VERSION);
	intake->kind = (ForecastKind) si_read_u8(&in);
	intake->horizon = (int32) si_read_u32(&in);
	intake->folds = (int32) si_read_u32(&in);
	intake->skipped = si_read_i64(&in);
	intake->options = read_options(&in);
	count = si_read_i64(&in);
	si_read_check(&in, count >= 0 && in.left % sizeof(SiKeyed) == 0 &&
				  (Size) count == in.left / sizeof(SiKeyed));
	if (in.bad)
		elog(ERROR, "damaged state of forecast_agg");
	reserve_rows(intake, count, CurrentMemoryContext);
	for (; intake->count < count; intake->count++)
	{
		si_pulse_every(intake->count);
		intake->row[intake->count].key = si_read_u64(&in);
		intake->row[intake->count].item = si_read_u64(&in);
	}
	PG_RETURN_POINTER(intake);
}
