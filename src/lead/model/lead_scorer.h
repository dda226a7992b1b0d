/*
 * lead_scorer.h
 *	  A decoded model made ready to score, cached per call site.
 *
 * A row is read into cells, one number a feature, the same for every kind of
 * model: the number itself, NaN when missing; of a category the bin of its
 * level, 0 when missing (see SiFeature).  What the model makes of the cells
 * is another matter: a logistic model adds up an effect of each, a forest
 * sends them down its trees.
 */
#ifndef LEAD_SCORER_H
#define LEAD_SCORER_H

#include "postgres.h"

#include "fmgr.h"

#include "core/trees/si_forest.h"
#include "lead/model/lead_model.h"
#include "pg/si_row.h"

/* A level by hash of its text. */
typedef struct LeadSlot
{
	uint64		hash;
	SiText		text;
	int			bin;			/* 0: free */
} LeadSlot;

/* The levels of a category, in an open-addressing table. */
typedef struct LeadLevels
{
	int			nslots;			/* a power of two; 0: not a category */
	LeadSlot   *slots;
	int			unseen;			/* bin of a level that is not among them */
} LeadLevels;

/*
 * How a scalar column is read when it is one of the two commonest types; any
 * other goes through lead_read_column.
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
	int			cell;			/* the first of the column */
} LeadStep;

/* What a feature adds to a logistic margin, relative to the average row. */
typedef struct LeadTerm
{
	double		slope;
	double		center;
	double		shift;			/* number: slope * (x - center) + shift */
	double		missing;		/* number */
	const double *effect;		/* category: by bin; else NULL */
} LeadTerm;

typedef struct LeadScorer
{
	MemoryContext context;		/* holds all of this */
	struct varlena *toast; /* external pointer it was read through; or NULL */
	struct varlena *bytes;		/* the model, detoasted */
	SiLeadModel *model;
	double		baseline;		/* what contributions start from */
	int			ncolumns;		/* columns the model reads */
	SiColumn   *columns;
	LeadLevels *levels;			/* by column */
	LeadStep   *steps;			/* by column; valid once bound */
	bool		bound;			/* the column form has matched its arguments */
	SiRowReader *reader;
	double	   *cells;			/* of the row at hand, by feature */
	LeadTerm   *terms;			/* by feature; NULL: the model is a forest */
	uint16	   *guide;			/* of an isotonic calibration; or NULL */
	char	  **names;			/* of the features, for reasons */
	double	   *contributions;	/* room for those of a row, by feature */
	void	   *work;			/* of si_treeshap */
} LeadScorer;

/* lead_scorer.c: the scorer for argument n, cached for the same model. */
extern LeadScorer *lead_scorer(FunctionCallInfo fcinfo, int n);

/* A scorer of one's own, in the current memory context. */
extern LeadScorer *lead_scorer_create(struct varlena *given);

/* Whether it is of this model, wherever that is stored. */
extern bool lead_scorer_is_of(LeadScorer *scorer, struct varlena *given);

/* lead_cells.c: from the values of a row to cells. */
extern void lead_levels_fill(LeadLevels *levels, const SiFeature *feature);

/* Set up the steps once the types and places of the columns are known. */
extern void lead_scorer_bind(LeadScorer *scorer, const int *places);

/*
 * Read a value of column i, of any type, into its cells, which are returned;
 * an error for one that is not finite.
 */
extern double *lead_read_column(LeadScorer *scorer, int i, Datum value,
								bool isnull);

/* The same for a category: only its bin, and no cell. */
extern int	lead_read_bin(LeadScorer *scorer, int i, Datum value, bool isnull);

/*
 * Read a value quickly; false if lead_read_column must.  The number may be
 * anything, not finite too.
 */
static inline bool
lead_read_fast(const LeadStep *step, NullableDatum value, double *number)
{
	if (value.isnull)
		return false;
	if (step->fast == LEAD_FAST_FLOAT8)
		*number = DatumGetFloat8(value.value);
	else if (step->fast == LEAD_FAST_INT4)
		*number = DatumGetInt32(value.value);
	else
		return false;
	return true;
}

/* What a number that is present adds. */
static inline double
lead_line(const LeadTerm *term, double number)
{
	return term->slope * (number - term->center) + term->shift;
}

/* What a cell adds. */
static inline double
lead_effect(const LeadTerm *term, double cell)
{
	if (term->effect != NULL)
		return term->effect[(int) cell];
	return cell != cell ? term->missing : lead_line(term, cell);
}

#endif							/* LEAD_SCORER_H */
