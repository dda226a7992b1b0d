/*
 * si_arima.h
 *	  Seasonal ARIMA by exact maximum likelihood, of a given order or one that
 *	  is searched for.
 *
 * ARIMA(p,d,q)(P,D,Q) of a season m: the series, differenced d times at lag 1
 * and D times at lag m, less a constant, is an ARMA process with polynomials of
 * p + P m and q + Q m.  Signs are those of R and Stata.
 *
 * form[]: p, d, q, P, D, Q, is there a constant, and (0 or 1) is the series
 * without noise once differenced.
 *
 * parameter[]: ar 1 to p, ma 1 to q, seasonal ar 1 to P, seasonal ma 1 to Q,
 * then the constant if there is one: the mean for d = D = 0, else the drift a
 * step, as R's "intercept" and "drift".
 *
 * state[]: the last d + D m values, oldest first; then, for each of the next
 * max(p + P m, q + Q m) values of the differenced series without its
 * constant, what terms of values and innovations so far bring to it.
 *
 * variance is the sum of squared innovations over n - d - D m less the number
 * of coefficients, as R's forecast::Arima; log_likelihood and aicc are those
 * of the differenced series, at the variance of maximum likelihood.
 */
#ifndef SI_ARIMA_H
#define SI_ARIMA_H

#include "core/forecast/si_forecast.h"

#define SI_ARIMA_LONGEST_SEASON	366 /* beyond: differenced at most */

typedef struct SiArimaOrder
{
	int			p;				/* at most 8 */
	int			d;				/* at most 2 */
	int			q;				/* at most 8 */
	int			P;				/* at most 3, as is Q; 0 without a season, and
								 * beyond SI_ARIMA_LONGEST_SEASON */
	int			D;				/* at most 2 */
	int			Q;
	bool		constant;		/* only for d + D <= 1 */
} SiArimaOrder;

typedef struct SiArimaOptions
{
	bool		given;			/* this order; else search */
	SiArimaOrder order;
} SiArimaOptions;

/* Is the order one that can be fitted, given or not? */
extern bool si_arima_valid(const SiArimaOptions *options, int season);

/* Doubles of room for fitting, for the state, for forecasting. */
extern size_t si_arima_room(int n, int season, const SiArimaOptions *options);
extern int	si_arima_states(int season, const SiArimaOptions *options);
extern size_t si_arima_forecast_room(const SiForecastModel *model,
									 int horizon);

/*
 * fitted: n one-step forecasts, NaN for the first d + D m.  SI_EMPTY: less
 * is left of the series after differencing than there are numbers to estimate,
 * and it is not constant.
 */
extern SiStatus si_arima_fit(const SiSeries *series,
							 const SiArimaOptions *options,
							 SiForecastModel *model, double *fitted,
							 SiWork *work, SiPulse pulse);

extern void si_arima_forecast(const SiForecastModel *model, int horizon,
							  double *mean, double *variance, SiWork *work,
							  SiPulse pulse);

/*
 * The name of a parameter, such as ar2, sma1, mean or drift, in at most 8
 * bytes with the end; index below model->parameters.
 */
extern void si_arima_parameter_name(const SiForecastModel *model, int index,
									char name[8]);

#endif							/* SI_ARIMA_H */
