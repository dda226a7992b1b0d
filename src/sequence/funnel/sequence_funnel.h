/*
 * sequence_funnel.h
 *	  The type funnel, and rows on their way into one.
 */
#ifndef SEQUENCE_FUNNEL_H
#define SEQUENCE_FUNNEL_H

#include "postgres.h"

#include "core/sequence/funnel/si_funnel_codec.h"
#include "pg/si_value.h"

extern const SiValueType funnel_type;

/* Puts rows in order of time, in place. */
extern void sequence_sort_rows(int64 n, SiFunnelRow *rows);

/* The value of rows in order of time. */
extern struct varlena *sequence_pack_funnel(const SiFunnelPlan *plan, int64 n,
											const SiFunnelRow *rows,
											const uint8_t *apart);

#endif							/* SEQUENCE_FUNNEL_H */
