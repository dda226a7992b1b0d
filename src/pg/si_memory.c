/*
 * si_memory.c
 *	  Accounts for training memory against sales_intel.fit_memory.
 *
 * The total is the one mutable file-scope variable beside settings: a limit on
 * all training states of a backend together needs one place that knows them
 * all.  Reset callbacks keep it right through errors and cancels.
 */
#include "postgres.h"

#include "utils/memutils.h"

#include "pg/si_guc.h"
#include "pg/si_memory.h"

static Size claimed_total = 0;

static void
release_claim(void *arg)
{
	SiClaim    *claim = arg;

	claimed_total -= claim->bytes;
	claim->bytes = 0;
}

SiClaim *
si_claim_open(MemoryContext context)
{
	SiClaim    *claim = MemoryContextAllocZero(context, sizeof(SiClaim));

	claim->callback.func = release_claim;
	claim->callback.arg = claim;
	MemoryContextRegisterResetCallback(context, &claim->callback);
	return claim;
}

void
si_claim_more(SiClaim *claim, Size bytes, const char *purpose)
{
	Size		limit = (Size) si_fit_memory_kb * 1024;
	Size		needed = claimed_total + bytes;

	if (needed < bytes || needed > limit)
		ereport(ERROR,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("training needs more memory than \"sales_intel.fit_memory\" allows"),
				 errdetail("%s needs %zu kB more; with the %zu kB already in use by this session's training that is at least %zu kB, and the limit is %d kB.",
						   purpose, bytes / 1024 + 1, claimed_total / 1024,
						   needed / 1024 + 1, si_fit_memory_kb),
				 errhint("Raise the setting with SET sales_intel.fit_memory, train on fewer columns (option \"exclude\") or on a sample of the rows.")));
	claim->bytes += bytes;
	claimed_total = needed;
}

void
si_claim_less(SiClaim *claim, Size bytes)
{
	Assert(bytes <= claim->bytes);
	claim->bytes -= bytes;
	claimed_total -= bytes;
}

Size
si_size_mul(Size a, Size b)
{
	if (b != 0 && a > SIZE_MAX / b)
		elog(ERROR, "size overflow");
	return a * b;
}
