/*
 * stats_contingency.h
 *	  What tables of counts share.
 */
#ifndef STATS_CONTINGENCY_H
#define STATS_CONTINGENCY_H

#include "pg/si_compat.h"

/* The error for more rows than can be counted exactly as doubles. */
pg_noreturn extern void stats_refuse_rows(void);

#endif							/* STATS_CONTINGENCY_H */
