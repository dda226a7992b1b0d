/*
 * si_mstl.h
 *	  Several seasons, trend and remainder of a series, by local regression.
 */
#ifndef SI_MSTL_H
#define SI_MSTL_H

#include "core/forecast/decompose/si_stl.h"

#define SI_MSTL_SEASONS 6		/* at most */

/* Doubles of room for n values whose longest season is given. */
extern size_t si_mstl_room(int n, int longest);

/*
 * How many of the seasons, ascending, repeat often enough in n values: those
 * of at least 2 and of less than half of n.  They come first in order.
 */
extern int	si_mstl_usable(int n, int seasons, const int *season);

/*
 * seasonal has a row of n for each season; with trend and remainder they add
 * up to y.  The seasons ascend and are usable, otherwise SI_EMPTY.  s_window,
 * one a season, as in si_stl; NULL: 11, 15, 19 and so on, as R.  iterations:
 * how often each season is found anew, with one season once; R takes 2.
 * robust_iterations as in si_stl.
 */
extern SiStatus si_mstl(int n, const double *y, int seasons,
						const int *season, const int *s_window,
						int iterations, int robust_iterations,
						double *seasonal, double *trend, double *remainder,
						SiWork *work, SiPulse pulse);

#endif							/* SI_MSTL_H */
