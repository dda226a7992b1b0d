/*
 * si_guc.h
 *
 * The extension's settings; defined in sales_intel.c.
 */
#ifndef SI_GUC_H
#define SI_GUC_H

/*
 * sales_intel.fit_memory: what the training states of a session may hold
 * together, in kB.  A state that would grow past it is an error, never a slow
 * death by swap.
 */
extern int	si_fit_memory_kb;

/*
 * sales_intel.allow_drop: DROP EXTENSION takes records of consent, of the
 * ledger and of releases with it.  A superuser's to set.
 */
extern bool si_allow_drop;

/*
 * sales_intel.consent_cache: what the cache of consent may take, in kB.
 */
extern int	si_consent_cache_kb;

/*
 * sales_intel.notify_outbox: what comes into the outbox notifies those that
 * listen.  A superuser's to set.
 */
extern bool si_notify_outbox;

#endif							/* SI_GUC_H */
