/*
 * si_bins.c
 *	  Bin edges by weighted quantiles of distinct values, and coding by them.
 *
 * Follows the greedy binning of LightGBM (Ke et al. 2017, "LightGBM: a highly
 * efficient gradient boosting decision tree", NIPS 30), with edges midway as
 * in scikit-learn.
 *
 * Accuracy: weights are summed in the order of the values, equal values in
 * the order given, so that the same rows give the same edges.
 */
#include "core/trees/si_bins.h"

#include <math.h>
#include <string.h>

#include "core/stats/si_sort.h"

#define PULSE_ROWS	16384

/* A walk over the distinct values of the sorted sample. */
typedef struct Walk
{
	const SiBinSample *sample;
	const SiKeyed *item;
	int64_t		n;
	int64_t		next;
	double		value;
	double		weight;			/* of all rows with this value */
} Walk;

size_t
si_bins_work_size(int64_t n)
{
	return 2 * (size_t) n * sizeof(SiKeyed);
}

double
si_bins_edge(double low, double high)
{
	double		middle = low / 2 + high / 2;

	return middle >= low && middle < high && isfinite(middle) ? middle : low;
}

static double
row_weight(const SiBinSample *sample, uint64_t i)
{
	return sample->weight ? sample->weight[i] : 1.0;
}

static double
row_value(const SiBinSample *sample, uint64_t i)
{
	return sample->value[(int64_t) i * sample->stride];
}

/* The present values in order; returns their number. */
static int64_t
sort_sample(const SiBinSample *sample, SiKeyed *item, SiPulse pulse)
{
	int64_t		n = 0;

	for (int64_t i = 0; i < sample->n; i++)
	{
		double		value = row_value(sample, i);

		if (i % PULSE_ROWS == 0)
			pulse();
		if (isnan(value) || !(row_weight(sample, i) > 0))
			continue;
		item[n].key = si_sort_key(value);
		item[n++].item = i;
	}
	si_sort_keyed(n, item, item + sample->n, pulse);
	return n;
}

/* Step to the next distinct value; false at the end. */
static bool
walk_on(Walk *walk)
{
	uint64_t	key;

	if (walk->next >= walk->n)
		return false;
	key = walk->item[walk->next].key;
	walk->value = si_sort_value(key);
	walk->weight = 0;
	while (walk->next < walk->n && walk->item[walk->next].key == key)
		walk->weight += row_weight(walk->sample,
								   walk->item[walk->next++].item);
	return true;
}

/* Distinct values, counted no further than above limit; sums the weight. */
static int
count_distinct(Walk walk, int limit, double *total, SiPulse pulse)
{
	int			count = 0;

	*total = 0;
	for (int64_t i = 0; walk_on(&walk); i++)
	{
		if (i % PULSE_ROWS == 0)
			pulse();
		count += count <= limit;
		*total += walk.weight;
	}
	return count;
}

/*
 * Whether the bin that weighs filled ends before the next value: because it
 * has its share, or because a value comes that fills a bin of its own.
 */
static bool
is_full(double filled, double next, double share)
{
	return filled >= share || (next >= share && filled > 0) ||
		(filled >= share / 2 && filled + next - share > share - filled);
}

/* The edges of bins that share the weight, one value a bin if all is false. */
static int
cut(Walk walk, bool all, int max_bins, double left, double *edge,
	SiPulse pulse)
{
	int			nedges = 0;
	double		filled;
	double		last;

	walk_on(&walk);
	filled = walk.weight;
	last = walk.value;
	for (int64_t i = 0; nedges < max_bins - 1 && walk_on(&walk); i++)
	{
		if (i % PULSE_ROWS == 0)
			pulse();
		if (!all || is_full(filled, walk.weight, left / (max_bins - nedges)))
		{
			edge[nedges++] = si_bins_edge(last, walk.value);
			left -= filled;
			filled = 0;
		}
		filled += walk.weight;
		last = walk.value;
	}
	return nedges;
}

int
si_bins_find(const SiBinSample *sample, int max_bins, void *work,
			 double *edge, SiPulse pulse)
{
	SiKeyed    *item = work;
	Walk		walk = {sample, item, 0, 0, 0, 0};
	double		total;
	int			distinct;

	walk.n = sort_sample(sample, item, pulse);
	if (walk.n == 0)
		return 1;
	distinct = count_distinct(walk, max_bins, &total, pulse);
	return 2 + cut(walk, distinct > max_bins, max_bins, total, edge, pulse);
}

uint8_t
si_bins_code(const SiBinning *binning, double value)
{
	if (binning->kind == SI_FEATURE_CATEGORY)
	{
		unsigned	bin = si_bins_level(value);

		return (uint8_t) (bin < (unsigned) binning->nbins ? bin : 0);
	}
	if (isnan(value) || binning->nbins < 2)
		return 0;
	return (uint8_t) (1 + si_bins_below(binning->edge, binning->nbins - 2,
										value));
}

void
si_bins_encode(const SiBinning *binning, int64_t n, const double *value,
			   int64_t stride, uint8_t *bins, int bins_stride, SiPulse pulse)
{
	for (int64_t i = 0; i < n; i++)
	{
		if (i % PULSE_ROWS == 0)
			pulse();
		bins[i * bins_stride] = si_bins_code(binning, value[i * stride]);
	}
}
