/*
 * access_consent_event.h
 *	  The events of some transactions.
 */
#ifndef ACCESS_CONSENT_EVENT_H
#define ACCESS_CONSENT_EVENT_H

#include "access/access_store.h"

/* Columns of consent_event. */
#define EVENT_SUBJECT	1
#define EVENT_ACTION	4
#define EVENT_AT		5
#define EVENT_COLUMNS	6
#define EVENT_XID		13		/* from 1 */

/* Of those in [low, high). */
static inline AccessScan
access_scan_events(uint64 low, uint64 high, Snapshot snapshot)
{
	return access_scan_xids("consent_event", "consent_event_xid", EVENT_XID,
							low, high, snapshot);
}

#endif							/* ACCESS_CONSENT_EVENT_H */
