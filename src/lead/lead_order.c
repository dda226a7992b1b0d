/*
 * lead_order.c
 *	  Canonical row order, folds, design rows.
 *
 * Rows are ordered by a 64-bit hash of their content, mixed with the seed, so
 * that nothing after this step depends on the order in which rows arrived or
 * on the number of workers.  Equal rows may change places, which changes
 * nothing; two different rows share a hash with a chance of 3e-8 among a
 * million rows.  The hash order is also a random order: folds are cut from it.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "core/si_bytes.h"
#include "core/si_hash.h"
#include "core/si_tolerance.h"
#include "lead/lead_fit.h"
#include "pg/si_pulse.h"

#define CACHE_LINE_DOUBLES	8
#define MISSING_HASH	UINT64CONST(0x9e3779b97f4a7c15)

/* The group hash of a row, 0 without one; its bits are no number. */
static uint64
group_of(const double *row)
{
	uint64		group;

	memcpy(&group, &row[LEAD_ROW_GROUP], sizeof(group));
	return group;
}

static uint64
hash_row(const LeadFit *fit, const double *row)
{
	uint64		hash = si_hash_mix(fit->options->seed, row[LEAD_ROW_LABEL] > 0);

	hash = si_hash_mix(hash, si_double_bits(row[LEAD_ROW_WEIGHT]));
	hash = si_hash_mix(hash, group_of(row));
	for (int i = 0; i < fit->nfeatures; i++)
	{
		const LeadFeature *feature = &fit->features[i];
		double		value = row[feature->intake_cell];

		if (isnan(value))
			hash = si_hash_mix(hash, MISSING_HASH);
		else if (feature->dictionary != NULL)
			hash = si_hash_mix(hash, feature->dictionary->hash[(int) value]);
		else
			hash = si_hash_mix(hash, si_double_bits(value + 0.0));	/* -0 = 0 */
	}
	return si_hash_mix(hash, fit->nfeatures);	/* spreads the last cell */
}

/* A sorted item leads to its row in the intake. */
static const double *
row_of(const SiKeyed *item)
{
	return (const double *) (uintptr_t) item->item;
}

/*
 * Give equal rows, which share a key, keys of their own by their number among
 * them.  Together they would lie in one fold, and the first rows would be no
 * sample of all.  Which of them is which changes nothing.  True if there are
 * any.
 */
static bool
spread_equal_rows(int64 n, SiKeyed *items)
{
	uint64		shared = items[0].key;
	uint64		number = 0;
	bool		found = false;

	for (int64 r = 1; r < n; r++)
	{
		if (r % 65536 == 0)
			CHECK_FOR_INTERRUPTS();
		if (items[r].key != shared)
		{
			shared = items[r].key;
			number = 0;
			continue;
		}
		items[r].key = si_hash_mix(shared, ++number);
		found = true;
	}
	return found;
}

static SiKeyed *
sorted_rows(LeadFit *fit)
{
	const LeadIntake *intake = fit->intake;
	SiKeyed    *items = lead_alloc_raw(fit, fit->rows, sizeof(SiKeyed), "Ordering the rows");
	SiKeyed    *scratch = lead_alloc_raw(fit, fit->rows, sizeof(SiKeyed), "Ordering the rows");
	int64		n = 0;

	for (int c = 0; c < intake->nchunks; c++)
	{
		const double *row = intake->chunks[c].cells;

		CHECK_FOR_INTERRUPTS();
		for (int r = 0; r < intake->chunks[c].rows; r++, row += intake->stride)
		{
			items[n].key = hash_row(fit, row);
			items[n++].item = (uint64) (uintptr_t) row;
		}
	}
	si_sort_keyed(n, items, scratch, si_pulse);
	if (spread_equal_rows(n, items))
		si_sort_keyed(n, items, scratch, si_pulse);
	pfree(scratch);
	si_claim_less(fit->claim, fit->rows * sizeof(SiKeyed));
	return items;
}

/*
 * The fold of a row.  Rows of one group share a fold; other rows are dealt out
 * class by class, so that every fold has its share of positives.
 */
static int
fold_of(const LeadFit *fit, const double *row, int64 *seen)
{
	uint64		group = group_of(row);
	int			label = row[LEAD_ROW_LABEL] > 0;
	int64		class_rows = label ? fit->positives :
		fit->rows - fit->positives;

	if (group != 0)
		return si_hash_mix(group, fit->options->seed) % fit->folds;
	return seen[label]++ * fit->folds / class_rows;
}

/* Stable partition of the sorted rows into folds; fills the fold ranges. */
static SiKeyed *
partition_folds(LeadFit *fit, SiKeyed *items)
{
	SiKeyed    *out = lead_alloc_raw(fit, fit->rows, sizeof(SiKeyed), "Ordering the rows");
	int64		seen[2] = {0, 0};
	int64		at = 0;

	for (int64 r = 0; r < fit->rows; r++)
	{
		si_pulse_every(r);
		items[r].key = fold_of(fit, row_of(&items[r]), seen);
		fit->fold[items[r].key].last++;
	}
	for (int k = 0; k < fit->folds; k++)
	{
		int64		rows = fit->fold[k].last;

		fit->fold[k].first = fit->fold[k].last = at;
		at += rows;
	}
	for (int64 r = 0; r < fit->rows; r++)
	{
		si_pulse_every(r);
		out[fit->fold[items[r].key].last++] = items[r];
	}
	pfree(items);
	si_claim_less(fit->claim, fit->rows * sizeof(SiKeyed));
	return out;
}

/* Groups may put a whole class into one fold: then nothing is validated. */
static void
check_folds(LeadFit *fit, const SiKeyed *items)
{
	for (int k = 0; k < fit->folds; k++)
	{
		int64		rows[2] = {fit->rows - fit->positives, fit->positives};

		for (int64 r = fit->fold[k].first; r < fit->fold[k].last; r++)
		{
			si_pulse_every(r);
			rows[row_of(&items[r])[LEAD_ROW_LABEL] > 0]--;
		}
		if (rows[0] > 0 && rows[1] > 0)
			continue;
		lead_warn(fit, SI_WARN_FEW_POSITIVES, NULL,
				  "all leads of one outcome are in the groups of one fold, so there is no out-of-fold quality and no calibration");
		fit->folds = 0;
		fit->fold[0].first = 0;
		fit->fold[0].last = fit->rows;
	}
}

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

/* Rows come from all over memory: ask for one ahead of its turn. */
static void
prefetch_row(const LeadFit *fit, const double *row)
{
	for (int i = 0; i < fit->intake->stride; i += CACHE_LINE_DOUBLES)
		__builtin_prefetch(row + i);
}

/*
 * Copy the rows in order, and sum up each block while it is in the cache.
 */
static void
gather(LeadFit *fit, const SiKeyed *items, Moments *m)
{
	SiDesign   *design = &fit->design;
	double	   *out = lead_alloc_raw(fit, fit->rows, design->ncells * sizeof(double), "Ordering the rows");
	double	   *weight = lead_alloc_raw(fit, fit->rows, sizeof(double), "Ordering the rows");
	uint8	   *positive = lead_alloc_raw(fit, fit->rows, 1, "Ordering the rows");
	const LeadFeature **order = palloc(design->ncells * sizeof(order[0]) + 1);
	int		   *dense_cell = palloc(design->ncells * sizeof(int) + 1);
	bool		weighted = false;

	design->cells = out;
	for (int i = 0; i < fit->nfeatures; i++)
	{
		order[fit->features[i].design_cell] = &fit->features[i];
		dense_cell[fit->features[i].design_cell] = fit->features[i].intake_cell;
	}
	for (int64 first = 0; first < fit->rows; first += SI_BLOCK_ROWS)
	{
		int64		last = Min(first + SI_BLOCK_ROWS, fit->rows);

		CHECK_FOR_INTERRUPTS();
		for (int64 r = first; r < last; r++, out += design->ncells)
		{
			const double *row = row_of(&items[r]);

			if (r + 8 < fit->rows)
				prefetch_row(fit, row_of(&items[r + 8]));
			positive[r] = row[LEAD_ROW_LABEL] > 0;
			weight[r] = row[LEAD_ROW_WEIGHT];
			weighted |= weight[r] != 1;
			gather_row(fit, row, order, dense_cell, out);
		}
		if (first == 0)
			memcpy(m->pilot, design->cells, design->dense * sizeof(double));
		add_block(fit, weight, first, last, m);
	}
	design->rows = fit->rows;
	design->positive = positive;
	design->weight = weighted ? weight : NULL;
}

/* ----- Means, spreads and shares, in canonical order ----- */

/* True when the values of a feature do not vary. */
static bool
is_constant(const LeadFeature *feature)
{
	double		low = Min(feature->spread[0].low, feature->spread[1].low);
	double		high = Max(feature->spread[0].high, feature->spread[1].high);

	return !(high - low > SI_CONSTANT_SPREAD * fabs(feature->center));
}

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
		if (variance > 0 && !is_constant(feature))
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
		double		w = lead_row_weight(fit, r);

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

void
lead_order_rows(LeadFit *fit)
{
	SiKeyed    *items = sorted_rows(fit);
	Moments		moments;

	fit->folds = Min(fit->options->folds, lead_rarer_class(fit));
	if (fit->folds < 2)
		fit->folds = 0;
	fit->fold = palloc0(Max(fit->folds, 1) * sizeof(SiRange));
	if (fit->folds > 0)
	{
		items = partition_folds(fit, items);
		check_folds(fit, items);
	}
	else
		fit->fold[0].last = fit->rows;
	place_moments(&moments, fit->design.ncells);
	gather(fit, items, &moments);
	pfree(items);
	si_claim_less(fit->claim, fit->rows * sizeof(SiKeyed));
	standardise(fit, &moments);
	describe_cells(fit);
	count_shares(fit);
}
