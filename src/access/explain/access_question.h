/*
 * access_question.h
 *	  What the rules of a table say of a row, for somebody else.
 *
 * All of it runs within SPI_connect and SPI_finish of the caller's.
 */
#ifndef ACCESS_QUESTION_H
#define ACCESS_QUESTION_H

#include "executor/spi.h"

#include "access/identity/access_identity.h"

typedef enum AccessOutcome
{
	ACCESS_UNKNOWN = -1,
	ACCESS_NO,
	ACCESS_YES
} AccessOutcome;

typedef struct AccessQuestion
{
	Oid			rel;
	Oid			owner;
	char	   *name;			/* of the table, for queries */
	char	   *where;			/* the row of key $1 */
	List	   *rules;			/* AccessRule */
	bool		is_protected;
	bool		asks_engine;	/* its owner is subject to the policies */
	bool		is_strange;		/* but they run code of his, so it is not */
	SPIPlanPtr	outcomes;		/* of the rules, in order */
	SPIPlanPtr	engine;			/* a row if the policies show it */
} AccessQuestion;

typedef struct AccessAnswer
{
	bool		exists;
	AccessOutcome *outcome;		/* of each rule */
	bool		engine;			/* its word, if it is asked */
} AccessAnswer;

extern AccessQuestion access_question_open(Oid rel);

/* For the row of a key; the plans of the question must be made. */
extern void access_question_plan(AccessQuestion *question);
extern AccessAnswer access_question_ask(const AccessQuestion *question,
										const AccessIdentity *identity,
										const char *key);

/*
 * The rules' word for an action, by its place in select, insert, update,
 * delete: some permit holds, and every forbid does not.
 */
extern bool access_rules_allow(const AccessQuestion *question,
							   const AccessAnswer *answer, int action,
							   const char **reason);

/* How many rows the rules let somebody see, and how many there are. */
extern void access_question_count(const AccessQuestion *question,
								  const AccessIdentity *identity,
								  int64 *visible, int64 *total);

#endif							/* ACCESS_QUESTION_H */
