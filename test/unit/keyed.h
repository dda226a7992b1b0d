/*
 * keyed.h
 *
 * 2x2 tables by key from arrays of cells, for the tests of strata and
 * clusters; keys are numbers of three digits, so that they ascend.
 */
#ifndef KEYED_H
#define KEYED_H

#include <stdlib.h>

#include "core/stats/table/si_tables.h"
#include "scored.h"

#define MOST_KEYS	1000

typedef struct Keyed
{
	uint8_t    *bytes;
	SiTables	tables;
} Keyed;

/* Empty tables are left out. */
static inline Keyed
keyed_tables(SiTablesKind kind, int n, const SiContingency *cells)
{
	static char name[MOST_KEYS][4];
	static SiKeyedTable list[MOST_KEYS];
	Keyed		keyed;
	int			count = 0;
	size_t		size;

	for (int i = 0; i < n; i++)
	{
		name[i][0] = (char) ('0' + i / 100);
		name[i][1] = (char) ('0' + i / 10 % 10);
		name[i][2] = (char) ('0' + i % 10);
		list[count].key.data = name[i];
		list[count].key.length = 3;
		list[count].table = cells[i];
		count += si_contingency_rows(&cells[i]) > 0;
	}
	size = si_tables_size(count, list, pulse);
	keyed.bytes = malloc(size);
	si_tables_encode(kind, count, list, keyed.bytes, pulse);
	if (si_tables_open(kind, keyed.bytes, size, &keyed.tables, pulse) != SI_OK)
		abort();
	return keyed;
}

#endif							/* KEYED_H */
