/*
 * si_strata.h
 *	  2x2 tables of several strata: what they say together, and whether they
 *	  say the same.
 */
#ifndef SI_STRATA_H
#define SI_STRATA_H

#include "core/stats/table/si_tables.h"

typedef struct SiMantelHaenszel
{
	double		odds_ratio;
	SiInterval	interval;
	SiTest		test;
} SiMantelHaenszel;

typedef struct SiBreslowDay
{
	SiTest		test;
	double		df;
	SiTest		tarone;
} SiBreslowDay;

typedef enum SiVerdict
{
	SI_VERDICT_TOO_FEW,
	SI_VERDICT_NO_EVIDENCE,
	SI_VERDICT_HOLDS,
	SI_VERDICT_REVERSED
} SiVerdict;

/* Expected counts below this are too few for a verdict. */
#define SI_VERDICT_EXPECTED	5.0

/* The common odds ratio: 0, Infinity, or NaN where no stratum can tell. */
extern double si_strata_odds_ratio(const SiTables *strata, SiPulse pulse);

extern SiMantelHaenszel si_mantel_haenszel(const SiTables *strata,
										   double level, bool correct,
										   SiPulse pulse);
extern SiBreslowDay si_breslow_day(const SiTables *strata, SiPulse pulse);

/* What a stratum, with its p-value, says to the common odds ratio. */
extern SiVerdict si_stratum_verdict(const SiContingency *t, double p_value,
									double level, double common);

#endif							/* SI_STRATA_H */
