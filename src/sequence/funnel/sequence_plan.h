/*
 * sequence_plan.h
 *	  A funnel as its arguments describe it: steps, window, mode.
 *
 * A plan is made from the first row of an aggregate and compared with the
 * arguments of every later one, as bytes where they have not changed at all.
 */
#ifndef SEQUENCE_PLAN_H
#define SEQUENCE_PLAN_H

#include "postgres.h"

#include "fmgr.h"
#include "utils/array.h"
#include "utils/timestamp.h"

#include "core/sequence/funnel/si_funnel_codec.h"
#include "pg/si_compat.h"
#include "sequence/sequence_shelf.h"

/* A distinct name of steps. */
typedef struct SequenceStep
{
	uint64		head;			/* of the name, see sequence_head */
	SiText		name;
	uint64		steps;			/* bit k - 1: the name of step k */
} SequenceStep;

typedef struct SequencePlan
{
	SiFunnelPlan funnel;		/* with its bytes */
	struct SequencePlan *next;	/* of the same memory context */
	ArrayType  *raw_steps;		/* as in the first row; NULL: of a worker */
	int32		step_count;		/* of a funnel without names, else 0 */
	Interval	raw_within;
	text	   *raw_mode;		/* NULL: no such argument */
	uint8		slot[SEQUENCE_SLOTS];	/* number of a name + 1, 0 when free */
	int			names;
	SequenceStep name[FLEXIBLE_ARRAY_MEMBER];
} SequencePlan;

/* Whether the names of a plan are valid in this database's encoding. */
extern bool sequence_plan_valid(const SiFunnelPlan *plan);

/* The number of the name of an event among those of the steps, or -1. */
static inline int
sequence_plan_name(const SequencePlan *plan, const char *data, int32 length)
{
	uint64		head = sequence_head(data, length);

	for (uint32 at = sequence_slot(head, length); plan->slot[at] != 0;
		 at = (at + 1) % SEQUENCE_SLOTS)
	{
		int			i = plan->slot[at] - 1;
		const SequenceStep *step = &plan->name[i];

		if (step->head == head && step->name.length == length &&
			(length <= 8 ||
			 memcmp(step->name.data + 8, data + 8, length - 8) == 0))
			return i;
	}
	return -1;
}

/* The steps that an event is, as a set. */
static inline uint64
sequence_plan_steps(const SequencePlan *plan, SiText event)
{
	int			i = sequence_plan_name(plan, event.data, event.length);

	return i >= 0 ? plan->name[i].steps : 0;
}

/*
 * The plan of arguments n (steps text[]), n + 1 (within) and, if there is one,
 * n + 2 (mode); or of n (step_count integer) and so on.
 */
extern SequencePlan *sequence_plan_create(FunctionCallInfo fcinfo, int n,
										  bool named, MemoryContext context);

/*
 * The same for an aggregate, whose states in a context share a plan: in a
 * group table of many entities it stays in the processor's cache.
 */
extern SequencePlan *sequence_plan_share(FunctionCallInfo fcinfo, int n,
										 bool named, SequenceShelf *shelf);

/* The plan of a value or of a worker's state, whose bytes are copied. */
extern SequencePlan *sequence_plan_copy(const SiFunnelPlan *funnel,
										MemoryContext context);
extern SequencePlan *sequence_plan_share_copy(const SiFunnelPlan *funnel,
											  SequenceShelf *shelf);

/* An error unless later arguments, or plans, are those of the plan. */
extern void sequence_plan_check_slow(const SequencePlan *plan,
									 FunctionCallInfo fcinfo, int n,
									 bool named);
extern void sequence_plan_check_same(const SiFunnelPlan *a,
									 const SiFunnelPlan *b);

/* The same for a value that is as short, or as compressed, as in a table. */
extern bool sequence_same_unpacked(const void *a, void *b);

static inline bool
sequence_same_bytes(const void *a, void *b)
{
	if (a == NULL)
		return false;
	if (unlikely(!VARATT_IS_4B_U(b)))
		return sequence_same_unpacked(a, b);
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/* Whether arguments n + 1 and n + 2 are, to the byte, those of the plan. */
static inline bool
sequence_same_options(const SequencePlan *plan, FunctionCallInfo fcinfo, int n)
{
	const Interval *within = PG_GETARG_INTERVAL_P(n + 1);

	if (PG_ARGISNULL(n + 1) || within->time != plan->raw_within.time ||
		within->day != plan->raw_within.day ||
		within->month != plan->raw_within.month)
		return false;
	if (PG_NARGS() <= n + 2)
		return plan->raw_mode == NULL;
	return !PG_ARGISNULL(n + 2) &&
		sequence_same_bytes(plan->raw_mode, PG_GETARG_POINTER(n + 2));
}

/* Whether arguments n to n + 2 are, to the byte, those of the plan. */
static inline bool
sequence_same_arguments(const SequencePlan *plan, FunctionCallInfo fcinfo,
						int n, bool named)
{
	if (PG_ARGISNULL(n) || !sequence_same_options(plan, fcinfo, n))
		return false;
	return named ?
		sequence_same_bytes(plan->raw_steps, PG_GETARG_POINTER(n)) :
		plan->step_count == PG_GETARG_INT32(n);
}

static inline void
sequence_plan_check(const SequencePlan *plan, FunctionCallInfo fcinfo, int n,
					bool named)
{
	if (unlikely(!sequence_same_arguments(plan, fcinfo, n, named)))
		sequence_plan_check_slow(plan, fcinfo, n, named);
}

#endif							/* SEQUENCE_PLAN_H */
