/*
 * si_auc_gap.h
 *	  Two scores of the same weighted rows: the difference of their AUCs.
 */
#ifndef SI_AUC_GAP_H
#define SI_AUC_GAP_H

#include "core/stats/si_sort.h"

typedef struct SiAucGapRows
{
	int64_t		n;
	const double *a;			/* two scores of each row, not NaN */
	const double *b;
	const double *weight;		/* not negative; NULL: all are one */
	const uint8_t *positive;	/* 0 or 1 */
} SiAucGapRows;

/* Arrays for as many items as there are rows. */
typedef struct SiAucGapWork
{
	SiKeyed    *items;
	SiKeyed    *scratch;
	double	   *gap;
} SiAucGapWork;

typedef struct SiAucGap
{
	double		auc_a;
	double		auc_b;
	double		std_error;		/* of auc_a - auc_b; NaN: one row of a class */
} SiAucGap;

/* SI_EMPTY if either class has no weight. */
extern SiStatus si_auc_gap(const SiAucGapRows *rows, SiAucGapWork *work,
						   SiAucGap *out, SiPulse pulse);

#endif							/* SI_AUC_GAP_H */
