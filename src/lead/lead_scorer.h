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
 * A value read from a row: what it adds and, for explanations, what it is.
 */
typedef struct LeadScorer
{
	MemoryContext context;		/* holds all of this, deleted as one */
	struct varlena *toast;		/* external pointer it was read through; or NULL */
	struct varlena *bytes;		/* the model, detoasted */
	SiLeadModel *model;
	int			ncolumns;		/* columns the model reads */
	SiColumn   *columns;
	int			nterms;
	LeadTerm   *terms;			/* by column, then element */
	SiRowReader *reader;		/* of the record forms */
	int		   *args;			/* of the column form: argument of each column */
} LeadScorer;

/* The scorer for argument n, from the cache when it is the same model. */
extern LeadScorer *lead_scorer(FunctionCallInfo fcinfo, int n);

/*
 * What column i adds for a value; fills contributions[] with one number per
 * element of an array when it is not NULL.
 */
extern double lead_column_margin(LeadScorer *scorer, int i, Datum value,
								 bool isnull, double *contributions);

#endif							/* LEAD_SCORER_H */
