/*
 * si_follow.h
 *	  How often an event is followed by another in time.
 */
#ifndef SI_FOLLOW_H
#define SI_FOLLOW_H

#include "core/sequence/si_sequence.h"

typedef struct SiFollowed
{
	int64_t		occurrences;
	int64_t		followed;
} SiFollowed;

/*
 * Of the n events of a sequence, those with code `first`, and how many of them
 * are followed by one with code `next` within so many microseconds.  A code
 * below 0 is that of no event.
 */
extern SiFollowed si_follow_count(int64_t n, const SiSequenceEvent *event,
								  int64_t first, int64_t next,
								  uint64_t within, SiPulse pulse);

#endif							/* SI_FOLLOW_H */
