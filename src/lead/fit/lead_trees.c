/*
 * lead_trees.c
 *	  Boosted trees: how many, out of fold, and then on all rows.
 *
 * The trees of all folds grow in step.  The number with the smallest loss of
 * the held-out rows is kept, and a forest of as many trees is grown on all
 * rows.  With very many rows the first folds hold enough of them to tell that
 * number, the quality and the calibration; the others are not tried.
 */
#include "postgres.h"

#include <math.h>

#include "core/stats/si_sum.h"
#include "lead/fit/lead_fit.h"
#include "pg/si_pulse.h"

/* Held-out rows that are enough, in all and of the rarer outcome. */
#define HELD_ROWS		200000
#define HELD_RARER		5000

#define PURPOSE			"Growing trees"

/*
 * Penalties where options do not say, for rows of weight one; they go with the
 * mean weight, so that only the proportions of weights matter.
 */
#define LEAF_RIDGE		5.0
#define LEAF_HESSIAN	1e-3
#define LEVEL_SMOOTH	10.0
#define LEVEL_RIDGE		10.0

#define MAX_NODES		2000000 /* of a forest: some 25 MB of model */

/* The trees that do without the rows of one fold. */
typedef struct Booster
{
	SiBoost		boost;
	SiRange		held;
	uint32	   *row;			/* to learn from, then the held-out ones */
	double		weight;			/* of the held-out rows */
	int64		nodes;			/* of its trees */
} Booster;

/* ----- Options ----- */

static double
mean_weight(const LeadFit *fit)
{
	SiSum		sum = {0, 0};

	if (fit->weight == NULL)
		return 1;
	for (int64 r = 0; r < fit->rows; r++)
	{
		si_pulse_every(r);
		si_sum_add(&sum, fit->weight[r]);
	}
	return si_sum_value(&sum) / fit->rows;
}

static void
set_options(LeadFit *fit)
{
	const LeadOptions *from = fit->options;
	SiBoostOptions *to = &fit->trees.options;
	double		unit = mean_weight(fit);
	int8	   *monotone = palloc(fit->nfeatures);

	for (int j = 0; j < fit->nfeatures; j++)
		monotone[j] = fit->features[j].monotone;
	to->depth = from->depth;
	to->learning_rate = from->learning_rate;
	to->lambda = from->l2 >= 0 ? from->l2 : LEAF_RIDGE * unit;
	to->min_gain = 0;
	to->min_hessian = LEAF_HESSIAN * unit;
	to->min_leaf = from->min_leaf;
	to->subsample = from->subsample;
	to->seed = from->seed;
	to->category_smooth = LEVEL_SMOOTH * unit;
	to->category_l2 = LEVEL_RIDGE * unit;
	to->monotone = from->monotone != NIL ? monotone : NULL;
}

/* Bins are there: get ready to grow. */
void
lead_trees_start(LeadFit *fit)
{
	set_options(fit);
	fit->trees.ntrees = fit->options->trees;
}

static Size
work_size(const LeadFit *fit, int64 n)
{
	return si_boost_work_size(&fit->trees.data, &fit->trees.options, n);
}

/* Ready to grow from n of the rows; all margins start at the base rate. */
static double
start_boost(LeadFit *fit, SiBoost *boost, const uint32 *train, int64 n)
{
	double		base = 0;

	boost->data = &fit->trees.data;
	boost->options = &fit->trees.options;
	boost->ntrain = n;
	boost->train = train;
	boost->pulse = si_pulse;
	boost->work = lead_alloc_raw(fit, 1, work_size(fit, n), PURPOSE);
	boost->margin = lead_alloc_raw(fit, fit->rows, sizeof(double), PURPOSE);
	if (si_boost_start(boost) != SI_OK || si_boost_base(boost, &base) != SI_OK)
		elog(ERROR, "trees without rows of both outcomes");
	for (int64 r = 0; r < fit->rows; r++)
	{
		si_pulse_every(r);
		boost->margin[r] = base;
	}
	return base;
}

static void
check_nodes(int64 nodes, int trees)
{
	if (nodes > MAX_NODES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("trees have too many nodes"),
				 errdetail("The first %d trees have " INT64_FORMAT " nodes; the limit is %d.", trees, nodes, MAX_NODES),
				 errhint("Grow fewer or shallower trees, or raise \"min_leaf\".")));
}

/* ----- Out of fold ----- */

/*
 * Learns from an even sample of at most most_train rows outside of a fold; the
 * first of the fold's rows, at most most_held, are held out.
 */
static void
open_booster(LeadFit *fit, Booster *b, SiRange fold, int64 most_train,
			 int64 most_held)
{
	int64		others = fit->rows - (fold.last - fold.first);
	int64		every = (others + most_train - 1) / most_train;
	int64		n = 0;

	b->held = fold;
	b->held.last = Min(fold.last, fold.first + most_held);
	b->row = lead_alloc_raw(fit, fit->rows, sizeof(uint32), PURPOSE);
	for (int64 i = 0; i < others; i += every)
	{
		si_pulse_every(i);
		b->row[n++] = i < fold.first ? i : i + fold.last - fold.first;
	}
	for (int64 r = b->held.first; r < b->held.last; r++)
	{
		si_pulse_every(r);
		b->row[n + r - b->held.first] = r;
		b->weight += lead_row_weight(fit, r);
	}
	(void) start_boost(fit, &b->boost, b->row, n);
}

static void
close_booster(LeadFit *fit, Booster *b)
{
	pfree(b->row);
	pfree(b->boost.margin);
	pfree(b->boost.work);
	si_claim_less(fit->claim, work_size(fit, b->boost.ntrain) +
				  fit->rows * (sizeof(uint32) + sizeof(double)));
}

/* Grow another tree; the loss, summed up, of the rows held out. */
static double
grow_and_test(Booster *b)
{
	const uint32 *held = b->row + b->boost.ntrain;
	int64		n = b->held.last - b->held.first;

	si_boost_grow_tree(&b->boost);
	b->nodes += b->boost.tree.nnodes;
	check_nodes(b->nodes, b->boost.ntrees);
	si_boost_update_margins(b->boost.data, &b->boost.tree, n, held,
							b->boost.margin, si_pulse);
	return b->weight * si_boost_loss(b->boost.data, n, held, b->boost.margin,
									 si_pulse);
}

static void
keep_margins(const Booster *b, int n, double *margin)
{
	for (int k = 0; k < n; k++)
	{
		SiRange		held = b[k].held;

		memcpy(margin + held.first, b[k].boost.margin + held.first,
			   (held.last - held.first) * sizeof(double));
	}
}

/*
 * Grow in step while the held-out rows gain; keeps their margins at the best
 * number of trees, which it returns.
 */
static int
grow_in_step(LeadFit *fit, Booster *b, int n, double *margin)
{
	int			patience = fit->options->early_stop;
	int			best = 0;
	double		least = INFINITY;

	keep_margins(b, n, margin);
	for (int t = 1; t <= fit->options->trees; t++)
	{
		double		loss = 0;

		lead_progress(fit, psprintf("tree %d of at most %d, out of fold", t, fit->options->trees));
		for (int k = 0; k < n; k++)
			loss += grow_and_test(&b[k]);
		if (loss < least || patience == 0)
		{
			least = loss;
			best = t;
			keep_margins(b, n, margin);
		}
		else if (t - best >= patience)
			break;
	}
	return best;
}

static LeadHeldOut
run_boosters(LeadFit *fit, int folds, int64 most_train, int64 most_held)
{
	Booster    *b = palloc0(folds * sizeof(Booster));
	LeadHeldOut held;

	for (int k = 0; k < folds; k++)
		open_booster(fit, &b[k], fit->fold[k], most_train, most_held);
	held.rows = b[folds - 1].held.last;
	held.folds = folds;
	held.margin = lead_alloc_raw(fit, held.rows, sizeof(double), "Out-of-fold scores");
	fit->trees.ntrees = grow_in_step(fit, b, folds, held.margin);
	for (int k = 0; k < folds; k++)
		close_booster(fit, &b[k]);
	return held;
}

/* The first folds that hold enough rows, of both outcomes. */
static int
folds_enough(const LeadFit *fit)
{
	int64		rows[2] = {0, 0};

	if (fit->options->group != NULL)
		return fit->folds;		/* one may be a single customer */
	for (int k = 0; k < fit->folds; k++)
	{
		for (int64 r = fit->fold[k].first; r < fit->fold[k].last; r++)
		{
			si_pulse_every(r);
			rows[fit->positive[r]]++;
		}
		if (rows[0] + rows[1] >= HELD_ROWS &&
			Min(rows[0], rows[1]) >= HELD_RARER)
			return k + 1;
	}
	return fit->folds;
}

LeadHeldOut
lead_trees_validate(LeadFit *fit)
{
	return run_boosters(fit, folds_enough(fit), fit->rows, fit->rows);
}

/* A quick trial: the first rows held out, learning from a sample. */
#define TRIAL_TRAIN	40000
#define TRIAL_HELD	10000

/* Fewer rows cost no more in a full run; fewer of an outcome tell nothing. */
#define TRIAL_ROWS	25000
#define TRIAL_RARER	1000

bool
lead_trees_can_try(const LeadFit *fit)
{
	return fit->rows > TRIAL_ROWS && fit->options->group == NULL &&
		lead_rarer_class(fit) * TRIAL_TRAIN / fit->rows >= TRIAL_RARER;
}

LeadHeldOut
lead_trees_try(LeadFit *fit)
{
	return run_boosters(fit, 1, TRIAL_TRAIN, TRIAL_HELD);
}

/* ----- On all rows ----- */

/* An array for at least count items, half as much again if it must grow. */
static void *
grown(LeadFit *fit, void *array, int32 *room, int32 count, Size size)
{
	int32		more = *room + *room / 2 + 1024;

	if (count <= *room)
		return array;
	more = Max(more, count);
	si_claim_more(fit->claim, (more - *room) * size, PURPOSE);
	*room = more;
	if (array == NULL)
		return palloc_extended(more * size, MCXT_ALLOC_HUGE);
	return repalloc_huge(array, more * size);
}

/* Room for the tree grown last. */
static void
make_room(LeadFit *fit, const SiTree *tree)
{
	SiForest   *forest = &fit->trees.forest;
	SiForestRoom *room = &fit->trees.room;
	int32		nodes = forest->start[forest->ntrees] + tree->nnodes;
	int32		sets = forest->nsets +
		si_forest_tree_sets(tree, fit->trees.binning);
	int32		cover_room = room->nodes;

	check_nodes(nodes, forest->ntrees + 1);
	forest->node = grown(fit, forest->node, &room->nodes, nodes,
						 sizeof(SiNode));
	forest->cover = grown(fit, forest->cover, &cover_room, nodes,
						  sizeof(double));
	forest->set = grown(fit, forest->set, &room->sets, sets, sizeof(SiBinSet));
}

/* Grow the forest of as many trees as were found best. */
void
lead_trees_grow(LeadFit *fit)
{
	LeadTrees  *trees = &fit->trees;
	SiForest   *forest = &trees->forest;
	SiBoost		boost = {0};

	forest->nfeatures = fit->nfeatures;
	forest->base = start_boost(fit, &boost, NULL, fit->rows);
	forest->start = palloc0((trees->ntrees + 1) * sizeof(int32_t));
	trees->room.trees = trees->ntrees;
	for (int t = 1; t <= trees->ntrees; t++)
	{
		lead_progress(fit, psprintf("tree %d of %d", t, trees->ntrees));
		si_boost_grow_tree(&boost);
		if (boost.tree.node[0].cover == 0)
			continue;			/* no row was drawn for it */
		make_room(fit, &boost.tree);
		if (!si_forest_append(forest, &trees->room, &boost.tree,
							  trees->binning))
			elog(ERROR, "no room for a tree");
	}
	trees->margin = boost.margin;
}
