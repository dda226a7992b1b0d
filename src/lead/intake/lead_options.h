/*
 * lead_options.h
 *	  What a training call may set.
 */
#ifndef LEAD_OPTIONS_H
#define LEAD_OPTIONS_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#include "core/lead/si_lead_model.h"

typedef enum LeadCalibration
{
	LEAD_CALIBRATION_AUTO,
	LEAD_CALIBRATION_NONE,
	LEAD_CALIBRATION_PLATT,
	LEAD_CALIBRATION_ISOTONIC
} LeadCalibration;

typedef enum LeadAlgorithm
{
	LEAD_ALGORITHM_AUTO,
	LEAD_ALGORITHM_LOGISTIC,
	LEAD_ALGORITHM_BOOSTED_TREES
} LeadAlgorithm;

typedef struct LeadOptions
{
	int			algorithm;		/* LeadAlgorithm */
	int			folds;
	int			calibration;	/* LeadCalibration */
	int			seed;
	List	   *include;		/* NIL: every column */
	List	   *exclude;
	List	   *categorical;	/* text columns whose numbers are codes */
	char	   *group;			/* column that keeps rows together; or NULL */
	double		l1;
	double		l2;				/* negative: chosen out of fold */
	int			trees;			/* at most */
	int			depth;
	double		learning_rate;
	int			min_leaf;
	double		subsample;
	int			max_bins;
	int			early_stop;		/* trees without a gain; 0: grow them all */
	List	   *monotone;		/* of SiSign *: columns and directions */
	int			max_levels;
	bool		force;
	double		bands[SI_BANDS];	/* shares of A, B and C */
} LeadOptions;

/* Defaults overlaid with options, which may be NULL. */
extern LeadOptions *lead_options(Jsonb *options);

#endif							/* LEAD_OPTIONS_H */
