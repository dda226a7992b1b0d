/*
 * si_backtest.c
 *	  Forecasts from origins in the past, beside what came.
 *
 * Layout, little-endian: magic u32, version u16, flags u16 (1: timed), level
 * f64, rows u64, each fold u32, step u32, at i64 and six f64; hash u64 of all
 * bytes before.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/si_backtest.h"
#include "core/forecast/si_forecast_error.h"
#include "core/si_hash.h"

#define MAGIC			UINT32_C(0x54424953)	/* "SIBT" */
#define HASH_SIZE		sizeof(uint64_t)
#define HEAD_SIZE		24
#define ROW_SIZE		64
#define IS_TIMED		1
#define BLOCK_ROWS		8192	/* between pulses */

/* Rows are ordered by these keys, the first one first. */
#define KEYS	8

static uint64_t
key_of(const SiBacktestRow *row, int key)
{
	const double *number = &row->actual;

	if (key == 0)
		return (uint64_t) row->fold << 32 | (uint32_t) row->step;
	if (key == 1)
		return (uint64_t) row->at ^ UINT64_C(1) << 63;
	return si_sort_key(number[key - 2]);
}

/* Each sort is stable, and can be cancelled, as qsort cannot. */
void
si_backtest_order(int64_t rows, const SiBacktestRow *row, SiKeyed *order,
				  SiKeyed *scratch, SiPulse pulse)
{
	int64_t		i;
	int			key;

	for (i = 0; i < rows; i++)
		order[i].item = (uint64_t) i;
	for (key = KEYS - 1; key >= 0; key--)
	{
		for (i = 0; i < rows; i++)
		{
			if (i % BLOCK_ROWS == 0)
				pulse();
			order[i].key = key_of(&row[order[i].item], key);
		}
		si_sort_keyed(rows, order, scratch, pulse);
	}
}

static bool
is_after(const SiBacktestRow *a, const SiBacktestRow *b)
{
	int			key = 0;

	while (key < KEYS - 1 && key_of(a, key) == key_of(b, key))
		key++;
	return key_of(a, key) > key_of(b, key);
}

size_t
si_backtest_size(int64_t rows)
{
	return HEAD_SIZE + (size_t) rows * ROW_SIZE + HASH_SIZE;
}

static void
write_row(SiWriter *out, const SiBacktestRow *row)
{
	si_write_u32(out, (uint32_t) row->fold);
	si_write_u32(out, (uint32_t) row->step);
	si_write_i64(out, row->at);
	si_write_f64(out, row->actual);
	si_write_f64(out, row->mean);
	si_write_f64(out, row->lower);
	si_write_f64(out, row->upper);
	si_write_f64(out, row->baseline);
	si_write_f64(out, row->scale);
}

void
si_backtest_encode(bool timed, double level, int64_t rows,
				   const SiBacktestRow *row, const SiKeyed *order,
				   uint8_t *out, SiPulse pulse)
{
	SiWriter	writer = {out, 0};
	int64_t		i;

	si_write_u32(&writer, MAGIC);
	si_write_u16(&writer, SI_BACKTEST_VERSION);
	si_write_u16(&writer, timed ? IS_TIMED : 0);
	si_write_f64(&writer, level);
	si_write_u64(&writer, (uint64_t) rows);
	for (i = 0; i < rows; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		write_row(&writer, &row[order[i].item]);
	}
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

SiBacktestRow
si_backtest_row(const SiBacktest *backtest, int64_t i)
{
	SiReader	in = si_reader(backtest->row + i * ROW_SIZE, ROW_SIZE);
	SiBacktestRow row;

	row.fold = (int32_t) si_read_u32(&in);
	row.step = (int32_t) si_read_u32(&in);
	row.at = si_read_i64(&in);
	row.actual = si_read_f64(&in);
	row.mean = si_read_f64(&in);
	row.lower = si_read_f64(&in);
	row.upper = si_read_f64(&in);
	row.baseline = si_read_f64(&in);
	row.scale = si_read_f64(&in);
	return row;
}

static bool
is_row(const SiBacktestRow *row)
{
	return row->fold >= 1 && row->fold <= SI_BACKTEST_FOLDS &&
		row->step >= 1 && row->step <= SI_BACKTEST_STEPS &&
		isfinite(row->actual) && isfinite(row->mean) &&
		isfinite(row->lower) && isfinite(row->upper) &&
		isfinite(row->baseline) && isfinite(row->scale) &&
		row->lower <= row->upper && row->scale >= 0.0;
}

/* Whether rows are ones that can be, in order. */
static bool
rows_ascend(const SiBacktest *backtest, SiPulse pulse)
{
	SiBacktestRow last;
	int64_t		i;

	for (i = 0; i < backtest->rows; i++)
	{
		SiBacktestRow row = si_backtest_row(backtest, i);

		if (i % BLOCK_ROWS == 0)
			pulse();
		if (!is_row(&row) || (!backtest->timed && row.at != 0) ||
			(i > 0 && is_after(&last, &row)))
			return false;
		last = row;
	}
	return true;
}

SiStatus
si_backtest_open(const void *bytes, size_t size, SiBacktest *backtest,
				 SiPulse pulse)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);
	uint16_t	flags;
	uint64_t	rows;

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
		return SI_CORRUPT;
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u16(&in) == SI_BACKTEST_VERSION);
	flags = si_read_u16(&in);
	backtest->timed = flags == IS_TIMED;
	backtest->level = si_read_f64(&in);
	rows = si_read_u64(&in);
	si_read_check(&in, flags <= IS_TIMED && backtest->level > 0.0 &&
				  backtest->level < 1.0 && rows >= 1 &&
				  in.left % ROW_SIZE == 0 && rows == in.left / ROW_SIZE);
	backtest->rows = (int64_t) rows;
	backtest->row = in.at;
	return !in.bad && rows_ascend(backtest, pulse) ? SI_OK : SI_CORRUPT;
}

/*
 * Scaled errors of rows whose past never moved are not counted; beyond all
 * numbers, as where it hardly moved, their mean is not known.
 */
static double
mean_scaled_error(double sum, int64_t rows)
{
	return rows > 0 && isfinite(sum) ? sum / (double) rows : NAN;
}

SiBacktestSummary
si_backtest_summary(const SiBacktest *backtest, SiPulse pulse)
{
	SiForecastErrors errors;
	SiForecastErrors baseline;
	SiForecastHits hits;
	SiBacktestSummary is;
	SiSum		scaled = {0.0, 0.0};
	int64_t		rows = 0;
	int64_t		i;

	memset(&errors, 0, sizeof(errors));
	memset(&baseline, 0, sizeof(baseline));
	memset(&hits, 0, sizeof(hits));
	hits.setting = backtest->level;
	for (i = 0; i < backtest->rows; i++)
	{
		SiBacktestRow row = si_backtest_row(backtest, i);

		if (i % BLOCK_ROWS == 0)
			pulse();
		si_forecast_errors_add(&errors, row.actual, row.mean);
		si_forecast_errors_add(&baseline, row.actual, row.baseline);
		si_forecast_interval_add(&hits, row.actual, row.lower, row.upper);
		if (row.scale > 0.0)
		{
			si_sum_add(&scaled, fabs(row.actual - row.mean) / row.scale);
			rows++;
		}
	}
	is.mase = mean_scaled_error(scaled.high, rows);
	is.smape = si_forecast_smape(&errors);
	is.wape = si_forecast_wape(&errors);
	is.bias = si_forecast_bias(&errors);
	is.coverage = si_forecast_share(&hits);
	is.baseline_wape = si_forecast_wape(&baseline);
	is.skill = is.baseline_wape > 0.0 ? 1.0 - is.wape / is.baseline_wape : NAN;
	is.folds = si_backtest_row(backtest, backtest->rows - 1).fold -
		si_backtest_row(backtest, 0).fold + 1;
	return is;
}
