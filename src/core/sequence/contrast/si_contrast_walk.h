/*
 * si_contrast_walk.h
 *	  Visits all patterns of contrasted sequences, and counts them.
 *
 * Patterns that differ in their last event only are counted together, as one
 * *block*: first the single events, then for each event the pairs that start
 * with it and, if wanted, for each of these pairs the triples.  Patterns in
 * fewer rows than the support, and all that start with them, are not visited:
 * longer ones are in no more rows.
 */
#ifndef SI_CONTRAST_WALK_H
#define SI_CONTRAST_WALK_H

#include "core/sequence/contrast/si_contrast.h"
#include "core/stats/table/si_cluster_score.h"

#define SI_CONTRAST_LONGEST		3	/* events of a pattern */

/* Where a row goes on behind the events of a block. */
typedef struct SiContrastItem
{
	uint32_t	row;
	uint32_t	next;			/* place in its word; SI_NOT_IN_ORDER */
} SiContrastItem;

#define SI_NOT_IN_ORDER		UINT32_MAX	/* it has them in another order */

/* A name of a row, and where it has it last. */
typedef struct SiContrastLast
{
	uint32_t	name;
	uint32_t	place;			/* in its word */
} SiContrastLast;

/* The rows by what they have; filled by si_contrast_index. */
typedef struct SiContrastTable
{
	const SiContrastRows *rows;
	uint32_t	names;
	uint32_t	clusters;		/* 1 without */
	uint8_t    *mark;			/* by place in rows->code */
	int64_t		pairs;			/* of a row and a name that it has */
	int64_t    *list_start;		/* by name, in list; names + 1 */
	SiContrastItem *list;		/* by name: rows and its first place + 1 */
	int64_t    *last_start;		/* by row, in last; rows + 1 */
	SiContrastLast *last;		/* by row: names by their last places */
} SiContrastTable;

typedef struct SiContrastWalk
{
	/* set by the caller */
	const SiContrastTable *table;
	int64_t		support;		/* least rows of a pattern, 1 or more */
	bool		triples;
	SiContrastItem *item;		/* of table->rows->n */
	SiClusterCells *cells;		/* clusters of each of the names */
	uint8_t    *frequent;		/* names: enough rows have it */
	uint8_t    *frequent_pair;	/* names: so with the first event before */
	SiPulse		pulse;
	/* the block */
	int			depth;			/* events before the last one; starts at -1 */
	uint32_t	prefix[SI_CONTRAST_LONGEST - 1];
	int64_t		items;
	const SiContrastItem *listed;	/* the items */
} SiContrastWalk;

/*
 * Marks the places of words that are first or last of their name, and counts
 * the pairs of row and name, so that the caller can make room for the lists;
 * then fills these.  stamp has a zero for each name.
 */
extern void si_contrast_mark(SiContrastTable *table, uint32_t *stamp,
							 SiPulse pulse);
extern void si_contrast_index(SiContrastTable *table, SiPulse pulse);

/*
 * The next block: cells of (name, cluster) are at name * clusters + cluster.
 * Of each row that has the block's events and the name, in any order, they
 * count `rows` and `success`; `with` are those in order.  False: no more.
 */
extern bool si_contrast_next(SiContrastWalk *walk);

/* Rows that have the block's events and then the name. */
extern int64_t si_contrast_support(const SiContrastWalk *walk, uint32_t name);

/*
 * Sets the bits of those rows in the bitmaps of the names that have one, each
 * of so many words and zero before; slot is -1 for the others.
 */
extern void si_contrast_bits(const SiContrastWalk *walk, const int32_t *slot,
							 int64_t words, uint64_t *bits);

#endif							/* SI_CONTRAST_WALK_H */
