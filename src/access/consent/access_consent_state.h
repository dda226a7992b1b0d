/*
 * access_consent_state.h
 *	  The live state of subjects, and who waits for whom.
 *
 * Whoever changes what a subject allows holds that subject's row of
 * consent_state; so does, in share mode, whoever relies on it until the end of
 * the transaction.
 */
#ifndef ACCESS_CONSENT_STATE_H
#define ACCESS_CONSENT_STATE_H

#include "access/genam.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "utils/snapshot.h"

/* What a row's mask says of itself: the subject's consent begins or ends. */
#define ACCESS_CONSENT_BOUNDED	PG_INT64_MIN

/* ----- One subject, shared until the end of the transaction ----- */

typedef struct AccessConsentLock
{
	SPIPlanPtr	plan;			/* inserts what is missing; or NULL */
	MemoryContext context;		/* in which it lives */
	MemoryContextCallback callback;
} AccessConsentLock;

/* Zeroed, but for the context. */
extern int64 access_consent_share(AccessConsentLock *lock,
								  const char *subject);

/* The same, of a subject that is not made known where it is not. */
extern int64 access_consent_share_known(const char *subject);

/* ----- Many subjects, as a snapshot sees them ----- */

typedef struct AccessConsentStates
{
	Relation	rel;
	Relation	index;
	IndexScanDesc scan;
	TupleTableSlot *slot;
	MemoryContext context;		/* of the scan */
} AccessConsentStates;

extern void access_consent_states_open(AccessConsentStates *states,
									   Snapshot snapshot);
extern int64 access_consent_states_mask(AccessConsentStates *states,
										const char *subject);
extern void access_consent_states_close(AccessConsentStates *states);

/* ----- All of them ----- */

/* The bit of a scene; an error if there is no such scene. */
extern int	access_scene_bit(const char *scene);

/* Has the time of some subject's next change come, as the snapshot sees it? */
extern bool access_consent_overdue(Snapshot snapshot);

#endif							/* ACCESS_CONSENT_STATE_H */
