/*
 * si_funnel_codec.h
 *	  Funnels in bytes: of one entity, and summed up over many.
 *
 * Both begin with the *plan*: the rule and the names of the steps, if they
 * have any.  Equal plans are equal bytes.
 */
#ifndef SI_FUNNEL_CODEC_H
#define SI_FUNNEL_CODEC_H

#include "core/sequence/funnel/si_funnel.h"
#include "core/sequence/si_sequence.h"
#include "core/sequence/si_waits.h"

#define SI_FUNNEL_VERSION	1

/* Entities of a summary: counts are exact as doubles. */
#define SI_MAX_ENTITIES		(INT64_C(1) << 52)

typedef struct SiFunnelPlan
{
	SiFunnelRule rule;
	bool		named;
	const uint8_t *bytes;
	size_t		size;
	SiReader	name_text;
} SiFunnelPlan;

/* names may be NULL. */
extern void si_funnel_plan_write(SiWriter *out, const SiFunnelRule *rule,
								 const SiText *names);

/* A fault of the reader for what write cannot have made. */
extern void si_funnel_plan_read(SiReader *in, SiFunnelPlan *plan);

/* One text per step; only of a plan with names. */
extern void si_funnel_plan_names(const SiFunnelPlan *plan, SiText *names);

static inline bool
si_funnel_plan_equal(const SiFunnelPlan *a, const SiFunnelPlan *b)
{
	return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

/* How far one entity got. */
typedef struct SiFunnel
{
	SiFunnelPlan plan;
	int			level;
	int64_t		times[SI_FUNNEL_STEPS];
} SiFunnel;

/* Size and bytes of a funnel; of the plan only its bytes matter. */
extern size_t si_funnel_size(const SiFunnel *funnel);
extern void si_funnel_encode(const SiFunnel *funnel, uint8_t *out);

/*
 * Checks the bytes to the last one: SI_CORRUPT for all that encode cannot have
 * made.  The bytes must outlive the funnel.
 */
extern SiStatus si_funnel_open(const void *bytes, size_t size,
							   SiFunnel *funnel);

/* The waits between the step before and one step, settled. */
typedef struct SiStepWaits
{
	int64_t		n;
	int			digits;
	SiKeyed    *waits;
} SiStepWaits;

/* How far many entities got. */
typedef struct SiFunnelSummary
{
	SiFunnelPlan plan;
	int64_t		reached[SI_FUNNEL_STEPS];	/* at least so far */
	SiStepWaits step[SI_FUNNEL_STEPS];	/* the first has none */
	SiReader	body[SI_FUNNEL_STEPS];	/* of an opened one: the waits */
} SiFunnelSummary;

extern size_t si_funnel_summary_size(const SiFunnelSummary *summary,
									 SiPulse pulse);
extern void si_funnel_summary_encode(const SiFunnelSummary *summary,
									 uint8_t *out, SiPulse pulse);

/* As si_funnel_open; the waits are counted, not unpacked. */
extern SiStatus si_funnel_summary_open(const void *bytes, size_t size,
									   SiFunnelSummary *summary,
									   SiPulse pulse);

/* Unpacks the waits of a step, from 0, into step[].n pairs. */
extern void si_funnel_summary_waits(const SiFunnelSummary *summary, int step,
									SiKeyed *waits, SiPulse pulse);

#endif							/* SI_FUNNEL_CODEC_H */
