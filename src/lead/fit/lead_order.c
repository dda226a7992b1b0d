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

/* ----- Folds ----- */

/* The rows of a group, and the fold that they share. */
typedef struct Group
{
	uint64		hash;
	int64		rows;
	int64		positives;
	double		size;			/* its share of the rows and of the positives */
	uint64		place;			/* among groups of one size, by the seed */
	int			fold;
} Group;

/* The groups of the rows, ascending by hash; sets their number. */
static Group *
list_groups(LeadFit *fit, const SiKeyed *items, int64 *ngroups)
{
	SiKeyed    *sorted = lead_alloc_raw(fit, fit->rows, 2 * sizeof(SiKeyed), "Dealing groups to folds");
	Group	   *groups;
	int64		n = 0;

	for (int64 r = 0; r < fit->rows; r++)
	{
		si_pulse_every(r);
		sorted[r].key = group_of(lead_row_of(&items[r]));
		sorted[r].item = lead_row_of(&items[r])[LEAD_ROW_LABEL] > 0;
	}
	si_sort_keyed(fit->rows, sorted, sorted + fit->rows, si_pulse);
	for (int64 r = 0; r < fit->rows; r++)
		n += r == 0 || sorted[r].key != sorted[r - 1].key;
	groups = lead_alloc(fit, n, sizeof(Group), "Dealing groups to folds");
	*ngroups = 0;
	for (int64 r = 0; r < fit->rows; r++)
	{
		Group	   *group;

		si_pulse_every(r);
		if (r == 0 || sorted[r].key != sorted[r - 1].key)
			groups[(*ngroups)++].hash = sorted[r].key;
		group = &groups[*ngroups - 1];
		group->rows++;
		group->positives += sorted[r].item;
	}
	pfree(sorted);
	si_claim_less(fit->claim, fit->rows * 2 * sizeof(SiKeyed));
	return groups;
}

static int
compare_size(const void *a, const void *b)
{
	const Group *x = *(Group *const *) a;
	const Group *y = *(Group *const *) b;

	CHECK_FOR_INTERRUPTS();		/* there may be millions of groups */
	if (x->size != y->size)
		return x->size > y->size ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/*
 * Deal groups to folds, the largest first, each to the fold that has least:
 * folds get about the same rows and positives.  Rows without a group, hash 0,
 * are dealt one by one (fold_of).  No more folds than there are groups.
 */
static void
deal_groups(LeadFit *fit, Group *groups, int64 n)
{
	Group	  **order = lead_alloc_raw(fit, n, sizeof(Group *), "Dealing groups to folds");
	double	   *load;

	if (groups[0].hash != 0)
		fit->folds = Min(fit->folds, n);
	load = palloc0(fit->folds * sizeof(double));
	for (int64 i = 0; i < n; i++)
	{
		groups[i].size = (double) groups[i].rows / fit->rows +
			(double) groups[i].positives / fit->positives;
		groups[i].place = si_hash_mix(groups[i].hash, fit->options->seed);
		order[i] = &groups[i];
	}
	qsort(order, n, sizeof(Group *), compare_size);
	for (int64 i = 0; i < n; i++)
	{
		int			least = 0;

		si_pulse_every(i);
		if (order[i]->hash == 0)
			continue;
		for (int k = 1; k < fit->folds; k++)
			if (load[k] < load[least])
				least = k;
		load[least] += order[i]->size;
		order[i]->fold = least;
	}
	pfree(order);
	si_claim_less(fit->claim, n * sizeof(Group *));
}

static int
compare_hash(const void *a, const void *b)
{
	uint64		x = ((const Group *) a)->hash;
	uint64		y = ((const Group *) b)->hash;

	return (x > y) - (x < y);
}

/*
 * The fold of a row.  Rows of one group share a fold; other rows, single ones,
 * are dealt out class by class, so that every fold has its share of positives.
 */
static int
fold_of(const LeadFit *fit, const double *row, const Group *groups,
		int64 ngroups, const int64 *single, int64 *seen)
{
	Group		wanted = {.hash = group_of(row)};
	int			label = row[LEAD_ROW_LABEL] > 0;

	if (wanted.hash != 0)
		return ((const Group *) bsearch(&wanted, groups, ngroups, sizeof(Group),
										compare_hash))->fold;
	return seen[label]++ * fit->folds / single[label];
}

/* Replace the keys, which have done their work, by the folds of the rows. */
static void
number_folds(LeadFit *fit, SiKeyed *items)
{
	Group	   *groups = NULL;
	int64		ngroups = 0;
	int64		single[2] = {fit->rows - fit->positives, fit->positives};
	int64		seen[2] = {0, 0};

	if (fit->options->group != NULL)
	{
		groups = list_groups(fit, items, &ngroups);
		deal_groups(fit, groups, ngroups);
		single[1] = groups[0].hash == 0 ? groups[0].positives : 0;
		single[0] = groups[0].hash == 0 ? groups[0].rows - single[1] : 0;
	}
	for (int64 r = 0; r < fit->rows; r++)
	{
		si_pulse_every(r);
		items[r].key = fold_of(fit, lead_row_of(&items[r]), groups, ngroups,
							   single, seen);
		fit->fold[items[r].key].last++;
	}
	if (groups != NULL)
	{
		pfree(groups);
		si_claim_less(fit->claim, ngroups * sizeof(Group));
	}
}

/* Stable partition of the sorted rows into folds; fills the fold ranges. */
static SiKeyed *
partition_folds(LeadFit *fit, SiKeyed *items)
{
	SiKeyed    *out = lead_alloc_raw(fit, fit->rows, sizeof(SiKeyed), "Ordering the rows");
	int64		at = 0;

	number_folds(fit, items);
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
