/*
 * si_contingency.h
 *	  A 2x2 table of exposure against outcome: how they go together, how
 *	  surely, and its bytes.
 */
#ifndef SI_CONTINGENCY_H
#define SI_CONTINGENCY_H

#include "core/si_bytes.h"

#define SI_CONTINGENCY_VERSION	1
#define SI_CONTINGENCY_SIZE		(3 * 4 + 4 * 8 + 8)
#define SI_MAX_TABLE_ROWS		(INT64_C(1) << 53)	/* exact as doubles */

typedef struct SiContingency
{
	int64_t		a;				/* exposed, with the outcome */
	int64_t		b;				/* exposed, without */
	int64_t		c;				/* not exposed, with */
	int64_t		d;				/* neither */
} SiContingency;

typedef struct SiInterval
{
	double		low;
	double		high;
} SiInterval;

typedef struct SiTest
{
	double		statistic;
	double		p_value;
} SiTest;

static inline int64_t
si_contingency_rows(const SiContingency *t)
{
	return t->a + t->b + t->c + t->d;
}

/* Counts not negative, at most SI_MAX_TABLE_ROWS together. */
extern bool si_contingency_valid(const SiContingency *t);

/* Adds a row, or all rows of another table; false past the limit. */
extern void si_contingency_count(SiContingency *t, bool exposed, bool outcome);
extern bool si_contingency_merge(SiContingency *into,
								 const SiContingency *from);

/* NaN where the table cannot tell; 0 and Infinity are honest answers. */
extern double si_odds_ratio(const SiContingency *t);
extern double si_odds_ratio_cmle(const SiContingency *t, SiPulse pulse);
extern double si_risk_difference(const SiContingency *t);
extern double si_relative_risk(const SiContingency *t);

/* level in (0,1); both ends NaN where the table cannot tell. */
extern SiInterval si_odds_ratio_wald(const SiContingency *t, double level);
extern SiInterval si_odds_ratio_exact(const SiContingency *t, double level,
									  SiPulse pulse);

/* Two-sided; 1 where a margin is empty. */
extern double si_fisher_p_value(const SiContingency *t, SiPulse pulse);
extern SiTest si_chi_square_test(const SiContingency *t, bool yates);

/* a d - b c, rounded once */
extern double si_determinant(const SiContingency *t);

extern void si_contingency_encode(const SiContingency *t, uint8_t *out);
extern SiStatus si_contingency_decode(const void *bytes, size_t size,
									  SiContingency *t);

#endif							/* SI_CONTINGENCY_H */
