/*
 * si_fisher_table.h
 *	  Fisher's two-sided p-values of all 2x2 tables with the same margins.
 */
#ifndef SI_FISHER_TABLE_H
#define SI_FISHER_TABLE_H

#include "core/si_core.h"

/* The first cell goes from low to high; value[0] belongs to low. */
typedef struct SiFisherTable
{
	int64_t		low;
	int64_t		high;
	double	   *value;
} SiFisherTable;

/* How many values the margins need: row and column sum of the first cell. */
extern int64_t si_fisher_table_size(int64_t row, int64_t column,
									int64_t total);

/* The caller owns the values, and scratch of the same size. */
extern SiFisherTable si_fisher_table(int64_t row, int64_t column,
									 int64_t total, double *value,
									 double *scratch);

#endif							/* SI_FISHER_TABLE_H */
