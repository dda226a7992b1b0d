/*
 * sales_intel.c
 *
 * Module entry: magic block, settings, thread policy of the linear-algebra
 * library, and build_info(), the first thing to ask for in a bug report.
 */
#include "postgres.h"

#include "fmgr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/tuplestore.h"

#include "core/linalg/si_blas.h"
#include "pg/si_guc.h"

#ifdef PG_MODULE_MAGIC_EXT		/* PostgreSQL 18 and later */
PG_MODULE_MAGIC_EXT(.name = "sales_intel", .version = SALES_INTEL_VERSION);
#else
PG_MODULE_MAGIC;
#endif

int			si_fit_memory_kb = 1024 * 1024;
bool		si_allow_drop = false;
int			si_consent_cache_kb = 128 * 1024;
bool		si_notify_outbox = true;

void		_PG_init(void);

/*
 * Threads started inside a backend inherit its signal handlers, so the
 * library must never use more than the calling one.
 */
static void
keep_blas_serial(void)
{
	if (strcmp(si_blas_flavour(), "serial") == 0)
		return;

	si_blas_set_threads(1);
	ereport(LOG,
			(errmsg("sales_intel limits the \"%s\" flavour of OpenBLAS to one thread",
					si_blas_flavour()),
			 errhint("Link the serial flavour, or set OPENBLAS_NUM_THREADS=1 in the server's environment.")));
}

void
_PG_init(void)
{
	DefineCustomIntVariable("sales_intel.fit_memory",
							"Memory that the training states of a session may hold together.",
							"More rows than fit are refused with an error.",
							&si_fit_memory_kb,
							1024 * 1024, 1024, MAX_KILOBYTES,
							PGC_USERSET,
							GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomBoolVariable("sales_intel.allow_drop",
							 "Lets DROP EXTENSION take records of consent, of the ledger and of releases with it.",
							 NULL,
							 &si_allow_drop,
							 false,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);
	DefineCustomIntVariable("sales_intel.consent_cache",
							"Memory in which a session may keep what all subjects allow.",
							"Where that is not enough, each is looked up by index.",
							&si_consent_cache_kb,
							128 * 1024, 0, MAX_KILOBYTES,
							PGC_USERSET,
							GUC_UNIT_KB,
							NULL, NULL, NULL);
	DefineCustomBoolVariable("sales_intel.notify_outbox",
							 "Lets what comes into the outbox notify those that listen.",
							 "Transactions that notify commit one after the other, whatever they notify of.",
							 &si_notify_outbox,
							 true,
							 PGC_SUSET,
							 0,
							 NULL, NULL, NULL);
	MarkGUCPrefixReserved("sales_intel");

	keep_blas_serial();
}

static void
put_item(ReturnSetInfo *rsinfo, const char *item, const char *value)
{
	Datum		values[2];
	bool		nulls[2] = {false, false};

	values[0] = CStringGetTextDatum(item);
	values[1] = CStringGetTextDatum(value);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* build_info() -> TABLE(item text, value text) */
PG_FUNCTION_INFO_V1(sales_intel_build_info);
Datum
sales_intel_build_info(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	put_item(rsinfo, "extension version", SALES_INTEL_VERSION);
	put_item(rsinfo, "server version",
			 GetConfigOption("server_version", false, false));
	put_item(rsinfo, "built for server", PG_VERSION);
	put_item(rsinfo, "blas flavour", si_blas_flavour());
	put_item(rsinfo, "blas config", si_blas_config());
	put_item(rsinfo, "blas core", si_blas_core());
	put_item(rsinfo, "blas threads", psprintf("%d", si_blas_threads()));
	return (Datum) 0;
}
