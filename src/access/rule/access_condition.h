/*
 * access_condition.h
 *	  The condition of a rule: one expression over the columns of a table.
 */
#ifndef ACCESS_CONDITION_H
#define ACCESS_CONDITION_H

#include "nodes/pg_list.h"
#include "nodes/primnodes.h"
#include "utils/relcache.h"

/*
 * The expression that a text is, with the table as range-table entry 1, or an
 * error at its place in the text.  Call it within a scope of the table.
 */
extern Node *access_condition_parse(const char *text, Relation rel);

/* Back to text, every name qualified; within a scope for what is stored. */
extern char *access_condition_text(Node *condition, Relation rel);

/*
 * The same expression, with whatever asks for the identity and for nothing of
 * the row made a subquery: it is asked once, not for each row, plans stay
 * parallel, and indexes are used.
 */
extern Node *access_condition_once(Node *condition);

/* A call of one of the extension's functions, of at most four arguments. */
extern Node *access_call(const char *name, List *arguments, Oid result);

/* (SELECT expression); the expression knows nothing of the row. */
extern Node *access_condition_subquery(Node *expression);

/*
 * Would code run, or other tables be read, that neither PostgreSQL nor an
 * extension answers for: in an expression of anybody's, in making a value of a
 * type?
 */
extern bool access_condition_is_strange(Node *condition);
extern bool access_condition_is_strange_type(Oid type);

#endif							/* ACCESS_CONDITION_H */
