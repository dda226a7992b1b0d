/*
 * test_isotonic.c
 *
 * Isotonic calibration against the max-min formula (Barlow et al., Statistical
 * Inference under Order Restrictions, 1972) and scikit-learn 1.2.1.
 */
#include "tap.h"

#include <float.h>

#include "core/lead/si_calibration.h"
#include "scored.h"

#define ROWS	150
#define MANY	6000

static double margin[MANY];
static double probability[MANY];
static double weight[MANY];

static int64_t
plain_fit(int64_t n, const SiScored *rows, int skip_fold, double *margins,
		  double *rates, double *weights)
{
	return si_isotonic_fit(n, rows, skip_fold, NULL, margins, rates, weights,
						   pulse);
}

/* blocks of IsotonicRegression().fit(mpg, manual, sample_weight = w) */
static void
test_golden(bool weighted, const double want[4][3])
{
	SiScored	rows[CARS];
	int64_t		nknots;

	car_rows(car_mpg, weighted, rows);
	nknots = plain_fit(CARS, rows, -1, margin, probability, weight);
	ok(nknots == 4, "four blocks of cars, %s",
	   weighted ? "weighted" : "not weighted");
	for (int k = 0; k < 4 && nknots == 4; k++)
	{
		is_close(margin[k], want[k][0], 1e-14, "center of block %d", k);
		is_close(probability[k], want[k][1], 1e-15, "rate of block %d", k);
		is_close(weight[k], want[k][2], 1e-15, "weight of block %d", k);
	}
}

static bool
counts(const SiScored *row, int skip_fold)
{
	return row->fold != skip_fold && row->weight > 0.0;
}

/* The mean outcome of the rows from margin low to margin high. */
static double
mean_outcome(int n, const SiScored *rows, int skip_fold, double low,
			 double high)
{
	double		wins = 0.0;
	double		total = 0.0;

	for (int i = 0; i < n; i++)
	{
		if (!counts(&rows[i], skip_fold) || rows[i].score < low ||
			rows[i].score > high)
			continue;
		total += rows[i].weight;
		wins += rows[i].positive ? rows[i].weight : 0.0;
	}
	return wins / total;
}

static double
max_min(int n, const SiScored *rows, int skip_fold, double at)
{
	double		highest = -1.0;

	for (int a = 0; a < n; a++)
	{
		double		lowest = 2.0;

		if (!counts(&rows[a], skip_fold) || rows[a].score > at)
			continue;
		for (int b = 0; b < n; b++)
		{
			if (!counts(&rows[b], skip_fold) || rows[b].score < at)
				continue;
			lowest = fmin(lowest, mean_outcome(n, rows, skip_fold,
											   rows[a].score, rows[b].score));
		}
		highest = fmax(highest, lowest);
	}
	return highest;
}

/* Rows of one fitted value are one knot, at their weighted mean margin. */
static void
test_twin(int levels, int heaviest, int skip_fold)
{
	SiScored	rows[ROWS];
	int64_t		nknots;
	int64_t		k = -1;
	double		last = -1.0;
	double		sum[ROWS] = {0.0};
	double		total[ROWS] = {0.0};
	bool		same = true;

	random_rows(ROWS, levels, heaviest, rows);
	nknots = plain_fit(ROWS, rows, skip_fold, margin, probability,
							 weight);
	for (int i = 0; i < ROWS; i++)
	{
		double		fitted;

		if (!counts(&rows[i], skip_fold))
			continue;
		fitted = max_min(ROWS, rows, skip_fold, rows[i].score);
		k += fitted > last + 1e-9;
		last = fitted;
		same &= k < nknots && fabs(probability[k] - fitted) < 1e-12;
		sum[k] += rows[i].weight * rows[i].score;
		total[k] += rows[i].weight;
	}
	for (int64_t j = 0; j < nknots; j++)
		same &= fabs(margin[j] - sum[j] / total[j]) < 1e-12 &&
			fabs(weight[j] - total[j]) < 1e-9;
	ok(same && nknots == k + 1, "%d levels, weights to %d, without fold %d: "
	   "%d knots as by max-min", levels, heaviest, skip_fold, (int) nknots);
}

static void
test_invariance(void)
{
	static SiScored copies[ROWS * 4];
	SiScored	rows[ROWS];
	double		first_margin[ROWS];
	double		first_probability[ROWS];
	int64_t		first;
	int64_t		nknots;
	int			same = 0;
	bool		close = true;

	random_rows(ROWS, 20, 4, rows);
	first = plain_fit(ROWS, rows, -1, first_margin, first_probability,
							weight);
	for (int round = 0; round < 50; round++)
	{
		shuffle_rows(ROWS, rows);
		sort_rows(ROWS, rows);
		nknots = plain_fit(ROWS, rows, -1, margin, probability, weight);
		same += nknots == first &&
			memcmp(margin, first_margin, sizeof(double) * (size_t) first) == 0;
	}
	ok(same == 50, "the order within ties does not matter (%d)", same);

	nknots = plain_fit(replicate(ROWS, rows, copies), copies, -1, margin,
							 probability, weight);
	for (int64_t k = 0; k < first && nknots == first; k++)
		close &= fabs(margin[k] - first_margin[k]) < 1e-13 &&
			probability[k] == first_probability[k];
	ok(close && nknots == first, "weights are as repeated rows");
}

static bool
well_formed(int64_t nknots)
{
	bool		good = probability[0] >= 0.0 && probability[nknots - 1] <= 1.0;

	for (int64_t k = 1; k < nknots; k++)
		good &= margin[k] > margin[k - 1] &&
			probability[k] >= probability[k - 1];
	return good;
}

/* At each of n/2 margins one win and one loss, the win ever heavier. */
static void
test_thinning(void)
{
	static SiScored rows[MANY];
	int64_t		nknots;
	double		total = 0.0;
	double		wins = 0.0;
	double		gap = 0.0;

	for (int i = 0; i < MANY; i++)
	{
		rows[i].score = i / 2;
		rows[i].positive = i % 2;
		rows[i].fold = 0;
		rows[i].weight = i % 2 ? i : MANY - i;
	}
	nknots = plain_fit(MANY, rows, -1, margin, probability, weight);
	ok(nknots <= SI_MAX_KNOTS && nknots > SI_MAX_KNOTS / 2,
	   "%d blocks thinned to %d", MANY / 2, (int) nknots);
	ok(well_formed(nknots), "still rising");
	for (int64_t k = 0; k < nknots; k++)
	{
		total += weight[k];
		wins += weight[k] * probability[k];
		gap = fmax(gap, fabs(probability[k] - 2.0 * margin[k] / MANY));
	}
	is_close(total, 0.5 * MANY * MANY + MANY / 2, 1e-12, "no weight is lost");
	is_close(wins, 0.25 * MANY * MANY, 1e-12, "nor a win");
	ok(gap < 2e-3, "still on the curve, within %.2g", gap);
}

static void
test_special(void)
{
	SiScored	rows[ROWS];
	double		near = 1.0;

	ok(plain_fit(0, NULL, -1, margin, probability, weight) == 0,
	   "no rows");
	random_rows(ROWS, 9, 1, rows);
	for (int i = 0; i < ROWS; i++)
		rows[i].positive = i < 30;
	ok(plain_fit(ROWS, rows, -1, margin, probability, weight) == 1
	   && probability[0] == 0.2, "falling rates are one block");
	for (int i = 0; i < ROWS; i++)
		rows[i].positive = true;
	ok(plain_fit(ROWS, rows, -1, margin, probability, weight) == 1
	   && probability[0] == 1.0, "one class is one block");
	for (int i = 0; i < ROWS; i++)
	{
		rows[i].score = near;
		rows[i].positive = i % 4 >= 2;
		near = nextafter(near, 2.0);
		rows[i].weight = 0.1 + random_unit();
	}
	ok(well_formed(plain_fit(ROWS, rows, -1, margin, probability, weight)),
	   "adjacent doubles stay apart");
	for (int i = 0; i < ROWS; i++)
		rows[i].score = (i - ROWS / 2) * (DBL_MAX / ROWS) * 2.0;
	ok(well_formed(plain_fit(ROWS, rows, -1, margin, probability, weight)),
	   "the largest doubles do not overflow");
	scale_weights(ROWS, 0.0, rows);
	ok(plain_fit(ROWS, rows, -1, margin, probability, weight) == 0,
	   "no weight");
}

/*
 * The ends, by hand: one lost and one won row beyond 4 + 4 others.  Blocks
 * (0/1), (1/4), (3/4), (1/1) become (1/5) and (4/5) with ends of weight 3,
 * then (1 + 0.5 * 2)/7 and (4 + 0.5 * 2)/7 with two more rows of the rate 0.5.
 */
static void
test_ends(void)
{
	static const char won[] = "0100011101";
	SiIsotonicEnds ends = {3, 2};
	SiScored	rows[10];
	int64_t		nknots;

	for (int i = 0; i < 10; i++)
		rows[i] = (SiScored) {i == 0 ? -2 : i == 9 ? 2 : i < 5 ? -1 : 1, 1,
			won[i] == '1', 0};
	nknots = plain_fit(10, rows, -1, margin, probability, weight);
	ok(nknots == 4, "four blocks");
	nknots = si_isotonic_fit(10, rows, -1, &ends, margin, probability, weight,
							 pulse);
	ok(nknots == 2, "the ends take their neighbours in");
	is_close(margin[0], -1.2, 1e-15, "middle of the lower end");
	is_close(margin[1], 1.2, 1e-15, "middle of the upper end");
	is_close(probability[0], 2.0 / 7, 1e-15, "the lower rate moves up");
	is_close(probability[1], 5.0 / 7, 1e-15, "the upper rate moves down");
	ends.least = 100;
	ok(si_isotonic_fit(10, rows, -1, &ends, margin, probability, weight,
					   pulse) == 1, "ends that take all leave one block");
	is_close(probability[0], 0.5, 1e-15, "its rate is that of all rows");
}

int
main(void)
{
	const double plain[4][3] = {
		{12.62, 0.0, 5.0}, {16.95, 1.0 / 6.0, 12.0},
		{21.777777777777782, 5.0 / 9.0, 9.0}, {30.066666666666666, 1.0, 6.0}
	};
	const double weighted[4][3] = {
		{12.450557002006063, 0.0, 23.429},
		{16.951025641025637, 0.1571095571095571, 42.900000000000006},
		{21.81628914713413, 0.5264920228481387, 25.385},
		{29.99138636768108, 1.0, 11.238000000000001}
	};

	test_golden(false, plain);
	test_golden(true, weighted);
	test_twin(1 << 30, 1, -1);
	test_twin(25, 1, -1);
	test_twin(25, 6, -1);
	test_twin(1 << 30, 6, 2);
	test_twin(3, 6, 0);
	test_invariance();
	test_thinning();
	test_special();
	test_ends();
	return done_testing();
}
