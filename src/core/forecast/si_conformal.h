/*
 * si_conformal.h
 *	  Errors of many series, pooled by step: how wide intervals really must be.
 *
 * Bytes are read where they lie.
 */
#ifndef SI_CONFORMAL_H
#define SI_CONFORMAL_H

#include "core/si_bytes.h"
#include "core/stats/si_sort.h"

#define SI_CONFORMAL_VERSION	1
#define SI_CONFORMAL_STEPS		4096

typedef struct SiConformal
{
	int			steps;
	int64_t		errors;			/* of all steps */
	const uint8_t *count;		/* u64 by step */
	const uint8_t *size;		/* of errors, f64, ascending by step */
} SiConformal;

/*
 * The bytes of n > 0 errors in order of si_sort_pairs.  key: the step, from 0;
 * item: the bits of the size, which is finite and not negative.
 */
extern size_t si_conformal_size(int64_t n, const SiKeyed *error);
extern void si_conformal_encode(int64_t n, const SiKeyed *error, uint8_t *out,
								SiPulse pulse);

extern SiStatus si_conformal_open(const void *bytes, size_t size,
								  SiConformal *conformal, SiPulse pulse);

/* Adds the errors of a value to an array with room. */
extern void si_conformal_unpack(const SiConformal *conformal, SiKeyed *error,
								SiPulse pulse);

/*
 * How many expected deviations an interval of a level reaches at a step, from
 * 0.  Steps beyond the last one with errors are taken to be like that one; NaN
 * where there are none.
 */
extern double si_conformal_reach(const SiConformal *conformal, int64_t step,
								 double level);

#endif							/* SI_CONFORMAL_H */
