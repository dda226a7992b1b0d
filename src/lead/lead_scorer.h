/*
 * lead_scorer.h
 *	  A decoded model made ready to score, cached per call site.
 */
#ifndef LEAD_SCORER_H
#define LEAD_SCORER_H

#include "postgres.h"

#include "fmgr.h"

#include "lead/lead_model.h"
#include "pg/si_row.h"

/* A level by hash of its text, in an open-addressing table. */
typedef struct LeadSlot
{
	uint64		hash;
	const SiLevel *level;		/* NULL: free */
	double		contribution;
} LeadSlot;

/* What a feature adds to the margin, relative to the average row. */
typedef struct LeadTerm
{
	const SiFeature *feature;
	double		slope;
	double		center;
	double		shift;			/* number: slope * (x - center) + shift */
	double		missing;
	double		unseen;
	int			nslots;			/* a power of two */
	LeadSlot   *slots;
} LeadTerm;

/*
 * How a scalar column is read when it is one of the two commonest types; any
 * other goes through lead_column_margin.
 */
typedef enum LeadFast
{
	LEAD_FAST_NONE,
	LEAD_FAST_FLOAT8,
	LEAD_FAST_INT4
} LeadFast;

typedef struct LeadStep
{
	LeadFast	fast;
	int			place;			/* of the column among the values of a row */
	double		slope;
	double		center;
	double		shift;
} LeadStep;

typedef struct LeadScorer
{
	MemoryContext context;		/* holds all of this, deleted as one */
	struct varlena *toast; /* external pointer it was read through; or NULL */
	struct varlena *bytes;		/* the model, detoasted */
	SiLeadModel *model;
	int			ncolumns;		/* columns the model reads */
	SiColumn   *columns;
	uint16	   *guide;			/* of an isotonic calibration; or NULL */
	int			nterms;
	LeadTerm   *terms;			/* by column, then element */
	LeadStep   *steps;			/* by column; valid once bound */
	bool		bound;			/* the column form has matched its arguments */
	SiRowReader *reader;
} LeadScorer;

/* The scorer for argument n, from the cache when it is the same model. */
extern LeadScorer *lead_scorer(FunctionCallInfo fcinfo, int n);

/*
 * What column i adds for a value; fills contributions[] with one number per
 * element of an array when it is not NULL.
 */
extern double lead_column_margin(LeadScorer *scorer, int i, Datum value,
								 bool isnull, double *contributions);

/* Set up the steps once the types and places of the columns are known. */
extern void lead_scorer_bind(LeadScorer *scorer, const int *places);

/*
 * What column i adds, quickly.  A value that is not finite makes the margin
 * not finite, which the caller notices once per row.
 */
static inline double
lead_step_margin(LeadScorer *scorer, int i, Datum value, bool isnull)
{
	const LeadStep *step = &scorer->steps[i];

	if (!isnull && step->fast == LEAD_FAST_FLOAT8)
		return step->slope * (DatumGetFloat8(value) - step->center) +
			   step->shift;
	if (!isnull && step->fast == LEAD_FAST_INT4)
		return step->slope * (DatumGetInt32(value) - step->center) +
			   step->shift;
	return lead_column_margin(scorer, i, value, isnull, NULL);
}

/*
 * A margin is added up in four interleaved sums, because one sum would wait
 * for each addition.  Both forms of a call use the same sums, so they agree to
 * the last bit.
 */
#define LEAD_SUMS	4u

static inline double
lead_sums_total(const double *sum)
{
	return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

#endif							/* LEAD_SCORER_H */
