/*
 * si_simplex.c
 *	  Minimum of a function of a few variables, without derivatives.
 *
 * Method: Nelder and Mead's simplex with the usual coefficients (reflect 1,
 * expand 2, contract 1/2, shrink 1/2).  It stops when the values of all corners
 * agree to the spread asked for, relative to their size, or after so many
 * evaluations.
 *
 * Special cases: a corner of infinite value only ever leaves the simplex, so
 * that bounds can be given as infinity.
 *
 * Reference: J. A. Nelder, R. Mead, "A simplex method for function
 * minimization", Computer Journal 7 (1965) 308-313.
 */
#include <math.h>
#include <string.h>

#include "core/forecast/si_simplex.h"

typedef struct Simplex
{
	int			p;
	SiObjective objective;
	void	   *arg;
	int			evaluations;	/* left */
	double	   *corner;			/* p + 1 rows of p */
	double	   *value;			/* of each corner */
	double	   *centre;			/* of all corners but the worst */
	double	   *trial;
	double	   *second;
	int			best;
	int			worst;
	double		runner_up;		/* the second worst value */
} Simplex;

size_t
si_simplex_room(int p)
{
	return (size_t) (p + 1) * (p + 1) + 3 * (size_t) p;
}

static double
value_of(Simplex *s, const double *x)
{
	double		value = s->objective(x, s->arg);

	s->evaluations--;
	return value == value ? value : INFINITY;
}

static double *
corner(const Simplex *s, int i)
{
	return s->corner + (size_t) i * s->p;
}

static void
replace_worst(Simplex *s, const double *x, double value)
{
	memcpy(corner(s, s->worst), x, s->p * sizeof(double));
	s->value[s->worst] = value;
}

static void
rank_corners(Simplex *s)
{
	int			i;

	s->best = s->worst = 0;
	for (i = 1; i <= s->p; i++)
	{
		if (s->value[i] < s->value[s->best])
			s->best = i;
		if (s->value[i] >= s->value[s->worst])
			s->worst = i;
	}
	s->runner_up = s->value[s->best];
	for (i = 0; i <= s->p; i++)
	{
		if (i != s->worst && s->value[i] > s->runner_up)
			s->runner_up = s->value[i];
	}
}

static void
find_centre(Simplex *s)
{
	int			i;
	int			j;

	memset(s->centre, 0, s->p * sizeof(double));
	for (i = 0; i <= s->p; i++)
	{
		for (j = 0; j < s->p && i != s->worst; j++)
			s->centre[j] += corner(s, i)[j] / s->p;
	}
}

/* The value at the centre plus scale times the way there from the worst. */
static double
try_point(Simplex *s, double scale, double *x)
{
	const double *worst = corner(s, s->worst);
	int			j;

	for (j = 0; j < s->p; j++)
		x[j] = s->centre[j] + scale * (s->centre[j] - worst[j]);
	return value_of(s, x);
}

static void
shrink(Simplex *s)
{
	int			i;
	int			j;

	for (i = 0; i <= s->p; i++)
	{
		if (i == s->best)
			continue;
		for (j = 0; j < s->p; j++)
			corner(s, i)[j] = 0.5 * (corner(s, i)[j] + corner(s, s->best)[j]);
		s->value[i] = value_of(s, corner(s, i));
	}
}

/* One move of the worst corner, or of all but the best. */
static void
move(Simplex *s)
{
	double		reflected = try_point(s, 1.0, s->trial);
	double		other;

	if (reflected < s->value[s->best])
	{
		other = try_point(s, 2.0, s->second);
		if (other < reflected)
			replace_worst(s, s->second, other);
		else
			replace_worst(s, s->trial, reflected);
		return;
	}
	if (reflected < s->runner_up)
	{
		replace_worst(s, s->trial, reflected);
		return;
	}
	other = try_point(s, reflected < s->value[s->worst] ? 0.5 : -0.5,
					  s->second);
	if (other < s->value[s->worst] && other <= reflected)
		replace_worst(s, s->second, other);
	else
		shrink(s);
}

static void
start_simplex(Simplex *s, const double *x, const double *step)
{
	int			i;

	for (i = 0; i <= s->p; i++)
	{
		memcpy(corner(s, i), x, s->p * sizeof(double));
		if (i > 0)
			corner(s, i)[i - 1] += step[i - 1];
		s->value[i] = value_of(s, corner(s, i));
	}
}

double
si_simplex_minimise(int p, double *x, const double *step,
					SiObjective objective, void *arg,
					const SiSimplexOptions *options, double *room)
{
	Simplex		s;

	s.p = p;
	s.objective = objective;
	s.arg = arg;
	s.evaluations = options->evaluations;
	s.corner = room;
	s.value = s.corner + (size_t) (p + 1) * p;
	s.centre = s.value + p + 1;
	s.trial = s.centre + p;
	s.second = s.trial + p;

	start_simplex(&s, x, step);
	rank_corners(&s);
	while (s.evaluations > 0 && s.value[s.worst] - s.value[s.best] >
		   options->spread * (fabs(s.value[s.best]) + options->spread))
	{
		find_centre(&s);
		move(&s);
		rank_corners(&s);
	}
	memcpy(x, corner(&s, s.best), p * sizeof(double));
	return s.value[s.best];
}
