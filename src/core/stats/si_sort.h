/*
 * si_sort.h
 *	  Stable sort of keyed items, and the key that orders doubles.
 */
#ifndef SI_SORT_H
#define SI_SORT_H

#include <string.h>

#include "core/si_core.h"

typedef struct SiKeyed
{
	uint64_t	key;
	uint64_t	item;
} SiKeyed;

/*
 * Maps doubles to integers in the same order: -Inf first, -0.0 equal to 0.0,
 * every NaN equal and last.
 */
static inline uint64_t
si_sort_key(double x)
{
	const uint64_t sign = UINT64_C(1) << 63;
	uint64_t	bits;

	if (x != x)
		return UINT64_MAX;
	x += 0.0;					/* -0.0 becomes 0.0 */
	memcpy(&bits, &x, sizeof(bits));
	return (bits & sign) ? ~bits : bits | sign;
}

/* The double of a key; -0.0 and all but one NaN have no key of their own. */
static inline double
si_sort_value(uint64_t key)
{
	const uint64_t sign = UINT64_C(1) << 63;
	uint64_t	bits = (key & sign) ? key ^ sign : ~key;
	double		x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/*
 * Sorts ascending by key, stable; the result is in items.  The caller owns
 * both arrays of n; scratch is left undefined.
 */
extern void si_sort_keyed(int64_t n, SiKeyed *items, SiKeyed *scratch,
						  SiPulse pulse);

/* The same, and items of one key ascend. */
extern void si_sort_pairs(int64_t n, SiKeyed *items, SiKeyed *scratch,
						  SiPulse pulse);

#endif							/* SI_SORT_H */
