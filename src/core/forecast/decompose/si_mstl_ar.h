/*
 * si_mstl_ar.h
 *	  Long series with several seasons, such as hours with day and week, or
 *	  weeks of some years: autoregressions of what MSTL leaves, the median of
 *	  up to twelve.
 *
 * One decision is as good as another, so all are taken:
 *	  the values as they are, or their logarithms, if all are positive;
 *	  seasons left in, or taken out as they change, or taken out as periodic;
 *	  what is left as it is, about its mean, or its differences.
 * For each, an autoregression of up to 52 lags goes on, the last cycles of the
 * seasons are put back, and the forecast is the median of all.  Means are only
 * asked of series of SI_MSTL_AR_LEVEL values or more: in short ones there is
 * no telling a mean from a trend.
 *
 * On the M4 competition, to which nothing was tuned but the mean's length and
 * the lags, the OWA is 0.420 for hours (seasons 24 and 168; the best contestant
 * had 0.440) and 0.749 for weeks (52; the best simple combination 0.751); on
 * the M1 competition it is 0.844, as is that of DOTM with seasonal factors.
 *
 * The model, of no named parameters:
 *	form[0]			the variants in use, a bit for each: SI_MSTL_AR_LOG and
 *					so on, summed up, are the number of the bit
 *	form[1]			number of seasons, 0..6
 *	form[2..7]		the seasons, ascending
 *	state[]			for each variant: order p; mean; where differences add up
 *					from; p coefficients; p last values less mean, latest
 *					first.  Then, as they are and logarithms, changing and
 *					periodic, if any variant in use needs it: a cycle of each
 *					season, that of the next value first.
 *
 * There is no likelihood and no formula for the variance of forecasts.
 */
#ifndef SI_MSTL_AR_H
#define SI_MSTL_AR_H

#include "core/forecast/decompose/si_mstl.h"

/* A variant is a sum of these; CHANGING and PERIODIC exclude each other. */
#define SI_MSTL_AR_DIFFERENCE	1
#define SI_MSTL_AR_CHANGING		2
#define SI_MSTL_AR_PERIODIC		4
#define SI_MSTL_AR_LOG			6
#define SI_MSTL_AR_VARIANTS		12

#define SI_MSTL_AR_ORDER		52	/* at most */
#define SI_MSTL_AR_LEVEL		200 /* values that a mean needs */

typedef struct SiMstlArOptions
{
	int			seasons;		/* at most SI_MSTL_SEASONS */
	const int  *season;			/* ascending; the series' own is not used */
	int			variants;		/* bits, as form[0]; 0: all that are fit */
} SiMstlArOptions;

extern size_t si_mstl_ar_room(int n, const SiMstlArOptions *options);
extern int	si_mstl_ar_states(const SiMstlArOptions *options);
extern size_t si_mstl_ar_forecast_room(int horizon);

/*
 * Seasons that do not come three times are left out.  fitted[0] is NaN; others
 * know the seasons from the whole series.  SI_EMPTY: less than four values, or
 * none of the variants asked for is fit.
 */
extern SiStatus si_mstl_ar_fit(const SiSeries *series,
							   const SiMstlArOptions *options,
							   SiForecastModel *model, double *fitted,
							   SiWork *work, SiPulse pulse);

/* Is the model's inner structure whole?  For models read from bytes. */
extern bool si_mstl_ar_whole(const SiForecastModel *model);

/* variance: all NaN */
extern void si_mstl_ar_forecast(const SiForecastModel *model, int horizon,
								double *mean, double *variance, SiWork *work,
								SiPulse pulse);

#endif							/* SI_MSTL_AR_H */
