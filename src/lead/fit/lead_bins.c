/*
 * lead_bins.c
 *	  Training rows as bins of one byte, in canonical order, for trees.
 *
 * The bins replace the rows, which are eight times as large and are dropped
 * once they are coded (lead_release_rows).  Edges come from an even sample of
 * the rows, in canonical order, so that they depend on the rows alone.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "core/lead/si_design.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

#define EDGE_ROWS	200000		/* rows that are enough to choose edges */
#define TOGETHER	LEAD_LINE_DOUBLES	/* features binned in a pass */
#define SAMPLE_ROWS	500			/* rows that are enough to judge importance */
#define BIN_ROWS	8			/* rows that a bin should hold, on average */
#define FEWEST_BINS	32
#define PURPOSE		"Binning the rows"

/* What a cell is to trees: a number, or the bin of a category. */
static double
tree_value(const LeadFeature *feature, double value)
{
	int			level;

	if (feature->kind == SI_FEATURE_NUMERIC)
		return value;
	if (isnan(value))
		return 0;
	level = feature->level_of_code[(int) value];
	if (level >= 0 && feature->levels[level].bin > 0)
		return feature->levels[level].bin;
	return feature->bin_levels + 1;
}

static void
gather_sample(const LeadFit *fit, const SiKeyed *items, int64 n, int first,
			  int last, double *values)
{
	for (int64 r = 0; r < n; r++)
	{
		const double *row = lead_row_of(&items[r]);

		si_pulse_every(r);
		if (r + LEAD_AHEAD < n)
			__builtin_prefetch(lead_row_of(&items[r + LEAD_AHEAD]) +
							   LEAD_ROW_CELLS + first);
		for (int j = first; j < last; j++)
			values[r * TOGETHER + j - first] =
				row[fit->features[j].intake_cell];
	}
}

/* Few rows have fewer bins, which then hold enough rows to matter. */
static int
most_bins(const LeadFit *fit)
{
	int64		most = Max(fit->rows / BIN_ROWS, FEWEST_BINS);

	return Min(most, fit->options->max_bins);
}

static void
find_edges(LeadFit *fit, int j, SiBinSample *sample, void *work)
{
	SiBinning  *binning = &fit->trees.binning[j];
	const LeadFeature *feature = &fit->features[j];
	int			max_bins = most_bins(fit);
	double	   *edge;

	binning->kind = feature->kind;
	binning->nbins = 2 + feature->bin_levels;
	if (feature->kind == SI_FEATURE_CATEGORY)
		return;
	edge = lead_alloc_raw(fit, max_bins, sizeof(double), PURPOSE);
	binning->nbins = si_bins_find(sample, max_bins, work, edge, si_pulse);
	binning->edge = edge;
}

static double *
sample_weights(LeadFit *fit, const SiKeyed *items, int64 n)
{
	double	   *weight = lead_alloc_raw(fit, n, sizeof(double), PURPOSE);

	for (int64 r = 0; r < n; r++)
	{
		si_pulse_every(r);
		weight[r] = lead_row_of(&items[r])[LEAD_ROW_WEIGHT];
	}
	return weight;
}

/* The bins of every feature, from a sample of the rows, a few at a time. */
static void
choose_bins(LeadFit *fit)
{
	int64		n;
	SiKeyed    *items = lead_sample_order(fit, EDGE_ROWS, &n);
	double	   *weight = sample_weights(fit, items, n);
	double	   *values = lead_alloc_raw(fit, n * TOGETHER, sizeof(double),
										PURPOSE);
	Size		work_size = si_bins_work_size(n);
	void	   *work = lead_alloc_raw(fit, 1, work_size, PURPOSE);

	fit->trees.binning = palloc0(fit->nfeatures * sizeof(SiBinning));
	for (int first = 0; first < fit->nfeatures; first += TOGETHER)
	{
		int			last = Min(first + TOGETHER, fit->nfeatures);

		gather_sample(fit, items, n, first, last, values);
		for (int j = first; j < last; j++)
		{
			SiBinSample sample = {n, values + j - first, TOGETHER, weight};

			find_edges(fit, j, &sample, work);
		}
	}
	pfree(work);
	pfree(values);
	pfree(weight);
	pfree(items);
	si_claim_less(fit->claim, work_size +
				  n * ((TOGETHER + 1) * sizeof(double) + sizeof(SiKeyed)));
}

/* A few rows with all their values, by which importance is judged. */
static void
keep_sample(LeadFit *fit)
{
	LeadTrees  *trees = &fit->trees;
	SiKeyed    *items = lead_sample_order(fit, SAMPLE_ROWS, &trees->nsample);
	double	   *to = lead_alloc_raw(fit, trees->nsample * fit->nfeatures,
									sizeof(double), PURPOSE);

	trees->sample = to;
	for (int64 r = 0; r < trees->nsample; r++)
	{
		const double *row = lead_row_of(&items[r]);

		for (int j = 0; j < fit->nfeatures; j++)
			*to++ = tree_value(&fit->features[j],
							   row[fit->features[j].intake_cell]);
	}
	pfree(items);
	si_claim_less(fit->claim, trees->nsample * sizeof(SiKeyed));
}

/* ----- Coding ----- */

/* Label, weight and values of the rows [first, first + n). */
static void
gather_block(const LeadFit *fit, int64 first, int n, double *values,
			 double *weight, uint8 *positive)
{
	for (int i = 0; i < n; i++, values += fit->nfeatures)
	{
		const double *row = lead_row_of(&fit->order[first + i]);

		if (first + i + LEAD_AHEAD < fit->rows)
			lead_prefetch_row(fit, &fit->order[first + i + LEAD_AHEAD]);
		positive[first + i] = row[LEAD_ROW_LABEL] > 0;
		if (weight != NULL)
			weight[first + i] = row[LEAD_ROW_WEIGHT];
		for (int j = 0; j < fit->nfeatures; j++)
			values[j] = tree_value(&fit->features[j],
								   row[fit->features[j].intake_cell]);
	}
}

static void
code_rows(LeadFit *fit, uint8 *bins, double *weight, uint8 *positive)
{
	int			m = fit->nfeatures;
	int			stride = si_bins_stride(m);
	double	   *values = palloc(SI_BLOCK_ROWS * m * sizeof(double));

	for (int64 first = 0; first < fit->rows; first += SI_BLOCK_ROWS)
	{
		int			n = Min(fit->rows - first, SI_BLOCK_ROWS);

		CHECK_FOR_INTERRUPTS();
		gather_block(fit, first, n, values, weight, positive);
		for (int j = 0; j < m; j++)
			si_bins_encode(&fit->trees.binning[j], n, values + j, m,
						   bins + first * stride + j, stride, si_pulse);
	}
	pfree(values);
}

void
lead_bin_rows(LeadFit *fit)
{
	int			stride = si_bins_stride(fit->nfeatures);
	uint8	   *bins;
	uint8	   *positive;
	double	   *weight = NULL;

	if (fit->rows > PG_UINT32_MAX)
		elog(ERROR, "more rows than trees can number");
	choose_bins(fit);
	keep_sample(fit);
	bins = lead_alloc(fit, fit->rows, stride, PURPOSE);
	positive = lead_alloc_raw(fit, fit->rows, 1, PURPOSE);
	if (fit->intake->weighted)
		weight = lead_alloc_raw(fit, fit->rows, sizeof(double), PURPOSE);
	code_rows(fit, bins, weight, positive);
	fit->weight = weight;
	fit->positive = positive;
	fit->trees.data = (SiBoostData) {
		fit->rows, fit->nfeatures, fit->trees.binning, bins, weight, positive,
		NULL
	};
}
