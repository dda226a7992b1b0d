/*
 * si_boost.c
 *	  Boosting: gradients of the log loss, one tree a call, margins.
 *
 * Special cases: rows of weight zero are scored but not learned from; a
 * subsample without rows grows a leaf of value zero; rows of one class, or
 * without any structure, grow leaves.
 */
#include "core/trees/si_boost.h"

#include <math.h>
#include <string.h>

#include "core/si_hash.h"
#include "core/stats/si_sum.h"
#include "core/trees/si_grow.h"

#define ALIGNMENT	64
#define TOGETHER	8			/* rows that walk down a tree side by side */
#define SMALLEST_UNIT 0x1p-900	/* of weights: gradients keep from zero */

typedef struct Place
{
	uint8_t    *at;
	size_t		size;
} Place;

/* The next aligned piece of the work memory; only counts if there is none. */
static void *
carve(Place *place, size_t size)
{
	void	   *piece = place->at ? place->at + place->size : NULL;

	place->size += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
	return piece;
}

int64_t
si_boost_max_nodes(const SiBoostOptions *options, int64_t ntrain)
{
	int64_t		leaves = INT64_C(1) << options->depth;

	if (ntrain / options->min_leaf < leaves)
		leaves = ntrain / options->min_leaf;
	return leaves > 1 ? 2 * leaves - 1 : 1;
}

/* Give the pieces of the work memory out, or with no memory sum their sizes. */
static size_t
place_work(SiBoost *boost)
{
	const SiBoostData *data = boost->data;
	Place		place = {boost->work, 0};
	void	   *histogram;
	size_t		n = boost->ntrain;
	size_t		cells = si_histogram_cells(data->nfeatures, data->binning);

	boost->tree.node = carve(&place, si_boost_max_nodes(boost->options, n) *
							 sizeof(SiTreeNode));
	boost->cells = carve(&place, cells * boost->options->depth *
						 sizeof(SiHistCell));
	for (int k = 0; k < 2; k++)
	{
		boost->row[k] = carve(&place, n * sizeof(uint32_t));
		boost->gradient[k] = carve(&place, n * sizeof(SiGradient));
	}
	histogram = carve(&place, si_histogram_work_size(data->nfeatures));
	boost->histogram.nfeatures = data->nfeatures;
	boost->histogram.stride = si_bins_stride(data->nfeatures);
	boost->histogram.bins = data->bins;
	boost->histogram.binning = data->binning;
	if (histogram != NULL)
		si_histogram_start(&boost->histogram, histogram);
	return place.size;
}

size_t
si_boost_work_size(const SiBoostData *data, const SiBoostOptions *options,
				   int64_t ntrain)
{
	SiBoost		boost = {.data = data, .options = options,
	.ntrain = ntrain};

	return place_work(&boost);
}

static inline uint32_t
train_row(const SiBoost *boost, int64_t i)
{
	return boost->train ? boost->train[i] : (uint32_t) i;
}

static inline double
weight_of(const SiBoostData *data, uint32_t row)
{
	return data->weight ? data->weight[row] : 1.0;
}

static int64_t
block_end(int64_t first, int64_t n)
{
	return n - first < SI_HISTOGRAM_ROWS ? n : first + SI_HISTOGRAM_ROWS;
}

SiStatus
si_boost_start(SiBoost *boost)
{
	double		largest = 0;

	for (int64_t i = 0; i < boost->ntrain; i++)
	{
		double		weight = weight_of(boost->data, train_row(boost, i));

		if (i % SI_HISTOGRAM_ROWS == 0)
			boost->pulse();
		if (weight > largest)
			largest = weight;
	}
	if (!(largest > 0))
		return SI_EMPTY;
	boost->unit = fmax(largest, SMALLEST_UNIT);
	boost->ntrees = 0;
	boost->tree.nnodes = 0;
	place_work(boost);
	return SI_OK;
}

SiStatus
si_boost_base(const SiBoost *boost, double *margin)
{
	SiSum		sum[2] = {{0, 0}, {0, 0}};

	for (int64_t i = 0; i < boost->ntrain; i++)
	{
		uint32_t	row = train_row(boost, i);

		if (i % SI_HISTOGRAM_ROWS == 0)
			boost->pulse();
		si_sum_add(&sum[boost->data->positive[row] != 0],
				   weight_of(boost->data, row));
	}
	if (!(si_sum_value(&sum[0]) > 0) || !(si_sum_value(&sum[1]) > 0))
		return SI_EMPTY;
	*margin = log(si_sum_value(&sum[1]) / si_sum_value(&sum[0]));
	return SI_OK;
}

/* Whether the tree at hand learns from a row, which depends on nothing else. */
static inline bool
is_sampled(const SiBoost *boost, uint32_t row)
{
	const SiBoostData *data = boost->data;
	uint64_t	hash;

	if (data->weight != NULL && !(data->weight[row] > 0))
		return false;
	if (boost->options->subsample >= 1)
		return true;
	hash = si_hash_mix(data->hash ? data->hash[row] : row,
					   boost->options->seed);
	hash = si_hash_mix(hash, (uint64_t) boost->ntrees);
	return (double) (hash >> 11) < ldexp(boost->options->subsample, 53);
}

/* Derivatives of w log(1 + exp(-+ margin)): w (p - y) and w p (1 - p). */
static inline SiGradient
gradient_of(double margin, double positive, double scale)
{
	double		p = 1 / (1 + exp(-margin));
	SiGradient	gradient;

	gradient.g = (int32_t) lrint((p - positive) * scale);
	gradient.h = (int32_t) lrint(p * (1 - p) * scale *
								 (1 << (SI_CURVATURE_BITS -
										SI_GRADIENT_BITS)));
	return gradient;
}

/* List the rows [first, last) that are sampled, after n others; new n. */
static int64_t
list_rows(SiBoost *boost, int64_t first, int64_t last, int64_t n)
{
	for (int64_t i = first; i < last; i++)
	{
		uint32_t	row = train_row(boost, i);

		boost->row[0][n] = row;
		n += is_sampled(boost, row);
	}
	return n;
}

static void
list_gradients(SiBoost *boost, int64_t first, int64_t last, SiHistCell *sum)
{
	const SiBoostData *data = boost->data;
	double		one = ldexp(1.0, SI_GRADIENT_BITS) / boost->unit;
	SiGradient *out = boost->gradient[0];

	for (int64_t i = first; i < last; i++)
	{
		uint32_t	row = boost->row[0][i];

		out[i] = gradient_of(boost->margin[row], data->positive[row],
							 one * weight_of(data, row));
		sum->g += out[i].g;
		sum->h += out[i].h;
	}
	sum->n += last - first;
}

/* The root: the rows of the tree, their gradients, histogram and sums. */
static SiHistCell
start_root(SiBoost *boost)
{
	SiHistCell	sum = {0, 0, 0};
	int			nfeatures = boost->data->nfeatures;

	memset(boost->cells, 0, (size_t) boost->histogram.offset[nfeatures] *
		   sizeof(SiHistCell));
	for (int64_t i = 0; i < boost->ntrain; i += SI_HISTOGRAM_ROWS)
	{
		int64_t		old = sum.n;
		int64_t		n = list_rows(boost, i, block_end(i, boost->ntrain), old);

		boost->pulse();
		list_gradients(boost, old, n, &sum);
		si_histogram_add(&boost->histogram, (int) (n - old),
						 boost->row[0] + old, boost->gradient[0] + old,
						 boost->cells);
	}
	si_histogram_flush(&boost->histogram, boost->cells);
	return sum;
}

/* Training rows that the tree has not learned from move along. */
static void
update_others(SiBoost *boost)
{
	uint32_t   *other = boost->row[0];

	for (int64_t i = 0; i < boost->ntrain; i += SI_HISTOGRAM_ROWS)
	{
		int64_t		end = block_end(i, boost->ntrain);
		int64_t		n = 0;

		for (int64_t k = i; k < end; k++)
		{
			other[n] = train_row(boost, k);
			n += !is_sampled(boost, other[n]);
		}
		si_boost_update_margins(boost->data, &boost->tree, n, other,
								boost->margin, boost->pulse);
	}
}

void
si_boost_grow_tree(SiBoost *boost)
{
	SiHistCell	sum = start_root(boost);

	si_grow(boost, &sum);
	if (sum.n < boost->ntrain)
		update_others(boost);
	boost->ntrees++;
}

/* Add to the margins of up to TOGETHER rows, which step down together. */
static void
update_block(const SiBoostData *data, const SiTree *tree, int n,
			 const uint32_t *row, double *margin)
{
	size_t		stride = si_bins_stride(data->nfeatures);
	const SiTreeNode *at[TOGETHER];
	bool		moved = tree->node[0].left != 0;

	for (int k = 0; k < n; k++)
		at[k] = tree->node;
	while (moved)
	{
		moved = false;
		for (int k = 0; k < n; k++)
		{
			const SiTreeNode *node = at[k];
			unsigned	bin = data->bins[row[k] * stride + node->feature];
			const SiTreeNode *next = tree->node + node->left +
				!si_bins_contain(node->left_bins, bin);

			at[k] = node->left != 0 ? next : node;
			moved |= at[k]->left != 0;
		}
	}
	for (int k = 0; k < n; k++)
		margin[row[k]] += at[k]->value;
}

void
si_boost_update_margins(const SiBoostData *data, const SiTree *tree,
						int64_t n, const uint32_t *row, double *margin,
						SiPulse pulse)
{
	for (int64_t i = 0; i < n; i += TOGETHER)
	{
		uint32_t	counted[TOGETHER];
		int			count = n - i < TOGETHER ? (int) (n - i) : TOGETHER;

		if (i % SI_HISTOGRAM_ROWS == 0)
			pulse();
		for (int k = 0; k < count; k++)
			counted[k] = row ? row[i + k] : (uint32_t) (i + k);
		update_block(data, tree, count, counted, margin);
	}
}

double
si_boost_loss(const SiBoostData *data, int64_t n, const uint32_t *row,
			  const double *margin, SiPulse pulse)
{
	SiSum		loss = {0, 0};
	SiSum		weight = {0, 0};

	for (int64_t i = 0; i < n; i++)
	{
		uint32_t	r = row ? row[i] : (uint32_t) i;
		double		m = data->positive[r] ? -margin[r] : margin[r];
		double		w = weight_of(data, r);

		if (i % SI_HISTOGRAM_ROWS == 0)
			pulse();
		si_sum_add(&loss, w * (log1p(exp(-fabs(m))) + (m > 0 ? m : 0)));
		si_sum_add(&weight, w);
	}
	return si_sum_value(&loss) / si_sum_value(&weight);
}
