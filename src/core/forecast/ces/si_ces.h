/*
 * si_ces.h
 *	  Complex exponential smoothing: level and the potential of its growth as
 *	  one complex number, smoothed by a complex parameter.
 *
 * Method, in the names used here: a pair (l, c) is moved by an error e as
 *	  l' = l - (1 - a1) c + (a0 - a1) e
 *	  c' = l + (1 - a0) c + (a0 + a1) e
 * and l is the forecast.  One parameter, a0 + i a1, gives level as well as
 * trending series, without a choice between the two.
 *
 *	  none		one pair
 *	  simple	one pair for each phase of the season, moved once a season
 *	  partial	one pair, and a seasonal figure for each phase, moved by b0 e
 *	  full		one pair, and one for each phase with b0 + i b1
 *
 * The model:
 *	form[0]			SiCesForm
 *	parameter[]		SI_CES_..., below; 2, 2, 3 and 4 of them by form
 *	state[]			none: l, c.  simple: l, c for each phase, that of the next
 *					value first.  partial: l, c, the seasonal figures in the
 *					same order.  full: l, c, then pairs in the same order.
 *
 * The series' factor is not used: the method has seasons of its own.
 */
#ifndef SI_CES_H
#define SI_CES_H

#include "core/forecast/si_forecast.h"

typedef enum SiCesForm
{
	SI_CES_NONE,
	SI_CES_SIMPLE,
	SI_CES_PARTIAL,
	SI_CES_FULL,
	SI_CES_FORMS
} SiCesForm;

enum
{
	SI_CES_ALPHA_0,
	SI_CES_ALPHA_1,
	SI_CES_BETA_0,
	SI_CES_BETA_1,
	SI_CES_PARAMETERS
};

extern const char *const si_ces_form_name[SI_CES_FORMS];
extern const char *const si_ces_parameter_name[SI_CES_PARAMETERS];

/* Longer seasons only have the forms none and simple. */
#define SI_CES_LONGEST 366

typedef struct SiCesOptions
{
	bool		form[SI_CES_FORMS]; /* those to choose from, by AICc */
} SiCesOptions;

extern size_t si_ces_room(int n, int season);
extern size_t si_ces_forecast_room(int season);

/* How long model->state must be. */
extern int	si_ces_states(int season);

/*
 * SI_EMPTY: too few values for any of the forms asked for.  fitted has a
 * forecast of each value.
 */
extern SiStatus si_ces_fit(const SiSeries *series, const SiCesOptions *options,
						   SiForecastModel *model, double *fitted,
						   SiWork *work, SiPulse pulse);

extern void si_ces_forecast(const SiForecastModel *model, int horizon,
							double *mean, double *variance, SiWork *work,
							SiPulse pulse);

#endif							/* SI_CES_H */
