/*
 * si_memory.h
 *	  Accounts for training memory against sales_intel.fit_memory.
 */
#ifndef SI_MEMORY_H
#define SI_MEMORY_H

#include "utils/palloc.h"

/*
 * What one owner has claimed.  All claims of a backend count together; the
 * claim is returned when the memory context it was opened in is reset.
 */
typedef struct SiClaim
{
	Size		bytes;
	MemoryContextCallback callback;
} SiClaim;

extern SiClaim *si_claim_open(MemoryContext context);

/* Claim bytes more before allocating them; an error when over the limit. */
extern void si_claim_more(SiClaim *claim, Size bytes, const char *purpose);
extern void si_claim_less(SiClaim *claim, Size bytes);

/* Product of sizes, an error when it overflows. */
extern Size si_size_mul(Size a, Size b);

#endif							/* SI_MEMORY_H */
