/*
 * si_backtest.h
 *	  Forecasts from origins in the past, beside what came.
 *
 * Bytes are read where they lie.  Rows stand in an order that depends on
 * nothing but the rows, so that those of many series can be put together in any
 * order.
 */
#ifndef SI_BACKTEST_H
#define SI_BACKTEST_H

#include "core/si_bytes.h"
#include "core/stats/si_sort.h"

#define SI_BACKTEST_VERSION		1
#define SI_BACKTEST_FOLDS		1000000
#define SI_BACKTEST_STEPS		1000000

typedef struct SiBacktestRow
{
	int32_t		fold;			/* from 1, the one furthest back */
	int32_t		step;			/* from 1 */
	int64_t		at;				/* a time of the host's, or 0 */
	double		actual;
	double		mean;
	double		lower;
	double		upper;
	double		baseline;		/* mean of the three values before the origin */
	double		scale;			/* mean size of a naive step before it */
} SiBacktestRow;

typedef struct SiBacktest
{
	bool		timed;			/* at is a time */
	double		level;			/* of the intervals */
	int64_t		rows;
	const uint8_t *row;
} SiBacktest;

/* How good the forecasts were; NaN where that is not defined. */
typedef struct SiBacktestSummary
{
	double		mase;
	double		smape;
	double		wape;
	double		bias;
	double		coverage;
	double		baseline_wape;
	double		skill;			/* 1 - wape / baseline_wape */
	int64_t		folds;			/* from the first to the last that has rows */
} SiBacktestSummary;

/* Puts the numbers of rows in order, as items; both arrays have rows. */
extern void si_backtest_order(int64_t rows, const SiBacktestRow *row,
							  SiKeyed *order, SiKeyed *scratch,
							  SiPulse pulse);

/* The bytes of rows in that order; there is at least one. */
extern size_t si_backtest_size(int64_t rows);
extern void si_backtest_encode(bool timed, double level, int64_t rows,
							   const SiBacktestRow *row,
							   const SiKeyed *order, uint8_t *out,
							   SiPulse pulse);

extern SiStatus si_backtest_open(const void *bytes, size_t size,
								 SiBacktest *backtest, SiPulse pulse);

extern SiBacktestRow si_backtest_row(const SiBacktest *backtest, int64_t i);

extern SiBacktestSummary si_backtest_summary(const SiBacktest *backtest,
											 SiPulse pulse);

#endif							/* SI_BACKTEST_H */
