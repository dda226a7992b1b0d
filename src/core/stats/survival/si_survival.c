/*
 * si_survival.c
 *	  How long until an event, for rows of which some still wait for it.
 *
 * Method: Kaplan and Meier's product of (1 - events / at risk) over the
 * durations with events.  A row that was still waiting when last seen
 * (censored) is at risk up to and including its duration.  The logarithm of
 * the share has Greenwood's variance, the sum of
 * events / (at risk (at risk - events)); the interval is made on it, as
 * survfit in R does unless told otherwise, with an upper end of 1 at most.
 *
 * Median: the first duration at which half or less is left; if it is exactly
 * half, the middle between this and the next event, or the end, as in R.
 *
 * Special cases: nothing is left after the last row if that is an event: the
 * share is 0, without interval.  If the last row is censored, what comes after
 * it is not known (NaN), nor is a median that was not reached.
 *
 * Accuracy: a product of as many roundings as there are durations.
 *
 * Reference: Kaplan and Meier, J. Am. Stat. Assoc. 53 (1958), 457-481;
 * Greenwood, "The natural duration of cancer" (1926).
 */
#include "core/stats/survival/si_survival.h"

#include <math.h>

#include "core/si_tolerance.h"
#include "core/stats/distribution/si_normal.h"

SiSurvivalCursor
si_survival_cursor(const SiSample *sample, SiPulse pulse)
{
	SiSurvivalCursor c;

	c.cursor = si_sample_cursor(sample, pulse);
	c.more = si_sample_next(&c.cursor, &c.next);
	c.at_risk = (double) sample->rows;
	c.survival = 1.0;
	c.variance.high = c.variance.low = 0.0;
	return c;
}

bool
si_survival_next(SiSurvivalCursor *c, SiSurvivalStep *step)
{
	uint64_t	key = c->next.key;
	double		left;

	if (!c->more)
		return false;
	step->at = si_sort_value(key);
	step->at_risk = c->at_risk;
	step->events = step->censored = 0.0;
	while (c->more && c->next.key == key)
	{
		if (c->next.item == 1)
			step->events = (double) c->next.count;
		else
			step->censored = (double) c->next.count;
		c->more = si_sample_next(&c->cursor, &c->next);
	}
	left = c->at_risk - step->events;
	if (step->events > 0.0)
	{
		c->survival *= left / c->at_risk;
		si_sum_add(&c->variance, step->events / c->at_risk / left);
	}
	c->at_risk = left - step->censored;
	step->survival = c->survival;
	step->variance = si_sum_value(&c->variance);
	return true;
}

void
si_survival_interval(const SiSurvivalStep *step, double level,
					 double *low, double *high)
{
	double		reach = si_normal_quantile(0.5 + 0.5 * level) *
		sqrt(step->variance);

	*low = *high = NAN;
	if (step->survival > 0.0)
	{
		*low = step->survival * exp(-reach);
		*high = fmin(step->survival * exp(reach), 1.0);
	}
}

double
si_survival_at(const SiSample *sample, double t, SiPulse pulse)
{
	SiSurvivalCursor cursor = si_survival_cursor(sample, pulse);
	double		survival = 1.0;
	SiSurvivalStep step;

	while (si_survival_next(&cursor, &step))
	{
		if (step.at > t)
			return survival;
		survival = step.survival;
	}
	return (survival == 0.0 && t > step.at) || step.at == t ? survival : NAN;
}

double
si_survival_median(const SiSample *sample, SiPulse pulse)
{
	SiSurvivalCursor cursor = si_survival_cursor(sample, pulse);
	double		half = NAN;		/* where exactly half was left */
	SiSurvivalStep step = {0};

	while (si_survival_next(&cursor, &step))
	{
		if (step.events == 0.0 || step.survival > 0.5 + SI_HALF_SURVIVAL)
			continue;
		if (!isnan(half))
			return half / 2.0 + step.at / 2.0;
		if (step.survival < 0.5 - SI_HALF_SURVIVAL)
			return step.at;
		half = step.at;
	}
	return half / 2.0 + step.at / 2.0;
}
