/*
 * access_consent_key.h
 *	  Keys of subjects: values of a column, and the texts that stand for them.
 */
#ifndef ACCESS_CONSENT_KEY_H
#define ACCESS_CONSENT_KEY_H

#include "utils/uuid.h"

#define ACCESS_UUID_TEXT	36	/* characters */

/* May a column of that type, or of a domain over it, hold keys? */
extern bool access_consent_is_key(Oid type);

/* What an error says of one that may not. */
#define ACCESS_CONSENT_KEY_TYPES \
	"Keys of subjects are integer, bigint, uuid or text."

/* The subject's canonical text, in the current context. */
extern char *access_consent_subject(Oid type, Datum key);

/*
 * The value of the type whose canonical text the subject is; false: there is
 * none.
 */
extern bool access_consent_key(Oid type, const char *subject, Datum *key);

/* What uuid_out() gives, without a terminating zero, for each row. */
extern void access_uuid_text(const pg_uuid_t *uuid, char *text);

#endif							/* ACCESS_CONSENT_KEY_H */
