/*
 * si_ets.h
 *	  Exponential smoothing state space models: choice, fit, forecasts.
 *
 * A form is error A or M x trend N, A, Ad, M, Md x season N, A, M, written as
 * in "AAdM": errors add or multiply, the trend is none, adds, multiplies or is
 * damped (d), the season is none, adds or multiplies.  ANN is simple
 * exponential smoothing, AAN Holt's method, AAdN the damped trend, AAA and
 * MAM Holt and Winters' methods.
 *
 * Log-likelihood and AICc are those of R's ets: without the constant terms,
 * -n/2 log(sum of squared errors) - sum of log|forecast|, the latter for
 * multiplicative errors only, whose errors are relative; k counts smoothing
 * parameters, initial states and the variance.
 *
 * A series that comes with factors (si_forecast.h) is divided by them, fitted
 * without a season, and its forecasts are multiplied by them again; figures
 * of the fit are those of the divided series.
 *
 * Reference: R. J. Hyndman, A. B. Koehler, R. D. Snyder, S. Grose, "A state
 * space framework for automatic forecasting using exponential smoothing
 * methods", International Journal of Forecasting 18 (2002) 439-454; R. J.
 * Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, "Forecasting with
 * Exponential Smoothing", Springer 2008.
 */
#ifndef SI_ETS_H
#define SI_ETS_H

#include "core/forecast/si_forecast.h"

#define SI_ETS_LONGEST_SEASON	24	/* beyond, forms without season only */
#define SI_ETS_NAME				6	/* characters, with the final NUL */

enum							/* error, trend, season are each one of */
{
	SI_ETS_ANY = -1,			/* to be chosen; not in a model */
	SI_ETS_NONE,
	SI_ETS_ADDITIVE,
	SI_ETS_MULTIPLICATIVE
};

enum							/* form[]: a model's variant */
{
	SI_ETS_ERROR,
	SI_ETS_TREND,
	SI_ETS_DAMPED,				/* 0, 1 */
	SI_ETS_SEASON,
	SI_ETS_FACTORED				/* 1: the series came with factors */
};

enum							/* parameter[]; of six */
{
	SI_ETS_ALPHA,
	SI_ETS_BETA,				/* at most alpha; 0 without trend */
	SI_ETS_GAMMA,				/* at most 1 - alpha; 0 without season */
	SI_ETS_PHI,					/* 1: not damped */
	SI_ETS_FIRST_LEVEL,			/* before the first value */
	SI_ETS_FIRST_GROWTH,
	SI_ETS_PARAMETERS
};

enum							/* state[], after the last value */
{
	SI_ETS_LEVEL,
	SI_ETS_GROWTH,				/* 0, if it multiplies 1, without trend */
	SI_ETS_SEASONS				/* model->season, or factors; next first */
};

/* Names of parameters, in order: "alpha", ... */
extern const char *const si_ets_parameter_name[SI_ETS_PARAMETERS];

/*
 * Which forms may be chosen; any of the first four can be SI_ETS_ANY.  Of any
 * trend, multiplicative ones are tried only if asked for.  What is asked for
 * by name is fitted; but a choice leaves out forms known to be unstable
 * (additive errors with anything multiplicative, MMA), and whatever
 * multiplies needs values above zero.
 */
typedef struct SiEtsOptions
{
	int			error;
	int			trend;
	int			damped;
	int			season;
	bool		multiplicative_trends;
	bool		quick;			/* one search a form, not one from each start */
} SiEtsOptions;

/* Forms of any kind; and, quickly, simple, Holt's and damped smoothing. */
extern const SiEtsOptions si_ets_automatic;
extern const SiEtsOptions si_ets_plain;

/*
 * Reads "AAdN", "MAM"; Z is any ("ZZZ", "AZN"; a Z trend may be damped or
 * not, others are damped with d only).  False: it is no form.
 */
extern bool si_ets_options(SiText name, SiEtsOptions *options);

/* Writes a model's form as above. */
extern void si_ets_name(const SiForecastModel *model,
						char name[SI_ETS_NAME]);

extern size_t si_ets_room(int n, int season);
extern int	si_ets_states(int season);

/*
 * Fits the form of least AICc.  SI_EMPTY: for every form the series is too
 * short (n - k - 1 must be positive), or not above zero where it must be.
 * fitted, of n, are the one-step forecasts; it may not be NULL.
 */
extern SiStatus si_ets_fit(const SiSeries *series,
						   const SiEtsOptions *options,
						   SiForecastModel *model, double *fitted,
						   SiWork *work, SiPulse pulse);

extern size_t si_ets_forecast_room(int season, int horizon);

/*
 * Forecasts and variances of their errors: exact for additive errors with
 * nothing multiplicative (class 1 of the book) and for multiplicative errors
 * with additive trends (classes 2, 3), errors being normal; by simulation of
 * normal errors, always the same ones, for other forms.
 */
extern void si_ets_forecast(const SiForecastModel *model, int horizon,
							double *mean, double *variance, SiWork *work,
							SiPulse pulse);

#endif							/* SI_ETS_H */
