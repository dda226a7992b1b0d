/*
 * si_correlation.c
 *	  How two numbers of the same rows go together.
 *
 * Pearson: the covariance over both standard deviations.  Its p-value is by
 * Student's distribution of r sqrt((n - 2) / (1 - r^2)) with n - 2 degrees of
 * freedom; its interval by Fisher, atanh(r) +- z / sqrt(n - 3).
 *
 * Spearman: the same of the ranks, tied rows having the mean of theirs.  The
 * p-value is by Student's distribution too, as in scipy, and in R for
 * exact = FALSE; the interval by Bonett and Wright, with the variance
 * (1 + r^2/2) / (n - 3).
 *
 * Special cases: a number that is the same in all rows leaves everything
 * unknown (NaN); fewer than three rows leave the p-value, fewer than four the
 * interval unknown.  For r = 1 and -1 the interval is a point.
 *
 * Accuracy: compensated sums over sorted rows around the means, of distances
 * in units of about the range; order leaves no trace.
 *
 * Reference: Fisher, Metron 1 (1921), 3-32; Bonett and Wright, Psychometrika
 * 65 (2000), 23-28.
 */
#include "core/stats/sample/si_correlation.h"

#include <math.h>

#include "core/stats/distribution/si_beta.h"
#include "core/stats/distribution/si_normal.h"
#include "core/stats/si_sum.h"

#define BLOCK_RUNS		65536	/* between pulses */
#define LEAST_RANGE		0x1p-1000

/* Pairs from the bytes of a sample, or from arrays of ranks. */
typedef struct Pairs
{
	const SiSample *sample;		/* NULL: ranks */
	const SiRankWork *ranks;
	int64_t		runs;
	SiPulse		pulse;
} Pairs;

typedef struct Pair
{
	double		x;
	double		y;
	double		count;
} Pair;

typedef struct PairCursor
{
	const Pairs *pairs;
	SiSampleCursor cursor;
	int64_t		at;
} PairCursor;

static PairCursor
pair_cursor(const Pairs *pairs)
{
	PairCursor	cursor = {pairs, {{NULL, 0, false}, 0, 0, 0, NULL}, 0};

	if (pairs->sample != NULL)
		cursor.cursor = si_sample_cursor(pairs->sample, pairs->pulse);
	return cursor;
}

static bool
next_pair(PairCursor *cursor, Pair *pair)
{
	const SiRankWork *ranks = cursor->pairs->ranks;
	int64_t		at = cursor->at++;
	SiSampleRun run;

	if (at == cursor->pairs->runs)
		return false;
	if (ranks != NULL)
	{
		if (at % BLOCK_RUNS == 0)
			cursor->pairs->pulse();
		pair->x = ranks->x[at];
		pair->y = ranks->y[at];
		pair->count = ranks->count[at];
		return true;
	}
	(void) si_sample_next(&cursor->cursor, &run);
	pair->x = si_sort_value(run.key);
	pair->y = si_sort_value(run.item);
	pair->count = (double) run.count;
	return true;
}

/* One of the two numbers: where its mean is, and how far it spreads. */
typedef struct Axis
{
	double		first;
	double		least;
	double		most;
	SiSum		sum;
	double		shift;			/* from the first number to the mean */
	double		scale;			/* a power of two: nothing is rounded */
} Axis;

static void
add_number(Axis *axis, double count, double x)
{
	axis->least = fmin(axis->least, x);
	axis->most = fmax(axis->most, x);
	si_sum_add_product(&axis->sum, count, x);
}

/* Scaled so that squares of distances neither vanish nor overflow. */
static void
settle_axis(Axis *axis, double n)
{
	double		range = axis->most - axis->least;

	si_sum_add_product(&axis->sum, -n, axis->first);
	axis->shift = si_sum_value(&axis->sum) / n;
	if (range > 0)
		axis->scale = ldexp(1, range < LEAST_RANGE ? 1000 : -ilogb(range));
}

static double
from_mean(const Axis *axis, double x)
{
	return (x - axis->first - axis->shift) * axis->scale;
}

/* NaN if x or y is constant. */
static double
correlate(const Pairs *pairs, double n)
{
	PairCursor	cursor = pair_cursor(pairs);
	SiSum		xx = {0, 0};
	SiSum		yy = {0, 0};
	SiSum		xy = {0, 0};
	Pair		pair;
	Axis		x;
	Axis		y;

	(void) next_pair(&cursor, &pair);
	x = (Axis) {pair.x, pair.x, pair.x, {0, 0}, 0, 0};
	y = (Axis) {pair.y, pair.y, pair.y, {0, 0}, 0, 0};
	cursor = pair_cursor(pairs);
	while (next_pair(&cursor, &pair))
	{
		add_number(&x, pair.count, pair.x);
		add_number(&y, pair.count, pair.y);
	}
	settle_axis(&x, n);
	settle_axis(&y, n);
	cursor = pair_cursor(pairs);
	while (next_pair(&cursor, &pair))
	{
		double		from_x = from_mean(&x, pair.x);
		double		from_y = from_mean(&y, pair.y);

		si_sum_add(&xx, pair.count * from_x * from_x);
		si_sum_add(&yy, pair.count * from_y * from_y);
		si_sum_add(&xy, pair.count * from_x * from_y);
	}
	if (x.scale == 0 || y.scale == 0)
		return NAN;
	/* one root: exact for straight lines */
	return fmax(-1, fmin(1, si_sum_value(&xy) /
						 sqrt(si_sum_value(&xx) * si_sum_value(&yy))));
}

/* spread: the standard error of atanh(r), times sqrt(n - 3) */
static void
infer(double r, double n, double level, double spread, SiCorrelation *out)
{
	double		reach = si_normal_quantile(0.5 + 0.5 * level) * spread /
		sqrt(n - 3);

	out->r = r;
	out->low = out->high = out->p_value = NAN;
	if (n > 3)
	{
		out->low = tanh(atanh(r) - reach);
		out->high = tanh(atanh(r) + reach);
	}
	if (n > 2)
		out->p_value = si_t_p_value(n - 2, r * sqrt((n - 2) /
													((1 - r) * (1 + r))));
}

void
si_pearson(const SiSample *sample, double level, SiCorrelation *out,
		   SiPulse pulse)
{
	Pairs		pairs = {sample, NULL, sample->runs, pulse};
	double		n = (double) sample->rows;

	infer(correlate(&pairs, n), n, level, 1, out);
}

/* ----- Ranks ----- */

/* Mean ranks of runs in ascending order of their keys, into their places. */
static void
rank_items(int64_t runs, const SiKeyed *items, const double *count,
		   double *rank, SiPulse pulse)
{
	double		below = 0;
	int64_t		end;

	for (int64_t i = 0; i < runs; i = end)
	{
		double		tied = 0;

		for (end = i; end < runs && items[end].key == items[i].key; end++)
		{
			if (end % BLOCK_RUNS == 0)
				pulse();
			tied += count[items[end].item];
		}
		for (int64_t k = i; k < end; k++)
			rank[items[k].item] = below + (tied + 1) / 2;
		below += tied;
	}
}

void
si_spearman(const SiSample *sample, double level, const SiRankWork *work,
			SiCorrelation *out, SiPulse pulse)
{
	SiSampleCursor cursor = si_sample_cursor(sample, pulse);
	Pairs		pairs = {NULL, work, sample->runs, pulse};
	double		n = (double) sample->rows;
	double		r;
	SiSampleRun run;

	for (int64_t i = 0; si_sample_next(&cursor, &run); i++)
	{
		work->count[i] = (double) run.count;
		work->items[i].key = run.key;
		work->items[i].item = (uint64_t) i;
	}
	rank_items(sample->runs, work->items, work->count, work->x, pulse);
	cursor = si_sample_cursor(sample, pulse);
	for (int64_t i = 0; si_sample_next(&cursor, &run); i++)
		work->items[i].key = run.item;
	si_sort_keyed(sample->runs, work->items, work->scratch, pulse);
	rank_items(sample->runs, work->items, work->count, work->y, pulse);
	r = correlate(&pairs, n);
	infer(r, n, level, sqrt(1 + r * r / 2), out);
}
