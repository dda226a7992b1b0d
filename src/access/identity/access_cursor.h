/*
 * access_cursor.h
 *	  Cursors, which may outlive an identity, or be read by somebody else.
 */
#ifndef ACCESS_CURSOR_H
#define ACCESS_CURSOR_H

#include "datatype/timestamp.h"
#include "utils/portal.h"

/* The cursor last found not to read for one WITH HOLD, and in which run. */
typedef struct AccessReader
{
	Portal		portal;
	uint64		at;
} AccessReader;

/*
 * Is a cursor WITH HOLD being read, maybe by way of other cursors in functions
 * of its?  Looked for once in each run of one of these.
 */
extern bool access_reads_for_held_cursor(AccessReader *reader);

/*
 * Drops those of this transaction; false: there are none.  Before it commits
 * they have been read to their ends, and would survive an error, too.
 */
extern bool access_drop_held_cursors(void);

/*
 * An identity of that deadline was found while a cursor is read: from now on
 * it is an error to read it when that one does not count.
 */
extern void access_watch_cursor(TimestampTz deadline);

#endif							/* ACCESS_CURSOR_H */
