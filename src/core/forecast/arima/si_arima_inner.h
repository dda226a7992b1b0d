/*
 * si_arima_inner.h
 *	  What fitting an order and searching for one share.
 */
#ifndef SI_ARIMA_INNER_H
#define SI_ARIMA_INNER_H

#include "core/forecast/arima/si_arima.h"
#include "core/forecast/arima/si_arma.h"
#include "core/forecast/arima/si_marquardt.h"

#define SI_ARIMA_P		5		/* limits of the search */
#define SI_ARIMA_SEASONAL_P 2
#define SI_ARIMA_COEFFICIENTS (2 * SI_ARMA_ORDER + 2 * SI_ARMA_SEASONAL)

/* A differenced series and room to fit it. */
typedef struct SiArimaTask
{
	int			season;
	int			n;				/* left after differencing */
	double		size;			/* of the values before differencing */

	/*
	 * The differenced series, then what it has of the constant.  Columns of
	 * regressors would follow, and be solved for as the constant is.
	 */
	double	   *w;
	double	   *e;				/* innovations of each column */
	double	   *state;			/* of each column */
	double	   *filter_room;
	double	   *marquardt_room;
	SiPulse		pulse;
} SiArimaTask;

typedef enum SiArimaCare
{
	SI_ARIMA_CONDITIONAL,		/* sum of squares given the first values */
	SI_ARIMA_EXACT,				/* enough to compare models */
	SI_ARIMA_FINAL,				/* to the end */
	SI_ARIMA_GIVEN				/* and from several starts */
} SiArimaCare;

/* An order, fitted. */
typedef struct SiArimaTrial
{
	SiArimaOrder order;
	double		coefficient[SI_ARIMA_COEFFICIENTS];
	double		constant;
	double		sum;			/* of squared innovations */
	double		log_likelihood;
	double		criterion;		/* AICc; infinity: not to be had */
} SiArimaTrial;

static inline SiArmaOrder
si_arima_arma(const SiArimaOrder *order, int season)
{
	SiArmaOrder arma = {order->p, order->q, order->P, order->Q, season};

	return arma;
}

/* Numbers estimated, the variance too. */
static inline int
si_arima_estimated(const SiArimaOrder *order)
{
	return order->p + order->q + order->P + order->Q + order->constant + 1;
}

/*
 * Differences of the last n values of a series, times scale, and the column
 * of a drift of one a step (of a mean of one).
 */
extern void si_arima_difference(SiArimaTask *task, int n, const double *y,
								double scale, int d, int D);

/*
 * Fits trial->order.  trial->constant, sum and, for exact care, the state and
 * innovations in the task are left at the estimates.
 */
extern void si_arima_estimate(SiArimaTask *task, SiArimaTrial *trial,
							  SiArimaCare care);

/*
 * Innovations (e, the first column; divided by sd, of n) and state at the
 * estimates.  Returns false where the process is not stationary.
 */
extern bool si_arima_innovations(SiArimaTask *task, const SiArimaTrial *trial,
								 double *sd, double *constant,
								 double *log_determinant);

/*
 * Finds the order for a series and fits it; the task is left differenced so.
 * Where there is nothing to fit, only trial->order is set, to no coefficients.
 * Returns whether something was fitted.
 */
extern bool si_arima_search(SiArimaTask *task, const SiSeries *series,
							double scale, SiArimaTrial *trial, double *room);

#endif							/* SI_ARIMA_INNER_H */
