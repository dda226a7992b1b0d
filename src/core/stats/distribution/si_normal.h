/*
 * si_normal.h
 *	  The standard normal distribution.
 */
#ifndef SI_NORMAL_H
#define SI_NORMAL_H

/* P(Z <= z); full relative accuracy in the lower tail. */
extern double si_normal_cdf(double z);

/* Two-sided p-value P(|Z| >= |z|). */
extern double si_normal_p_value(double z);

/* The z with P(Z <= z) = p; -Inf at 0, Inf at 1, NaN outside [0,1]. */
extern double si_normal_quantile(double p);

#endif							/* SI_NORMAL_H */
