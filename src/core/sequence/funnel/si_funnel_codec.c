/*
 * si_funnel_codec.c
 *	  Funnels in bytes: of one entity, and summed up over many.
 *
 * Layout, little-endian:
 *
 *	plan: steps u8, modes u8, named u8, within u64, names (texts) if named.
 *
 *	funnel: magic u32, version u16, flags u16, plan, level u8, the first time
 *	i64 and the distances of the others as varints, hash u64.
 *
 *	summary: magic u32, version u16, flags u16, plan, the number of entities
 *	that reached each step as varints; for each step but the first the digits
 *	u8, the number of pairs as a varint, and the pairs, each the distance from
 *	the value before and the count less one, as varints; hash u64.
 *
 * Reading accepts only what writing can produce.
 */
#include "core/sequence/funnel/si_funnel_codec.h"
#include "core/si_hash.h"

#define FUNNEL_MAGIC	UINT32_C(0x55464953)	/* "SIFU" */
#define SUMMARY_MAGIC	UINT32_C(0x53464953)	/* "SIFS" */
#define HASH_SIZE		sizeof(uint64_t)

/* ---------- plans ---------- */

void
si_funnel_plan_write(SiWriter *out, const SiFunnelRule *rule,
					 const SiText *names)
{
	int			i;

	si_write_u8(out, (uint8_t) rule->steps);
	si_write_u8(out, (uint8_t) rule->modes);
	si_write_u8(out, names != NULL);
	si_write_u64(out, rule->within);
	for (i = 0; names != NULL && i < rule->steps; i++)
		si_write_text(out, names[i]);
}

void
si_funnel_plan_read(SiReader *in, SiFunnelPlan *plan)
{
	uint8_t		named;
	int			i;

	plan->bytes = in->at;
	plan->rule.steps = si_read_u8(in);
	plan->rule.modes = si_read_u8(in);
	named = si_read_u8(in);
	plan->rule.within = si_read_u64(in);
	si_read_check(in, plan->rule.steps >= 1 &&
				  plan->rule.steps <= SI_FUNNEL_STEPS &&
				  plan->rule.modes <= SI_FUNNEL_MODES && named <= 1 &&
				  plan->rule.within > 0);
	si_read_check(in, (plan->rule.modes & SI_ALLOW_REENTRY) == 0 ||
				  (plan->rule.modes & SI_STRICT_ORDER) != 0);
	plan->named = named == 1;
	plan->name_text = *in;
	for (i = 0; named == 1 && i < plan->rule.steps; i++)
		(void) si_read_text(in);
	plan->size = in->bad ? 0 : (size_t) (in->at - plan->bytes);
}

void
si_funnel_plan_names(const SiFunnelPlan *plan, SiText *names)
{
	SiReader	text = plan->name_text;
	int			i;

	for (i = 0; i < plan->rule.steps; i++)
		names[i] = si_read_text(&text);
}

/* ---------- both kinds ---------- */

static void
write_head(SiWriter *out, uint32_t magic, const SiFunnelPlan *plan)
{
	si_write_u32(out, magic);
	si_write_u16(out, SI_FUNNEL_VERSION);
	si_write_u16(out, 0);
	si_write_raw(out, plan->bytes, plan->size);
}

/* A reader behind the plan, bad if hash or head are. */
static SiReader
open_head(const void *bytes, size_t size, uint32_t magic, SiFunnelPlan *plan)
{
	const uint8_t *start = bytes;
	SiReader	in = si_reader(bytes, size - HASH_SIZE);

	if (size < HASH_SIZE || si_hash_bytes(bytes, size - HASH_SIZE, 0) !=
		si_load_u64(start + size - HASH_SIZE))
	{
		si_read_fail(&in);
		return in;
	}
	si_read_check(&in, si_read_u32(&in) == magic);
	si_read_check(&in, si_read_u16(&in) == SI_FUNNEL_VERSION);
	si_read_check(&in, si_read_u16(&in) == 0);
	si_funnel_plan_read(&in, plan);
	return in;
}

/* ---------- of one entity ---------- */

static void
write_funnel(SiWriter *out, const SiFunnel *funnel)
{
	int			i;

	write_head(out, FUNNEL_MAGIC, &funnel->plan);
	si_write_u8(out, (uint8_t) funnel->level);
	if (funnel->level > 0)
		si_write_i64(out, funnel->times[0]);
	for (i = 1; i < funnel->level; i++)
		si_write_varint(out, (uint64_t) funnel->times[i] -
						(uint64_t) funnel->times[i - 1]);
}

size_t
si_funnel_size(const SiFunnel *funnel)
{
	SiWriter	out = {NULL, 0};

	write_funnel(&out, funnel);
	return out.size + HASH_SIZE;
}

void
si_funnel_encode(const SiFunnel *funnel, uint8_t *out)
{
	SiWriter	writer = {out, 0};

	write_funnel(&writer, funnel);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* Times ascend, strictly if need be, and keep to the window. */
static void
check_times(SiReader *in, const SiFunnel *funnel)
{
	const SiFunnelRule *rule = &funnel->plan.rule;
	const int64_t *times = funnel->times;
	int			i;

	for (i = 0; i < funnel->level; i++)
	{
		int64_t		before = i > 0 ? times[i - 1] : SI_TIME_FIRST;

		si_read_check(in, times[i] >= before && times[i] < SI_TIME_END &&
					  (uint64_t) times[i] - (uint64_t) times[0] <=
					  rule->within);
		si_read_check(in, i == 0 || times[i] > before ||
					  (rule->modes & SI_STRICT_INCREASE) == 0);
	}
}

SiStatus
si_funnel_open(const void *bytes, size_t size, SiFunnel *funnel)
{
	SiReader	in = open_head(bytes, size, FUNNEL_MAGIC, &funnel->plan);
	int			i;

	if (in.bad)
		return SI_CORRUPT;
	funnel->level = si_read_u8(&in);
	if (funnel->level > funnel->plan.rule.steps)
		return SI_CORRUPT;
	for (i = 0; i < funnel->level; i++)
		funnel->times[i] = i == 0 ? si_read_i64(&in) :
			(int64_t) ((uint64_t) funnel->times[i - 1] + si_read_varint(&in));
	check_times(&in, funnel);
	si_read_check(&in, in.left == 0);
	return in.bad ? SI_CORRUPT : SI_OK;
}

/* ---------- of many ---------- */

static void
write_summary(SiWriter *out, const SiFunnelSummary *summary, SiPulse pulse)
{
	int			i;

	write_head(out, SUMMARY_MAGIC, &summary->plan);
	for (i = 0; i < summary->plan.rule.steps; i++)
		si_write_varint(out, (uint64_t) summary->reached[i]);
	for (i = 1; i < summary->plan.rule.steps; i++)
	{
		si_write_u8(out, (uint8_t) summary->step[i].digits);
		si_waits_write(out, summary->step[i].n, summary->step[i].waits, pulse);
	}
}

size_t
si_funnel_summary_size(const SiFunnelSummary *summary, SiPulse pulse)
{
	SiWriter	out = {NULL, 0};

	write_summary(&out, summary, pulse);
	return out.size + HASH_SIZE;
}

void
si_funnel_summary_encode(const SiFunnelSummary *summary, uint8_t *out,
						 SiPulse pulse)
{
	SiWriter	writer = {out, 0};

	write_summary(&writer, summary, pulse);
	si_write_u64(&writer, si_hash_bytes(out, writer.size, 0));
}

/* Waits of a step: within the window, as many as entities reached it. */
static void
check_waits(SiReader *in, SiFunnelSummary *summary, int step, SiPulse pulse)
{
	SiWaitsRule rule = {SI_WAIT_LEAST, SI_WAIT_VALUES,
	summary->plan.rule.within, (uint64_t) summary->reached[step]};
	SiStepWaits *waits = &summary->step[step];

	waits->n = si_waits_check(in, &rule, &waits->digits,
							  &summary->body[step], pulse);
	waits->waits = NULL;
}

SiStatus
si_funnel_summary_open(const void *bytes, size_t size,
					   SiFunnelSummary *summary, SiPulse pulse)
{
	SiReader	in = open_head(bytes, size, SUMMARY_MAGIC, &summary->plan);
	int			steps = in.bad ? 0 : summary->plan.rule.steps;
	int			i;

	for (i = 0; i < steps; i++)
	{
		uint64_t	most = i == 0 ? (uint64_t) SI_MAX_ENTITIES :
			(uint64_t) summary->reached[i - 1];
		uint64_t	reached = si_read_varint(&in);

		si_read_check(&in, reached <= most);
		summary->reached[i] = in.bad ? 0 : (int64_t) reached;
	}
	for (i = 1; i < steps; i++)
		check_waits(&in, summary, i, pulse);
	si_read_check(&in, in.left == 0);
	return in.bad ? SI_CORRUPT : SI_OK;
}

void
si_funnel_summary_waits(const SiFunnelSummary *summary, int step,
						SiKeyed *waits, SiPulse pulse)
{
	si_waits_read(summary->body[step], summary->step[step].n, waits, pulse);
}
