/*
 * lead_fit.h
 *	  One training run: what its steps hand to each other.
 *
 *	  lead_prepare.c	features, levels and what they show about the label
 *	  lead_order.c		canonical row order, folds, design rows
 *	  lead_solve.c		coefficients on all rows, their covariance
 *	  lead_validate.c	out-of-fold margins, ridge, calibration, quality
 *	  lead_warn.c		warnings
 *	  lead_fit.c		the run itself, and the model it makes
 */
#ifndef LEAD_FIT_H
#define LEAD_FIT_H

#include "datatype/timestamp.h"

#include "core/lead/si_logistic.h"
#include "core/stats/si_scored.h"
#include "core/stats/si_sort.h"
#include "lead/lead_intake.h"

/* A lower bound of the AUC at or below this is no usable signal. */
#define LEAD_USABLE_AUC	0.55

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
	double		center;
	double		scale;			/* 1 / standard deviation; 0 for a constant */
	int			design_column;
	/* category */
	const SiDictionary *dictionary;
	int		   *level_of_code;	/* -1: pooled as rare */
	int			nlevels;
	LeadLevel  *levels;			/* bytewise ascending */
	LeadLevel	rare;
	LeadLevel  *reference;		/* the level with most rows */
} LeadFeature;

typedef struct LeadFit
{
	const LeadIntake *intake;
	const LeadOptions *options;
	SiClaim    *claim;
	int64		rows;
	int64		positives;
	int			nfeatures;
	LeadFeature *features;
	List	   *warnings;		/* of SiWarning * */
	TimestampTz started;

	SiDesign	design;
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

	SiScored   *scored;			/* out-of-fold margins, ascending */
	int64		nsample;
	SiScored   *sample;			/* an even sample of them */
	SiQuality	quality;
	SiCalibration calibration;
	double		band[SI_BANDS];
} LeadFit;

/* Claimed work memory: zeroed, or as it comes. */
extern void *lead_alloc_raw(LeadFit *fit, Size count, Size size,
							const char *purpose);
extern void *lead_alloc(LeadFit *fit, Size count, Size size,
						const char *purpose);
extern const char *lead_feature_name(const LeadFeature *feature);
extern int64 lead_rarer_class(const LeadFit *fit);

/* Say what comes next, once a fit takes longer than a few seconds. */
extern void lead_progress(const LeadFit *fit, const char *step);

static inline double
lead_row_weight(const LeadFit *fit, int64 r)
{
	return fit->design.weight ? fit->design.weight[r] : 1.0;
}

extern void lead_prepare(LeadFit *fit);
extern void lead_order_rows(LeadFit *fit);
extern void lead_solve(LeadFit *fit);
extern SiStatus lead_refit(LeadFit *fit, double l2);
extern void lead_refit_or_more(LeadFit *fit, double l2);
extern void lead_finish_solution(LeadFit *fit);
extern void lead_validate(LeadFit *fit);
extern void lead_grade_bands(LeadFit *fit);

extern void lead_warn(LeadFit *fit, SiWarningCode code,
					  const LeadFeature *feature, const char *format, ...)
	pg_attribute_printf(4, 5);
extern void lead_warn_features(LeadFit *fit);
extern void lead_warn_fit(LeadFit *fit);

/* The encoded model of all rows of an intake, as a varlena. */
extern struct varlena *lead_fit_model(const LeadIntake *intake);

#endif							/* LEAD_FIT_H */
