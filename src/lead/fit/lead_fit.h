/*
 * lead_fit.h
 *	  One training run: what its steps hand to each other.
 *
 *	  lead_prepare.c	features, levels and what they show about the label
 *	  lead_order.c		canonical row order, folds
 *	  lead_design.c		design rows, their means, spreads and shares
 *	  lead_bins.c		rows as bins, for trees
 *	  lead_solve.c		coefficients on all rows, their covariance
 *	  lead_validate.c	the ridge and out-of-fold margins of coefficients
 *	  lead_trees.c		trees on all rows, and their out-of-fold margins
 *	  lead_choose.c		which of the two, where both are asked for
 *	  lead_judge.c		calibration, quality, grades, from such margins
 *	  lead_describe.c	what the model says about each feature
 *	  lead_warn.c		warnings
 *	  lead_fit.c		the run itself, and the model it makes
 */
#ifndef LEAD_FIT_H
#define LEAD_FIT_H

#include "datatype/timestamp.h"

#include "core/lead/si_logistic.h"
#include "core/stats/score/si_scored.h"
#include "core/stats/si_sort.h"
#include "core/trees/si_forest.h"
#include "lead/intake/lead_intake.h"

/* A lower bound of the AUC at or below this is no usable signal. */
#define LEAD_USABLE_AUC	0.55

/* Rows that are enough to look at single features. */
#define LEAD_SAMPLE_ROWS	50000

/* What a numeric feature looks like among the rows of one label. */
typedef struct LeadSpread
{
	int64		present;
	double		low;
	double		high;
} LeadSpread;

/* A level of a category, or its missing or rare rows. */
typedef struct LeadLevel
{
	SiText		text;
	int64		rows;
	int64		positives;
	int			column;			/* design column; -1: the reference */
	int			bin;			/* for trees; 0: pooled as rare there */
} LeadLevel;

/* A column, or one element of an array column. */
typedef struct LeadFeature
{
	const SiColumn *column;
	int			element;		/* 1-based in an array, 0 for a scalar */
	SiFeatureKind kind;
	int			intake_cell;
	int			design_cell;
	LeadLevel	missing;		/* rows without a value */
	/* numeric */
	LeadSpread	spread[2];		/* by label */
	bool		whole;			/* whole numbers only */
	bool		constant;
	int8		monotone;		/* direction that its effect must keep; or 0 */
	double		center;
	double		scale;			/* 1 / standard deviation; 0 for a constant */
	int			design_column;
	/* category */
	const SiDictionary *dictionary;
	int		   *level_of_code;	/* -1: pooled as rare */
	int			nlevels;
	LeadLevel  *levels;			/* bytewise ascending */
	int			bin_levels;		/* of them, those with a bin of their own */
	LeadLevel	rare;
	LeadLevel  *reference;		/* the level with most rows */
} LeadFeature;

/* Trees: bins of all rows in canonical order, and what grows from them. */
typedef struct LeadTrees
{
	SiBoostData data;
	SiBoostOptions options;
	SiBinning  *binning;		/* by feature */
	int64		nsample;
	double	   *sample;			/* rows as trees read them, for importance */
	SiForest	forest;			/* of all rows */
	SiForestRoom room;
	int			ntrees;			/* wanted of it */
	double	   *margin;			/* of all rows, which it has learned from */
} LeadTrees;

/* Margins of the first rows, none of which comes from a fit to that row. */
typedef struct LeadHeldOut
{
	int64		rows;
	int			folds;			/* that hold them */
	double	   *margin;
} LeadHeldOut;

typedef struct LeadFit
{
	LeadIntake *intake;
	bool		keep_rows;		/* the intake is needed again */
	const LeadOptions *options;
	SiAlgorithm algorithm;		/* of the model, once chosen */
	bool		linear;			/* coefficients are to be fitted */
	bool		boosted;		/* trees are to be grown */
	SiClaim    *claim;
	int64		rows;
	int64		positives;
	int			nfeatures;
	LeadFeature *features;
	List	   *warnings;		/* of SiWarning * */
	TimestampTz spoke;			/* last word about progress, or the start */

	SiKeyed    *order;			/* rows in canonical order, while needed */
	const uint8_t *positive;	/* of all rows, in that order */
	const double *weight;		/* NULL: every row weighs one */
	SiDesign	design;			/* all rows if linear, else a sample */
	int			folds;			/* 0: no validation */
	SiRange    *fold;			/* rows of each fold; one range without folds */

	SiLogistic	logistic;
	SiStatus	unsettled;		/* why a ridge was added unasked; or SI_OK */
	double		mean_weight;
	double	   *beta;
	SiSums	   *parts;			/* sums of each fold at beta */
	SiSums		total;
	double	   *share;			/* weighted share of rows, by column */
	double	   *covariance;		/* NULL with l1 */

	LeadTrees	trees;
	SiChoice	choice;

	LeadHeldOut held;			/* of the model, once chosen */
	int64		nscored;
	SiScored   *scored;			/* its margins, ascending */
	int			nparts;			/* of these rows, to cross-fit calibration */
	int64		nsample;
	SiScored   *sample;			/* an even sample of them */
	SiQuality	quality;
	SiCalibration calibration;
	SiProfile	margins;
	double		band[SI_BANDS];
} LeadFit;

/* Claimed work memory: zeroed, or as it comes. */
extern void *lead_alloc_raw(LeadFit *fit, Size count, Size size,
							const char *purpose);
extern void *lead_alloc(LeadFit *fit, Size count, Size size,
						const char *purpose);
extern const char *lead_feature_name(const LeadFeature *feature);
extern int64 lead_rarer_class(const LeadFit *fit);

/* Say what comes next, every few seconds. */
extern void lead_progress(LeadFit *fit, const char *step);

static inline double
lead_row_weight(const LeadFit *fit, int64 r)
{
	return fit->weight ? fit->weight[r] : 1.0;
}

/* A sorted item leads to its row in the intake. */
static inline const double *
lead_row_of(const SiKeyed *item)
{
	return (const double *) (uintptr_t) item->item;
}

/* Rows come from all over memory: ask for one this long ahead of its turn. */
#define LEAD_AHEAD			8
#define LEAD_LINE_DOUBLES	8	/* of a cache line */

static inline void
lead_prefetch_row(const LeadFit *fit, const SiKeyed *item)
{
	const double *row = lead_row_of(item);

	for (int j = 0; j < fit->intake->stride; j += LEAD_LINE_DOUBLES)
		__builtin_prefetch(row + j);
}

extern void lead_prepare(LeadFit *fit);
extern void lead_order_rows(LeadFit *fit);
extern SiKeyed *lead_sample_order(LeadFit *fit, int64 most, int64 *n);
extern void lead_release_rows(LeadFit *fit);
extern void lead_gather_design(LeadFit *fit, bool all);
extern void lead_bin_rows(LeadFit *fit);

extern void lead_solve(LeadFit *fit);
extern SiStatus lead_refit(LeadFit *fit, double l2);
extern void lead_refit_or_more(LeadFit *fit, double l2);
extern void lead_finish_solution(LeadFit *fit);
extern LeadHeldOut lead_validate(LeadFit *fit);

extern void lead_trees_start(LeadFit *fit);
extern LeadHeldOut lead_trees_validate(LeadFit *fit);
extern bool lead_trees_can_try(const LeadFit *fit);
extern LeadHeldOut lead_trees_try(LeadFit *fit);
extern void lead_trees_grow(LeadFit *fit);

extern void lead_choose(LeadFit *fit, LeadHeldOut linear);
extern void lead_judge(LeadFit *fit);
extern void lead_describe_features(LeadFit *fit, SiLeadModel *model);

extern void lead_warn(LeadFit *fit, SiWarningCode code,
					  const LeadFeature *feature, const char *format, ...)
	pg_attribute_printf(4, 5);
extern void lead_warn_features(LeadFit *fit);
extern void lead_warn_fit(LeadFit *fit);

/*
 * The encoded model of all rows of an intake, as a varlena.  Unless told to
 * keep them, it may drop the rows on the way.
 */
extern struct varlena *lead_fit_model(LeadIntake *intake, bool keep_rows);

#endif							/* LEAD_FIT_H */
