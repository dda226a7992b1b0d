/*
 * stats_cox.h
 *	  The cox_model type: from rows to a model of proportional hazards.
 */
#ifndef STATS_COX_H
#define STATS_COX_H

#include "postgres.h"

#include "core/stats/survival/si_cox.h"
#include "core/stats/survival/si_cox_model.h"
#include "pg/si_collect.h"
#include "pg/si_value.h"

typedef struct CoxOptions
{
	List	   *include;
	List	   *exclude;
	int			ties;			/* SiCoxTies */
	double		l2;
} CoxOptions;

/* What a row says beside its features. */
enum
{
	COX_DURATION,
	COX_EVENT,
	COX_HEADS
};

typedef struct CoxState
{
	SiCollect  *rows;
	CoxOptions	options;
	bool		seconds;		/* durations are; else in a unit of their own */
} CoxState;

/* A column of the design, and what it tells about its term. */
typedef struct CoxColumn
{
	int			term;
	double		scale;			/* of a slope: 1 / standard deviation */
	double		spread;			/* variance of the column, as designed */
} CoxColumn;

/* A fit under way; it lives in a context of its own. */
typedef struct CoxFit
{
	const CoxState *state;
	SiClaim    *claim;
	int64		n;
	int		  **ranks;			/* by code, per cell of rows; NULL: a number */
	SiKeyed    *items;
	SiKeyed    *scratch;
	SiCell	   *cell;			/* of the design, in its order */
	int		   *source;			/* of a cell of the design: its cell in rows */
	int		  **target;			/* and its design columns by place of level */
	CoxColumn  *column;			/* of the design */
	bool	   *fixed;			/* columns that cannot be estimated */
	double	   *information;	/* of each column, at zero */
	bool	   *collinear;		/* what was found last */
	double	   *work;			/* a matrix, to find it */
	SiDesign	design;
	double	   *time;
	SiCoxModel	model;
} CoxFit;

/* Room in the fit's context, within sales_intel.fit_memory. */
extern void *cox_room(CoxFit *fit, int64 count, Size size);
extern void cox_warn(CoxFit *fit, SiCoxWarningCode code, int term);

/* Terms, columns, rows in canonical order (stats_cox_design.c). */
extern void cox_design(CoxFit *fit);

/* The model of a state's rows (stats_cox_fit.c). */
extern struct varlena *cox_fit(const CoxState *state);

/* ----- Values (stats_cox_model.c) ----- */

extern const SiValueType cox_type;

/* Decoded in the current context; texts point into the value. */
extern SiCoxModel *cox_decode(struct varlena *value);

#endif							/* STATS_COX_H */
