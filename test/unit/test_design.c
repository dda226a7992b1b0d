/*
 * test_design.c
 *
 * Expansion of compact rows: dense numbers, numbers with gaps, a constant,
 * a category, from any row on.
 */
#include "tap.h"

#include "sample.h"

#define COLUMNS	9

/* Columns: 1, two dense, a number and its gap, a number and its gap, levels. */
static const double cells[4][5] = {
	{3.0, 7.0, 10.0, 5.0, -1},
	{1.0, 7.0, NAN, 6.0, 7},
	{2.0, 7.0, 30.0, NAN, 8},
	{1e300, 7.0, NAN, NAN, -1}
};
static const double expected[4][COLUMNS] = {
	{1, 4.0, 0.0, -5.0, 0, 5.0, 0, 0, 0},
	{1, 0.0, 0.0, 0.0, 1, 6.0, 0, 1, 0},
	{1, 2.0, 0.0, 5.0, 0, 0.0, 1, 0, 1},
	{1, 2e300, 0.0, 0.0, 1, 0.0, 1, 0, 0}
};

static void
test_expand(const SiDesign *design, int first, int n)
{
	double		z[5 * COLUMNS];

	for (int i = 0; i < 5 * COLUMNS; i++)
		z[i] = NAN;				/* what was there before must not matter */
	si_design_expand(design, first, n, z);
	ok(memcmp(z, expected[first], n * COLUMNS * sizeof(double)) == 0,
	   "%d rows from row %d", n, first);
	ok(isnan(z[n * COLUMNS]), "and no more");
}

int
main(void)
{
	Sample		s;

	sample_open(&s, 4, 4, 2, 2);
	ok(s.p == COLUMNS, "nine columns");
	memcpy(s.cells, cells, sizeof(cells));
	sample_rescale(&s, 0, 1.0, 2.0);
	sample_rescale(&s, 1, 7.0, 0.0);
	sample_rescale(&s, 2, 20.0, 0.5);
	for (int first = 0; first < 4; first++)
		for (int n = 0; n <= 4 - first; n++)
			test_expand(&s.design, first, n);
	sample_close(&s);

	/* a category alone, and the intercept alone */
	sample_open(&s, 2, 0, 0, 1);
	sample_set_level(&s, 0, 1);
	sample_set_level(&s, 1, 0);
	s.beta = realloc(s.beta, 4 * sizeof(double));
	si_design_expand(&s.design, 0, 2, s.beta);
	ok(s.beta[0] == 1 && s.beta[1] == 1 && s.beta[2] == 1 && s.beta[3] == 0,
	   "a category alone");
	sample_close(&s);
	sample_open(&s, 2, 0, 0, -1);
	s.beta = realloc(s.beta, 2 * sizeof(double));
	si_design_expand(&s.design, 0, 2, s.beta);
	ok(s.beta[0] == 1 && s.beta[1] == 1, "no cells: the intercept");
	sample_close(&s);
	return done_testing();
}
