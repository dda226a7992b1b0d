/*
 * si_logistic.h
 *	  Penalised logistic regression by Newton's method (IRLS) in blocks.
 *
 * Maximises  sum w (y log p + (1 - y) log(1 - p)) - l2/2 |b|^2 - l1 |b|_1
 * over the coefficients b of standardised columns; the intercept, column 0, is
 * not penalised.
 *
 * Method: iteratively reweighted least squares (McCullagh & Nelder 1989,
 * section 4.4) with the Hessian built by rank-k updates of blocks, and step
 * halving.  With l1 > 0 the quadratic model of each iteration is minimised by
 * cyclic coordinate descent (Friedman, Hastie & Tibshirani 2010, J. Stat.
 * Software 33:1).
 */
#ifndef SI_LOGISTIC_H
#define SI_LOGISTIC_H

#include "core/lead/si_design.h"

typedef struct SiPenalty
{
	double		l1;
	double		l2;
} SiPenalty;

/* Log-likelihood, its gradient and negative Hessian (lower triangle). */
typedef struct SiSums
{
	double		loglik;
	double	   *gradient;		/* p */
	double	   *hessian;		/* p * p, row-major */
} SiSums;

typedef struct SiLogistic
{
	const SiDesign *design;
	SiPenalty	penalty;
	const bool *fixed;			/* columns held at zero; NULL: none */
	double		enough_gain;	/* stop at less, earlier than convergence */
	SiPulse		pulse;
	double	   *work;			/* si_logistic_work_size() bytes */
} SiLogistic;

extern size_t si_sums_size(int p);
extern void si_sums_place(SiSums *sums, int p, double *memory);
extern void si_sums_clear(SiSums *sums, int p);
/* to = to + factor * from */
extern void si_sums_add(SiSums *to, double factor, const SiSums *from, int p);

extern size_t si_logistic_work_size(int p);

/* Add the rows of a range, at coefficients beta, to sums. */
extern void si_logistic_accumulate(const SiLogistic *fit, SiRange range,
								   const double *beta, SiSums *sums);

/*
 * margin[i - range.first] = x_i beta; and with beta2 not NULL, from the same
 * expansion of the rows, margin2 = x_i beta2.
 */
extern void si_logistic_margins(const SiLogistic *fit, SiRange range,
								const double *beta, double *margin,
								const double *beta2, double *margin2);

/*
 * The Newton step from beta, and the gain in the objective that it promises.
 * SI_SINGULAR when the penalised Hessian is not positive definite.
 */
extern SiStatus si_newton_step(const SiLogistic *fit, const SiSums *sums,
							   const double *beta, double *step,
							   double *gain);

/*
 * Iterate from beta to convergence (SI_NEWTON_MOVE), or until the promised
 * gain in log-likelihood units falls below enough_gain.  The sums
 * of each range at the last iterate are left in parts[i] (or, with parts NULL,
 * not kept) and their total in total.  SI_NO_CONVERGENCE after 30 steps:
 * without penalty this means separated classes.
 */
extern SiStatus si_logistic_fit(const SiLogistic *fit, int nranges,
								const SiRange *ranges, SiSums *parts,
								SiSums *total, double *beta);

/*
 * Inverse of the penalised Hessian as a full matrix in covariance, the
 * asymptotic covariance of the coefficients.  Rows of fixed columns are those
 * of the identity.
 */
extern SiStatus si_logistic_covariance(const SiLogistic *fit,
									   const SiSums *sums,
									   double *covariance);

/*
 * Mark each column that is a linear combination of columns before it, judged
 * on a weighted cross-product matrix (lower triangle) by Cholesky pivots.
 * Returns the number found.  work holds p * p doubles.
 */
extern int	si_collinear_columns(int p, const double *hessian, bool *collinear,
								 double *work, SiPulse pulse);

#endif							/* SI_LOGISTIC_H */
