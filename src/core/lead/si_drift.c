/*
 * si_drift.c
 *	  How the leads of today differ from those that a model learned from.
 *
 * Method: the population stability index over the B cells that hold a row on
 * either side, missing values and pooled ones among them,
 *
 *	PSI = sum (q_i - p_i) ln(q_i / p_i),
 *
 * p_i and q_i being the cell's shares of the N rows then and of the M rows
 * now: the symmetric divergence of Jeffreys.  Where both samples come from one
 * population it is distributed as (1/N + 1/M) times a chi-square with B - 1
 * degrees of freedom, which gives the critical value.  The customary limits
 * of 0.10 and 0.25 take no notice of the number of rows or bins.
 *
 * Special cases: if a cell is empty on one side half a row is added to every
 * cell of both sides, as for log-odds; that pulls the index of few rows down,
 * not up.  A single cell has nothing to move to: PSI 0, critical value 0.
 * Scores then came from other models than those of today, namely of the folds
 * (see si_profile.c); the critical value allows for it by SI_SCORE_JITTER.
 *
 * Accuracy: no term is negative, so nothing cancels; relative error 1e-13.
 *
 * Reference: Yurdakul and Naranjo, "Statistical properties of the population
 * stability index", J. Risk Model Validation 14 (2020); Jeffreys, Proc. Royal
 * Soc. A 186 (1946); Haldane, Annals of Human Genetics 20 (1956), on the half.
 */
#include "core/lead/si_drift.h"

#include <math.h>
#include <string.h>

#include "core/si_bytes.h"
#include "core/si_tolerance.h"
#include "core/stats/distribution/si_gamma.h"

/* ---------- against a model ---------- */

/* Cells of a number; one bin at least, so that a value can appear. */
static int
profile_cells(const SiProfile *profile)
{
	return 1 + (profile->nbins > 0 ? profile->nbins : 1);
}

static int
feature_cells(const SiFeature *feature)
{
	if (feature->kind == SI_FEATURE_CATEGORY)
		return 1 + feature->nlevels + 1;
	return profile_cells(&feature->profile);
}

size_t
si_drift_measure_model(const SiLeadModel *model)
{
	size_t		cells = profile_cells(&model->margins);

	if (!model->fitted)
		return 0;
	for (int i = 0; i < model->nfeatures; i++)
		cells += feature_cells(&model->features[i]);
	return (1 + model->nfeatures) * sizeof(SiDriftPart) +
		2 * cells * sizeof(int64_t);
}

/* Takes the part's cells from free, all zero; returns what is free then. */
static int64_t *
open_cells(SiDriftPart *part, int ncells, int64_t *free)
{
	part->ncells = ncells;
	part->then = free;
	part->now = free + ncells;
	memset(free, 0, 2 * ncells * sizeof(int64_t));
	return free + 2 * ncells;
}

static void
count_profile(SiDriftPart *part, const SiProfile *profile)
{
	for (int i = 0; i < profile->nbins; i++)
		part->then[1 + i] = profile->rows[i];
}

static void
count_feature(SiDriftPart *part, const SiFeature *feature)
{
	part->then[0] = feature->missing_rows;
	if (feature->kind == SI_FEATURE_NUMERIC)
	{
		count_profile(part, &feature->profile);
		return;
	}
	for (int i = 0; i < feature->nlevels; i++)
		part->then[1 + i] = feature->levels[i].rows;
	part->then[1 + feature->nlevels] = feature->rare_rows;
}

void
si_drift_start(const SiLeadModel *model, uint64_t digest, void *arena,
			   SiDrift *drift)
{
	int			nparts = model->fitted ? 1 + model->nfeatures : 0;
	SiDriftPart *part = arena;
	int64_t    *free = (int64_t *) (part + nparts);

	drift->model = digest;
	drift->rows = 0;
	drift->nparts = nparts;
	drift->parts = part;
	if (nparts == 0)
		return;
	memset(part, 0, nparts * sizeof(SiDriftPart));
	free = open_cells(part, profile_cells(&model->margins), free);
	count_profile(part++, &model->margins);
	for (int i = 0; i < model->nfeatures; i++, part++)
	{
		const SiFeature *feature = &model->features[i];

		part->column = feature->column;
		part->element = feature->element;
		free = open_cells(part, feature_cells(feature), free);
		count_feature(part, feature);
	}
}

/* ---------- several ---------- */

static bool
part_is_alike(const SiDriftPart *a, const SiDriftPart *b)
{
	return a->ncells == b->ncells && a->element == b->element &&
		si_text_compare(a->column, b->column) == 0 &&
		memcmp(a->then, b->then, a->ncells * sizeof(int64_t)) == 0;
}

bool
si_drift_is_alike(const SiDrift *a, const SiDrift *b)
{
	bool		alike = a->model == b->model && a->nparts == b->nparts;

	for (int i = 0; i < a->nparts && alike; i++)
		alike = part_is_alike(&a->parts[i], &b->parts[i]);
	return alike;
}

bool
si_drift_merge(SiDrift *into, const SiDrift *from)
{
	if (from->rows > SI_MAX_DRIFT_ROWS - into->rows)
		return false;
	into->rows += from->rows;
	for (int i = 0; i < into->nparts; i++)
		for (int k = 0; k < into->parts[i].ncells; k++)
			into->parts[i].now[k] += from->parts[i].now[k];
	return true;
}

/* ---------- the index ---------- */

/* What the cells of a part add up to. */
typedef struct Totals
{
	double		then;
	double		now;
	int			cells;			/* that hold a row on either side */
	bool		gap;			/* one of them is empty on the other */
} Totals;

static Totals
total_cells(const SiDriftPart *part)
{
	Totals		totals = {0, 0, 0, false};

	for (int i = 0; i < part->ncells; i++)
	{
		bool		then = part->then[i] > 0;
		bool		now = part->now[i] > 0;

		totals.then += (double) part->then[i];
		totals.now += (double) part->now[i];
		totals.cells += then || now;
		totals.gap |= then != now;
	}
	return totals;
}

static double
stability_index(const SiDriftPart *part, const Totals *totals)
{
	double		add = totals->gap ? 0.5 : 0;
	double		then = totals->then + add * totals->cells;
	double		now = totals->now + add * totals->cells;
	double		sum = 0;

	for (int i = 0; i < part->ncells; i++)
	{
		double		p = ((double) part->then[i] + add) / then;
		double		q = ((double) part->now[i] + add) / now;

		if (part->then[i] > 0 || part->now[i] > 0)
			sum += (q - p) * log(q / p);
	}
	return sum;
}

SiStability
si_drift_stability(const SiDriftPart *part, double level)
{
	SiStability stability = {NAN, NAN, NAN, NAN};
	Totals		totals = total_cells(part);

	if (totals.then > 0)
		stability.missing_then = (double) part->then[0] / totals.then;
	if (totals.now > 0)
		stability.missing_now = (double) part->now[0] / totals.now;
	if (totals.then == 0 || totals.now == 0)
		return stability;
	stability.psi = stability_index(part, &totals);
	stability.critical = part->column.length == 0 ? SI_SCORE_JITTER : 0;
	if (totals.cells > 1)
		stability.critical += (1 / totals.then + 1 / totals.now) *
			si_chi_square_quantile(totals.cells - 1, level);
	return stability;
}
