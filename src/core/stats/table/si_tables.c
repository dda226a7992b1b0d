/*
 * si_tables.c
 *	  2x2 tables by key, as of clusters or strata, in bytes.
 *
 * Layout, little-endian: magic of the kind, version u32, flags u32, count u64,
 * the tables, hash u64 of all bytes before.  A table is its key, length u32
 * and text, and its four cells as varints.
 *
 * Reading accepts only what writing can produce, to the byte: equal tables are
 * equal bytes.
 */
#include "core/stats/table/si_tables.h"
#include "core/si_hash.h"

#define HASH_SIZE		sizeof(uint64_t)
#define BLOCK_TABLES	16384	/* between pulses */

static const uint32_t magic[] = {
	UINT32_C(0x43324953),		/* "SI2C" */
	UINT32_C(0x53324953)		/* "SI2S" */
};

/* ----- Writing ----- */

static void
write_tables(SiWriter *out, SiTablesKind kind, int64_t n,
			 const SiKeyedTable *tables, SiPulse pulse)
{
	int64_t		i;

	si_write_u32(out, magic[kind]);
	si_write_u32(out, SI_TABLES_VERSION);
	si_write_u32(out, 0);
	si_write_i64(out, n);
	for (i = 0; i < n; i++)
	{
		if (i % BLOCK_TABLES == 0)
			pulse();
		si_write_text(out, tables[i].key);
		si_write_varint(out, (uint64_t) tables[i].table.a);
		si_write_varint(out, (uint64_t) tables[i].table.b);
		si_write_varint(out, (uint64_t) tables[i].table.c);
		si_write_varint(out, (uint64_t) tables[i].table.d);
	}
}

size_t
si_tables_size(int64_t n, const SiKeyedTable *tables, SiPulse pulse)
{
	SiWriter	out = {NULL, 0};

	write_tables(&out, SI_CLUSTERS, n, tables, pulse);
	return out.size + HASH_SIZE;
}

void
si_tables_encode(SiTablesKind kind, int64_t n, const SiKeyedTable *tables,
				 uint8_t *out, SiPulse pulse)
{
	SiWriter	writer = {out, 0};

	write_tables(&writer, kind, n, tables, pulse);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* ----- Reading ----- */

SiTablesCursor
si_tables_cursor(const SiTables *tables, SiPulse pulse)
{
	SiTablesCursor cursor = {tables->body, 0, pulse};

	return cursor;
}

static int64_t
read_cell(SiReader *body)
{
	uint64_t	cell = si_read_varint(body);

	si_read_check(body, cell <= SI_MAX_TABLE_ROWS);
	return body->bad ? 0 : (int64_t) cell;
}

bool
si_tables_next(SiTablesCursor *cursor, SiKeyedTable *table)
{
	SiReader   *body = &cursor->body;

	if (body->left == 0)
		return false;
	if (cursor->count++ % BLOCK_TABLES == 0)
		cursor->pulse();
	table->key = si_read_text(body);
	table->table.a = read_cell(body);
	table->table.b = read_cell(body);
	table->table.c = read_cell(body);
	table->table.d = read_cell(body);
	return true;
}

/* Keys ascend, no table is empty, and all of them together are not too much. */
static SiStatus
check_tables(SiTables *tables, SiPulse pulse)
{
	const SiContingency none = {0, 0, 0, 0};
	SiTablesCursor cursor = si_tables_cursor(tables, pulse);
	SiReader   *body = &cursor.body;
	SiText		last = {NULL, 0};
	SiKeyedTable table;

	tables->total = none;
	while (si_tables_next(&cursor, &table))
	{
		si_read_check(body, cursor.count == 1 ||
					  si_text_compare(last, table.key) < 0);
		si_read_check(body, si_contingency_valid(&table.table) &&
					  si_contingency_rows(&table.table) > 0 &&
					  si_contingency_merge(&tables->total, &table.table));
		last = table.key;
	}
	si_read_check(body, cursor.count == tables->count && cursor.count > 0);
	return body->bad ? SI_CORRUPT : SI_OK;
}

SiStatus
si_tables_open(SiTablesKind kind, const void *bytes, size_t size,
			   SiTables *tables, SiPulse pulse)
{
	SiReader	in = si_reader_hashed(bytes, size);

	si_read_check(&in, si_read_u32(&in) == magic[kind]);
	si_read_check(&in, si_read_u32(&in) == SI_TABLES_VERSION);
	si_read_check(&in, si_read_u32(&in) == 0);
	tables->count = si_read_i64(&in);
	tables->body = in;
	return in.bad ? SI_CORRUPT : check_tables(tables, pulse);
}
