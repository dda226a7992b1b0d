/*
 * forecast_predict.c
 *	  Forecasts of a model, with intervals.
 */
#include "postgres.h"

#include <math.h>

#include "funcapi.h"

#include "core/forecast/si_ensemble.h"
#include "core/forecast/si_fit.h"
#include "forecast/forecast_conformal.h"
#include "forecast/forecast_model.h"
#include "forecast/forecast_predict.h"
#include "pg/si_aggregate.h"
#include "pg/si_pulse.h"

#define DEFAULT_LEVEL	0.8

void
forecast_continue(const SiForecast *forecast, int horizon, double *mean,
				  double *deviation)
{
	SiWork		work;

	work.left = si_ensemble_forecast_room(forecast->member, forecast->members,
										  horizon);
	work.next = MemoryContextAllocHuge(CurrentMemoryContext,
									   (work.left + 1) * sizeof(double));
	si_ensemble_forecast(forecast->member, forecast->members, horizon, mean,
						 deviation, &work, si_pulse);
	for (int step = 0; step < horizon; step++)
	{
		double		expected = si_fit_deviation(forecast->member,
												deviation[step], step);

		mean[step] = ldexp(mean[step], forecast->exponent);
		deviation[step] = ldexp(expected, forecast->exponent);
		if (forecast->nonnegative && mean[step] < 0.0)
			mean[step] = 0.0;
	}
}

double
forecast_lower(const SiForecast *forecast, double mean, double half)
{
	double		lower = mean - half;

	return forecast->nonnegative && lower < 0.0 ? 0.0 : lower;
}

static int32
horizon_argument(FunctionCallInfo fcinfo, int n)
{
	int32		horizon = PG_GETARG_INT32(n);

	if (horizon < 1 || horizon > FORECAST_MAX_HORIZON)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("horizon must be from 1 to %d", FORECAST_MAX_HORIZON),
				 errdetail("It is %d.", horizon),
				 errhint("It is the number of periods after the last one of the series.")));
	return horizon;
}

/* Deviations on each side; that of the pool, where it has errors. */
static double
reach(const SiConformal *conformal, int64 step, double level, double own)
{
	double		pooled = conformal == NULL ? NAN :
		si_conformal_reach(conformal, step, level);

	return isnan(pooled) ? own : pooled;
}

static Datum
predict(FunctionCallInfo fcinfo, double level, const SiConformal *conformal)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	SiForecast *forecast = forecast_argument(fcinfo, 0);
	int32		horizon = horizon_argument(fcinfo, 1);
	ForecastClock clock = forecast_clock(forecast);
	double	   *mean = palloc(horizon * sizeof(double));
	double	   *deviation = palloc(horizon * sizeof(double));
	double		own = si_fit_reach(forecast, level);

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	if (forecast->n == 0)
		return (Datum) 0;
	forecast_continue(forecast, horizon, mean, deviation);
	for (int32 step = 0; step < horizon; step++)
	{
		double		half = deviation[step] * reach(conformal, step, level, own);
		Datum		values[5];
		bool		nulls[5] = {false};

		si_pulse_every(step);
		values[0] = Int32GetDatum(step + 1);
		forecast_clock_at(&clock, (int64) forecast->n + step, values, nulls, 1);
		forecast_set_number(values, nulls, 2, mean[step]);
		forecast_set_number(values, nulls, 3,
							forecast_lower(forecast, mean[step], half));
		forecast_set_number(values, nulls, 4, mean[step] + half);
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_predict);
Datum
sales_intel_forecast_predict(PG_FUNCTION_ARGS)
{
	return predict(fcinfo, PG_NARGS() > 2 ? si_level_argument(fcinfo, 2) :
				   DEFAULT_LEVEL, NULL);
}

PG_FUNCTION_INFO_V1(sales_intel_forecast_predict_conformal);
Datum
sales_intel_forecast_predict_conformal(PG_FUNCTION_ARGS)
{
	SiConformal conformal = forecast_conformal_argument(fcinfo, 3);

	return predict(fcinfo, si_level_argument(fcinfo, 2), &conformal);
}
