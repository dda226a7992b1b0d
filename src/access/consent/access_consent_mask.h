/*
 * access_consent_mask.h
 *	  Tables whose rows carry the live mask of their subject: on and off, and in
 *	  the conditions of rules.
 */
#ifndef ACCESS_CONSENT_MASK_H
#define ACCESS_CONSENT_MASK_H

#include "nodes/nodes.h"
#include "utils/relcache.h"

#include "access/rule/access_rule.h"

/*
 * An error unless the table, which is locked, and its partitions can be as the
 * options about consent say.
 */
extern void access_mask_check(Oid relid, Oid root,
							  const AccessProtection *protection);

/*
 * From now on rows have masks, those that are there, too; no longer.  Locked
 * with access_mask_lock before the table.
 */
extern void access_mask_start(Oid relid, const AccessProtection *protection);
extern void access_mask_stop(Oid relid);

/* So has what becomes a partition of such a table. */
extern void access_mask_adopt(Oid relid, Oid root,
							  const AccessProtection *protection);

/*
 * The condition with calls of consent_allows about the subjects of the table
 * decided by the mask, where it can.
 */
extern Node *access_masked_condition(Node *condition, Relation rel, Oid root,
									 const AccessProtection *protection);

/* The condition that the option scene asks for. */
extern Node *access_scene_condition(Relation rel, Oid root,
									const AccessProtection *protection);

#endif							/* ACCESS_CONSENT_MASK_H */
