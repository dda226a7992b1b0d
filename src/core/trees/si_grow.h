/*
 * si_grow.h
 *	  Growing one tree from gradients: splitting, and dealing rows out.
 */
#ifndef SI_GROW_H
#define SI_GROW_H

#include "core/trees/si_boost.h"

/*
 * Grows boost->tree over the n rows listed in boost->row[0], whose gradients
 * are in boost->gradient[0] and whose histogram is in boost->cells, complete.
 * Adds the value of its leaf to the margin of each.
 */
extern void si_grow(SiBoost *boost, const SiHistCell *sum);

#endif							/* SI_GROW_H */
