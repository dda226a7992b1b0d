/*
 * si_design.c
 *	  Expands compact training rows into blocks of the design matrix.
 */
#include "core/lead/si_design.h"

#include <math.h>
#include <string.h>

static void
expand_cell(const SiCell *cell, double value, double *z)
{
	if (cell->kind == SI_FEATURE_CATEGORY)
	{
		if (value >= 0)
			z[(int) value] = 1.0;
	}
	else if (isnan(value))
		z[cell->missing_column] = 1.0;
	else
		z[cell->column] = (value - cell->center) * cell->scale;
}

void
si_design_expand(const SiDesign *design, int64_t first, int n, double *z)
{
	int			dense = design->dense;
	const double *row = design->cells + first * design->ncells;

	for (int i = 0; i < n; i++)
	{
		z[0] = 1.0;
		for (int j = 0; j < dense; j++)
			z[1 + j] = (row[j] - design->center[j]) * design->scale[j];
		memset(z + 1 + dense, 0,
			   (size_t) (design->columns - 1 - dense) * sizeof(double));
		for (int j = dense; j < design->ncells; j++)
			expand_cell(&design->cell[j], row[j], z);
		row += design->ncells;
		z += design->columns;
	}
}
