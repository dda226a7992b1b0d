/*
 * si_forecast_error.h
 *	  How far forecasts were from what came: errors of points and of intervals.
 */
#ifndef SI_FORECAST_ERROR_H
#define SI_FORECAST_ERROR_H

#include "core/si_core.h"
#include "core/stats/si_moving_sum.h"

/* Of points; start from zeroes.  e = predicted - actual. */
typedef struct SiForecastErrors
{
	double		rows;
	double		undefined;		/* rows whose actual cannot divide */
	double		scale;			/* of the mean absolute scaled error */
	SiMovingSum error;			/* e */
	SiMovingSum absolute;		/* |e| */
	SiMovingSum squared;		/* e^2 */
	SiMovingSum actual;			/* |actual| */
	SiMovingSum of_actual;		/* |e| / |actual| */
	SiMovingSum of_both;		/* |e| / (|actual| + |predicted|) */
} SiForecastErrors;

/* Of what is hit or missed; start from zeroes. */
typedef struct SiForecastHits
{
	double		rows;
	double		hits;
	double		setting;		/* tolerance, or level of the interval */
	SiMovingSum width;			/* of intervals */
	SiMovingSum miss;			/* distance from the interval, 0 within */
} SiForecastHits;

typedef enum SiPercentOf
{
	SI_PERCENT_OF_ACTUAL,
	SI_PERCENT_OF_PREDICTED,
	SI_PERCENT_OF_MEAN			/* (|actual| + |predicted|) / 2 */
} SiPercentOf;

/* 100 e over the size of a denominator; NaN if that cannot divide. */
extern double si_percent_error(double actual, double predicted,
							   SiPercentOf of);

/* Within tolerance percent of the actual value? */
extern bool si_forecast_hit(double actual, double predicted,
							double tolerance);

extern void si_forecast_errors_add(SiForecastErrors *errors, double actual,
								   double predicted);
extern void si_forecast_hits_add(SiForecastHits *hits, bool hit);
extern void si_forecast_interval_add(SiForecastHits *hits, double actual,
									 double lower, double upper);

/*
 * Take away a row that was added; false if too little is left to be told from
 * rounding, and the rows must be summed up again.
 */
extern bool si_forecast_errors_remove(SiForecastErrors *errors,
									  double actual, double predicted);
extern bool si_forecast_hits_remove(SiForecastHits *hits, bool hit);
extern bool si_forecast_interval_remove(SiForecastHits *hits, double actual,
										double lower, double upper);

/* Adds sums of the same setting. */
extern void si_forecast_errors_merge(SiForecastErrors *into,
									 const SiForecastErrors *from);
extern void si_forecast_hits_merge(SiForecastHits *into,
								   const SiForecastHits *from);

/* The measures; NaN where they are not defined. */
extern double si_forecast_wape(const SiForecastErrors *errors);
extern double si_forecast_bias(const SiForecastErrors *errors);
extern double si_forecast_mape(const SiForecastErrors *errors);
extern double si_forecast_smape(const SiForecastErrors *errors);
extern double si_forecast_mae(const SiForecastErrors *errors);
extern double si_forecast_rmse(const SiForecastErrors *errors);
extern double si_forecast_mase(const SiForecastErrors *errors);
extern double si_forecast_share(const SiForecastHits *hits);
extern double si_interval_score(const SiForecastHits *hits);

#endif							/* SI_FORECAST_ERROR_H */
