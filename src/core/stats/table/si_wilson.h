/*
 * si_wilson.h
 *	  Interval of a share.
 */
#ifndef SI_WILSON_H
#define SI_WILSON_H

/*
 * Wilson's interval of a share that was observed as share in [0,1] of n > 0
 * cases; level in (0,1).
 */
extern void si_wilson_interval(double share, double n, double level,
							   double *low, double *high);

#endif							/* SI_WILSON_H */
