/*
 * access_cursor.c
 *	  Cursors, which may outlive an identity, or be read by somebody else.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "access/identity/access_cursor.h"
#include "access/identity/access_identity.h"

/* Columns of pg_cursors. */
#define CURSOR_NAME			0
#define CURSOR_IS_HOLDABLE	2

/* Only the function behind pg_cursors knows them all. */
static List *
holdable_cursors(void)
{
	LOCAL_FCINFO(fcinfo, 0);
	FmgrInfo	function;
	ReturnSetInfo result = {.type = T_ReturnSetInfo};
	TupleTableSlot *slot;
	List	   *found = NIL;

	fmgr_info(F_PG_CURSOR, &function);
	result.econtext = CreateStandaloneExprContext();
	result.allowedModes = SFRM_Materialize;
	InitFunctionCallInfoData(*fcinfo, &function, 0, InvalidOid, NULL,
							 (Node *) &result);
	(void) FunctionCallInvoke(fcinfo);
	slot = MakeSingleTupleTableSlot(result.setDesc, &TTSOpsMinimalTuple);
	while (tuplestore_gettupleslot(result.setResult, true, false, slot))
	{
		Datum	   *values = slot->tts_values;

		slot_getallattrs(slot);
		if (DatumGetBool(values[CURSOR_IS_HOLDABLE]))
			found = lappend(found, GetPortalByName(
				TextDatumGetCString(values[CURSOR_NAME])));
	}
	ExecDropSingleTupleTableSlot(slot);
	tuplestore_end(result.setResult);
	FreeExprContext(result.econtext, true);
	return found;
}

/*
 * A cursor is as old as its statement, which in a procedure may be older than
 * its transaction.
 */
bool
access_drop_held_cursors(void)
{
	TimestampTz since = Min(GetCurrentTransactionStartTimestamp(),
							GetCurrentStatementStartTimestamp());
	bool		found = false;
	ListCell   *cell;

	foreach(cell, holdable_cursors())
	{
		Portal		cursor = lfirst(cell);

		if (cursor->creation_time < since)
			continue;
		found = true;
		PortalDrop(cursor, false);
	}
	return found;
}

bool
access_reads_for_held_cursor(AccessReader *reader)
{
	ListCell   *cell;

	if (ActivePortal == NULL)
		return false;
	if (ActivePortal->cursorOptions & CURSOR_OPT_HOLD)
		return true;
	if (ActivePortal->name[0] == '\0' ||
		(reader->portal == ActivePortal &&
		 reader->at == ActivePortal->portalPos))
		return false;
	foreach(cell, holdable_cursors())
	{
		if (((Portal) lfirst(cell))->status == PORTAL_ACTIVE)
			return true;
	}
	reader->portal = ActivePortal;
	reader->at = ActivePortal->portalPos;
	return false;
}

/* ----- Rows that were read for somebody else ----- */

/*
 * A cursor's plan that has asked who looks.  Its policies watch the rows that
 * they let through; what was sorted, hashed or materialized meanwhile, and what
 * a join has still to compare with an answer of then, they see no more.  So the
 * plan's top asks, too, for each row.
 */
typedef struct Watch
{
	struct Watch *next;
	PlanState  *top;
	ExecProcNodeMtd run;		/* what it did before it was watched */
	TimestampTz deadline;
	MemoryContextCallback at_end;
} Watch;

static Watch *watches;

static Watch *
watch_of(const PlanState *top)
{
	Watch	   *watch = watches;

	while (watch != NULL && watch->top != top)
		watch = watch->next;
	return watch;
}

static void
forget(void *gone)
{
	Watch	  **link = &watches;

	while (*link != gone)
		link = &(*link)->next;
	*link = (*link)->next;
}

static void
check(const Watch *watch)
{
	DirectFunctionCall1(sales_intel_access_identity_lives,
						TimestampTzGetDatum(watch->deadline));
}

static TupleTableSlot *
next_row(PlanState *top)
{
	const Watch *watch = watch_of(top);

	check(watch);
	return watch->run(top);
}

void
access_watch_cursor(TimestampTz deadline)
{
	QueryDesc  *query = ActivePortal == NULL ? NULL : ActivePortal->queryDesc;
	Watch	   *watch;

	if (query == NULL || query->planstate == NULL ||
		ActivePortal->name[0] == '\0')
		return;
	watch = watch_of(query->planstate);
	if (watch != NULL && watch->deadline != deadline)
		check(watch);
	if (watch != NULL)
		return;
	watch = MemoryContextAlloc(query->estate->es_query_cxt, sizeof(Watch));
	watch->next = watches;
	watch->top = query->planstate;
	watch->run = watch->top->ExecProcNode;
	watch->deadline = deadline;
	watch->at_end.func = forget;
	watch->at_end.arg = watch;
	MemoryContextRegisterResetCallback(query->estate->es_query_cxt,
									   &watch->at_end);
	watch->top->ExecProcNode = next_row;
	watches = watch;
}
