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

#include "core/forecast/arima/si_arima.h"
#include "core/forecast/si_forecast.h"

#define SI_PARAMETER_NAME	32	/* bytes, with the final NUL */
#define SI_METHOD_FORM		8
#define SI_METHOD_TEXT		40

typedef struct SiMethodOptions
{
	int			window;			/* moving average; 0: the season, or 3 */
	char		form[SI_METHOD_FORM];	/* of ETS, such as "AAdN", of CES;
										 * empty: any, by AICc */
	bool		quick;			/* ETS: one search for each form */
	SiArimaOptions arima;
	int			seasons;		/* of MSTL */
	int			season[2];		/* ascending */
	int			variants;		/* of MSTL; 0: all that are fit */
} SiMethodOptions;

typedef struct SiMethod
{
	const char *name;			/* lower case, as users write it */

	/*
	 * Should it be given SiSeries.factor?  Other methods see to the season
	 * themselves, though ETS takes factors if it gets them.
	 */
	bool		adjusts;

	/* Are these options, for a season, ones that it can fit? */
	bool		(*valid) (int season, const SiMethodOptions *options);

	/* Doubles of room for the fit; how long model->state must be. */
	size_t		(*room) (int n, int season, const SiMethodOptions *options);
	int			(*states) (int season, const SiMethodOptions *options);

	/*
	 * fitted: series->n, NaN where there is none.  SI_EMPTY: too few values
	 * for this method.
	 */
	SiStatus	(*fit) (const SiSeries *series, SiForecastMethod method,
						const SiMethodOptions *options,
						SiForecastModel *model, double *fitted, SiWork *work,
						SiPulse pulse);

	/* Doubles of room for forecasts. */
	size_t		(*forecast_room) (const SiForecastModel *model, int horizon);

	/* variance: NaN where the method has no formula. */
	void		(*forecast) (const SiForecastModel *model, int horizon,
							 double *mean, double *variance, SiWork *work,
							 SiPulse pulse);

	/* The name of parameter[index], of a model of this method. */
	void		(*parameter_name) (const SiForecastModel *model, int index,
								   char name[SI_PARAMETER_NAME]);

	/*
	 * Can a model whose numbers may come from anywhere be continued without
	 * leaving its arrays?
	 */
	bool		(*whole) (const SiForecastModel *model);
} SiMethod;

extern const SiMethod *si_method(SiForecastMethod method);

/* The variant of a model in words, empty for one that has none. */
extern void si_method_form(const SiForecastModel *model,
						   char text[SI_METHOD_TEXT]);

/* Options that fit the variant of a model anew. */
extern SiMethodOptions si_method_like(const SiForecastModel *model);

#endif							/* SI_METHODS_H */
