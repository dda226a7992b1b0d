/*
 * si_tables.h
 *	  2x2 tables by key, as of clusters or strata, in bytes.
 *
 * Depends on the rows only, not on their order: keys ascend bytewise.  Read
 * where it lies, without being unpacked.
 */
#ifndef SI_TABLES_H
#define SI_TABLES_H

#include "core/stats/table/si_contingency.h"

#define SI_TABLES_VERSION	1

typedef enum SiTablesKind
{
	SI_CLUSTERS,
	SI_STRATA
} SiTablesKind;

typedef struct SiKeyedTable
{
	SiText		key;
	SiContingency table;
} SiKeyedTable;

typedef struct SiTables
{
	int64_t		count;
	SiContingency total;
	SiReader	body;
} SiTables;

typedef struct SiTablesCursor
{
	SiReader	body;
	int64_t		count;			/* read so far */
	SiPulse		pulse;
} SiTablesCursor;

/*
 * n > 0 tables with distinct keys in bytewise order, none of them empty, of
 * SI_MAX_TABLE_ROWS rows together at most: the size, and the bytes.
 */
extern size_t si_tables_size(int64_t n, const SiKeyedTable *tables,
							 SiPulse pulse);
extern void si_tables_encode(SiTablesKind kind, int64_t n,
							 const SiKeyedTable *tables, uint8_t *out,
							 SiPulse pulse);

/*
 * Checks the bytes to the last one: SI_CORRUPT for all that encode cannot have
 * made.  The bytes must outlive the tables.
 */
extern SiStatus si_tables_open(SiTablesKind kind, const void *bytes,
							   size_t size, SiTables *tables, SiPulse pulse);

extern SiTablesCursor si_tables_cursor(const SiTables *tables, SiPulse pulse);

/* The next table; false after the last one.  The key lies in the bytes. */
extern bool si_tables_next(SiTablesCursor *cursor, SiKeyedTable *table);

#endif							/* SI_TABLES_H */
