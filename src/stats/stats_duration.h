/*
 * stats_duration.h
 *	  Durations in arguments: numbers of any unit, or intervals, in seconds.
 */
#ifndef STATS_DURATION_H
#define STATS_DURATION_H

#include "fmgr.h"

/* An interval in an argument, in seconds; an error if it is infinite. */
extern double stats_seconds(FunctionCallInfo fcinfo, int n);

/* A number or an interval in an argument; an error if it is negative. */
extern double stats_duration(FunctionCallInfo fcinfo, int n, bool seconds);

#endif							/* STATS_DURATION_H */
