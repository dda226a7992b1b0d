/*
 * si_compat.h
 *	  Every difference between server versions, each with the change behind it.
 */
#ifndef SI_COMPAT_H
#define SI_COMPAT_H

/* 16: varatt.h split from postgres.h (d952373a987) */
#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#endif

/* 16: soft errors in input functions (d9f7f5d32f2) */
#if PG_VERSION_NUM < 160000
#define ereturn(context, value, ...) ereport(ERROR, __VA_ARGS__)
#endif

/* 16: what exactly is wrong with a time (bcc704b5243) */
#if PG_VERSION_NUM >= 160000
#define si_decode_datetime(field, type, fields, kind, tm, fraction, west) \
	DecodeDateTime(field, type, fields, kind, tm, fraction, west, \
				   &(DateTimeErrorExtra) {NULL, NULL})
#else
#define si_decode_datetime DecodeDateTime
#endif

/* 17: infinite intervals (519fc1bd9e9) */
#if PG_VERSION_NUM < 170000
#define INTERVAL_NOT_FINITE(interval) (false)
#endif

/* 18: pg_noreturn, in front, replaces pg_attribute_noreturn() (28e7a9968e5) */
#if PG_VERSION_NUM < 180000
#define pg_noreturn pg_attribute_noreturn()
#endif

/* 18: expandRTE got the kind of RETURNING row (80feb727c86) */
#if PG_VERSION_NUM >= 180000
#define si_expand_rte(rte, index, names, vars) \
	expandRTE(rte, index, 0, VAR_RETURNING_DEFAULT, -1, false, names, vars)
#else
#define si_expand_rte(rte, index, names, vars) \
	expandRTE(rte, index, 0, -1, false, names, vars)
#endif

/* 18: whole-row references to OLD and NEW in RETURNING (80feb727c86) */
#if PG_VERSION_NUM >= 180000
#define si_var_is_returning(var) \
	((var)->varreturningtype != VAR_RETURNING_DEFAULT)
#else
#define si_var_is_returning(var) false
#endif

/* 16: object_aclcheck replaces pg_proc_aclcheck (c727f511bd7) */
#if PG_VERSION_NUM >= 160000
#define si_may_execute(function) \
	(object_aclcheck(ProcedureRelationId, function, GetUserId(), \
					 ACL_EXECUTE) == ACLCHECK_OK)
#else
#define si_may_execute(function) \
	(pg_proc_aclcheck(function, GetUserId(), ACL_EXECUTE) == ACLCHECK_OK)
#endif

/* 16: object_ownercheck replaces pg_class_ownercheck (afbfc02983f) */
#if PG_VERSION_NUM >= 160000
#define si_owns_table(table) \
	object_ownercheck(RelationRelationId, table, GetUserId())
#else
#define si_owns_table(table) pg_class_ownercheck(table, GetUserId())
#endif

/* 17: a backend's number and its transaction's in one field (ab355e3a88d) */
#if PG_VERSION_NUM >= 170000
#define si_local_transaction_of(proc) ((proc)->vxid.lxid)
#else
#define si_local_transaction_of(proc) ((proc)->lxid)
#endif
#define si_local_transaction() si_local_transaction_of(MyProc)

/* 18: AFTER triggers run as the role that set them off (01463e1cccd) */
#define SI_DEFERRED_TRIGGERS_LOSE_ROLE	(PG_VERSION_NUM < 180000)

/* 18: deferrable primary keys on request (14e87ffa5c5) */
#if PG_VERSION_NUM >= 180000
#define si_primary_key(table) RelationGetPrimaryKeyIndex(table, false)
#else
#define si_primary_key(table) RelationGetPrimaryKeyIndex(table)
#endif

/* 18: named for CHECK, beside those of NOT NULL (cdc168ad4b2) */
#if PG_VERSION_NUM >= 180000
#define si_check_expressions ri_CheckConstraintExprs
#else
#define si_check_expressions ri_ConstraintExprs
#endif

#endif							/* SI_COMPAT_H */
