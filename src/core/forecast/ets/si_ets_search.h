/*
 * si_ets_search.h
 *	  The point of greatest likelihood of a form.
 */
#ifndef SI_ETS_SEARCH_H
#define SI_ETS_SEARCH_H

#include "core/forecast/ets/si_ets_pass.h"

typedef struct SiEtsSearch
{
	SiEtsPass	pass;
	double	   *matrix;			/* count rows of so many */
	double	   *factor;
	double	   *gradient;
	double	   *step;
	double	   *x;				/* coordinates */
	double	   *trial;
	int		   *free;			/* columns that may move */
} SiEtsSearch;

extern size_t si_ets_search_room(int period);

/* For a form and n values above; work must outlive the search. */
extern void si_ets_search_open(SiEtsSearch *search, const SiEtsForm *form,
							   int n, const double *y, SiWork *work,
							   SiPulse pulse);

/*
 * Both move the point to one of greater likelihood and return its -2
 * log-likelihood; the former moves its states only, by a few steps, the latter
 * takes so many steps at most, while they gain more than is worth it.
 * Infinity: the form is not defined where they start.
 */
extern double si_ets_settle(SiEtsSearch *search, SiEtsPoint *point);
extern double si_ets_search(SiEtsSearch *search, SiEtsPoint *point, int steps,
							double worth);

#endif							/* SI_ETS_SEARCH_H */
