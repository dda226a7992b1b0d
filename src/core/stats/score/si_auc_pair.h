/*
 * si_auc_pair.h
 *	  Two scores of the same rows: which ranks better?
 */
#ifndef SI_AUC_PAIR_H
#define SI_AUC_PAIR_H

#include "core/stats/si_sort.h"

#define SI_AUC_PAIR_VERSION	1
#define SI_AUC_PAIR_SIZE	76	/* bytes encoded */
#define SI_MAX_PAIRS		(INT64_C(1) << 52)

/* A row: the sort keys of its two scores. */
typedef struct SiPair
{
	uint64_t	a;
	uint64_t	b;
} SiPair;

/* NaN: the AUCs without both classes, the variances without two rows each. */
typedef struct SiAucPair
{
	int64_t		positives;
	int64_t		negatives;
	double		auc_a;
	double		auc_b;
	double		variance_a;
	double		variance_b;
	double		variance_difference;	/* of auc_a - auc_b */
} SiAucPair;

typedef struct SiAucPairTest
{
	double		difference;		/* auc_a - auc_b */
	double		low;
	double		high;
	double		p_value;		/* two-sided, of no difference */
} SiAucPairTest;

/* Arrays for as many items as there are rows. */
typedef struct SiAucPairWork
{
	SiKeyed    *items;
	SiKeyed    *scratch;
	int64_t    *gap;
} SiAucPairWork;

extern void si_auc_pair(int64_t positives, const SiPair *positive,
						int64_t negatives, const SiPair *negative,
						SiAucPairWork *work, SiAucPair *out, SiPulse pulse);

/* level in (0,1); NaN where unknown. */
extern SiAucPairTest si_auc_pair_test(const SiAucPair *pair, double level);

extern void si_auc_pair_encode(const SiAucPair *pair, uint8_t *out);
extern SiStatus si_auc_pair_decode(const void *bytes, size_t size,
								   SiAucPair *pair);

#endif							/* SI_AUC_PAIR_H */
