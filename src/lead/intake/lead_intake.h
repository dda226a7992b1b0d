/*
 * lead_intake.h
 *	  Training rows on their way from the table to the fit.
 */
#ifndef LEAD_INTAKE_H
#define LEAD_INTAKE_H

#include "fmgr.h"

#include "lead/intake/lead_options.h"
#include "pg/si_dictionary.h"
#include "pg/si_memory.h"
#include "pg/si_row.h"

/*
 * A stored row is `stride` doubles: label, weight, group hash (as bits), then
 * the cells: a number (NaN when missing) or the code of a category.
 */
enum
{
	LEAD_ROW_LABEL,
	LEAD_ROW_WEIGHT,
	LEAD_ROW_GROUP,
	LEAD_ROW_CELLS
};

typedef struct LeadChunk
{
	int			rows;
	int			capacity;
	double	   *cells;
} LeadChunk;

typedef struct LeadIntake
{
	MemoryContext context;
	SiClaim    *claim;
	Jsonb	   *raw_options;	/* as given, to notice a change; or NULL */
	LeadOptions *options;
	int			ncolumns;		/* features, by name; -1 before any row */
	SiColumn   *columns;		/* features, then the group column if any */
	SiDictionary **dictionaries;	/* per column; NULL unless a category */
	int			open_arrays;	/* array columns of unknown length */
	int			ncells;
	int			stride;
	int64		rows;
	int64		positives;
	int64		skipped;
	bool		weighted;		/* a row has a weight other than one */
	int			nchunks;
	int			max_chunks;
	LeadChunk  *chunks;
	SiRowReader *reader;		/* columns, and the group column last */
	double	   *scratch;		/* one row */
	struct varlena *model;		/* made of rows since dropped; or NULL */
} LeadIntake;

extern LeadIntake *lead_intake_create(MemoryContext context, Jsonb *options);
extern void lead_intake_check_options(LeadIntake *intake, Jsonb *options);
extern void lead_intake_add(LeadIntake *intake, HeapTupleHeader record,
							bool label, double weight);
/* The steps of adding that merging shares (lead_merge.c). */
extern int	lead_intake_grouped(const LeadIntake *intake);
extern void lead_intake_prepare(LeadIntake *intake);
extern void lead_intake_append(LeadIntake *intake, const double *row);
extern void lead_intake_widen(LeadIntake *intake, SiColumn *column, int width);

/* Give the rows' memory back; nothing can be added after. */
extern void lead_intake_drop_rows(LeadIntake *intake);

extern void lead_intake_merge(LeadIntake *into, LeadIntake *from);
extern bytea *lead_intake_serialize(LeadIntake *intake);
extern LeadIntake *lead_intake_deserialize(MemoryContext context, bytea *bytes);

#endif							/* LEAD_INTAKE_H */
