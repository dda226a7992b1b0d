/*
 * si_gamma.h
 *	  The regularised incomplete gamma functions, their inverses, and the
 *	  chi-square distribution that they give.
 */
#ifndef SI_GAMMA_H
#define SI_GAMMA_H

/*
 * P(shape, x), the chance that a gamma variable of that shape and scale 1 is
 * at most x, and Q = 1 - P.  The shape is above 0 and, like x, at most 1e300;
 * a shape that is not gives NaN.  0 and 1 for x at or below 0, and at Inf.
 */
extern double si_gamma_p(double shape, double x);
extern double si_gamma_q(double shape, double x);

/* The x with P = p, or Q = q; 0 and Inf at the ends, NaN outside [0,1]. */
extern double si_gamma_p_inverse(double shape, double p);
extern double si_gamma_q_inverse(double shape, double q);

/* P(X <= x) and P(X > x) of chi-square with df > 0 degrees of freedom. */
static inline double
si_chi_square_cdf(double df, double x)
{
	return si_gamma_p(df / 2, x / 2);
}

static inline double
si_chi_square_sf(double df, double x)
{
	return si_gamma_q(df / 2, x / 2);
}

/* The x with P(X <= x) = p. */
static inline double
si_chi_square_quantile(double df, double p)
{
	return 2 * si_gamma_p_inverse(df / 2, p);
}

#endif							/* SI_GAMMA_H */
