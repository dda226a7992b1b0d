/*
 * si_theta_pass.c
 *	  The errors of simple exponential smoothing beside a straight line.
 */
#include "core/forecast/theta/si_theta_pass.h"

#include <math.h>

#include "core/si_tolerance.h"

#define GRID		12			/* parts of the range of alpha */
#define GOLDEN		0.6180339887498949

/* Weighted sums of products of r, keep and the line. */
typedef struct Sums
{
	double		rr;
	double		rk;
	double		kk;
	double		rq;
	double		kq;
	double		qq;
} Sums;

/*
 * r is what smoothing from level zero leaves.  Once keep is forgotten the line
 * is slope / alpha alone.
 */
static Sums
add_up(const SiThetaPass *pass, double alpha)
{
	Sums		s = {0, 0, 0, 0, 0, 0};
	double		level = 0;
	double		keep = 1;
	double		reach = 1;
	int			t;

	for (t = 0; t < pass->n && keep > SI_FORGOTTEN; t++)
	{
		double		w = pass->weight[t];
		double		r = pass->y[t] - level;
		double		q = keep * pass->base[t] + reach * pass->slope[t];

		s.rr += w * r * r;
		s.rk += w * r * keep;
		s.kk += w * keep * keep;
		s.rq += w * r * q;
		s.kq += w * keep * q;
		s.qq += w * q * q;
		level += alpha * r;
		keep *= 1 - alpha;
		reach = 1 + (1 - alpha) * reach;
	}
	for (; t < pass->n; t++)
	{
		double		w = pass->weight[t];
		double		r = pass->y[t] - level;
		double		q = pass->slope[t] / alpha;

		s.rr += w * r * r;
		s.rq += w * r * q;
		s.qq += w * q * q;
		level += alpha * r;
	}
	return s;
}

double
si_theta_solve(SiThetaPass *pass, double alpha)
{
	Sums		s = add_up(pass, alpha);
	double		pivot = s.kk > 0 ? s.kq / s.kk : 0;
	double		rest = s.qq - pivot * s.kq;
	double		share = pass->least;

	pass->doubt = 0;
	if (pass->most > pass->least && rest > SI_COLLINEAR_PIVOT * s.qq)
	{
		share = fmin(pass->most, fmax(share, (s.rq - pivot * s.rk) / rest));
		pass->doubt = 1 / rest;
	}
	pass->share = share;
	pass->level = s.kk > 0 ? (s.rk - share * s.kq) / s.kk : 0;
	pass->squares = s.rr - 2 * share * s.rq + share * share * s.qq -
		pass->level * pass->level * s.kk;
	return pass->squares;
}

/* Golden section of a bracket; the best alpha so far is there already. */
static double
narrow(SiThetaPass *pass, double low, double high, double best, double least)
{
	double		a = high - GOLDEN * (high - low);
	double		b = low + GOLDEN * (high - low);
	double		at_a = si_theta_solve(pass, a);
	double		at_b = si_theta_solve(pass, b);

	while (high - low > SI_THETA_ALPHA)
	{
		pass->pulse();
		if (at_a < at_b)
		{
			high = b;
			b = a;
			at_b = at_a;
			a = high - GOLDEN * (high - low);
			at_a = si_theta_solve(pass, a);
		}
		else
		{
			low = a;
			a = b;
			at_a = at_b;
			b = low + GOLDEN * (high - low);
			at_b = si_theta_solve(pass, b);
		}
	}
	if (fmin(at_a, at_b) >= least)
		return best;
	return at_a < at_b ? a : b;
}

double
si_theta_search(SiThetaPass *pass, double low, double high)
{
	double		step = (high - low) / GRID;
	double		best = low;
	double		least = INFINITY;
	int			i;

	for (i = 0; i <= GRID; i++)
	{
		double		alpha = i < GRID ? low + i * step : high;
		double		squares;

		pass->pulse();
		squares = si_theta_solve(pass, alpha);
		if (squares < least)
		{
			best = alpha;
			least = squares;
		}
	}
	best = narrow(pass, fmax(low, best - step), fmin(high, best + step),
				  best, least);
	si_theta_solve(pass, best);
	return best;
}

double
si_theta_fitted(const SiThetaPass *pass, double alpha, double *fitted)
{
	double		level = pass->level;
	double		keep = 1;
	double		reach = 1;
	int			t;

	for (t = 0; t < pass->n; t++)
	{
		fitted[t] = level + pass->share *
			(keep * pass->base[t] + reach * pass->slope[t]);
		level += alpha * (pass->y[t] - level);
		keep = keep > SI_FORGOTTEN ? keep * (1 - alpha) : 0;
		reach = 1 + (1 - alpha) * reach;
	}
	return level;
}
