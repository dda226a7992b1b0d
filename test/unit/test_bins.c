/*
 * test_bins.c
 *
 * Bin edges against what they promise: distinct values apart, shares of weight
 * even, coding by search the same as by scan; and hostile values.
 */
#include "tap.h"

#include <float.h>

#include "boosted.h"

#define ROWS	5000

static double value[ROWS];
static double weight[ROWS];
static double edge[SI_BINS];
static char work[2 * ROWS * sizeof(SiKeyed)];

static int
find(int n, bool weighted, int max_bins)
{
	SiBinSample sample = {n, value, 1, weighted ? weight : NULL};

	return si_bins_find(&sample, max_bins, work, edge, pulse);
}

static int
scan(const SiBinning *binning, double x)
{
	int			bin = 1;

	if (isnan(x))
		return 0;
	while (bin < binning->nbins - 1 && x > binning->edge[bin - 1])
		bin++;
	return bin;
}

static bool
ascending(int nedges)
{
	for (int i = 1; i < nedges; i++)
		if (!(edge[i - 1] < edge[i]))
			return false;
	return true;
}

static void
test_few_values(void)
{
	static const double few[6] = {3, NAN, -1, 3, 0.0, -0.0};
	int			nbins;

	memcpy(value, few, sizeof(few));
	nbins = find(6, false, SI_MAX_VALUE_BINS);
	ok(nbins == 4, "three distinct values, one bin each, and missing");
	ok(edge[0] == -0.5 && edge[1] == 1.5, "edges lie midway");
	ok(find(6, false, 3) == 4, "as many bins as values suffice");
	ok(find(6, false, 1) == 2, "one bin has no edge");
	ok(find(0, false, 255) == 1, "no rows, missing only");
	value[0] = NAN;
	ok(find(2, false, 255) == 1, "all missing");
	value[0] = 7;
	ok(find(1, false, 255) == 2, "one row, one bin");
	weight[0] = 0;
	ok(find(1, true, 255) == 1, "a row without weight is absent");
}

static void
test_extremes(void)
{
	static const double hard[8] = {
		-INFINITY, -DBL_MAX, DBL_MAX, INFINITY, 1, 1 + DBL_EPSILON,
		5e-324, 0
	};
	SiBinning	binning = {SI_FEATURE_NUMERIC, 0, edge};
	bool		apart = true;

	memcpy(value, hard, sizeof(hard));
	binning.nbins = find(8, false, 255);
	ok(binning.nbins == 9 && ascending(7), "eight extreme values, eight bins");
	for (int i = 0; i < 8; i++)
		for (int k = 0; k < 8; k++)
			apart &= (hard[i] < hard[k]) == (si_bins_code(&binning, hard[i]) <
											 si_bins_code(&binning, hard[k]));
	ok(apart, "bins keep the order of extreme values");
	ok(si_bins_edge(1, 1 + DBL_EPSILON) == 1, "no room between neighbours");
	ok(si_bins_edge(-INFINITY, INFINITY) == -INFINITY, "between infinities");
	ok(isfinite(si_bins_edge(DBL_MAX / 2, DBL_MAX)), "no overflow");
}

static void
test_quantiles(bool weighted, int max_bins)
{
	SiBinning	binning = {SI_FEATURE_NUMERIC, 0, edge};
	double		share[SI_BINS] = {0};
	double		total = 0;
	double		worst = 0;
	int			wrong = 0;

	for (int i = 0; i < ROWS; i++)
	{
		value[i] = i % 50 == 0 ? NAN : pow(random_unit(), 3);
		weight[i] = weighted ? random_below(4) : 1;
	}
	binning.nbins = find(ROWS, weighted, max_bins);
	ok(binning.nbins <= max_bins + 1 && binning.nbins > max_bins * 0.95,
	   "%d bins are used for at most %d", binning.nbins - 1, max_bins);
	ok(ascending(binning.nbins - 2), "edges ascend");
	for (int i = 0; i < ROWS; i++)
	{
		int			bin = si_bins_code(&binning, value[i]);

		wrong += bin != scan(&binning, value[i]);
		share[bin] += weight[i];
		total += bin > 0 ? weight[i] : 0;
	}
	for (int b = 1; b < binning.nbins; b++)
		worst = fmax(worst, share[b] * (binning.nbins - 1) / total);
	ok(wrong == 0, "search finds what a scan finds");
	ok(worst < 1.5, "no bin has much more than its share (%.2f)", worst);
}

/* A value that half the rows have leaves the bins to the others. */
static void
test_heavy_value(void)
{
	SiBinning	binning = {SI_FEATURE_NUMERIC, 0, edge};
	int			alone = 0;
	int			bin;

	for (int i = 0; i < ROWS; i++)
		value[i] = i % 2 ? 0.5 : random_unit();
	binning.nbins = find(ROWS, false, 20);
	bin = si_bins_code(&binning, 0.5);
	for (int i = 0; i < ROWS; i++)
		alone += value[i] != 0.5 && si_bins_code(&binning, value[i]) == bin;
	ok(alone == 0 && binning.nbins > 15, "a heavy value has its own bin");
}

static void
test_categories(void)
{
	SiBinning	binning = {SI_FEATURE_CATEGORY, 5, NULL};

	ok(si_bins_code(&binning, 4) == 4 && si_bins_code(&binning, 1) == 1,
	   "a level keeps its bin");
	ok(si_bins_code(&binning, 5) == 0 && si_bins_code(&binning, -3) == 0 &&
	   si_bins_code(&binning, NAN) == 0 && si_bins_code(&binning, 1e300) == 0 &&
	   si_bins_code(&binning, INFINITY) == 0, "anything else is missing");
	binning.kind = SI_FEATURE_NUMERIC;
	binning.nbins = 1;
	ok(si_bins_code(&binning, 4) == 0, "a column never seen is missing");
	ok(si_bins_stride(1) == 4 && si_bins_stride(20) == 20, "strides");
}

int
main(void)
{
	test_few_values();
	test_extremes();
	test_quantiles(false, 255);
	test_quantiles(true, 255);
	test_quantiles(true, 16);
	test_heavy_value();
	test_categories();
	ok(pulses > 0, "the pulse is called");
	return done_testing();
}
