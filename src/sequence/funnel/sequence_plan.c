/*
 * sequence_plan.c
 *	  A funnel as its arguments describe it: steps, window, mode.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "sequence/funnel/sequence_plan.h"
#include "sequence/sequence.h"

#define SHELF_DEPTH		64		/* shared plans that are looked at */

static const struct
{
	const char *name;
	uint32		mode;
}			mode_names[] =
{
	{"default", 0},
	{"strict_order", SI_STRICT_ORDER},
	{"strict_deduplication", SI_STRICT_DEDUPLICATION},
	{"strict_increase", SI_STRICT_INCREASE},
	{"strict_once", SI_STRICT_ONCE},
	{"allow_reentry", SI_ALLOW_REENTRY}
};

/* ----- Arguments ----- */

static void
refuse_null(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s of a funnel must not be NULL", what),
			 errdetail("A funnel has steps, a window and, if need be, a mode, the same in all rows."),
			 errhint("Write funnel_agg(at, event, '{visit,order}', '7 days'), for example.")));
}

static int
step_count(int count)
{
	if (count < 1 || count > SI_FUNNEL_STEPS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a funnel has 1 to %d steps", SI_FUNNEL_STEPS),
				 errdetail("There are %d.", count),
				 errhint("List the names of the steps in order, or take a part of them.")));
	return count;
}

/* The names in an array, which they point into. */
static int
parse_steps(ArrayType *array, SiText *names)
{
	Datum	   *elements;
	bool	   *nulls;
	int			count;

	if (ARR_NDIM(array) > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("steps of a funnel must be a plain list"),
				 errdetail("The array has %d dimensions.", ARR_NDIM(array)),
				 errhint("Write ARRAY['visit', 'order'], for example.")));
	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  &nulls, &count);
	step_count(count);
	for (int i = 0; i < count; i++)
	{
		text	   *name;

		if (nulls[i])
			refuse_null("steps");
		name = DatumGetTextPP(elements[i]);
		names[i].data = VARDATA_ANY(name);
		names[i].length = VARSIZE_ANY_EXHDR(name);
	}
	return count;
}

static void
refuse_mode(const char *mode, int length)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown funnel mode \"%.*s\"", length, mode),
			 errdetail("The modes are default, strict_order, strict_deduplication, strict_increase, strict_once, allow_reentry."),
			 errhint("Combine modes with commas: 'strict_order,strict_increase'.")));
}

/* One mode, without the blanks around it. */
static uint32
mode_of(const char *mode, int length)
{
	while (length > 0 && mode[length - 1] == ' ')
		length--;
	for (; length > 0 && *mode == ' '; mode++)
		length--;
	for (int i = 0; i < (int) lengthof(mode_names); i++)
	{
		if ((int) strlen(mode_names[i].name) == length &&
			memcmp(mode_names[i].name, mode, length) == 0)
			return mode_names[i].mode;
	}
	refuse_mode(mode, length);
	return 0;					/* not reached */
}

static uint32
parse_modes(const char *modes)
{
	uint32		all = 0;
	const char *comma;

	while ((comma = strchr(modes, ',')) != NULL)
	{
		all |= mode_of(modes, comma - modes);
		modes = comma + 1;
	}
	all |= mode_of(modes, strlen(modes));
	if ((all & SI_ALLOW_REENTRY) && !(all & SI_STRICT_ORDER))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnel mode \"allow_reentry\" needs \"strict_order\""),
				 errdetail("It skips what would break the strict order."),
				 errhint("Write 'strict_order,allow_reentry', or no mode: then nothing breaks the order.")));
	return all;
}

/* The rule of arguments n to n + 2, but for the number of steps. */
static void
parse_options(FunctionCallInfo fcinfo, int n, SiFunnelRule *rule)
{
	if (PG_ARGISNULL(n))
		refuse_null("steps");
	if (PG_ARGISNULL(n + 1))
		refuse_null("window");
	rule->within = sequence_within(PG_GETARG_INTERVAL_P(n + 1));
	rule->modes = 0;
	if (PG_NARGS() <= n + 2)
		return;
	if (PG_ARGISNULL(n + 2))
		refuse_null("mode");
	rule->modes = parse_modes(text_to_cstring(PG_GETARG_TEXT_PP(n + 2)));
}

/* The plan's bytes, in the current context. */
static SiFunnelPlan
parse_plan(FunctionCallInfo fcinfo, int n, bool named)
{
	SiFunnelRule rule;
	SiText		names[SI_FUNNEL_STEPS];
	SiText	   *given = named ? names : NULL;
	SiWriter	writer = {NULL, 0};
	SiReader	reader;
	SiFunnelPlan plan;

	parse_options(fcinfo, n, &rule);
	rule.steps = named ? parse_steps(PG_GETARG_ARRAYTYPE_P(n), names) :
		step_count(PG_GETARG_INT32(n));
	si_funnel_plan_write(&writer, &rule, given);
	writer.out = palloc(writer.size);
	writer.size = 0;
	si_funnel_plan_write(&writer, &rule, given);
	reader = si_reader(writer.out, writer.size);
	si_funnel_plan_read(&reader, &plan);
	if (reader.bad)
		elog(ERROR, "damaged plan of a funnel");
	return plan;
}

/* ----- Plans ----- */

bool
sequence_plan_valid(const SiFunnelPlan *plan)
{
	return !plan->named ||
		sequence_valid_texts(plan->name_text, plan->rule.steps);
}

/* A step's name joins the equal ones before it, or is a new one. */
static void
add_step(SequencePlan *plan, SiText name, int step)
{
	int			i = sequence_plan_name(plan, name.data, name.length);
	uint64		head = sequence_head(name.data, name.length);
	uint32		at = sequence_slot(head, name.length);

	if (i < 0)
	{
		while (plan->slot[at] != 0)
			at = (at + 1) % SEQUENCE_SLOTS;
		i = plan->names++;
		plan->slot[at] = plan->names;
		plan->name[i].head = head;
		plan->name[i].name = name;
		plan->name[i].steps = 0;
	}
	plan->name[i].steps |= UINT64CONST(1) << step;
}

SequencePlan *
sequence_plan_copy(const SiFunnelPlan *funnel, MemoryContext context)
{
	int			names = funnel->named ? funnel->rule.steps : 0;
	Size		size = offsetof(SequencePlan, name) +
		names * sizeof(SequenceStep);
	SequencePlan *plan = MemoryContextAllocZero(context, size + funnel->size);
	uint8_t    *bytes = (uint8_t *) plan + size;
	SiReader	reader = si_reader(bytes, funnel->size);
	SiText		name[SI_FUNNEL_STEPS];

	memcpy(bytes, funnel->bytes, funnel->size);
	si_funnel_plan_read(&reader, &plan->funnel);
	if (names > 0)
		si_funnel_plan_names(&plan->funnel, name);
	for (int i = 0; i < names; i++)
		add_step(plan, name[i], i);
	return plan;
}

/* The value of an argument with a header of four bytes. */
static void *
copy_plain(FunctionCallInfo fcinfo, int n, MemoryContext context)
{
	MemoryContext before = MemoryContextSwitchTo(context);
	void	   *copy = PG_DETOAST_DATUM_COPY(PG_GETARG_DATUM(n));

	MemoryContextSwitchTo(before);
	return copy;
}

SequencePlan *
sequence_plan_create(FunctionCallInfo fcinfo, int n, bool named,
					 MemoryContext context)
{
	SiFunnelPlan parsed = parse_plan(fcinfo, n, named);
	SequencePlan *plan = sequence_plan_copy(&parsed, context);

	plan->raw_within = *PG_GETARG_INTERVAL_P(n + 1);
	if (!named)
		plan->step_count = parsed.rule.steps;
	else
		plan->raw_steps = copy_plain(fcinfo, n, context);
	if (PG_NARGS() > n + 2)
		plan->raw_mode = copy_plain(fcinfo, n + 2, context);
	return plan;
}

/* ----- Shared plans ----- */

/* Puts a plan in front; those that are looked at are the latest used. */
static SequencePlan *
shelve(SequenceShelf *shelf, SequencePlan *plan)
{
	plan->next = shelf->plans;
	shelf->plans = plan;
	return plan;
}

static SequencePlan *
take_from_shelf(SequencePlan **link)
{
	SequencePlan *plan = *link;

	*link = plan->next;
	return plan;
}

SequencePlan *
sequence_plan_share(FunctionCallInfo fcinfo, int n, bool named,
					SequenceShelf *shelf)
{
	SequencePlan **link = &shelf->plans;

	for (int i = 0; i < SHELF_DEPTH && *link != NULL; i++)
	{
		if (sequence_same_arguments(*link, fcinfo, n, named))
			return shelve(shelf, take_from_shelf(link));
		link = &(*link)->next;
	}
	return shelve(shelf, sequence_plan_create(fcinfo, n, named,
											  shelf->context));
}

SequencePlan *
sequence_plan_share_copy(const SiFunnelPlan *funnel, SequenceShelf *shelf)
{
	SequencePlan **link = &shelf->plans;

	for (int i = 0; i < SHELF_DEPTH && *link != NULL; i++)
	{
		if (si_funnel_plan_equal(&(*link)->funnel, funnel))
			return shelve(shelf, take_from_shelf(link));
		link = &(*link)->next;
	}
	return shelve(shelf, sequence_plan_copy(funnel, shelf->context));
}

/* ----- Later rows ----- */

bool
sequence_same_unpacked(const void *a, void *b)
{
	struct varlena *plain = pg_detoast_datum_packed(b);
	Size		size = VARSIZE_ANY_EXHDR(plain);
	bool		same = VARSIZE(a) - VARHDRSZ == size &&
		memcmp(VARDATA(a), VARDATA_ANY(plain), size) == 0;

	if (plain != b)
		pfree(plain);
	return same;
}

void
sequence_plan_check_same(const SiFunnelPlan *a, const SiFunnelPlan *b)
{
	if (!si_funnel_plan_equal(a, b))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("funnels of different plans in one aggregate"),
				 errdetail("Steps, window and mode must be the same in all its rows."),
				 errhint("Aggregate them in groups of equal steps, window and mode.")));
}

void
sequence_plan_check_slow(const SequencePlan *plan, FunctionCallInfo fcinfo,
						 int n, bool named)
{
	SiFunnelPlan parsed = parse_plan(fcinfo, n, named);

	sequence_plan_check_same(&plan->funnel, &parsed);
}
