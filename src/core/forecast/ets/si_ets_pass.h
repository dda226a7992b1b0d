/*
 * si_ets_pass.h
 *	  One pass of exponential smoothing over a series: its errors, and how
 *	  they move with every number of the form.
 */
#ifndef SI_ETS_PASS_H
#define SI_ETS_PASS_H

#include "core/forecast/ets/si_ets_form.h"

/*
 * Sums over the errors r and their slopes d, by column.  Rows of a matrix,
 * and of the slopes at work, are stride long.
 */
typedef struct SiEtsSlopes
{
	int			stride;			/* count of columns, made even */
	int			carried;		/* columns at work, even */
	double	   *level;			/* slopes of the latest states */
	double	   *growth;
	double	   *season;			/* period rows */
	double	   *rows;			/* slopes of the latest errors */
	double	   *errors;			/* as many errors */
	int			filled;			/* rows */
	double	   *product;		/* sum of d d', lower half */
	double	   *cross;			/* sum of r d */
	double	   *log;			/* sum of the slopes of log forecast */
} SiEtsSlopes;

typedef struct SiEtsPass
{
	SiEtsForm	form;
	SiEtsColumns column;
	int			n;
	const double *y;
	SiPulse		pulse;
	SiEtsSlopes slopes;
	double		squares;		/* sum of squared errors */
	double		logs;			/* of log forecast, with relative errors */
	double		least;			/* sum of squares that only rounding makes */
} SiEtsPass;

extern size_t si_ets_slopes_room(int period);
extern void si_ets_slopes_place(SiEtsPass *pass, SiWork *work);

/*
 * Both go from the point to the end of the series, fill squares and logs and
 * return -2 log-likelihood; infinity where the form is not defined.  The
 * former moves the point there and keeps one-step forecasts, if not NULL; the
 * latter leaves it, and fills the sums over slopes, of states only or all.
 */
extern double si_ets_pass(SiEtsPass *pass, SiEtsPoint *point,
						  double *forecast);
extern double si_ets_pass_slopes(SiEtsPass *pass, const SiEtsPoint *point,
								 bool states_only);

#endif							/* SI_ETS_PASS_H */
