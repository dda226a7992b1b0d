/*
 * access_cursor.c
 *	  Cursors WITH HOLD, which would outlive an identity.
 */
#include "postgres.h"

#include "access/xact.h"
#include "executor/executor.h"
#include "fmgr.h"
#include "nodes/execnodes.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/tuplestore.h"

#include "access/access_cursor.h"

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
