/*
 * si_contrast_found.h
 *	  What one pattern says: its counts, tests, and expression.
 */
#ifndef SI_CONTRAST_FOUND_H
#define SI_CONTRAST_FOUND_H

#include "core/sequence/contrast/si_contrast_walk.h"

typedef struct SiContrastFound
{
	uint32_t	name[SI_CONTRAST_LONGEST];
	uint8_t		length;			/* events */
	bool		outcome;		/* holds an outcome: no candidate */
	uint32_t	with;			/* rows */
	uint32_t	with_success;
	double		low;			/* interval of the odds ratio */
	double		high;
	double		p_value;
	double		order_p_value;	/* NaN: the order cannot matter */
	double		statistic;		/* with clusters */
	double		q_value;		/* this and the next NaN if not tested so */
	double		max_p;
} SiContrastFound;

/* All rows, and those of each cluster. */
typedef struct SiContrastWhole
{
	int64_t		rows;
	int64_t		successes;
	const SiClusterCells *cluster;	/* NULL: rows are independent */
	int64_t		clusters;
	double		level;
} SiContrastWhole;

/*
 * Judges the pattern of the walk's block and the name; scratch has room for
 * each cluster.
 */
extern SiContrastFound si_contrast_judge(const SiContrastWalk *walk,
										 const SiContrastWhole *whole,
										 uint32_t name,
										 SiClusterCells *scratch);

/* Its table: with and without the pattern, success and failure. */
extern SiContingency si_contrast_cells(const SiContrastWhole *whole,
									   uint32_t with, uint32_t with_success);

/* The cells of a block's name as those of all rows, cluster by cluster. */
extern void si_contrast_cluster_cells(const SiContrastWalk *walk,
									  const SiContrastWhole *whole,
									  uint32_t name, SiClusterCells *cells);

/* Whether a name is in all successes and no failure, or the reverse. */
extern bool si_contrast_is_outcome(const SiContrastWhole *whole,
								   uint32_t with, uint32_t with_success);

/* The pattern as sequence_match reads it. */
extern void si_contrast_expression(SiWriter *out, int length,
								   const SiText *event);

#endif							/* SI_CONTRAST_FOUND_H */
