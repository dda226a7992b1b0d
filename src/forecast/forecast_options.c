/*
 * forecast_options.c
 *	  What a forecast may set.
 */
#include "postgres.h"

#include "core/forecast/si_methods.h"
#include "forecast/forecast_options.h"
#include "pg/si_options.h"

#define MAX_SEASON	10000
#define MAX_ORDER	8			/* of an ARIMA model */

static const char *const units[] = {
	"auto", "hour", "day", "week", "month", "quarter", "year", NULL
};

/* As ForecastProfile, SiMissing and SiDuplicates. */
static const char *const profiles[] = {"full", "fast", NULL};
static const char *const missing[] = {"interpolate", "zero", "error", NULL};
static const char *const duplicates[] = {"sum", "mean", "error", NULL};

/* Place of the option whose choices are read from the methods. */
#define METHOD_OPTION	2

#define FIELD(name) offsetof(ForecastOptions, name)

static const SiOption table[] = {
	{"every", SI_OPTION_CHOICE, FIELD(every), 0, 0, units},
	{"season", SI_OPTION_INTS, FIELD(season), 1, MAX_SEASON, NULL},
	{"method", SI_OPTION_CHOICE, FIELD(method), 0, 0, NULL},
	{"profile", SI_OPTION_CHOICE, FIELD(profile), 0, 0, profiles},
	{"missing", SI_OPTION_CHOICE, FIELD(missing), 0, 0, missing},
	{"duplicates", SI_OPTION_CHOICE, FIELD(duplicates), 0, 0, duplicates},
	{"from", SI_OPTION_SCALAR, FIELD(from), 0, 0, NULL},
	{"until", SI_OPTION_SCALAR, FIELD(until), 0, 0, NULL},
	{"time_zone", SI_OPTION_TEXT, FIELD(time_zone), 0, 0, NULL},
	{"nonnegative", SI_OPTION_BOOL, FIELD(nonnegative), 0, 0, NULL},
	{"ets", SI_OPTION_TEXT, FIELD(ets), 0, 0, NULL},
	{"order", SI_OPTION_INTS, FIELD(order), 0, MAX_ORDER, NULL},
	{"window", SI_OPTION_INT, FIELD(window), 1, MAX_SEASON, NULL},
};

void
forecast_reject_option(const char *name, const char *detail,
					   const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" has a wrong value", name),
			 errdetail("%s", detail),
			 errhint("%s", hint)));
}

/* Error, trend, season: "ANN", "MAdM". */
static bool
is_ets(const char *form)
{
	const char *at = form;

	if (strchr("AM", *at++) == NULL || form[0] == '\0' || *at == '\0')
		return false;
	if (strchr("NAM", *at) == NULL)
		return false;
	if (*at++ != 'N' && *at == 'd')
		at++;
	return *at != '\0' && strchr("NAM", *at) != NULL && at[1] == '\0';
}

/* Lags up to 8, differences up to 2, seasonal lags up to 3. */
static bool
is_order(const List *order)
{
	static const int most[] = {8, 2, 8, 3, 2, 3};

	if (list_length(order) != 3 && list_length(order) != 6)
		return false;
	for (int i = 0; i < list_length(order); i++)
	{
		if (list_nth_int(order, i) > most[i])
			return false;
	}
	return true;
}

static void
check_values(const ForecastOptions *options)
{
	if (list_length(options->season) > 2)
		forecast_reject_option("season", "There can be two seasons at most.",
							   "Hourly values may have [24, 168].");
	if (options->order != NIL && !is_order(options->order))
		forecast_reject_option("order", "An order is [p, d, q] or [p, d, q, P, D, Q], at most [8, 2, 8, 3, 2, 3].",
							   "Write [0, 1, 1, 0, 1, 1] for an airline model.");
	if (options->ets != NULL && !is_ets(options->ets))
		forecast_reject_option("ets", "A form is error, trend and season: A or M; N, A, Ad, M or Md; N, A or M.",
							   "Write \"AAdM\", for example.");
}

static void
check_kind(const ForecastOptions *options, ForecastKind kind)
{
	if (kind == FORECAST_POSITIONS && options->every != SI_UNIT_NONE)
		forecast_reject_option("every", "Positions are in no calendar.",
							   "Leave it out, or aggregate by date or timestamptz.");
	if (kind == FORECAST_DATES && options->every == SI_UNIT_HOUR)
		forecast_reject_option("every", "Dates have no hours.",
							   "Cast the dates to timestamptz.");
}

/* An option that one method alone has asks for that method. */
static void
imply_method(ForecastOptions *options, const char *name,
			 SiForecastMethod method)
{
	int			wanted = FORECAST_FIRST_METHOD + method;

	if (options->method != FORECAST_AUTO && options->method != wanted)
		forecast_reject_option(name, "Another method is asked for, which does not have it.",
							   "Leave out either of them.");
	options->method = wanted;
}

/* As ForecastWanted. */
static const char *const *
method_names(void)
{
	const char **names = palloc0((FORECAST_FIRST_METHOD + SI_FORECAST_METHODS +
								  1) * sizeof(char *));

	names[FORECAST_AUTO] = "auto";
	names[FORECAST_ENSEMBLE] = "median_ensemble";
	for (int i = 0; i < SI_FORECAST_METHODS; i++)
		names[FORECAST_FIRST_METHOD + i] =
			si_method((SiForecastMethod) i)->name;
	return names;
}

ForecastOptions *
forecast_options(Jsonb *jsonb, ForecastKind kind)
{
	ForecastOptions *options = palloc0(sizeof(ForecastOptions));
	SiOption	known[lengthof(table)];

	options->window = 3;
	memcpy(known, table, sizeof(table));
	known[METHOD_OPTION].choices = method_names();
	si_options_read(jsonb, known, lengthof(known), options);
	check_values(options);
	check_kind(options, kind);
	if (options->ets != NULL)
		imply_method(options, "ets", SI_FORECAST_ETS);
	if (options->order != NIL)
		imply_method(options, "order", SI_FORECAST_ARIMA);
	return options;
}
