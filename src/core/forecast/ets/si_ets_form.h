/*
 * si_ets_form.h
 *	  Forms of exponential smoothing, and where their numbers stand.
 */
#ifndef SI_ETS_FORM_H
#define SI_ETS_FORM_H

#include "core/forecast/ets/si_ets.h"

typedef struct SiEtsForm
{
	int			error;
	int			trend;
	bool		damped;
	int			season;
	int			period;			/* 1 without season */
} SiEtsForm;

/*
 * Columns of the numbers that a form estimates: initial states first, from the
 * level at 0, then smoothing parameters; -1: not of this form.  Of seasonal
 * states the last is given by the others.
 */
typedef struct SiEtsColumns
{
	int			growth;
	int			season;			/* period - 1 of them */
	int			alpha;			/* as many states */
	int			beta;
	int			gamma;
	int			phi;
	int			count;
} SiEtsColumns;

/* At most so many columns. */
#define SI_ETS_COLUMNS	(4 + 2 + SI_ETS_LONGEST_SEASON - 1)

/* Parameters and states at one time. */
typedef struct SiEtsPoint
{
	double		alpha;
	double		beta;
	double		gamma;
	double		phi;
	double		level;
	double		growth;
	double		season[SI_ETS_LONGEST_SEASON];	/* by time modulo period */
} SiEtsPoint;

extern SiEtsColumns si_ets_columns(const SiEtsForm *form);

/* Forms to try, in order of size; at most so many. */
#define SI_ETS_FORMS	30
extern int	si_ets_candidates(const SiEtsOptions *options, int n, int period,
							  bool positive, SiEtsForm *forms);

/* Do old errors lose their weight in the forecasts? */
extern bool si_ets_is_stable(const SiEtsForm *form, const SiEtsPoint *point);

#endif							/* SI_ETS_FORM_H */
