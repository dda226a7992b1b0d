/*
 * si_simplex.h
 *	  Minimum of a function of a few variables, without derivatives.
 */
#ifndef SI_SIMPLEX_H
#define SI_SIMPLEX_H

#include <stddef.h>

typedef double (*SiObjective) (const double *x, void *arg);

typedef struct SiSimplexOptions
{
	int			evaluations;	/* at most so many */
	double		spread;			/* of values, relative: when to stop */
} SiSimplexOptions;

/* Doubles of room for p variables. */
extern size_t si_simplex_room(int p);

/*
 * Moves x, of p >= 1 variables, to a point of lower value, and returns the
 * value there.  The first simplex is x and, for each variable, x with step
 * added.  The objective may return infinity where x must not be, but not at
 * the start; NaN counts as infinity.
 */
extern double si_simplex_minimise(int p, double *x, const double *step,
								  SiObjective objective, void *arg,
								  const SiSimplexOptions *options,
								  double *room);

#endif							/* SI_SIMPLEX_H */
