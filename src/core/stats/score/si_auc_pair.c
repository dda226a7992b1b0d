/*
 * si_auc_pair.c
 *	  Two scores of the same rows: which ranks better?
 *
 * Method: the difference of two AUCs is the mean, in either class, of the
 * differences of DeLong's structural components (si_delong.h).  Its variance is
 * taken from these differences directly, which is var(a) + var(b) - 2 cov(a, b)
 * without its cancellation.  Components come from one sort per score (Sun and
 * Xu's midranks).  The test is normal: z = difference / standard error.
 *
 * Special cases: scores that rank alike have a difference and a variance of
 * exactly 0 and a p-value of 1.  A difference without variance, as between a
 * perfect and a constant score, has a p-value of 0 and an interval of one
 * point.  Without both classes there are no AUCs, with a single row of a class
 * there are no variances: NaN.  The interval is cut to [-1,1].  Infinite scores
 * rank as they should; NaN is not allowed.
 *
 * Accuracy: sums are exact, hence the same for any order of the rows, up to
 * 4.7e7 rows a class; beyond they are compensated.
 *
 * Encoding, little-endian: magic, version u32, flags u32, positives u64,
 * negatives u64, five doubles, hash u64 of all bytes before.
 *
 * Reference: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), 837-845;
 * Sun and Xu, IEEE Signal Processing Letters 21 (2014), 1389-1393.
 */
#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "core/stats/distribution/si_normal.h"
#include "core/stats/score/si_auc_pair.h"
#include "core/stats/score/si_delong.h"

#define MAGIC			UINT32_C(0x43414953)	/* "SIAC" */
#define HASH_SIZE		sizeof(uint64_t)
#define BLOCK_ROWS		65536	/* between pulses */

static const SiComponents no_components = {0.0, 0.0, {0.0, 0.0}, {0.0, 0.0}};

/* ---------- one score ---------- */

/* The score's keys in order; the item says which row, positives first. */
static void
sort_score(int64_t positives, const SiPair *positive, int64_t negatives,
		   const SiPair *negative, bool second, SiAucPairWork *work,
		   SiPulse pulse)
{
	int64_t		n = positives + negatives;
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		const SiPair *row = i < positives ? &positive[i] :
			&negative[i - positives];

		if (i % BLOCK_ROWS == 0)
			pulse();
		work->items[i].key = second ? row->b : row->a;
		work->items[i].item = (uint64_t) i;
	}
	si_sort_keyed(n, work->items, work->scratch, pulse);
}

/* A tie: where it ends, and how many positives are in it. */
static int64_t
find_tie(int64_t i, int64_t n, const SiKeyed *items, int64_t positives,
		 int64_t *in_tie, SiPulse pulse)
{
	uint64_t	key = items[i].key;

	*in_tie = 0;
	for (; i < n && items[i].key == key; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		*in_tie += items[i].item < (uint64_t) positives;
	}
	return i;
}

/*
 * Adds the components of the sorted rows to their class (class[1] is the
 * positives), and sign times each to the row's gap, unless sign is zero.
 */
static void
walk_score(int64_t n, const SiKeyed *items, int64_t positives,
		   SiComponents class[2], int sign, int64_t *gap, SiPulse pulse)
{
	int64_t		below[2] = {0, 0};
	int64_t		start;
	int64_t		end;
	int64_t		i;

	for (start = 0; start < n; start = end)
	{
		int64_t		tied[2];
		int64_t		component[2];

		end = find_tie(start, n, items, positives, &tied[1], pulse);
		tied[0] = end - start - tied[1];
		component[0] = 2 * below[1] + tied[1];
		component[1] = 2 * below[0] + tied[0];
		si_components_add(&class[0], (double) component[0], (double) tied[0]);
		si_components_add(&class[1], (double) component[1], (double) tied[1]);
		below[0] += tied[0];
		below[1] += tied[1];
		for (i = start; sign != 0 && i < end; i++)
			gap[items[i].item] += sign *
				component[items[i].item < (uint64_t) positives];
	}
}

/* The sum of both classes' variances of their mean. */
static double
variance(const SiComponents class[2], int64_t positives, int64_t negatives)
{
	return si_components_variance(&class[1], (double) negatives) +
		si_components_variance(&class[0], (double) positives);
}

/* AUC and variance of the sorted score, and its part in the gaps. */
static void
judge_score(int64_t positives, int64_t negatives, SiAucPairWork *work,
			int sign, double *auc, double *auc_variance, SiPulse pulse)
{
	SiComponents class[2] = {no_components, no_components};
	int64_t		n = positives + negatives;

	walk_score(n, work->items, positives, class, sign, work->gap, pulse);
	*auc = 0.5 * si_sum_value(&class[1].sum) /
		((double) positives * (double) negatives);
	class[0] = si_components_again(&class[0]);
	class[1] = si_components_again(&class[1]);
	walk_score(n, work->items, positives, class, 0, NULL, pulse);
	*auc_variance = variance(class, positives, negatives);
}

/* ---------- both ---------- */

static void
add_gaps(int64_t positives, int64_t n, const int64_t *gap,
		 SiComponents class[2], SiPulse pulse)
{
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		if (i % BLOCK_ROWS == 0)
			pulse();
		si_components_add(&class[i < positives], (double) gap[i], 1.0);
	}
}

void
si_auc_pair(int64_t positives, const SiPair *positive, int64_t negatives,
			const SiPair *negative, SiAucPairWork *work, SiAucPair *out,
			SiPulse pulse)
{
	SiComponents class[2] = {no_components, no_components};
	int64_t		n = positives + negatives;

	out->positives = positives;
	out->negatives = negatives;
	out->auc_a = out->auc_b = NAN;
	out->variance_a = out->variance_b = out->variance_difference = NAN;
	if (positives == 0 || negatives == 0)
		return;
	memset(work->gap, 0, sizeof(int64_t) * (size_t) n);
	sort_score(positives, positive, negatives, negative, false, work, pulse);
	judge_score(positives, negatives, work, 1, &out->auc_a, &out->variance_a,
				pulse);
	sort_score(positives, positive, negatives, negative, true, work, pulse);
	judge_score(positives, negatives, work, -1, &out->auc_b, &out->variance_b,
				pulse);
	add_gaps(positives, n, work->gap, class, pulse);
	class[0] = si_components_again(&class[0]);
	class[1] = si_components_again(&class[1]);
	add_gaps(positives, n, work->gap, class, pulse);
	out->variance_difference = variance(class, positives, negatives);
}

SiAucPairTest
si_auc_pair_test(const SiAucPair *pair, double level)
{
	double		error = sqrt(pair->variance_difference);
	double		reach = si_normal_quantile(0.5 + 0.5 * level) * error;
	SiAucPairTest test;

	test.difference = pair->auc_a - pair->auc_b;
	test.low = test.difference - reach;
	test.high = test.difference + reach;
	if (test.low < -1.0)
		test.low = -1.0;
	if (test.high > 1.0)
		test.high = 1.0;
	if (error == 0.0)
		test.p_value = test.difference == 0.0 ? 1.0 : 0.0;
	else
		test.p_value = si_normal_p_value(test.difference / error);
	return test;
}

/* ---------- encoding ---------- */

void
si_auc_pair_encode(const SiAucPair *pair, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	si_write_u32(&writer, MAGIC);
	si_write_u32(&writer, SI_AUC_PAIR_VERSION);
	si_write_u32(&writer, 0);
	si_write_i64(&writer, pair->positives);
	si_write_i64(&writer, pair->negatives);
	si_write_f64(&writer, pair->auc_a);
	si_write_f64(&writer, pair->auc_b);
	si_write_f64(&writer, pair->variance_a);
	si_write_f64(&writer, pair->variance_b);
	si_write_f64(&writer, pair->variance_difference);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* From 0 to most if it is known, else the one NaN that the writer knows. */
static double
read_known(SiReader *in, bool known, double most)
{
	uint64_t	bits = si_read_u64(in);
	double		value = si_bits_double(bits);

	si_read_check(in, known ? value >= 0.0 && value <= most :
				  bits == SI_NAN_BITS);
	return value;
}

SiStatus
si_auc_pair_decode(const void *bytes, size_t size, SiAucPair *pair)
{
	SiReader	in = si_reader(bytes, size);
	bool		ranks;
	bool		varies;

	si_read_check(&in, size == SI_AUC_PAIR_SIZE);
	si_read_check(&in, si_read_u32(&in) == MAGIC);
	si_read_check(&in, si_read_u32(&in) == SI_AUC_PAIR_VERSION);
	si_read_check(&in, si_read_u32(&in) == 0);
	pair->positives = si_read_i64(&in);
	pair->negatives = si_read_i64(&in);
	si_read_check(&in, pair->positives >= 0 && pair->negatives >= 0 &&
				  pair->positives <= SI_MAX_PAIRS &&
				  pair->negatives <= SI_MAX_PAIRS &&
				  pair->positives + pair->negatives > 0);
	ranks = pair->positives > 0 && pair->negatives > 0;
	varies = pair->positives > 1 && pair->negatives > 1;
	pair->auc_a = read_known(&in, ranks, 1.0);
	pair->auc_b = read_known(&in, ranks, 1.0);
	pair->variance_a = read_known(&in, varies, 1.0);
	pair->variance_b = read_known(&in, varies, 1.0);
	pair->variance_difference = read_known(&in, varies, 4.0);
	si_read_check(&in, si_read_u64(&in) ==
				  si_hash_bytes(bytes, in.bad ? 0 : size - HASH_SIZE, 0));
	return in.bad ? SI_CORRUPT : SI_OK;
}
