/*
 * si_ensemble.h
 *	  Several methods on one series, and the median of what they forecast.
 *
 * A median of different methods is seldom far off, because it follows none that
 * is; on competitions it beats each of its members.
 *
 * Forecasts, variances and one-step forecasts are each the median over those
 * members that have one; the mean of the middle two for an even number.  That
 * of variances takes no account of errors that cancel among members, and so
 * errs on the wide side.
 *
 * Members that the series is too short for are left out.  When all are, the
 * naive method takes their place.
 *
 * Reference: F. Petropoulos, I. Svetunkov, "A simple combination of univariate
 * models", Int. J. Forecasting 36 (2020) 110-115.
 */
#ifndef SI_ENSEMBLE_H
#define SI_ENSEMBLE_H

#include "core/forecast/si_methods.h"

#define SI_ENSEMBLE_MEMBERS	8	/* at most */

typedef struct SiMember
{
	SiForecastMethod method;
	bool		whole;			/* sees the season: gets no factors */
	SiMethodOptions options;
} SiMember;

typedef struct SiEnsemble
{
	int			members;
	SiMember	member[SI_ENSEMBLE_MEMBERS];
} SiEnsemble;

/*
 * Less than half a millisecond for ten years of months: DOTM and OTM, damped
 * smoothing and the best of simple, Holt's and damped smoothing by AICc, an
 * autoregression of differences; that is, three families, none with a
 * majority, an odd number.  Members that are not built in are left out.
 *
 * Chosen among the 255 mixes of eight cheap methods.  On the M1 competition, at
 * its own origins and a horizon earlier, its mean OWA was within 0.004 of the
 * best; on Australian retail trade, tourism and labour within 0.008.
 */
extern SiEnsemble si_ensemble_fast(void);

extern size_t si_ensemble_room(const SiEnsemble *ensemble, int n, int season);

/* How long the state of each model must be. */
extern int	si_ensemble_states(const SiEnsemble *ensemble, int season);

/*
 * Fits members into model[0], ..., whose number models tells: there must be
 * ensemble->members of them, at least one, each with a state.
 */
extern SiStatus si_ensemble_fit(const SiSeries *series,
								const SiEnsemble *ensemble,
								SiForecastModel *model, int *models,
								double *fitted, SiWork *work, SiPulse pulse);

extern size_t si_ensemble_forecast_room(const SiForecastModel *model,
										int models, int horizon);

extern void si_ensemble_forecast(const SiForecastModel *model, int models,
								 int horizon, double *mean, double *variance,
								 SiWork *work, SiPulse pulse);

#endif							/* SI_ENSEMBLE_H */
