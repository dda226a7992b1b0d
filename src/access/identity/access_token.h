/*
 * access_token.h
 *	  Signed tokens: who may begin an identity, with what.
 */
#ifndef ACCESS_TOKEN_H
#define ACCESS_TOKEN_H

#include "access/identity/access_identity.h"

/*
 * Fills all but the source, or raises the error that says why not; token may be
 * NULL, which is none.
 */
extern void access_token_accept(const text *token, AccessIdentity *identity);

#endif							/* ACCESS_TOKEN_H */
