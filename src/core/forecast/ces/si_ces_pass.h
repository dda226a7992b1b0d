/*
 * si_ces_pass.h
 *	  Complex exponential smoothing with given parameters: one walk through
 *	  the series, and where it had best start.  For si_ces.c.
 */
#ifndef SI_CES_PASS_H
#define SI_CES_PASS_H

#include "core/forecast/ces/si_ces.h"

typedef struct SiCesPass
{
	int			form;
	int			season;			/* 1 without seasonal states */
	int			states;
	int			n;
	const double *y;
	double		parameter[SI_CES_PARAMETERS];
	double	   *state;			/* at the start; then at the end */
	SiPulse		pulse;
} SiCesPass;

/* One step with error y - forecast; y NaN: the forecast itself. */
extern double si_ces_step(const SiCesPass *pass, int t, double y);

/* Walks from state to the end; errors may be NULL.  Sum of squared errors. */
extern double si_ces_walk(const SiCesPass *pass, double *error);

extern size_t si_ces_solve_room(int form, int season);

/*
 * Moves state to the start that gives the least sum of squared errors, which
 * is returned; least of all where the series leaves states undecided.
 */
extern double si_ces_solve(const SiCesPass *pass, SiWork *work);

extern size_t si_ces_stable_room(int form, int season);

/* Are errors of the start forgotten in the end? */
extern bool si_ces_stable(const SiCesPass *pass, SiWork *work);

#endif							/* SI_CES_PASS_H */
