/*
 * si_methods.h
 *	  One table of forecasting methods, and how to call any of them.
 *
 * A method that is not in the table is not built in: si_method returns NULL for
 * it.  What a method wants beyond the series, it takes from SiMethodOptions,
 * whose zeros mean its defaults.
 */
#ifndef SI_METHODS_H
#define SI_METHODS_H

#include "core/forecast/si_forecast.h"

#define SI_METHOD_TEXT	48		/* bytes of a form or a name, with the end */

typedef struct SiMethodOptions
{
	int			window;			/* moving average: 0 is the season, or 3 */
	char		ets[6];			/* a form; empty: chosen */
	int			orders;			/* of ARIMA, 3 or 6; 0: searched for */
	int			order[6];
	const SiForecastModel *like;	/* of the same method: its variant, to be
									 * fitted anew; overrules the above */
} SiMethodOptions;

typedef struct SiMethod
{
	const char *name;			/* lower case, as users write it */

	/*
	 * Does it divide by SiSeries.factor?  Others see the season themselves,
	 * or none.
	 */
	bool		adjusts;

	/* Doubles of room for the fit; how long model->state must be. */
	size_t		(*room) (int n, int season);
	int			(*states) (int season);

	/*
	 * fitted: series->n, NaN where there is none.  SI_EMPTY: too few values
	 * for this method, or not above zero where they must be.
	 */
	SiStatus	(*fit) (const SiSeries *series, SiForecastMethod method,
						const SiMethodOptions *options,
						SiForecastModel *model, double *fitted, SiWork *work,
						SiPulse pulse);

	/* Doubles of room for forecasts. */
	size_t		(*forecast_room) (int season, int horizon);

	/* variance: NaN where the method has no formula. */
	void		(*forecast) (const SiForecastModel *model, int horizon,
							 double *mean, double *variance, SiWork *work,
							 SiPulse pulse);

	/*
	 * Can the numbers of a model, which may come from anywhere, be continued
	 * without leaving its arrays?
	 */
	bool		(*valid) (const SiForecastModel *model);

	/* The variant in words, empty for one that has none. */
	void		(*form) (const SiForecastModel *model,
						 char form[SI_METHOD_TEXT]);

	/* The name of a parameter; empty for one that is not shown. */
	void		(*parameter) (const SiForecastModel *model, int i,
							  char name[SI_METHOD_TEXT]);
} SiMethod;

extern const SiMethod *si_method(SiForecastMethod method);

/* SI_FORECAST_METHODS: there is no such name. */
extern SiForecastMethod si_method_named(SiText name);

#endif							/* SI_METHODS_H */
