/*
 * si_waits.h
 *	  The distribution of waits: exact for up to 262,144 different ones.
 *
 * A wait is a length of time in microseconds.  Many waits are kept as pairs of
 * a value and how often it occurs, ascending.  While there are no more than
 * SI_WAIT_VALUES different values they are exact; beyond, all are cut to their
 * leading binary digits, as many as leave no more values than that: at least
 * 13, so that a value is right to one part in 4,096.
 *
 * How many digits are left depends on the waits alone, and cutting twice is
 * cutting once to the shorter length.  So parts that were cut on their own
 * merge to what all waits together give, whatever the parts.
 */
#ifndef SI_WAITS_H
#define SI_WAITS_H

#include "core/si_bytes.h"
#include "core/stats/si_sort.h"

#define SI_WAIT_VALUES		262144
#define SI_WAIT_DIGITS		64	/* exact */
#define SI_WAIT_LEAST		13

/* The leading digits of a value. */
static inline uint64_t
si_wait_cut(uint64_t value, int digits)
{
	int			length = value == 0 ? 0 : 64 - __builtin_clzll(value);

	if (length <= digits)
		return value;
	return value >> (length - digits) << (length - digits);
}

/*
 * Brings n pairs (key: the value, item: how often) in ascending order, which
 * may repeat values, to their final form: cut and merged.  *digits is what
 * they have been cut to before, and becomes what they are cut to.  Returns how
 * many are left.
 */
extern int64_t si_waits_settle(int64_t n, SiKeyed *waits, int *digits,
							   SiPulse pulse);

/*
 * The same with another limit of different values, a power of two from 64 up:
 * at least log2(values / 64) + 1 digits are left.
 */
extern int64_t si_waits_settle_to(int64_t n, SiKeyed *waits, int64_t values,
								  int *digits, SiPulse pulse);

/*
 * The quantile of n > 0 pairs, total in number, interpolated between waits as
 * percentile_cont does; a cut value stands for the middle of what it may have
 * been.
 */
extern uint64_t si_waits_quantile(int64_t n, const SiKeyed *waits,
								  uint64_t total, int digits, double share);

/*
 * In bytes: their number, then of each its distance from the one before and how
 * often it occurs, less 1.
 */
extern void si_waits_write(SiWriter *out, int64_t n, const SiKeyed *waits,
						   SiPulse pulse);

/* What waits that are read must be. */
typedef struct SiWaitsRule
{
	int			least_digits;
	int64_t		most;			/* different ones */
	uint64_t	longest;
	uint64_t	total;			/* how many in all, exactly */
} SiWaitsRule;

/*
 * Goes past waits and the digits that they are cut to, which stand before them:
 * they ascend, and are cut as said.  Returns how many pairs there are, and
 * where they start.
 */
extern int64_t si_waits_check(SiReader *in, const SiWaitsRule *rule,
							  int *digits, SiReader *body, SiPulse pulse);

/* Reads n pairs that were checked. */
extern void si_waits_read(SiReader body, int64_t n, SiKeyed *waits,
						  SiPulse pulse);

#endif							/* SI_WAITS_H */
