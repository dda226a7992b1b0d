/*
 * stats_duration.h
 *	  Durations in arguments: numbers of any unit, or intervals, in seconds.
 */
#ifndef STATS_DURATION_H
#define STATS_DURATION_H

#include "fmgr.h"

/* An interval in an argument, in seconds; an error if it is infinite. */
extern double stats_seconds(FunctionCallInfo fcinfo, int n);

/*
 * An error unless durations are in seconds, so that an interval can be compared
 * with them.  (A number is taken for one of their unit, whatever that is.)
 */
extern void stats_check_seconds(bool seconds);

/* A number or an interval in an argument; an error if it is negative. */
extern double stats_duration(FunctionCallInfo fcinfo, int n, bool seconds);

#endif							/* STATS_DURATION_H */
