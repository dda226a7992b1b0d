/*
 * access_consent_age.h
 *	  How old may what a statement sees be, to say what is allowed?
 */
#ifndef ACCESS_CONSENT_AGE_H
#define ACCESS_CONSENT_AGE_H

/* An error, if the active snapshot is too old. */
extern void access_consent_check_age(void);

#endif							/* ACCESS_CONSENT_AGE_H */
