/*
 * test_backtest.c
 *
 * Forecasts beside what came: the summary by hand, the order of rows, damaged
 * and forged bytes.
 */
#include "tap.h"

#include <math.h>
#include <stdlib.h>

#include "codec_fuzz.h"
#include "core/forecast/si_backtest.h"

static void
no_pulse(void)
{
}

/* fold, step, at, actual, mean, lower, upper, baseline, scale */
static const SiBacktestRow sample[] = {
	{2, 1, 30, 100, 110, 90, 120, 130, 10},
	{1, 2, 20, 50, 40, 45, 60, 70, 0},
	{1, 1, 10, -20, -15, -30, -18, 0, 5},
	{2, 2, 40, 30, 30, 30, 30, 30, 10}
};

static uint8_t *
encode(int n, const SiBacktestRow *rows, bool timed, double level,
	   size_t *size)
{
	SiKeyed    *order = malloc(2 * n * sizeof(SiKeyed));
	uint8_t    *bytes;

	si_backtest_order(n, rows, order, order + n, no_pulse);
	*size = si_backtest_size(n);
	bytes = malloc(*size);
	si_backtest_encode(timed, level, n, rows, order, bytes, no_pulse);
	free(order);
	return bytes;
}

static bool
recode(const uint8_t *bytes, size_t size, bool *same)
{
	SiBacktest	is;
	SiBacktestRow *row;
	uint8_t    *again;
	size_t		length;
	int64_t		i;

	if (si_backtest_open(bytes, size, &is, no_pulse) != SI_OK)
		return false;
	(void) si_backtest_summary(&is, no_pulse);
	row = malloc(is.rows * sizeof(SiBacktestRow));
	for (i = 0; i < is.rows; i++)
		row[i] = si_backtest_row(&is, i);
	again = encode(is.rows, row, is.timed, is.level, &length);
	*same = length == size && memcmp(again, bytes, size) == 0;
	free(row);
	free(again);
	return true;
}

static void
test_summary(void)
{
	size_t		size;
	uint8_t    *bytes = encode(4, sample, true, 0.8, &size);
	SiBacktest	backtest;
	SiBacktestSummary is;

	ok(si_backtest_open(bytes, size, &backtest, no_pulse) == SI_OK &&
	   backtest.rows == 4 && backtest.timed, "four rows");
	ok(si_backtest_row(&backtest, 0).at == 10 &&
	   si_backtest_row(&backtest, 3).at == 40, "by fold and step");
	is = si_backtest_summary(&backtest, no_pulse);
	is_close(is.wape, 100.0 * 25.0 / 200.0, 1e-15, "wape");
	is_close(is.bias, 100.0 * 5.0 / 200.0, 1e-15, "bias");
	is_close(is.mase, (10.0 / 10 + 5.0 / 5 + 0) / 3, 1e-15,
			 "mase, but for rows whose past never moved");
	is_close(is.smape, 25.0 * (10.0 / 105 + 10.0 / 45 + 5.0 / 17.5), 1e-14,
			 "smape");
	is_close(is.coverage, 1.0, 1e-15, "bounds count as within");
	is_close(is.baseline_wape, 100.0 * 70.0 / 200.0, 1e-15, "baseline");
	is_close(is.skill, 1.0 - 25.0 / 70.0, 1e-15, "skill");
	ok(is.folds == 2, "two folds");
	fuzz_codec("a backtest", bytes, size, recode);
	free(bytes);
}

/* Two rows that differ in their last number only, either way. */
static void
test_order(void)
{
	SiBacktestRow row[2];
	uint8_t    *bytes[2];
	size_t		size;
	int			i;

	for (i = 0; i < 2; i++)
	{
		row[i] = row[1 - i] = sample[0];
		row[i].scale = 7;
		bytes[i] = encode(2, row, true, 0.8, &size);
	}
	ok(memcmp(bytes[0], bytes[1], size) == 0, "the order of rows leaves no trace");
	free(bytes[0]);
	free(bytes[1]);
}

/* Nothing can divide: unknown, not a number. */
static void
test_nothing(void)
{
	const SiBacktestRow zero = {1, 1, 0, 0, 0, 0, 0, 0, 0};
	const SiBacktestRow far = {1, 1, 0, 1e300, 0, 0, 0, 0, 5e-324};
	size_t		size;
	uint8_t    *bytes = encode(1, &zero, false, 0.8, &size);
	SiBacktest	backtest;
	SiBacktestSummary is;

	(void) si_backtest_open(bytes, size, &backtest, no_pulse);
	is = si_backtest_summary(&backtest, no_pulse);
	ok(isnan(is.wape) && isnan(is.bias) && isnan(is.mase) && isnan(is.skill),
	   "zeros have no percentages");
	ok(is.smape == 0.0 && is.coverage == 1.0 && is.folds == 1,
	   "but are forecast rightly");
	free(bytes);
	bytes = encode(1, &far, false, 0.8, &size);
	(void) si_backtest_open(bytes, size, &backtest, no_pulse);
	is = si_backtest_summary(&backtest, no_pulse);
	ok(isnan(is.mase) && is.wape == 100.0, "nor is an infinite mase one");
	free(bytes);
}

int
main(void)
{
	test_summary();
	test_order();
	test_nothing();
	return done_testing();
}
