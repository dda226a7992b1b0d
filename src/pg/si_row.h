/*
 * si_row.h
 *	  Feature rows: records whose columns are matched by name.
 *
 * Every domain that takes a record reads it here.  A column type says how a
 * value is read and whether it is a number or a category; a row reader finds
 * the wanted columns in each record by name, whatever the order, and notices
 * when the record's type changes between two rows.
 */
#ifndef SI_ROW_H
#define SI_ROW_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "utils/typcache.h"

#include "core/lead/si_lead_model.h"
#include "core/si_core.h"
#include "pg/si_compat.h"

typedef enum SiRead
{
	SI_READ_BOOL,
	SI_READ_INT2,
	SI_READ_INT4,
	SI_READ_INT8,
	SI_READ_FLOAT4,
	SI_READ_FLOAT8,
	SI_READ_NUMERIC,
	SI_READ_TEXT,
	SI_READ_BPCHAR,				/* trailing blanks do not count */
	SI_READ_ENUM
} SiRead;

typedef struct SiColumnType
{
	SiFeatureKind kind;
	bool		array;			/* numbers of one array */
	SiRead		read;			/* of the value or of an element */
	Oid			element;		/* element type of an array */
} SiColumnType;

/* A wanted column. */
typedef struct SiColumn
{
	char	   *name;
	SiFeatureKind kind;
	bool		array;
	int			width;			/* length of the array, 0 when not known yet */
	int			cells;			/* numbers it fills: 1, or width */
	int			first_cell;
} SiColumn;

/* Labels of enum values, looked up once each. */
typedef struct SiEnumLabels
{
	int			count;
	int			capacity;
	Oid		   *value;
	SiText	   *label;
} SiEnumLabels;

typedef struct SiRowReader
{
	MemoryContext context;
	int			ncolumns;
	const SiColumn *columns;
	SiColumnType *types;		/* per wanted column */
	int		   *place;			/* per wanted column, into values */
	SiEnumLabels *labels;		/* per wanted column */
	Oid			type;			/* bound record type, InvalidOid: none */
	int32		typmod;
	uint64		identifier;
	TypeCacheEntry *entry;		/* of a named type */
	TupleDesc	desc;
	Datum	   *values;
	bool	   *nulls;
} SiRowReader;

/* False when the type can be neither a number nor a category. */
extern bool si_column_type(Oid type, SiColumnType *out);

/* The error for such a column, with a hint that fits the type. */
pg_noreturn extern void si_reject_column(const char *name, Oid type);

/*
 * An error for a value that is not finite, or so large that its square would
 * not be.  element is the place in an array, 0 for a scalar.
 */
#define SI_LARGEST_NUMBER	1e140
pg_noreturn extern void si_reject_number(const char *name, int element,
										 double value);

static inline void
si_check_number(const char *name, int element, double value)
{
	if (!(value >= -SI_LARGEST_NUMBER && value <= SI_LARGEST_NUMBER))
		si_reject_number(name, element, value);
}

/* The error for a wanted column that the row lacks or has as another kind. */
pg_noreturn extern void si_reject_missing(const char *name, char *present);
extern void si_check_kind(const SiColumn *column, const SiColumnType *type);

/* Place of a live column in a record type, -1 when there is none. */
extern int	si_find_column(TupleDesc desc, const char *name);

/* Names of the live columns of a record type, for messages. */
extern char *si_column_names(TupleDesc desc);

extern SiRowReader *si_row_reader(MemoryContext context, int ncolumns,
								  const SiColumn *columns);

/* Bind to the type of this record; true when it differs from the last one. */
extern bool si_row_bind(SiRowReader *reader, HeapTupleHeader record);

/* Spread the record into reader->values and reader->nulls. */
extern void si_row_deform(SiRowReader *reader, HeapTupleHeader record);

/* Read one value. */
extern double si_read_number(SiRead read, Datum value);
extern SiText si_read_category(SiRead read, Datum value, SiEnumLabels *labels,
							   MemoryContext context);
/* Length of a one-dimensional array; an error for any other shape. */
extern int	si_array_width(const char *name, Datum value);
/* The error for an array of another length than column->width. */
pg_noreturn extern void si_reject_width(const SiColumn *column, int width);
/* Elements into cells, NaN where NULL; an error for another length. */
extern void si_read_array(const SiColumn *column, const SiColumnType *type,
						  Datum value, double *cells);

#endif							/* SI_ROW_H */
