/*
 * forecast_intake.h
 *	  Rows on their way to a series: the state behind forecast_agg and
 *	  backtest_agg.
 */
#ifndef FORECAST_INTAKE_H
#define FORECAST_INTAKE_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/jsonb.h"

#include "core/stats/si_sort.h"

typedef enum ForecastKind
{
	FORECAST_TIMES,				/* timestamptz */
	FORECAST_DATES,
	FORECAST_POSITIONS			/* bigint */
} ForecastKind;

typedef struct ForecastIntake
{
	ForecastKind kind;
	int32		horizon;		/* of a backtest, else 0 */
	int32		folds;
	Jsonb	   *options;		/* NULL: none */
	int64		skipped;		/* rows whose value or time is not finite */
	int64		count;
	int64		capacity;
	SiKeyed    *row;			/* key: time, in unsigned order; item: value */
} ForecastIntake;

#define FORECAST_TIME_SIGN		(UINT64CONST(1) << 63)
#define FORECAST_MAX_POSITION	(INT64CONST(1) << 60)
#define FORECAST_MAX_VALUE		1e300

static inline bool
forecast_is_position(int64 number)
{
	return number >= -FORECAST_MAX_POSITION && number <= FORECAST_MAX_POSITION;
}

/*
 * The state in argument 0 with the row in arguments 1 and 2: at, value; made if
 * there is none yet, from the arguments that configure.
 */
extern ForecastIntake *forecast_intake_add(FunctionCallInfo fcinfo,
										   ForecastKind kind, bool backtest);

extern ForecastIntake *forecast_intake_argument(FunctionCallInfo fcinfo,
												int n);

#endif							/* FORECAST_INTAKE_H */
