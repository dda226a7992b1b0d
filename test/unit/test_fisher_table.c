/*
 * test_fisher_table.c
 *
 * All p-values of a pair of margins against the test of one table, and R.
 */
#include "tap.h"

#include <stdlib.h>

#include "core/stats/table/si_contingency.h"
#include "core/stats/table/si_fisher_table.h"

static void
pulse(void)
{
}

static double
worst_of(int64_t row, int64_t column, int64_t total)
{
	size_t		size = si_fisher_table_size(row, column, total) *
		sizeof(double);
	double	   *value = malloc(size);
	double	   *scratch = malloc(size);
	SiFisherTable table = si_fisher_table(row, column, total, value, scratch);
	double		worst = 0;

	for (int64_t a = table.low; a <= table.high; a++)
	{
		SiContingency t = {a, row - a, column - a, total - row - column + a};
		double		want = si_fisher_p_value(&t, pulse);
		double		got = value[a - table.low];

		if (want > 1e-250)
			worst = fmax(worst, fabs(got / want - 1));
		else
			worst = fmax(worst, got > 1e-249);
	}
	free(value);
	free(scratch);
	return worst;
}

static void
test_against_one(void)
{
	double		worst = 0;

	for (int64_t total = 1; total <= 24; total++)
		for (int64_t row = 0; row <= total; row++)
			for (int64_t column = 0; column <= total; column++)
				worst = fmax(worst, worst_of(row, column, total));
	ok(worst < 1e-12, "every table of up to 24 rows: %g", worst);
	worst = fmax(worst_of(386, 975, 3862), worst_of(1931, 1931, 3862));
	worst = fmax(worst, worst_of(3500, 3000, 3862));
	ok(worst < 1e-11, "tables of 3,862 rows: %g", worst);
}

/* R 4.2.2: fisher.test(matrix(c(a, 148 - a, 90 - a, 62 + a), 2))$p.value */
static void
test_golden(void)
{
	double		value[91];
	double		scratch[91];
	SiFisherTable table = si_fisher_table(90, 148, 300, value, scratch);

	ok(table.low == 0 && table.high == 90, "a from 0 to 90");
	is_close(value[30] / 0.00038898197089264606, 1, 1e-10, "a = 30");
	is_close(value[44], 1, 1e-12, "a = 44");
	is_close(value[55] / 0.0082875036044987548, 1, 1e-10, "a = 55");
}

int
main(void)
{
	test_against_one();
	test_golden();
	return done_testing();
}
