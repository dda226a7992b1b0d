/*
 * si_overlap.h
 *	  How many bits two bitmaps have in common, as fast as the machine can.
 */
#ifndef SI_OVERLAP_H
#define SI_OVERLAP_H

#include "core/si_core.h"

typedef int64_t (*SiOverlap) (int64_t words, const uint64_t *a,
							  const uint64_t *b);

/* The fastest for this machine, and one for any; all count the same. */
extern SiOverlap si_overlap_best(void);
extern int64_t si_overlap_plain(int64_t words, const uint64_t *a,
								const uint64_t *b);

#endif							/* SI_OVERLAP_H */
