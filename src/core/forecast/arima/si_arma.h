/*
 * si_arma.h
 *	  Seasonal ARMA processes: their polynomials, where the prediction of one
 *	  starts, its innovations given values.
 *
 * In the signs of Box and Jenkins' successors (R, Stata):
 *	  w[t] = sum ar[i] w[t - i] + e[t] + sum ma[j] e[t - j],
 * where each side is the product of a plain and a seasonal polynomial.
 */
#ifndef SI_ARMA_H
#define SI_ARMA_H

#include "core/si_core.h"

#define SI_ARMA_ORDER		8	/* of a plain polynomial, at most */
#define SI_ARMA_SEASONAL	3	/* of a seasonal one */
#define SI_ARMA_TERMS	((SI_ARMA_ORDER + 1) * (SI_ARMA_SEASONAL + 1) - 1)

/* sum weight[i] B^lag[i], lags ascending. */
typedef struct SiLags
{
	int			degree;			/* the last lag; 0: no terms */
	int			terms;
	int			lag[SI_ARMA_TERMS];
	double		weight[SI_ARMA_TERMS];
} SiLags;

typedef struct SiArma
{
	SiLags		ar;
	SiLags		ma;
	int			width;			/* the larger degree: length of a prediction */
	bool		invertible;
} SiArma;

/* How many coefficients of each kind, in this order in an array of them. */
typedef struct SiArmaOrder
{
	int			p;
	int			q;
	int			P;
	int			Q;
	int			season;			/* at least 1 */
} SiArmaOrder;

static inline int
si_arma_coefficients(const SiArmaOrder *order)
{
	return order->p + order->q + order->P + order->Q;
}

static inline int
si_arma_width(const SiArmaOrder *order)
{
	int			ar = order->p + order->P * order->season;
	int			ma = order->q + order->Q * order->season;

	return ar > ma ? ar : ma;
}

/* Multiplies out coefficients: p of ar, q of ma, P and Q seasonal ones. */
extern void si_arma_expand(const SiArmaOrder *order, const double *coefficient,
						   SiArma *arma);

/*
 * Do all roots of 1 - sum a[i] (z / radius)^(i + 1) lie beyond 1, that is,
 * those of 1 - sum a[i] z^(i + 1) beyond 1 / radius?  p up to SI_ARMA_ORDER.
 */
extern bool si_arma_stationary(int p, const double *a, double radius);

/* The same of the moving average: of 1 + sum. */
extern bool si_arma_invertible(int q, const double *b, double radius);

/*
 * Reflects the roots of 1 + sum b[i] z^(i + 1) that lie within the unit
 * circle: the same autocorrelations, now invertible.
 */
extern void si_arma_reflect(int q, double *b);

/*
 * Variance of the process, of innovations of variance 1, and its covariances
 * with what comes next: cov[i] is that of w[t] with the terms of w[t + 1 + i]
 * that are known at t, width of them.  False: it is not stationary.
 */
extern bool si_arma_start(const SiArma *arma, double *variance, double *cov,
						  double *room);
extern size_t si_arma_start_room(int width);

/*
 * Exact innovations of columns series of n values, column after column, each
 * divided by its standard deviation (sd, of n, if not NULL; for innovations
 * of variance 1), the log of the determinant of their covariance matrix, and
 * the state at the end: what known terms bring to each of the next width
 * values, width a column.  False: the process is not stationary.
 */
extern bool si_arma_filter(const SiArma *arma, int n, int columns,
						   const double *w, double *e, double *sd,
						   double *state, double *log_determinant,
						   double *room, SiPulse pulse);
extern size_t si_arma_filter_room(int width);

/*
 * Innovations given the first ar.degree values and no innovations until
 * then, for which e is 0.
 */
extern void si_arma_condition(const SiArma *arma, int n, int columns,
							  const double *w, double *e, SiPulse pulse);

#endif							/* SI_ARMA_H */
