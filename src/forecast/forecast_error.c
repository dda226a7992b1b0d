/*
 * forecast_error.c
 *	  Errors of forecasts: wape, mape, smape, forecast_bias, mae, rmse, mase,
 *	  hit_rate, interval_coverage, interval_score, percent_error.
 *
 * A state is a structure of sums (core/forecast/si_forecast_error.h) in a
 * float8[].  The measures of (actual, predicted) have one and the same, so that
 * the server adds up the rows once for all of them in a SELECT.  All work as
 * moving windows: an inverse returns NULL where rounding would show, and the
 * server starts the window afresh.
 *
 * The support functions are strict: a row with a NULL does not reach them.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "core/forecast/si_forecast_error.h"
#include "pg/si_aggregate.h"

#define SKIPPED		"the row is skipped"
#define UNKNOWN		"the result is NULL"

/* ----- Arguments ----- */

/*
 * The state in an argument: size bytes of doubles.  The argument is from then
 * on the array that has them, to be returned when they are changed in place.
 */
static void *
state_arg(FunctionCallInfo fcinfo, int n, Size size)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(n);
	int			items = size / sizeof(float8);

	(void) si_aggregate_context(fcinfo);
	if (ARR_NDIM(array) != 1 || ARR_DIMS(array)[0] != items ||
		ARR_HASNULL(array) || ARR_ELEMTYPE(array) != FLOAT8OID)
		elog(ERROR, "state is not a float8 array of %d elements", items);
	fcinfo->args[n].value = PointerGetDatum(array);
	return ARR_DATA_PTR(array);
}

static SiForecastErrors *
errors_arg(FunctionCallInfo fcinfo, int n)
{
	return (SiForecastErrors *) state_arg(fcinfo, n, sizeof(SiForecastErrors));
}

static SiForecastHits *
hits_arg(FunctionCallInfo fcinfo, int n)
{
	return (SiForecastHits *) state_arg(fcinfo, n, sizeof(SiForecastHits));
}

/* What configures a measure, from 0 up. */
static double
setting_arg(FunctionCallInfo fcinfo, int n, const char *name,
			const char *meaning)
{
	double		setting = si_number_argument(fcinfo, n, name, SKIPPED);

	if (setting < 0.0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s is negative", name),
				 errdetail("It must be 0 or more."),
				 errhint("%s", meaning)));
	return setting;
}

static double
tolerance_arg(FunctionCallInfo fcinfo, int n)
{
	return setting_arg(fcinfo, n, "tolerance",
					   "It is in percent of the actual value: write 10 for 10 percent.");
}

static double
scale_arg(FunctionCallInfo fcinfo, int n)
{
	return setting_arg(fcinfo, n, "scale",
					   "It is the mean absolute error of a naive forecast in the past of the series.");
}

/* Keeps the setting of the first row; an error if a later one differs. */
static void
keep_setting(double *kept, double rows, double setting)
{
	if (rows == 0.0)
		*kept = setting;
	else if (*kept != setting)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("settings differ between the rows of one aggregate"),
				 errdetail("Tolerance, scale and level are read from the first row and must be the same in every row."),
				 errhint("Pass a constant, or GROUP BY what it depends on.")));
}

static double
actual_arg(FunctionCallInfo fcinfo)
{
	return si_number_argument(fcinfo, 1, "actual value", SKIPPED);
}

static double
predicted_arg(FunctionCallInfo fcinfo)
{
	return si_number_argument(fcinfo, 2, "predicted value", SKIPPED);
}

/* NaN, which stands for "not defined", becomes NULL. */
static Datum
return_measure(FunctionCallInfo fcinfo, double measure)
{
	if (isnan(measure))
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(measure);
}

/* The state, changed in place; NULL if it must be summed up again. */
static Datum
return_state(FunctionCallInfo fcinfo, bool settled)
{
	if (!settled)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

/* ----- Points: wape, mape, smape, forecast_bias, mae, rmse, mase ----- */

PG_FUNCTION_INFO_V1(sales_intel_forecast_error_trans);
Datum
sales_intel_forecast_error_trans(PG_FUNCTION_ARGS)
{
	SiForecastErrors *errors = errors_arg(fcinfo, 0);

	si_forecast_errors_add(errors, actual_arg(fcinfo), predicted_arg(fcinfo));
	return return_state(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_scaled_trans);
Datum
sales_intel_forecast_scaled_trans(PG_FUNCTION_ARGS)
{
	SiForecastErrors *errors = errors_arg(fcinfo, 0);

	keep_setting(&errors->scale, errors->rows, scale_arg(fcinfo, 3));
	return sales_intel_forecast_error_trans(fcinfo);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_error_inverse);
Datum
sales_intel_forecast_error_inverse(PG_FUNCTION_ARGS)
{
	return return_state(fcinfo,
						si_forecast_errors_remove(errors_arg(fcinfo, 0),
												  PG_GETARG_FLOAT8(1),
												  PG_GETARG_FLOAT8(2)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_error_combine);
Datum
sales_intel_forecast_error_combine(PG_FUNCTION_ARGS)
{
	SiForecastErrors *into = errors_arg(fcinfo, 0);
	const SiForecastErrors *from = errors_arg(fcinfo, 1);

	if (from->rows > 0.0)
	{
		keep_setting(&into->scale, into->rows, from->scale);
		si_forecast_errors_merge(into, from);
	}
	return return_state(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_wape_final);
Datum
sales_intel_forecast_wape_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_wape(errors_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_mape_final);
Datum
sales_intel_forecast_mape_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_mape(errors_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_smape_final);
Datum
sales_intel_forecast_smape_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_smape(errors_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_bias_final);
Datum
sales_intel_forecast_bias_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_bias(errors_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_mae_final);
Datum
sales_intel_forecast_mae_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_mae(errors_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_rmse_final);
Datum
sales_intel_forecast_rmse_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_rmse(errors_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_mase_final);
Datum
sales_intel_forecast_mase_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_mase(errors_arg(fcinfo, 0)));
}

/* ----- Hits: hit_rate, interval_coverage, interval_score ----- */

PG_FUNCTION_INFO_V1(sales_intel_forecast_hit_trans);
Datum
sales_intel_forecast_hit_trans(PG_FUNCTION_ARGS)
{
	SiForecastHits *hits = hits_arg(fcinfo, 0);
	double		tolerance = tolerance_arg(fcinfo, 3);

	keep_setting(&hits->setting, hits->rows, tolerance);
	si_forecast_hits_add(hits, si_forecast_hit(actual_arg(fcinfo),
											   predicted_arg(fcinfo),
											   tolerance));
	return return_state(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_hit_inverse);
Datum
sales_intel_forecast_hit_inverse(PG_FUNCTION_ARGS)
{
	bool		hit = si_forecast_hit(PG_GETARG_FLOAT8(1), PG_GETARG_FLOAT8(2),
									  PG_GETARG_FLOAT8(3));

	return return_state(fcinfo,
						si_forecast_hits_remove(hits_arg(fcinfo, 0), hit));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_interval_trans);
Datum
sales_intel_forecast_interval_trans(PG_FUNCTION_ARGS)
{
	SiForecastHits *hits = hits_arg(fcinfo, 0);
	double		actual = actual_arg(fcinfo);
	double		lower = si_number_argument(fcinfo, 2, "lower bound", SKIPPED);
	double		upper = si_number_argument(fcinfo, 3, "upper bound", SKIPPED);

	if (lower > upper)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("lower bound is above the upper bound"),
				 errdetail("The arguments are the actual value, the lower and the upper bound of its interval."),
				 errhint("Order the bounds with LEAST and GREATEST, or use NULL for one that is not known; %s.", SKIPPED)));
	si_forecast_interval_add(hits, actual, lower, upper);
	return return_state(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_interval_score_trans);
Datum
sales_intel_forecast_interval_score_trans(PG_FUNCTION_ARGS)
{
	SiForecastHits *hits = hits_arg(fcinfo, 0);

	keep_setting(&hits->setting, hits->rows, si_level_argument(fcinfo, 4));
	return sales_intel_forecast_interval_trans(fcinfo);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_interval_inverse);
Datum
sales_intel_forecast_interval_inverse(PG_FUNCTION_ARGS)
{
	return return_state(fcinfo,
						si_forecast_interval_remove(hits_arg(fcinfo, 0),
													PG_GETARG_FLOAT8(1),
													PG_GETARG_FLOAT8(2),
													PG_GETARG_FLOAT8(3)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_hits_combine);
Datum
sales_intel_forecast_hits_combine(PG_FUNCTION_ARGS)
{
	SiForecastHits *into = hits_arg(fcinfo, 0);
	const SiForecastHits *from = hits_arg(fcinfo, 1);

	if (from->rows > 0.0)
	{
		keep_setting(&into->setting, into->rows, from->setting);
		si_forecast_hits_merge(into, from);
	}
	return return_state(fcinfo, true);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_share_final);
Datum
sales_intel_forecast_share_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_forecast_share(hits_arg(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_interval_score_final);
Datum
sales_intel_forecast_interval_score_final(PG_FUNCTION_ARGS)
{
	return return_measure(fcinfo, si_interval_score(hits_arg(fcinfo, 0)));
}

/* ----- One forecast ----- */

/* What percent_error can be a percentage of. */
static SiPercentOf
denominator_arg(FunctionCallInfo fcinfo, int n)
{
	static const struct
	{
		const char *name;
		SiPercentOf of;
	}			known[] = {
		{"actual", SI_PERCENT_OF_ACTUAL},
		{"predicted", SI_PERCENT_OF_PREDICTED},
		{"forecast", SI_PERCENT_OF_PREDICTED},
		{"mean", SI_PERCENT_OF_MEAN}
	};
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(n));

	for (size_t i = 0; i < lengthof(known); i++)
	{
		if (strcmp(name, known[i].name) == 0)
			return known[i].of;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown denominator \"%s\" of percent_error", name),
			 errdetail("It is one of: actual, predicted, forecast (the same), mean (of both sizes)."),
			 errhint("Leave it out for the error in percent of the actual value.")));
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_percent_error);
Datum
sales_intel_forecast_percent_error(PG_FUNCTION_ARGS)
{
	double		actual = si_number_argument(fcinfo, 0, "actual value", UNKNOWN);
	double		predicted = si_number_argument(fcinfo, 1, "predicted value",
											   UNKNOWN);

	return return_measure(fcinfo,
						  si_percent_error(actual, predicted,
										   denominator_arg(fcinfo, 2)));
}
