/*
 * test_tables.c
 *
 * 2x2 tables by key come back from their bytes; what no rows could have made
 * is refused.
 */
#include "tap.h"

#include "codec_fuzz.h"
#include "core/stats/table/si_tables.h"
#include "scored.h"

static const SiKeyedTable three[] = {
	{{"", 0}, {1, 0, 0, 0}},
	{{"north", 5}, {10, 200, 30000, 4000000}},
	{{"south", 5}, {0, 0, 0, INT64_C(1) << 50}}
};

static uint8_t *
encode(SiTablesKind kind, int64_t n, const SiKeyedTable *tables, size_t *size)
{
	uint8_t    *bytes;

	*size = si_tables_size(n, tables, pulse);
	bytes = malloc(*size);
	si_tables_encode(kind, n, tables, bytes, pulse);
	return bytes;
}

static bool
recode(const uint8_t *bytes, size_t size, bool *same)
{
	SiTables	tables;
	SiTablesCursor cursor;
	SiKeyedTable list[64];
	int64_t		n = 0;
	uint8_t    *again;
	size_t		again_size;

	if (si_tables_open(SI_STRATA, bytes, size, &tables, pulse) != SI_OK)
		return false;
	cursor = si_tables_cursor(&tables, pulse);
	while (n < 64 && si_tables_next(&cursor, &list[n]))
		n++;
	again = encode(SI_STRATA, n, list, &again_size);
	*same = n == tables.count && again_size == size &&
		memcmp(again, bytes, size) == 0;
	free(again);
	return true;
}

static bool
opens(int64_t n, const SiKeyedTable *list)
{
	size_t		size;
	uint8_t    *bytes = encode(SI_STRATA, n, list, &size);
	SiTables	tables;
	bool		open;

	open = si_tables_open(SI_STRATA, bytes, size, &tables, pulse) == SI_OK;
	free(bytes);
	return open;
}

static void
test_reading(void)
{
	size_t		size;
	uint8_t    *bytes = encode(SI_STRATA, 3, three, &size);
	SiTables	tables;
	SiTablesCursor cursor;
	SiKeyedTable table;

	ok(si_tables_open(SI_STRATA, bytes, size, &tables, pulse) == SI_OK &&
	   tables.count == 3 && tables.total.a == 11 && tables.total.b == 200 &&
	   tables.total.c == 30000 &&
	   tables.total.d == 4000000 + (INT64_C(1) << 50), "totals add up");
	cursor = si_tables_cursor(&tables, pulse);
	ok(si_tables_next(&cursor, &table) && table.key.length == 0 &&
	   si_tables_next(&cursor, &table) && table.key.length == 5 &&
	   memcmp(table.key.data, "north", 5) == 0 && table.table.c == 30000,
	   "tables come back");
	ok(si_tables_open(SI_CLUSTERS, bytes, size, &tables, pulse) == SI_CORRUPT,
	   "strata are no clusters");
	free(bytes);
}

static void
test_rules(void)
{
	SiKeyedTable list[2] = {three[1], three[2]};

	ok(opens(2, list), "a forgery that is no forgery opens");
	ok(opens(1, list) && !opens(0, list), "one table or more");
	list[1].key = list[0].key;
	ok(!opens(2, list), "a key twice");
	list[1].key.length = 3;
	ok(!opens(2, list), "keys that do not ascend");
	list[1] = three[2];
	list[1].table.d = 0;
	ok(!opens(2, list), "an empty table");
	list[1].table.d = -1;
	ok(!opens(2, list), "a negative count");
	list[1].table.d = SI_MAX_TABLE_ROWS;
	ok(!opens(2, list), "too many rows");
	list[1].table.d -= si_contingency_rows(&list[0].table);
	ok(opens(2, list), "as many as there may be");
}

int
main(void)
{
	size_t		size;
	uint8_t    *bytes = encode(SI_STRATA, 3, three, &size);

	test_reading();
	test_rules();
	fuzz_codec("strata", bytes, size, recode);
	free(bytes);
	return done_testing();
}
