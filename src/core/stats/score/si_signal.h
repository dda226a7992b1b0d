/*
 * si_signal.h
 *	  Signals that fade: a weighted mean of values halved by age.
 */
#ifndef SI_SIGNAL_H
#define SI_SIGNAL_H

#include "core/si_core.h"
#include "core/stats/si_sum.h"

#define SI_SIGNAL_VERSION	1
#define SI_SIGNAL_SIZE		60	/* bytes encoded */
#define SI_SIGNAL_LARGEST	1e300
#define SI_MAX_SIGNALS		(INT64_C(1) << 52)

typedef struct SiSignal
{
	int64_t		rows;
	SiSum		terms;
	SiSum		weight;
} SiSignal;

/* The same while rows come and go; start from zeroes. */
typedef struct SiSignalWindow
{
	SiSignal	signal;
	SiSum		size;			/* sum of the terms' absolute values */
	double		size_noise;		/* what rounding may have left in terms */
	double		weight_noise;	/* and in weight */
} SiSignalWindow;

/*
 * value * weight, halved for every half-life; age >= 0 and half_life > 0 in
 * the same unit.
 */
extern double si_signal_term(double value, double weight, double age,
							 double half_life);

extern void si_signal_add(SiSignalWindow *window, double term, double weight);

/*
 * Takes away a row that was added; false if too little is left to be told from
 * rounding, and the window must be summed up again.
 */
extern bool si_signal_remove(SiSignalWindow *window, double term,
							 double weight);

extern void si_signal_merge(SiSignal *into, const SiSignal *from);

/* 100 * terms / weight; NaN without weight. */
extern double si_signal_score(const SiSignal *signal);

/* Whether the sums are within range, and could have come about. */
extern bool si_signal_valid(const SiSignal *signal);

extern void si_signal_encode(const SiSignal *signal, uint8_t *out);
extern SiStatus si_signal_decode(const void *bytes, size_t size,
								 SiSignal *signal);

#endif							/* SI_SIGNAL_H */
