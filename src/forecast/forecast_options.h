/*
 * forecast_options.h
 *	  What a forecast may set.
 */
#ifndef FORECAST_OPTIONS_H
#define FORECAST_OPTIONS_H

#include "postgres.h"

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "core/forecast/series/si_calendar.h"
#include "core/forecast/series/si_grid.h"
#include "forecast/forecast_intake.h"
#include "pg/si_compat.h"

typedef enum ForecastProfile
{
	FORECAST_FULL,
	FORECAST_FAST
} ForecastProfile;

/* Choices of "method"; those of one kernel come after the three of none. */
typedef enum ForecastWanted
{
	FORECAST_AUTO,
	FORECAST_ENSEMBLE,
	FORECAST_FIRST_METHOD
} ForecastWanted;

typedef struct ForecastOptions
{
	int			every;			/* SiUnit; NONE: inferred */
	List	   *season;			/* NIL: inferred */
	int			method;
	int			profile;
	int			missing;
	int			duplicates;
	char	   *from;
	char	   *until;
	char	   *time_zone;
	bool		nonnegative;
	char	   *ets;
	List	   *order;
	int			window;
} ForecastOptions;

/* The options of a call, checked; jsonb may be NULL. */
extern ForecastOptions *forecast_options(Jsonb *jsonb, ForecastKind kind);

/* The error for a value of an option; detail and hint are sentences. */
pg_noreturn extern void forecast_reject_option(const char *name,
											   const char *detail,
											   const char *hint);

#endif							/* FORECAST_OPTIONS_H */
