/*
 * lead_design.c
 *	  Design rows in canonical order, their means, spreads and shares.
 *
 * A logistic fit needs all rows; otherwise a sample of them serves to look at
 * single features.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "lead/fit/lead_fit.h"

/* ----- Design rows ----- */

static double
design_value(const LeadFeature *feature, double value)
{
	int			level;

	if (feature->kind == SI_FEATURE_NUMERIC)
		return value;
	if (isnan(value))
		return feature->missing.column;
	level = feature->level_of_code[(int) value];
	return level >= 0 ? feature->levels[level].column : feature->rare.column;
}

/*
 * Weighted sums of each cell, of deviations from a pilot, the first value there
 * is (the shifted-data algorithm of Chan, Golub and LeVeque 1983).  No value
 * is further from the mean than sqrt(n) standard deviations, so that the
 * variance loses at most a factor n in relative accuracy; usually next to
 * nothing.  Sums of blocks are added up, so rounding grows with the number of
 * blocks.
 */
typedef struct Moments
{
	double	   *pilot;
	double	   *weight;
	double	   *sum;
	double	   *square;
	double	   *block_weight;
	double	   *block_sum;
	double	   *block_square;
} Moments;

static void
place_moments(Moments *m, int n)
{
	double	   *memory = palloc0(7 * n * sizeof(double) + 1);

	m->pilot = memory;
	m->weight = memory + n;
	m->sum = memory + 2 * n;
	m->square = memory + 3 * n;
	m->block_weight = memory + 4 * n;
	m->block_sum = memory + 5 * n;
	m->block_square = memory + 6 * n;
}

/* Add n cells of a row that are never missing. */
static void
add_dense(int n, const double *restrict row, const double *restrict pilot,
		  double w, double *restrict sum, double *restrict square)
{
	for (int j = 0; j < n; j++)
	{
		double		d = row[j] - pilot[j];

		sum[j] += w * d;
		square[j] += w * d * d;
	}
}

/* Add a row to the sums of its block; NaN marks a missing number. */
static void
add_to_block(const SiDesign *design, const double *row, double w, Moments *m)
{
	add_dense(design->dense, row, m->pilot, w, m->block_sum, m->block_square);
	for (int j = design->dense; j < design->ncells; j++)
	{
		double		d;

		if (isnan(row[j]))
			continue;
		if (m->weight[j] + m->block_weight[j] == 0)
			m->pilot[j] = row[j];
		d = row[j] - m->pilot[j];
		m->block_weight[j] += w;
		m->block_sum[j] += w * d;
		m->block_square[j] += w * d * d;
	}
}

static void
add_block(const LeadFit *fit, const double *weight, int64 first, int64 last,
		  Moments *m)
{
	const SiDesign *design = &fit->design;
	int			n = design->ncells;

	double		total = 0;

	memset(m->block_weight, 0, 3 * n * sizeof(double));
	for (int64 r = first; r < last; r++)
	{
		total += weight[r];
		add_to_block(design, design->cells + r * n, weight[r], m);
	}
	for (int j = 0; j < n; j++)
	{
		m->weight[j] += j < design->dense ? total : m->block_weight[j];
		m->sum[j] += m->block_sum[j];
		m->square[j] += m->block_square[j];
	}
}

/* Copy one row; the dense cells, the bulk of most rows, need no translation. */
static void
gather_row(const LeadFit *fit, const double *row,
		   const LeadFeature *const *order, const int *dense_cell, double *out)
{
	const SiDesign *design = &fit->design;

	for (int j = 0; j < design->dense; j++)
		out[j] = row[dense_cell[j]];
	for (int j = design->dense; j < design->ncells; j++)
		out[j] = design_value(order[j], row[order[j]->intake_cell]);
}

/*
 * Copy the rows in order, and sum up each block while it is in the cache.
 */
static void
gather(LeadFit *fit, const SiKeyed *items, int64 n, Moments *m)
{
	SiDesign   *design = &fit->design;
	double	   *out = lead_alloc_raw(fit, n, design->ncells * sizeof(double), "Ordering the rows");
	double	   *weight = lead_alloc_raw(fit, n, sizeof(double), "Ordering the rows");
	uint8	   *positive = lead_alloc_raw(fit, n, 1, "Ordering the rows");
	const LeadFeature **order = palloc(design->ncells * sizeof(order[0]) + 1);
	int		   *dense_cell = palloc(design->ncells * sizeof(int) + 1);

	design->cells = out;
	for (int i = 0; i < fit->nfeatures; i++)
	{
		order[fit->features[i].design_cell] = &fit->features[i];
		dense_cell[fit->features[i].design_cell] = fit->features[i].intake_cell;
	}
	for (int64 first = 0; first < n; first += SI_BLOCK_ROWS)
	{
		int64		last = Min(first + SI_BLOCK_ROWS, n);

		CHECK_FOR_INTERRUPTS();
		for (int64 r = first; r < last; r++, out += design->ncells)
		{
			const double *row = lead_row_of(&items[r]);

			if (r + LEAD_AHEAD < n)
				lead_prefetch_row(fit, &items[r + LEAD_AHEAD]);
			positive[r] = row[LEAD_ROW_LABEL] > 0;
			weight[r] = row[LEAD_ROW_WEIGHT];
			gather_row(fit, row, order, dense_cell, out);
		}
		if (first == 0)
			memcpy(m->pilot, design->cells, design->dense * sizeof(double));
		add_block(fit, weight, first, last, m);
	}
	design->rows = n;
	design->positive = positive;
	design->weight = fit->intake->weighted ? weight : NULL;
}

/* ----- Means, spreads and shares, in canonical order ----- */

static void
standardise(LeadFit *fit, const Moments *m)
{
	for (int i = 0; i < fit->nfeatures; i++)
	{
		LeadFeature *feature = &fit->features[i];
		int			j = feature->design_cell;
		double		shift;
		double		variance;

		if (feature->kind != SI_FEATURE_NUMERIC || m->weight[j] == 0)
			continue;
		shift = m->sum[j] / m->weight[j];
		variance = m->square[j] / m->weight[j] - shift * shift;
		feature->center = m->pilot[j] + shift;
		if (variance > 0 && !feature->constant)
			feature->scale = 1 / sqrt(variance);
		if (!isfinite(feature->scale))
			feature->scale = 0;
	}
}

static void
describe_cells(LeadFit *fit)
{
	SiCell	   *cell = palloc0(fit->design.ncells * sizeof(SiCell) + 1);
	double	   *center = palloc(2 * fit->design.dense * sizeof(double) + 1);
	double	   *scale = center + fit->design.dense;

	for (int i = 0; i < fit->nfeatures; i++)
	{
		const LeadFeature *feature = &fit->features[i];
		SiCell	   *c = &cell[feature->design_cell];

		c->kind = feature->kind;
		c->center = feature->center;
		c->scale = feature->scale;
		c->column = feature->design_column;
		c->missing_column = feature->missing.column;
	}
	for (int j = 0; j < fit->design.dense; j++)
	{
		center[j] = cell[j].center;
		scale[j] = cell[j].scale;
	}
	fit->design.cell = cell;
	fit->design.center = center;
	fit->design.scale = scale;
}

/* Weighted share of the rows that each indicator column covers. */
static void
count_shares(LeadFit *fit)
{
	const SiDesign *design = &fit->design;
	double		total = 0;

	fit->share = palloc0(design->columns * sizeof(double));
	if (design->dense == design->ncells)
		return;
	for (int64 r = 0; r < design->rows; r++)
	{
		const double *row = design->cells + r * design->ncells;
		double		w = design->weight ? design->weight[r] : 1.0;

		if (r % 4096 == 0)
			CHECK_FOR_INTERRUPTS();
		total += w;
		for (int j = design->dense; j < design->ncells; j++)
		{
			const SiCell *cell = &design->cell[j];

			if (cell->kind == SI_FEATURE_CATEGORY && row[j] >= 0)
				fit->share[(int) row[j]] += w;
			else if (cell->kind == SI_FEATURE_NUMERIC && isnan(row[j]))
				fit->share[cell->missing_column] += w;
		}
	}
	for (int j = 0; j < design->columns; j++)
		fit->share[j] = total > 0 ? fit->share[j] / total : 0;
}

/* Gather design rows: all, or a sample of LEAD_SAMPLE_ROWS. */
void
lead_gather_design(LeadFit *fit, bool all)
{
	SiKeyed    *items = fit->order;
	int64		n = fit->rows;
	Moments		moments;

	if (!all)
		items = lead_sample_order(fit, LEAD_SAMPLE_ROWS, &n);
	place_moments(&moments, fit->design.ncells);
	gather(fit, items, n, &moments);
	if (!all)
	{
		pfree(items);
		si_claim_less(fit->claim, n * sizeof(SiKeyed));
	}
	standardise(fit, &moments);
	describe_cells(fit);
	count_shares(fit);
}
