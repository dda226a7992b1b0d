/*
 * si_mstl.c
 *	  Several seasons, trend and remainder of a series, by local regression.
 *
 * Method: STL finds the shortest season, then the next in what is left, and so
 * on; another time around each is put back and found anew, without the others
 * in its way.  The trend is that of the last.
 *
 * Reference: K. Bandara, R. J. Hyndman, C. Bergmeir, "MSTL: a seasonal-trend
 * decomposition algorithm for time series with multiple seasonal patterns"
 * (2021), arXiv:2107.13462.
 */
#include <string.h>

#include "core/forecast/decompose/si_mstl.h"

#define FIRST_WINDOW	11
#define WINDOW_STEP		4

/* What other seasons leave; room for STL, which is larger for short ones. */
size_t
si_mstl_room(int n, int longest)
{
	return (size_t) n + si_stl_room(n, 1) + 4 * (size_t) longest;
}

int
si_mstl_usable(int n, int seasons, const int *season)
{
	int			usable = 0;

	while (usable < seasons && season[usable] >= 2 &&
		   season[usable] <= (n - 1) / 2)
		usable++;
	return usable;
}

/* Finds one season anew in what the others leave. */
static SiStatus
renew(int n, double *rest, int season, int window, int robust_iterations,
	  double *seasonal, double *trend, double *remainder, SiWork *work,
	  SiPulse pulse)
{
	SiStatus	status;
	int			i;

	for (i = 0; i < n; i++)
		rest[i] += seasonal[i];
	status = si_stl(n, rest, season, window, 0, robust_iterations, seasonal,
					trend, remainder, work, pulse);
	for (i = 0; i < n && status == SI_OK; i++)
		rest[i] -= seasonal[i];
	return status;
}

SiStatus
si_mstl(int n, const double *y, int seasons, const int *season,
		const int *s_window, int iterations, int robust_iterations,
		double *seasonal, double *trend, double *remainder, SiWork *work,
		SiPulse pulse)
{
	SiWork		mine = *work;
	double	   *rest = si_work_take(&mine, n);
	SiStatus	status = SI_OK;
	int			round;
	int			i;

	if (seasons < 1 || si_mstl_usable(n, seasons, season) < seasons)
		return SI_EMPTY;
	memcpy(rest, y, n * sizeof(double));
	memset(seasonal, 0, (size_t) n * seasons * sizeof(double));
	for (round = 0; round < iterations && (round == 0 || seasons > 1); round++)
	{
		for (i = 0; i < seasons && status == SI_OK; i++)
			status = renew(n, rest, season[i], s_window ? s_window[i] :
						   FIRST_WINDOW + WINDOW_STEP * i, robust_iterations,
						   seasonal + (size_t) i * n, trend, remainder, &mine,
						   pulse);
	}
	for (i = 0; i < n; i++)
		remainder[i] = rest[i] - trend[i];
	return status;
}
