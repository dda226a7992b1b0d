/*
 * forecast_backtest.c
 *	  The type backtest: forecasts from origins in the past, beside what came.
 *
 * Origins are a horizon apart, the last one a horizon before the end of the
 * series: every value behind the first origin is forecast once, by a model that
 * has seen nothing after its origin.  Origins that leave too few values are
 * left out.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "core/forecast/si_backtest.h"
#include "forecast/forecast_fit.h"
#include "forecast/forecast_model.h"
#include "forecast/forecast_predict.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define LEVEL			0.8
#define LEAST_KNOWN		4		/* values before an origin */
#define BASELINE		3		/* values whose mean is the baseline */
#define WHAT			"backtests"

static bool
is_backtest(const void *bytes, Size size)
{
	SiBacktest	backtest;

	if (si_backtest_open(bytes, size, &backtest, si_pulse) != SI_OK)
		return false;
	for (int64 i = 0; i < backtest.rows; i++)
	{
		si_pulse_every(i);
		if (!IS_VALID_TIMESTAMP(si_backtest_row(&backtest, i).at))
			return false;
	}
	return true;
}

static const SiValueType backtest_type = {"backtest", is_backtest};

SI_VALUE_FUNCTIONS(forecast_backtest, &backtest_type);

static SiBacktest
open_value(struct varlena *value)
{
	SiBacktest	backtest;

	if (si_backtest_open(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value),
						 &backtest, si_pulse) != SI_OK)
		si_value_damaged(&backtest_type);
	return backtest;
}

static SiBacktest
backtest_argument(FunctionCallInfo fcinfo, int n)
{
	return open_value(PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(n)));
}

static struct varlena *
pack_rows(bool timed, int64 rows, const SiBacktestRow *row)
{
	struct varlena *value = si_value_create(si_backtest_size(rows),
											&backtest_type);
	SiKeyed    *order = MemoryContextAllocHuge(CurrentMemoryContext, 2 * rows *
											   sizeof(SiKeyed));

	si_backtest_order(rows, row, order, order + rows, si_pulse);
	si_backtest_encode(timed, LEVEL, rows, row, order,
					   (uint8 *) VARDATA(value), si_pulse);
	pfree(order);
	return value;
}

/* ----- One series ----- */

static double
mean_before(const double *y, int known)
{
	int			n = Min(known, BASELINE);
	double		sum = 0.0;

	for (int i = known - n; i < known; i++)
		sum += y[i];
	return sum / n;
}

/* The times of a period, as the value keeps them. */
static int64
time_of(const ForecastClock *clock, int64 period)
{
	Datum		at;
	bool		null;

	forecast_clock_at(clock, period, &at, &null, 0);
	return null ? 0 : DatumGetTimestampTz(at);
}

/*
 * A forecast beyond all values counts as the largest: the errors of a method
 * that runs away are not to be lost.
 */
static double
limited(double number)
{
	return isnan(number) ? FORECAST_MAX_VALUE :
		Min(Max(number, -FORECAST_MAX_VALUE), FORECAST_MAX_VALUE);
}

/* The rows of one origin. */
static void
run_fold(const SiFitRequest *request, const SiForecast *whole, int fold,
		 int known, int horizon, SiBacktestRow *row)
{
	ForecastClock clock = forecast_clock(whole);
	SiForecast	forecast = *whole;
	double	   *mean = palloc(horizon * sizeof(double));
	double	   *deviation = palloc(horizon * sizeof(double));
	double		baseline = mean_before(whole->y, known);
	double		reach;
	int			bits;

	forecast.n = known;
	forecast_fit(request, &forecast, &bits);
	forecast_continue(&forecast, horizon, mean, deviation);
	reach = si_fit_reach(&forecast, LEVEL);
	for (int h = 0; h < horizon; h++)
	{
		double		half = isnan(deviation[h]) ? 0.0 : reach * deviation[h];

		row[h].fold = fold;
		row[h].step = h + 1;
		row[h].at = time_of(&clock, known + h);
		row[h].actual = whole->y[known + h];
		row[h].mean = limited(mean[h]);
		row[h].lower = limited(forecast_lower(&forecast, mean[h], half));
		row[h].upper = limited(mean[h] + half);
		row[h].baseline = baseline;
		row[h].scale = forecast.scale;
	}
}

static int
fold_start(const ForecastIntake *intake, int n, int fold)
{
	return (int) (n - (int64) (intake->folds - fold + 1) * intake->horizon);
}

static struct varlena *
run_folds(const SiFitRequest *request, const ForecastIntake *intake,
		  const SiForecast *whole)
{
	int64		room = Min(whole->n, (int64) intake->folds * intake->horizon);
	SiBacktestRow *row = MemoryContextAllocHuge(CurrentMemoryContext,
												(room + 1) *
												sizeof(SiBacktestRow));
	MemoryContext old = CurrentMemoryContext;
	MemoryContext each = AllocSetContextCreate(old, "fold",
											   ALLOCSET_DEFAULT_SIZES);
	int64		rows = 0;

	for (int fold = 1; fold <= intake->folds; fold++)
	{
		int			known = fold_start(intake, whole->n, fold);

		si_pulse();
		if (known < LEAST_KNOWN)
			continue;
		MemoryContextSwitchTo(each);
		run_fold(request, whole, fold, known, intake->horizon, row + rows);
		MemoryContextSwitchTo(old);
		MemoryContextReset(each);
		rows += intake->horizon;
	}
	return rows == 0 ? NULL :
		pack_rows(whole->kind != FORECAST_POSITIONS, rows, row);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_final);
Datum
sales_intel_forecast_backtest_final(PG_FUNCTION_ARGS)
{
	ForecastIntake *intake = forecast_intake_argument(fcinfo, 0);
	ForecastOptions *options = forecast_options(intake->options,
												intake->kind);
	ForecastSeries series;
	SiFitRequest request;
	SiForecast	whole;
	struct varlena *value;

	(void) si_aggregate_context(fcinfo);
	forecast_series_make(intake, options, &series);
	forecast_describe(&series, &whole);
	whole.nonnegative = options->nonnegative;
	request = forecast_request(options, &series);
	value = run_folds(&request, intake, &whole);
	if (value == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(value);
}

/* ----- Many series ----- */

typedef struct BacktestRows
{
	bool		timed;
	int64		count;
	int64		capacity;
	SiBacktestRow *row;
} BacktestRows;

static BacktestRows *
rows_argument(FunctionCallInfo fcinfo, int n)
{
	return PG_ARGISNULL(n) ? NULL : (BacktestRows *) PG_GETARG_POINTER(n);
}

static Datum
return_rows(FunctionCallInfo fcinfo, BacktestRows *rows)
{
	if (rows == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(rows);
}

static BacktestRows *
reserve_rows(BacktestRows *rows, bool timed, int64 more, MemoryContext context)
{
	int64		capacity;

	if (rows == NULL)
	{
		rows = MemoryContextAllocZero(context, sizeof(BacktestRows));
		rows->timed = timed;
	}
	if (rows->timed != timed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("backtests by time and by position cannot be joined"),
				 errdetail("Rows of the one have times, those of the other have none."),
				 errhint("Roll them up in groups of one kind.")));
	if (rows->count + more <= rows->capacity)
		return rows;
	capacity = Max(rows->capacity, 64);
	while (capacity < rows->count + more)
		capacity += capacity / 2;
	si_check_memory(context, capacity * sizeof(SiBacktestRow), WHAT, false);
	rows->row = rows->row == NULL ?
		MemoryContextAllocHuge(context, capacity * sizeof(SiBacktestRow)) :
		repalloc_huge(rows->row, capacity * sizeof(SiBacktestRow));
	rows->capacity = capacity;
	return rows;
}

static BacktestRows *
add_value(BacktestRows *rows, struct varlena *value, MemoryContext context)
{
	SiBacktest	backtest = open_value(value);

	rows = reserve_rows(rows, backtest.timed, backtest.rows, context);
	for (int64 i = 0; i < backtest.rows; i++)
	{
		si_pulse_every(i);
		rows->row[rows->count++] = si_backtest_row(&backtest, i);
	}
	return rows;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_rollup_trans);
Datum
sales_intel_forecast_backtest_rollup_trans(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	BacktestRows *rows = rows_argument(fcinfo, 0);

	if (!PG_ARGISNULL(1))
		rows = add_value(rows, PG_DETOAST_DATUM_PACKED(PG_GETARG_DATUM(1)),
						 context);
	return return_rows(fcinfo, rows);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_combine);
Datum
sales_intel_forecast_backtest_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = si_aggregate_context(fcinfo);
	BacktestRows *rows = rows_argument(fcinfo, 0);
	BacktestRows *from = rows_argument(fcinfo, 1);

	if (from == NULL)
		return return_rows(fcinfo, rows);
	rows = reserve_rows(rows, from->timed, from->count, context);
	memcpy(rows->row + rows->count, from->row,
		   from->count * sizeof(SiBacktestRow));
	rows->count += from->count;
	PG_RETURN_POINTER(rows);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_serial);
Datum
sales_intel_forecast_backtest_serial(PG_FUNCTION_ARGS)
{
	BacktestRows *rows = rows_argument(fcinfo, 0);

	(void) si_aggregate_context(fcinfo);
	si_check_serial(si_backtest_size(rows->count), WHAT);
	PG_RETURN_POINTER(pack_rows(rows->timed, rows->count, rows->row));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_deserial);
Datum
sales_intel_forecast_backtest_deserial(PG_FUNCTION_ARGS)
{
	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(add_value(NULL, PG_GETARG_BYTEA_PP(0),
								CurrentMemoryContext));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_rollup_final);
Datum
sales_intel_forecast_backtest_rollup_final(PG_FUNCTION_ARGS)
{
	BacktestRows *rows = rows_argument(fcinfo, 0);

	(void) si_aggregate_context(fcinfo);
	PG_RETURN_POINTER(pack_rows(rows->timed, rows->count, rows->row));
}

/* ----- Reading ----- */

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_errors);
Datum
sales_intel_forecast_backtest_errors(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiBacktest	backtest = backtest_argument(fcinfo, 0);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	for (int64 i = 0; i < backtest.rows; i++)
	{
		SiBacktestRow row = si_backtest_row(&backtest, i);
		Datum		values[7];
		bool		nulls[7] = {false};

		si_pulse_every(i);
		values[0] = Int32GetDatum(row.fold);
		values[1] = Int32GetDatum(row.step);
		values[2] = TimestampTzGetDatum(row.at);
		nulls[2] = !backtest.timed;
		values[3] = Float8GetDatum(row.actual);
		values[4] = Float8GetDatum(row.mean);
		values[5] = Float8GetDatum(row.lower);
		values[6] = Float8GetDatum(row.upper);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_backtest_summary);
Datum
sales_intel_forecast_backtest_summary(PG_FUNCTION_ARGS)
{
	SiBacktest	backtest;
	SiBacktestSummary is;
	Datum		values[8];
	bool		nulls[8] = {false};

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	backtest = backtest_argument(fcinfo, 0);
	is = si_backtest_summary(&backtest, si_pulse);
	si_value_number(values, nulls, 0, is.mase);
	si_value_number(values, nulls, 1, is.smape);
	si_value_number(values, nulls, 2, is.wape);
	si_value_number(values, nulls, 3, is.bias);
	si_value_number(values, nulls, 4, is.coverage);
	si_value_number(values, nulls, 5, is.baseline_wape);
	si_value_number(values, nulls, 6, is.skill);
	values[7] = Int64GetDatum(is.folds);
	return si_value_row(fcinfo, values, nulls);
}
