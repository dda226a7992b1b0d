/*
 * si_follow.c
 *	  How often an event is followed by another in time.
 *
 * Method: moment by moment, from the last one back.  What follows an event is
 * what happens later, or together with it, since events that happen together
 * have no order.  An event does not follow itself: of k equal ones that happen
 * together, k - 1 are followed at once.
 */
#include "core/sequence/si_follow.h"

#define BLOCK_EVENTS	65536	/* between pulses */

/* How many of events[start..end) have the code. */
static int64_t
count_code(const SiSequenceEvent *event, int64_t start, int64_t end,
		   int64_t code)
{
	int64_t		count = 0;
	int64_t		i;

	for (i = start; i < end; i++)
		count += event[i].code == code;
	return count;
}

SiFollowed
si_follow_count(int64_t n, const SiSequenceEvent *event, int64_t first,
				int64_t next, uint64_t within, SiPulse pulse)
{
	SiFollowed	is = {0, 0};
	bool		later = false;	/* whether a moment further on has a next */
	int64_t		later_time = 0;
	int64_t		end = n;
	int64_t		start;

	for (start = n - 1; start >= 0; start--)
	{
		int64_t		time = event[start].time;
		int64_t		firsts;
		int64_t		nexts;
		bool		reached;

		if (start % BLOCK_EVENTS == 0)
			pulse();
		if (event[start].together)
			continue;
		firsts = count_code(event, start, end, first);
		nexts = count_code(event, start, end, next);
		reached = later &&
			(uint64_t) later_time - (uint64_t) time <= within;
		is.occurrences += firsts;
		if (first == next)
			is.followed += firsts > 0 ? firsts - 1 + reached : 0;
		else if (nexts > 0 || reached)
			is.followed += firsts;
		if (nexts > 0)
		{
			later = true;
			later_time = time;
		}
		end = start;
	}
	return is;
}
