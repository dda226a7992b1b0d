/*
 * si_auc_gap.c
 *	  Paired DeLong comparison of two AUCs, with row weights.
 *
 * Method: every row has a component under each score: of a positive row the
 * weighted share of negatives that it beats, of a negative one the share of
 * positives that beat it.  The AUC is the weighted mean of the positives'
 * components; the variance of the difference is the sum over both classes of
 * m/(m-1) * sum (w/W)^2 (d - D)^2, where d is the difference of a row's two
 * components and D that of the AUCs.  With unit weights that is the test of
 * si_auc_pair.c, which keeps counts exact and can be merged but knows no
 * weights.
 *
 * Special cases: ties count one half; equal scores differ by zero with an
 * error of zero.
 *
 * Reference: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), 837-845;
 * weights enter as in si_auc.c.
 */
#include "core/stats/score/si_auc_gap.h"

#include <math.h>

#include "core/stats/si_sum.h"

#define PULSE_ROWS	16384

static inline double
weight_of(const SiAucGapRows *rows, uint64_t r)
{
	return rows->weight ? rows->weight[r] : 1.0;
}

static void
sort_rows(const SiAucGapRows *rows, const double *score, SiAucGapWork *work,
		  SiPulse pulse)
{
	for (int64_t r = 0; r < rows->n; r++)
	{
		if (r % PULSE_ROWS == 0)
			pulse();
		work->items[r].key = si_sort_key(score[r]);
		work->items[r].item = (uint64_t) r;
	}
	si_sort_keyed(rows->n, work->items, work->scratch, pulse);
}

/* The end of the tie that starts at item i; adds its weights by class. */
static int64_t
tie_end(const SiAucGapRows *rows, const SiKeyed *items, int64_t i,
		double tie[2])
{
	uint64_t	key = items[i].key;

	tie[0] = tie[1] = 0;
	for (; i < rows->n && items[i].key == key; i++)
		tie[rows->positive[items[i].item]] += weight_of(rows, items[i].item);
	return i;
}

/* Add sign times the components of one score to the gaps; its AUC. */
static double
add_components(const SiAucGapRows *rows, const double total[2], double sign,
			   SiAucGapWork *work, SiPulse pulse)
{
	const SiKeyed *items = work->items;
	double		below[2] = {0, 0};
	SiSum		auc = {0, 0};
	int64_t		last;

	for (int64_t i = 0; i < rows->n; i = last)
	{
		double		tie[2];
		double		beats;
		double		beaten;

		last = tie_end(rows, items, i, tie);
		beats = (below[0] + tie[0] / 2) / total[0];
		beaten = (total[1] - below[1] - tie[1] / 2) / total[1];
		for (; i < last; i++)
		{
			uint64_t	r = items[i].item;

			if (i % PULSE_ROWS == 0)
				pulse();
			work->gap[r] += sign * (rows->positive[r] ? beats : beaten);
		}
		si_sum_add(&auc, tie[1] * beats);
		below[0] += tie[0];
		below[1] += tie[1];
	}
	return si_sum_value(&auc) / total[1];
}

static double
variance_of(const SiAucGapRows *rows, const double total[2], double difference,
			const double *gap, SiPulse pulse)
{
	SiSum		sum[2] = {{0, 0}, {0, 0}};
	double		m[2] = {0, 0};

	for (int64_t r = 0; r < rows->n; r++)
	{
		int			class = rows->positive[r];
		double		w = weight_of(rows, (uint64_t) r) / total[class];
		double		d = w * (gap[r] - difference);

		if (r % PULSE_ROWS == 0)
			pulse();
		si_sum_add(&sum[class], d * d);
		m[class] += w > 0;
	}
	return si_sum_value(&sum[0]) * m[0] / (m[0] - 1) +
		si_sum_value(&sum[1]) * m[1] / (m[1] - 1);
}

SiStatus
si_auc_gap(const SiAucGapRows *rows, SiAucGapWork *work, SiAucGap *out,
		   SiPulse pulse)
{
	SiSum		sum[2] = {{0, 0}, {0, 0}};
	double		total[2];

	for (int64_t r = 0; r < rows->n; r++)
	{
		if (r % PULSE_ROWS == 0)
			pulse();
		si_sum_add(&sum[rows->positive[r]], weight_of(rows, (uint64_t) r));
		work->gap[r] = 0;
	}
	total[0] = si_sum_value(&sum[0]);
	total[1] = si_sum_value(&sum[1]);
	if (!(total[0] > 0 && total[1] > 0))
		return SI_EMPTY;
	sort_rows(rows, rows->a, work, pulse);
	out->auc_a = add_components(rows, total, 1, work, pulse);
	sort_rows(rows, rows->b, work, pulse);
	out->auc_b = add_components(rows, total, -1, work, pulse);
	out->std_error = sqrt(variance_of(rows, total, out->auc_a - out->auc_b,
									  work->gap, pulse));
	return SI_OK;
}
