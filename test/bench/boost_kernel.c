/*
 * boost_kernel.c
 *
 * Processor time of the boosted-tree kernels alone: binning, training,
 * scoring.  Not part of any check.  From the top of the tree:
 *
 *	 cd src/core && cc -std=gnu99 -O3 -ffp-contract=off -fno-math-errno \
 *		-I.. -o boost_kernel ../../test/bench/boost_kernel.c si_hash.c \
 *		stats/si_sort.c trees/si_{bins,boost,forest,grow}.c \
 *		trees/si_{histogram,split,treeshap}.c -lm
 *	 ./boost_kernel [rows [trees [depth [features [file]]]]]
 *
 * The rows are of the benchmark's kind: standard normal columns, a logistic
 * truth.  With a file they are written there, as float32, label first, for a
 * peer to read.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/trees/si_treeshap.h"
#include "core/stats/si_sort.h"

#define SAMPLE_ROWS 200000
#define EXPLAINED_ROWS 20000
#define BLOCK		256			/* rows binned while they are in the cache */

typedef struct Bench
{
	int64_t		rows;
	int			trees;
	int			depth;
	int			features;
	double	   *value;			/* row by row */
	uint8_t    *positive;
	uint8_t    *bins;
	SiBinning  *binning;
	SiBoost		boost;
	SiForest	forest;
	SiForestRoom room;
} Bench;

static void
pulse(void)
{
}

static double
seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return now.tv_sec + 1e-9 * now.tv_nsec;
}

static double
uniform(void)
{
	static uint64_t state = UINT64_C(88172645463325252);

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return ((double) (state >> 11) + 0.5) / (double) (UINT64_C(1) << 53);
}

static double
normal(void)
{
	double		radius = sqrt(-2 * log(uniform()));

	return radius * cos(6.283185307179586 * uniform());
}

static void
make_rows(Bench *b)
{
	b->value = malloc(b->rows * b->features * sizeof(double));
	b->positive = malloc(b->rows);
	for (int64_t i = 0; i < b->rows; i++)
	{
		double		margin = -2;

		for (int j = 0; j < b->features; j++)
		{
			double		x = (float) normal();

			b->value[i * b->features + j] = x;
			margin += 0.5 * cos(j + 1) * x;
		}
		b->positive[i] = uniform() < 1 / (1 + exp(-margin));
	}
}

static void
write_rows(const Bench *b, const char *path)
{
	FILE	   *file = fopen(path, "wb");

	for (int64_t i = 0; file != NULL && i < b->rows; i++)
	{
		float		label = b->positive[i];

		fwrite(&label, sizeof(label), 1, file);
		for (int j = 0; j < b->features; j++)
		{
			float		x = (float) b->value[i * b->features + j];

			fwrite(&x, sizeof(x), 1, file);
		}
	}
	if (file != NULL)
		fclose(file);
}

static void
bin_rows(Bench *b)
{
	int			stride = si_bins_stride(b->features);
	int64_t		n = b->rows < SAMPLE_ROWS ? b->rows : SAMPLE_ROWS;
	void	   *work = malloc(si_bins_work_size(n));

	b->binning = calloc(b->features, sizeof(SiBinning));
	b->bins = calloc(b->rows, stride);
	for (int j = 0; j < b->features; j++)
	{
		SiBinSample sample = {n, b->value + j, b->features, NULL};
		double	   *edge = malloc(SI_BINS * sizeof(double));

		b->binning[j].kind = SI_FEATURE_NUMERIC;
		b->binning[j].nbins = si_bins_find(&sample, SI_MAX_VALUE_BINS, work,
										   edge, pulse);
		b->binning[j].edge = edge;
	}
	free(work);
	for (int64_t i = 0; i < b->rows; i += BLOCK)
		for (int j = 0; j < b->features; j++)
			si_bins_encode(&b->binning[j],
						   b->rows - i < BLOCK ? b->rows - i : BLOCK,
						   b->value + i * b->features + j, b->features,
						   b->bins + i * stride + j, stride, pulse);
}

static void
train(Bench *b)
{
	static SiBoostOptions options = {
		.learning_rate = 0.1, .lambda = 1, .min_hessian = 1, .min_leaf = 1,
		.subsample = 1, .category_smooth = 10, .category_l2 = 10
	};
	static SiBoostData data;
	SiBoost    *boost = &b->boost;

	options.depth = b->depth;
	data = (SiBoostData) {
		b->rows, b->features, b->binning, b->bins, NULL, b->positive, NULL
	};
	*boost = (SiBoost) {
		.data = &data, .options = &options, .ntrain = b->rows,
		.pulse = pulse
	};
	boost->margin = malloc(b->rows * sizeof(double));
	boost->work = malloc(si_boost_work_size(&data, &options, b->rows));
	si_boost_base(boost, &b->forest.base);
	for (int64_t i = 0; i < b->rows; i++)
		boost->margin[i] = b->forest.base;
	si_boost_start(boost);
	for (int t = 0; t < b->trees; t++)
	{
		si_boost_grow_tree(boost);
		si_forest_append(&b->forest, &b->room, &boost->tree, b->binning);
	}
}

static void
make_room(Bench *b)
{
	b->room.trees = b->trees;
	b->room.nodes = b->trees << (b->depth + 1);
	b->forest.nfeatures = b->features;
	b->forest.start = calloc(b->trees + 1, sizeof(int32_t));
	b->forest.node = malloc(b->room.nodes * sizeof(SiNode));
	b->forest.cover = malloc(b->room.nodes * sizeof(double));
}

/* The share of pairs in order, of the training rows. */
static double
auc(const Bench *b, const double *margin)
{
	SiKeyed    *item = malloc(2 * b->rows * sizeof(SiKeyed));
	double		wins = 0;
	double		negatives = 0;

	for (int64_t i = 0; i < b->rows; i++)
	{
		item[i].key = si_sort_key(margin[i]);
		item[i].item = b->positive[i];
	}
	si_sort_keyed(b->rows, item, item + b->rows, pulse);
	for (int64_t i = 0; i < b->rows; i++)
		if (item[i].item)
			wins += negatives;
		else
			negatives++;
	free(item);
	return wins / negatives / ((double) b->rows - negatives);
}

static void
explain(const Bench *b, const double *margin)
{
	void	   *work = malloc(si_treeshap_work_size(&b->forest));
	double	   *contribution = malloc(b->features * sizeof(double));
	int64_t		n = b->rows < EXPLAINED_ROWS ? b->rows : EXPLAINED_ROWS;
	double		expected = si_treeshap_expected(&b->forest, pulse);
	double		worst = 0;
	double		start = seconds();

	for (int64_t i = 0; i < n; i++)
	{
		double		sum = expected;

		si_treeshap(&b->forest, b->value + i * b->features, contribution,
					work, pulse);
		for (int j = 0; j < b->features; j++)
			sum += contribution[j];
		worst = fmax(worst, fabs(sum - margin[i]));
	}
	printf("TreeSHAP  %8.3f s, %.0f rows/s, sums differ by %g\n",
		   seconds() - start, n / (seconds() - start), worst);
	free(work);
	free(contribution);
}

int
main(int argc, char **argv)
{
	Bench		b = {
		.rows = argc > 1 ? atol(argv[1]) : 1000000,
		.trees = argc > 2 ? atoi(argv[2]) : 100,
		.depth = argc > 3 ? atoi(argv[3]) : 6,
		.features = argc > 4 ? atoi(argv[4]) : 20
	};
	double	   *margin = malloc(b.rows * sizeof(double));
	double		worst = 0;
	double		start;

	make_rows(&b);
	if (argc > 5)
		write_rows(&b, argv[5]);
	make_room(&b);
	start = seconds();
	bin_rows(&b);
	printf("binning   %8.3f s\n", seconds() - start);
	start = seconds();
	train(&b);
	printf("training  %8.3f s, loss %.6f\n", seconds() - start,
		   si_boost_loss(b.boost.data, b.rows, NULL, b.boost.margin, pulse));
	start = seconds();
	for (int64_t i = 0; i < b.rows; i++)
		margin[i] = si_forest_margin(&b.forest, b.value + i * b.features);
	printf("scoring   %8.3f s, %.3f M rows/s\n", seconds() - start,
		   b.rows / 1e6 / (seconds() - start));
	start = seconds();
	for (int64_t i = 0; i < b.rows; i++)
		worst = fmax(worst, fabs(margin[i] - si_forest_margin(
									&b.forest, b.value + i * b.features)));
	printf("singly    %8.3f s, %.3f M rows/s\n", seconds() - start,
		   b.rows / 1e6 / (seconds() - start));
	explain(&b, margin);
	for (int64_t i = 0; i < b.rows; i++)
		worst = fmax(worst, fabs(margin[i] - b.boost.margin[i]));
	printf("AUC %.6f, margins differ by %g\n", auc(&b, margin), worst);
	return 0;
}
