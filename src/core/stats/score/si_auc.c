/*
 * si_auc.c
 *	  Area under the ROC curve with its standard error.
 *
 * The AUC is the weighted share of (positive, negative) pairs in which the
 * positive row has the higher score, a tie counting one half.  Its variance
 * is DeLong's: every positive row has a component, the share of negatives it
 * beats, and every negative row the share of positives that beat it; the
 * variance of the AUC is the sum over the two classes of the variance of the
 * mean component.  With the rows in order, the components are running sums
 * over ties (Sun and Xu's midranks), so that all is linear in the rows.
 *
 * Weights are sampling weights: they enter the variance as in the linearised
 * variance of a weighted mean, m/(m-1) * sum (w/W)^2 (component - AUC)^2,
 * which does not depend on their scale and is the classic estimate for unit
 * weights.
 *
 * Special cases: a class without rows (or weight) is SI_EMPTY; a class of one
 * row has no variance, the standard error is NaN; constant scores give 0.5
 * and perfect ranking 1, both with a standard error of 0.  NaN scores are not
 * allowed; infinite ones rank as they should.  The order of tied rows does
 * not matter beyond the last bit, and not at all for unit weights.
 *
 * Accuracy: for unit weights all sums are exact up to 1.3e8 rows and the AUC
 * is the exact ratio rounded to double.
 *
 * Reference: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), 837-845;
 * Sun and Xu, IEEE Signal Processing Letters 21 (2014), 1389-1393.
 */
#include <math.h>

#include "core/stats/score/si_auc.h"
#include "core/stats/distribution/si_normal.h"
#include "core/stats/si_sort.h"

#define BLOCK_ROWS		65536	/* between pulses */

/* Moves the collected tie below the current key. */
static void
close_tie(SiAucTally *tally)
{
	double		below = si_sum_value(&tally->negative);
	double		positive = si_sum_value(&tally->tie_positive);
	double		negative = si_sum_value(&tally->tie_negative);
	const SiSum zero = {0.0, 0.0};

	si_sum_add(&tally->wins, positive * below);
	si_sum_add(&tally->wins, 0.5 * positive * negative);
	si_sum_merge(&tally->positive, &tally->tie_positive);
	si_sum_merge(&tally->negative, &tally->tie_negative);
	tally->tie_positive = zero;
	tally->tie_negative = zero;
}

void
si_auc_tally(SiAucTally *tally, uint64_t key, double weight, bool positive)
{
	if (key != tally->key)
	{
		close_tie(tally);
		tally->key = key;
	}
	si_sum_add(positive ? &tally->tie_positive : &tally->tie_negative,
			   weight);
}

SiStatus
si_auc_tally_finish(SiAucTally *tally, double *auc)
{
	double		positive;
	double		negative;

	close_tie(tally);
	positive = si_sum_value(&tally->positive);
	negative = si_sum_value(&tally->negative);
	if (!(positive > 0.0 && negative > 0.0))
		return SI_EMPTY;
	*auc = si_sum_value(&tally->wins) / (positive * negative);
	return SI_OK;
}

/* One class's side of a tie. */
typedef struct TieSide
{
	double		weight;			/* sum of w / W */
	double		squares;		/* sum of (w / W)^2 */
} TieSide;

/*
 * The end of the tie that starts at row i; side[1] is its positives, side[0]
 * its negatives, relative to the totals of their class.
 */
static int64_t
collect_tie(int64_t i, int64_t n, const SiScored *rows,
			const double total[2], TieSide side[2], SiPulse pulse)
{
	double		score = rows[i].score;
	int			class;

	side[0].weight = side[0].squares = 0.0;
	side[1].weight = side[1].squares = 0.0;
	for (; i < n && rows[i].score == score; i++)
	{
		double		share;

		class = rows[i].positive ? 1 : 0;
		share = rows[i].weight / total[class];
		side[class].weight += share;
		side[class].squares += share * share;
		if (i % BLOCK_ROWS == 0)
			pulse();
	}
	return i;
}

/* The sum over both classes of the variance of the mean component. */
static double
delong_variance(int64_t n, const SiScored *rows, double auc,
				const double total[2], const int64_t count[2], SiPulse pulse)
{
	SiSum		below[2] = {{0.0, 0.0}, {0.0, 0.0}};
	SiSum		spread[2] = {{0.0, 0.0}, {0.0, 0.0}};
	double		variance = 0.0;
	int64_t		i = 0;
	int			class;

	while (i < n)
	{
		TieSide		side[2];
		double		beats;
		double		beaten;

		i = collect_tie(i, n, rows, total, side, pulse);
		beats = si_sum_value(&below[0]) + 0.5 * side[0].weight - auc;
		beaten = 1.0 - si_sum_value(&below[1]) - 0.5 * side[1].weight - auc;
		si_sum_add(&spread[1], side[1].squares * beats * beats);
		si_sum_add(&spread[0], side[0].squares * beaten * beaten);
		si_sum_add(&below[0], side[0].weight);
		si_sum_add(&below[1], side[1].weight);
	}
	for (class = 0; class < 2; class++)
	{
		double		m = (double) count[class];

		variance += m / (m - 1.0) * si_sum_value(&spread[class]);
	}
	return variance;
}

SiStatus
si_auc_sorted(int64_t n, const SiScored *rows, SiAuc *out, SiPulse pulse)
{
	SiAucTally	tally = {0};
	int64_t		count[2] = {0, 0};
	double		total[2];
	int64_t		i;

	for (i = 0; i < n; i++)
	{
		si_auc_tally(&tally, si_sort_key(rows[i].score), rows[i].weight,
					 rows[i].positive);
		if (rows[i].weight > 0.0)
			count[rows[i].positive ? 1 : 0]++;
		if (i % BLOCK_ROWS == 0)
			pulse();
	}
	if (si_auc_tally_finish(&tally, &out->auc) != SI_OK)
		return SI_EMPTY;

	total[0] = si_sum_value(&tally.negative);
	total[1] = si_sum_value(&tally.positive);
	if (count[0] > 1 && count[1] > 1)
		out->std_error = sqrt(delong_variance(n, rows, out->auc, total, count,
											  pulse));
	else
		out->std_error = NAN;
	return SI_OK;
}

void
si_auc_interval(const SiAuc *auc, double level, double *low, double *high)
{
	double		reach = si_normal_quantile(0.5 + 0.5 * level) * auc->std_error;

	*low = auc->auc - reach;
	*high = auc->auc + reach;
	if (*low < 0.0)
		*low = 0.0;
	if (*high > 1.0)
		*high = 1.0;
}
