/*
 * si_scored.h
 *	  A scored row with its outcome, the input of every quality kernel.
 */
#ifndef SI_SCORED_H
#define SI_SCORED_H

#include "core/si_core.h"

typedef struct SiScored
{
	double		score;
	double		weight;			/* finite, not negative; zero: left out */
	bool		positive;
	int			fold;
} SiScored;

#endif							/* SI_SCORED_H */
