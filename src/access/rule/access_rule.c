/*
 * access_rule.c
 *	  Rules and protected tables, as they are stored.
 *
 * They are read as catalogs are: the latest that is committed, whatever the
 * snapshot of the transaction.  Who changes them holds a lock on the table.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "access/access_scope.h"
#include "access/access_store.h"
#include "access/access_table.h"
#include "access/rule/access_condition.h"
#include "access/rule/access_rule.h"
#include "access/view/access_consent_view.h"
#include "pg/si_options.h"

#define RULE_COLUMNS 7

const char *const access_action_names[] = {
	"select", "insert", "update", "delete", NULL
};

static const char *const forms[] = {"plain", "citus", NULL};

static int
action_bits(Datum actions)
{
	Datum	   *names;
	int			count;
	int			bits = 0;

	deconstruct_array(DatumGetArrayTypeP(actions), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, NULL, &count);
	for (int i = 0; i < count; i++)
	{
		for (int action = 0; action < ACCESS_ACTIONS; action++)
		{
			if (strcmp(TextDatumGetCString(names[i]),
					   access_action_names[action]) == 0)
				bits |= 1 << action;
		}
	}
	return bits;
}

List *
access_rules(Oid relid)
{
	AccessScan	scan;
	Datum		values[RULE_COLUMNS];
	bool		nulls[RULE_COLUMNS];
	List	   *rules = NIL;

	PushActiveSnapshot(GetLatestSnapshot());
	scan = access_scan_oid("access_rule", NULL, 1, relid);
	while (access_next(&scan, values, nulls))
	{
		AccessRule *rule = palloc(sizeof(AccessRule));

		rule->name = TextDatumGetCString(values[1]);
		rule->permit = strcmp(TextDatumGetCString(values[2]), "permit") == 0;
		rule->actions = action_bits(values[3]);
		rule->condition = TextDatumGetCString(values[4]);
		rules = lappend(rules, rule);
	}
	access_end(&scan);
	PopActiveSnapshot();
	return rules;
}

static const SiOption options[] = {
	{"form", SI_OPTION_CHOICE, offsetof(AccessProtection, form), 0, 0, forms},
	{"empty", SI_OPTION_BOOL, offsetof(AccessProtection, empty), 0, 0, NULL},
	{"trail", SI_OPTION_BOOL, offsetof(AccessProtection, trail), 0, 0, NULL},
	{"consent_mask", SI_OPTION_NAME, offsetof(AccessProtection, consent_mask),
	0, 0, NULL},
	{"subject_key", SI_OPTION_NAME, offsetof(AccessProtection, subject_key),
	0, 0, NULL},
	{"scene", SI_OPTION_TEXT, offsetof(AccessProtection, scene), 0, 0, NULL},
};

void
access_protection_read(Jsonb *given, AccessProtection *protection)
{
	memset(protection, 0, sizeof(*protection));
	si_options_read(given, options, lengthof(options), protection);
}

bool
access_protection(Oid relid, AccessProtection *protection)
{
	AccessScan	scan;
	Datum		values[4];
	bool		nulls[4];
	bool		found;

	PushActiveSnapshot(GetLatestSnapshot());
	scan = access_scan_oid("protected_table", NULL, 1, relid);
	found = access_next(&scan, values, nulls);
	if (found && protection != NULL)
		access_protection_read(DatumGetJsonbP(values[1]), protection);
	access_end(&scan);
	PopActiveSnapshot();
	return found;
}

List *
access_protected_tables(void)
{
	AccessScan	scan;
	Datum		values[1];
	bool		nulls[1];
	List	   *tables = NIL;

	PushActiveSnapshot(GetLatestSnapshot());
	scan = access_scan_all("protected_table");
	while (access_next(&scan, values, nulls))
		tables = lappend_oid(tables, DatumGetObjectId(values[0]));
	access_end(&scan);
	PopActiveSnapshot();
	return tables;
}

bool
access_governs(void)
{
	return access_any_row("protected_table") || access_any_row("access_rule") ||
		access_view_any();
}

/* ----- Its condition ----- */

static void
name_rule(void *rule)
{
	errcontext("rule \"%s\"", ((const AccessRule *) rule)->name);
}

Node *
access_rule_condition(const AccessRule *rule, Relation rel)
{
	ErrorContextCallback name = {error_context_stack, name_rule,
	unconstify(AccessRule *, rule)};
	Node	   *condition;

	error_context_stack = &name;
	condition = access_condition_parse(rule->condition, rel);
	error_context_stack = name.previous;
	return condition;
}

char *
access_rule_expression(Oid relid, const AccessRule *rule)
{
	Relation	rel = table_open(relid, AccessShareLock);
	AccessScope scope;
	char	   *text;

	access_enter(&scope, rel->rd_rel->relowner, ACCESS_STORED);
	text = access_condition_text(access_condition_once(
		access_rule_condition(rule, rel)), rel);
	access_leave(&scope);
	table_close(rel, NoLock);
	return text;
}

Relation
access_rule_table_open(Oid relid, LOCKMODE mode)
{
	LockRelationOid(relid, mode);
	access_table_check(relid);
	return table_open(relid, NoLock);
}
