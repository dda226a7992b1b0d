/*
 * access_outbox.c
 *	  Those that listen are told that something came into the outbox.
 *
 * The server lets transactions that notify commit one after the other, so that
 * where many customers withdraw it is better not to.
 */
#include "postgres.h"

#include "commands/async.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "pg/si_guc.h"

/* notify_outbox(ids text) -> void */
PG_FUNCTION_INFO_V1(sales_intel_access_notify_outbox);
Datum
sales_intel_access_notify_outbox(PG_FUNCTION_ARGS)
{
	if (si_notify_outbox)
		Async_Notify("sales_intel_outbox",
					 text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_VOID();
}
