/*
 * si_token_json.h
 *	  The members of a flat JSON object, one by one.
 */
#ifndef SI_TOKEN_JSON_H
#define SI_TOKEN_JSON_H

#include "core/access/si_token.h"

typedef enum SiJsonKind
{
	SI_JSON_TEXT,				/* value: unescaped */
	SI_JSON_NUMBER,				/* value: as written */
	SI_JSON_WORD				/* true, false or null */
} SiJsonKind;

typedef struct SiJsonMember
{
	SiText		name;			/* unescaped */
	SiJsonKind	kind;
	SiText		value;
} SiJsonMember;

typedef struct SiJsonReader
{
	char	   *at;
	const char *end;
	int			nnames;
	SiText		names[SI_TOKEN_MEMBERS];	/* met so far */
} SiJsonReader;

/*
 * Begin with these bytes, which are changed while members are read, and which
 * their texts point into.
 */
extern SiTokenStatus si_json_open(SiJsonReader *reader, char *bytes,
								  size_t size);

/*
 * The next member; *found is false after the last, once nothing follows the
 * object.  No call may follow a fault.
 */
extern SiTokenStatus si_json_next(SiJsonReader *reader, SiJsonMember *member,
								  bool *found);

#endif							/* SI_TOKEN_JSON_H */
