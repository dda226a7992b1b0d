/*
 * si_funnel_pairing.h
 *	  Different rows for consecutive steps within one moment.
 */
#ifndef SI_FUNNEL_PAIRING_H
#define SI_FUNNEL_PAIRING_H

#include "core/sequence/funnel/si_funnel.h"

/* Rows beyond this many for a step are never needed, see the C file. */
#define SI_PAIRING_ROWS		(SI_FUNNEL_STEPS * SI_FUNNEL_STEPS)

typedef struct SiPairing
{
	int			rows;
	int			low;			/* steps low..high have a row each */
	int			high;
	uint64_t	steps[SI_PAIRING_ROWS];
	uint8_t		step_of[SI_PAIRING_ROWS];	/* 0: free */
	uint16_t	row_of[SI_FUNNEL_STEPS + 1];
	uint64_t	visited[SI_PAIRING_ROWS / 64];
} SiPairing;

/* Starts with the rows of a moment and no step. */
extern void si_pairing_start(SiPairing *pairing, int64_t n,
							 const SiFunnelRow *rows);

/*
 * Adds the step after the highest, which a row must satisfy; drops lowest
 * steps until all that are left have a row of their own.
 */
extern void si_pairing_raise(SiPairing *pairing, int step);

#endif							/* SI_FUNNEL_PAIRING_H */
