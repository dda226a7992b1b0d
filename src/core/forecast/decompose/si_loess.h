/*
 * si_loess.h
 *	  Local regression over equally spaced points, as STL needs it.
 */
#ifndef SI_LOESS_H
#define SI_LOESS_H

#include <stdbool.h>

#include "core/si_core.h"

typedef struct SiLoess
{
	int			window;			/* points in a neighbourhood, odd */
	int			degree;			/* 0: mean, 1: line */
	int			jump;			/* smooth each jump-th point, join by lines */
	double	   *share;			/* room for n doubles */
	SiPulse		pulse;
} SiLoess;

/*
 * The value at place (0 is y[0], and -1 or n are allowed) of the regression
 * on y[first..last], n values in all; weight may be NULL.  False, and *value
 * untouched, if no weight is left in the neighbourhood.
 */
extern bool si_loess_at(const SiLoess *loess, int n, const double *y,
						const double *weight, int place, int first, int last,
						double *value);

/* smooth[n], not y itself; where no weight is left it is y. */
extern void si_loess(const SiLoess *loess, int n, const double *y,
					 const double *weight, double *smooth);

#endif							/* SI_LOESS_H */
