/*
 * access_consent_read.h
 *	  What one subject allows, as the statement sees it.
 */
#ifndef ACCESS_CONSENT_READ_H
#define ACCESS_CONSENT_READ_H

#include "datatype/timestamp.h"

/* Bytes, as text: of a subject, of a session or NULL. */
typedef struct ConsentKey
{
	const char *bytes;
	Size		size;
} ConsentKey;

/* Of a string, or NULL. */
extern ConsentKey access_consent_key_of(const char *string);

/*
 * The number of the statement that runs, whose snapshot is not too old; for
 * each new one, a new number.
 */
extern uint64 access_consent_statement(void);

/* Scenes that are allowed now, in that session if one is given. */
extern int64 access_consent_mask(ConsentKey subject, ConsentKey session);

/* The same at another time, by the events that the snapshot sees. */
extern int64 access_consent_mask_at(ConsentKey subject, ConsentKey session,
									TimestampTz at);

#endif							/* ACCESS_CONSENT_READ_H */
