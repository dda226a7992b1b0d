/*
 * lead_order.c
 *	  Canonical row order, and folds.
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
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

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
		items[r].key = fold_of(fit, lead_row_of(&items[r]), seen);
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
			rows[lead_row_of(&items[r])[LEAD_ROW_LABEL] > 0]--;
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

void
lead_order_rows(LeadFit *fit)
{
	fit->order = sorted_rows(fit);
	fit->folds = Min(fit->options->folds, lead_rarer_class(fit));
	if (fit->folds < 2)
		fit->folds = 0;
	fit->fold = palloc0(Max(fit->folds, 1) * sizeof(SiRange));
	if (fit->folds > 0)
	{
		fit->order = partition_folds(fit, fit->order);
		check_folds(fit, fit->order);
	}
	else
		fit->fold[0].last = fit->rows;
}

/* An even sample of at most `most` rows, in order; sets their number. */
SiKeyed *
lead_sample_order(LeadFit *fit, int64 most, int64 *n)
{
	int64		every = (fit->rows + most - 1) / most;
	SiKeyed    *sample;

	*n = (fit->rows + every - 1) / every;
	sample = lead_alloc_raw(fit, *n, sizeof(SiKeyed), "A sample of the rows");
	for (int64 i = 0; i < *n; i++)
		sample[i] = fit->order[i * every];
	return sample;
}

/*
 * The rows have been gathered: forget their order and, where nobody else needs
 * them, the rows themselves.
 */
void
lead_release_rows(LeadFit *fit)
{
	pfree(fit->order);
	fit->order = NULL;
	si_claim_less(fit->claim, fit->rows * sizeof(SiKeyed));
	if (!fit->keep_rows)
		lead_intake_drop_rows(fit->intake);
}
