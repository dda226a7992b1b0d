/*
 * si_beta.h
 *	  The regularised incomplete beta function, and the distributions of
 *	  Student and of Fisher and Snedecor that it gives.
 */
#ifndef SI_BETA_H
#define SI_BETA_H

/*
 * I_x(a, b), the chance that a beta variable of shapes a and b is at most x;
 * the shapes are above 0 and at most 1e9, else NaN.  0 and 1 beyond [0,1].
 */
extern double si_beta_cdf(double a, double b, double x);

/* P(|T| >= |t|) with df > 0 degrees of freedom; NaN where there are none. */
extern double si_t_p_value(double df, double t);

/* The t with P(|T| >= t) = p, for p in (0,1]; NaN outside. */
extern double si_t_two_sided(double df, double p);

/* P(F >= f) */
extern double si_f_sf(double df1, double df2, double f);

#endif							/* SI_BETA_H */
