/*
 * test_funnel_fuzz.c
 *
 * Damaged and forged funnels and summaries: refused, or values that are safe
 * to read and encode to the very bytes they came from.  In memory of exactly
 * their size, under sanitizers.
 */
#include "tap.h"

#include <string.h>

#include "core/sequence/funnel/si_funnel_codec.h"
#include "mutants.h"

#define ROUNDS	20000
#define STEPS	4

static void
pulse(void)
{
}

/* ---------- the values ---------- */

typedef bool (*Opens) (const Bytes *bytes, bool *same);

static bool
equal_bytes(const uint8_t *again, size_t size, const Bytes *bytes)
{
	return size == bytes->size && memcmp(again, bytes->data, size) == 0;
}

static bool
opens_funnel(const Bytes *bytes, bool *same)
{
	SiFunnel	funnel;
	uint8_t    *again;

	if (si_funnel_open(bytes->data, bytes->size, &funnel) != SI_OK)
		return false;
	again = malloc(si_funnel_size(&funnel));
	si_funnel_encode(&funnel, again);
	*same = equal_bytes(again, si_funnel_size(&funnel), bytes);
	free(again);
	return true;
}

static bool
opens_summary(const Bytes *bytes, bool *same)
{
	SiFunnelSummary summary;
	uint8_t    *again;
	size_t		size;

	if (si_funnel_summary_open(bytes->data, bytes->size, &summary,
							   pulse) != SI_OK)
		return false;
	for (int i = 1; i < summary.plan.rule.steps; i++)
	{
		summary.step[i].waits = malloc(sizeof(SiKeyed) *
									   (size_t) (summary.step[i].n + 1));
		si_funnel_summary_waits(&summary, i, summary.step[i].waits, pulse);
	}
	size = si_funnel_summary_size(&summary, pulse);
	again = malloc(size);
	si_funnel_summary_encode(&summary, again, pulse);
	*same = equal_bytes(again, size, bytes);
	free(again);
	for (int i = 1; i < summary.plan.rule.steps; i++)
		free(summary.step[i].waits);
	return true;
}

static SiFunnelPlan
sample_plan(uint8_t *bytes, uint32_t modes, bool named)
{
	const SiText names[STEPS] = {
		{"visit", 5}, {"", 0}, {"order", 5}, {"visit", 5}
	};
	const SiFunnelRule rule = {STEPS, modes, 5000000};
	SiWriter	out = {bytes, 0};
	SiReader	in;
	SiFunnelPlan plan;

	si_funnel_plan_write(&out, &rule, named ? names : NULL);
	in = si_reader(bytes, out.size);
	si_funnel_plan_read(&in, &plan);
	return plan;
}

static Bytes
sample_funnel(uint32_t modes, bool named)
{
	const int64_t times[] = {-70000, -69999, 4000000, 4900000};
	uint8_t		plan[200];
	SiFunnel	funnel = {.plan = sample_plan(plan, modes, named)};
	Bytes		bytes;

	funnel.level = STEPS;
	memcpy(funnel.times, times, sizeof(times));
	bytes.size = si_funnel_size(&funnel);
	bytes.data = malloc(bytes.size);
	si_funnel_encode(&funnel, bytes.data);
	return bytes;
}

static Bytes
sample_summary(void)
{
	static SiKeyed waits[] = {{0, 3}, {1, 200}, {777, 1}, {4999999, 96}};
	uint8_t		plan[200];
	SiFunnelSummary summary = {.plan = sample_plan(plan, 9, true)};
	Bytes		bytes;

	for (int i = 0; i < STEPS; i++)
	{
		summary.reached[i] = i < 2 ? 300 : 3;
		summary.step[i].digits = 64 - i;
		summary.step[i].n = i < 2 ? 4 : 1;
		summary.step[i].waits = waits;
	}
	bytes.size = si_funnel_summary_size(&summary, pulse);
	bytes.data = malloc(bytes.size);
	si_funnel_summary_encode(&summary, bytes.data, pulse);
	return bytes;
}

/* ---------- damage ---------- */

static void
fuzz(const char *what, Opens opens, const Bytes *original, size_t kind,
	 bool repair)
{
	int			decoded = 0;
	int			unequal = 0;

	for (int i = 0; i < ROUNDS; i++)
	{
		Bytes		mutant = {malloc(original->size), original->size};
		bool		same = false;

		memcpy(mutant.data, original->data, mutant.size);
		mutations[kind].apply(&mutant);
		if (repair)
			repair_hash(&mutant);
		if (!equal_bytes(original->data, original->size, &mutant) &&
			opens(&mutant, &same))
		{
			decoded++;
			unequal += !same;
		}
		free(mutant.data);
	}
	ok(repair ? decoded < ROUNDS : decoded == 0, "%s, %s%s: %d decode", what,
	   mutations[kind].name, repair ? ", hash repaired" : "", decoded);
	ok(unequal == 0, "those encode to the same bytes again (%d do not)", unequal);
}

static void
test_damage(const char *what, Opens opens, Bytes original)
{
	int			opened = 0;
	bool		same = false;

	ok(opens(&original, &same) && same, "%s opens", what);
	for (size_t kind = 0; kind < MUTATIONS; kind++)
	{
		fuzz(what, opens, &original, kind, false);
		fuzz(what, opens, &original, kind, true);
	}
	for (size_t size = 0; size < original.size; size++)
	{
		Bytes		part = {malloc(size + (size == 0)), size};

		memcpy(part.data, original.data, size);
		opened += opens(&part, &same);
		free(part.data);
	}
	ok(opened == 0, "no beginning of it opens");
	free(original.data);
}

/* ---------- forgeries ---------- */

/* A funnel with one thing changed, its hash right. */
static bool
funnel_opens(SiFunnel funnel, uint32_t modes, uint64_t within)
{
	uint8_t		plan[200];
	SiFunnelRule rule = {STEPS, modes, within};
	SiWriter	out = {plan, 0};
	Bytes		bytes;
	bool		same;
	bool		opens;

	si_funnel_plan_write(&out, &rule, NULL);
	funnel.plan.bytes = plan;
	funnel.plan.size = out.size;
	bytes.size = si_funnel_size(&funnel);
	bytes.data = malloc(bytes.size);
	si_funnel_encode(&funnel, bytes.data);
	opens = opens_funnel(&bytes, &same);
	free(bytes.data);
	return opens;
}

static void
test_forgeries(void)
{
	SiFunnel	f = {.level = 2, .times = {5, 9}};

	ok(funnel_opens(f, 0, 4), "a funnel");
	ok(!funnel_opens(f, 0, 3), "longer than its window");
	ok(!funnel_opens(f, 0, 0), "no window");
	ok(!funnel_opens(f, 32, 4), "an unknown mode");
	ok(!funnel_opens(f, SI_ALLOW_REENTRY, 4), "a mode without the one it needs");
	f.level = STEPS + 1;
	ok(!funnel_opens(f, 0, 4), "deeper than its steps");
	f.level = 2;
	f.times[1] = 5;
	ok(funnel_opens(f, 0, 4), "two steps at once");
	ok(!funnel_opens(f, SI_STRICT_INCREASE, 4), "where times must grow");
	f.times[0] = SI_TIME_END;
	f.times[1] = SI_TIME_END;
	ok(!funnel_opens(f, 0, 4), "past the end of time");
	f.level = 0;
	ok(funnel_opens(f, 0, 4), "nothing reached");
}

int
main(void)
{
	test_damage("funnel", opens_funnel, sample_funnel(5, true));
	test_damage("funnel without names", opens_funnel, sample_funnel(0, false));
	test_damage("summary", opens_summary, sample_summary());
	test_forgeries();
	return done_testing();
}
