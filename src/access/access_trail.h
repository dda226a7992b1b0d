/*
 * access_trail.h
 *	  Recording the writes on a table, on and off, as the caller.
 */
#ifndef ACCESS_TRAIL_H
#define ACCESS_TRAIL_H

/* Adds what is missing on the table and its partitions. */
extern void access_trail_start(Oid relid);

/* Does nothing where nothing is recorded. */
extern void access_trail_stop(Oid relid);

#endif							/* ACCESS_TRAIL_H */
