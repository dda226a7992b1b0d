/*
 * si_forecast_error.c
 *	  How far forecasts were from what came: errors of points and of intervals.
 *
 * Method: with e = predicted - actual, over n rows,
 *
 *	  WAPE = 100 sum|e| / sum|actual|	  bias = 100 sum e / sum|actual|
 *	  MAPE = 100 mean(|e| / |actual|)	  MAE = mean|e|, RMSE = sqrt(mean e^2)
 *	  sMAPE = 200 mean(|e| / (|actual| + |predicted|))
 *	  MASE = MAE / scale
 *	  interval score = mean(upper - lower + 2 / (1 - level) * miss)
 *
 * where miss is how far the actual value lies outside.  Denominators are
 * sizes, so that the sign of a result is that of predicted - actual whatever
 * the sign of the values.
 *
 * Special cases: a denominator of 0 leaves a measure undefined, NaN; so does,
 * for MAPE, one row whose actual value is 0 or so near that the ratio passes
 * LARGEST_RATIO.  Of sMAPE a row of two zeroes is no error.  No rows: NaN.
 * Values must be at most 1e140 in size, so that squares are finite; squares of
 * errors below 1e-154 lose digits.
 *
 * Accuracy: sums are compensated and equal for any order and split
 * (si_sum.h), in moving windows too (si_moving_sum.h).
 *
 * Reference: Hyndman and Koehler, "Another look at measures of forecast
 * accuracy", Int. J. Forecasting 22 (2006), 679-688; Kolassa and Schuetz,
 * "Advantages of the MAD/mean ratio over the MAPE", Foresight 6 (2007), 40-43
 * (WAPE); Makridakis and Hibon, "The M3-Competition", Int. J. Forecasting 16
 * (2000), 451-476 (sMAPE); Gneiting and Raftery, "Strictly proper scoring
 * rules, prediction, and estimation", JASA 102 (2007), 359-378, section 6.2.
 */
#include <math.h>

#include "core/forecast/si_forecast_error.h"

/* A sum of 2^52 such ratios is finite. */
#define LARGEST_RATIO	1e290

/* ----- Single rows ----- */

double
si_percent_error(double actual, double predicted, SiPercentOf of)
{
	double		error = predicted - actual;
	double		size = of == SI_PERCENT_OF_ACTUAL ? fabs(actual) :
		of == SI_PERCENT_OF_PREDICTED ? fabs(predicted) :
		(fabs(actual) + fabs(predicted)) / 2.0;

	if (of == SI_PERCENT_OF_MEAN && error == 0.0)
		return 0.0;
	if (!(fabs(error) / size <= LARGEST_RATIO))
		return NAN;
	return 100.0 * error / size;
}

bool
si_forecast_hit(double actual, double predicted, double tolerance)
{
	double		slack = SI_BAND_EDGE * (fabs(actual) + fabs(predicted));

	return 100.0 * fabs(predicted - actual) <=
		tolerance * fabs(actual) + 100.0 * slack;
}

/* ----- Rows that come and go ----- */

/* Adds a row, or with sign -1 takes it away. */
static void
errors_step(SiForecastErrors *errors, double actual, double predicted,
			double sign)
{
	double		error = predicted - actual;
	double		size = fabs(error);
	double		both = fabs(actual) + fabs(predicted);
	double		ratio = size / fabs(actual);

	errors->rows += sign;
	si_moving_sum_add(&errors->error, sign * error);
	si_moving_sum_add(&errors->absolute, sign * size);
	si_moving_sum_add(&errors->squared, sign * (error * error));
	si_moving_sum_add(&errors->actual, sign * fabs(actual));
	if (ratio <= LARGEST_RATIO)
		si_moving_sum_add(&errors->of_actual, sign * ratio);
	else
		errors->undefined += sign;
	if (both > 0.0)
		si_moving_sum_add(&errors->of_both, sign * (size / both));
}

void
si_forecast_errors_add(SiForecastErrors *errors, double actual,
					   double predicted)
{
	errors_step(errors, actual, predicted, 1.0);
}

bool
si_forecast_errors_remove(SiForecastErrors *errors, double actual,
						  double predicted)
{
	const SiForecastErrors empty = {0};

	errors_step(errors, actual, predicted, -1.0);
	if (errors->rows == 0.0)
		*errors = empty;
	return si_moving_sum_settled(&errors->error) &&
		si_moving_sum_settled(&errors->absolute) &&
		si_moving_sum_settled(&errors->squared) &&
		si_moving_sum_settled(&errors->actual) &&
		si_moving_sum_settled(&errors->of_actual) &&
		si_moving_sum_settled(&errors->of_both);
}

void
si_forecast_hits_add(SiForecastHits *hits, bool hit)
{
	hits->rows += 1.0;
	hits->hits += hit ? 1.0 : 0.0;
}

bool
si_forecast_hits_remove(SiForecastHits *hits, bool hit)
{
	const SiForecastHits empty = {0};

	hits->rows -= 1.0;
	hits->hits -= hit ? 1.0 : 0.0;
	if (hits->rows == 0.0)
		*hits = empty;
	return si_moving_sum_settled(&hits->width) &&
		si_moving_sum_settled(&hits->miss);
}

/* How far a value is from an interval. */
static double
miss_of(double actual, double lower, double upper)
{
	return actual < lower ? lower - actual :
		actual > upper ? actual - upper : 0.0;
}

void
si_forecast_interval_add(SiForecastHits *hits, double actual, double lower,
						 double upper)
{
	double		miss = miss_of(actual, lower, upper);

	si_moving_sum_add(&hits->width, upper - lower);
	si_moving_sum_add(&hits->miss, miss);
	si_forecast_hits_add(hits, miss == 0.0);
}

bool
si_forecast_interval_remove(SiForecastHits *hits, double actual, double lower,
							double upper)
{
	double		miss = miss_of(actual, lower, upper);

	si_moving_sum_add(&hits->width, -(upper - lower));
	si_moving_sum_add(&hits->miss, -miss);
	return si_forecast_hits_remove(hits, miss == 0.0);
}

/* ----- Parts ----- */

void
si_forecast_errors_merge(SiForecastErrors *into, const SiForecastErrors *from)
{
	into->rows += from->rows;
	into->undefined += from->undefined;
	si_moving_sum_merge(&into->error, &from->error);
	si_moving_sum_merge(&into->absolute, &from->absolute);
	si_moving_sum_merge(&into->squared, &from->squared);
	si_moving_sum_merge(&into->actual, &from->actual);
	si_moving_sum_merge(&into->of_actual, &from->of_actual);
	si_moving_sum_merge(&into->of_both, &from->of_both);
}

void
si_forecast_hits_merge(SiForecastHits *into, const SiForecastHits *from)
{
	into->rows += from->rows;
	into->hits += from->hits;
	si_moving_sum_merge(&into->width, &from->width);
	si_moving_sum_merge(&into->miss, &from->miss);
}

/* ----- Measures ----- */

/* a / b, NaN where b cannot divide: never an infinity. */
static double
ratio_of(double a, double b)
{
	double		ratio = a / b;

	return isfinite(ratio) ? ratio : NAN;
}

double
si_forecast_wape(const SiForecastErrors *errors)
{
	return ratio_of(100.0 * si_moving_sum_value(&errors->absolute),
					si_moving_sum_value(&errors->actual));
}

double
si_forecast_bias(const SiForecastErrors *errors)
{
	return ratio_of(100.0 * si_moving_sum_value(&errors->error),
					si_moving_sum_value(&errors->actual));
}

double
si_forecast_mape(const SiForecastErrors *errors)
{
	if (errors->undefined > 0.0)
		return NAN;
	return ratio_of(100.0 * si_moving_sum_value(&errors->of_actual),
					errors->rows);
}

double
si_forecast_smape(const SiForecastErrors *errors)
{
	return ratio_of(200.0 * si_moving_sum_value(&errors->of_both),
					errors->rows);
}

double
si_forecast_mae(const SiForecastErrors *errors)
{
	return ratio_of(si_moving_sum_value(&errors->absolute), errors->rows);
}

double
si_forecast_rmse(const SiForecastErrors *errors)
{
	return sqrt(ratio_of(si_moving_sum_value(&errors->squared),
						 errors->rows));
}

double
si_forecast_mase(const SiForecastErrors *errors)
{
	return ratio_of(si_forecast_mae(errors), errors->scale);
}

double
si_forecast_share(const SiForecastHits *hits)
{
	return ratio_of(hits->hits, hits->rows);
}

double
si_interval_score(const SiForecastHits *hits)
{
	double		penalty = 2.0 / (1.0 - hits->setting);

	return ratio_of(si_moving_sum_value(&hits->width) +
					penalty * si_moving_sum_value(&hits->miss), hits->rows);
}
