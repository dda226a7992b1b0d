/*
 * si_delong.h
 *	  The variance of DeLong's structural components, in whole numbers.
 *
 * Method: the component of a row is the share of the other class that it
 * outranks, a tie counting half (Sun and Xu's midranks less those within the
 * class).  Twice that, times the size of the other class, is a whole number.
 * Components are summed less a whole pilot near their mean: the sum of squares
 * then exceeds the squared sum over n at least twofold, so that nothing
 * cancels, and both are exact.
 *
 * Accuracy: sums are exact, hence the same for any order of the rows, as long
 * as the other class has less than 4.7e7 rows; beyond they are compensated.
 *
 * Reference: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), 837-845;
 * Sun and Xu, IEEE Signal Processing Letters 21 (2014), 1389-1393.
 */
#ifndef SI_DELONG_H
#define SI_DELONG_H

#include "core/stats/si_sum.h"

/* One class; start from zeroes but for the pilot. */
typedef struct SiComponents
{
	double		pilot;			/* whole */
	double		rows;
	SiSum		sum;			/* of component - pilot */
	SiSum		squares;
} SiComponents;

/* Adds rows that share a component: twice the rows that each outranks. */
static inline void
si_components_add(SiComponents *class, double component, double rows)
{
	double		e = component - class->pilot;
	double		square = e * e;
	double		rest = fma(e, e, -square);

	if (!(rows > 0.0))
		return;
	class->rows += rows;
	si_sum_add_product(&class->sum, rows, e);
	si_sum_add_product(&class->squares, rows, square);
	if (rest != 0.0)
		si_sum_add_product(&class->squares, rows, rest);
}

/* The same class once more, with a pilot that suits it. */
static inline SiComponents
si_components_again(const SiComponents *class)
{
	SiComponents again = {0.0, 0.0, {0.0, 0.0}, {0.0, 0.0}};

	again.pilot = rint(class->pilot + si_sum_value(&class->sum) / class->rows);
	return again;
}

/*
 * The variance of the class's mean share, other being the size of the other
 * class; NaN for a single row.
 */
static inline double
si_components_variance(const SiComponents *class, double other)
{
	double		sum = si_sum_value(&class->sum);
	double		squares = si_sum_value(&class->squares);

	if (class->rows < 2.0)
		return NAN;
	return (squares - sum * sum / class->rows) / (class->rows - 1.0) /
		class->rows / (4.0 * other * other);
}

#endif							/* SI_DELONG_H */
