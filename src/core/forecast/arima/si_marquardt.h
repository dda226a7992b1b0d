/*
 * si_marquardt.h
 *	  Least sum of squares of residuals that depend on a few variables.
 */
#ifndef SI_MARQUARDT_H
#define SI_MARQUARDT_H

#include <stdbool.h>
#include <stddef.h>

#define SI_MARQUARDT_MOST	24	/* variables */

/* The residuals at x; false where x must not be. */
typedef bool (*SiResiduals) (const double *x, double *residual, void *arg);

typedef struct SiMarquardtOptions
{
	int			rounds;			/* of derivatives, at most */
	double		gain;			/* in the sum, relative: stop below it */
} SiMarquardtOptions;

/* Doubles of room for p variables and n residuals. */
extern size_t si_marquardt_room(int p, int n);

/*
 * Moves x, of p variables, to a lower sum of squares of n residuals, and
 * returns that sum; infinity if x must not be where it starts.  converged (if
 * not NULL): no step promises more than the gain that is asked for.
 */
extern double si_marquardt_minimise(int p, int n, double *x,
									SiResiduals residuals, void *arg,
									const SiMarquardtOptions *options,
									bool *converged, double *room);

#endif							/* SI_MARQUARDT_H */
