/*
 * si_cox.h
 *	  Proportional hazards: how features multiply the rate of an event.
 *
 * Maximises the partial log-likelihood of Cox (1972)
 *
 *	  sum over events of  x b - log(sum over rows at risk of exp(x b))
 *
 * less l2/2 |b|^2, over coefficients b of the columns of a design.  Column 0 of
 * the design, its intercept, cancels: its coefficient must be fixed at zero.
 * Events at one time are taken one after the other, by Efron's (1977) or
 * Breslow's (1974) approximation.
 *
 * Method: Newton's steps with halving.  One evaluation walks backwards in
 * time, adding rows to the risk set, and forwards, adding up the hazard L that
 * each row has lived through.  The gradient is then X'(event - exp(xb) L) and
 * the information X' diag(exp(xb) L) X less a sum of outer products of the
 * means of risk sets: both are built by block, O(n p^2) in all.
 *
 * Special cases: risk sets are kept relative to their largest member, so that
 * nothing overflows whatever b is.  Without events all is zero.  A constant or
 * collinear column must be fixed or penalised.
 * Accuracy: see SI_NEWTON_MOVE; the order of rows decides the last bits.
 */
#ifndef SI_COX_H
#define SI_COX_H

#include "core/lead/si_logistic.h"
#include "core/stats/si_sort.h"

typedef enum SiCoxTies
{
	SI_COX_EFRON,
	SI_COX_BRESLOW
} SiCoxTies;

/* What the risk set of a time with events gives; kept at its first row. */
typedef struct SiCoxStep
{
	double		shift;			/* the largest margin at risk */
	double		hazard;			/* sum of 1/risk, times exp(shift) */
	double		tied;			/* the part that its own events do not bear */
	double		breslow;		/* events over the risk of all, as hazard */
} SiCoxStep;

typedef struct SiCox
{
	const SiDesign *design;		/* ascending by time; positive: an event */
	const double *time;
	SiCoxTies	ties;
	double		l2;
	const bool *fixed;			/* columns held at zero, 0 among them */
	SiPulse		pulse;
	double	   *margin;			/* rows */
	SiCoxStep  *step;			/* rows */
	double	   *work;			/* si_cox_work_size() bytes */
} SiCox;

extern size_t si_cox_work_size(int p);

/* Log-likelihood, gradient and information at beta, without the penalty. */
extern void si_cox_evaluate(const SiCox *fit, const double *beta,
							SiSums *sums);

/*
 * Iterate from beta to convergence; sums and steps are those there.
 * SI_NO_CONVERGENCE: without a penalty some coefficient is infinite (a
 * monotone likelihood); SI_SINGULAR likewise.
 */
extern SiStatus si_cox_fit(const SiCox *fit, double *beta, SiSums *sums);

/* The inverse of the penalised information, a full matrix. */
extern SiStatus si_cox_covariance(const SiCox *fit, const SiSums *sums,
								  double *covariance);

/*
 * Harrell's concordance: of the pairs of rows of which one is known to have
 * outlasted the other, the share in which that one has the lower margin; equal
 * margins count half.  NaN without such pairs.  items and scratch hold a row
 * each; margin is overwritten.
 */
extern double si_cox_concordance(const SiCox *fit, const double *beta,
								 SiKeyed *items, SiKeyed *scratch);

/*
 * Breslow's cumulative hazard of a row with margin average, after
 * si_cox_evaluate: times and values of at most limit steps.  All of them if
 * there are no more; else such that between two of them the survival of that
 * row loses less than 1/(limit - 1) before the second.  Returns their number.
 */
extern int	si_cox_baseline(const SiCox *fit, double average, int limit,
							double *at, double *hazard);

#endif							/* SI_COX_H */
