/*
 * si_contingency.c
 *	  A 2x2 table of exposure against outcome: how they go together, how
 *	  surely, and its bytes.
 *
 * With cells a, b (exposed: with and without the outcome) and c, d (not
 * exposed):
 *
 * Sample odds ratio: a d / (b c).
 * Conditional odds ratio: the one that makes a the mean of Fisher's
 * noncentral hypergeometric distribution (si_hypergeometric.c); the exact
 * interval holds those that a tail test of half the error on each side would
 * not reject, and Fisher's p-value adds the tables at most as likely.
 * Wald interval: of the logarithm, with the variance 1/a + 1/b + 1/c + 1/d
 * (Woolf 1955).  If a cell is zero, a half is added to each for this interval
 * (Haldane, Anscombe 1956).
 * Chi-square: n (a d - b c)^2 / (product of the margins), with Yates'
 * correction of n/2, at most |a d - b c|, if asked for.
 *
 * Special cases: a d > 0 = b c gives Infinity, b c > 0 = a d gives 0.  An
 * empty row or column leaves nothing to compare: NaN, and a p-value of 1 for
 * Fisher's test, whose only possible table was seen.
 *
 * Accuracy: a few roundings; a d - b c is rounded once, so that counts of 1e15
 * lose nothing.  See si_hypergeometric.c for the exact methods.
 *
 * Layout: magic, version u32, flags u32, a, b, c, d as u64, hash u64 of all
 * bytes before.
 */
#include "core/stats/table/si_contingency.h"

#include <math.h>

#include "core/si_hash.h"
#include "core/stats/distribution/si_hypergeometric.h"
#include "core/stats/distribution/si_normal.h"

#define MAGIC			UINT32_C(0x54324953)	/* "SI2T" */

static const SiInterval unknown = {NAN, NAN};

bool
si_contingency_valid(const SiContingency *t)
{
	const int64_t cell[] = {t->a, t->b, t->c, t->d};
	int64_t		left = SI_MAX_TABLE_ROWS;

	for (int i = 0; i < 4; i++)
	{
		if (cell[i] < 0 || cell[i] > left)
			return false;
		left -= cell[i];
	}
	return true;
}

void
si_contingency_count(SiContingency *t, bool exposed, bool outcome)
{
	t->a += exposed && outcome;
	t->b += exposed && !outcome;
	t->c += !exposed && outcome;
	t->d += !exposed && !outcome;
}

bool
si_contingency_merge(SiContingency *into, const SiContingency *from)
{
	if (si_contingency_rows(from) >
		SI_MAX_TABLE_ROWS - si_contingency_rows(into))
		return false;
	into->a += from->a;
	into->b += from->b;
	into->c += from->c;
	into->d += from->d;
	return true;
}

/* Whether both rows and both columns hold something. */
static bool
can_compare(const SiContingency *t)
{
	return t->a + t->b > 0 && t->c + t->d > 0 &&
		t->a + t->c > 0 && t->b + t->d > 0;
}

double
si_odds_ratio(const SiContingency *t)
{
	double		with = (double) t->a * (double) t->d;
	double		against = (double) t->b * (double) t->c;

	if (with == 0.0 && against == 0.0)
		return NAN;
	return against > 0.0 ? with / against : INFINITY;
}

double
si_odds_ratio_cmle(const SiContingency *t, SiPulse pulse)
{
	SiMargins	m = si_margins(t->a, t->b, t->c, t->d);
	double		x = (double) t->a;

	if (m.low == m.high)
		return NAN;
	if (x == m.low || x == m.high)
		return x == m.low ? 0.0 : INFINITY;
	return exp(si_hypergeometric_estimate(&m, x, pulse));
}

/* a d - b c, where a product of two is a double and its rounding error. */
double
si_determinant(const SiContingency *t)
{
	double		a = (double) t->a;
	double		b = (double) t->b;
	double		c = (double) t->c;
	double		d = (double) t->d;
	double		with = a * d;
	double		against = b * c;

	return (with - against) + (fma(a, d, -with) - fma(b, c, -against));
}

double
si_risk_difference(const SiContingency *t)
{
	double		exposed = (double) (t->a + t->b);
	double		others = (double) (t->c + t->d);

	if (exposed == 0.0 || others == 0.0)
		return NAN;
	return si_determinant(t) / exposed / others;
}

double
si_relative_risk(const SiContingency *t)
{
	double		exposed = (double) t->a / (double) (t->a + t->b);
	double		others = (double) t->c / (double) (t->c + t->d);

	return exposed / others;	/* 0/0 is NaN, as it should be */
}

SiInterval
si_odds_ratio_wald(const SiContingency *t, double level)
{
	bool		zero = t->a == 0 || t->b == 0 || t->c == 0 || t->d == 0;
	double		half = zero ? 0.5 : 0.0;
	double		a = (double) t->a + half;
	double		b = (double) t->b + half;
	double		c = (double) t->c + half;
	double		d = (double) t->d + half;
	double		ratio = a / b * (d / c);
	double		reach = si_normal_quantile(0.5 + 0.5 * level) *
		sqrt(1 / a + 1 / b + 1 / c + 1 / d);
	SiInterval	interval = {ratio * exp(-reach), ratio * exp(reach)};

	return can_compare(t) ? interval : unknown;
}

SiInterval
si_odds_ratio_exact(const SiContingency *t, double level, SiPulse pulse)
{
	SiMargins	m = si_margins(t->a, t->b, t->c, t->d);
	double		x = (double) t->a;
	double		tail = 0.5 - 0.5 * level;
	SiInterval	interval = {0.0, INFINITY};

	if (m.low == m.high)
		return unknown;
	if (x > m.low)
		interval.low = exp(si_hypergeometric_low(&m, x, tail, pulse));
	if (x < m.high)
		interval.high = exp(si_hypergeometric_high(&m, x, tail, pulse));
	return interval;
}

double
si_fisher_p_value(const SiContingency *t, SiPulse pulse)
{
	SiMargins	m = si_margins(t->a, t->b, t->c, t->d);

	if (m.low == m.high)
		return 1.0;
	return si_hypergeometric_two_sided(&m, (double) t->a, pulse);
}

/* Divided step by step: a product of four margins could overflow. */
SiTest
si_chi_square_test(const SiContingency *t, bool yates)
{
	double		n = (double) si_contingency_rows(t);
	double		distance = fabs(si_determinant(t));
	SiTest		test = {NAN, NAN};
	double		scaled;

	if (!can_compare(t))
		return test;
	if (yates)
		distance = fmax(distance - 0.5 * n, 0.0);
	scaled = distance / sqrt((double) (t->a + t->b) * (double) (t->c + t->d)) /
		sqrt((double) (t->a + t->c) * (double) (t->b + t->d));
	test.statistic = n * scaled * scaled;
	test.p_value = si_normal_p_value(sqrt(test.statistic));
	return test;
}

/* ----- Bytes ----- */

void
si_contingency_encode(const SiContingency *t, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	si_write_u32(&writer, MAGIC);
	si_write_u32(&writer, SI_CONTINGENCY_VERSION);
	si_write_u32(&writer, 0);
	si_write_i64(&writer, t->a);
	si_write_i64(&writer, t->b);
	si_write_i64(&writer, t->c);
	si_write_i64(&writer, t->d);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

SiStatus
si_contingency_decode(const void *bytes, size_t size, SiContingency *t)
{
	SiReader	in = si_reader_hashed(bytes, size);

	si_read_check(&in, size == SI_CONTINGENCY_SIZE);
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u32(&in) == SI_CONTINGENCY_VERSION);
	si_read_check(&in, si_read_u32(&in) == 0);
	t->a = si_read_i64(&in);
	t->b = si_read_i64(&in);
	t->c = si_read_i64(&in);
	t->d = si_read_i64(&in);
	si_read_check(&in, si_contingency_valid(t));
	return in.bad ? SI_CORRUPT : SI_OK;
}
