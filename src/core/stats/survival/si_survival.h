/*
 * si_survival.h
 *	  How long until an event, for rows of which some still wait for it.
 */
#ifndef SI_SURVIVAL_H
#define SI_SURVIVAL_H

#include "core/stats/sample/si_sample.h"
#include "core/stats/si_sum.h"

/* One distinct duration. */
typedef struct SiSurvivalStep
{
	double		at;
	double		at_risk;		/* rows that lasted at least as long */
	double		events;
	double		censored;		/* after the events */
	double		survival;		/* share beyond, after the events */
	double		variance;		/* of its logarithm (Greenwood) */
} SiSurvivalStep;

typedef struct SiSurvivalCursor
{
	SiSampleCursor cursor;
	SiSampleRun next;
	bool		more;
	double		at_risk;
	double		survival;
	SiSum		variance;
} SiSurvivalCursor;

/* The sample is one of durations. */
extern SiSurvivalCursor si_survival_cursor(const SiSample *sample,
										   SiPulse pulse);
extern bool si_survival_next(SiSurvivalCursor *cursor, SiSurvivalStep *step);

/* The interval of a step's survival; NaN where that is 0. */
extern void si_survival_interval(const SiSurvivalStep *step, double level,
								 double *low, double *high);

/* NaN where it is not known: past the longest duration; never reached. */
extern double si_survival_at(const SiSample *sample, double t, SiPulse pulse);
extern double si_survival_median(const SiSample *sample, SiPulse pulse);

#endif							/* SI_SURVIVAL_H */
