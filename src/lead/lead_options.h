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

typedef struct LeadOptions
{
	int			algorithm;
	int			folds;
	int			calibration;	/* LeadCalibration */
	int			seed;
	List	   *include;		/* NIL: every column */
	List	   *exclude;
	List	   *categorical;	/* text columns whose numbers are codes */
	char	   *group;			/* column that keeps rows together; or NULL */
	double		l1;
	double		l2;				/* negative: chosen out of fold */
	int			max_levels;
	bool		force;
	double		bands[SI_BANDS];	/* shares of A, B and C */
} LeadOptions;

/* Defaults overlaid with options, which may be NULL. */
extern LeadOptions *lead_options(Jsonb *options);

#endif							/* LEAD_OPTIONS_H */
